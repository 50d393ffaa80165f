/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "device/philox.h"

/**
 * rd_philox_randn:
 * @seed: all 64 bits of it count
 * @offset: which draw of the seed: draws are independent of each other
 * @n: how many numbers
 * @out: (array length=n): receives them
 *
 * Standard normal numbers. The first numbers of a longer draw are those of a
 * shorter one. Devices make them of the same random bits; their logarithms and
 * sines may differ in the last digit.
 */
void
rd_philox_randn (guint64 seed, guint64 offset, gsize n, float *out)
{
  float normal[RD_PHILOX_LANES];
  gsize i;

  for (i = 0; i < n; i += RD_PHILOX_LANES) {
    rd_philox_normal4 (seed, offset, i / RD_PHILOX_LANES, normal);
    memcpy (out + i, normal, MIN (RD_PHILOX_LANES, n - i) * sizeof (float));
  }
}

/**
 * rd_philox_randn_rows:
 * @seed: all 64 bits of it count
 * @draw: less than %RD_PHILOX_MAX_DRAWS
 * @n_rows: of a batch, at most %RD_PHILOX_MAX_ROWS
 * @n: how many numbers each has
 * @out: (array length=n_rows*n): receives them
 *
 * A draw for a batch, in which every row has numbers of its own that are the
 * same in a batch of any size.
 */
void
rd_philox_randn_rows (guint64 seed, guint64 draw, gsize n_rows, gsize n,
    float *out)
{
  g_return_if_fail (draw < RD_PHILOX_MAX_DRAWS && n_rows <= RD_PHILOX_MAX_ROWS);

  for (gsize row = 0; row < n_rows; row++)
    rd_philox_randn (seed, rd_philox_row_offset (draw, row), n, out + row * n);
}
