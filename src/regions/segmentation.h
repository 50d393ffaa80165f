/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "regions/box.h"

G_BEGIN_DECLS

/**
 * SECTION:segmentation
 *
 * The result of a segmentation network: a map with one id for each pixel. Id 0 is
 * the background.
 */

/**
 * RD_SEGMENT_ANY:
 *
 * All ids but 0.
 */
#define RD_SEGMENT_ANY G_MAXUINT

/**
 * RdIdMap:
 * @width: columns
 * @height: rows
 * @bytes: of an id, 1 or 2
 * @big_endian: whether the higher byte is the first of two
 * @offset: bytes before the first row
 * @stride: bytes from one row to the next
 * @data: rows of ids
 * @size: bytes of @data, all in all
 *
 * A map of ids as its maker laid it out.
 */
typedef struct
{
  guint width, height;
  guint bytes;
  gboolean big_endian;
  gsize offset, stride;
  const guint8 *data;
  gsize size;
} RdIdMap;

/**
 * RdSegmentation:
 *
 * Reference counted; not changed once made.
 */
typedef struct _RdSegmentation RdSegmentation;

RdSegmentation *rd_segmentation_new (const RdIdMap * map, const RdBox * box,
    GError ** error);
RdSegmentation *rd_segmentation_ref (RdSegmentation * segmentation);
void rd_segmentation_unref (RdSegmentation * segmentation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdSegmentation, rd_segmentation_unref)

gboolean rd_segmentation_get_box (const RdSegmentation * segmentation,
    guint id, RdBox * box);
void rd_segmentation_paint (const RdSegmentation * segmentation, guint id,
    guint width, guint height, float *mask);

G_END_DECLS
