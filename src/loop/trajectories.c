/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/trajectories.h"

#include <math.h>

#include "loop/report.h"

/**
 * rd_trajectories_free:
 * @trajectories: (transfer full): a run's #RdTrajectories
 *
 * Frees them at any moment; the `free` of the modes that have them.
 */
void
rd_trajectories_free (gpointer trajectories)
{
  RdTrajectories *all = trajectories;

  for (guint k = 0; k < all->n; k++) {
    RdTrajectory *trajectory = &all->trajectories[k];

    g_clear_pointer (&trajectory->solver, rd_solver_free);
    g_free (trajectory->sigmas);
    g_clear_pointer (&trajectory->x, rd_tensor_unref);
    g_clear_pointer (&trajectory->y, rd_tensor_unref);
  }
  g_free (all->trajectories);
  g_free (all->active);
  if (all->mode_data)
    all->mode->clear (all->mode_data);
  g_clear_pointer (&all->keep, rd_keep_free);
  g_clear_pointer (&all->weights, rd_weights_free);
  g_free (all);
}

/**
 * rd_trajectories_finish:
 * @run: a run that has its result
 * @output: that in the VAE's scale
 *
 * The `finish` of all modes with weights: what was kept is as it came in, unless
 * noise is left over.
 */
void
rd_trajectories_finish (const RdRun * run, RdTensor * output)
{
  const RdTrajectories *all = run->mode_data;

  if (all && all->keep && all->trajectories[0].sigmas[all->n_steps] == 0.0)
    rd_keep_restore (all->keep, output, run->input);
}

static gboolean
is_flow (const RdOwner * owner)
{
  return owner->guide.denoiser->prediction->type == RD_PREDICTION_FLOW;
}

/* The owner's noise levels for the executed steps. An end before the
 * schedule's is 0 unless the noise shall be left over. */
static gboolean
prepare_grid (RdTrajectories * all, RdTrajectory * trajectory, guint * length,
    GError ** error)
{
  RdRun *run = all->run;
  const RdOwner *owner = trajectory->owner;
  g_autoptr (GArray) sigmas = rd_run_sigmas (run, owner, owner->solver, error);
  const double *values;

  if (!sigmas)
    return FALSE;
  values = (const double *) sigmas->data;

  if (trajectory == all->trajectories) {
    *length = sigmas->len;
    run->end = MIN (run->job->end_at_step, sigmas->len - 1);
    all->n_steps = rd_run_executed_steps (run);
  } else if (sigmas->len != *length) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: its schedule '%s' has %u sigmas, but the base's has %u; choose a "
        "scheduler of the same length", owner->id, owner->scheduler->name,
        sigmas->len, *length);
    return FALSE;
  }

  trajectory->sigmas = g_new0 (double, all->n_steps + 1);
  for (guint i = 0; all->n_steps > 0 && i <= all->n_steps; i++)
    trajectory->sigmas[i] = values[run->start + i] * owner->sigma_factor;
  if (run->end < sigmas->len - 1 && !run->job->return_with_leftover_noise)
    trajectory->sigmas[all->n_steps] = 0.0;
  /* one that has a grid of its own would end above 0 there, where noise is a part
   * of a flow network's latent */
  trajectory->solver = rd_run_solver (run, owner, owner->solver, all->n_steps,
      trajectory->sigmas, all->n == 1 && all->n_steps > 1
      && !(is_flow (owner) && owner->solver->own_grid));
  return TRUE;
}

static double
picture_share (const RdTrajectory * trajectory, double sigma)
{
  return rd_prediction_signal (trajectory->owner->guide.denoiser->prediction,
      sigma);
}

static double
noise_scale (const RdTrajectory * trajectory)
{
  const RdGuide *guide = &trajectory->owner->guide;

  return rd_prediction_noise_scale (guide->denoiser->prediction,
      trajectory->sigmas[0]);
}

static gboolean
same_grid (const RdTrajectories * all, const RdTrajectory * a,
    const RdTrajectory * b)
{
  for (guint i = 0; i <= all->n_steps; i++)
    if (fabs (a->sigmas[i] - b->sigmas[i]) > 1e-9 * a->sigmas[i])
      return FALSE;
  return fabs (noise_scale (a) - noise_scale (b)) <= 1e-9 * noise_scale (a);
}

