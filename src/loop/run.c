/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "loop/run.h"

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
 * rd_run_inpaint_noise:
 * @run: a run
 * @solver: the method that inpaints
 * @noise: (nullable): what the run adds to its latent
 *
 * Returns: (transfer full) (nullable): what is added to the latent that a pass
 *   keeps
 */
RdTensor *
rd_run_inpaint_noise (const RdRun * run, const RdSolverInfo * solver,
    RdTensor * noise)
{
  g_autoptr (RdNoiseSource) source = NULL;
  RdTensor *own;

  if (!solver->inpaint_noise)
    return noise ? rd_tensor_ref (noise) : NULL;

  source = rd_noise_source_new (RD_NOISE_GENERATOR, run->job->noise_origin,
      run->seed, 0.0, 0.0);
  own = rd_tensor_new_like (run->latent);
  rd_noise_source_draw (source, own, 0.0, 0.0);
  return own;
}

static RdProgress
progress_of (const RdRun * run, guint step, guint region, double sigma)
{
  return (RdProgress) {
    .step = step,
    .steps = run->end > run->start ? run->end - run->start : 0,
    .region = region,
    .regions = run->job->regions->len,
    .fraction = run->n_passes ? (double) run->pass / run->n_passes : 1.0,
    .sigma = sigma,
  };
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

void
rd_run_trace (const RdRun * run, const RdOwner * owner, guint step,
    const RdTensor * latent)
{
  if (run->job->trace)
    run->job->trace (owner, step, latent, run->job->user_data);
}

/* x inside of an inpainting pass, what is kept with its noise outside */
static RdTensor *
confine (const RdInpaint * inpaint, const RdTensor * x, double sigma)
{
  RdTensor *confined = rd_tensor_new_like (x);

  rd_combine (confined, inpaint->noise ? 3 : 2, (RdTerm[]) {
      {x, 1.0, inpaint->mask},
      {inpaint->latent, 1.0, inpaint->inverse},
      {inpaint->noise, sigma, inpaint->inverse},
  });
  return confined;
}

static gboolean
answer (RdRun * run, const RdQuestion * question, GError ** error)
{
  return rd_guidance_answer (1, question, run->cancellable, error);
}

static gboolean
answer_confined (RdRun * run, const RdQuestion * question,
    const RdInpaint * inpaint, GError ** error)
{
  gint64 since = g_get_monotonic_time ();
  g_autoptr (RdTensor) x = confine (inpaint, question->x, question->sigma);
  RdQuestion confined = *question;

  confined.x = x;
  run->stats->blend_us += g_get_monotonic_time () - since;
  if (!answer (run, &confined, error))
    return FALSE;

  since = g_get_monotonic_time ();
  rd_combine (question->denoised, 2, (RdTerm[]) {
      {question->denoised, 1.0, inpaint->mask},
      {inpaint->latent, 1.0, inpaint->inverse},
  });
  run->stats->blend_us += g_get_monotonic_time () - since;
  return TRUE;
}

/**
 * rd_run_step:
 * @run: a run
 * @owner: who answers the solver
 * @solver: the owner's, not in a step
 * @step: of the solver's run
 * @x: latent at its sigma
 * @y: receives the latent at the next sigma
 * @inpaint: (nullable): confines it
 * @error: what stopped it
 *
 * One sampling pass: leads the conversation of one solver to its end.
 *
 * Returns: %FALSE when @y is not there
 */
gboolean
rd_run_step (RdRun * run, const RdOwner * owner, RdSolver * solver,
    guint step, const RdTensor * x, RdTensor * y, const RdInpaint * inpaint,
    GError ** error)
{
  const RdTensor *asked;
  double sigma;
  gint64 since = g_get_monotonic_time ();

  rd_solver_begin (solver, step, x, y);
  while (rd_solver_asks (solver, &asked, &sigma)) {
    g_autoptr (RdTensor) denoised = rd_tensor_new_like (x);
    g_autoptr (RdTensor) unconditional = solver->info->unconditional
        ? rd_tensor_new_like (x) : NULL;
    const RdQuestion question = {
      .guide = &owner->guide,
      .x = asked,
      .sigma = sigma,
      .denoised = denoised,
      .unconditional = unconditional,
      .stats = &run->stats->guidance,
    };

    run->stats->solver_us += g_get_monotonic_time () - since;
    if (!(inpaint ? answer_confined (run, &question, inpaint, error)
            : answer (run, &question, error))) {
      rd_solver_forget (solver);
      return FALSE;
    }
    since = g_get_monotonic_time ();
    rd_solver_tell (solver, denoised, unconditional);
  }
  run->stats->solver_us += g_get_monotonic_time () - since;
  run->stats->passes++;
  return rd_stream_check (run->stream, error);
}
