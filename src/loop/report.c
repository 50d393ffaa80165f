/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/report.h"

static RdProgress
progress_of (const RdRun * run, guint step, guint region, double sigma)
{
  RdProgress progress;

  progress.step = step;
  progress.steps = rd_run_executed_steps (run);
  progress.region = region;
  progress.regions = run->job->regions->len;
  progress.fraction = run->n_passes ? (double) run->pass / run->n_passes : 1.0;
  progress.sigma = sigma;
  return progress;
}

/**
 * rd_run_report:
 * @run: a run
 * @step: executed steps so far
 * @region: 0 when the base's pass begins, j for the j-th region's
 * @sigma: noise level of this step
 *
 * Reports that a pass begins, or, past the last, that the run is complete.
 */
void
rd_run_report (RdRun * run, guint step, guint region, double sigma)
{
  const RdProgress progress = progress_of (run, step, region, sigma);

  run->step = step;
  if (run->job->progress)
    run->job->progress (&progress, run->job->user_data);
}

/**
 * rd_run_wants_preview:
 * @run: a run
 *
 * Returns: whether it is time for a preview
 */
gboolean
rd_run_wants_preview (const RdRun * run)
{
  const RdPreviewer *previewer = run->job->previewer;

  return previewer && g_get_monotonic_time () >= previewer->due_us;
}

/**
 * rd_run_preview:
 * @run: a run that wants a preview
 * @step: executed steps so far
 * @sigma: noise level that has been reached
 * @n_terms: how many there are
 * @terms: whose sum is the predicted latent without noise
 * @error: receives the stream's failure
 *
 * Hands a preview out.
 *
 * Returns: %FALSE after a failure
 */
gboolean
rd_run_preview (RdRun * run, guint step, double sigma, guint n_terms,
    const RdTerm * terms, GError ** error)
{
  const RdJob *job = run->job;
  RdPreviewer *previewer = job->previewer;
  const RdProgress progress = progress_of (run, step, 0, sigma);
  const guint height = run->latent->dims[2], width = run->latent->dims[3];
  g_autoptr (RdTensor) denoised = rd_tensor_new_like (run->latent);
  g_autoptr (RdTensor) first = rd_tensor_rows (denoised, 0, 1);
  g_autofree float *values = g_malloc (first->size);
  g_autofree guint8 *rgb = g_malloc_n ((gsize) width * height, 3);

  rd_combine (denoised, n_terms, terms);
  if (!rd_tensor_download (first, values, error))
    return FALSE;
  rd_preview_map_apply (previewer->map, values, (gsize) width * height,
      job->scale, job->shift, rgb);
  previewer->due_us = g_get_monotonic_time ()
      + (gint64) previewer->interval_ms * 1000;
  previewer->func (&progress, width, height, rgb, job->user_data);
  return TRUE;
}

/**
 * rd_run_trace:
 * @run: a run
 * @owner: (nullable): the base or the region whose pass it was, %NULL when a step
 *   is complete
 * @step: schedule index of the step
 * @latent: that pass's or step's result
 *
 * Shows a latent to whoever traces the job.
 */
void
rd_run_trace (const RdRun * run, const RdOwner * owner, guint step,
    const RdTensor * latent)
{
  if (run->job->trace)
    run->job->trace (owner, step, latent, run->job->user_data);
}