/* One trajectory has one solver on one grid, the base's. */
static gboolean
check_no_own_way (const RdOwner * base, const RdOwner * region, GError ** error)
{
  const char *own = region->solver != base->solver ? "sampler"
      : region->scheduler != base->scheduler ? "scheduler"
      : region->sigma_factor != base->sigma_factor ? "sigma-factor" : NULL;

  if (!own)
    return TRUE;
  g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
      "%s: it has its own %s, which has no effect in mode 'fused', where the "
      "base's applies to the whole picture; remove it or choose another mode",
      region->id, own);
  return FALSE;
}

static gboolean
prepare_trajectories (RdTrajectories * all, GError ** error)
{
  const RdJob *job = all->run->job;
  guint length = 0;

  all->n = job->regions->len + 1;
  all->trajectories = g_new0 (RdTrajectory, all->n);
  all->active = g_new (RdTrajectory *, all->n);
  for (guint k = 0; k < all->n; k++)
    all->trajectories[k].owner = k == 0 ? job->base
        : job->regions->pdata[k - 1];

  all->one_grid = TRUE;
  for (guint k = 0; k < all->n; k++) {
    RdTrajectory *trajectory = &all->trajectories[k];

    if (k > 0 && all->mode->one_trajectory) {
      if (!check_no_own_way (job->base, trajectory->owner, error))
        return FALSE;
      continue;
    }
    if (!prepare_grid (all, trajectory, &length, error))
      return FALSE;
    all->one_grid &= same_grid (all, &all->trajectories[0], trajectory);
  }
  return TRUE;
}

static gboolean
prepare_weights (RdTrajectories * all, GError ** error)
{
  RdRun *run = all->run;
  const gint64 since = g_get_monotonic_time ();

  all->weights = rd_weights_new (run->stream, run->job, run->latent->dims[2],
      run->latent->dims[3], error);
  if (!all->weights)
    return FALSE;
  run->stats.blend_us += g_get_monotonic_time () - since;
  if (all->mode->prepare)
    all->mode_data = all->mode->prepare (all);
  return TRUE;
}

/* The job's noise, and in it that of regions that vary it, wherever they are
 * at some time. */
static gboolean
make_noise (RdTrajectories * all, RdTensor ** noise, GError ** error)
{
  RdRun *run = all->run;
  const RdWeightSet *set = NULL;

  *noise = run->job->add_noise ? rd_run_noise (run) : NULL;
  for (guint k = 1; *noise && k < all->n; k++) {
    const RdOwner *region = all->trajectories[k].owner;

    if (region->variation.strength == 0.0)
      continue;
    if (!set && !(set = rd_weights_of_all (all->weights, error)))
      return FALSE;
    if (set->weight[k] && !rd_variation_mix (&region->variation,
            run->job->noise_origin, *noise, set->weight[k], error))
      return FALSE;
  }
  return TRUE;
}

/* x = latent + scale * noise, for every grid; a flow network's latent shrinks where
 * noise is added */
static gboolean
start (RdTrajectories * all, GError ** error)
{
  const RdTensor *latent = all->run->latent;
  g_autoptr (RdTensor) noise = NULL;

  if (!make_noise (all, &noise, error))
    return FALSE;

  for (guint k = 0; k < all->n; k++) {
    RdTrajectory *trajectory = &all->trajectories[k];
    RdTerm terms[2];

    if (k > 0 && all->one_grid) {
      trajectory->x = rd_tensor_ref (all->trajectories[0].x);
      continue;
    }
    terms[0] = rd_term (latent,
        noise ? picture_share (trajectory, trajectory->sigmas[0]) : 1.0, NULL);
    terms[1] = rd_term (noise, noise_scale (trajectory), NULL);
    trajectory->x = rd_tensor_new_like (latent);
    rd_combine (trajectory->x, noise ? 2 : 1, terms);
  }
  return TRUE;
}

/**
 * rd_trajectory_begin:
 * @all: all trajectories
 * @trajectory: one that is not in a step
 * @x: what it starts from
 *
 * For modes: begins the step at hand, which leads to `trajectory->y`.
 */
void
rd_trajectory_begin (RdTrajectories * all, RdTrajectory * trajectory,
    const RdTensor * x)
{
  if (!trajectory->y)
    trajectory->y = rd_tensor_new_like (x);
  rd_solver_begin (trajectory->solver, all->step, x, trajectory->y);
  all->active[all->n_active++] = trajectory;
}

/**
 * rd_trajectory_swap:
 * @trajectory: one that has stepped and is blended with none
 *
 * For modes: the step's result becomes the latent.
 */
void
rd_trajectory_swap (RdTrajectory * trajectory)
{
  RdTensor *x = trajectory->x;

  trajectory->x = trajectory->y;
  trajectory->y = x;
}

