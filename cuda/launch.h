/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How a kernel is launched, for nvcc and for the host compiler. A kernel is a
 * grid-stride loop over n elements; what it does with one is in ops.h. */

#include <cuda_runtime.h>

#include "kernels.h"
#include "ops.h"

#define RD_THREADS 256

/* Enough blocks to fill any device there is; a loop does the rest. */
#ifndef RD_MAX_BLOCKS
#define RD_MAX_BLOCKS 4096
#endif

static inline unsigned
rd_blocks (size_t n)
{
  size_t blocks = (n + RD_THREADS - 1) / RD_THREADS;

  return (unsigned) (blocks < 1 ? 1
      : blocks > RD_MAX_BLOCKS ? RD_MAX_BLOCKS : blocks);
}

#ifdef __CUDACC__
#define RD_LAUNCH(kernel, n, stream, ...) \
    kernel<<<rd_blocks (n), RD_THREADS, 0, stream>>> (__VA_ARGS__)
#else
#define RD_LAUNCH(kernel, n, stream, ...) \
    cudacpu::launch (#kernel, rd_blocks (n), RD_THREADS, stream, kernel, \
        __VA_ARGS__)
#endif

/* the elements of one thread */
#define RD_FOR_EACH(i, n) \
    for (size_t i = (size_t) blockIdx.x * blockDim.x + threadIdx.x; \
        i < (n); i += (size_t) gridDim.x * blockDim.x)
