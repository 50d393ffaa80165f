/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/run.h"

static void
question_clear (gpointer data)
{
  RdQuestion *question = data;

  rd_tensor_unref (question->denoised);
  g_clear_pointer (&question->unconditional, rd_tensor_unref);
}

/**
 * rd_run_new:
 * @job: settings, which must stay as they are while there is the run
 * @latent: (N,C,H,W) float32 in the network's scale
 * @cancellable: (nullable): ends the run
 *
 * Returns: (transfer full): a run that has no mode yet
 */
RdRun *
rd_run_new (const RdJob * job, RdTensor * latent, GCancellable * cancellable)
{
  RdRun *run = g_new0 (RdRun, 1);

  run->job = job;
  run->stream = rd_stream_ref (latent->stream);
  run->latent = rd_tensor_ref (latent);
  run->start = job->start_at_step;
  run->end = MIN (job->end_at_step, job->steps);
  run->seed = job->noise_seed;
  run->cancellable = cancellable ? g_object_ref (cancellable) : NULL;
  run->questions = g_array_new (FALSE, FALSE, sizeof (RdQuestion));
  g_array_set_clear_func (run->questions, question_clear);
  return run;
}

/**
 * rd_run_free:
 * @run: (transfer full) (nullable): a run at any moment between two calls
 *
 * Abandons a run: nothing more of it is evaluated.
 */
void
rd_run_free (RdRun * run)
{
  if (!run)
    return;

  g_array_unref (run->questions);
  if (run->mode_data)
    run->mode->free (run->mode_data);
  g_clear_pointer (&run->result, rd_tensor_unref);
  g_clear_pointer (&run->input, rd_tensor_unref);
  g_clear_pointer (&run->unchanged, rd_tensor_unref);
  g_clear_error (&run->error);
  g_clear_pointer (&run->first_not_finite, rd_tensor_unref);
  g_clear_pointer (&run->looks, g_array_unref);
  g_clear_object (&run->cancellable);
  rd_tensor_unref (run->latent);
  rd_stream_unref (run->stream);
  g_free (run);
}

/**
 * rd_run_schedule_steps:
 * @run: a run
 *
 * Returns: steps of the whole schedule, of which `denoise` takes the last
 */
guint
rd_run_schedule_steps (const RdRun * run)
{
  return (guint) (run->job->steps / run->job->denoise);
}

/**
 * rd_run_executed_steps:
 * @run: a run
 *
 * Returns: how many steps of the schedule it executes
 */
guint
rd_run_executed_steps (const RdRun * run)
{
  return run->end > run->start ? run->end - run->start : 0;
}

/**
 * rd_run_schedule:
 * @run: a run
 * @owner: whose scheduler
 * @solver: for which method, the owner's or another
 * @error: what the scheduler reports, with the owner's name
 *
 * The whole schedule that the job's steps are the end of, or the job's own
 * instead of the owner's, without its sigma factor.
 *
 * Returns: (transfer full) (nullable) (element-type double): descending sigmas
 */
GArray *
rd_run_schedule (const RdRun * run, const RdOwner * owner,
    const RdSolverInfo * solver, GError ** error)
{
  const GArray *custom = run->job->custom_sigmas;
  GArray *sigmas = custom
      ? rd_scheduler_custom_sigmas (custom->len, (const double *) custom->data,
      error)
      : rd_scheduler_sigmas (owner->scheduler,
      owner->guide.denoiser->prediction, &run->job->scheduler_options,
      rd_run_schedule_steps (run), solver->discard_penultimate, error);

  if (!sigmas)
    g_prefix_error (error, "%s: ", owner->id);
  return sigmas;
}

/**
 * rd_run_sigmas:
 * @run: a run
 * @owner: whose scheduler
 * @solver: for which method, the owner's or another
 * @error: what the scheduler reports, with the owner's name
 *
 * The owner's schedule for the job's steps: as rd_run_schedule(), with `denoise`
 * below 1 the tail of it.
 *
 * Returns: (transfer full) (nullable) (element-type double): descending sigmas
 */
GArray *
rd_run_sigmas (const RdRun * run, const RdOwner * owner,
    const RdSolverInfo * solver, GError ** error)
{
  const guint steps = run->job->steps;
  GArray *sigmas = rd_run_schedule (run, owner, solver, error);

  if (sigmas && rd_run_schedule_steps (run) > steps && sigmas->len > steps + 1)
    g_array_remove_range (sigmas, 0, sigmas->len - (steps + 1));
  return sigmas;
}

/**
 * rd_run_solver:
 * @run: a run
 * @owner: whose network
 * @info: which method, the owner's or another
 * @n_steps: of its run
 * @sigmas: (array): its noise levels, one more than steps, descending
 * @alone: whether in a run of its own, see rd_solver_new_alone()
 *
 * Returns: (transfer full): a solver with the run's noise
 */
RdSolver *
rd_run_solver (const RdRun * run, const RdOwner * owner,
    const RdSolverInfo * info, guint n_steps, const double *sigmas,
    gboolean alone)
{
  RdSolver *solver = (alone ? rd_solver_new_alone : rd_solver_new) (info,
      n_steps, sigmas, run->seed);

  rd_solver_set_noise_origin (solver, run->job->noise_origin);
  rd_solver_set_prediction (solver, owner->guide.denoiser->prediction);
  return solver;
}

/**
 * rd_run_noise:
 * @run: a run
 *
 * Returns: (transfer full): unit noise of the run's seed
 */
RdTensor *
rd_run_noise (const RdRun * run)
{
  RdTensor *noise = rd_tensor_new_like (run->latent);

  rd_noise_start (run->job->noise_origin, run->seed, noise);
  return noise;
}

/**
 * rd_run_ask:
 * @run: a run
 * @guide: who is asked; stays until the answer has been used, as do @x and
 *   @window
 * @x: (N,C,H,W): a noisy latent
 * @sigma: its noise level, > 0
 * @window: (nullable): what the network is shown of it, %NULL for all
 * @unconditional: whether the unconditional part is wanted as well
 *
 * For modes: puts a question, to be answered with all others of this moment.
 */
void
rd_run_ask (RdRun * run, const RdGuide * guide, const RdTensor * x,
    double sigma, const RdWindow * window, gboolean unconditional)
{
  RdQuestion question;

  question.guide = guide;
  question.x = x;
  question.sigma = sigma;
  question.window = window;
  question.denoised = rd_tensor_new_like (x);
  question.unconditional = unconditional ? rd_tensor_new_like (x) : NULL;
  question.stats = &run->stats.guidance;
  g_array_append_val (run->questions, question);
}

/**
 * rd_run_question:
 * @run: a run
 * @i: which one, in the order of rd_run_ask()
 *
 * Returns: (transfer none): a question that has not been cleared
 */
const RdQuestion *
rd_run_question (const RdRun * run, guint i)
{
  return &g_array_index (run->questions, RdQuestion, i);
}

/**
 * rd_run_clear_questions:
 * @run: a run
 *
 * For modes: forgets all questions and their answers.
 */
void
rd_run_clear_questions (RdRun * run)
{
  g_array_set_size (run->questions, 0);
}