/* Where all share one trajectory it is the base's. */
static RdKeepLevels
levels_of (const RdTrajectories * all, const RdTrajectory * trajectory)
{
  const RdTrajectory *way = all->mode->one_trajectory
      ? &all->trajectories[0] : trajectory;
  const RdKeepLevels levels = {
    .prediction = way->owner->guide.denoiser->prediction,
    .first = way->sigmas[0],
    .last = way->sigmas[all->n_steps],
    .own_noise = way->solver->info->inpaint_noise,
  };

  return levels;
}

/**
 * rd_trajectory_answer:
 * @all: all trajectories
 * @trajectory: who asked
 * @question: an answered question
 *
 * For modes: makes of an answer what the solver is told where somebody keeps.
 */
void
rd_trajectory_answer (RdTrajectories * all, const RdTrajectory * trajectory,
    const RdQuestion * question)
{
  const RdKeepLevels levels = levels_of (all, trajectory);

  if (!all->keep)
    return;
  rd_keep_answer (all->keep, question->denoised, question->sigma, &levels);
  if (question->unconditional)
    rd_keep_answer (all->keep, question->unconditional, question->sigma,
        &levels);
}

/**
 * rd_trajectory_ask:
 * @all: all trajectories
 * @trajectory: whose owner is asked
 * @solver: who asks: the trajectory's own, or the base's for all
 *
 * For modes: puts the solver's question to an owner.
 *
 * Returns: %FALSE when the solver asks nothing
 */
gboolean
rd_trajectory_ask (RdTrajectories * all, const RdTrajectory * trajectory,
    const RdSolver * solver)
{
  const RdKeepLevels levels = levels_of (all, trajectory);
  const RdTensor *x;
  double sigma;

  if (!rd_solver_asks (solver, &x, &sigma))
    return FALSE;
  if (all->keep)
    x = rd_keep_show (all->keep, x, sigma, &levels);
  rd_run_ask (all->run, &trajectory->owner->guide, x, sigma,
      trajectory->has_window ? &trajectory->window : NULL,
      solver->info->unconditional);
  return TRUE;
}

/* Everybody asks his own owner. */
static void
ask_own (RdTrajectories * all)
{
  for (guint k = 0; k < all->n_active; k++)
    rd_trajectory_ask (all, all->active[k], all->active[k]->solver);
}

static void
tell_own (RdTrajectories * all)
{
  const gint64 since = g_get_monotonic_time ();
  const RdTensor *x;
  double sigma;
  guint q = 0;

  for (guint k = 0; k < all->n_active; k++) {
    RdSolver *solver = all->active[k]->solver;

    if (rd_solver_asks (solver, &x, &sigma)) {
      const RdQuestion *question = rd_run_question (all->run, q++);

      rd_trajectory_answer (all, all->active[k], question);
      rd_solver_tell (solver, question->denoised, question->unconditional);
    }
  }
  all->run->stats.solver_us += g_get_monotonic_time () - since;
}

/* x_k = sum of w D + s_k[i + 1] * sum of w (y - D) / s[i + 1]: the blended
 * prediction and the blended noise, at every owner's own level; D times its share
 * there. */
static void
blend_grids (RdTrajectories * all)
{
  const guint next = all->step + 1;
  g_autofree RdTerm *terms = g_new (RdTerm, 2 * all->n);

  for (guint to = 0; to < all->n; to++) {
    RdTrajectory *target = &all->trajectories[to];
    guint n = 0;

    for (guint from = 0; from < all->n; from++) {
      const RdTrajectory *source = &all->trajectories[from];
      const RdTensor *weight = all->set->weight[from];
      const double ratio = target->sigmas[next] / source->sigmas[next];

      if (!weight)
        continue;
      terms[n++] = rd_term (source->y, ratio, weight);
      terms[n++] = rd_term (rd_solver_last_denoised (source->solver),
          picture_share (target, target->sigmas[next])
          - ratio * picture_share (source, source->sigmas[next]), weight);
    }
    rd_combine (target->x, n, terms);
  }
}

/* x = sum of w y: all are at the same level, or at none. */
static void
blend_latents (RdTrajectories * all)
{
  g_autofree RdTerm *terms = g_new (RdTerm, all->n);
  guint n = 0;

  for (guint k = 0; k < all->n; k++) {
    const RdTensor *weight = all->set->weight[k];

    if (weight)
      terms[n++] = rd_term (all->trajectories[k].y, 1.0, weight);
  }
  for (guint k = 0; k < (all->one_grid ? 1 : all->n); k++)
    rd_combine (all->trajectories[k].x, n, terms);
}

