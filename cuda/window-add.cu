/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

__global__ void __launch_bounds__ (RD_THREADS)
window_add_kernel (float *out, const float *in, int64_t planes, int64_t out_h,
    int64_t out_w, int64_t in_h, int64_t in_w, int64_t top, int64_t left,
    const float *rows, const float *columns)
{
  RD_FOR_EACH (i, (size_t) (planes * in_h * in_w)) {
    const int64_t row = (int64_t) i / in_w, x = (int64_t) i % in_w;
    const int64_t y = row % in_h;
    float *cell = out + (row / in_h * out_h + y + top) * out_w + x + left;

    *cell = rd_op_window_add (*cell, rows[y], columns[x], in[i]);
  }
}

void
rd_cuda_window_add (cudaStream_t stream, float *out, const float *in,
    int64_t planes, int64_t out_h, int64_t out_w, int64_t in_h, int64_t in_w,
    int64_t top, int64_t left, const float *rows, const float *columns)
{
  RD_LAUNCH (window_add_kernel, (size_t) (planes * in_h * in_w), stream, out,
      in, planes, out_h, out_w, in_h, in_w, top, left, rows, columns);
}
