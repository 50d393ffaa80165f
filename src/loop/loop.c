/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/loop.h"

#include "loop/check.h"
#include "loop/finite.h"
#include "loop/modes.h"

/* Latents on pads are in the VAE's scale, in a run in the network's. */
static RdTensor *
scaled (const RdTensor * latent, double scale, double offset)
{
  RdTensor *result = rd_tensor_new_like (latent);

  rd_affine (result, latent, scale, offset);
  return result;
}

/* What a job begins with: the latent, or some of what was made before it. */
static RdTensor *
first_latent (const RdJob * job, RdTensor * latent)
{
  const RdTerm terms[] = {
    {latent, 1.0 - job->feedback, NULL},
    {job->previous, job->feedback, NULL},
  };
  RdTensor *mixed;

  if (!job->previous || job->feedback == 0.0
      || !rd_tensor_same_shape (job->previous, latent))
    return rd_tensor_ref (latent);
  mixed = rd_tensor_new_like (latent);
  rd_combine (mixed, 2, terms);
  return mixed;
}

/**
 * rd_run_begin:
 * @job: settings, not changed; they stay as they are until the run has ended
 * @latent: (N,C,H,W) float32 in the VAE's scale, not changed
 * @cancellable: (nullable): ends the run within one network node
 * @error: %RD_ERROR_SETTINGS, %RD_ERROR_SHAPE or a failure of the device
 *
 * Begins a run of @job on @latent's stream: checks the settings, and makes noise
 * levels, weights and noise. No network is evaluated yet.
 *
 * Returns: (transfer full) (nullable): the run, for rd_run_end(), or for
 *   rd_run_free() at any moment
 */
RdRun *
rd_run_begin (const RdJob * job, RdTensor * latent, GCancellable * cancellable,
    GError ** error)
{
  const gint64 since = g_get_monotonic_time ();
  g_autoptr (RdTensor) first = NULL, input = NULL;
  g_autoptr (RdRun) run = NULL;

  if (!rd_job_check (job, latent, error))
    return NULL;

  first = first_latent (job, latent);
  input = scaled (first, job->scale, -job->shift * job->scale);
  run = rd_run_new (job, input, cancellable);
  run->mode = rd_mode_info (job->mode);
  run->input = rd_tensor_ref (first);
  if (!rd_run_watch_begin (run, error))
    return NULL;
  if (job->denoise == 0.0)
    run->result = rd_tensor_ref (input);
  else if (!run->mode->begin (run, error))
    return NULL;
  if (run->result == run->latent)
    run->unchanged = rd_tensor_ref (first);
  run->stats.total_us += g_get_monotonic_time () - since;
  return g_steal_pointer (&run);
}

static gboolean
has_steps (const RdRun * run)
{
  return !run->result && !run->error;
}

/* Goes on with a run, and returns whether it asks something. */
static gboolean
advance (RdRun * run)
{
  const gint64 since = g_get_monotonic_time ();

  if (run->error || !run->mode->advance (run, &run->error))
    rd_run_clear_questions (run);
  run->stats.total_us += g_get_monotonic_time () - since;
  return run->questions->len > 0;
}

static void
answer_alone (RdRun * run)
{
  const gint64 since = g_get_monotonic_time ();

  rd_guidance_answer (run->questions->len, rd_run_question (run, 0),
      run->cancellable, &run->error);
  run->stats.total_us += g_get_monotonic_time () - since;
}

static void
cancel (G_GNUC_UNUSED GCancellable * one, gpointer all)
{
  g_cancellable_cancel (all);
}

/* Answers what all @runs ask at once, unless one of them is cancelled. */
static gboolean
answer_together (guint n, RdRun * const *runs)
{
  const gint64 since = g_get_monotonic_time ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GArray) questions = g_array_new (FALSE, FALSE,
      sizeof (RdQuestion));
  g_autofree gulong *handlers = g_new (gulong, n);
  g_autofree gint64 *rows = g_new (gint64, n);
  gint64 n_rows = 0, elapsed_us;
  gboolean ok;

  for (guint i = 0; i < n; i++) {
    handlers[i] = runs[i]->cancellable
        ? g_cancellable_connect (runs[i]->cancellable, G_CALLBACK (cancel),
        cancellable, NULL) : 0;
    rows[i] = (gint64) runs[i]->stats.guidance.rows;
    g_array_append_vals (questions, rd_run_question (runs[i], 0),
        runs[i]->questions->len);
  }
  ok = rd_guidance_answer (questions->len, (const RdQuestion *) questions->data,
      cancellable, NULL);
  elapsed_us = g_get_monotonic_time () - since;
  for (guint i = 0; i < n; i++) {
    g_cancellable_disconnect (runs[i]->cancellable, handlers[i]);
    rows[i] = (gint64) runs[i]->stats.guidance.rows - rows[i];
    n_rows += rows[i];
  }
  for (guint i = 0; i < n && n_rows > 0; i++)
    runs[i]->stats.total_us += elapsed_us * rows[i] / n_rows;
  return ok;
}

