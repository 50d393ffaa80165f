/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "loop/trajectories.h"

#include <math.h>

static void
parts_clear (RdTrajectories * parts)
{
  for (guint k = 0; k < parts->n_parts; k++) {
    RdTrajectory *part = &parts->parts[k];

    g_clear_pointer (&part->solver, rd_solver_free);
    g_free (part->sigmas);
    g_clear_pointer (&part->x, rd_tensor_unref);
    g_clear_pointer (&part->y, rd_tensor_unref);
  }
  g_free (parts->parts);
  if (parts->mode_data)
    parts->mode->clear (parts->mode_data);
  g_clear_pointer (&parts->weights, rd_weights_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RdTrajectories, parts_clear)

/* The owner's noise levels for the executed steps. An end before the
 * schedule's is 0 unless the noise shall be left over. */
static gboolean
prepare_grid (RdTrajectories * parts, RdTrajectory * part, guint * length, GError ** error)
{
  RdRun *run = parts->run;
  g_autoptr (GArray) sigmas = rd_run_sigmas (run, part->owner,
      part->owner->solver, error);
  double *values;

  if (!sigmas)
    return FALSE;
  values = (double *) sigmas->data;

  if (part == parts->parts) {
    *length = sigmas->len;
    run->end = MIN (run->job->end_at_step, sigmas->len - 1);
    parts->n_steps = run->end > run->start ? run->end - run->start : 0;
  } else if (sigmas->len != *length) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: its schedule '%s' has %u sigmas where the base's has %u; choose a "
        "scheduler of the same length", part->owner->id,
        part->owner->scheduler->name, sigmas->len, *length);
    return FALSE;
  }

  part->sigmas = g_new0 (double, parts->n_steps + 1);
  for (guint i = 0; parts->n_steps > 0 && i <= parts->n_steps; i++)
    part->sigmas[i] = values[run->start + i] * part->owner->sigma_factor;
  if (run->end < sigmas->len - 1 && !run->job->return_with_leftover_noise)
    part->sigmas[parts->n_steps] = 0.0;
  part->solver = rd_run_solver (run, part->owner, part->owner->solver,
      parts->n_steps, part->sigmas,
      parts->n_parts == 1 && parts->n_steps > 1);
  return TRUE;
}

static double
noise_scale (const RdTrajectory * part)
{
  return rd_prediction_noise_scale (part->owner->guide.denoiser->prediction,
      part->sigmas[0]);
}

static gboolean
same_grid (const RdTrajectories * parts, const RdTrajectory * a, const RdTrajectory * b)
{
  for (guint i = 0; i <= parts->n_steps; i++)
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
      "%s: it has a %s of its own, which means nothing in mode 'fused', where "
      "the base's moves the whole picture; leave it out or choose another mode",
      region->id, own);
  return FALSE;
}

static gboolean
prepare_parts (RdTrajectories * parts, GError ** error)
{
  const RdJob *job = parts->run->job;
  guint length = 0;

  parts->n_parts = job->regions->len + 1;
  parts->parts = g_new0 (RdTrajectory, parts->n_parts);
  for (guint k = 0; k < parts->n_parts; k++)
    parts->parts[k].owner = k == 0 ? job->base : job->regions->pdata[k - 1];

  parts->one_grid = TRUE;
  for (guint k = 0; k < parts->n_parts; k++) {
    RdTrajectory *part = &parts->parts[k];

    if (k > 0 && parts->mode->one_trajectory) {
      if (!check_no_own_way (job->base, part->owner, error))
        return FALSE;
      continue;
    }
    if (!prepare_grid (parts, part, &length, error))
      return FALSE;
    parts->one_grid &= same_grid (parts, &parts->parts[0], part);
  }
  return TRUE;
}

/* The job's noise, and in it that of regions that vary it, wherever they are
 * at some time. */
