/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "device/tensor.h"

#include <string.h>

/**
 * rd_type_size:
 * @type: an element type
 *
 * Returns: bytes of one element
 */
gsize
rd_type_size (RdType type)
{
  static const gsize sizes[] = { 4, 2, 4, 8, 8, 1 };

  return sizes[type];
}

/**
 * rd_type_name:
 * @type: an element type
 *
 * Returns: its name as in caps
 */
const char *
rd_type_name (RdType type)
{
  static const char *const names[] = { "float32", "float16", "int32", "int64",
    "float64", "uint8"
  };

  return names[type];
}

/* How many elements a tensor has; FALSE where its bytes cannot be counted. */
static gboolean
count_elements (RdType type, const gint64 * dims, gsize * n_elements)
{
  gsize size = rd_type_size (type);

  for (guint i = 0; i < RD_TENSOR_MAX_RANK; i++)
    if (dims[i] < 0 || !g_size_checked_mul (&size, size, (gsize) dims[i]))
      return FALSE;
  *n_elements = size / rd_type_size (type);
  return TRUE;
}

static RdTensor *
tensor_alloc (RdStream * stream, RdType type, guint rank, const gint64 * dims)
{
  RdTensor *tensor = g_atomic_rc_box_new0 (RdTensor);

  tensor->stream = rd_stream_ref (stream);
  tensor->type = type;
  tensor->rank = rank;
  for (guint i = 0; i < RD_TENSOR_MAX_RANK; i++)
    tensor->dims[i] = i < rank ? dims[i] : 1;
  if (!count_elements (type, tensor->dims, &tensor->n_elements)) {
    g_autofree char *shape = rd_tensor_describe (tensor);

    rd_stream_fail (stream, RD_ERROR_NO_MEMORY,
        "device %s: a tensor of %s is larger than any memory",
        stream->device->name, shape);
  }
  tensor->size = tensor->n_elements * rd_type_size (type);
  return tensor;
}

/**
 * rd_tensor_new:
 * @stream: where its memory comes from
 * @type: element type
 * @rank: number of dimensions, at most %RD_TENSOR_MAX_RANK
 * @dims: their sizes, outermost first, all positive
 *
 * Returns: (transfer full): a tensor of undefined content; when memory could
 *   not be had the stream has failed and operations on it do nothing
 */
RdTensor *
rd_tensor_new (RdStream * stream, RdType type, guint rank, const gint64 * dims)
{
  RdTensor *tensor;

  g_return_val_if_fail (rank <= RD_TENSOR_MAX_RANK, NULL);

  tensor = tensor_alloc (stream, type, rank, dims);
  tensor->data = rd_stream_take_block (stream, tensor->size);
  return tensor;
}

/**
 * rd_tensor_new_like:
 * @other: a tensor
 *
 * Returns: (transfer full): one of the same shape, type and stream
 */
RdTensor *
rd_tensor_new_like (const RdTensor * other)
{
  return rd_tensor_new (other->stream, other->type, other->rank, other->dims);
}

/**
 * rd_tensor_new_map:
 * @stream: where its memory comes from
 * @height: rows
 * @width: columns
 *
 * Returns: (transfer full): a float32 tensor of shape (1,1,H,W)
 */
RdTensor *
rd_tensor_new_map (RdStream * stream, gint64 height, gint64 width)
{
  return rd_tensor_new (stream, RD_TYPE_F32, 4,
      (const gint64[]) { 1, 1, height, width });
}

/**
 * rd_tensor_new_from_host:
 * @stream: where its memory comes from
 * @type: element type
 * @rank: number of dimensions
 * @dims: their sizes
 * @data: its content, copied before this returns
 *
 * Returns: (transfer full): a filled tensor
 */
RdTensor *
rd_tensor_new_from_host (RdStream * stream, RdType type, guint rank,
    const gint64 * dims, gconstpointer data)
{
  RdTensor *tensor = rd_tensor_new (stream, type, rank, dims);

  rd_tensor_upload (tensor, data);
  return tensor;
}

/**
 * rd_tensor_rows:
 * @tensor: a tensor
 * @first: index along the outermost dimension
 * @n: how many
 *
 * Returns: (transfer full): a view of these rows, which shares the memory
 */
