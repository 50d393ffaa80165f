/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "loop/impact/pass.h"

static double
sigma_at (const RdImpact * impact, guint k, guint step)
{
  const RdImpactPart *part = &impact->parts[k];

  return step < part->sigmas->len ? g_array_index (part->sigmas, double, step)
      * part->owner->sigma_factor : 0.0;
}

/**
 * rd_impact_report:
 * @impact: what is at work
 * @k: 0 for the base, j for the j-th region
 * @step: of the schedule
 *
 * Reports that a pass begins.
 */
void
rd_impact_report (const RdImpact * impact, guint k, guint step)
{
  rd_run_report (impact->run, step - impact->run->start, k,
      sigma_at (impact, k, step));
}

/* @latent becomes itself where the part works, @outside elsewhere. */
static void
composite (const RdImpactPart * part, RdTensor ** latent,
    const RdTensor * outside)
{
  RdTensor *result = rd_tensor_new_like (outside);

  rd_combine (result, 2, (RdTerm[]) {
      {*latent, 1.0, part->mask},
      {outside, 1.0, part->inverse},
  });
  rd_tensor_unref (*latent);
  *latent = result;
}

/* What all passes of a step predict: each where it works, over those before. */
static void
predict (RdImpact * impact, const RdImpactPart * part, RdTensor * denoised)
{
  g_autoptr (RdTensor) before = g_steal_pointer (&impact->prediction);

  impact->prediction = rd_tensor_ref (denoised);
  if (before)
    composite (part, &impact->prediction, before);
}

/* Shows the prediction, if there is one, at the end of a step. */
static gboolean
preview (RdImpact * impact, guint step, GError ** error)
{
  g_autoptr (RdTensor) prediction = g_steal_pointer (&impact->prediction);
  RdRun *run = impact->run;

  impact->previewing = FALSE;
  return !prediction || rd_run_preview (run, step + 1 - run->start,
      sigma_at (impact, 0, step + 1), 1,
      &(RdTerm) { prediction, 1.0, NULL}, error);
}

/* Over which noise levels Impact Pack lays an SDE sampler's noise: the whole
 * schedule, but for a level that was overwritten with 0. */
static void
set_noise_range (RdSolver * solver, const GArray * schedule, int zeroed)
{
  const double *sigmas = (const double *) schedule->data;
  int lowest = (int) schedule->len - 1;

  while (lowest > 0 && (sigmas[lowest] == 0.0 || lowest == zeroed))
    lowest--;
  rd_solver_set_noise_range (solver, sigmas[lowest], sigmas[0]);
}

/* One run of a sampler. */
typedef struct
{
  guint k;                      /* whose */
  const RdSolverInfo *info;
  const GArray *schedule;       /* unfactored */
  double ratio;                 /* a factor beside the owner's */
  int start, end;               /* steps [start, end), which may lie past it */
  RdTensor *noise;              /* unit noise to add first, or NULL */
  gboolean leftover;            /* noise left at the end stays; else the last
                                 * prediction is the result */
  gboolean masked;              /* only where the owner is */
} Pass;

/* The sampler of a pass, or NULL where its schedule has no such step. */
static RdSolver *
make_solver (const RdImpact * impact, const Pass * pass)
{
  const RdOwner *owner = impact->parts[pass->k].owner;
  const double factor = pass->ratio * owner->sigma_factor;
  const int last = (int) pass->schedule->len - 1;
  const int end = MIN (pass->end, last);
  const gboolean zeroed = pass->end < last && !pass->leftover;
  g_autofree double *sigmas = NULL;
  RdSolver *solver;

  if (pass->start < 0 || pass->start >= end)
    return NULL;
  sigmas = g_new (double, end - pass->start + 1);
  for (int i = pass->start; i <= end; i++)
    sigmas[i - pass->start] = i == end && zeroed ? 0.0
        : g_array_index (pass->schedule, double, i) * factor;
  solver = rd_run_solver (impact->run, owner, pass->info, end - pass->start,
      sigmas, TRUE);
  if (!pass->info->noise_of_step)
    set_noise_range (solver, pass->schedule, zeroed ? end : -1);
  return solver;
}

/* Impact Pack's separated_sample(): a new sampler over steps of a schedule. */
static gboolean
run_pass (RdImpact * impact, const Pass * pass, GError ** error)
{
  RdRun *run = impact->run;
  const RdImpactPart *part = &impact->parts[pass->k];
  g_autoptr (RdSolver) solver = make_solver (impact, pass);
  g_autoptr (RdTensor) x = NULL, y = NULL, kept_noise = NULL;
  RdInpaint inpaint = { part->mask, part->inverse, impact->latent };
  RdTensor *denoised;

  if (!solver)
    return TRUE;
  x = rd_tensor_new_like (impact->latent);
  y = rd_tensor_new_like (impact->latent);
  rd_combine (x, pass->noise ? 2 : 1, (RdTerm[]) {
      {impact->latent, 1.0, NULL},
      {pass->noise, rd_prediction_noise_scale (solver->prediction,
              solver->sigmas[0]), NULL},
  });
  inpaint.noise = kept_noise = rd_run_inpaint_noise (run, pass->info,
      pass->noise);
  for (guint i = 0; i < solver->n_steps; i++) {
    if (i > 0) {
      RdTensor *done = y;

      y = x;
      x = done;
      rd_run_trace (run, NULL, pass->start + i - 1, x);
      rd_impact_report (impact, pass->k, pass->start + i);
    }
    impact->previewing |= !pass->masked && rd_run_wants_preview (run);
    if (!rd_run_step (run, part->owner, solver, i, x, y,
            pass->masked ? &inpaint : NULL, error))
      return FALSE;
    denoised = rd_solver_first_denoised (solver);
    if (impact->previewing)
      predict (impact, part, denoised ? denoised : y);
    if (!pass->masked) {
      run->pass++;
      if (!preview (impact, pass->start + i, error))
        return FALSE;
    }
  }

  rd_tensor_unref (impact->latent);
  denoised = rd_solver_first_denoised (solver);
  impact->latent = rd_tensor_ref (pass->leftover || !denoised ? y : denoised);
  return TRUE;
}

