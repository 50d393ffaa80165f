/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* CUDA's runtime on the CPU: devices, streams and events. Streams are lazy:
 * nothing happens before a synchronisation, so that a missing one shows as wrong
 * data. Whatever a call is given is checked. */

#include "process.h"

#include <string>

using cudacpu::begin_call;
using cudacpu::current_device;
using cudacpu::end_wait;
using cudacpu::last_error;
using cudacpu::misuse;
using cudacpu::poison;
using cudacpu::process;
using cudacpu::remember;
using cudacpu::unpoison;

struct CUevent_st
{
  const int device = cudacpu::current_device;
  cudaStream_t stream = nullptr;
  size_t n_queued = 0;          /* on the stream when it was recorded */
};

namespace
{

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

}

int
cudacpu::device_of (cudaStream_t stream)
{
  return stream->device;
}

void
cudacpu::use_device_of (cudaStream_t stream)
{
  set_context (primary_context (stream->device));
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
  cudacpu::set_context (cudacpu::primary_context (device));
  return cudaSuccess;
}

namespace
{

/* The driver's functions that the device asks for. */
int
get_current (void **context)
{
  *context = cudacpu::current_context;
  return 0;
}

int
set_current (void *context)
{
  cudacpu::set_context (context);
  return 0;
}

}

cudaError_t
cudaGetDriverEntryPointByVersion (const char *symbol, void **function,
    unsigned int version, unsigned long long flags,
    enum cudaDriverEntryPointQueryResult *result)
{
  const std::string name = symbol;

  if (version != 4000 || flags != cudaEnableDefault)
    misuse ("a function of another driver");
  *function = name == "cuCtxGetCurrent" ? (void *) get_current
      : name == "cuCtxSetCurrent" ? (void *) set_current : nullptr;
  *result = *function ? cudaDriverEntryPointSuccess
      : cudaDriverEntryPointSymbolNotFound;
  return cudaSuccess;
}

cudaError_t
cudaDeviceGetAttribute (int *value, enum cudaDeviceAttr attribute, int device)
{
  const cudaError_t error = begin_call (nullptr);

  if (error != cudaSuccess)
    return remember (error);
  if (device < 0 || device >= process.n_devices)
    return remember (cudaErrorInvalidDevice);
  if (attribute != cudaDevAttrMemoryPoolsSupported)
    misuse ("an attribute that the stand-in does not know");
  *value = process.has_pools;
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
    case cudaErrorECCUncorrectable:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
      return "a fault of the device";
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
  if (current_device < 0)
    misuse ("a stream of no device");
  *stream = new CUstream_st (current_device);
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
  if (current_device < 0)
    misuse ("an event of no device");
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
