/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* How a kernel is launched, for nvcc and for the host compiler. A kernel is a
 * grid-stride loop over n elements, or over n of each of some rows; what it does
 * with one is in ops.h. */

#include <cuda_runtime.h>

#include "kernels.h"
#include "device/ops.h"

#define RD_THREADS 256

/* Enough blocks to fill any device there is; a loop does the rest. */
#ifndef RD_MAX_BLOCKS
#define RD_MAX_BLOCKS 4096
#endif

static inline unsigned
rd_up_to_max_blocks (size_t n)
{
  return (unsigned) (n < 1 ? 1 : n > RD_MAX_BLOCKS ? RD_MAX_BLOCKS : n);
}

static inline dim3
rd_blocks (size_t n, size_t n_rows)
{
  return dim3 (rd_up_to_max_blocks ((n + RD_THREADS - 1) / RD_THREADS),
      rd_up_to_max_blocks (n_rows));
}

#ifdef __CUDACC__
#define RD_LAUNCH_2D(kernel, n_rows, n, stream, ...) \
    kernel<<<rd_blocks (n, n_rows), RD_THREADS, 0, stream>>> (__VA_ARGS__)
#else
#define RD_LAUNCH_2D(kernel, n_rows, n, stream, ...) \
    cudacpu::launch (#kernel, rd_blocks (n, n_rows), RD_THREADS, stream, \
        kernel, __VA_ARGS__)
#endif

#define RD_LAUNCH(kernel, n, stream, ...) \
    RD_LAUNCH_2D (kernel, 1, n, stream, __VA_ARGS__)

/* the elements of one thread */
#define RD_FOR_EACH(i, n) \
    for (size_t i = (size_t) blockIdx.x * blockDim.x + threadIdx.x; \
        i < (n); i += (size_t) gridDim.x * blockDim.x)

/* likewise, of its row of blocks */
#define RD_FOR_EACH_2D(row, i, n_rows, n) \
    for (size_t row = blockIdx.y; row < (n_rows); row += gridDim.y) \
      RD_FOR_EACH (i, n)
