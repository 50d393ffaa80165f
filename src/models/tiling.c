/* SPDX-License-Identifier: LGPL-2.1-or-later */
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
rd_tiling_init (RdTiling * tiling, guint length, guint size, guint overlap)
{
  g_return_if_fail (length > 0 && overlap < size);

  tiling->size = MIN (size, length);
  tiling->n = length <= size ? 1
      : (length - overlap + size - overlap - 1) / (size - overlap);
  tiling->starts = g_new0 (guint, tiling->n);
  for (guint i = 1; i < tiling->n; i++)
    tiling->starts[i] = (guint) ((guint64) i * (length - size)
        / (tiling->n - 1));
}

void
rd_tiling_clear (RdTiling * tiling)
{
  g_clear_pointer (&tiling->starts, g_free);
}

/* How far tile @i has come in, from 0 to 1: linearly, at the cells' centres,
 * from where it starts to where the one before it ends. */
static double
presence (const RdTiling * tiling, guint i, guint cell, guint scale)
{
  const guint from = tiling->starts[i] * scale;
  guint to;

  if (i == 0)
    return 1.0;
  to = (tiling->starts[i - 1] + tiling->size) * scale;
  return cell < from ? 0.0 : cell >= to ? 1.0
      : (cell - from + 0.5) / (to - from);
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
rd_tiling_shares (const RdTiling * tiling, guint i, guint scale)
{
  const guint n = tiling->size * scale;
  float *shares = g_new (float, n);

  for (guint k = 0; k < n; k++) {
    const guint cell = tiling->starts[i] * scale + k;
    double share = presence (tiling, i, cell, scale);

    /* what later tiles leave; so the sum is 1 however many overlap */
    for (guint later = i + 1; later < tiling->n; later++)
      share *= 1.0 - presence (tiling, later, cell, scale);
    shares[k] = (float) share;
  }
  return shares;
}
