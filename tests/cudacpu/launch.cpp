/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Kernels: blocks and threads run in another order with every launch. For the
 * thread sanitizer every thread of a kernel is one of its own, where
 * CUDACPU_FIBERS is set: it takes time. */

#include "process.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <vector>

#if defined(CUDACPU_RACES)
#include <sanitizer/tsan_interface.h>
#endif

using cudacpu::process;

__thread dim3 blockIdx, blockDim, threadIdx, gridDim;

namespace
{

std::vector<unsigned>
any_order (unsigned n)
{
  std::vector<unsigned> order (n);
  std::lock_guard<std::mutex> guard (process.lock);

  std::iota (order.begin (), order.end (), 0u);
  switch (process.random () % 3) {
    case 0:
      break;
    case 1:
      std::reverse (order.begin (), order.end ());
      break;
    default:
      std::shuffle (order.begin (), order.end (), process.random);
      break;
  }
  return order;
}

/* All threads of a launch, in any order. */
void
run_kernel (dim3 blocks, unsigned threads,
    const std::function<void ()> &thread)
{
  gridDim = blocks;
  blockDim.x = threads;
  for (unsigned block : any_order (blocks.x * blocks.y)) {
    blockIdx = dim3 (block % blocks.x, block / blocks.x);
    for (unsigned index : any_order (threads)) {
      threadIdx.x = index;
      thread ();
    }
  }
}

#if defined(CUDACPU_RACES)
/* The same, each as a fiber that knows what came before the launch and nothing
 * of the others. */
void
run_kernel_in_fibers (dim3 blocks, unsigned threads,
    const std::function<void ()> &thread)
{
  static char end;
  void *self = __tsan_get_current_fiber ();
  std::vector<void *> fibers;

  for (unsigned i = 0; i < blocks.x * blocks.y * threads; i++)
    fibers.push_back (__tsan_create_fiber (0));
  gridDim = blocks;
  blockDim.x = threads;
  for (unsigned i : any_order (fibers.size ())) {
    const unsigned block = i / threads;

    blockIdx = dim3 (block % blocks.x, block / blocks.x);
    threadIdx.x = i % threads;
    __tsan_switch_to_fiber (fibers[i], __tsan_switch_to_fiber_no_sync);
    thread ();
    __tsan_release (&end);
    __tsan_switch_to_fiber (self, __tsan_switch_to_fiber_no_sync);
  }
  __tsan_acquire (&end);
  for (void *fiber : fibers)
    __tsan_destroy_fiber (fiber);
}
#endif

}

void
cudacpu::enqueue_kernel (const char *name, dim3 blocks, unsigned threads,
    cudaStream_t stream, std::function<void ()> thread)
{
  bool lost = false;
  cudaError_t error = begin_call (stream, &lost);

  if (!stream)
    misuse (name);
  if (error == cudaSuccess && stream->device != current_device)
    error = cudaErrorInvalidResourceHandle;
  if (error != cudaSuccess) {
    remember (error);
    return;
  }
  {
    std::lock_guard<std::mutex> guard (process.lock);

    process.n_launches++;
  }
  if (lost)
    return;
  enqueue (stream, [blocks, threads, thread = std::move (thread)] {
#if defined(CUDACPU_RACES)
    if (std::getenv ("CUDACPU_FIBERS")) {
      run_kernel_in_fibers (blocks, threads, thread);
      return;
    }
#endif
    run_kernel (blocks, threads, thread);
  });
}
