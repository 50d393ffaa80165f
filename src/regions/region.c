/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "regions/region.h"

/**
 * rd_region_new:
 * @id: its name
 *
 * Returns: (transfer full): a region that inherits everything, for the whole
 *   run, and that has no shape yet
 */
RdRegion *
rd_region_new (const char *id)
{
  RdRegion *region = g_new0 (RdRegion, 1);

  g_atomic_ref_count_init (&region->ref_count);
  region->id = g_strdup (id);
  region->strength = 1.0;
  region->end = 1.0;

  return region;
}

/**
 * rd_region_copy_settings:
 * @region: a region
 * @id: the name of the copy
 *
 * Returns: (transfer full): a region like @region, without its shape
 */
RdRegion *
rd_region_copy_settings (const RdRegion * region, const char *id)
{
  RdRegion *copy = g_memdup2 (region, sizeof *region);

  g_atomic_ref_count_init (&copy->ref_count);
  copy->id = g_strdup (id);
  copy->prompt = g_strdup (region->prompt);
  copy->negative_prompt = g_strdup (region->negative_prompt);
  copy->model = g_strdup (region->model);
  copy->sampler = g_strdup (region->sampler);
  copy->scheduler = g_strdup (region->scheduler);
  copy->shape = (RdShape) { RD_SHAPE_NONE };
  return copy;
}

/**
 * rd_region_ref:
 * @region: a region
 *
 * Returns: (transfer full): @region
 */
RdRegion *
rd_region_ref (RdRegion * region)
{
  g_atomic_ref_count_inc (&region->ref_count);
  return region;
}

/**
 * rd_region_unref:
 * @region: (transfer full): a region
 */
void
rd_region_unref (RdRegion * region)
{
  if (!g_atomic_ref_count_dec (&region->ref_count))
    return;

  g_free (region->id);
  g_free (region->prompt);
  g_free (region->negative_prompt);
  g_free (region->model);
  g_free (region->sampler);
  g_free (region->scheduler);
  rd_shape_clear (&region->shape);
  g_free (region);
}
