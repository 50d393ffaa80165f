/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is at work in the impact modes before the first pass: schedules, masks
 * and noise, and what is to be said of them. */

#include "loop/impact/pass.h"

#include "loop/impact/mask.h"

void
rd_impact_clear (RdImpact * impact)
{
  for (guint k = 0; k < impact->n_parts; k++) {
    g_clear_pointer (&impact->parts[k].sigmas, g_array_unref);
    g_clear_pointer (&impact->parts[k].recovery_sigmas, g_array_unref);
    g_clear_pointer (&impact->parts[k].mask, rd_tensor_unref);
    g_clear_pointer (&impact->parts[k].inverse, rd_tensor_unref);
  }
  g_clear_pointer (&impact->parts, g_free);
  impact->n_parts = 0;
  g_clear_pointer (&impact->latent, rd_tensor_unref);
  g_clear_pointer (&impact->prediction, rd_tensor_unref);
}

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
prepare_recovery (const RdRun * run, RdImpactPart * part, GError ** error)
{
  const RdJob *job = run->job;
  const RdSolverInfo *solver = part->owner->solver;

  if (!solver->recovery || job->additional_mode == RD_ADDITIONAL_DISABLE)
    return TRUE;
  part->recovery = job->additional_solver ? job->additional_solver
      : rd_solver_find (solver->recovery, error);
  part->recovery_sigmas = part->recovery
      ? rd_run_schedule (run, part->owner, part->recovery, error) : NULL;
  return part->recovery_sigmas != NULL;
}

static gboolean
prepare_parts (RdImpact * impact, GError ** error)
{
  RdRun *run = impact->run;
  const RdJob *job = run->job;

  impact->n_parts = job->regions->len + 1;
  impact->parts = g_new0 (RdImpactPart, impact->n_parts);
  for (guint k = 0; k < impact->n_parts; k++) {
    RdImpactPart *part = &impact->parts[k];
    g_autoptr (RdTensor) mask = NULL;

    part->owner = k == 0 ? job->base : job->regions->pdata[k - 1];
    part->sigmas = rd_run_schedule (run, part->owner, part->owner->solver,
        error);
    if (!part->sigmas || !prepare_recovery (run, part, error))
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

/* The reference says nothing where it leaves noise in a picture; we do. */
static gboolean
warn_of_gaps (const RdImpact * impact, GError ** error)
{
  const RdRun *run = impact->run;
  g_autoptr (RdTensor) all = rd_tensor_new_like (impact->parts[0].mask);
  g_autofree RdTerm *terms = g_new (RdTerm, impact->n_parts);
  g_autofree float *values = g_malloc (all->size);
  guint uncovered = 0;

  for (guint k = 0; k < impact->n_parts; k++)
    terms[k] = (RdTerm) {
    impact->parts[k].mask, 1.0, NULL};
  rd_combine (all, impact->n_parts, terms);
  if (!rd_tensor_download (all, values, error))
    return FALSE;
  for (gsize i = 0; i < all->n_elements; i++)
    uncovered += values[i] == 0.0f;
  if (uncovered)
    rd_impact_warn (impact, "%u of %" G_GSIZE_FORMAT " latent cells belong "
        "neither to the base nor to a region in mode '%s' and stay noise: "
        "their masks are above 0, but not above one half; use hard masks, a "
        "larger overlap-factor or another mode", uncovered, all->n_elements,
        rd_mode_name (run->job->mode));
  return TRUE;
}

/**
 * rd_impact_init:
 * @impact: zeroed memory; rd_impact_clear() afterwards, whatever comes
 * @run: a run, its range of steps known
 * @error: settings with which the reference raises
 *
 * Makes everybody's schedules and masks, and warns of cells that are nobody's.
 */
gboolean
rd_impact_init (RdImpact * impact, RdRun * run, GError ** error)
{
  impact->run = run;
  if (run->job->regions->len == 0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "mode '%s' needs at least one region, as the node it repeats does; "
        "choose mode 'sequential' for a plain sampler",
        rd_mode_name (run->job->mode));
    return FALSE;
  }
  impact->latent = rd_tensor_ref (run->latent);
  return prepare_parts (impact, error) && warn_of_gaps (impact, error);
}

/**
 * rd_impact_warn:
 * @impact: what is at work
 * @format: what becomes of the picture
 * @...: arguments of @format
 *
 * Warns whoever ordered the job.
 */
void
rd_impact_warn (const RdImpact * impact, const char *format, ...)
{
  const RdJob *job = impact->run->job;
  g_autofree char *message = NULL;
  va_list args;

  if (!job->warning)
    return;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  job->warning (message, job->user_data);
}

static gboolean
warn_of_edge (const RdImpact * impact, const RdOwner * region,
    const RdTensor * mask, GError ** error)
{
  g_autofree float *values = g_malloc (mask->size);
  guint edge = 0;

  if (!rd_tensor_download (mask, values, error))
    return FALSE;
  for (gsize i = 0; i < mask->n_elements; i++)
    edge += values[i] != 0.0f && values[i] != 1.0f;
  if (edge)
    rd_impact_warn (impact, "%s: %u latent cells on the edge of its mask start "
        "without noise, as its variation makes them in mode '%s'; use a mask "
        "with hard edges along multiples of the latent cells or another mode",
        region->id, edge, rd_mode_name (impact->run->job->mode));
  return TRUE;
}

/**
 * rd_impact_noise:
 * @impact: what is at work
 * @error: what stopped it
 *
 * Returns: (transfer full) (nullable): unit noise of the run's seed with the
 *   regions' own mixed in
 */
RdTensor *
rd_impact_noise (RdImpact * impact, GError ** error)
{
  RdRun *run = impact->run;
  g_autoptr (RdTensor) noise = rd_run_noise (run);

  for (guint j = 0; j < run->job->regions->len; j++) {
    const RdOwner *region = run->job->regions->pdata[j];
    g_autoptr (RdTensor) mask = NULL;

    if (region->variation.strength == 0.0)
      continue;
    mask = rd_impact_mask_to_latent (run->stream, region->mask,
        noise->dims[2], noise->dims[3]);
    if (!rd_variation_mix_impact (&region->variation, run->job->noise_origin,
            noise, mask, error))
      return NULL;
    if (!impact->warned_of_edges && !warn_of_edge (impact, region, mask, error))
      return NULL;
  }
  impact->warned_of_edges = TRUE;
  return g_steal_pointer (&noise);
}
