/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Mode `impact`: what RegionalSamplerAdvanced of ComfyUI Impact Pack does, step
 * for step, with the faults that docs/modes.md lists. Every pass is a sampler
 * run of its own over one interval, so solvers have no memory; a pass is
 * confined to its mask the way inpainting is; the last step runs for the base
 * alone, and its result is thrown away where `restore-latent` is on. */

#include "impact-mask.h"
#include "run.h"

typedef struct
{
  const RdOwner *owner;
  GArray *sigmas;               /* whole schedule, unfactored */
  const RdSolverInfo *recovery; /* of the recovery pass, or NULL */
  GArray *recovery_sigmas;
  RdTensor *mask;               /* where it works, in latent cells */
  RdTensor *inverse;
} Part;

typedef struct
{
  RdRun *run;
  guint n_parts;
  Part *parts;
  RdTensor *latent;             /* the latest */
} Impact;

static void
impact_clear (Impact * impact)
{
  for (guint k = 0; k < impact->n_parts; k++) {
    g_clear_pointer (&impact->parts[k].sigmas, g_array_unref);
    g_clear_pointer (&impact->parts[k].recovery_sigmas, g_array_unref);
    g_clear_pointer (&impact->parts[k].mask, rd_tensor_unref);
    g_clear_pointer (&impact->parts[k].inverse, rd_tensor_unref);
  }
  g_free (impact->parts);
  g_clear_pointer (&impact->latent, rd_tensor_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Impact, impact_clear)

static RdTensor *
base_mask (const RdRun * run, GError ** error)
{
  const GPtrArray *regions = run->job->regions;
  g_autofree RdMask **masks = g_new (RdMask *, regions->len);
  g_autofree const char **ids = g_new (const char *, regions->len);

  for (guint j = 0; j < regions->len; j++) {
    const RdOwner *region = regions->pdata[j];

    masks[j] = region->mask;
    ids[j] = region->id;
  }
  return rd_impact_inverse_union (run->stream, regions->len, masks, ids,
      error);
}

static gboolean
prepare_recovery (Impact * impact, Part * part, GError ** error)
{
  const RdJob *job = impact->run->job;
  const RdSolverInfo *solver = part->owner->solver;

  if (!solver->recovery || job->additional_mode == RD_ADDITIONAL_DISABLE)
    return TRUE;
  part->recovery = job->additional_solver ? job->additional_solver
      : rd_solver_find (solver->recovery, error);
  part->recovery_sigmas = part->recovery
      ? rd_run_sigmas (impact->run, part->owner, part->recovery, error) : NULL;
  return part->recovery_sigmas != NULL;
}

static gboolean
prepare_parts (Impact * impact, GError ** error)
{
  RdRun *run = impact->run;
  const RdJob *job = run->job;

  impact->n_parts = job->regions->len + 1;
  impact->parts = g_new0 (Part, impact->n_parts);
  for (guint k = 0; k < impact->n_parts; k++) {
    Part *part = &impact->parts[k];
    g_autoptr (RdTensor) mask = NULL;

    part->owner = k == 0 ? job->base : job->regions->pdata[k - 1];
    part->sigmas = rd_run_sigmas (run, part->owner,
      part->owner->solver, error);
    if (!part->sigmas || !prepare_recovery (impact, part, error))
      return FALSE;

    mask = k == 0 ? base_mask (run, error)
        : rd_impact_dilate (run->stream, part->owner->mask,
        part->owner->overlap_factor);
    if (!mask)
      return FALSE;
    part->mask = rd_impact_to_latent (mask, run->latent->dims[2],
        run->latent->dims[3]);
    part->inverse = rd_tensor_new_like (part->mask);
    rd_map_apply (part->inverse, part->mask, RD_MAP_INVERT);
  }
  return rd_stream_check (run->stream, error);
}

static void G_GNUC_PRINTF (2, 3)
warn (const RdRun * run, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  if (!run->job->warning)
    return;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  run->job->warning (message, run->job->user_data);
}

/* The reference says nothing where it leaves noise in a picture; we do. */
static gboolean
warn_of_noise (Impact * impact, GError ** error)
{
  RdRun *run = impact->run;
  g_autoptr (RdTensor) all = rd_tensor_new_like (impact->parts[0].mask);
  g_autofree RdTerm *terms = g_new (RdTerm, impact->n_parts);
  g_autofree float *values = g_malloc (all->size);
  guint uncovered = 0;

  if (run->end <= run->start + 1)
    warn (run, "with fewer than two steps to execute, mode 'impact' adds no "
        "noise and runs no region");

  for (guint k = 0; k < impact->n_parts; k++)
    terms[k] = (RdTerm) {
    impact->parts[k].mask, 1.0, NULL};
  rd_combine (all, impact->n_parts, terms);
  if (!rd_tensor_download (all, values, error))
    return FALSE;
  for (gsize i = 0; i < all->n_elements; i++)
    uncovered += values[i] == 0.0f;
  if (uncovered)
    warn (run, "%u of %" G_GSIZE_FORMAT " latent cells belong neither to the "
        "base nor to a region in mode 'impact' and stay noise: their masks are "
        "above 0, but not above one half; use hard masks, a larger "
        "overlap-factor or another mode", uncovered, all->n_elements);
  return TRUE;
}

/* Mixes the regions' own noise in. */
static gboolean
vary_noise (RdRun * run, RdTensor * noise, GError ** error)
{
  for (guint j = 0; j < run->job->regions->len; j++) {
    const RdOwner *region = run->job->regions->pdata[j];
    g_autoptr (RdTensor) mask = NULL;
    g_autofree float *values = NULL;
    guint edge = 0;

    if (region->variation.strength == 0.0)
      continue;
    mask = rd_impact_mask_to_latent (run->stream, region->mask,
        noise->dims[2], noise->dims[3]);
    values = g_malloc (mask->size);
    if (!rd_variation_mix_impact (&region->variation,
            run->job->noise_origin, noise, mask, error)
        || !rd_tensor_download (mask, values, error))
      return FALSE;
    for (gsize i = 0; i < mask->n_elements; i++)
      edge += values[i] != 0.0f && values[i] != 1.0f;
    if (edge)
      warn (run, "%s: %u latent cells on the edge of its mask start without "
          "noise, as its variation makes them in mode 'impact'; use a mask "
          "with hard edges along multiples of the latent cells or another "
          "mode", region->id, edge);
  }
  return TRUE;
}

/* Impact Pack's separated_sample() over [step, step + 1] of a schedule whose
 * levels are multiplied by @ratio: a new sampler, whose left-over noise stays or
 * whose last prediction is the result. */
static gboolean
sample_with (Impact * impact, const Part * part, const RdSolverInfo * info,
    const GArray * schedule, double ratio, int step, RdTensor * noise,
    gboolean leftover, GError ** error)
{
  RdRun *run = impact->run;
  const double *sigmas = (const double *) schedule->data;
  const double factor = ratio * part->owner->sigma_factor;
  const int last = (int) schedule->len - 1;
  const gboolean cut = step + 1 < last;
  RdSampling *sampling = part->owner->guide.denoiser->sampling;
  g_autoptr (RdSolver) solver = NULL;
  g_autoptr (RdTensor) x = NULL, y = NULL, kept_noise = NULL;
  RdTensor *denoised;
  double range[2];

  if (step < 0 || step >= last)
    return TRUE;
  range[0] = sigmas[step] * factor;
  range[1] = cut && !leftover ? 0.0 : sigmas[step + 1] * factor;
  solver = rd_run_solver (run, part->owner, info, 1, range, TRUE);
  if (!info->noise_of_step)
    rd_solver_set_noise_range (solver,
        sigmas[last] > 0.0 ? sigmas[last] : sigmas[last - 1], sigmas[0]);

  x = rd_tensor_new_like (impact->latent);
  y = rd_tensor_new_like (impact->latent);
  rd_combine (x, noise ? 2 : 1, (RdTerm[]) {
      {impact->latent, 1.0, NULL},
      {noise, rd_sampling_noise_scale (sampling, range[0]), NULL},
  });
  kept_noise = rd_run_inpaint_noise (run, info, noise);
  if (!rd_run_step (run, part->owner, solver, 0, x, y,
          &(RdInpaint) {
          part->mask, part->inverse, impact->latent, kept_noise}, error))
    return FALSE;

  rd_tensor_unref (impact->latent);
  denoised = rd_solver_first_denoised (solver);
  impact->latent = rd_tensor_ref (leftover || !denoised ? y : denoised);
  return TRUE;
}

/* latent = latent where the part works, @before elsewhere */
static void
composite (Impact * impact, const Part * part, const RdTensor * before)
{
  RdTensor *result = rd_tensor_new_like (before);

  rd_combine (result, 2, (RdTerm[]) {
      {impact->latent, 1.0, part->mask},
      {before, 1.0, part->inverse},
  });
  rd_tensor_unref (impact->latent);
  impact->latent = result;
}

/* A pass: the part's own sampler and, for some, another that takes up what it
 * leaves. With noise, the second adds it again, and as the seed has it. */
static gboolean
sample (Impact * impact, const Part * part, int step, RdTensor * noise,
    gboolean leftover, GError ** error)
{
  RdRun *run = impact->run;
  const double share = part->recovery ? run->job->additional_sigma_ratio : 0.0;
  const double ratio = part->recovery
      && run->job->additional_mode == RD_ADDITIONAL_RATIO_BETWEEN
      ? 1.0 - share : 1.0;
  g_autoptr (RdTensor) before = rd_tensor_ref (impact->latent);

  if (ratio > 0.0 && !sample_with (impact, part, part->owner->solver,
          part->sigmas, ratio, step, noise, leftover, error))
    return FALSE;
  if (share > 0.0) {
    g_autoptr (RdTensor) again = noise ? rd_run_noise (run) : NULL;

    composite (impact, part, before);
    if (!sample_with (impact, part, part->recovery, part->recovery_sigmas,
            share, step, again, leftover, error))
      return FALSE;
  }
  run->pass++;
  rd_run_trace (run, part->owner, MAX (step, 0), impact->latent);
  return TRUE;
}

static gboolean
sample_region (Impact * impact, const Part * part, int step, GError ** error)
{
  g_autoptr (RdTensor) before = rd_tensor_ref (impact->latent);

  if (!sample (impact, part, step, NULL, TRUE, error))
    return FALSE;
  if (impact->run->job->restore_latent)
    composite (impact, part, before);
  return TRUE;
}

/* The run's last step belongs to the base alone; what it makes is kept only
 * without `restore-latent`. */
static gboolean
finalize (Impact * impact, GError ** error)
{
  RdRun *run = impact->run;
  const RdJob *job = run->job;
  g_autoptr (RdTensor) before = rd_tensor_ref (impact->latent);

  rd_run_report (run, run->end > run->start ? run->end - 1 - run->start : 0, 0,
      0.0);
  if (!sample (impact, &impact->parts[0], (int) run->end - 1, NULL,
          job->return_with_leftover_noise, error))
    return FALSE;
  if (job->restore_latent) {
    rd_tensor_unref (impact->latent);
    impact->latent = g_steal_pointer (&before);
  }
  return TRUE;
}

/**
 * rd_run_impact:
 * @run: a run
 * @error: settings with which the reference raises, or what stopped the run
 *
 * Returns: (transfer full) (nullable): the sampled latent
 */
RdTensor *
rd_run_impact (RdRun * run, GError ** error)
{
  g_auto (Impact) impact = { run };
  g_autoptr (RdTensor) noise = NULL;
  const guint last = run->end > run->start ? run->end - 1 : run->start;

  if (run->job->regions->len == 0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "mode 'impact' needs at least one region, as the node it repeats does; "
        "choose mode 'sequential' for a plain sampler");
    return NULL;
  }
  if (!prepare_parts (&impact, error) || !warn_of_noise (&impact, error))
    return NULL;

  run->n_passes = (last - run->start) * impact.n_parts + 1;
  impact.latent = rd_tensor_ref (run->latent);
  noise = run->job->add_noise ? rd_run_noise (run) : NULL;
  if (noise && !vary_noise (run, noise, error))
    return NULL;
  for (guint i = run->start; i < last; i++) {
    for (guint k = 0; k < impact.n_parts; k++) {
      const Part *part = &impact.parts[k];

      rd_run_report (run, i - run->start, k,
          i < part->sigmas->len ? g_array_index (part->sigmas, double, i)
          * part->owner->sigma_factor : 0.0);
      if (!(k == 0
              ? sample (&impact, part, (int) i,
                  i == run->start ? noise : NULL, TRUE, error)
              : sample_region (&impact, part, (int) i, error)))
        return NULL;
    }
    rd_run_trace (run, NULL, i, impact.latent);
  }
  if (!finalize (&impact, error))
    return NULL;
  rd_run_trace (run, NULL, last, impact.latent);
  rd_run_report (run, run->end > run->start ? run->end - run->start : 0, 0,
      0.0);
  return g_steal_pointer (&impact.latent);
}
