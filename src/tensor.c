/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tensor.h"

#include <math.h>
#include <string.h>

#include "philox.h"

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

static RdTensor *
tensor_alloc (RdStream * stream, RdType type, guint rank, const gint64 * dims)
{
  RdTensor *tensor = g_atomic_rc_box_new0 (RdTensor);

  tensor->stream = rd_stream_ref (stream);
  tensor->type = type;
  tensor->rank = rank;
  tensor->n_elements = 1;
  for (guint i = 0; i < RD_TENSOR_MAX_RANK; i++) {
    tensor->dims[i] = i < rank ? dims[i] : 1;
    tensor->n_elements *= tensor->dims[i];
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
  return a->rank == b->rank
      && memcmp (a->dims, b->dims, sizeof a->dims) == 0;
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

/* of a type that arithmetic takes */
static gboolean
is_float (const RdTensor * tensor)
{
  return tensor->type == RD_TYPE_F32 || tensor->type == RD_TYPE_F16;
}

static gboolean
is_map (const RdTensor * tensor)
{
  return tensor->type == RD_TYPE_F32 && tensor->rank == 4
      && tensor->dims[0] == 1 && tensor->dims[1] == 1;
}

static gboolean
is_map_of (const RdTensor * map, const RdTensor * tensor)
{
  return is_map (map) && tensor->rank == 4 && map->dims[2] == tensor->dims[2]
      && map->dims[3] == tensor->dims[3];
}

/* as many as @tensor has, too */
static gboolean
are_rows_of (const RdTensor * rows, const RdTensor * tensor)
{
  return rows->rank == tensor->rank && tensor->dims[0] % rows->dims[0] == 0
      && memcmp (rows->dims + 1, tensor->dims + 1,
      sizeof rows->dims - sizeof rows->dims[0]) == 0;
}

/**
 * rd_combine:
 * @out: receives the sum, float32 or float16; may be one of the terms' tensors
 * @n_terms: how many, at least 1
 * @terms: what is added, of float32 or float16 each
 *
 * out = sum over k of scale_k * weight_k * tensor_k, in that order, each term
 * after the first by one fused multiply-add in float32, whatever the types; a
 * float16 @out is rounded to once, at the end. Solver updates, guidance,
 * blending and scaling are all this.
 */
void
rd_combine (RdTensor * out, guint n_terms, const RdTerm * terms)
{
  RdStream *stream = out->stream;

  g_return_if_fail (n_terms > 0 && is_float (out));
  for (guint k = 0; k < n_terms; k++) {
    g_return_if_fail (is_float (terms[k].tensor));
    g_return_if_fail (are_rows_of (terms[k].tensor, out));
    g_return_if_fail (!terms[k].weight || is_map_of (terms[k].weight, out));
  }

  if (!stream->error)
    stream->device->klass->combine (stream, out, n_terms, terms);
}

/**
 * rd_copy:
 * @out: receives the values, float32 or float16
 * @in: float32 or float16, of @out's shape or some rows of it, which repeat
 */
void
rd_copy (RdTensor * out, const RdTensor * in)
{
  rd_combine (out, 1, &(RdTerm) { in, 1.0, NULL });
}

/**
 * rd_convert:
 * @out: receives the values, float32 or float16
 * @in: float32 or float16, same shape
 */
void
rd_convert (RdTensor * out, const RdTensor * in)
{
  g_return_if_fail (rd_tensor_same_shape (out, in));

  rd_copy (out, in);
}

/**
 * rd_map_resize:
 * @out: a map of the new size
 * @in: a map
 * @filter: how
 */
void
rd_map_resize (RdTensor * out, const RdTensor * in, RdFilter filter)
{
  RdStream *stream = out->stream;

  g_return_if_fail (is_map (out) && is_map (in) && out != in);

  if (!stream->error)
    stream->device->klass->resize (stream, out, in, filter);
}

/**
 * rd_map_dilate:
 * @out: a map, not @in
 * @in: a map of the same size
 * @before: cells to look back, towards the left and the top
 * @after: and ahead
 *
 * Grey dilation by a box: the maximum over it. The map grows by @after towards
 * the left and top and by @before towards the right and bottom.
 */
void
rd_map_dilate (RdTensor * out, const RdTensor * in, guint before, guint after)
{
  RdStream *stream = out->stream;
  g_autoptr (RdTensor) rows = NULL;

  g_return_if_fail (is_map (in) && is_map_of (out, in) && out != in);

  rows = rd_tensor_new_like (in);
  if (stream->error)
    return;
  stream->device->klass->dilate (stream, rows, in, 0, before, after);
  stream->device->klass->dilate (stream, out, rows, 1, before, after);
}

/**
 * rd_map_convolve:
 * @out: a map, not @in
 * @in: a map of the same size
 * @n_taps: an odd number
 * @taps: the kernel, host memory
 *
 * Convolves rows and columns with the same kernel; edges are repeated.
 */
void
rd_map_convolve (RdTensor * out, const RdTensor * in, guint n_taps,
    const float *taps)
{
  RdStream *stream = out->stream;
  g_autoptr (RdTensor) rows = NULL;

  g_return_if_fail (is_map (in) && is_map_of (out, in) && out != in);
  g_return_if_fail (n_taps % 2 == 1);

  rows = rd_tensor_new_like (in);
  if (stream->error)
    return;
  stream->device->klass->convolve (stream, rows, in, 0, n_taps, taps);
  stream->device->klass->convolve (stream, out, rows, 1, n_taps, taps);
}

/**
 * rd_map_apply:
 * @out: a map; may be @in
 * @in: a map of the same size
 * @function: what to compute of every cell
 */
void
rd_map_apply (RdTensor * out, const RdTensor * in, RdMapFunction function)
{
  RdStream *stream = out->stream;

  g_return_if_fail (is_map (in) && is_map_of (out, in));

  if (!stream->error)
    stream->device->klass->map (stream, out, in, function);
}

/**
 * rd_map_share:
 * @n: how many share
 * @coverage: their coverages a_j, all >= 0; become their weights w_j
 * @rest: what is left to share, T; shrinks by what they take
 *
 * With A = min(1, sum a_j): w_j = T A a_j / sum a_j, and T becomes T (1 - A).
 */
void
rd_map_share (guint n, RdTensor * const *coverage, RdTensor * rest)
{
  RdStream *stream = rest->stream;

  g_return_if_fail (is_map (rest));
  for (guint j = 0; j < n; j++)
    g_return_if_fail (is_map_of (coverage[j], rest));

  if (!stream->error)
    stream->device->klass->share (stream, n, coverage, rest);
}

/**
 * rd_map_surround:
 * @keep: receives 1 where @own is positive or @done is not, else 0
 * @use: receives 0 there, else 1 / @done
 * @own: an owner's weight
 * @done: the summed weight of those before it
 *
 * The owner's input is then keep * x + use * (what those before it made, by
 * weight): its surroundings as they are now, where it does not own.
 */
void
rd_map_surround (RdTensor * keep, RdTensor * use, const RdTensor * own,
    const RdTensor * done)
{
  RdStream *stream = keep->stream;

  g_return_if_fail (is_map (keep) && is_map_of (use, keep));
  g_return_if_fail (is_map_of (own, keep) && is_map_of (done, keep));

  if (!stream->error)
    stream->device->klass->surround (stream, keep, use, own, done);
}

/**
 * rd_randn:
 * @out: (N,...): receives standard normal numbers, float32
 * @seed: all 64 bits of it count
 * @draw: which of the seed's, less than %RD_PHILOX_MAX_DRAWS: they are
 *   independent of each other
 *
 * Every row has numbers of its own, the same in a batch of any size; the first
 * numbers of a longer row are those of a shorter one. Devices make them of the
 * same random bits; their logarithms and sines may differ in the last digit.
 */
void
rd_randn (RdTensor * out, guint64 seed, guint64 draw)
{
  RdStream *stream = out->stream;

  g_return_if_fail (out->type == RD_TYPE_F32);
  g_return_if_fail (draw < RD_PHILOX_MAX_DRAWS);
  g_return_if_fail ((guint64) out->dims[0] <= RD_PHILOX_MAX_ROWS);

  if (!stream->error)
    stream->device->klass->randn (stream, out, seed, draw);
}

/**
 * rd_step_error:
 * @a: the less exact result of a step, float32
 * @b: the more exact one, of the same shape
 * @c: the result of the step before, of the same shape
 * @atol: absolute error that is tolerated, > 0
 * @rtol: error relative to @a or @c that is tolerated
 *
 * The root mean square, over all elements, of the error in units of what is
 * tolerated (Hairer, Norsett and Wanner, "Solving Ordinary Differential
 * Equations I", II.4). It decides about steps, so it is summed in double and on
 * the host: every device takes the same steps. Waits for the device.
 *
 * Returns: 1 where it is just tolerated; 0 when the stream has failed
 */
double
rd_step_error (const RdTensor * a, const RdTensor * b, const RdTensor * c,
    double atol, double rtol)
{
  RdStream *stream = a->stream;
  const RdTensor *tensors[] = { a, b, c };
  float *values[G_N_ELEMENTS (tensors)];
  double sum = 0.0;

  g_return_val_if_fail (a->type == RD_TYPE_F32, 0.0);
  g_return_val_if_fail (rd_tensor_same_shape (a, b), 0.0);
  g_return_val_if_fail (rd_tensor_same_shape (a, c), 0.0);

  for (guint k = 0; k < G_N_ELEMENTS (tensors); k++) {
    values[k] = g_malloc (a->size);
    if (!stream->error)
      stream->device->klass->download (stream, values[k], tensors[k]->data,
          a->size);
  }
  /* after a failure, too: the others are under way, into memory that goes */
  stream->device->klass->synchronize (stream);
  for (gsize i = 0; !stream->error && i < a->n_elements; i++) {
    const double value = values[0][i], before = values[2][i];
    const double tolerated = fmax (atol, rtol * fmax (fabs (value),
            fabs (before)));
    const double error = (value - values[1][i]) / tolerated;

    sum += error * error;
  }
  for (guint k = 0; k < G_N_ELEMENTS (tensors); k++)
    g_free (values[k]);
  return stream->error ? 0.0 : sqrt ((float) (sum / a->n_elements));
}