static gboolean
make_noise (RdTrajectories * parts, RdTensor ** noise, GError ** error)
{
  RdRun *run = parts->run;
  const RdWeightSet *set = NULL;

  *noise = run->job->add_noise ? rd_run_noise (run) : NULL;
  for (guint k = 1; *noise && k < parts->n_parts; k++) {
    const RdOwner *region = parts->parts[k].owner;

    if (region->variation.strength == 0.0)
      continue;
    if (!set && !(set = rd_weights_of_all (parts->weights, error)))
      return FALSE;
    if (set->weight[k] && !rd_variation_mix (&region->variation,
            run->job->noise_origin, *noise, set->weight[k], error))
      return FALSE;
  }
  return TRUE;
}

/* x = latent + scale * noise, for every grid */
static gboolean
start (RdTrajectories * parts, GError ** error)
{
  RdRun *run = parts->run;
  g_autoptr (RdTensor) noise = NULL;

  if (!make_noise (parts, &noise, error))
    return FALSE;

  for (guint k = 0; k < parts->n_parts; k++) {
    RdTrajectory *part = &parts->parts[k];

    if (k > 0 && parts->one_grid) {
      part->x = rd_tensor_ref (parts->parts[0].x);
      continue;
    }
    part->x = rd_tensor_new_like (run->latent);
    rd_combine (part->x, noise ? 2 : 1, (RdTerm[]) {
        {run->latent, 1.0, NULL},
        {noise, noise_scale (part), NULL},
    });
  }
  return TRUE;
}

/* Regions may be evaluated in a window of their own; the base sees all. */
static void
place_windows (RdTrajectories * parts, const RdWeightSet * set)
{
  const RdJob *job = parts->run->job;
  const RdTensor *latent = parts->run->latent;

  for (guint k = 1; job->region_crop >= 0 && k < parts->n_parts; k++) {
    RdTrajectory *part = &parts->parts[k];

    if (!set->weight[k])
      continue;
    part->window = rd_window_around (&set->box[k],
        (job->region_crop + job->downscale - 1) / job->downscale,
        part->owner->guide.denoiser->multiple, latent->dims[2],
        latent->dims[3]);
    part->has_window = TRUE;
  }
}

/**
 * rd_trajectory_begin:
 * @part: a part that is not in a step
 * @step: of the run
 * @x: what it starts from
 *
 * Begins the step that leads to `part->y`.
 */
void
rd_trajectory_begin (RdTrajectory * part, guint step, const RdTensor * x)
{
  if (!part->y)
    part->y = rd_tensor_new_like (x);
  rd_solver_begin (part->solver, step, x, part->y);
}

/**
 * rd_trajectory_question:
 * @part: whose owner is asked
 * @solver: who asks: the part's own, or the base's for all
 * @stats: counts what is evaluated for it
 * @question: (out caller-allocates): what it asks, with room for the answer;
 *   rd_trajectory_question_clear() afterwards
 *
 * Returns: %FALSE when the solver asks nothing
 */
gboolean
rd_trajectory_question (const RdTrajectory * part, const RdSolver * solver,
    RdGuidanceStats * stats, RdQuestion * question)
{
  const RdTensor *x;
  double sigma;

  if (!rd_solver_asks (solver, &x, &sigma))
    return FALSE;
  *question = (RdQuestion) {
    .guide = &part->owner->guide,
    .x = x,
    .sigma = sigma,
    .window = part->has_window ? &part->window : NULL,
    .denoised = rd_tensor_new_like (x),
    .unconditional = solver->info->unconditional ? rd_tensor_new_like (x)
        : NULL,
    .stats = stats,
  };
  return TRUE;
}

void
rd_trajectory_question_clear (RdQuestion * question)
{
  rd_tensor_unref (question->denoised);
  g_clear_pointer (&question->unconditional, rd_tensor_unref);
}

/* Whether a sampler with a grid of its own takes the run as one step. */
static gboolean
is_one_go (const RdTrajectories * parts)
{
  return parts->parts[0].solver->n_steps < parts->n_steps;
}

/* Of such a run, how many steps of the schedule are behind the level that is
 * asked for. What is tried anew is asked at a higher level again. */
static void
report_one_go (RdTrajectories * parts, double sigma)
{
  RdRun *run = parts->run;
  const double *sigmas = parts->parts[0].sigmas;
  guint done = run->pass;

  while (done + 1 < parts->n_steps && sigma < sigmas[done + 1] * (1.0 + 1e-6))
    done++;
  run->pass = done;
  rd_run_report (run, done, 0, sigma);
}

