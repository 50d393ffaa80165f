/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

__global__ void __launch_bounds__ (RD_THREADS)
patches_kernel (float *out, const float *in, size_t n, int64_t c, int64_t h,
    int64_t w, int64_t size, int joins)
{
  RD_FOR_EACH (i, n) {
    const int64_t place = rd_op_patch_place ((int64_t) i, c, h, w, size);

    if (joins)
      out[place] = in[i];
    else
      out[i] = in[place];
  }
}

void
rd_cuda_patches (cudaStream_t stream, float *out, const float *in, size_t n,
    int64_t c, int64_t h, int64_t w, int64_t size, int joins)
{
  RD_LAUNCH (patches_kernel, n, stream, out, in, n, c, h, w, size, joins);
}
