/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Every call of CUDA's runtime. All work of a device is queued on one
 * cudaStream_t of the primary context, whichever RdStream it comes from: so a
 * tensor may go from one to another without anybody waiting. */

#include "device-cuda.h"

#include <string.h>

#include "staging.h"

/* RdDevice.native: made with the first stream, and kept, as work of a stream that
 * is closed may still be under way. */
typedef struct
{
  cudaStream_t queue;
  gboolean has_pools;           /* memory can be had and given back in the queue */
  RdStaging *staging;
  guint n_streams;              /* that are open */
} CudaDevice;

/* A place in the queue. */
typedef struct
{
  cudaEvent_t event;
  guint64 mark;                 /* of the staging, 0 for none */
} Place;

/* RdStream.native */
typedef struct
{
  CudaDevice *device;
  cudaEvent_t done;             /* all of this stream, to wait for */
  Place paces[2];               /* where it was paced, the latest first */
  GPtrArray *incoming;          /* RdStagedBlock of downloads under way */
} CudaStream;

static gboolean
is_no_driver (cudaError_t status)
{
  return status == cudaErrorInsufficientDriver
      || status == cudaErrorStubLibrary;
}

/* Whether every later call in this process fails, too: such a fault ends the
 * device's context, which only the end of the process gives up. */
static gboolean
is_sticky (cudaError_t status)
{
  switch (status) {
    case cudaErrorECCUncorrectable:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
      return TRUE;
    default:
      return FALSE;
  }
}

static const char *
reason (cudaError_t status)
{
  return cudaGetErrorString (status);
}

static RdError
error_code (cudaError_t status)
{
  return status == cudaErrorMemoryAllocation ? RD_ERROR_NO_MEMORY
      : RD_ERROR_FAILED;
}

/* What goes behind the reason. */
static const char *
remedy (cudaError_t status)
{
  if (status == cudaErrorMemoryAllocation)
    return "; use fewer or smaller latents at a time";
  return is_sticky (status)
      ? "; CUDA cannot be used in this process any more: restart it" : "";
}

/* What a call of the runtime returned becomes the stream's error. */
static gboolean
check (RdStream * stream, cudaError_t status, const char *what)
{
  if (status == cudaSuccess)
    return TRUE;
  cudaGetLastError ();
  rd_stream_fail (stream, error_code (status), "device %s: %s: %s%s",
      stream->device->name, what, reason (status), remedy (status));
  return FALSE;
}

/* The runtime can tell and set a thread's device, but not that it had none: to set
 * device 0 back would open a context there. The driver's functions can. */
typedef struct
{
  int (*get) (gpointer * context);
  int (*set) (gpointer context);
} Driver;

static gpointer
find_in_driver (const char *name)
{
  enum cudaDriverEntryPointQueryResult result;
  gpointer function = NULL;

#if CUDART_VERSION >= 12050
  cudaGetDriverEntryPointByVersion (name, &function, 4000, cudaEnableDefault,
      &result);
#else
  cudaGetDriverEntryPoint (name, &function, cudaEnableDefault, &result);
#endif
  return function;
}

static const Driver *
get_driver (void)
{
  static Driver driver;
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    driver.get = find_in_driver ("cuCtxGetCurrent");
    driver.set = find_in_driver ("cuCtxSetCurrent");
    g_once_init_leave (&once, 1);
  }
  return &driver;
}

gpointer
rd_cuda_get_context (void)
{
  const Driver *driver = get_driver ();
  gpointer context = NULL;

  if (driver->get)
    driver->get (&context);
  return context;
}

void
rd_cuda_set_context (gpointer context)
{
  const Driver *driver = get_driver ();

  if (driver->set)
    driver->set (context);
}

/* The status is of cudaSetDevice(). */
static RdCudaCall
enter_device (RdDevice * device, cudaError_t * status)
{
  const RdCudaCall call = { NULL, rd_cuda_get_context () };

  *status = cudaSetDevice (device->ordinal);
  return call;
}

RdCudaCall
rd_cuda_enter (RdStream * stream)
{
  const CudaStream *native = stream->native;
  cudaError_t status;
  RdCudaCall call = enter_device (stream->device, &status);

  check (stream, status, "cudaSetDevice");
  call.queue = native->device->queue;
  return call;
}

void
rd_cuda_leave (RdCudaCall * call)
{
  rd_cuda_set_context (call->before);
}

/* After a kernel: whether its launch failed. */
void
rd_cuda_launched (RdStream * stream, const char *kernel)
{
  check (stream, cudaGetLastError (), kernel);
}

/**
 * rd_device_cuda_count:
 * @error: (nullable): %RD_ERROR_NOT_FOUND, why there is none
 *
 * Returns: how many CUDA devices this process can use
 */