/* Takes back what a pass has changed where the part does not work. */
static void
restore (RdImpact * impact, const RdImpactPart * part, const RdTensor * before)
{
  const gint64 since = g_get_monotonic_time ();

  composite (part, &impact->latent, before);
  impact->run->stats->blend_us += g_get_monotonic_time () - since;
}

/* KSamplerAdvancedWrapper.sample_advanced() over one step: the part's own
 * sampler and, for some, another that takes up what it leaves. With @again that
 * one adds noise as well, and as the seed has it. */
static gboolean
sample (RdImpact * impact, guint k, int step, RdTensor * noise, gboolean again,
    gboolean leftover, GError ** error)
{
  RdRun *run = impact->run;
  const RdImpactPart *part = &impact->parts[k];
  const double share = part->recovery ? run->job->additional_sigma_ratio : 0.0;
  const double ratio = part->recovery
      && run->job->additional_mode == RD_ADDITIONAL_RATIO_BETWEEN
      ? 1.0 - share : 1.0;
  g_autoptr (RdTensor) before = rd_tensor_ref (impact->latent);

  if (ratio > 0.0 && !run_pass (impact, &(Pass) {
          k, part->owner->solver, part->sigmas, ratio, step, step + 1, noise,
          leftover, TRUE}, error))
    return FALSE;
  if (share > 0.0) {
    g_autoptr (RdTensor) same = again ? rd_run_noise (run) : NULL;

    restore (impact, part, before);
    if (!run_pass (impact, &(Pass) {
            k, part->recovery, part->recovery_sigmas, share, step, step + 1,
            same, leftover, TRUE}, error))
      return FALSE;
  }
  run->pass++;
  rd_run_trace (run, part->owner, MAX (step, 0), impact->latent);
  return TRUE;
}

/**
 * rd_impact_base_only:
 * @impact: what is at work
 * @end: step before which to stop, past the run's first
 * @noise: unit noise that is added first
 * @leftover: keep the noise that is left at @end, for the steps after it; else
 *   the last prediction is the result
 * @error: what stopped it
 *
 * One run of the base's sampler over the whole picture, without a recovery
 * pass.
 *
 * Returns: %FALSE when stopped
 */
gboolean
rd_impact_base_only (RdImpact * impact, guint end, RdTensor * noise,
    gboolean leftover, GError ** error)
{
  RdRun *run = impact->run;
  const RdImpactPart *base = &impact->parts[0];

  rd_impact_report (impact, 0, run->start);
  if (!run_pass (impact, &(Pass) {
          0, base->owner->solver, base->sigmas, 1.0, (int) run->start,
          (int) end, noise, leftover, FALSE}, error))
    return FALSE;
  /* a sampler with a grid of its own took them as one */
  run->pass = MIN (end, run->end) - run->start;
  rd_run_trace (run, base->owner, end - 1, impact->latent);
  rd_run_trace (run, NULL, end - 1, impact->latent);
  return TRUE;
}

/**
 * rd_impact_step:
 * @impact: what is at work
 * @step: of the schedule
 * @noise: (nullable): unit noise that the base's pass adds
 * @again: whether its recovery pass adds noise as well
 * @error: what stopped it
 *
 * One step: the base where no region is, then region after region.
 *
 * Returns: %FALSE when stopped
 */
gboolean
rd_impact_step (RdImpact * impact, guint step, RdTensor * noise,
    gboolean again, GError ** error)
{
  impact->previewing = rd_run_wants_preview (impact->run);
  for (guint k = 0; k < impact->n_parts; k++) {
    g_autoptr (RdTensor) before = rd_tensor_ref (impact->latent);

    rd_impact_report (impact, k, step);
    if (!sample (impact, k, (int) step, k == 0 ? noise : NULL, k == 0 && again,
            TRUE, error))
      return FALSE;
    if (k > 0 && impact->run->job->restore_latent)
      restore (impact, &impact->parts[k], before);
  }
  rd_run_trace (impact->run, NULL, step, impact->latent);
  return preview (impact, step, error);
}

/**
 * rd_impact_finalize:
 * @impact: what is at work
 * @step: of the schedule, or none of it
 * @leftover: whether noise that is left after it stays
 * @error: what stopped it
 *
 * A step of the base alone, of which something is kept only without
 * `restore-latent`; and the end of the run.
 *
 * Returns: (transfer full) (nullable): the run's result
 */
RdTensor *
rd_impact_finalize (RdImpact * impact, int step, gboolean leftover,
    GError ** error)
{
  RdRun *run = impact->run;
  g_autoptr (RdTensor) before = rd_tensor_ref (impact->latent);

  if (!sample (impact, 0, step, NULL, FALSE, leftover, error))
    return NULL;
  if (run->job->restore_latent) {
    rd_tensor_unref (impact->latent);
    impact->latent = g_steal_pointer (&before);
  }
  return g_steal_pointer (&impact->latent);
}
