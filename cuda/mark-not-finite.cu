/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

__global__ void __launch_bounds__ (RD_THREADS)
mark_not_finite_kernel (int32_t *first, const float *in, size_t n,
    int32_t mark)
{
  int finite = 1;

  RD_FOR_EACH (i, n)
    finite &= rd_op_is_finite (in[i]);
  if (!finite)
    atomicMin (first, mark);
}

void
rd_cuda_mark_not_finite (cudaStream_t stream, int32_t * first, const float *in,
    size_t n, int32_t mark)
{
  RD_LAUNCH (mark_not_finite_kernel, n, stream, first, in, n, mark);
}
