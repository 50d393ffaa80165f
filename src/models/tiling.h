/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:tiling
 *
 * Overlapping tiles along one axis, and the share that each has in every cell:
 * linear ramps over the overlaps, 1 elsewhere, their sum always 1. A plane's
 * shares are products of those of its axes.
 */

/**
 * RdTiling:
 * @n: number of tiles
 * @size: cells of each
 * @starts: first cell of each
 */
typedef struct
{
  gint64 n;
  guint size;
  gint64 *starts;
} RdTiling;

void rd_tiling_init (RdTiling * tiling, gint64 length, guint size,
    guint overlap);
void rd_tiling_clear (RdTiling * tiling);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RdTiling, rd_tiling_clear);

float *rd_tiling_shares (const RdTiling * tiling, gint64 i, guint scale);

G_END_DECLS
