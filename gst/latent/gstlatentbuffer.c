/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "latent/gstlatentbuffer.h"

#include <gst/video/video.h>

#include "common/gstlatentdebug.h"
#include "latent/gstlatentmemory.h"

GST_LATENT_DEBUG_CATEGORY ("latentbuffer",
    "latents between buffers and tensors");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

static RdTensor *
read_mapped (GstBuffer * buffer, const GstLatentInfo * info,
    const gint64 dims[4], RdStream * stream, GError ** error)
{
  RdTensor *tensor;
  GstMapInfo map;

  for (guint i = 0; i < gst_buffer_n_memory (buffer); i++) {
    GstMemory *memory = gst_buffer_peek_memory (buffer, i);

    if (gst_is_latent_memory (memory)
        && !gst_latent_memory_prepare (memory, error))
      return NULL;
  }
  if (!gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
        "latent buffer cannot be mapped for reading");
    return NULL;
  }
  tensor = rd_tensor_new_from_host (stream, info->type, 4, dims, map.data);
  gst_buffer_unmap (buffer, &map);
  return tensor;
}

/**
 * gst_latent_buffer_read:
 * @buffer: latents
 * @info: what its caps say
 * @stream: where the tensor shall live
 * @error: %RD_ERROR_SHAPE: a buffer of another size than @info says;
 *   %RD_ERROR_FAILED: it cannot be mapped; or the stream's error
 *
 * Latents that are in the memory of @stream's device already are not copied.
 *
 * Returns: (transfer full): the latents as a float32 tensor (N,C,H,W), not to be
 *   changed, or %NULL
 */
RdTensor *
gst_latent_buffer_read (GstBuffer * buffer, const GstLatentInfo * info,
    RdStream * stream, GError ** error)
{
  const gint64 dims[] = { info->n, info->channels, info->height, info->width };
  const gsize size = gst_latent_info_size (info);
  g_autoptr (RdTensor) tensor = NULL;

  if (gst_buffer_get_size (buffer) != size) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "latent buffer has %"
        G_GSIZE_FORMAT " bytes, but its caps require %" G_GSIZE_FORMAT
        " (dims <%u, %u, %u, %u>)", gst_buffer_get_size (buffer), size,
        info->n, info->channels, info->height, info->width);
    return NULL;
  }
  if (gst_buffer_n_memory (buffer) == 1)
    tensor = gst_latent_memory_get_tensor (gst_buffer_peek_memory (buffer, 0),
        stream, info->type, dims);
  GST_TRACE ("%" GST_PTR_FORMAT " %s", buffer,
      tensor != NULL ? "is on the device already" : "is copied");
  if (tensor == NULL)
    tensor = read_mapped (buffer, info, dims, stream, error);
  if (tensor == NULL)
    return NULL;
  if (info->type != RD_TYPE_F32) {
    g_autoptr (RdTensor) wide =
        rd_tensor_new (stream, RD_TYPE_F32, G_N_ELEMENTS (dims), dims);

    rd_convert (wide, tensor);
    rd_tensor_unref (tensor);
    tensor = g_steal_pointer (&wide);
  }
  if (!rd_stream_check (stream, error))
    return NULL;
  return g_steal_pointer (&tensor);
}

/* Whether all numbers of what was made float16 are such numbers. Waits for it. */
static gboolean
check_narrow (RdTensor * narrow, GError ** error)
{
  g_autoptr (RdTensor) wide =
      rd_tensor_new (narrow->stream, RD_TYPE_F32, narrow->rank, narrow->dims);
  g_autoptr (RdTensor) first = rd_mark_new (narrow->stream);
  gint32 mark;

  rd_convert (wide, narrow);
  rd_mark_not_finite (first, wide, 0);
  if (!rd_tensor_download (first, &mark, error))
    return FALSE;
  if (mark == RD_ALL_FINITE)
    return TRUE;
  g_set_error (error, RD_ERROR, RD_ERROR_FAILED, "the latents have elements "
      "that float16 cannot hold, whose numbers end at 65504; ask for float32 "
      "with a caps filter tensor/strided,type=(string)float32");
  return FALSE;
}

static gboolean
write_mapped (GstBuffer * buffer, RdTensor * tensor, GError ** error)
{
  GstMapInfo map;
  gboolean ok;

  if (!gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
        "latent buffer cannot be mapped for writing");
    return FALSE;
  }
  ok = rd_tensor_download (tensor, map.data, error);
  gst_buffer_unmap (buffer, &map);
  return ok;
}

