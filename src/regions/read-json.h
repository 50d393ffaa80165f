/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "json/read.h"
#include "regions/region.h"

G_BEGIN_DECLS

/* What the readers of documents in JSON have in common. */

/**
 * RdRegionReader:
 * @folder: (nullable): folder that paths are relative to
 * @pixels: coordinates are in picture pixels, else in 0..1
 * @ids: (nullable): of all regions so far, from id to path in the document
 */
typedef struct
{
  const char *folder;
  gboolean pixels;
  GHashTable *ids;
} RdRegionReader;

gboolean rd_region_read_units (const char *path, JsonNode * node,
    gboolean * pixels, GError ** error);
gboolean rd_region_read_box (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdShape * shape, GError ** error);
gboolean rd_region_read_polygon (const RdRegionReader * reader,
    const char *path, JsonNode * node, RdShape * shape,
    GError ** error);
gboolean rd_region_read_mask (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdShape * shape, GError ** error);
gboolean rd_region_read_match (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdShape * shape, GError ** error);

/**
 * RdKeysOf:
 * @RD_KEYS_OF_REGION: a region of a document
 * @RD_KEYS_OF_BASE: the base in a document
 * @RD_KEYS_OF_CLASS: a class of detections
 *
 * What a JSON object describes, which decides on the keys that it may have.
 */
typedef enum
{
  RD_KEYS_OF_REGION = 1 << 0,
  RD_KEYS_OF_BASE = 1 << 1,
  RD_KEYS_OF_CLASS = 1 << 2,
} RdKeysOf;

gboolean rd_region_read_keys (const RdRegionReader * reader, const char *path,
    JsonObject * object, RdKeysOf of, RdRegion * region, GError ** error);

G_END_DECLS
