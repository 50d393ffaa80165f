/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* A process that ends while ONNX Runtime loads a network would crash or hang:
 * nothing stops the load, and ONNX Runtime's own exit handlers pull the ground
 * from under it. A handler that runs before those ends the process at once. */

#include "networks/exitguard.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static gint n_inside;

static void
end_process (int status, void *data)
{
  if (g_atomic_int_get (&n_inside) == 0)
    return;
  fflush (stdout);
  fflush (stderr);
  _exit (status);
}

/**
 * rd_exit_guard_enter:
 *
 * From here to rd_exit_guard_leave() the process must not run exit handlers.
 */
void
rd_exit_guard_enter (void)
{
  g_atomic_int_inc (&n_inside);
  rd_exit_guard_renew ();
}

/**
 * rd_exit_guard_renew:
 *
 * Handlers that were registered last run first; so this is called where ONNX
 * Runtime may have registered more of its own: once it is set up, and by
 * whoever leaves a load behind.
 */
void
rd_exit_guard_renew (void)
{
  on_exit (end_process, NULL);
}

/**
 * rd_exit_guard_leave:
 *
 * Ends what rd_exit_guard_enter() began.
 */
void
rd_exit_guard_leave (void)
{
  g_atomic_int_add (&n_inside, -1);
}