RdTensor *
rd_tensor_rows (RdTensor * tensor, gint64 first, gint64 n)
{
  gint64 dims[RD_TENSOR_MAX_RANK];
  RdTensor *view;
  gsize row_size;

  g_return_val_if_fail (first >= 0 && n > 0 && first + n <= tensor->dims[0],
      NULL);

  memcpy (dims, tensor->dims, sizeof dims);
  dims[0] = n;
  row_size = tensor->size / tensor->dims[0];
  view = tensor_alloc (tensor->stream, tensor->type, tensor->rank, dims);
  view->parent = rd_tensor_ref (tensor);
  if (tensor->data)
    view->data = (guint8 *) tensor->data + first * row_size;
  return view;
}

/**
 * rd_tensor_reshape:
 * @tensor: a tensor
 * @rank: number of dimensions
 * @dims: their sizes, whose product is that of @tensor's
 *
 * Returns: (transfer full): a view in another shape, which shares the memory
 */
RdTensor *
rd_tensor_reshape (RdTensor * tensor, guint rank, const gint64 * dims)
{
  RdTensor *view;

  g_return_val_if_fail (rank <= RD_TENSOR_MAX_RANK, NULL);

  view = tensor_alloc (tensor->stream, tensor->type, rank, dims);
  view->parent = rd_tensor_ref (tensor);
  view->data = tensor->data;
  g_return_val_if_fail (view->n_elements == tensor->n_elements, view);
  return view;
}

/**
 * rd_tensor_share:
 * @tensor: a tensor that no operation will change any more
 * @stream: another stream of the same device, of any thread
 *
 * Work on @stream that is queued from now on sees what was queued on @tensor's
 * stream before. On a device that computes at once nothing else is needed
 * either.
 *
 * Returns: (transfer full): a view that belongs to @stream and shares the memory
 */
RdTensor *
rd_tensor_share (RdTensor * tensor, RdStream * stream)
{
  RdTensor *view;

  g_return_val_if_fail (tensor->stream->device == stream->device, NULL);

  view = tensor_alloc (stream, tensor->type, tensor->rank, tensor->dims);
  view->parent = rd_tensor_ref (tensor);
  view->data = tensor->data;
  return view;
}

/**
 * rd_tensor_ref:
 * @tensor: a tensor
 *
 * Returns: (transfer full): @tensor
 */
RdTensor *
rd_tensor_ref (RdTensor * tensor)
{
  return g_atomic_rc_box_acquire (tensor);
}

static void
tensor_clear (gpointer data)
{
  RdTensor *tensor = data;

  if (tensor->parent)
    rd_tensor_unref (tensor->parent);
  else
    rd_stream_give_block (tensor->stream, tensor->data, tensor->size);
  rd_stream_unref (tensor->stream);
}

/**
 * rd_tensor_unref:
 * @tensor: (transfer full): a tensor, in any thread
 *
 * With the last reference its memory goes back to the stream's pool.
 */
void
rd_tensor_unref (RdTensor * tensor)
{
  g_atomic_rc_box_release_full (tensor, tensor_clear);
}

/**
 * rd_tensor_same_shape:
 * @a: a tensor
 * @b: another
 *
 * Returns: whether rank and dimensions are equal; types may differ
 */
gboolean
rd_tensor_same_shape (const RdTensor * a, const RdTensor * b)
{
  return a->rank == b->rank && memcmp (a->dims, b->dims, sizeof a->dims) == 0;
}

/**
 * rd_tensor_describe:
 * @tensor: a tensor
 *
 * Returns: (transfer full): its type and shape for messages, "float32 1x4x8x8"
 */
char *
rd_tensor_describe (const RdTensor * tensor)
{
  GString *text = g_string_new (rd_type_name (tensor->type));

  for (guint i = 0; i < tensor->rank; i++)
    g_string_append_printf (text, "%c%" G_GINT64_FORMAT, i ? 'x' : ' ',
        tensor->dims[i]);
  return g_string_free (text, FALSE);
}

/**
 * rd_tensor_upload:
 * @tensor: a tensor
 * @data: @tensor->size bytes of host memory, copied before this returns
 */
void
rd_tensor_upload (RdTensor * tensor, gconstpointer data)
{
  RdStream *stream = tensor->stream;

  if (!stream->error)
    stream->device->klass->upload (stream, tensor->data, data, tensor->size);
}

/**
 * rd_tensor_download:
 * @tensor: a tensor
 * @data: receives @tensor->size bytes
 * @error: receives the stream's first failure
 *
 * Waits for the work queued so far.
 *
 * Returns: %FALSE when an operation failed; @data is then undefined
 */
gboolean
rd_tensor_download (const RdTensor * tensor, gpointer data, GError ** error)
{
  RdStream *stream = tensor->stream;

  if (!stream->error)
    stream->device->klass->download (stream, data, tensor->data, tensor->size);
  return rd_stream_synchronize (stream, error);
}
