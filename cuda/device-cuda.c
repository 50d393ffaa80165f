/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The CUDA device: every call of the runtime, none of the arithmetic. All work
 * of a device is queued on one cudaStream_t of the primary context, whichever
 * RdStream it comes from: so a tensor may go from one to another without
 * anybody waiting, and nothing waits but synchronize(). */

#include "kernels.h"
#include "tensor.h"

/* RdStream.native */
typedef struct
{
  cudaStream_t queue;           /* the device's */
  cudaEvent_t done;             /* of this stream, to wait for */
} CudaStream;

static gboolean
is_no_driver (cudaError_t status)
{
  return status == cudaErrorInsufficientDriver
      || status == cudaErrorStubLibrary;
}

static const char *
reason (cudaError_t status)
{
  return cudaGetErrorString (status);
}

/* What a call of the runtime returned becomes the stream's error. */
static gboolean
check (RdStream * stream, cudaError_t status, const char *what)
{
  if (status == cudaSuccess)
    return TRUE;
  cudaGetLastError ();
  if (status == cudaErrorMemoryAllocation)
    rd_stream_fail (stream, RD_ERROR_NO_MEMORY,
        "device %s: %s: %s; use fewer or smaller latents at a time",
        stream->device->name, what, reason (status));
  else
    rd_stream_fail (stream, RD_ERROR_FAILED, "device %s: %s: %s",
        stream->device->name, what, reason (status));
  return FALSE;
}

/* The device is the calling thread's until the next one enters. */
static cudaStream_t
enter (RdStream * stream)
{
  const CudaStream *native = stream->native;

  check (stream, cudaSetDevice (stream->device->ordinal), "cudaSetDevice");
  return native->queue;
}

static void
launched (RdStream * stream, const char *kernel)
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
        "there is no NVIDIA driver, or one too old for CUDA %d.%d; install it, "
        "or use 'cpu'", CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
  else if (status == cudaSuccess || status == cudaErrorNoDevice)
    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
        "the NVIDIA driver sees no device; use 'cpu', or see to it that "
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
  g_set_error (error, RD_ERROR, RD_ERROR_FAILED, "device %s: %s: %s",
      device->name, what, reason (status));
  return TRUE;
}

/* Opened with the first stream, and kept: work of a stream that is closed may
 * still be under way. */
static gpointer
cuda_queue (RdDevice * device, GError ** error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&device->lock);
  cudaStream_t queue;

  if (!device->queue
      && !cuda_failed (device, cudaSetDevice (device->ordinal),
          "cudaSetDevice", error)
      && !cuda_failed (device, cudaStreamCreateWithFlags (&queue,
              cudaStreamNonBlocking), "cudaStreamCreateWithFlags", error))
    device->queue = queue;
  return device->queue;
}

static gboolean
cuda_stream_open (RdStream * stream, GError ** error)
{
  cudaStream_t queue = cuda_queue (stream->device, error);
  CudaStream *native;
  cudaEvent_t done;

  /* threads that wait sleep */
  if (!queue || cuda_failed (stream->device, cudaSetDevice
          (stream->device->ordinal), "cudaSetDevice", error)
      || cuda_failed (stream->device, cudaEventCreateWithFlags (&done,
              cudaEventBlockingSync | cudaEventDisableTiming),
          "cudaEventCreateWithFlags", error))
    return FALSE;
  native = g_new (CudaStream, 1);
  native->queue = queue;
  native->done = done;
  stream->native = native;
  return TRUE;
}

/* Nobody is left to hear of a failure. */
static void
cuda_stream_close (RdStream * stream)
{
  CudaStream *native = stream->native;

  cudaSetDevice (stream->device->ordinal);
  cudaEventDestroy (native->done);
  cudaGetLastError ();
  g_free (native);
}

/* That there is no memory the pool says, which knows how much is in use. */
static gpointer
cuda_alloc (RdStream * stream, gsize size)
{
  cudaStream_t native = enter (stream);
  void *data = NULL;
  cudaError_t status;

  if (stream->error)
    return NULL;
  status = cudaMallocAsync (&data, size, native);
  if (status == cudaErrorMemoryAllocation)
    cudaGetLastError ();
  else
    check (stream, status, "cudaMallocAsync");
  return status == cudaSuccess ? data : NULL;
}

static void
cuda_free (RdStream * stream, gpointer data)
{
  const CudaStream *native = stream->native;

  cudaSetDevice (stream->device->ordinal);
  cudaFreeAsync (data, native->queue);
  cudaGetLastError ();
}

