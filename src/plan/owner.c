/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "plan/owner.h"

#include "base/error.h"
#include "base/text.h"

static gboolean
find_methods (RdPlanOwner * owner, GError ** error)
{
  owner->solver = rd_solver_find (owner->settings->sampler, error);
  if (!owner->solver)
    return FALSE;
  owner->scheduler = rd_scheduler_find (owner->settings->scheduler, error);
  return owner->scheduler != NULL;
}

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
  g_autoptr (RdPlanOwner) owner = g_new0 (RdPlanOwner, 1);
  RdRegion *base = rd_region_new ("base");

  base->prompt = g_strdup (settings->prompt);
  base->prompt_2 = g_strdup (settings->prompt_2);
  base->prompt_3 = g_strdup (settings->prompt_3);
  base->negative_prompt = g_strdup (settings->negative_prompt);
  base->cfg = settings->cfg;
  base->sampler = g_strdup (settings->sampler);
  base->scheduler = g_strdup (settings->scheduler);
  base->sigma_factor = settings->sigma_factor;
  base->overlap_factor = (int) MIN (settings->overlap_factor, G_MAXINT);
  base->feather = settings->feather;
  base->keep = settings->keep_base;
  owner->region = rd_region_ref (base);
  owner->settings = base;
  return find_methods (owner, error) ? g_steal_pointer (&owner) : NULL;
}

/**
 * rd_plan_owner_new_region:
 * @base: what it inherits from
 * @region: its settings
 * @mask: (nullable): its mask, if it is not to be painted from its shape
 * @error: %RD_ERROR_NOT_FOUND: there is no such sampler or scheduler
 *
 * Returns: (transfer full) (nullable): a region
 */
RdPlanOwner *
rd_plan_owner_new_region (const RdPlanOwner * base, RdRegion * region,
    RdMask * mask, GError ** error)
{
  g_autoptr (RdPlanOwner) owner = g_new0 (RdPlanOwner, 1);

  owner->region = rd_region_ref (region);
  owner->settings = rd_region_ref (base->settings);
  owner->mask = mask ? rd_mask_ref (mask) : NULL;
  owner->invert = region->invert;
  return rd_plan_owner_overlay (owner, region, error)
      ? g_steal_pointer (&owner) : NULL;
}

/**
 * rd_plan_owner_free:
 * @owner: (transfer full): the base or a region
 */
void
rd_plan_owner_free (RdPlanOwner * owner)
{
  rd_region_unref (owner->region);
  rd_region_unref (owner->settings);
  g_clear_pointer (&owner->mask, rd_mask_unref);
  g_clear_pointer (&owner->model, rd_model_unref);
  g_free (owner);
}

/**
 * rd_plan_owner_overlay:
 * @owner: the base or a region
 * @region: settings that go before the owner's, which it inherits
 * @error: %RD_ERROR_NOT_FOUND: there is no such sampler or scheduler, with the
 *   owner's name
 */
gboolean
rd_plan_owner_overlay (RdPlanOwner * owner, const RdRegion * region,
    GError ** error)
{
  g_autoptr (RdRegion) inherited = owner->settings;

  owner->settings = rd_region_copy_settings (region, owner->region->id);
  rd_region_inherit (owner->settings, inherited);
  if (find_methods (owner, error))
    return TRUE;
  g_prefix_error (error, "%s: ", owner->region->id);
  return FALSE;
}

/**
 * rd_plan_owner_cfg:
 * @owner: the base or a region, its model open
 *
 * Returns: its guidance scale: the model's where nobody has set one
 */
