/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/run.h"

G_BEGIN_DECLS

/**
 * SECTION:loop
 *
 * The regional sampling loop: denoises a job's latent step by step, the base
 * where no region is, every region where it is.
 *
 * rd_job_run() does all of it. A caller who does something else between the steps,
 * or runs several jobs together, begins, steps and ends runs:
 *
 *   RdRun *run = rd_run_begin (job, latent, cancellable, error);
 *
 *   if (!run)
 *     return NULL;
 *   while (rd_run_step (run))
 *     ...
 *   result = rd_run_end (run, &stats, error);
 *
 * The job must outlive its run. rd_run_free() abandons a run at any moment.
 * Runs are independent of each other: stepped by turns, or together with
 * rd_runs_step(), each does what it does alone.
 */

RdTensor *rd_job_run (const RdJob * job, RdTensor * latent,
    RdJobStats * stats, GCancellable * cancellable, GError ** error);

RdRun *rd_run_begin (const RdJob * job, RdTensor * latent,
    GCancellable * cancellable, GError ** error);
gboolean rd_run_step (RdRun * run);
gboolean rd_runs_step (guint n, RdRun * const *runs);
RdTensor *rd_run_end (RdRun * run, RdJobStats * stats, GError ** error);

G_END_DECLS
