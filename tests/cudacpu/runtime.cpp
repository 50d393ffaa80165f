/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* CUDA's runtime on the CPU. Streams are lazy: nothing happens before a
 * synchronisation, so that a missing one shows as wrong data, and so does pinned
 * memory that is used again too early. Pageable memory, whose copies hold the
 * thread, is refused. Memory is filled with rubbish, and
 * poisoned for the address sanitizer whenever no stream is at work. Blocks and
 * threads run in another order with every launch. Whatever a call is given is
 * checked. For the thread sanitizer every thread of a kernel is one of its own,
 * where CUDACPU_FIBERS is set: it takes time. */

#include "cudacpu.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include <dlfcn.h>

#include "cuda_runtime.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(data, size) ((void) (data), (void) (size))
#define ASAN_UNPOISON_MEMORY_REGION(data, size) ((void) (data), (void) (size))
#endif

#if defined(CUDACPU_RACES)
#include <sanitizer/tsan_interface.h>
#endif

thread_local dim3 blockIdx, blockDim, threadIdx, gridDim;

static thread_local int current_device;

struct CUstream_st
{
  const int device = current_device;
  std::recursive_mutex lock;
  std::deque<std::function<void ()>> work;
  size_t n_queued = 0, n_done = 0;
  std::map<char *, size_t> memory;
};

struct CUevent_st
{
  const int device = current_device;
  cudaStream_t stream = nullptr;
  size_t n_queued = 0;          /* on the stream when it was recorded */
};

using cudacpu::begin_call;
using cudacpu::enqueue;
using cudacpu::is_device;
using cudacpu::misuse;

