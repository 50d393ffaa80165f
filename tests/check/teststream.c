/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "teststream.h"

#include "rdtest.h"

/**
 * rd_test_device:
 *
 * Returns: (transfer none): the device under test
 */
RdDevice *
rd_test_device (void)
{
  g_autoptr (GError) error = NULL;
  RdDevice *device = rd_device_get (rd_test_device_name (), &error);

  g_assert_no_error (error);
  return device;
}

/**
 * rd_test_runtime:
 * @threads: for one run of a network, less than 8
 *
 * Usable from several threads at once.
 *
 * Returns: (transfer none): networks on the device under test
 */
const RdRuntime *
rd_test_runtime (guint threads)
{
  static RdRuntime runtimes[8];
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    for (guint i = 0; i < G_N_ELEMENTS (runtimes); i++) {
      runtimes[i].device = rd_test_device ();
      runtimes[i].threads = i;
    }
    g_once_init_leave (&once, 1);
  }
  g_assert (threads < G_N_ELEMENTS (runtimes));
  return &runtimes[threads];
}

/**
 * rd_test_stream_new:
 *
 * Returns: (transfer full): a stream of the device under test
 */
RdStream *
rd_test_stream_new (void)
{
  g_autoptr (GError) error = NULL;
  RdStream *stream = rd_stream_new (rd_test_device (), &error);

  g_assert_no_error (error);
  return stream;
}
