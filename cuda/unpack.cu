/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

/* a pixel each, so that neighbours write side by side in every plane */
__global__ void __launch_bounds__ (RD_THREADS)
unpack_kernel (float *out, int64_t h, int64_t w, const uint8_t *rgb,
    size_t stride)
{
  const size_t plane = (size_t) (h * w);

  RD_FOR_EACH (i, plane) {
    const uint8_t *pixel = rgb + i / w * stride + i % w * 3;

    for (int c = 0; c < 3; c++)
      out[c * plane + i] = rd_op_unpack (pixel[c]);
  }
}

void
rd_cuda_unpack (cudaStream_t stream, float *out, int64_t h, int64_t w,
    const uint8_t *rgb, size_t stride)
{
  RD_LAUNCH (unpack_kernel, (size_t) (h * w), stream, out, h, w, rgb, stride);
}
