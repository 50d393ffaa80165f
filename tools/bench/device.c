/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* How long it takes to find out whether there is a CUDA device: what a program
 * waits for that leaves the choice to us. The first time in a process loads the
 * driver, where there is one. */

#include <stdio.h>

#include "device/device.h"

int
main (void)
{
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;
    const gint64 began = g_get_monotonic_time ();
    const int count = rd_device_cuda_count (&error);
    const gint64 took = g_get_monotonic_time () - began;

    printf ("%s: %.3f ms, %d devices%s%s\n", i == 0 ? "first" : "again",
        took / 1e3, count, error ? ": " : "", error ? error->message : "");
  }
  return 0;
}