namespace
{

struct Pinned
{
  size_t size;
  unsigned n_copies;            /* that are still to be done */
};

struct Process
{
  std::mutex lock;
  int n_devices = 1;
  cudaError_t device_error = cudaSuccess;
  CudaCpuFault fault = { };
  bool happened = false;
  std::thread::id fault_thread;
  cudaError_t sticky = cudaSuccess;
  cudaError_t late = cudaSuccess;       /* of the next synchronisation */
  unsigned n_calls = 0;
  unsigned n_launches = 0;
  unsigned n_downloads = 0;
  unsigned n_waits = 0;
  unsigned n_drains = 0;
  unsigned n_under_way = 0;     /* downloads that are still to be done */
  size_t n_allocations = 0;
  size_t n_events = 0;
  std::map<char *, Pinned> pinned;
  std::mt19937 random {1};
};

Process process;
thread_local cudaError_t last_error;

cudaError_t
remember (cudaError_t error)
{
  if (error != cudaSuccess)
    last_error = error;
  return error;
}

/* A function of the stand-in driver, where a test has one. */
template <typename F>
F *
of_driver (const char *name)
{
  return (F *) dlsym (RTLD_DEFAULT, name);
}

void
unpoison (CUstream_st *stream)
{
  if (auto at_work = of_driver<void (int)> ("cudacpu_driver_at_work"))
    at_work (1);
  for (auto &block : stream->memory)
    ASAN_UNPOISON_MEMORY_REGION (block.first, block.second);
}

void
poison (CUstream_st *stream)
{
  if (auto at_work = of_driver<void (int)> ("cudacpu_driver_at_work"))
    at_work (0);
  for (auto &block : stream->memory)
    ASAN_POISON_MEMORY_REGION (block.first, block.second);
}

/* Does what was queued up to the n-th item. */
void
work_off (CUstream_st *stream, size_t n)
{
  std::lock_guard<std::recursive_mutex> guard (stream->lock);

  unpoison (stream);
  while (stream->n_done < n) {
    auto item = std::move (stream->work.front ());

    stream->work.pop_front ();
    item ();
    stream->n_done++;
  }
  poison (stream);
}

/* The block of pinned memory that [data, data + size) lies in, with the lock. */
Pinned *
find_pinned (const void *data, size_t size)
{
  char *begin = (char *) data;
  auto block = process.pinned.upper_bound (begin);

  if (block == process.pinned.begin ())
    return nullptr;
  --block;
  return begin + size <= block->first + block->second.size ? &block->second
      : nullptr;
}

/* What a synchronisation reports: its own failure, else one of work before. It
 * @drains the stream if nothing is left for the device to do meanwhile. */
cudaError_t
end_wait (cudaError_t error, bool drains)
{
  std::lock_guard<std::mutex> guard (process.lock);
  const cudaError_t late = process.late;

  process.n_waits++;
  process.n_drains += drains;
  process.late = cudaSuccess;
  if (late != cudaSuccess && process.fault.sticky)
    process.sticky = late;
  return remember (error != cudaSuccess ? error : late);
}

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
cudacpu::misuse (const char *what)
{
  std::fprintf (stderr, "cudacpu: %s\n", what);
  std::abort ();
}

/* Every call begins here: counts, and fails when it is its turn. What fails late
 * succeeds; its work is @lost, and what comes behind it until that is told. */
cudaError_t
cudacpu::begin_call (cudaStream_t stream, bool *lost)
{
  std::lock_guard<std::mutex> guard (process.lock);

  process.n_calls++;
  if (process.sticky != cudaSuccess)
    return process.sticky;
  if (lost)
    *lost = process.late != cudaSuccess;
  if (process.fault.call == 0 || --process.fault.call > 0)
    return cudaSuccess;
  process.happened = true;
  process.fault_thread = std::this_thread::get_id ();
  if (process.fault.late && stream) {
    process.late = process.fault.error;
    if (lost)
      *lost = true;
    return cudaSuccess;
  }
  if (process.fault.sticky)
    process.sticky = process.fault.error;
  return process.fault.error;
}

/* Whether [data, data + size) lies within one block of the stream's memory, or
 * of the driver's in the primary context. */
bool
cudacpu::is_device (cudaStream_t stream, const void *data, size_t size)
{
  std::lock_guard<std::recursive_mutex> guard (stream->lock);
  char *begin = (char *) data;
  auto block = stream->memory.upper_bound (begin);
  auto driver_has =
      of_driver<int (const void *, size_t)> ("cudacpu_driver_has");

  if (driver_has && driver_has (data, size))
    return true;
  if (block == stream->memory.begin ())
    return false;
  --block;
  return begin + size <= block->first + block->second;
}

int
cudacpu::device_of (cudaStream_t stream)
{
  return stream->device;
}

void
cudacpu::enqueue (cudaStream_t stream, std::function<void ()> item)
{
  std::lock_guard<std::recursive_mutex> guard (stream->lock);

  stream->work.push_back (std::move (item));
  stream->n_queued++;
}

void
cudacpu::run_now (cudaStream_t stream, const std::function<void ()> &item)
{
  std::lock_guard<std::recursive_mutex> guard (stream->lock);

  work_off (stream, stream->n_queued);
  unpoison (stream);
  item ();
  poison (stream);
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

cudaError_t
cudaGetDeviceCount (int *count)
{
  const cudaError_t error = begin_call (nullptr);

  if (error != cudaSuccess)
    return remember (error);
  if (process.device_error != cudaSuccess)
    return remember (process.device_error);
  *count = process.n_devices;
  return cudaSuccess;
}

cudaError_t
cudaSetDevice (int device)
{
  const cudaError_t error = begin_call (nullptr);

  if (error != cudaSuccess)
    return remember (error);
  if (device < 0 || device >= process.n_devices)
    return remember (cudaErrorInvalidDevice);
  current_device = device;
  return cudaSuccess;
}

cudaError_t
cudaGetLastError (void)
{
  const cudaError_t error = last_error;

  last_error = cudaSuccess;
  return error;
}

const char *
cudaGetErrorString (cudaError_t error)
{
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidValue:
      return "invalid argument";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorStubLibrary:
      return "CUDA driver is a stub library";
    case cudaErrorInsufficientDriver:
      return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice:
      return "no CUDA-capable device is detected";
    case cudaErrorInvalidDevice:
      return "invalid device ordinal";
    case cudaErrorInvalidResourceHandle:
      return "invalid resource handle";
    case cudaErrorIllegalAddress:
      return "an illegal memory access was encountered";
    case cudaErrorLaunchFailure:
      return "unspecified launch failure";
  }
  return "unrecognized error code";
}

cudaError_t
cudaStreamCreateWithFlags (cudaStream_t *stream, unsigned int flags)
{
  const cudaError_t error = begin_call (nullptr);

  if (error != cudaSuccess)
    return remember (error);
  if (flags != cudaStreamNonBlocking)
    misuse ("a stream that waits for the default stream");
  *stream = new CUstream_st;
  return cudaSuccess;
}

cudaError_t
cudaStreamSynchronize (cudaStream_t stream)
{
  const cudaError_t error = begin_call (nullptr);

  work_off (stream, stream->n_queued);
  return end_wait (error, true);
}

cudaError_t
cudaEventCreateWithFlags (cudaEvent_t *event, unsigned int flags)
{
  const cudaError_t error = begin_call (nullptr);

  if (error != cudaSuccess)
    return remember (error);
  if (flags != (cudaEventBlockingSync | cudaEventDisableTiming))
    misuse ("an event that spins or takes times");
  *event = new CUevent_st;
  std::lock_guard<std::mutex> guard (process.lock);
  process.n_events++;
  return cudaSuccess;
}

/* What is released is gone whatever the call returns: a failure there is one of
 * work before it. */
cudaError_t
cudaEventDestroy (cudaEvent_t event)
{
  const cudaError_t error = begin_call (nullptr);

  delete event;
  std::lock_guard<std::mutex> guard (process.lock);
  process.n_events--;
  return remember (error);
}

cudaError_t
cudaEventRecord (cudaEvent_t event, cudaStream_t stream)
{
  const cudaError_t error = begin_call (stream);

  if (error != cudaSuccess)
    return remember (error);
  if (event->device != stream->device)
    return remember (cudaErrorInvalidResourceHandle);
  std::lock_guard<std::recursive_mutex> guard (stream->lock);
  event->stream = stream;
  event->n_queued = stream->n_queued;
  return cudaSuccess;
}

cudaError_t
cudaEventSynchronize (cudaEvent_t event)
{
  const cudaError_t error = begin_call (nullptr);

  if (!event->stream)
    misuse ("waiting for an event that was never recorded");
  work_off (event->stream, event->n_queued);
  return end_wait (error, event->n_queued == event->stream->n_queued);
}

cudaError_t
cudaHostAlloc (void **data, size_t size, unsigned int flags)
{
  const cudaError_t error = begin_call (nullptr);

  if (error != cudaSuccess)
    return remember (error);
  if (flags != cudaHostAllocDefault)
    misuse ("pinned memory that is more than that");
  *data = std::malloc (size);
  if (!*data)
    return remember (cudaErrorMemoryAllocation);
  std::memset (*data, 0xcd, size);
  std::lock_guard<std::mutex> guard (process.lock);
  process.pinned[(char *) *data] = { size, 0 };
  return cudaSuccess;
}

cudaError_t
cudaFreeHost (void *data)
{
  const cudaError_t error = begin_call (nullptr);
  std::lock_guard<std::mutex> guard (process.lock);
  auto block = process.pinned.find ((char *) data);

  if (block == process.pinned.end ())
    misuse ("freeing what is not pinned memory");
  if (block->second.n_copies > 0)
    misuse ("freeing pinned memory that is being copied");
  process.pinned.erase (block);
  std::free (data);
  return remember (error);
}

cudaError_t
cudaMallocAsync (void **data, size_t size, cudaStream_t stream)
{
  const cudaError_t error = begin_call (stream);

  if (error != cudaSuccess)
    return remember (error);
  *data = std::malloc (size);
  if (!*data)
    return remember (cudaErrorMemoryAllocation);
  std::memset (*data, 0xcd, size);
  {
    std::lock_guard<std::recursive_mutex> guard (stream->lock);

    stream->memory[(char *) *data] = size;
    ASAN_POISON_MEMORY_REGION (*data, size);
  }
  std::lock_guard<std::mutex> guard (process.lock);
  process.n_allocations++;
  return cudaSuccess;
}

cudaError_t
cudaFreeAsync (void *data, cudaStream_t stream)
{
  const cudaError_t error = begin_call (nullptr);

  if (!is_device (stream, data, 1))
    misuse ("freeing what was not allocated");
  enqueue (stream, [data, stream] {
    stream->memory.erase ((char *) data);
    std::free (data);
  });
  std::lock_guard<std::mutex> guard (process.lock);
  process.n_allocations--;
  return remember (error);
}

cudaError_t
cudaMemcpyAsync (void *dst, const void *src, size_t size,
    enum cudaMemcpyKind kind, cudaStream_t stream)
{
  bool lost = false;
  const cudaError_t error = begin_call (stream, &lost);
  const bool to_device = kind == cudaMemcpyHostToDevice
      || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost
      || kind == cudaMemcpyDeviceToDevice;
  const bool download = kind == cudaMemcpyDeviceToHost;
  const void *host = download ? dst : src;

