/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "models/tiling.h"

/**
 * rd_tiling_init:
 * @tiling: (out caller-allocates): receives the tiles
 * @length: cells to cover
 * @size: cells of one tile, if @length is not less
 * @overlap: cells that neighbours share at least, less than @size
 *
 * As few tiles as possible, spread evenly.
 */
void
rd_tiling_init (RdTiling * tiling, gint64 length, guint size, guint overlap)
{
  const gint64 step = (gint64) size - overlap;

  g_return_if_fail (length > 0 && overlap < size);

  tiling->size = (guint) MIN (size, length);
  tiling->n = length <= size ? 1 : (length - overlap + step - 1) / step;
  tiling->starts = g_new0 (gint64, tiling->n);
  for (gint64 i = 1; i < tiling->n; i++)
    tiling->starts[i] = i * (length - size) / (tiling->n - 1);
}

/**
 * rd_tiling_clear:
 * @tiling: tiles, or all zero
 */
void
rd_tiling_clear (RdTiling * tiling)
{
  g_clear_pointer (&tiling->starts, g_free);
}

/* How far tile @i has come in, from 0 to 1: linearly, at the cells' centres,
 * from where it starts to where the one before it ends. */
static double
presence (const RdTiling * tiling, gint64 i, gint64 cell, guint scale)
{
  const gint64 from = tiling->starts[i] * scale;
  gint64 to;

  if (i == 0)
    return 1.0;
  to = (tiling->starts[i - 1] + tiling->size) * scale;
  return cell < from ? 0.0 : cell >= to ? 1.0
      : ((double) (cell - from) + 0.5) / (double) (to - from);
}

/**
 * rd_tiling_shares:
 * @tiling: tiles
 * @i: which of them
 * @scale: how many cells of the result belong to one of the input
 *
 * Returns: (transfer full): the tile's share in each of its @scale * size cells
 */
float *
rd_tiling_shares (const RdTiling * tiling, gint64 i, guint scale)
{
  const guint n = tiling->size * scale;
  float *shares = g_new (float, n);

  for (guint k = 0; k < n; k++) {
    const gint64 cell = tiling->starts[i] * scale + k;
    double share = presence (tiling, i, cell, scale);

    /* what later tiles leave; so the sum is 1 however many overlap */
    for (gint64 later = i + 1; later < tiling->n; later++)
      share *= 1.0 - presence (tiling, later, cell, scale);
    shares[k] = (float) share;
  }
  return shares;
}