/**
 * gst_latent_buffer_write:
 * @buffer: a writable buffer of gst_latent_info_size() bytes
 * @info: what its caps say
 * @tensor: float32 latents (N,C,H,W) of @info's size, not to be changed any more;
 *   they have been waited for, so that a failure to compute them is not taken for
 *   one of who reads them
 * @error: %RD_ERROR_SHAPE: sizes that differ; %RD_ERROR_FAILED: @buffer cannot
 *   be mapped, or its type, float16, cannot hold what is in @tensor; or the
 *   stream's error
 *
 * Makes @tensor the content of @buffer, in the element type of @info: by
 * reference where the buffer is memory of a #GstLatentAllocator, else by a copy.
 */
gboolean
gst_latent_buffer_write (GstBuffer * buffer, const GstLatentInfo * info,
    RdTensor * tensor, GError ** error)
{
  g_autoptr (RdTensor) narrow = NULL;
  GstMemory *memory;

  if (tensor->rank != 4 || tensor->dims[0] != info->n
      || tensor->dims[1] != info->channels || tensor->dims[2] != info->height
      || tensor->dims[3] != info->width
      || gst_buffer_get_size (buffer) != gst_latent_info_size (info)) {
    g_autofree char *text = rd_tensor_describe (tensor);

    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "latents %s do not fit a "
        "buffer of %" G_GSIZE_FORMAT " bytes with dims <%u, %u, %u, %u>", text,
        gst_buffer_get_size (buffer), info->n, info->channels, info->height,
        info->width);
    return FALSE;
  }
  if (info->type != tensor->type) {
    narrow = rd_tensor_new (tensor->stream, info->type, 4, tensor->dims);
    rd_convert (narrow, tensor);
    if (!check_narrow (narrow, error))
      return FALSE;
    tensor = narrow;
  }
  if (!rd_stream_check (tensor->stream, error))
    return FALSE;
  memory = gst_buffer_peek_memory (buffer, 0);
  if (gst_buffer_n_memory (buffer) != 1 || !gst_is_latent_memory (memory))
    return write_mapped (buffer, tensor, error);
  gst_latent_memory_set_tensor (memory, tensor);
  return TRUE;
}

/**
 * gst_latent_buffer_new:
 * @info: what the caps say
 * @tensor: float32 latents (N,C,H,W) of @info's size, not to be changed any more
 * @allocator: (nullable): for the buffer's memory; %NULL for system memory
 * @origin: (nullable): the buffer that it was made from
 * @error: see gst_latent_buffer_write(); %RD_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): a buffer with the contents of @tensor and @origin's
 *   flags, times and metas, or %NULL
 */
GstBuffer *
gst_latent_buffer_new (const GstLatentInfo * info, RdTensor * tensor,
    GstAllocator * allocator, GstBuffer * origin, GError ** error)
{
  const gsize size = gst_latent_info_size (info);
  g_autoptr (GstBuffer) buffer = gst_buffer_new_allocate (allocator, size,
      NULL);

  if (buffer == NULL) {
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY,
        "no memory for a latent buffer of %" G_GSIZE_FORMAT " bytes", size);
    return NULL;
  }
  if (!gst_latent_buffer_write (buffer, info, tensor, error))
    return NULL;
  if (origin != NULL)
    gst_buffer_copy_into (buffer, origin,
        GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS |
        GST_BUFFER_COPY_META, 0, -1);
  return g_steal_pointer (&buffer);
}

/**
 * gst_latent_keeps_meta:
 * @meta: a meta of a picture or latent
 *
 * Whether @meta still means something after the way between picture and
 * latents. What speaks of the picture's content does: regions of interest and
 * the like, which go along unchanged, in picture pixels. What speaks of the
 * buffer's bytes or of its visible part does not.
 */
gboolean
gst_latent_keeps_meta (const GstMeta * meta)
{
  static const char *const content[] = {
    GST_META_TAG_VIDEO_STR, GST_META_TAG_VIDEO_SIZE_STR,
    GST_META_TAG_VIDEO_ORIENTATION_STR, NULL
  };
  const gchar *const *tags = gst_meta_api_type_get_tags (meta->info->api);

  if (meta->info->api == GST_VIDEO_CROP_META_API_TYPE)
    return FALSE;
  for (guint i = 0; tags != NULL && tags[i] != NULL; i++) {
    if (!g_strv_contains (content, tags[i]))
      return FALSE;
  }
  return TRUE;
}
