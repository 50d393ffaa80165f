/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

__global__ void __launch_bounds__ (RD_THREADS)
partition_kernel (uint32_t n_maps, float *const *coverage, float *rest, size_t n)
{
  RD_FOR_EACH (i, n) {
    float sum = 0.0f, factor;

    for (uint32_t j = 0; j < n_maps; j++)
      sum += coverage[j][i];
    factor = rd_op_partition_factor (sum, rest[i]);
    for (uint32_t j = 0; j < n_maps; j++)
      coverage[j][i] *= factor;
    rest[i] = rd_op_partition_rest (sum, rest[i]);
  }
}

void
rd_cuda_partition (cudaStream_t stream, uint32_t n_maps, float *const *coverage,
    float *rest, size_t n)
{
  RD_LAUNCH (partition_kernel, n, stream, n_maps, coverage, rest, n);
}