/**
 * rd_trajectories_blend:
 * @all: all trajectories, every one that has a weight having stepped
 *
 * For modes: the border between steps: the owners' results become everybody's
 * latent.
 */
void
rd_trajectories_blend (RdTrajectories * all)
{
  const gint64 since = g_get_monotonic_time ();

  /* what nobody paints is looked after at the end of the step */
  if (all->keep && rd_keep_is_all (all->keep))
    return;
  if (!all->one_grid && all->trajectories[0].sigmas[all->step + 1] > 0.0)
    blend_grids (all);
  else
    blend_latents (all);
  all->run->stats.blend_us += g_get_monotonic_time () - since;
}

/* Whether a sampler with a grid of its own takes the run as one step. */
static gboolean
is_one_go (const RdTrajectories * all)
{
  return all->trajectories[0].solver->n_steps < all->n_steps;
}

/* Nobody but the base: no blending, a plain sampler, whose steps may be fewer
 * where it has a grid of its own. */
static gboolean
proceed_alone (RdTrajectories * all)
{
  RdRun *run = all->run;
  RdTrajectory *base = &all->trajectories[0];

  if (all->turn == 0) {
    all->turn = 1;
    if (!is_one_go (all))
      rd_run_report (run, all->step, 0, base->sigmas[all->step]);
    rd_trajectory_begin (all, base, base->x);
    return TRUE;
  }
  run->pass = is_one_go (all) ? run->n_passes : run->pass + 1;
  rd_run_trace (run, base->owner, run->end - base->solver->n_steps + all->step,
      base->y);
  rd_trajectory_swap (base);
  return FALSE;
}

static const RdTrajectoriesMode alone = {
  .proceed = proceed_alone,
};

/* Of such a run, how many steps of the schedule are behind the level that is
 * asked for. What is tried anew is asked at a higher level again. */
static void
report_one_go (RdTrajectories * all, double sigma)
{
  RdRun *run = all->run;
  const double *sigmas = all->trajectories[0].sigmas;
  guint done = run->pass;

  while (done + 1 < all->n_steps && sigma < sigmas[done + 1] * (1.0 + 1e-6))
    done++;
  run->pass = done;
  rd_run_report (run, done, 0, sigma);
}

/* What is kept of a latent with noise in it is that noise, too. */
static void
warn_of_noise (const RdRun * run)
{
  if (run->job->warning && !run->job->add_noise && run->start > 0)
    run->job->warning
        ("what is kept has noise in it, as the latent comes from a "
        "run that was not complete: keep in the first run, or in none",
        run->job->user_data);
}

static gboolean
has_keepers (const RdTrajectories * all)
{
  for (guint k = 0; k < all->n; k++)
    if (all->trajectories[k].owner->keep)
      return TRUE;
  return FALSE;
}

/**
 * rd_trajectories_begin:
 * @run: a run
 * @mode: how steps are taken
 * @error: settings that do not fit together, or a failure of the device
 *
 * Prepares a run of a mode with weights.
 *
 * Returns: %FALSE when there is nothing to run
 */
gboolean
rd_trajectories_begin (RdRun * run, const RdTrajectoriesMode * mode,
    GError ** error)
{
  RdTrajectories *all = g_new0 (RdTrajectories, 1);

  run->mode_data = all;
  all->run = run;
  all->mode = mode;
  if (!prepare_trajectories (all, error))
    return FALSE;
  /* without regions, a base that keeps leaves nothing to paint */
  if (all->n_steps == 0 || (all->n == 1 && run->job->base->keep)) {
    run->result = rd_tensor_ref (run->latent);
    return TRUE;
  }
  run->n_passes = all->n_steps * all->n;
  if (all->n == 1)
    all->mode = &alone;
  else if (!prepare_weights (all, error))
    return FALSE;
  if (has_keepers (all)) {
    all->keep = rd_keep_new (run);
    warn_of_noise (run);
  }
  return start (all, error);
}

/* Regions may be evaluated in a window of their own; the base sees all. */
static void
place_windows (RdTrajectories * all)
{
  const RdJob *job = all->run->job;
  const RdTensor *latent = all->run->latent;

  for (guint k = 1; job->region_crop >= 0 && k < all->n; k++) {
    RdTrajectory *trajectory = &all->trajectories[k];

    if (!all->set->weight[k])
      continue;
    trajectory->window = rd_window_around (&all->set->box[k],
        (job->region_crop + job->downscale - 1) / job->downscale,
        trajectory->owner->guide.denoiser->multiple, latent->dims[2],
        latent->dims[3]);
    trajectory->has_window = TRUE;
  }
}

