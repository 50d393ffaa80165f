/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

__global__ void __launch_bounds__ (RD_THREADS)
surround_kernel (float *keep, float *use, const float *own, const float *done,
    size_t n)
{
  RD_FOR_EACH (i, n) {
    const float kept = rd_op_surround_keep (own[i], done[i]);

    use[i] = rd_op_surround_use (own[i], done[i]);
    keep[i] = kept;
  }
}

void
rd_cuda_surround (cudaStream_t stream, float *keep, float *use,
    const float *own, const float *done, size_t n)
{
  RD_LAUNCH (surround_kernel, n, stream, keep, use, own, done, n);
}
