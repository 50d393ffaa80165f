/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

__global__ void __launch_bounds__ (RD_THREADS)
map_kernel (float *out, const float *in, size_t n, int function)
{
  RD_FOR_EACH (i, n)
    out[i] = rd_op_map (function, in[i]);
}

void
rd_cuda_map (cudaStream_t stream, float *out, const float *in, size_t n,
    int function)
{
  RD_LAUNCH (map_kernel, n, stream, out, in, n, function);
}