/* From pageable memory: the runtime has copied it when it returns. */
static void
cuda_upload (RdStream * stream, gpointer dst, gconstpointer src, gsize size)
{
  cudaStream_t native = enter (stream);

  if (!stream->error)
    check (stream, cudaMemcpyAsync (dst, src, size, cudaMemcpyHostToDevice,
            native), "upload");
}

static void
cuda_download (RdStream * stream, gpointer dst, gconstpointer src, gsize size)
{
  cudaStream_t native = enter (stream);

  if (!stream->error)
    check (stream, cudaMemcpyAsync (dst, src, size, cudaMemcpyDeviceToHost,
            native), "download");
}

/* For what was queued so far and no more: others may queue on. After a failure
 * too: a download may be under way into memory that its owner frees now. */
static void
cuda_synchronize (RdStream * stream)
{
  const CudaStream *native = stream->native;

  if (check (stream, cudaEventRecord (native->done, native->queue),
          "cudaEventRecord"))
    check (stream, cudaEventSynchronize (native->done),
        "waiting for the device");
  else
    check (stream, cudaStreamSynchronize (native->queue),
        "waiting for the device");
}

/* Whether four elements of it can be moved at once. */
static gboolean
is_aligned (const RdTensor * tensor)
{
  return GPOINTER_TO_SIZE (tensor->data) % (4 * rd_type_size (tensor->type))
      == 0;
}

/* How a sum is walked through: at once where all terms lie as it does, else by
 * rows, or by planes where there are weights. */
static RdCudaSum
cuda_sum (const RdTensor * out, guint n_terms, const RdTerm * terms)
{
  gsize n = terms[0].tensor->n_elements, length;
  gboolean weighted = FALSE, aligned = is_aligned (out);

  for (guint k = 0; k < n_terms; k++) {
    if (terms[k].tensor->n_elements != n)
      n = out->n_elements;
    weighted |= terms[k].weight != NULL;
    aligned &= is_aligned (terms[k].tensor)
        && (!terms[k].weight || is_aligned (terms[k].weight));
  }
  length = n;
  for (guint k = 0; k < n_terms; k++)
    if (terms[k].tensor->n_elements != n)
      length = out->n_elements / out->dims[0];
  if (weighted)
    length = out->dims[2] * out->dims[3];
  return (RdCudaSum) {
    .values = out->data,
    .length = length,
    .n_spans = n / length,
    .repeats = out->n_elements / n,
    .n_terms = n_terms,
    .half = out->type == RD_TYPE_F16,
    .by_four = aligned && length % 4 == 0,
  };
}

static RdCudaTerm
cuda_term (const RdTerm * term, gsize length)
{
  return (RdCudaTerm) {
    .values = term->tensor->data,
    .weight = term->weight ? term->weight->data : NULL,
    .scale = (float) term->scale,
    .half = term->tensor->type == RD_TYPE_F16,
    .n_spans = term->tensor->n_elements / length,
  };
}

static void
cuda_combine (RdStream * stream, RdTensor * out, guint n_terms,
    const RdTerm * terms)
{
  const RdCudaSum sum = cuda_sum (out, n_terms, terms);
  cudaStream_t native = enter (stream);

  if (n_terms <= RD_CUDA_INLINE_TERMS) {
    RdCudaTerms few = { 0 };

    for (guint k = 0; k < n_terms; k++)
      few.term[k] = cuda_term (&terms[k], sum.length);
    if (!stream->error)
      rd_cuda_combine (native, &sum, &few);
  } else {
    const gsize size = n_terms * sizeof (RdCudaTerm);
    g_autofree RdCudaTerm *many = g_new (RdCudaTerm, n_terms);
    gpointer data = rd_stream_take_block (stream, size);

    for (guint k = 0; k < n_terms; k++)
      many[k] = cuda_term (&terms[k], sum.length);
    if (!stream->error)
      cuda_upload (stream, data, many, size);
    if (!stream->error)
      rd_cuda_combine_many (native, &sum, data);
    rd_stream_give_block (stream, data, size);
  }
  launched (stream, "combine");
}

static void
cuda_window (RdStream * stream, RdTensor * out, const RdTensor * in,
    gint64 top, gint64 left, RdOutside outside)
{
  cudaStream_t native = enter (stream);

  if (!stream->error)
    rd_cuda_window (native, out->data, in->data, out->dims[0] * out->dims[1],
        out->dims[2], out->dims[3], in->dims[2], in->dims[3], top, left,
        outside == RD_OUTSIDE_ZERO);
  launched (stream, "window");
}

static void
cuda_window_add (RdStream * stream, RdTensor * out, const RdTensor * in,
    gint64 top, gint64 left, const RdTensor * rows, const RdTensor * columns)
{
  cudaStream_t native = enter (stream);

  if (!stream->error)
    rd_cuda_window_add (native, out->data, in->data,
        out->dims[0] * out->dims[1], out->dims[2], out->dims[3], in->dims[2],
        in->dims[3], top, left, rows->data, columns->data);
  launched (stream, "window_add");
}

