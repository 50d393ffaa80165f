/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/run.h"

G_BEGIN_DECLS

/**
 * SECTION:finite
 *
 * Whether a run's numbers are finite. Whatever a network answers is looked at on
 * the device, where the first of all answers that is not finite leaves its mark;
 * the mark is read when the run ends, so nobody waits for it. On the CPU it is
 * read after every answer, so that the run ends there.
 */

gboolean rd_run_watch_begin (RdRun * run, GError ** error);
void rd_run_watch_answers (RdRun * run);
gboolean rd_run_watch_end (RdRun * run, const RdTensor * output,
    GError ** error);

G_END_DECLS
