/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/owner.h"

#include "base/error.h"

/**
 * rd_plan_owner_new_base:
 * @settings: the base's
 * @error: %RD_ERROR_NOT_FOUND: there is no such sampler or scheduler
 *
 * Returns: (transfer full) (nullable): the base
 */
RdPlanOwner *
rd_plan_owner_new_base (const RdPlanSettings * settings, GError ** error)
{
  const RdSolverInfo *solver = rd_solver_find (settings->sampler, error);
  const RdScheduler *scheduler = NULL;
  RdPlanOwner *owner;

  if (solver)
    scheduler = rd_scheduler_find (settings->scheduler, error);
  if (!scheduler)
    return NULL;
  owner = g_new0 (RdPlanOwner, 1);
  owner->region = rd_region_new ("base");
  owner->prompt = g_strdup (settings->prompt);
  owner->negative_prompt = g_strdup (settings->negative_prompt);
  owner->cfg = settings->cfg;
  owner->solver = solver;
  owner->scheduler = scheduler;
  owner->sigma_factor = settings->sigma_factor;
  owner->overlap_factor = settings->overlap_factor;
  owner->feather = settings->feather;
  return owner;
}

/**
 * rd_plan_owner_new_region:
 * @base: what it inherits from
 * @region: its settings
 * @mask: (nullable): its mask, if it is not to be painted from its shape
 *
 * Returns: (transfer full): a region
 */
RdPlanOwner *
rd_plan_owner_new_region (const RdPlanOwner * base, RdRegion * region,
    RdMask * mask)
{
  RdPlanOwner *owner = g_new (RdPlanOwner, 1);

  *owner = *base;
  owner->region = rd_region_ref (region);
  owner->mask = mask ? rd_mask_ref (mask) : NULL;
  owner->invert = region->invert;
  owner->model = NULL;
  owner->prompt = g_strdup (base->prompt);
  owner->negative_prompt = g_strdup (base->negative_prompt);
  owner->model_folder = g_strdup (base->model_folder);
  rd_plan_owner_overlay (owner, region);
  return owner;
}

/**
 * rd_plan_owner_free:
 * @owner: (transfer full): the base or a region
 */
void
rd_plan_owner_free (RdPlanOwner * owner)
{
  rd_region_unref (owner->region);
  g_clear_pointer (&owner->mask, rd_mask_unref);
  g_clear_pointer (&owner->model, rd_model_unref);
  g_free (owner->prompt);
  g_free (owner->negative_prompt);
  g_free (owner->model_folder);
  g_free (owner);
}

static void
overlay_string (char **string, const char *over)
{
  if (!over)
    return;
  g_free (*string);
  *string = g_strdup (over);
}

/**
 * rd_plan_owner_overlay:
 * @owner: the base or a region
 * @region: settings that go before the owner's, where they say something
 */
void
rd_plan_owner_overlay (RdPlanOwner * owner, const RdRegion * region)
{
  overlay_string (&owner->prompt, region->prompt);
  overlay_string (&owner->negative_prompt, region->negative_prompt);
  overlay_string (&owner->model_folder, region->model);
  if (region->has_cfg)
    owner->cfg = region->cfg;
  if (region->sampler)
    owner->solver = rd_solver_find (region->sampler, NULL);
  if (region->scheduler)
    owner->scheduler = rd_scheduler_find (region->scheduler, NULL);
  if (region->has_sigma_factor)
    owner->sigma_factor = region->sigma_factor;
  if (region->has_overlap_factor)
    owner->overlap_factor = region->overlap_factor;
  if (region->has_feather)
    owner->feather = region->feather;
}

/**
 * rd_plan_owner_invert_mask:
 * @mask: a mask
 * @id: whose it is, for the error
 * @error: %RD_ERROR_NO_MEMORY
 *
 * Returns: (transfer full) (nullable): 1 - @mask
 */
RdMask *
rd_plan_owner_invert_mask (const RdMask * mask, const char *id, GError ** error)
{
  RdMask *inverse = rd_mask_new_inverse (mask);

  if (!inverse)
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY,
        "%s: no memory for a mask of %ux%u", id, mask->width, mask->height);
  return inverse;
}

/**
 * rd_plan_owner_paint:
 * @owner: a region
 * @width: of the picture
 * @height: of the picture
 * @error: what rd_shape_rasterise() says, or %RD_ERROR_NO_MEMORY, with the
 *   region's name
 *
 * Returns: (transfer full) (nullable): where the region is: a mask of its own
 *   in that mask's size, a shape in the picture's
 */
RdMask *
rd_plan_owner_paint (const RdPlanOwner * owner, guint width, guint height,
    GError ** error)
{
  const RdRegion *region = owner->region;
  g_autoptr (RdMask) mask = NULL;

  if (owner->mask)
    mask = rd_mask_ref (owner->mask);
  else
    mask = rd_shape_rasterise (&region->shape, width, height, error);
  if (!mask) {
    g_prefix_error (error, "%s: ", region->id);
    return NULL;
  }
  if (!owner->invert)
    return g_steal_pointer (&mask);
  return rd_plan_owner_invert_mask (mask, region->id, error);
}

/**
 * rd_plan_owner_to_base:
 * @owner: the base
 *
 * Returns: (transfer full): all that regions inherit from it, said
 */
RdRegion *
rd_plan_owner_to_base (const RdPlanOwner * owner)
{
  RdRegion *base = rd_region_new (owner->region->id);

  base->prompt = g_strdup (owner->prompt);
  base->negative_prompt = g_strdup (owner->negative_prompt);
  base->sampler = g_strdup (owner->solver->name);
  base->scheduler = g_strdup (owner->scheduler->name);
  base->has_cfg = base->has_sigma_factor = TRUE;
  base->has_overlap_factor = base->has_feather = TRUE;
  base->cfg = owner->cfg;
  base->sigma_factor = owner->sigma_factor;
  base->overlap_factor = owner->overlap_factor;
  base->feather = owner->feather;
  return base;
}

/**
 * rd_plan_owner_to_region:
 * @owner: a region
 *
 * Returns: (transfer full): what it says itself, with the prompt that it has
 */
RdRegion *
rd_plan_owner_to_region (const RdPlanOwner * owner)
{
  RdRegion *region = rd_region_copy_settings (owner->region, owner->region->id);

  g_free (region->prompt);
  region->prompt = g_strdup (owner->prompt);
  region->invert = owner->invert;
  rd_shape_copy (&region->shape, &owner->region->shape);
  return region;
}

/**
 * rd_plan_owner_describe:
 * @owner: the base or a region
 * @mask: (nullable): where it is
 *
 * Returns: (transfer full): a line for a log
 */
char *
rd_plan_owner_describe (const RdPlanOwner * owner, const RdMask * mask)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "%s: \"%s\"", owner->region->id, owner->prompt);
  if (*owner->negative_prompt)
    g_string_append_printf (text, " away from \"%s\"", owner->negative_prompt);
  if (mask)
    g_string_append_printf (text, " on %.1f %% of the picture",
        100.0 * rd_mask_coverage (mask));
  g_string_append_printf (text, ", cfg %g, sampler %s, scheduler %s",
      owner->cfg, owner->solver->name, owner->scheduler->name);
  if (owner->sigma_factor != 1.0)
    g_string_append_printf (text, ", sigma factor %g", owner->sigma_factor);
  if (owner->model_folder)
    g_string_append_printf (text, ", model %s", owner->model_folder);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