/**
 * rd_trajectories_converse:
 * @parts: all parts
 * @n: how many take part
 * @which: those who have begun a step
 * @error: what stopped it
 *
 * Leads their conversations to the end, in rounds: all that is asked at a time
 * is answered at once; who is done waits for the others.
 *
 * Returns: %FALSE when their results are not there
 */
gboolean
rd_trajectories_converse (RdTrajectories * parts, guint n, RdTrajectory * const *which,
    GError ** error)
{
  RdRun *run = parts->run;
  g_autofree RdQuestion *questions = g_new (RdQuestion, n);
  g_autofree RdTrajectory **askers = g_new (RdTrajectory *, n);
  gboolean ok = TRUE;

  while (ok) {
    guint n_questions = 0;
    gint64 since;

    for (guint k = 0; k < n; k++)
      if (rd_trajectory_question (which[k], which[k]->solver,
              &run->stats->guidance, &questions[n_questions]))
        askers[n_questions++] = which[k];
    if (n_questions == 0)
      break;
    if (is_one_go (parts))
      report_one_go (parts, questions[0].sigma);

    ok = rd_guidance_answer (n_questions, questions, run->cancellable, error);
    since = g_get_monotonic_time ();
    for (guint q = 0; q < n_questions; q++) {
      if (ok)
        rd_solver_tell (askers[q]->solver, questions[q].denoised,
            questions[q].unconditional);
      rd_trajectory_question_clear (&questions[q]);
    }
    run->stats->solver_us += g_get_monotonic_time () - since;
  }
  if (!ok)
    return FALSE;
  run->stats->passes += n;
  return rd_stream_check (run->stream, error);
}

/* x_k = sum of w D + s_k[i + 1] * sum of w (y - D) / s[i + 1]: the blended
 * prediction and the blended noise, at every owner's own level. */
static void
blend_grids (RdTrajectories * parts, const RdWeightSet * set, guint i)
{
  g_autofree RdTerm *terms = g_new (RdTerm, 2 * parts->n_parts);

  for (guint to = 0; to < parts->n_parts; to++) {
    RdTrajectory *target = &parts->parts[to];
    guint n = 0;

    for (guint from = 0; from < parts->n_parts; from++) {
      const RdTrajectory *part = &parts->parts[from];
      const double ratio = target->sigmas[i + 1] / part->sigmas[i + 1];

      if (!set->weight[from])
        continue;
      terms[n++] = (RdTerm) {
      part->y, ratio, set->weight[from]};
      terms[n++] = (RdTerm) {
      rd_solver_last_denoised (part->solver), 1.0 - ratio, set->weight[from]};
    }
    rd_combine (target->x, n, terms);
  }
}

/* x = sum of w y: all are at the same level, or at none. */
static void
blend_latents (RdTrajectories * parts, const RdWeightSet * set)
{
  g_autofree RdTerm *terms = g_new (RdTerm, parts->n_parts);
  guint n = 0;

  for (guint k = 0; k < parts->n_parts; k++)
    if (set->weight[k])
      terms[n++] = (RdTerm) {
      parts->parts[k].y, 1.0, set->weight[k]};
  for (guint k = 0; k < (parts->one_grid ? 1 : parts->n_parts); k++)
    rd_combine (parts->parts[k].x, n, terms);
}

/**
 * rd_trajectories_blend:
 * @parts: all parts, every one that has a weight having stepped
 * @set: the step's weights
 * @i: the step
 *
 * The border between steps: the owners' results become everybody's latent.
 */
void
rd_trajectories_blend (RdTrajectories * parts, const RdWeightSet * set, guint i)
{
  const gint64 since = g_get_monotonic_time ();

  if (!parts->one_grid && parts->parts[0].sigmas[i + 1] > 0.0)
    blend_grids (parts, set, i);
  else
    blend_latents (parts, set);
  parts->run->stats->blend_us += g_get_monotonic_time () - since;
}

/* Nobody but the base: no blending, a plain sampler, whose steps may be fewer
 * where it has a grid of its own. */
