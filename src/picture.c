/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "picture.h"

static float *
alloc_planes (gsize n_pixels, GError ** error)
{
  float *planes = g_try_malloc_n (n_pixels, 3 * sizeof (float));

  if (planes == NULL)
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY, "no memory for a picture "
        "of %" G_GSIZE_FORMAT " pixels; use a smaller one", n_pixels);
  return planes;
}

/**
 * rd_picture_to_tensor:
 * @stream: where the tensor shall live
 * @width: columns
 * @height: rows
 * @stride: bytes from one row to the next, at least 3 * @width
 * @rgb: the first row, three bytes a pixel
 * @error: %RD_ERROR_NO_MEMORY or the stream's error
 *
 * Maps 0..255 to -1..1 in ComfyUI's order of single-precision operations:
 * x / 255, times 2, minus 1.
 *
 * Returns: (transfer full): float32 (1,3,H,W), or %NULL
 */
RdTensor *
rd_picture_to_tensor (RdStream * stream, guint width, guint height,
    gsize stride, const guint8 * rgb, GError ** error)
{
  const gsize plane = (gsize) width * height;
  g_autofree float *planes = alloc_planes (plane, error);
  g_autoptr (RdTensor) tensor = NULL;
  float levels[256];

  if (planes == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    levels[i] = (float) i / 255.0f * 2.0f - 1.0f;
  for (guint y = 0; y < height; y++) {
    const guint8 *in = rgb + y * stride;
    float *out = planes + (gsize) y * width;

    for (guint x = 0; x < width; x++) {
      for (guint c = 0; c < 3; c++)
        out[c * plane + x] = levels[in[3 * x + c]];
    }
  }
  tensor = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      (const gint64[]) { 1, 3, height, width }, planes);
  if (!rd_stream_check (stream, error))
    return NULL;
  return g_steal_pointer (&tensor);
}

static guint8
to_byte (float value)
{
  const float unit = (value + 1.0f) / 2.0f;

  /* written so that not-a-number becomes 0 */
  if (!(unit > 0.0f))
    return 0;
  return (guint8) (255.0f * MIN (unit, 1.0f));
}

/**
 * rd_picture_from_tensor:
 * @picture: float32 (1,3,H,W)
 * @stride: bytes from one row to the next, at least 3 W
 * @rgb: receives H rows; bytes beyond 3 W are not touched
 * @error: %RD_ERROR_SHAPE: not one RGB picture; %RD_ERROR_NO_MEMORY; or the
 *   stream's error
 *
 * Maps -1..1 to 0..255 as ComfyUI does: clamped, and truncated, not rounded.
 */
gboolean
rd_picture_from_tensor (const RdTensor * picture, gsize stride, guint8 * rgb,
    GError ** error)
{
  const gsize width = picture->dims[3], height = picture->dims[2];
  const gsize plane = width * height;
  g_autofree float *planes = NULL;

  if (picture->rank != 4 || picture->dims[0] != 1 || picture->dims[1] != 3
      || picture->type != RD_TYPE_F32) {
    g_autofree char *text = rd_tensor_describe (picture);

    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "%s is not one RGB picture, float32 (1,3,H,W)", text);
    return FALSE;
  }
  planes = alloc_planes (plane, error);
  if (planes == NULL || !rd_tensor_download (picture, planes, error))
    return FALSE;
  for (gsize y = 0; y < height; y++) {
    const float *in = planes + y * width;
    guint8 *out = rgb + y * stride;

    for (gsize x = 0; x < width; x++) {
      for (guint c = 0; c < 3; c++)
        out[3 * x + c] = to_byte (in[c * plane + x]);
    }
  }
  return TRUE;
}
