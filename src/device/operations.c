/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What is done with tensors: what they must be is checked here, for all
 * devices. */

#include "device/tensor.h"

#include <math.h>

#include "device/philox.h"

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
 * rd_affine:
 * @out: float32, (N,C,H,W)
 * @in: of @out's shape, float32; may be @out
 * @scale: factor
 * @offset: what is added
 *
 * @out = @scale * @in + @offset
 */
void
rd_affine (RdTensor * out, const RdTensor * in, double scale, double offset)
{
  const gint64 dims[] = { 1, out->dims[1], out->dims[2], out->dims[3] };
  g_autoptr (RdTensor) ones = NULL;
  RdTerm terms[2] = { {in, scale, NULL} };
  guint n = 1;

  g_return_if_fail (out->rank == 4 && rd_tensor_same_shape (out, in));

  if (offset != 0.0) {
    g_autofree float *values = g_new (float, dims[1] * dims[2] * dims[3]);

    ones = rd_tensor_new (out->stream, RD_TYPE_F32, 4, dims);
    for (gsize i = 0; i < ones->n_elements; i++)
      values[i] = 1.0f;
    rd_tensor_upload (ones, values);
    terms[n++] = rd_term (ones, offset, NULL);
  }
  rd_combine (out, n, terms);
}

/**
 * rd_copy:
 * @out: receives the values, float32 or float16
 * @in: float32 or float16, of @out's shape or some rows of it, which repeat
 */
void
rd_copy (RdTensor * out, const RdTensor * in)
{
  const RdTerm term = { in, 1.0, NULL };

  rd_combine (out, 1, &term);
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
 * rd_map_partition:
 * @n: how many maps there are
 * @coverage: their coverages a_j, all >= 0; become their weights w_j
 * @rest: what is left to distribute, T; shrinks by what they take
 *
 * With A = min(1, sum a_j): w_j = T A a_j / sum a_j, and T becomes T (1 - A).
 */
void
rd_map_partition (guint n, RdTensor * const *coverage, RdTensor * rest)
{
  RdStream *stream = rest->stream;

  g_return_if_fail (is_map (rest));
  for (guint j = 0; j < n; j++)
    g_return_if_fail (is_map_of (coverage[j], rest));

  if (!stream->error)
    stream->device->klass->partition (stream, n, coverage, rest);
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
 * rd_mark_new:
 * @stream: a stream
 *
 * Returns: (transfer full): (1) int32, %RD_ALL_FINITE, for rd_mark_not_finite()
 */
RdTensor *
rd_mark_new (RdStream * stream)
{
  const gint64 one = 1;
  const gint32 none = RD_ALL_FINITE;

  return rd_tensor_new_from_host (stream, RD_TYPE_I32, 1, &one, &none);
}

/**
 * rd_mark_not_finite:
 * @first: (1) int32: the lowest mark so far, %RD_ALL_FINITE at first
 * @in: float32, of any shape
 * @mark: the mark of @in
 *
 * Lowers @first to @mark if an element of @in is infinite or not a number. As all
 * operations it is queued and nobody waits: one download of @first tells at the
 * end which of many tensors was the first that was not finite.
 */
void
rd_mark_not_finite (RdTensor * first, const RdTensor * in, gint32 mark)
{
  RdStream *stream = in->stream;

  g_return_if_fail (in->type == RD_TYPE_F32);
  g_return_if_fail (first->type == RD_TYPE_I32 && first->n_elements == 1);

  if (!stream->error)
    stream->device->klass->mark_not_finite (stream, first, in, mark);
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
  /* after a failure, too: the others may be under way, into memory that goes */
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