static void
cuda_resize (RdStream * stream, RdTensor * out, const RdTensor * in,
    RdFilter filter)
{
  cudaStream_t native = enter (stream);

  if (!stream->error)
    rd_cuda_resize (native, out->data, in->data, out->dims[2], out->dims[3],
        in->dims[2], in->dims[3], filter == RD_FILTER_AREA);
  launched (stream, "resize");
}

static void
cuda_dilate (RdStream * stream, RdTensor * out, const RdTensor * in, int axis,
    guint before, guint after)
{
  cudaStream_t native = enter (stream);

  if (!stream->error)
    rd_cuda_dilate (native, out->data, in->data, out->dims[2], out->dims[3],
        axis, before, after);
  launched (stream, "dilate");
}

static void
cuda_convolve (RdStream * stream, RdTensor * out, const RdTensor * in,
    int axis, guint n_taps, const float *taps)
{
  const gsize size = n_taps * sizeof (float);
  cudaStream_t native = enter (stream);
  gpointer data = rd_stream_take_block (stream, size);

  if (!stream->error)
    cuda_upload (stream, data, taps, size);
  if (!stream->error)
    rd_cuda_convolve (native, out->data, in->data, out->dims[2], out->dims[3],
        axis, n_taps, data);
  rd_stream_give_block (stream, data, size);
  launched (stream, "convolve");
}

static void
cuda_map (RdStream * stream, RdTensor * out, const RdTensor * in,
    RdMapFunction function)
{
  cudaStream_t native = enter (stream);

  if (!stream->error)
    rd_cuda_map (native, out->data, in->data, out->n_elements, function);
  launched (stream, "map");
}

static void
cuda_share (RdStream * stream, guint n, RdTensor * const *coverage,
    RdTensor * rest)
{
  const gsize size = n * sizeof (float *);
  g_autofree gpointer *maps = g_new (gpointer, n);
  cudaStream_t native = enter (stream);
  gpointer data = rd_stream_take_block (stream, size);

  for (guint j = 0; j < n; j++)
    maps[j] = coverage[j]->data;
  if (!stream->error)
    cuda_upload (stream, data, maps, size);
  if (!stream->error)
    rd_cuda_share (native, n, data, rest->data, rest->n_elements);
  rd_stream_give_block (stream, data, size);
  launched (stream, "share");
}

static void
cuda_surround (RdStream * stream, RdTensor * keep, RdTensor * use,
    const RdTensor * own, const RdTensor * done)
{
  cudaStream_t native = enter (stream);

  if (!stream->error)
    rd_cuda_surround (native, keep->data, use->data, own->data, done->data,
        keep->n_elements);
  launched (stream, "surround");
}

static void
cuda_randn (RdStream * stream, RdTensor * out, guint64 seed, guint64 draw)
{
  cudaStream_t native = enter (stream);

  if (!stream->error)
    rd_cuda_randn (native, out->data, out->dims[0],
        out->n_elements / out->dims[0], seed, draw);
  launched (stream, "randn");
}

static void
cuda_unpack (RdStream * stream, RdTensor * out, const guint8 * rgb,
    gsize stride)
{
  cudaStream_t native = enter (stream);

  if (!stream->error)
    rd_cuda_unpack (native, out->data, out->dims[2], out->dims[3], rgb, stride);
  launched (stream, "unpack");
}

static void
cuda_pack (RdStream * stream, guint8 * rgb, gsize stride, const RdTensor * in)
{
  cudaStream_t native = enter (stream);

  if (!stream->error)
    rd_cuda_pack (native, rgb, stride, in->data, in->dims[2], in->dims[3]);
  launched (stream, "pack");
}

const RdDeviceClass *
rd_device_cuda_class (void)
{
  static const RdDeviceClass klass = {
    .name = "cuda",
    .queue = cuda_queue,
    .stream_open = cuda_stream_open,
    .stream_close = cuda_stream_close,
    .alloc = cuda_alloc,
    .free = cuda_free,
    .upload = cuda_upload,
    .download = cuda_download,
    .synchronize = cuda_synchronize,
    .combine = cuda_combine,
    .window = cuda_window,
    .window_add = cuda_window_add,
    .resize = cuda_resize,
    .dilate = cuda_dilate,
    .convolve = cuda_convolve,
    .map = cuda_map,
    .share = cuda_share,
    .surround = cuda_surround,
    .randn = cuda_randn,
    .unpack = cuda_unpack,
    .pack = cuda_pack,
  };

  return &klass;
}
