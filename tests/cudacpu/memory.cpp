/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Memory and copies. Device memory is filled with rubbish, and poisoned for the
 * address sanitizer whenever no stream is at work. Copies are done when the
 * stream comes to them, so that pinned memory that is used again too early shows
 * as wrong data; pageable memory, whose copies hold the thread, is refused. */

#include "process.h"

#include <cstdlib>
#include <cstring>

#include <dlfcn.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(data, size) ((void) (data), (void) (size))
#define ASAN_UNPOISON_MEMORY_REGION(data, size) ((void) (data), (void) (size))
#endif

using cudacpu::begin_call;
using cudacpu::enqueue;
using cudacpu::is_device;
using cudacpu::misuse;
using cudacpu::Pinned;
using cudacpu::process;
using cudacpu::remember;

namespace
{

/* A function of the stand-in driver, where a test has one. */
template <typename F>
F *
of_driver (const char *name)
{
  return (F *) dlsym (RTLD_DEFAULT, name);
}

/* Whether [data, data + size) lies within one block of no pool. */
bool
is_plain (char *data, size_t size)
{
  std::lock_guard<std::mutex> guard (process.lock);
  auto block = process.plain.upper_bound (data);

  if (block == process.plain.begin ())
    return false;
  --block;
  return data + size <= block->first + block->second;
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

}

void
cudacpu::unpoison (cudaStream_t stream)
{
  if (auto at_work = of_driver<void (int)> ("cudacpu_driver_at_work"))
    at_work (1);
  for (auto &block : stream->memory)
    ASAN_UNPOISON_MEMORY_REGION (block.first, block.second);
}

void
cudacpu::poison (cudaStream_t stream)
{
  if (auto at_work = of_driver<void (int)> ("cudacpu_driver_at_work"))
    at_work (0);
  for (auto &block : stream->memory)
    ASAN_POISON_MEMORY_REGION (block.first, block.second);
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
  if (is_plain (begin, size))
    return true;
  if (block == stream->memory.begin ())
    return false;
  --block;
  return begin + size <= block->first + block->second;
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

/* Memory that belongs to a device, not to a queue: all of its streams have it. */
cudaError_t
cudaMalloc (void **data, size_t size)
{
  const cudaError_t error = begin_call (nullptr);

  if (error != cudaSuccess)
    return remember (error);
  *data = std::malloc (size);
  if (!*data)
    return remember (cudaErrorMemoryAllocation);
  std::memset (*data, 0xcd, size);
  std::lock_guard<std::mutex> guard (process.lock);
  process.plain[(char *) *data] = size;
  process.n_allocations++;
  return cudaSuccess;
}

cudaError_t
cudaFree (void *data)
{
  const cudaError_t error = begin_call (nullptr);
  std::lock_guard<std::mutex> guard (process.lock);

  if (process.plain.erase ((char *) data) == 0)
    misuse ("freeing what was not allocated so");
  std::free (data);
  process.n_allocations--;
  return remember (error);
}

cudaError_t
cudaMallocAsync (void **data, size_t size, cudaStream_t stream)
{
  const cudaError_t error = begin_call (stream);

  if (error != cudaSuccess)
    return remember (error);
  if (!process.has_pools)
    misuse ("a pool of memory on a device that has none");
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
