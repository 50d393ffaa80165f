/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/region.h"

#include "base/error.h"

/**
 * rd_region_check_number:
 * @n: number of regions of one picture, or of one text
 * @error: return location for %RD_ERROR_INVALID
 *
 * Returns: whether there are at most %RD_MAX_REGIONS
 */
gboolean
rd_region_check_number (guint n, GError ** error)
{
  if (n <= RD_MAX_REGIONS)
    return TRUE;
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "%u regions are too many, a "
      "picture has up to %u; join those of one prompt in a mask, or leave out "
      "some", n, RD_MAX_REGIONS);
  return FALSE;
}

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
  guint n;
  const RdRegionSetting *settings = rd_region_settings (&n);

  g_atomic_ref_count_init (&region->ref_count);
  region->id = g_strdup (id);
  for (guint i = 0; i < n; i++)
    rd_settings_init (region, 1, &settings[i].setting);
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
  RdRegion *copy = g_new0 (RdRegion, 1);
  guint n;
  const RdRegionSetting *settings = rd_region_settings (&n);

  g_atomic_ref_count_init (&copy->ref_count);
  copy->id = g_strdup (id);
  for (guint i = 0; i < n; i++)
    rd_region_copy_setting (copy, region, &settings[i]);
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
  guint n;
  const RdRegionSetting *settings = rd_region_settings (&n);

  if (!g_atomic_ref_count_dec (&region->ref_count))
    return;

  g_free (region->id);
  for (guint i = 0; i < n; i++)
    rd_settings_clear (region, 1, &settings[i].setting);
  rd_shape_clear (&region->shape);
  g_free (region);
}
