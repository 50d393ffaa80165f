/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "launch.h"

__global__ void __launch_bounds__ (RD_THREADS)
half_from_float_kernel (uint16_t *out, const float *in, size_t n)
{
  RD_FOR_EACH (i, n)
    out[i] = rd_op_half_from_float (in[i]);
}

__global__ void __launch_bounds__ (RD_THREADS)
float_from_half_kernel (float *out, const uint16_t *in, size_t n)
{
  RD_FOR_EACH (i, n)
    out[i] = rd_op_float_from_half (in[i]);
}

void
rd_cuda_half_from_float (cudaStream_t stream, uint16_t *out, const float *in,
    size_t n)
{
  RD_LAUNCH (half_from_float_kernel, n, stream, out, in, n);
}

void
rd_cuda_float_from_half (cudaStream_t stream, float *out, const uint16_t *in,
    size_t n)
{
  RD_LAUNCH (float_from_half_kernel, n, stream, out, in, n);
}
