/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampler/gstregionalpart.h"

/*
 * gst_regional_part_new_base:
 * @settings: the element's, which must outlive the part
 *
 * Returns: (transfer full): the base
 */
GstRegionalPart *
gst_regional_part_new_base (const GstRegionalSettings * settings)
{
  GstRegionalPart *part = g_new0 (GstRegionalPart, 1);
  guint n;

  part->region = rd_region_new ("base");
  part->prompt = g_strdup (settings->prompt);
  part->negative_prompt = settings->negative_prompt;
  part->cfg = settings->cfg;
  part->solver = &rd_solver_list (&n)[settings->sampler];
  part->scheduler = &rd_scheduler_list (&n)[settings->scheduler];
  part->sigma_factor = settings->sigma_factor;
  part->overlap_factor = settings->overlap_factor;
  part->feather = settings->feather;
  return part;
}

/*
 * gst_regional_part_new_region:
 * @base: what it inherits from
 * @region: its settings
 * @mask: (nullable): its mask, if it is not to be painted from its shape
 *
 * Returns: (transfer full): a region
 */
GstRegionalPart *
gst_regional_part_new_region (const GstRegionalPart * base, RdRegion * region,
    RdMask * mask)
{
  GstRegionalPart *part = g_new (GstRegionalPart, 1);

  *part = *base;
  part->region = rd_region_ref (region);
  part->mask = mask ? rd_mask_ref (mask) : NULL;
  part->model = NULL;
  part->prompt = g_strdup (base->prompt);
  gst_regional_part_overlay (part, region);
  return part;
}

void
gst_regional_part_free (GstRegionalPart * part)
{
  rd_region_unref (part->region);
  g_clear_pointer (&part->mask, rd_mask_unref);
  g_clear_pointer (&part->model, rd_model_unref);
  g_free (part->prompt);
  g_free (part);
}

/*
 * gst_regional_part_overlay:
 * @part: a part
 * @region: settings that go before the part's; must outlive it
 */
void
gst_regional_part_overlay (GstRegionalPart * part, const RdRegion * region)
{
  if (region->prompt) {
    g_free (part->prompt);
    part->prompt = g_strdup (region->prompt);
  }
  if (region->negative_prompt)
    part->negative_prompt = region->negative_prompt;
  if (region->model)
    part->model_folder = region->model;
  if (region->has_cfg)
    part->cfg = region->cfg;
  if (region->sampler)
    part->solver = rd_solver_find (region->sampler, NULL);
  if (region->scheduler)
    part->scheduler = rd_scheduler_find (region->scheduler, NULL);
  if (region->has_sigma_factor)
    part->sigma_factor = region->sigma_factor;
  if (region->has_overlap_factor)
    part->overlap_factor = region->overlap_factor;
  if (region->has_feather)
    part->feather = region->feather;
}

/*
 * gst_regional_part_to_base:
 * @part: the base
 *
 * Returns: (transfer full): all that regions inherit from it, said
 */
RdRegion *
gst_regional_part_to_base (const GstRegionalPart * part)
{
  RdRegion *base = rd_region_new (part->region->id);

  base->prompt = g_strdup (part->prompt);
  base->negative_prompt = g_strdup (part->negative_prompt);
  base->sampler = g_strdup (part->solver->name);
  base->scheduler = g_strdup (part->scheduler->name);
  base->has_cfg = base->has_sigma_factor = TRUE;
  base->has_overlap_factor = base->has_feather = TRUE;
  base->cfg = part->cfg;
  base->sigma_factor = part->sigma_factor;
  base->overlap_factor = part->overlap_factor;
  base->feather = part->feather;
  return base;
}

/*
 * gst_regional_part_to_region:
 * @part: a region
 *
 * Returns: (transfer full): what it says itself, with the prompt that it has
 */
RdRegion *
gst_regional_part_to_region (const GstRegionalPart * part)
{
  RdRegion *region = rd_region_copy_settings (part->region, part->region->id);

  g_free (region->prompt);
  region->prompt = g_strdup (part->prompt);
  rd_shape_copy (&region->shape, &part->region->shape);
  return region;
}

/*
 * gst_regional_part_invert:
 * @mask: a mask
 * @id: whose it is
 * @error: %RD_ERROR_NO_MEMORY
 *
 * Returns: (transfer full) (nullable): 1 - @mask
 */
RdMask *
gst_regional_part_invert (const RdMask * mask, const gchar * id,
    GError ** error)
{
  RdMask *inverse = rd_mask_new_inverse (mask);

  if (!inverse)
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY,
        "%s: no memory for a mask of %ux%u", id, mask->width, mask->height);
  return inverse;
}

/*
 * gst_regional_part_paint:
 * @part: a region
 * @width: of the picture
 * @height: of the picture
 * @error: what rd_shape_rasterise() says, with the region's name
 *
 * Returns: (transfer full) (nullable): its mask: a pad's as it came, a shape at
 *   picture size
 */
RdMask *
gst_regional_part_paint (const GstRegionalPart * part, guint width,
    guint height, GError ** error)
{
  const RdRegion *region = part->region;
  g_autoptr (RdMask) mask = NULL;

  if (part->mask)
    mask = rd_mask_ref (part->mask);
  else
    mask = rd_shape_rasterise (&region->shape, width, height, error);
  if (!mask) {
    g_prefix_error (error, "%s: ", region->id);
    return NULL;
  }
  if (!region->invert)
    return g_steal_pointer (&mask);
  return gst_regional_part_invert (mask, region->id, error);
}

/*
 * gst_regional_part_describe:
 * @part: a part whose model is open
 * @mask: (nullable): where it is
 *
 * Returns: (transfer full): a line for the log
 */
gchar *
gst_regional_part_describe (const GstRegionalPart * part, const RdMask * mask)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "%s: \"%s\"", part->region->id, part->prompt);
  if (*part->negative_prompt)
    g_string_append_printf (text, " away from \"%s\"", part->negative_prompt);
  if (mask)
    g_string_append_printf (text, " on %.1f %% of the picture",
        100.0 * rd_mask_coverage (mask));
  g_string_append_printf (text, ", cfg %g, sampler %s, scheduler %s",
      part->cfg, part->solver->name, part->scheduler->name);
  if (part->sigma_factor != 1.0)
    g_string_append_printf (text, ", sigma factor %g", part->sigma_factor);
  if (part->model_folder)
    g_string_append_printf (text, ", model %s", part->model_folder);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
