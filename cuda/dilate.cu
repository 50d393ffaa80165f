/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

__global__ void __launch_bounds__ (RD_THREADS)
dilate_kernel (float *out, const float *in, int64_t h, int64_t w, int axis,
    int64_t before, int64_t after)
{
  RD_FOR_EACH (i, (size_t) (h * w)) {
    const int64_t length = axis == 0 ? w : h, step = axis == 0 ? 1 : w;
    const int64_t at = axis == 0 ? (int64_t) i % w : (int64_t) i / w;
    const int64_t first = at < before ? -at : -before;
    const int64_t last = length - 1 - at < after ? length - 1 - at : after;
    float most = in[i];

    for (int64_t k = first; k <= last; k++)
      most = rd_op_dilate_next (most, in[(int64_t) i + k * step]);
    out[i] = most;
  }
}

void
rd_cuda_dilate (cudaStream_t stream, float *out, const float *in, int64_t h,
    int64_t w, int axis, int64_t before, int64_t after)
{
  RD_LAUNCH (dilate_kernel, (size_t) (h * w), stream, out, in, h, w, axis,
      before, after);
}
