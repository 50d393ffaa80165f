/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What is counted of the runtime's calls, and which of them fail. */

#include "process.h"

#include <cstdio>
#include <cstdlib>

using cudacpu::last_error;
using cudacpu::process;

cudacpu::Process cudacpu::process;
thread_local void *cudacpu::current_context;
thread_local int cudacpu::current_device = -1;
thread_local cudaError_t cudacpu::last_error;

void
cudacpu::misuse (const char *what)
{
  std::fprintf (stderr, "cudacpu: %s\n", what);
  std::abort ();
}

void *
cudacpu::primary_context (int device)
{
  static char contexts[8];

  return &contexts[device];
}

void
cudacpu::set_context (void *context)
{
  current_context = context;
  current_device = -1;
  for (int device = 0; device < process.n_devices; device++)
    if (primary_context (device) == context)
      current_device = device;
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

/* What a synchronisation reports: its own failure, else one of work before. It
 * @drains the stream if nothing is left for the device to do meanwhile. */
cudaError_t
cudacpu::end_wait (cudaError_t error, bool drains)
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

/* For devices that are opened from now on; memory must come back the way it was
 * had. */
void
cudacpu_set_pools (int supported)
{
  process.has_pools = supported;
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

/* What the calling thread works on, also what is no context of a device. */
void *
cudacpu_context (void)
{
  return cudacpu::current_context;
}

void
cudacpu_set_context (void *context)
{
  cudacpu::set_context (context);
}
