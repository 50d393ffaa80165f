/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The CPU device: the loops around ops.h. It works at once and in the calling
 * thread: at latent sizes an operation takes microseconds, a network seconds. */

#include "device/ops.h"
#include "device/philox.h"
#include "device/tensor.h"

/* combine() works through blocks of this many elements, small enough to stay
 * in the first-level cache whatever the number of terms. */
#define BLOCK 1024

static gboolean
cpu_stream_open (RdStream * stream, GError ** error)
{
  return TRUE;
}

static void
cpu_stream_close (RdStream * stream)
{
}

static gpointer
cpu_alloc (RdStream * stream, gsize size)
{
  return g_try_malloc (size);
}

static void
cpu_free (RdStream * stream, gpointer data)
{
  g_free (data);
}

static void
cpu_copy (RdStream * stream, gpointer dst, gconstpointer src, gsize size)
{
  memcpy (dst, src, size);
}

static void
cpu_synchronize (RdStream * stream)
{
}

/* @n elements from @at on; those of a float16 tensor, in @widened. */
RD_OP const float *
values_of (const RdTensor * tensor, gsize at, gsize n, float *widened)
{
  const guint16 *halves = (const guint16 *) tensor->data + at;

  if (tensor->type == RD_TYPE_F32)
    return (const float *) tensor->data + at;
  for (gsize i = 0; i < n; i++)
    widened[i] = rd_op_float_from_half (halves[i]);
  return widened;
}

/* One block of one plane of combine(), compiled for several instruction sets:
 * where the processor has no fused multiply-add, fmaf() is a slow call. */
RD_OP void
combine_block (RdTensor * out, gsize at, gsize n, guint n_terms,
    const RdTerm * terms, gsize offset)
{
  float sum[BLOCK], widened[BLOCK];

  for (guint k = 0; k < n_terms; k++) {
    const RdTensor *tensor = terms[k].tensor;
    const float scale = (float) terms[k].scale;
    const float *value = values_of (tensor, at % tensor->n_elements, n,
        widened);
    const float *weight = terms[k].weight
        ? (const float *) terms[k].weight->data + offset : NULL;

    if (k == 0 && weight)
      for (gsize i = 0; i < n; i++)
        sum[i] = rd_op_first_term (scale * weight[i], value[i]);
    else if (k == 0)
      for (gsize i = 0; i < n; i++)
        sum[i] = rd_op_first_term (scale, value[i]);
    else if (weight)
      for (gsize i = 0; i < n; i++)
        sum[i] = rd_op_next_term (sum[i], scale * weight[i], value[i]);
    else
      for (gsize i = 0; i < n; i++)
        sum[i] = rd_op_next_term (sum[i], scale, value[i]);
  }
  if (out->type == RD_TYPE_F32)
    memcpy ((float *) out->data + at, sum, n * sizeof (float));
  else
    for (gsize i = 0; i < n; i++)
      ((guint16 *) out->data)[at + i] = rd_op_half_from_float (sum[i]);
}

static void
combine_block_plain (RdTensor * out, gsize at, gsize n, guint n_terms,
    const RdTerm * terms, gsize offset)
{
  combine_block (out, at, n, n_terms, terms, offset);
}

typedef void (*CombineBlock) (RdTensor *, gsize, gsize, guint,
    const RdTerm *, gsize);

#if defined(__x86_64__)
static void combine_block_fma (RdTensor * out, gsize at, gsize n,
    guint n_terms, const RdTerm * terms, gsize offset)
    __attribute__((target ("avx2,fma")));

static void
combine_block_fma (RdTensor * out, gsize at, gsize n, guint n_terms,
    const RdTerm * terms, gsize offset)
{
  combine_block (out, at, n, n_terms, terms, offset);
}

static CombineBlock
choose_combine_block (void)
{
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma")
      ? combine_block_fma : combine_block_plain;
}
#else
static CombineBlock
choose_combine_block (void)
{
  return combine_block_plain;
}
#endif

static void
cpu_combine (RdStream * stream, RdTensor * out, guint n_terms,
    const RdTerm * terms)
{
  const CombineBlock combine = choose_combine_block ();
  const gsize plane = out->rank == 4 ? (gsize) (out->dims[2] * out->dims[3])
      : out->n_elements / out->dims[0];

  for (gsize start = 0; start < out->n_elements; start += plane)
    for (gsize offset = 0; offset < plane; offset += BLOCK)
      combine (out, start + offset, MIN (BLOCK, plane - offset), n_terms,
          terms, offset);
}

