/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "device/picture.h"

#include <string.h>

#define CHANNELS 3

static gboolean
check_picture (const RdTensor * picture, GError ** error)
{
  g_autofree char *text = NULL;

  if (picture->rank == 4 && picture->dims[0] == 1
      && picture->dims[1] == CHANNELS && picture->type == RD_TYPE_F32)
    return TRUE;

  text = rd_tensor_describe (picture);
  g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
      "%s is not one RGB picture, float32 (1,3,H,W)", text);
  return FALSE;
}

/**
 * rd_picture_unpack:
 * @stream: where the tensor shall live
 * @width: columns
 * @height: rows
 * @stride: bytes from one row to the next, at least 3 * @width
 * @rgb: the first row, three bytes a pixel, in memory of @stream's device
 * @error: the stream's error
 *
 * Maps 0..255 to -1..1 in ComfyUI's order of single-precision operations:
 * x / 255, times 2, minus 1. Queued: @rgb must stay until the stream has come
 * to it.
 *
 * Returns: (transfer full): float32 (1,3,H,W), or %NULL
 */
RdTensor *
rd_picture_unpack (RdStream * stream, guint width, guint height, gsize stride,
    const guint8 * rgb, GError ** error)
{
  g_autoptr (RdTensor) picture = rd_tensor_new (stream, RD_TYPE_F32, 4,
      (const gint64[]) { 1, CHANNELS, height, width });

  g_return_val_if_fail (stride >= (gsize) CHANNELS * width, NULL);

  if (!stream->error)
    stream->device->klass->unpack (stream, picture, rgb, stride);
  if (!rd_stream_check (stream, error))
    return NULL;
  return g_steal_pointer (&picture);
}

/**
 * rd_picture_pack:
 * @picture: float32 (1,3,H,W)
 * @stride: bytes from one row to the next, at least 3 W
 * @rgb: receives H rows, in memory of the device; bytes beyond 3 W are not
 *   touched
 * @error: %RD_ERROR_SHAPE: not one RGB picture; or the stream's error
 *
 * Maps -1..1 to 0..255 as ComfyUI does: clamped, and truncated, not rounded.
 * Queued: @rgb must stay until the stream has come to it.
 */
gboolean
rd_picture_pack (const RdTensor * picture, gsize stride, guint8 * rgb,
    GError ** error)
{
  RdStream *stream = picture->stream;

  if (!check_picture (picture, error))
    return FALSE;
  g_return_val_if_fail (stride >= CHANNELS * (gsize) picture->dims[3], FALSE);

  if (!stream->error)
    stream->device->klass->pack (stream, rgb, stride, picture);
  return rd_stream_check (stream, error);
}

/**
 * rd_picture_to_tensor:
 * @stream: where the tensor shall live
 * @width: columns
 * @height: rows
 * @stride: bytes from one row to the next, at least 3 * @width
 * @rgb: the first row, three bytes a pixel, copied before this returns
 * @error: the stream's error
 *
 * rd_picture_unpack() for memory of the host.
 *
 * Returns: (transfer full): float32 (1,3,H,W), or %NULL
 */
RdTensor *
rd_picture_to_tensor (RdStream * stream, guint width, guint height,
    gsize stride, const guint8 * rgb, GError ** error)
{
  /* the last row may end where its pixels do */
  const gint64 size = (gint64) ((height - 1) * stride
      + (gsize) CHANNELS * width);
  g_autoptr (RdTensor) bytes =
      rd_tensor_new_from_host (stream, RD_TYPE_U8, 1, &size, rgb);

  return rd_picture_unpack (stream, width, height, stride, bytes->data, error);
}

/* Rows that lie close together to where they have a distance. */
static gboolean
download_rows (const RdTensor * bytes, gsize stride, guint8 * rgb,
    GError ** error)
{
  const gsize height = bytes->dims[0], length = bytes->dims[1];
  g_autofree guint8 *rows = g_try_malloc (bytes->size);

  if (rows == NULL) {
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY, "no memory for a picture "
        "of %" G_GSIZE_FORMAT " bytes; use a smaller one", bytes->size);
    return FALSE;
  }
  if (!rd_tensor_download (bytes, rows, error))
    return FALSE;
  for (gsize y = 0; y < height; y++)
    memcpy (rgb + y * stride, rows + y * length, length);
  return TRUE;
}

/**
 * rd_picture_from_tensor:
 * @picture: float32 (1,3,H,W)
 * @stride: bytes from one row to the next, at least 3 W
 * @rgb: receives H rows; bytes beyond 3 W are not touched
 * @error: %RD_ERROR_SHAPE: not one RGB picture; %RD_ERROR_NO_MEMORY; or the
 *   stream's error
 *
 * rd_picture_pack() for memory of the host. Waits for it.
 */
gboolean
rd_picture_from_tensor (const RdTensor * picture, gsize stride, guint8 * rgb,
    GError ** error)
{
  const gint64 length = CHANNELS * picture->dims[3];
  g_autoptr (RdTensor) bytes = NULL;

  if (!check_picture (picture, error))
    return FALSE;
  g_return_val_if_fail (stride >= (gsize) length, FALSE);

  bytes = rd_tensor_new (picture->stream, RD_TYPE_U8, 2,
      (const gint64[]) { picture->dims[2], length });
  return rd_picture_pack (picture, (gsize) length, bytes->data, error)
      && (stride == (gsize) length ? rd_tensor_download (bytes, rgb, error)
      : download_rows (bytes, stride, rgb, error));
}