/* Where not all can be answered at once, each is by itself: it fails by what is
 * its own fault. */
static void
answer (guint n, RdRun * const *runs)
{
  if (n > 1 && answer_together (n, runs))
    return;
  for (guint i = 0; i < n; i++)
    answer_alone (runs[i]);
}

/* Answers, and looks at what was answered. */
static void
answer_and_watch (guint n, RdRun * const *runs)
{
  answer (n, runs);
  for (guint i = 0; i < n; i++)
    if (!runs[i]->error)
      rd_run_watch_answers (runs[i]);
}

/**
 * rd_runs_step:
 * @n: how many runs
 * @runs: (array length=n): they; all on one stream
 *
 * Takes a step of every run that has one left. They go together: what all of them
 * ask at a time is answered at once, so that rows of one network share its
 * batches, whatever their noise levels. A run that fails or is cancelled leaves
 * the others as they are and tells rd_run_end() why.
 *
 * With one step a call, runs that began together stay together; a run may also be
 * stepped alone, or join others late.
 *
 * Returns: whether any of them has steps left
 */
gboolean
rd_runs_step (guint n, RdRun * const *runs)
{
  g_autoptr (GPtrArray) asking = g_ptr_array_new ();
  gboolean more = FALSE;

  for (guint i = 0; i < n; i++)
    g_return_val_if_fail (runs[i]->stream == runs[0]->stream, FALSE);
  for (guint i = 0; i < n; i++) {
    if (has_steps (runs[i]) && advance (runs[i]))
      g_ptr_array_add (asking, runs[i]);
  }
  while (asking->len > 0) {
    answer_and_watch (asking->len, (RdRun * const *) asking->pdata);
    for (guint i = 0; i < asking->len;) {
      if (advance (asking->pdata[i]))
        i++;
      else
        g_ptr_array_remove_index (asking, i);
    }
  }
  for (guint i = 0; i < n; i++)
    more |= has_steps (runs[i]);
  return more;
}

/**
 * rd_run_step:
 * @run: a run
 *
 * Takes one step of the schedule; a sampler that chooses its noise levels itself
 * may take all as one. Where none is left, or the run has failed, nothing
 * happens.
 *
 * Returns: whether steps are left
 */
gboolean
rd_run_step (RdRun * run)
{
  return rd_runs_step (1, &run);
}

/**
 * rd_run_end:
 * @run: (transfer full): a run that has no steps left
 * @stats: (out caller-allocates) (optional): what was done, if it succeeded
 * @error: what stopped it: %RD_ERROR_SETTINGS, %G_IO_ERROR_CANCELLED, a
 *   network's error, or %RD_ERROR_FAILED for numbers that are not finite, with
 *   the step, owner and network where they were found first
 *
 * Waits until the run's work on the device is done.
 *
 * Returns: (transfer full) (nullable): the sampled latent in the VAE's scale
 */
RdTensor *
rd_run_end (RdRun * run, RdJobStats * stats, GError ** error)
{
  const gint64 since = g_get_monotonic_time ();
  const RdJob *job = run->job;
  g_autoptr (RdRun) ended G_GNUC_UNUSED = run;
  g_autoptr (RdTensor) output = NULL;

  g_return_val_if_fail (!has_steps (run), NULL);

  if (run->error) {
    g_propagate_error (error, g_steal_pointer (&run->error));
    return NULL;
  }
  /* scaling there and back rounds */
  output = run->unchanged ? scaled (run->unchanged, 1.0, 0.0)
      : scaled (run->result, 1.0 / job->scale, job->shift);
  if (!run->unchanged && run->mode->finish)
    run->mode->finish (run, output);
  run->stats.total_us += g_get_monotonic_time () - since;
  /* the device's time is none of the loop's */
  if (!rd_run_watch_end (run, output, error))
    return NULL;
  if (stats)
    *stats = run->stats;
  return g_steal_pointer (&output);
}

/**
 * rd_job_run:
 * @job: settings, not changed
 * @latent: (N,C,H,W) float32 in the VAE's scale, not changed
 * @stats: (out caller-allocates) (optional): what was done
 * @cancellable: (nullable): ends the run within one network node
 * @error: %RD_ERROR_SETTINGS, %RD_ERROR_SHAPE, %G_IO_ERROR_CANCELLED or a
 *   network's error
 *
 * Runs the regional loop on @latent's stream from begin to end. The algorithm is
 * that of ComfyUI Impact Pack's RegionalSamplerAdvanced; the modes say how
 * close.
 *
 * Returns: (transfer full) (nullable): the sampled latent in the VAE's scale
 */
RdTensor *
rd_job_run (const RdJob * job, RdTensor * latent, RdJobStats * stats,
    GCancellable * cancellable, GError ** error)
{
  RdRun *run = rd_run_begin (job, latent, cancellable, error);

  if (!run)
    return NULL;
  while (rd_run_step (run));
  return rd_run_end (run, stats, error);
}
