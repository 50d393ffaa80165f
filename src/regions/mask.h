/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:mask
 *
 * A picture in host memory that says how much of each pixel a region covers.
 */

/**
 * RdMask:
 * @width: columns
 * @height: rows
 * @data: coverage 0..1, row by row
 *
 * Reference counted; not changed once shared.
 */
typedef struct
{
  gatomicrefcount ref_count;
  guint width;
  guint height;
  float *data;
} RdMask;

/**
 * RdMaskFilter:
 * @RD_MASK_MEAN: where the mask shrinks, the mean of what a pixel covers, so that
 *   thin lines keep their share of the picture; where it grows, bilinear
 * @RD_MASK_POINTS: bilinear points, however much it shrinks, as ComfyUI does it
 *
 * How a mask is stretched to a picture of another size.
 */
typedef enum
{
  RD_MASK_MEAN,
  RD_MASK_POINTS,
} RdMaskFilter;

RdMask *rd_mask_new (guint width, guint height);
RdMask *rd_mask_new_from_gray8 (guint width, guint height, gsize stride,
    const guint8 * data);
RdMask *rd_mask_new_from_alpha (guint width, guint height, gsize stride,
    const guint8 * rgba);
RdMask *rd_mask_new_product (const RdMask * a, const RdMask * b);
RdMask *rd_mask_new_inverse (const RdMask * mask);
RdMask *rd_mask_stretch (RdMask * mask, guint width, guint height,
    RdMaskFilter filter);
double rd_mask_coverage (const RdMask * mask);
gboolean rd_mask_is_empty (const RdMask * mask);
gboolean rd_mask_is_full (const RdMask * mask, const RdMask * within);
RdMask *rd_mask_ref (RdMask * mask);
void rd_mask_unref (RdMask * mask);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdMask, rd_mask_unref)

G_END_DECLS
