/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* What kernels use of CUDA, for the host compiler: a launch copies its
 * arguments and queues a loop over all blocks and threads. Nothing that the
 * kernels do not use is here: no shared memory, no barriers. */

#include <cstdint>
#include <cstring>
#include <functional>
#include <tuple>
#include <utility>

#include "cuda_runtime_api.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__ ((always_inline))
#define __launch_bounds__(n)

/* few, so that the loop over what is left has something to do */
#define RD_MAX_BLOCKS 3

struct dim3
{
  unsigned x, y;

  constexpr dim3 (unsigned x = 1, unsigned y = 1): x (x), y (y) { }
};

/* not thread_local, of which every use asks whether it is set up yet */
extern __thread dim3 blockIdx, blockDim, threadIdx, gridDim;

struct uint2
{
  unsigned x, y;
};

struct float4
{
  float x, y, z, w;
};

inline uint2
make_uint2 (unsigned x, unsigned y)
{
  return { x, y };
}

inline float4
make_float4 (float x, float y, float z, float w)
{
  return { x, y, z, w };
}

namespace cudacpu
{

/* for what stands in for libraries beside the runtime: whether this call fails,
 * which device a stream is of, that the thread works there from now on, whether
 * memory is its own, work behind what is queued, and work at once when all that
 * is queued is done, with the device's memory at hand */
cudaError_t begin_call (cudaStream_t stream, bool *lost = nullptr);
int device_of (cudaStream_t stream);
void use_device_of (cudaStream_t stream);
bool is_device (cudaStream_t stream, const void *data, size_t size);
void enqueue (cudaStream_t stream, std::function<void ()> item);
void run_now (cudaStream_t stream, const std::function<void ()> &item);

void enqueue_kernel (const char *name, dim3 blocks, unsigned threads,
    cudaStream_t stream, std::function<void ()> thread);

[[noreturn]] void misuse (const char *what);

/* Data that is moved in one access, of T's size: a GPU takes no other address
 * than a multiple of it. What the memory holds is of another type, so that it is
 * copied. */
template <typename T>
T
load (const void *data)
{
  T value;

  if ((uintptr_t) data % sizeof (T) != 0)
    misuse ("a vector access that is not aligned");
  std::memcpy (&value, data, sizeof (T));
  return value;
}

template <typename T>
void
store (void *data, T value)
{
  if ((uintptr_t) data % sizeof (T) != 0)
    misuse ("a vector access that is not aligned");
  std::memcpy (data, &value, sizeof (T));
}

template <typename... P, typename... A>
void
launch (const char *name, dim3 blocks, unsigned threads,
    cudaStream_t stream, void (*kernel) (P...), A... args)
{
  std::tuple<P...> bound (args...);

  enqueue_kernel (name, blocks, threads, stream, [kernel, bound] {
    std::apply (kernel, bound);
  });
}

}

/* What threads of all blocks may do to one number; so also in the eyes of the
 * thread sanitizer. */
inline int
atomicMin (int *address, int value)
{
  int before = __atomic_load_n (address, __ATOMIC_RELAXED);

  /* by value: a local whose address is taken lies on the stack that the threads
   * of a block share, where the thread sanitizer takes it for one of theirs */
  while (value < before) {
    int seen = __sync_val_compare_and_swap (address, before, value);

    if (seen == before)
      break;
    before = seen;
  }
  return before;
}
