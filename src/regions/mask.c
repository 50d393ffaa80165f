/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/mask.h"

#include "device/ops.h"

/**
 * rd_mask_new:
 * @width: columns, at least 1
 * @height: rows, at least 1
 *
 * Returns: (transfer full) (nullable): an empty mask, or %NULL where memory
 *   does not suffice
 */
RdMask *
rd_mask_new (guint width, guint height)
{
  gsize size = (gsize) width * height;
  float *data = NULL;
  RdMask *mask;

  g_return_val_if_fail (width > 0 && height > 0, NULL);

  if (size <= G_MAXSIZE / sizeof (float))
    data = g_try_new0 (float, size);
  if (!data)
    return NULL;

  mask = g_new0 (RdMask, 1);
  g_atomic_ref_count_init (&mask->ref_count);
  mask->width = width;
  mask->height = height;
  mask->data = data;

  return mask;
}

/**
 * rd_mask_new_from_gray8:
 * @width: columns, at least 1
 * @height: rows, at least 1
 * @stride: bytes from one row to the next, at least @width
 * @data: @height rows of pixels, 0 to 255
 *
 * Returns: (transfer full) (nullable): a mask of the pixels' brightness, or
 *   %NULL where memory does not suffice
 */
RdMask *
rd_mask_new_from_gray8 (guint width, guint height, gsize stride,
    const guint8 * data)
{
  RdMask *mask = rd_mask_new (width, height);
  guint x, y;

  if (!mask)
    return NULL;

  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++)
      mask->data[(gsize) y * width + x] = data[y * stride + x] / 255.0f;

  return mask;
}

/**
 * rd_mask_new_from_alpha:
 * @width: columns, at least 1
 * @height: rows, at least 1
 * @stride: bytes from one row to the next, at least 4 times @width
 * @rgba: @height rows of pixels, four bytes each
 *
 * Returns: (transfer full) (nullable): a mask of the pixels' opacity, or %NULL
 *   where memory does not suffice
 */
RdMask *
rd_mask_new_from_alpha (guint width, guint height, gsize stride,
    const guint8 * rgba)
{
  RdMask *mask = rd_mask_new (width, height);
  guint x, y;

  if (!mask)
    return NULL;

  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++)
      mask->data[(gsize) y * width + x] =
          rgba[y * stride + 4 * (gsize) x + 3] / 255.0f;

  return mask;
}

/**
 * rd_mask_new_product:
 * @a: a mask
 * @b: a mask of the same size
 *
 * Returns: (transfer full) (nullable): what both cover, or %NULL where memory
 *   does not suffice
 */
RdMask *
rd_mask_new_product (const RdMask * a, const RdMask * b)
{
  RdMask *product;
  const gsize n = (gsize) a->width * a->height;

  g_return_val_if_fail (a->width == b->width && a->height == b->height, NULL);

  product = rd_mask_new (a->width, a->height);
  for (gsize i = 0; product && i < n; i++)
    product->data[i] = a->data[i] * b->data[i];
  return product;
}

/**
 * rd_mask_new_inverse:
 * @mask: a mask
 *
 * Returns: (transfer full) (nullable): 1 - @mask, or %NULL where memory does
 *   not suffice
 */
RdMask *
rd_mask_new_inverse (const RdMask * mask)
{
  RdMask *inverse = rd_mask_new (mask->width, mask->height);
  gsize i, n = (gsize) mask->width * mask->height;

  if (!inverse)
    return NULL;

  for (i = 0; i < n; i++)
    inverse->data[i] = 1.0f - mask->data[i];

  return inverse;
}

typedef float (*SampleFunc) (const float *in, int64_t in_h, int64_t in_w,
    int64_t out_h, int64_t out_w, int64_t y, int64_t x);

/* How much of the cell at @index lies between @low and @high. */
static double
overlap (int64_t index, double low, double high)
{
  return MIN (index + 1.0, high) - MAX ((double) index, low);
}