static void
cpu_window (RdStream * stream, RdTensor * out, const RdTensor * in,
    gint64 top, gint64 left, RdOutside outside)
{
  const gint64 h = in->dims[2], w = in->dims[3];
  const gint64 first = CLAMP (-left, 0, out->dims[3]);
  const gint64 last = CLAMP (w - left, first, out->dims[3]);
  float *dst = out->data;

  for (gint64 row = 0; row < out->dims[0] * out->dims[1] * out->dims[2];
      row++, dst += out->dims[3]) {
    const gint64 plane = row / out->dims[2];
    const gint64 y = row % out->dims[2] + top;
    const float *src = (const float *) in->data
        + (plane * h + rd_op_mirror (y, h)) * w;

    if (outside == RD_OUTSIDE_ZERO && (y < 0 || y >= h)) {
      memset (dst, 0, out->dims[3] * sizeof (float));
      continue;
    }
    for (gint64 x = 0; x < first; x++)
      dst[x] = outside == RD_OUTSIDE_ZERO ? 0.0f
          : src[rd_op_mirror (x + left, w)];
    if (last > first)
      memcpy (dst + first, src + first + left, (last - first) * sizeof (float));
    for (gint64 x = last; x < out->dims[3]; x++)
      dst[x] = outside == RD_OUTSIDE_ZERO ? 0.0f
          : src[rd_op_mirror (x + left, w)];
  }
}

static void
cpu_window_add (RdStream * stream, RdTensor * out, const RdTensor * in,
    gint64 top, gint64 left, const RdTensor * rows, const RdTensor * columns)
{
  const gint64 h = in->dims[2], w = in->dims[3];
  const float *row = rows->data, *column = columns->data, *src = in->data;

  for (gint64 i = 0; i < in->dims[0] * in->dims[1] * h; i++, src += w) {
    float *dst = (float *) out->data
        + (i / h * out->dims[2] + i % h + top) * out->dims[3] + left;

    for (gint64 x = 0; x < w; x++)
      dst[x] = rd_op_window_add (dst[x], row[i % h], column[x], src[x]);
  }
}

static void
cpu_patches (RdStream * stream, RdTensor * out, const RdTensor * in,
    gint64 size, gboolean joins)
{
  const RdTensor *planes = joins ? out : in;
  const gint64 c = planes->dims[1], h = planes->dims[2], w = planes->dims[3];
  const float *src = in->data;
  float *dst = out->data;

  for (gint64 i = 0; i < (gint64) out->n_elements; i++) {
    const gint64 place = rd_op_patch_place (i, c, h, w, size);

    if (joins)
      dst[place] = src[i];
    else
      dst[i] = src[place];
  }
}

static void
cpu_resize (RdStream * stream, RdTensor * out, const RdTensor * in,
    RdFilter filter)
{
  const gint64 h = out->dims[2], w = out->dims[3];
  const float *src = in->data;
  float *dst = out->data;

  for (gint64 y = 0; y < h; y++)
    for (gint64 x = 0; x < w; x++)
      dst[y * w + x] = filter == RD_FILTER_AREA
          ? rd_op_area (src, in->dims[2], in->dims[3], h, w, y, x)
          : rd_op_bilinear (src, in->dims[2], in->dims[3], h, w, y, x);
}

/* Windows along an axis work by whole rows: cells of a row lie side by side, so
 * that the inner loop is the same for both axes and has no edges. */

static void
cpu_dilate (RdStream * stream, RdTensor * out, const RdTensor * in, int axis,
    guint before, guint after)
{
  const gint64 h = out->dims[2], w = out->dims[3];
  const gint64 n = axis == 0 ? w : h, step = axis == 0 ? 1 : w;
  const gint64 first = -MIN ((gint64) before, n - 1);
  const gint64 last = MIN ((gint64) after, n - 1);

  memcpy (out->data, in->data, out->size);
  for (gint64 y = 0; y < h; y++) {
    float *dst = (float *) out->data + y * w;
    const float *src = (const float *) in->data + y * w;

    for (gint64 k = first; k <= last; k++) {
      gint64 begin = 0, end = w;

      if (axis == 0) {
        begin = MAX (0, -k);
        end = MIN (w, w - k);
      } else if (y + k < 0 || y + k >= h) {
        continue;
      }
      for (gint64 x = begin; x < end; x++)
        dst[x] = rd_op_dilate_next (dst[x], src[x + k * step]);
    }
  }
}