  if (error != cudaSuccess)
    return remember (error);
  if (is_device (stream, dst, size) != to_device
      || is_device (stream, src, size) != from_device)
    return remember (cudaErrorInvalidValue);
  if (lost) {
    if (to_device)
      enqueue (stream, [dst, size] { std::memset (dst, 0xcd, size); });
    return cudaSuccess;
  }
  if (to_device && from_device) {
    enqueue (stream, [dst, src, size] { std::memcpy (dst, src, size); });
    return cudaSuccess;
  }

  {
    std::lock_guard<std::mutex> guard (process.lock);
    Pinned *pinned = find_pinned (host, size);

    if (!pinned)
      misuse ("a copy of pageable memory, which would hold the thread");
    pinned->n_copies++;
    process.n_downloads += download;
    process.n_under_way += download;
  }
  enqueue (stream, [dst, src, size, host, download] {
    std::memcpy (dst, src, size);
    std::lock_guard<std::mutex> guard (process.lock);
    find_pinned (host, size)->n_copies--;
    process.n_under_way -= download;
  });
  return cudaSuccess;
}

void
cudacpu_reset (void)
{
  std::lock_guard<std::mutex> guard (process.lock);

  process.n_devices = 1;
  process.device_error = cudaSuccess;
  process.fault = { };
  process.happened = false;
  process.sticky = process.late = cudaSuccess;
  process.n_calls = process.n_launches = 0;
  process.n_downloads = process.n_waits = process.n_drains = 0;
  last_error = cudaSuccess;
}

void
cudacpu_set_devices (int count, cudaError_t error)
{
  process.n_devices = count;
  process.device_error = error;
}

void
cudacpu_set_fault (const CudaCpuFault *fault)
{
  std::lock_guard<std::mutex> guard (process.lock);

  process.fault = *fault;
  process.happened = false;
}

int
cudacpu_fault_happened (void)
{
  return process.happened;
}

/* Whether it was the calling thread whose call failed. */
int
cudacpu_fault_is_mine (void)
{
  std::lock_guard<std::mutex> guard (process.lock);

  return process.happened
      && process.fault_thread == std::this_thread::get_id ();
}

unsigned
cudacpu_n_calls (void)
{
  return process.n_calls;
}

unsigned
cudacpu_n_launches (void)
{
  return process.n_launches;
}

unsigned
cudacpu_n_downloads (void)
{
  return process.n_downloads;
}

unsigned
cudacpu_n_waits (void)
{
  return process.n_waits;
}

/* Waits that left the device without work. */
unsigned
cudacpu_n_drains (void)
{
  return process.n_drains;
}

/* Downloads that will still write to the host's memory. */
unsigned
cudacpu_n_under_way (void)
{
  return process.n_under_way;
}

size_t
cudacpu_n_allocations (void)
{
  return process.n_allocations;
}

/* Blocks of pinned memory. */
size_t
cudacpu_n_pinned (void)
{
  std::lock_guard<std::mutex> guard (process.lock);

  return process.pinned.size ();
}

size_t
cudacpu_n_events (void)
{
  return process.n_events;
}
