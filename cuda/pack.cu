/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

/* Four bytes of a row each, written as one where they are aligned, so that
 * neighbours write side by side: three of them are four pixels. */

struct alignas (4) Four
{
  uint8_t byte[4];
};

static __host__ __device__ __forceinline__ size_t
fours_of_row (int64_t w)
{
  return ((size_t) w * 3 + 3) / 4;
}

__global__ void __launch_bounds__ (RD_THREADS)
pack_kernel (uint8_t *rgb, size_t stride, const float *in, int64_t h,
    int64_t w, int aligned)
{
  const size_t plane = (size_t) (h * w), fours = fours_of_row (w);

  RD_FOR_EACH (i, h * fours) {
    const size_t y = i / fours;
    const uint32_t first = (uint32_t) (i % fours) * 4;
    const uint32_t rest = (uint32_t) w * 3 - first, n = rest < 4 ? rest : 4;
    uint8_t *to = rgb + y * stride + first;
    Four four = { };

    for (uint32_t k = 0; k < 4; k++)
      if (k < n)
        four.byte[k] = rd_op_pack (in[(first + k) % 3 * plane + y * w
                + (first + k) / 3]);
    if (aligned && n == 4)
      *(Four *) to = four;
    else
      for (uint32_t k = 0; k < n; k++)
        to[k] = four.byte[k];
  }
}

void
rd_cuda_pack (cudaStream_t stream, uint8_t *rgb, size_t stride,
    const float *in, int64_t h, int64_t w)
{
  const int aligned = ((uintptr_t) rgb | stride) % sizeof (Four) == 0;

  RD_LAUNCH (pack_kernel, h * fours_of_row (w), stream, rgb, stride, in, h, w,
      aligned);
}