static void
cpu_convolve (RdStream * stream, RdTensor * out, const RdTensor * in, int axis,
    guint n_taps, const float *taps)
{
  const gint64 h = out->dims[2], w = out->dims[3], reach = n_taps / 2;
  g_autofree float *padded = g_new (float, w + 2 * reach);

  for (gint64 y = 0; y < h; y++) {
    const float *src = (const float *) in->data + y * w;
    float *dst = (float *) out->data + y * w;

    for (gint64 x = 0; axis == 0 && x < w + 2 * reach; x++)
      padded[x] = src[CLAMP (x - reach, 0, w - 1)];
    memset (dst, 0, w * sizeof (float));
    for (gint64 k = 0; k < n_taps; k++) {
      const float *values = axis == 0 ? padded + k
          : (const float *) in->data + CLAMP (y + k - reach, 0, h - 1) * w;

      for (gint64 x = 0; x < w; x++)
        dst[x] = rd_op_convolve_next (dst[x], taps[k], values[x]);
    }
  }
}

static void
cpu_map (RdStream * stream, RdTensor * out, const RdTensor * in,
    RdMapFunction function)
{
  const float *src = in->data;
  float *dst = out->data;

  for (gsize i = 0; i < out->n_elements; i++)
    dst[i] = rd_op_map (function, src[i]);
}

static void
cpu_partition (RdStream * stream, guint n, RdTensor * const *coverage,
    RdTensor * rest)
{
  float *left = rest->data;

  for (gsize i = 0; i < rest->n_elements; i++) {
    float sum = 0.0f, factor;

    for (guint j = 0; j < n; j++)
      sum += ((const float *) coverage[j]->data)[i];
    factor = rd_op_partition_factor (sum, left[i]);
    for (guint j = 0; j < n; j++)
      ((float *) coverage[j]->data)[i] *= factor;
    left[i] = rd_op_partition_rest (sum, left[i]);
  }
}

static void
cpu_surround (RdStream * stream, RdTensor * keep, RdTensor * use,
    const RdTensor * own, const RdTensor * done)
{
  const float *o = own->data, *d = done->data;

  for (gsize i = 0; i < keep->n_elements; i++) {
    const float kept = rd_op_surround_keep (o[i], d[i]);

    ((float *) use->data)[i] = rd_op_surround_use (o[i], d[i]);
    ((float *) keep->data)[i] = kept;
  }
}

/* The loop has no way out, so that it is vectorised. */
static void
cpu_mark_not_finite (RdStream * stream, RdTensor * first, const RdTensor * in,
    gint32 mark)
{
  const float *values = in->data;
  gint32 *lowest = first->data;
  gboolean finite = TRUE;

  for (gsize i = 0; i < in->n_elements; i++)
    finite &= rd_op_is_finite (values[i]);
  if (!finite && mark < *lowest)
    *lowest = mark;
}

static void
cpu_randn (RdStream * stream, RdTensor * out, guint64 seed, guint64 draw)
{
  rd_philox_randn_rows (seed, draw, out->dims[0],
      out->n_elements / out->dims[0], out->data);
}

static void
cpu_unpack (RdStream * stream, RdTensor * out, const guint8 * rgb, gsize stride)
{
  const gsize h = out->dims[2], w = out->dims[3], plane = h * w;

  for (gsize y = 0; y < h; y++) {
    const guint8 *src = rgb + y * stride;
    float *dst = (float *) out->data + y * w;

    for (gsize x = 0; x < w; x++)
      for (gsize c = 0; c < 3; c++)
        dst[c * plane + x] = rd_op_unpack (src[3 * x + c]);
  }
}

static void
cpu_pack (RdStream * stream, guint8 * rgb, gsize stride, const RdTensor * in)
{
  const gsize h = in->dims[2], w = in->dims[3], plane = h * w;

  for (gsize y = 0; y < h; y++) {
    const float *src = (const float *) in->data + y * w;
    guint8 *dst = rgb + y * stride;

    for (gsize x = 0; x < w; x++)
      for (gsize c = 0; c < 3; c++)
        dst[3 * x + c] = rd_op_pack (src[c * plane + x]);
  }
}

const RdDeviceClass *
rd_device_cpu_class (void)
{
  static const RdDeviceClass klass = {
    .name = "cpu",
    .stream_open = cpu_stream_open,
    .stream_close = cpu_stream_close,
    .alloc = cpu_alloc,
    .free = cpu_free,
    .upload = cpu_copy,
    .download = cpu_copy,
    .synchronize = cpu_synchronize,
    .combine = cpu_combine,
    .window = cpu_window,
    .window_add = cpu_window_add,
    .patches = cpu_patches,
    .resize = cpu_resize,
    .dilate = cpu_dilate,
    .convolve = cpu_convolve,
    .map = cpu_map,
    .partition = cpu_partition,
    .surround = cpu_surround,
    .mark_not_finite = cpu_mark_not_finite,
    .randn = cpu_randn,
    .unpack = cpu_unpack,
    .pack = cpu_pack,
  };

  return &klass;
}
