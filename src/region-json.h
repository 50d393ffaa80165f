/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "json.h"
#include "region.h"

G_BEGIN_DECLS

/* What the readers of regions in JSON share. */

/**
 * RdRegionReader:
 * @folder: (nullable): what paths are relative to
 * @pixels: coordinates are picture pixels
 * @ids: the regions so far, id -> path
 */
typedef struct
{
  const char *folder;
  gboolean pixels;
  GHashTable *ids;
} RdRegionReader;

gboolean rd_region_read_box (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdShape * shape, GError ** error);
gboolean rd_region_read_polygon (const RdRegionReader * reader,
    const char *path, JsonNode * node, RdShape * shape,
    GError ** error);
gboolean rd_region_read_mask (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdShape * shape, GError ** error);

G_END_DECLS