static gboolean
take_plain_step (RdTrajectories * parts, guint i, GError ** error)
{
  RdRun *run = parts->run;
  RdTrajectory *part = &parts->parts[0];
  RdTensor *x = part->x;

  if (!is_one_go (parts))
    rd_run_report (run, i, 0, part->sigmas[i]);
  rd_trajectory_begin (part, i, x);
  if (!rd_trajectories_converse (parts, 1, &part, error))
    return FALSE;
  run->pass = is_one_go (parts) ? run->n_passes : run->pass + 1;
  rd_run_trace (run, part->owner, run->end - part->solver->n_steps + i,
      part->y);
  part->x = part->y;
  part->y = x;
  return TRUE;
}

/* Shows what all owners predict, blended as their latents are. */
static gboolean
preview (RdTrajectories * parts, const RdWeightSet * set, guint step, GError ** error)
{
  const RdTrajectory *base = &parts->parts[0];
  const guint n_parts = set && !parts->mode->one_trajectory ? parts->n_parts
      : 1;
  g_autofree RdTerm *terms = NULL;
  guint n = 0;

  if (!rd_run_wants_preview (parts->run))
    return TRUE;
  terms = g_new (RdTerm, n_parts);
  for (guint k = 0; k < n_parts; k++) {
    const RdTrajectory *part = &parts->parts[k];
    const RdTensor *denoised = rd_solver_last_denoised (part->solver);
    const RdTensor *weight = n_parts > 1 ? set->weight[k] : NULL;

    if (n_parts == 1 || weight)
      terms[n++] = (RdTerm) {
      denoised ? denoised : part->x, 1.0, weight};
  }
  return rd_run_preview (parts->run, step, base->sigmas[step], n, terms, error);
}

/* Who owns what in a step; without regions nothing is shared. */
static gboolean
weigh (RdTrajectories * parts, guint i, const RdWeightSet ** set, GError ** error)
{
  const gint64 since = g_get_monotonic_time ();

  *set = NULL;
  if (!parts->weights)
    return TRUE;
  *set = rd_weights_at (parts->weights, i, parts->n_steps, error);
  if (!*set)
    return FALSE;
  place_windows (parts, *set);
  parts->run->stats->blend_us += g_get_monotonic_time () - since;
  return TRUE;
}

static gboolean
prepare_weights (RdTrajectories * parts, GError ** error)
{
  RdRun *run = parts->run;
  const gint64 since = g_get_monotonic_time ();

  parts->weights = rd_weights_new (run->stream, run->job,
      run->latent->dims[2], run->latent->dims[3], error);
  if (!parts->weights)
    return FALSE;
  run->stats->blend_us += g_get_monotonic_time () - since;
  if (parts->mode->prepare)
    parts->mode_data = parts->mode->prepare (parts);
  return TRUE;
}

/**
 * rd_trajectories_run:
 * @run: a run
 * @mode: how steps are taken
 * @error: settings that do not fit together, or what stopped it
 *
 * The driver of all modes with weights.
 *
 * Returns: (transfer full) (nullable): the sampled latent
 */
RdTensor *
rd_trajectories_run (RdRun * run, const RdTrajectoriesMode * mode, GError ** error)
{
  g_auto (RdTrajectories) parts = { run, mode };
  guint n;

  if (!prepare_parts (&parts, error))
    return NULL;
  if (parts.n_steps == 0)
    return rd_tensor_ref (run->latent);
  n = parts.parts[0].solver->n_steps;
  run->n_passes = parts.n_steps * parts.n_parts;

  if (parts.n_parts > 1 && !prepare_weights (&parts, error))
    return NULL;
  if (!start (&parts, error))
    return NULL;
  for (guint i = 0; i < n; i++) {
    const RdWeightSet *set;

    if (!weigh (&parts, i, &set, error))
      return NULL;
    if (!(set ? mode->take_step (&parts, set, i, error)
            : take_plain_step (&parts, i, error)))
      return NULL;
    rd_run_trace (run, NULL, run->end - n + i, parts.parts[0].x);
    if (!preview (&parts, set, parts.n_steps - n + i + 1, error))
      return NULL;
  }
  rd_run_report (run, parts.n_steps, 0, parts.parts[0].sigmas[parts.n_steps]);
  return rd_tensor_ref (parts.parts[0].x);
}
