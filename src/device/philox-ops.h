/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* The arithmetic of philox.h, written once for every device, as ops.h is. */

#include "device/ops.h"

#define RD_PHILOX_LANES 4
#define RD_PHILOX_ROUNDS 10

/* draws of a seed, and rows of a batch, that are told apart */
#define RD_PHILOX_MAX_DRAWS ((uint64_t) 1 << 40)
#define RD_PHILOX_MAX_ROWS ((uint64_t) 1 << 24)

/* @counter is replaced by random bits */
RD_OP void
rd_philox4x32 (uint32_t counter[RD_PHILOX_LANES], uint32_t key0, uint32_t key1)
{
  for (int round = 0; round < RD_PHILOX_ROUNDS; round++) {
    const uint64_t p0 = (uint64_t) 0xd2511f53u * counter[0];
    const uint64_t p1 = (uint64_t) 0xcd9e8d57u * counter[2];

    counter[0] = (uint32_t) (p1 >> 32) ^ counter[1] ^ key0;
    counter[1] = (uint32_t) p1;
    counter[2] = (uint32_t) (p0 >> 32) ^ counter[3] ^ key1;
    counter[3] = (uint32_t) p0;
    /* Weyl sequences by the golden ratio and by sqrt(3) - 1 */
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
}

/* in (0, 1] */
RD_OP float
rd_philox_uniform (uint32_t bits)
{
  return ((float) bits + 0.5f) * 0x1p-32f;
}

/* The point of the circle at a part of a turn. On a GPU cosf() and sinf() reduce
 * any angle, with a table and in memory of the thread's own; sincospif() is
 * exact about the turn and needs neither. The two differ by what the angle is
 * rounded to here, 4.1e-7 at most, and by the last digits of the functions. */
RD_OP void
rd_philox_circle (float turn, float *cosine, float *sine)
{
#ifdef __CUDACC__
  sincospif (2.0f * turn, sine, cosine);
#else
  const float angle = 6.28318530717958648f * turn;

  *cosine = cosf (angle);
  *sine = sinf (angle);
#endif
}

/* Box and Muller, 1958: two uniform numbers become two normal ones */
RD_OP void
rd_philox_normal_pair (uint32_t bits0, uint32_t bits1, float out[2])
{
  const float radius = sqrtf (-2.0f * logf (rd_philox_uniform (bits0)));
  float cosine, sine;

  rd_philox_circle (rd_philox_uniform (bits1), &cosine, &sine);
  out[0] = radius * cosine;
  out[1] = radius * sine;
}

/* the @draw-th of a row's own */
RD_OP uint64_t
rd_philox_row_offset (uint64_t draw, uint64_t row)
{
  return row * RD_PHILOX_MAX_DRAWS + draw;
}

/* Four numbers of a draw: the @block-th four of the @offset-th draw of a
 * @seed. */
RD_OP void
rd_philox_normal4 (uint64_t seed, uint64_t offset, uint64_t block,
    float out[RD_PHILOX_LANES])
{
  uint32_t bits[RD_PHILOX_LANES] = {
    (uint32_t) block, (uint32_t) (block >> 32),
    (uint32_t) offset, (uint32_t) (offset >> 32)
  };

  rd_philox4x32 (bits, (uint32_t) seed, (uint32_t) (seed >> 32));
  rd_philox_normal_pair (bits[0], bits[1], out);
  rd_philox_normal_pair (bits[2], bits[3], out + 2);
}
