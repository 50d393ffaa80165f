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

RdMask *rd_mask_new (guint width, guint height);
RdMask *rd_mask_new_from_gray8 (guint width, guint height, gsize stride,
    const guint8 * data);
RdMask *rd_mask_new_from_color (guint width, guint height, gsize stride,
    const guint8 * rgb, guint32 color);
RdMask *rd_mask_new_inverse (const RdMask * mask);
double rd_mask_coverage (const RdMask * mask);
RdMask *rd_mask_ref (RdMask * mask);
void rd_mask_unref (RdMask * mask);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdMask, rd_mask_unref)

G_END_DECLS