int
rd_device_cuda_count (GError ** error)
{
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount (&count);

  if (status == cudaSuccess && count > 0)
    return count;
  cudaGetLastError ();
  if (is_no_driver (status))
    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
        "no NVIDIA driver was found, or it is too old for CUDA %d.%d; install "
        "a newer one, or use 'cpu'", CUDART_VERSION / 1000,
        CUDART_VERSION % 1000 / 10);
  else if (status == cudaSuccess || status == cudaErrorNoDevice)
    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
        "the NVIDIA driver finds no device; use 'cpu', or check that "
        "nvidia-smi lists one and CUDA_VISIBLE_DEVICES does not hide it");
  else
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED, "cudaGetDeviceCount: %s",
        reason (status));
  return 0;
}

static gboolean
cuda_failed (RdDevice * device, cudaError_t status, const char *what,
    GError ** error)
{
  if (status == cudaSuccess)
    return FALSE;
  cudaGetLastError ();
  g_set_error (error, RD_ERROR, error_code (status), "device %s: %s: %s%s",
      device->name, what, reason (status), remedy (status));
  return TRUE;
}

/* With the device's lock, by a thread that has entered. */
static CudaDevice *
open_device (RdDevice * device, GError ** error)
{
  CudaDevice *native = device->native;
  cudaStream_t queue;
  int has_pools = 0;

  if (!native && !cuda_failed (device, cudaDeviceGetAttribute (&has_pools,
              cudaDevAttrMemoryPoolsSupported, device->ordinal),
          "cudaDeviceGetAttribute", error)
      && !cuda_failed (device, cudaStreamCreateWithFlags (&queue,
              cudaStreamNonBlocking), "cudaStreamCreateWithFlags", error)) {
    native = device->native = g_new0 (CudaDevice, 1);
    native->queue = queue;
    native->has_pools = has_pools;
    native->staging = rd_staging_new ();
  }
  return native;
}

gpointer
rd_cuda_queue (RdDevice * device, GError ** error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&device->lock);
  cudaError_t status;
  g_auto (RdCudaCall) call G_GNUC_UNUSED = enter_device (device, &status);
  const CudaDevice *native = cuda_failed (device, status, "cudaSetDevice",
      error) ? NULL : open_device (device, error);

  return native ? native->queue : NULL;
}

static void
close_events (CudaStream * native)
{
  if (native->done)
    cudaEventDestroy (native->done);
  for (guint i = 0; i < G_N_ELEMENTS (native->paces); i++)
    if (native->paces[i].event)
      cudaEventDestroy (native->paces[i].event);
}

/* Threads that wait sleep. */
static gboolean
open_event (RdDevice * device, cudaEvent_t * event, GError ** error)
{
  return !cuda_failed (device, cudaEventCreateWithFlags (event,
          cudaEventBlockingSync | cudaEventDisableTiming),
      "cudaEventCreateWithFlags", error);
}

gboolean
rd_cuda_stream_open (RdStream * stream, GError ** error)
{
  RdDevice *device = stream->device;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&device->lock);
  g_autofree CudaStream *native = g_new0 (CudaStream, 1);
  cudaError_t status;
  g_auto (RdCudaCall) call G_GNUC_UNUSED = enter_device (device, &status);

  if (cuda_failed (device, status, "cudaSetDevice", error))
    return FALSE;
  native->device = open_device (device, error);
  if (!native->device)
    return FALSE;
  if (!open_event (device, &native->done, error)
      || !open_event (device, &native->paces[0].event, error)
      || !open_event (device, &native->paces[1].event, error)) {
    close_events (native);
    cudaGetLastError ();
    return FALSE;
  }
  native->incoming = g_ptr_array_new ();
  native->device->n_streams++;
  stream->native = g_steal_pointer (&native);
  return TRUE;
}

/* Nobody is left to hear of a failure. */
static void
free_staging (CudaDevice * native)
{
  g_autoptr (GPtrArray) blocks = rd_staging_steal (native->staging);

  if (blocks->len > 0)
    cudaStreamSynchronize (native->queue);
  for (guint i = 0; i < blocks->len; i++) {
    RdStagedBlock *block = blocks->pdata[i];

    cudaFreeHost (block->data);
    g_free (block);
  }
}

/* The last one takes the pinned memory with it. */
void
rd_cuda_stream_close (RdStream * stream)
{
  RdDevice *device = stream->device;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&device->lock);
  CudaStream *native = stream->native;
  cudaError_t status;
  g_auto (RdCudaCall) call G_GNUC_UNUSED = enter_device (device, &status);

  for (guint i = 0; i < native->incoming->len; i++)
    rd_staging_lend (native->device->staging, native->incoming->pdata[i]);
  g_ptr_array_unref (native->incoming);
  close_events (native);
  if (--native->device->n_streams == 0)
    free_staging (native->device);
  cudaGetLastError ();
  g_free (native);
}

