/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

__global__ void __launch_bounds__ (RD_THREADS)
resize_kernel (float *out, const float *in, int64_t out_h, int64_t out_w,
    int64_t in_h, int64_t in_w, int area)
{
  RD_FOR_EACH (i, (size_t) (out_h * out_w)) {
    const int64_t y = (int64_t) i / out_w, x = (int64_t) i % out_w;

    out[i] = area ? rd_op_area (in, in_h, in_w, out_h, out_w, y, x)
        : rd_op_bilinear (in, in_h, in_w, out_h, out_w, y, x);
  }
}

void
rd_cuda_resize (cudaStream_t stream, float *out, const float *in,
    int64_t out_h, int64_t out_w, int64_t in_h, int64_t in_w, int area)
{
  RD_LAUNCH (resize_kernel, (size_t) (out_h * out_w), stream, out, in, out_h,
      out_w, in_h, in_w, area);
}