/* The mean of what a pixel covers. In double, so that the mean of ones is 1. */
static float
mean (const float *in, int64_t in_h, int64_t in_w, int64_t out_h,
    int64_t out_w, int64_t y, int64_t x)
{
  const double top = (double) y * in_h / out_h;
  const double bottom = (double) (y + 1) * in_h / out_h;
  const double left = (double) x * in_w / out_w;
  const double right = (double) (x + 1) * in_w / out_w;
  double sum = 0.0;

  for (int64_t j = (int64_t) top; j < in_h && j < bottom; j++) {
    double row = 0.0;

    for (int64_t i = (int64_t) left; i < in_w && i < right; i++)
      row += overlap (i, left, right) * in[j * in_w + i];
    sum += overlap (j, top, bottom) * row;
  }
  return (float) (sum / ((bottom - top) * (right - left)));
}

static RdMask *
resample (const RdMask * mask, guint width, guint height, SampleFunc sample)
{
  RdMask *result = rd_mask_new (width, height);

  if (!result)
    return NULL;
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      result->data[(gsize) y * width + x] = sample (mask->data, mask->height,
          mask->width, height, width, y, x);
  return result;
}

/**
 * rd_mask_stretch:
 * @mask: a mask
 * @width: columns that it shall have, at least 1
 * @height: rows that it shall have, at least 1
 * @filter: how
 *
 * Returns: (transfer full) (nullable): a mask of that size, @mask itself where it
 *   has that size, or %NULL where memory does not suffice
 */
RdMask *
rd_mask_stretch (RdMask * mask, guint width, guint height, RdMaskFilter filter)
{
  g_autoptr (RdMask) shrunk = rd_mask_ref (mask);

  if (filter == RD_MASK_MEAN && (width < mask->width || height < mask->height)) {
    rd_mask_unref (shrunk);
    shrunk = resample (mask, MIN (width, mask->width),
        MIN (height, mask->height), mean);
    if (!shrunk)
      return NULL;
  }
  if (shrunk->width == width && shrunk->height == height)
    return g_steal_pointer (&shrunk);
  return resample (shrunk, width, height, rd_op_bilinear);
}

/**
 * rd_mask_coverage:
 * @mask: a mask
 *
 * Returns: its mean, 0 where nothing is covered, 1 where everything is
 */
double
rd_mask_coverage (const RdMask * mask)
{
  gsize i, n = (gsize) mask->width * mask->height;
  double sum = 0.0;

  for (i = 0; i < n; i++)
    sum += mask->data[i];

  return sum / (double) n;
}

/**
 * rd_mask_is_empty:
 * @mask: a mask
 *
 * Returns: whether it covers nothing at all
 */
gboolean
rd_mask_is_empty (const RdMask * mask)
{
  const gsize n = (gsize) mask->width * mask->height;

  for (gsize i = 0; i < n; i++) {
    if (mask->data[i] > 0.0f)
      return FALSE;
  }
  return TRUE;
}

/**
 * rd_mask_is_full:
 * @mask: a mask
 * @within: (nullable): a mask of the same size: where it is not 0 counts, %NULL
 *   for everywhere
 *
 * Returns: whether it covers all of it
 */
gboolean
rd_mask_is_full (const RdMask * mask, const RdMask * within)
{
  const gsize n = (gsize) mask->width * mask->height;

  for (gsize i = 0; i < n; i++) {
    if (mask->data[i] < 1.0f && (!within || within->data[i] > 0.0f))
      return FALSE;
  }
  return TRUE;
}

/**
 * rd_mask_ref:
 * @mask: a mask
 *
 * Returns: (transfer full): @mask
 */
RdMask *
rd_mask_ref (RdMask * mask)
{
  g_atomic_ref_count_inc (&mask->ref_count);
  return mask;
}

/**
 * rd_mask_unref:
 * @mask: (transfer full): a mask
 */
void
rd_mask_unref (RdMask * mask)
{
  if (!g_atomic_ref_count_dec (&mask->ref_count))
    return;

  g_free (mask->data);
  g_free (mask);
}
