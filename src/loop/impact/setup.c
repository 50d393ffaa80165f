/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What is at work in the impact modes before the first pass: schedules, masks
 * and noise, and what is to be said of them. */

#include "loop/impact/mask.h"
#include "loop/impact/steps.h"

/**
 * rd_impact_free:
 * @data: (transfer full): a run's #RdImpact
 *
 * Frees it at any moment; the `free` of both modes.
 */
void
rd_impact_free (gpointer data)
{
  RdImpact *impact = data;

  rd_impact_pass_clear (&impact->pass);
  for (guint k = 0; k < impact->n_owners; k++) {
    g_clear_pointer (&impact->owners[k].sigmas, g_array_unref);
    g_clear_pointer (&impact->owners[k].recovery_sigmas, g_array_unref);
    g_clear_pointer (&impact->owners[k].mask, rd_tensor_unref);
    g_clear_pointer (&impact->owners[k].inverse, rd_tensor_unref);
  }
  g_free (impact->owners);
  g_clear_pointer (&impact->latent, rd_tensor_unref);
  g_clear_pointer (&impact->noise, rd_tensor_unref);
  g_clear_pointer (&impact->prediction, rd_tensor_unref);
  g_clear_pointer (&impact->before, rd_tensor_unref);
  g_free (impact);
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
  return rd_impact_inverse_union (run->stream, regions->len, masks, ids, error);
}

static gboolean
prepare_recovery (const RdRun * run, RdImpactOwner * owner, GError ** error)
{
  const RdJob *job = run->job;
  const RdSolverInfo *solver = owner->owner->solver;

  if (!solver->recovery || job->additional_mode == RD_ADDITIONAL_DISABLE)
    return TRUE;
  owner->recovery = job->additional_solver ? job->additional_solver
      : rd_solver_find (solver->recovery, error);
  owner->recovery_sigmas = owner->recovery
      ? rd_run_schedule (run, owner->owner, owner->recovery, error) : NULL;
  return owner->recovery_sigmas != NULL;
}

static gboolean
prepare_owner (const RdRun * run, RdImpactOwner * owner, GError ** error)
{
  const RdOwner *base = run->job->base;
  g_autoptr (RdTensor) mask = NULL;

  owner->sigmas = rd_run_schedule (run, owner->owner, owner->owner->solver,
      error);
  if (!owner->sigmas || !prepare_recovery (run, owner, error))
    return FALSE;

  mask = owner->owner == base ? base_mask (run, error)
      : rd_impact_dilate (run->stream, owner->owner->mask,
      owner->owner->overlap_factor);
  if (!mask)
    return FALSE;
  owner->mask = rd_impact_to_latent (mask, run->latent->dims[2],
      run->latent->dims[3]);
  owner->inverse = rd_tensor_new_like (owner->mask);
  rd_map_apply (owner->inverse, owner->mask, RD_MAP_INVERT);
  return TRUE;
}

static gboolean
prepare_owners (RdImpact * impact, GError ** error)
{
  const RdRun *run = impact->run;
  const RdJob *job = run->job;

  impact->n_owners = job->regions->len + 1;
  impact->owners = g_new0 (RdImpactOwner, impact->n_owners);
  for (guint k = 0; k < impact->n_owners; k++) {
    impact->owners[k].owner = k == 0 ? job->base : job->regions->pdata[k - 1];
    if (!prepare_owner (run, &impact->owners[k], error))
      return FALSE;
  }
  return rd_stream_check (run->stream, error);
}

/* The reference says nothing where it leaves noise in a picture; we do. */
static gboolean
warn_of_gaps (const RdImpact * impact, GError ** error)
{
  const RdRun *run = impact->run;
  g_autoptr (RdTensor) all = rd_tensor_new_like (impact->owners[0].mask);
  g_autofree RdTerm *terms = g_new (RdTerm, impact->n_owners);
  g_autofree float *values = g_malloc (all->size);
  guint uncovered = 0;

  for (guint k = 0; k < impact->n_owners; k++)
    terms[k] = rd_term (impact->owners[k].mask, 1.0, NULL);
  rd_combine (all, impact->n_owners, terms);
  if (!rd_tensor_download (all, values, error))
    return FALSE;
  for (gsize i = 0; i < all->n_elements; i++)
    uncovered += values[i] == 0.0f;
  if (uncovered)
    rd_impact_warn (impact, "%u of %" G_GSIZE_FORMAT " latent cells belong "
        "neither to the base nor to a region in mode '%s' and stay noise, "
        "because their masks are above 0 but not above 0.5; use hard masks, a "
        "larger overlap-factor or another mode", uncovered, all->n_elements,
        run->mode->name);
  return TRUE;
}

/**
 * rd_impact_new:
 * @run: a run, its range of steps known, whose `mode_data` the result becomes
 * @begin_next: begins the step that comes next
 * @error: settings with which the reference raises, or a failure of the device
 *
 * Makes everybody's schedules and masks, and warns of cells that are nobody's.
 *
 * Returns: (transfer none) (nullable): what is at work, %NULL when there is
 *   nothing to run
 */
RdImpact *
rd_impact_new (RdRun * run,
    gboolean (*begin_next) (RdImpact * impact, GError ** error),
    GError ** error)
{
  RdImpact *impact;

  if (run->job->regions->len == 0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "mode '%s' needs at least one region, like the ComfyUI node that it "
        "reproduces; choose mode 'sequential' for a plain sampler",
        run->mode->name);
    return NULL;
  }
  run->mode_data = impact = g_new0 (RdImpact, 1);
  impact->run = run;
  impact->begin_next = begin_next;
  impact->latent = rd_tensor_ref (run->latent);
  impact->next = run->start;
  return prepare_owners (impact, error) && warn_of_gaps (impact, error)
      ? impact : NULL;
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
        "without noise, because it has a variation in mode '%s'; use a mask "
        "with hard edges on the borders of latent cells or another mode",
        region->id, edge, impact->run->mode->name);
  return TRUE;
}

/**
 * rd_impact_make_noise:
 * @impact: what is at work
 * @error: receives the stream's failure
 *
 * Gives the base's passes the noise that they add: unit noise of the run's seed
 * with the regions' own mixed in.
 *
 * Returns: %FALSE when the stream has failed
 */
gboolean
rd_impact_make_noise (RdImpact * impact, GError ** error)
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
      return FALSE;
    if (!impact->warned_of_edges && !warn_of_edge (impact, region, mask, error))
      return FALSE;
  }
  impact->warned_of_edges = TRUE;
  g_clear_pointer (&impact->noise, rd_tensor_unref);
  impact->noise = g_steal_pointer (&noise);
  return TRUE;
}
