/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* What the parts of the runtime share: what is counted, which calls fail, and
 * streams. */

#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "cudacpu.h"
#include "cuda_runtime.h"

struct CUstream_st
{
  const int device;
  std::recursive_mutex lock;
  std::deque<std::function<void ()>> work;
  size_t n_queued = 0, n_done = 0;
  std::map<char *, size_t> memory;

  explicit CUstream_st (int device): device (device) { }
};

namespace cudacpu
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
  bool has_pools = true;
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
  std::map<char *, size_t> plain;       /* memory of no pool */
  std::mt19937 random {1};
};

extern Process process;
/* what the calling thread works on, and the device of that: none but after
 * cudaSetDevice(), as every thread would work on device 0 by accident otherwise */
extern thread_local void *current_context;
extern thread_local int current_device;

void set_context (void *context);
void *primary_context (int device);
extern thread_local cudaError_t last_error;

/* For cudaGetLastError(). */
inline cudaError_t
remember (cudaError_t error)
{
  if (error != cudaSuccess)
    last_error = error;
  return error;
}

cudaError_t end_wait (cudaError_t error, bool drains);

/* around work on a device's memory */
void unpoison (cudaStream_t stream);
void poison (cudaStream_t stream);

}
