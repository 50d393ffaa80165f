/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "device/patches.h"

static gboolean
fits (const RdTensor * patches, const RdTensor * planes, gint64 size)
{
  return patches->type == RD_TYPE_F32 && planes->type == RD_TYPE_F32
      && patches->rank == 3 && planes->rank == 4 && patches != planes
      && size > 0 && planes->dims[2] % size == 0 && planes->dims[3] % size == 0
      && patches->dims[0] == planes->dims[0]
      && patches->dims[1] * size * size == planes->dims[2] * planes->dims[3]
      && patches->dims[2] == planes->dims[1] * size * size;
}

/**
 * rd_patches_read:
 * @out: (N,L,F), float32
 * @in: (N,C,H,W), float32, sides multiples of @size
 * @size: cells of a patch's side
 *
 * Cuts @in into patches.
 */
void
rd_patches_read (RdTensor * out, const RdTensor * in, guint size)
{
  RdStream *stream = out->stream;

  g_return_if_fail (fits (out, in, size));

  if (!stream->error)
    stream->device->klass->patches (stream, out, in, size, FALSE);
}

/**
 * rd_patches_write:
 * @out: (N,C,H,W), float32, sides multiples of @size
 * @in: (N,L,F), float32
 * @size: cells of a patch's side
 *
 * The inverse of rd_patches_read().
 */
void
rd_patches_write (RdTensor * out, const RdTensor * in, guint size)
{
  RdStream *stream = out->stream;

  g_return_if_fail (fits (in, out, size));

  if (!stream->error)
    stream->device->klass->patches (stream, out, in, size, TRUE);
}