double
rd_plan_owner_cfg (const RdPlanOwner * owner)
{
  const double cfg = owner->settings->cfg;

  return cfg < 0.0 ? rd_model_info (owner->model)->cfg : cfg;
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
 * @filter: how masks are stretched to it
 * @error: what rd_shape_rasterise() says, or %RD_ERROR_NO_MEMORY, with the
 *   region's name
 *
 * Returns: (transfer full) (nullable): where the region is: a mask of its own
 *   in that mask's size, a shape in the picture's
 */
RdMask *
rd_plan_owner_paint (const RdPlanOwner * owner, guint width, guint height,
    RdMaskFilter filter, GError ** error)
{
  const RdRegion *region = owner->region;
  g_autoptr (RdMask) mask = NULL;

  if (owner->mask)
    mask = rd_mask_ref (owner->mask);
  else
    mask = rd_shape_rasterise (&region->shape, width, height, filter, error);
  if (!mask) {
    g_prefix_error (error, "%s: ", region->id);
    return NULL;
  }
  if (!owner->invert)
    return g_steal_pointer (&mask);
  return rd_plan_owner_invert_mask (mask, region->id, error);
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
  region->prompt = g_strdup (owner->settings->prompt);
  region->invert = owner->invert;
  rd_shape_copy (&region->shape, &owner->region->shape);
  return region;
}

/* Why a mask of a file has nothing in the picture. */
static char *
explain_file (const RdShape * shape)
{
  if (!rd_mask_is_empty (shape->mask))
    return g_strdup_printf ("the mask %s is so large that none of the single "
        "points falls on it that this mode takes; make it as large as the "
        "picture", shape->file);
  if (shape->has_color && !shape->invert)
    return g_strdup_printf ("the mask %s has no pixel of the color #%06x, the "
        "nearest one there is #%06x", shape->file, shape->color,
        shape->nearest_color);
  if (shape->channel == RD_CHANNEL_ALPHA)
    return g_strdup_printf ("the mask %s is %s everywhere", shape->file,
        shape->invert ? "opaque, and inverted," : "transparent");
  return
      g_strdup_printf ("the mask %s is %s everywhere, and white is inside of "
      "a region", shape->file,
      shape->invert ? "white, and inverted," : shape->channel ==
      RD_CHANNEL_BOTH ? "black or transparent" : "black");
}

/**
 * rd_plan_owner_explain_nothing:
 * @owner: a region whose mask is empty
 * @width: of the picture
 * @height: of the picture
 *
 * Returns: (transfer full): that the region covers nothing and why, for people;
 *   it begins with the region's name
 */
char *
rd_plan_owner_explain_nothing (const RdPlanOwner * owner, guint width,
    guint height)
{
  const RdShape *shape = &owner->region->shape;
  g_autofree char *why = NULL;

  switch (shape->kind) {
    case RD_SHAPE_MASK:
      why = explain_file (shape);
      break;
    case RD_SHAPE_PAD:
      why = g_strdup_printf ("the mask of the pad %s is black everywhere, or "
          "white and inverted", shape->pad);
      break;
    case RD_SHAPE_SEGMENT:
      why = g_strdup ("the segmentation has no pixel of it in the picture");
      break;
    default:
      why = g_strdup_printf ("its %s has no pixel of the picture of %ux%u",
          shape->kind == RD_SHAPE_POLYGON ? "polygon" : "box", width, height);
      break;
  }
  return g_strdup_printf ("%s: the region covers nothing: %s",
      owner->region->id, why);
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
  const RdRegion *s = owner->settings;
  g_autoptr (GString) text = g_string_new (NULL);

  if (s->keep)
    g_string_append_printf (text, "%s: keeps what came in", owner->region->id);
  else
    g_string_append_printf (text, "%s: \"%s\"", owner->region->id, s->prompt);
  if (*s->negative_prompt && !s->keep)
    g_string_append_printf (text, ", negative prompt \"%s\"",
        s->negative_prompt);
  if (mask)
    g_string_append_printf (text, " on %s %% of the picture",
        rd_text_number ("%.1f", 100.0 * rd_mask_coverage (mask)).text);
  if (s->keep)
    return g_string_free (g_steal_pointer (&text), FALSE);
  g_string_append_printf (text, ", cfg %s, sampler %s, scheduler %s",
      rd_text_number ("%g", rd_plan_owner_cfg (owner)).text,
      owner->solver->name, owner->scheduler->name);
  if (s->sigma_factor != 1.0)
    g_string_append_printf (text, ", sigma factor %s",
        rd_text_number ("%g", s->sigma_factor).text);
  if (s->model)
    g_string_append_printf (text, ", model %s", s->model);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
