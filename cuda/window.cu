/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

__global__ void __launch_bounds__ (RD_THREADS)
window_kernel (float *out, const float *in, int64_t planes, int64_t out_h,
    int64_t out_w, int64_t in_h, int64_t in_w, int64_t top, int64_t left,
    int zero)
{
  RD_FOR_EACH (i, (size_t) (planes * out_h * out_w)) {
    const int64_t row = (int64_t) i / out_w;
    const int64_t x = (int64_t) i % out_w + left, y = row % out_h + top;
    const int outside = x < 0 || x >= in_w || y < 0 || y >= in_h;

    out[i] = zero && outside ? 0.0f
        : in[(row / out_h * in_h + rd_op_mirror (y, in_h)) * in_w
            + rd_op_mirror (x, in_w)];
  }
}

void
rd_cuda_window (cudaStream_t stream, float *out, const float *in,
    int64_t planes, int64_t out_h, int64_t out_w, int64_t in_h, int64_t in_w,
    int64_t top, int64_t left, int zero)
{
  RD_LAUNCH (window_kernel, (size_t) (planes * out_h * out_w), stream, out, in,
      planes, out_h, out_w, in_h, in_w, top, left, zero);
}