/* Who owns what in this step; without regions nothing is shared. */
static gboolean
begin_step (RdTrajectories * all, GError ** error)
{
  const gint64 since = g_get_monotonic_time ();

  all->turn = all->n_active = 0;
  if (!all->weights)
    return TRUE;
  all->set = rd_weights_at (all->weights, all->step, all->n_steps, error);
  if (all->set && all->keep)
    all->set = rd_keep_begin_step (all->keep, all->set, error);
  if (!all->set)
    return FALSE;
  place_windows (all);
  all->run->stats.blend_us += g_get_monotonic_time () - since;
  return TRUE;
}

/* Shows what all owners predict, blended as their latents are. */
static gboolean
preview (RdTrajectories * all, guint step, GError ** error)
{
  const gboolean blends = all->set && !all->mode->one_trajectory;
  g_autofree RdTerm *terms = NULL;
  guint n = 0;

  if (!rd_run_wants_preview (all->run))
    return TRUE;
  terms = g_new (RdTerm, all->n + 1);
  if (blends && all->keep)
    terms[n++] = rd_keep_term (all->keep);
  for (guint k = 0; k < (blends ? all->n : 1); k++) {
    const RdTrajectory *trajectory = &all->trajectories[k];
    const RdTensor *denoised = rd_solver_last_denoised (trajectory->solver);

    if (blends && !all->set->weight[k])
      continue;
    terms[n++] = rd_term (denoised ? denoised : trajectory->x, 1.0,
        blends ? all->set->weight[k] : NULL);
  }
  return rd_run_preview (all->run, step, all->trajectories[0].sigmas[step], n,
      terms, error);
}

/* What is kept is at every grid's own level. */
static void
settle_kept (RdTrajectories * all)
{
  const guint n = all->one_grid ? 1 : all->n;

  for (guint k = 0; k < n; k++) {
    const RdTrajectory *trajectory = &all->trajectories[k];
    const RdKeepLevels levels = levels_of (all, trajectory);

    rd_keep_end_step (all->keep, trajectory->x,
        trajectory->sigmas[all->step + 1], &levels);
  }
}

static gboolean
end_step (RdTrajectories * all, GError ** error)
{
  RdRun *run = all->run;
  const RdTrajectory *base = &all->trajectories[0];
  const guint n = base->solver->n_steps;

  if (all->keep)
    settle_kept (all);
  rd_run_trace (run, NULL, run->end - n + all->step, base->x);
  all->step++;
  if (!preview (all, all->n_steps - n + all->step, error))
    return FALSE;
  if (all->step == n) {
    rd_run_report (run, all->n_steps, 0, base->sigmas[all->n_steps]);
    run->result = rd_tensor_ref (base->x);
  }
  return TRUE;
}

/* Puts what is asked at the moment, and returns whether that is anything. */
static gboolean
ask (RdTrajectories * all)
{
  RdRun *run = all->run;

  (all->mode->ask ? all->mode->ask : ask_own) (all);
  if (run->questions->len == 0)
    return FALSE;
  if (is_one_go (all))
    report_one_go (all, rd_run_question (run, 0)->sigma);
  return TRUE;
}

/* Those who have begun together ask nothing more. */
static gboolean
check_results (RdTrajectories * all, GError ** error)
{
  all->run->stats.passes += all->n_active;
  return rd_stream_check (all->run->stream, error);
}

/**
 * rd_trajectories_advance:
 * @run: a run that rd_trajectories_begin() has prepared
 * @error: what stopped it
 *
 * Leads the conversations of those who have begun a step, in rounds: all that is
 * asked at a time is answered at once; who is done waits for the others. The
 * `advance` of all modes with weights.
 *
 * Returns: %FALSE when the run has failed
 */
gboolean
rd_trajectories_advance (RdRun * run, GError ** error)
{
  RdTrajectories *all = run->mode_data;

  if (run->questions->len > 0) {
    (all->mode->tell ? all->mode->tell : tell_own) (all);
    rd_run_clear_questions (run);
    if (all->keep)
      rd_keep_forget (all->keep);
  } else if (!begin_step (all, error)) {
    return FALSE;
  }
  while (!ask (all)) {
    if (all->n_active > 0 && !check_results (all, error))
      return FALSE;
    if (!all->mode->proceed (all))
      return end_step (all, error);
  }
  return TRUE;
}
