/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The CUDA device's operations: tensors become what kernels take. */

#include "device-cuda.h"
#include "kernels.h"
#include "device/tensor.h"

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
  RdCudaSum sum;

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
  sum.values = out->data;
  sum.length = length;
  sum.n_spans = n / length;
  sum.repeats = out->n_elements / n;
  sum.n_terms = n_terms;
  sum.half = out->type == RD_TYPE_F16;
  sum.by_four = aligned && length % 4 == 0;
  return sum;
}

static RdCudaTerm
cuda_term (const RdTerm * term, gsize length)
{
  const RdTensor *tensor = term->tensor;
  RdCudaTerm cuda;

  cuda.values = tensor->data;
  cuda.weight = term->weight ? term->weight->data : NULL;
  cuda.scale = (float) term->scale;
  cuda.half = tensor->type == RD_TYPE_F16;
  cuda.n_spans = tensor->n_elements / length;
  return cuda;
}

static void
cuda_combine (RdStream * stream, RdTensor * out, guint n_terms,
    const RdTerm * terms)
{
  const RdCudaSum sum = cuda_sum (out, n_terms, terms);
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);

  if (n_terms <= RD_CUDA_INLINE_TERMS) {
    RdCudaTerms few = { 0 };

    for (guint k = 0; k < n_terms; k++)
      few.term[k] = cuda_term (&terms[k], sum.length);
    if (!stream->error)
      rd_cuda_combine (call.queue, &sum, &few);
  } else {
    const gsize size = n_terms * sizeof (RdCudaTerm);
    g_autofree RdCudaTerm *many = g_new (RdCudaTerm, n_terms);
    gpointer data = rd_stream_take_block (stream, size);

    for (guint k = 0; k < n_terms; k++)
      many[k] = cuda_term (&terms[k], sum.length);
    if (!stream->error)
      rd_cuda_upload (stream, data, many, size);
    if (!stream->error)
      rd_cuda_combine_many (call.queue, &sum, data);
    rd_stream_give_block (stream, data, size);
  }
  rd_cuda_launched (stream, "combine");
}

static void
cuda_window (RdStream * stream, RdTensor * out, const RdTensor * in,
    gint64 top, gint64 left, RdOutside outside)
{
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);

  if (!stream->error)
    rd_cuda_window (call.queue, out->data, in->data,
        out->dims[0] * out->dims[1], out->dims[2], out->dims[3], in->dims[2],
        in->dims[3], top, left, outside == RD_OUTSIDE_ZERO);
  rd_cuda_launched (stream, "window");
}

static void
cuda_window_add (RdStream * stream, RdTensor * out, const RdTensor * in,
    gint64 top, gint64 left, const RdTensor * rows, const RdTensor * columns)
{
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);

  if (!stream->error)
    rd_cuda_window_add (call.queue, out->data, in->data,
        out->dims[0] * out->dims[1], out->dims[2], out->dims[3], in->dims[2],
        in->dims[3], top, left, rows->data, columns->data);
  rd_cuda_launched (stream, "window_add");
}

static void
cuda_patches (RdStream * stream, RdTensor * out, const RdTensor * in,
    gint64 size, gboolean joins)
{
  const RdTensor *planes = joins ? out : in;
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);

  if (!stream->error)
    rd_cuda_patches (call.queue, out->data, in->data, out->n_elements,
        planes->dims[1], planes->dims[2], planes->dims[3], size, joins);
  rd_cuda_launched (stream, "patches");
}

static void
cuda_resize (RdStream * stream, RdTensor * out, const RdTensor * in,
    RdFilter filter)
{
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);

  if (!stream->error)
    rd_cuda_resize (call.queue, out->data, in->data, out->dims[2], out->dims[3],
        in->dims[2], in->dims[3], filter == RD_FILTER_AREA);
  rd_cuda_launched (stream, "resize");
}

static void
cuda_dilate (RdStream * stream, RdTensor * out, const RdTensor * in, int axis,
    guint before, guint after)
{
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);

  if (!stream->error)
    rd_cuda_dilate (call.queue, out->data, in->data, out->dims[2], out->dims[3],
        axis, before, after);
  rd_cuda_launched (stream, "dilate");
}

