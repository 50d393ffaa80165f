/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

__global__ void __launch_bounds__ (RD_THREADS)
convolve_kernel (float *out, const float *in, int64_t h, int64_t w, int axis,
    int64_t n_taps, const float *taps)
{
  RD_FOR_EACH (i, (size_t) (h * w)) {
    const int64_t length = axis == 0 ? w : h, step = axis == 0 ? 1 : w;
    const int64_t at = axis == 0 ? (int64_t) i % w : (int64_t) i / w;
    float sum = 0.0f;

    for (int64_t k = 0; k < n_taps; k++) {
      const int64_t to = at + k - n_taps / 2;
      const int64_t place = to < 0 ? 0 : to >= length ? length - 1 : to;

      sum = rd_op_convolve_next (sum, taps[k],
          in[(int64_t) i + (place - at) * step]);
    }
    out[i] = sum;
  }
}

void
rd_cuda_convolve (cudaStream_t stream, float *out, const float *in, int64_t h,
    int64_t w, int axis, int64_t n_taps, const float *taps)
{
  RD_LAUNCH (convolve_kernel, (size_t) (h * w), stream, out, in, h, w, axis,
      n_taps, taps);
}