/* That there is no memory the pool says, which knows how much is in use. Some
 * virtual GPUs have no pools of the driver's. */
gpointer
rd_cuda_alloc (RdStream * stream, gsize size)
{
  const CudaStream *native = stream->native;
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);
  void *data = NULL;
  cudaError_t status;

  if (stream->error)
    return NULL;
  status = native->device->has_pools ? cudaMallocAsync (&data, size, call.queue)
      : cudaMalloc (&data, size);
  if (status == cudaErrorMemoryAllocation)
    cudaGetLastError ();
  else
    check (stream, status, "memory");
  return status == cudaSuccess ? data : NULL;
}

void
rd_cuda_free (RdStream * stream, gpointer data)
{
  const CudaStream *native = stream->native;
  cudaError_t status;
  g_auto (RdCudaCall) call G_GNUC_UNUSED =
      enter_device (stream->device, &status);

  if (native->device->has_pools) {
    cudaFreeAsync (data, native->device->queue);
  } else {
    /* what is queued may still use it */
    cudaStreamSynchronize (native->device->queue);
    cudaFree (data);
  }
  cudaGetLastError ();
}

/* Pinned memory for a copy; NULL after a failure. */
static RdStagedBlock *
stage (RdStream * stream, gsize size)
{
  const CudaStream *native = stream->native;
  const gsize capacity = rd_staging_capacity (size);
  RdStagedBlock *block;
  void *data;

  if (stream->error)
    return NULL;
  block = rd_staging_take (native->device->staging, size);
  if (!block && check (stream, cudaHostAlloc (&data, capacity,
              cudaHostAllocDefault), "cudaHostAlloc")) {
    block = g_new0 (RdStagedBlock, 1);
    block->data = data;
    block->capacity = capacity;
  }
  return block;
}

void
rd_cuda_upload (RdStream * stream, gpointer dst, gconstpointer src, gsize size)
{
  const CudaStream *native = stream->native;
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);
  RdStagedBlock *block = stage (stream, size);

  if (!block)
    return;
  memcpy (block->data, src, size);
  if (check (stream, cudaMemcpyAsync (dst, block->data, size,
              cudaMemcpyHostToDevice, call.queue), "upload"))
    rd_staging_lend (native->device->staging, block);
  else
    rd_staging_give (native->device->staging, block);
}

/* Arrives with the next synchronisation. Into pageable memory the call would keep
 * the thread awake until all that was queued before is done. */
void
rd_cuda_download (RdStream * stream, gpointer dst, gconstpointer src,
    gsize size)
{
  const CudaStream *native = stream->native;
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);
  RdStagedBlock *block = stage (stream, size);

  if (!block)
    return;
  block->to = dst;
  block->size = size;
  if (check (stream, cudaMemcpyAsync (block->data, src, size,
              cudaMemcpyDeviceToHost, call.queue), "download"))
    g_ptr_array_add (native->incoming, block);
  else
    rd_staging_give (native->device->staging, block);
}

/* Hands out what was downloaded, unless something failed. */
static void
arrive (RdStream * stream)
{
  const CudaStream *native = stream->native;

  for (guint i = 0; i < native->incoming->len; i++) {
    RdStagedBlock *block = native->incoming->pdata[i];

    if (!stream->error)
      memcpy (block->to, block->data, block->size);
    rd_staging_give (native->device->staging, block);
  }
  g_ptr_array_set_size (native->incoming, 0);
}

/* For what was queued so far and no more: others may queue on. After a failure
 * too: what is under way may use memory that its owner frees now. */
void
rd_cuda_synchronize (RdStream * stream)
{
  const CudaStream *native = stream->native;
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);
  const guint64 mark = rd_staging_mark (native->device->staging);

  if (check (stream, cudaEventRecord (native->done, call.queue),
          "cudaEventRecord"))
    check (stream, cudaEventSynchronize (native->done),
        "waiting for the device");
  else
    check (stream, cudaStreamSynchronize (call.queue),
        "waiting for the device");
  rd_staging_pass (native->device->staging, mark);
  arrive (stream);
}

void
rd_cuda_pace (RdStream * stream)
{
  CudaStream *native = stream->native;
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);
  const Place before = native->paces[0];
  Place now = native->paces[1];

  if (stream->error)
    return;
  now.mark = rd_staging_mark (native->device->staging);
  if (!check (stream, cudaEventRecord (now.event, call.queue),
          "cudaEventRecord"))
    return;
  native->paces[0] = now;
  native->paces[1] = before;
  if (before.mark && check (stream, cudaEventSynchronize (before.event),
          "waiting for the device"))
    rd_staging_pass (native->device->staging, before.mark);
}