static void
cuda_convolve (RdStream * stream, RdTensor * out, const RdTensor * in,
    int axis, guint n_taps, const float *taps)
{
  const gsize size = n_taps * sizeof (float);
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);
  gpointer data = rd_stream_take_block (stream, size);

  if (!stream->error)
    rd_cuda_upload (stream, data, taps, size);
  if (!stream->error)
    rd_cuda_convolve (call.queue, out->data, in->data, out->dims[2],
        out->dims[3], axis, n_taps, data);
  rd_stream_give_block (stream, data, size);
  rd_cuda_launched (stream, "convolve");
}

static void
cuda_map (RdStream * stream, RdTensor * out, const RdTensor * in,
    RdMapFunction function)
{
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);

  if (!stream->error)
    rd_cuda_map (call.queue, out->data, in->data, out->n_elements, function);
  rd_cuda_launched (stream, "map");
}

static void
cuda_partition (RdStream * stream, guint n, RdTensor * const *coverage,
    RdTensor * rest)
{
  const gsize size = n * sizeof (float *);
  g_autofree gpointer *maps = g_new (gpointer, n);
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);
  gpointer data = rd_stream_take_block (stream, size);

  for (guint j = 0; j < n; j++)
    maps[j] = coverage[j]->data;
  if (!stream->error)
    rd_cuda_upload (stream, data, maps, size);
  if (!stream->error)
    rd_cuda_partition (call.queue, n, data, rest->data, rest->n_elements);
  rd_stream_give_block (stream, data, size);
  rd_cuda_launched (stream, "partition");
}

static void
cuda_surround (RdStream * stream, RdTensor * keep, RdTensor * use,
    const RdTensor * own, const RdTensor * done)
{
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);

  if (!stream->error)
    rd_cuda_surround (call.queue, keep->data, use->data, own->data, done->data,
        keep->n_elements);
  rd_cuda_launched (stream, "surround");
}

static void
cuda_mark_not_finite (RdStream * stream, RdTensor * first,
    const RdTensor * in, gint32 mark)
{
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);

  if (!stream->error)
    rd_cuda_mark_not_finite (call.queue, first->data, in->data, in->n_elements,
        mark);
  rd_cuda_launched (stream, "mark_not_finite");
}

static void
cuda_randn (RdStream * stream, RdTensor * out, guint64 seed, guint64 draw)
{
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);

  if (!stream->error)
    rd_cuda_randn (call.queue, out->data, out->dims[0],
        out->n_elements / out->dims[0], seed, draw);
  rd_cuda_launched (stream, "randn");
}

static void
cuda_unpack (RdStream * stream, RdTensor * out, const guint8 * rgb,
    gsize stride)
{
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);

  if (!stream->error)
    rd_cuda_unpack (call.queue, out->data, out->dims[2], out->dims[3], rgb,
        stride);
  rd_cuda_launched (stream, "unpack");
}

static void
cuda_pack (RdStream * stream, guint8 * rgb, gsize stride, const RdTensor * in)
{
  g_auto (RdCudaCall) call = rd_cuda_enter (stream);

  if (!stream->error)
    rd_cuda_pack (call.queue, rgb, stride, in->data, in->dims[2], in->dims[3]);
  rd_cuda_launched (stream, "pack");
}

const RdDeviceClass *
rd_device_cuda_class (void)
{
  static const RdDeviceClass klass = {
    .name = "cuda",
    .get_context = rd_cuda_get_context,
    .set_context = rd_cuda_set_context,
    .queue = rd_cuda_queue,
    .stream_open = rd_cuda_stream_open,
    .stream_close = rd_cuda_stream_close,
    .alloc = rd_cuda_alloc,
    .free = rd_cuda_free,
    .upload = rd_cuda_upload,
    .download = rd_cuda_download,
    .synchronize = rd_cuda_synchronize,
    .pace = rd_cuda_pace,
    .combine = cuda_combine,
    .window = cuda_window,
    .window_add = cuda_window_add,
    .patches = cuda_patches,
    .resize = cuda_resize,
    .dilate = cuda_dilate,
    .convolve = cuda_convolve,
    .map = cuda_map,
    .partition = cuda_partition,
    .surround = cuda_surround,
    .mark_not_finite = cuda_mark_not_finite,
    .randn = cuda_randn,
    .unpack = cuda_unpack,
    .pack = cuda_pack,
  };

  return &klass;
}
