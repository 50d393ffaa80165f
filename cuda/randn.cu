/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"
#include "vector.h"
#include "device/philox-ops.h"

/* Four numbers of a row each, in one access where they are whole and aligned:
 * rows of any length follow each other without a gap. */
__global__ void __launch_bounds__ (RD_THREADS)
randn_kernel (float *out, size_t n_rows, size_t n, uint64_t seed,
    uint64_t draw)
{
  const size_t n_blocks = (n + RD_PHILOX_LANES - 1) / RD_PHILOX_LANES;

  RD_FOR_EACH_2D (row, block, n_rows, n_blocks) {
    const size_t left = n - block * RD_PHILOX_LANES;
    float *to = out + row * n + block * RD_PHILOX_LANES;
    RdPack<RD_PHILOX_LANES> four;

    rd_philox_normal4 (seed, rd_philox_row_offset (draw, row), block,
        four.value);
    if (left >= RD_PHILOX_LANES && (uintptr_t) to % sizeof (float4) == 0) {
      rd_pack_store (&four, to, 0, 0);
    } else {
      for (int k = 0; k < RD_PHILOX_LANES; k++)
        if ((size_t) k < left)
          to[k] = four.value[k];
    }
  }
}

void
rd_cuda_randn (cudaStream_t stream, float *out, size_t n_rows, size_t n,
    uint64_t seed, uint64_t draw)
{
  RD_LAUNCH_2D (randn_kernel, n_rows, (n + RD_PHILOX_LANES - 1)
      / RD_PHILOX_LANES, stream, out, n_rows, n, seed, draw);
}
