/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/mask.h"

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
 * rd_mask_new_from_color:
 * @width: columns, at least 1
 * @height: rows, at least 1
 * @stride: bytes from one row to the next, at least 3 times @width
 * @rgb: @height rows of pixels, three bytes each
 * @color: 0xRRGGBB
 *
 * Returns: (transfer full) (nullable): a mask that is 1 where a pixel has
 *   exactly that colour and 0 elsewhere, or %NULL where memory does not suffice
 */
RdMask *
rd_mask_new_from_color (guint width, guint height, gsize stride,
    const guint8 * rgb, guint32 color)
{
  RdMask *mask = rd_mask_new (width, height);
  guint x, y;

  if (!mask)
    return NULL;

  for (y = 0; y < height; y++) {
    for (x = 0; x < width; x++) {
      const guint8 *p = rgb + y * stride + 3 * (gsize) x;

      if (((guint32) p[0] << 16 | p[1] << 8 | p[2]) == color)
        mask->data[(gsize) y * width + x] = 1.0f;
    }
  }

  return mask;
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
