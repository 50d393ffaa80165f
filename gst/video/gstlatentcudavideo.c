/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "video/gstlatentcudavideo.h"

#include <string.h>

#include "common/gstlatentdebug.h"
#include "video/gstlatentcudaprimary.h"

GST_LATENT_DEBUG_CATEGORY ("cudavideo", "pictures in CUDA memory");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/* What an application has given, if that is the primary context, else the one
 * that all elements share. */
static GstCudaContext *
get_context (GstLatentCudaVideo * video, RdDevice * device)
{
  GstObject *given = NULL;

  if (!gst_latent_cuda_video_works_on (device))
    return NULL;
  GST_OBJECT_LOCK (video->element);
  if (video->given != NULL)
    given = gst_object_ref (video->given);
  GST_OBJECT_UNLOCK (video->element);
  if (given != NULL
      && gst_latent_cuda_primary_is (device, (GstCudaContext *) given))
    return (GstCudaContext *) given;
  gst_clear_object (&given);
  return gst_latent_cuda_primary_get (device);
}

/**
 * gst_latent_cuda_video_init:
 * @video: uninitialised memory
 * @element: the element that embeds @video
 */
void
gst_latent_cuda_video_init (GstLatentCudaVideo * video, GstElement * element)
{
  memset (video, 0, sizeof *video);
  video->element = element;
}

/**
 * gst_latent_cuda_video_clear:
 * @video: the element's, in its finalize
 *
 * Frees what @video holds.
 */
void
gst_latent_cuda_video_clear (GstLatentCudaVideo * video)
{
  gst_latent_cuda_video_close (video);
  gst_clear_object (&video->given);
}

/**
 * gst_latent_cuda_video_works_on:
 * @device: (nullable): where an element works
 *
 * Returns: whether pictures can be in CUDA memory there; never in a build
 *   without GStreamer's CUDA library
 */
gboolean
gst_latent_cuda_video_works_on (const RdDevice * device)
{
  return device != NULL && !rd_device_is_cpu (device)
      && gst_latent_cuda_primary_have_driver ();
}

/**
 * gst_latent_cuda_video_caps:
 * @caps: (transfer full): of pictures in system memory
 *
 * Returns: (transfer full): the same in CUDA memory, then @caps; @caps alone in
 *   a build without GStreamer's CUDA library
 */
GstCaps *
gst_latent_cuda_video_caps (GstCaps * caps)
{
  GstCaps *result = gst_caps_copy (caps);

  gst_caps_set_features_simple (result,
      gst_caps_features_new (GST_CAPS_FEATURE_MEMORY_CUDA_MEMORY, NULL));
  gst_caps_append (result, caps);
  return result;
}

static gboolean
has_feature (const GstCaps * caps, guint i)
{
  return gst_caps_features_contains (gst_caps_get_features (caps, i),
      GST_CAPS_FEATURE_MEMORY_CUDA_MEMORY);
}

/**
 * gst_latent_cuda_video_caps_for_peer:
 * @pad: who gives pictures
 * @caps: (transfer full): the choice there is
 *
 * Whoever takes anything at all, like a file, is best served with system
 * memory.
 *
 * Returns: (transfer full): what is left of @caps
 */
GstCaps *
gst_latent_cuda_video_caps_for_peer (GstPad * pad, GstCaps * caps)
{
  g_autoptr (GstCaps) taken = gst_pad_peer_query_caps (pad, NULL);

  if (!gst_caps_is_any (taken))
    return caps;
  caps = gst_caps_make_writable (caps);
  for (guint i = gst_caps_get_size (caps); i-- > 0;) {
    if (has_feature (caps, i))
      gst_caps_remove_structure (caps, i);
  }
  return caps;
}

/**
 * gst_latent_cuda_video_is_asked:
 * @query: any query
 *
 * Returns: whether it asks for a context of GStreamer's CUDA library
 */
gboolean
gst_latent_cuda_video_is_asked (GstQuery * query)
{
  const char *type = NULL;

  return GST_QUERY_TYPE (query) == GST_QUERY_CONTEXT
      && gst_query_parse_context_type (query, &type)
      && g_strcmp0 (type, GST_CUDA_CONTEXT_TYPE) == 0;
}

/**
 * gst_latent_cuda_video_answer:
 * @video: the element's; from any thread and in any state
 * @query: one for which gst_latent_cuda_video_is_asked()
 * @device: where the element works
 *
 * Answers with the primary context of @device, so that the neighbour that asks
 * allocates there.
 *
 * Returns: whether @query is answered
 */
gboolean
gst_latent_cuda_video_answer (GstLatentCudaVideo * video, GstQuery * query,
    RdDevice * device)
{
  g_autoptr (GstObject) context = (GstObject *) get_context (video, device);

  return context != NULL && gst_cuda_handle_context_query (video->element,
      query, (GstCudaContext *) context);
}

/**
 * gst_latent_cuda_video_set_context:
 * @video: the element's
 * @context: any context, from set_context()
 *
 * Keeps @context, to be used if it wraps the primary context.
 */
void
gst_latent_cuda_video_set_context (GstLatentCudaVideo * video,
    GstContext * context)
{
  const GstStructure *structure = gst_context_get_structure (context);
  GstObject *given = NULL, *old;

  if (!gst_context_has_context_type (context, GST_CUDA_CONTEXT_TYPE)
      || !gst_structure_get (structure, GST_CUDA_CONTEXT_TYPE,
          GST_TYPE_CUDA_CONTEXT, &given, NULL))
    return;
  GST_OBJECT_LOCK (video->element);
  old = video->given;
  video->given = given;
  GST_OBJECT_UNLOCK (video->element);
  gst_clear_object (&old);
}

/**
 * gst_latent_cuda_video_open:
 * @video: the element's
 * @device: where the element works until gst_latent_cuda_video_close()
 *
 * Finds a context as GStreamer's CUDA elements do, but for what others have
 * made: that cannot be the primary one, so neighbours are told of ours.
 */
void
gst_latent_cuda_video_open (GstLatentCudaVideo * video, RdDevice * device)
{
  gboolean given;

  if (!gst_latent_cuda_video_works_on (device))
    return;
  GST_OBJECT_LOCK (video->element);
  given = video->given != NULL;
  GST_OBJECT_UNLOCK (video->element);
  if (!given)
    gst_element_post_message (video->element, gst_message_new_need_context
        (GST_OBJECT (video->element), GST_CUDA_CONTEXT_TYPE));
  video->context = (GstObject *) get_context (video, device);
  if (video->context != NULL)
    gst_element_post_message (video->element, gst_message_new_have_context
        (GST_OBJECT (video->element), gst_context_new_cuda_context
            ((GstCudaContext *) video->context)));
}

/**
 * gst_latent_cuda_video_close:
 * @video: the element's
 */
void
gst_latent_cuda_video_close (GstLatentCudaVideo * video)
{
  gst_clear_object (&video->context);
  video->told = FALSE;
}

static gboolean
is_ours (GstLatentCudaVideo * video, GstCudaContext * context)
{
  return video->context != NULL && gst_cuda_context_get_handle (context)
      == gst_cuda_context_get_handle ((GstCudaContext *) video->context);
}

/* Whether @query is for pictures in CUDA memory. */
static gboolean
is_for_cuda (GstQuery * query, GstCaps ** caps)
{
  gst_query_parse_allocation (query, caps, NULL);
  return *caps != NULL && gst_caps_get_size (*caps) > 0
      && has_feature (*caps, 0);
}

/* Returns: bytes of a buffer, which the pool knows; 0 if it cannot be */
static guint
set_pool_caps (GstBufferPool * pool, GstCaps * caps, guint min, guint max)
{
  GstStructure *config = gst_buffer_pool_get_config (pool);
  GstVideoInfo info;
  guint size = 0;

  if (!gst_video_info_from_caps (&info, caps)) {
    gst_structure_free (config);
    return 0;
  }
  gst_buffer_pool_config_set_params (config, caps,
      GST_VIDEO_INFO_SIZE (&info), min, max);
  gst_buffer_pool_config_add_option (config, GST_BUFFER_POOL_OPTION_VIDEO_META);
  if (!gst_buffer_pool_set_config (pool, config))
    return 0;
  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_get_params (config, NULL, &size, NULL, NULL);
  gst_structure_free (config);
  return size;
}

/**
 * gst_latent_cuda_video_propose_pool:
 * @video: the element's
 * @query: an ALLOCATION query from upstream
 *
 * Offers a pool in the primary context if @query is for pictures in CUDA
 * memory.
 */
void
gst_latent_cuda_video_propose_pool (GstLatentCudaVideo * video,
    GstQuery * query)
{
  g_autoptr (GstBufferPool) pool = NULL;
  GstCaps *caps;
  guint size;

  if (!is_for_cuda (query, &caps) || video->context == NULL)
    return;
  pool = gst_cuda_buffer_pool_new ((GstCudaContext *) video->context);
  size = set_pool_caps (pool, caps, 0, 0);
  if (size > 0)
    gst_query_add_allocation_pool (query, pool, size, 0, 0);
}

/* Replaces the proposed pools by the first in the primary context, or by a new
 * one where there is none that can be used. */
static gboolean
choose_pool (GstLatentCudaVideo * video, GstQuery * query, GstCaps * caps)
{
  g_autoptr (GstBufferPool) chosen = NULL;
  guint size = 0, min = 0, max = 0;

  while (gst_query_get_n_allocation_pools (query) > 0) {
    g_autoptr (GstBufferPool) pool = NULL;

    if (size == 0)
      gst_query_parse_nth_allocation_pool (query, 0, &pool, NULL, &min, &max);
    if (pool != NULL && GST_IS_CUDA_BUFFER_POOL (pool)
        && is_ours (video, GST_CUDA_BUFFER_POOL (pool)->context)) {
      size = set_pool_caps (pool, caps, min, max);
      g_set_object (&chosen, pool);
    }
    gst_query_remove_nth_allocation_pool (query, 0);
  }
  if (size == 0) {
    g_clear_object (&chosen);
    min = max = 0;
    chosen = gst_cuda_buffer_pool_new ((GstCudaContext *) video->context);
    size = set_pool_caps (chosen, caps, min, max);
  }
  if (size > 0)
    gst_query_add_allocation_pool (query, chosen, size, min, max);
  return size > 0;
}

/**
 * gst_latent_cuda_video_decide_pool:
 * @video: the element's
 * @query: an ALLOCATION query, answered or not
 * @error: why there is no CUDA memory
 *
 * Whoever is next: what is to be in CUDA memory will be in the primary context.
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_latent_cuda_video_decide_pool (GstLatentCudaVideo * video, GstQuery * query,
    GError ** error)
{
  GstCaps *caps;

  if (!is_for_cuda (query, &caps)
      || (video->context != NULL && choose_pool (video, query, caps)))
    return TRUE;
  g_set_error (error, RD_ERROR, RD_ERROR_FAILED, "%s: no CUDA memory is "
      "available for pictures; use video/x-raw without memory:CUDAMemory",
      GST_OBJECT_NAME (video->element));
  return FALSE;
}

/* Copies within the device are queued on the default stream, which ours does
 * not wait for. */
static gboolean
wait_for_copies (GstCudaMemory * memory)
{
  gboolean ok;

#if GST_CHECK_VERSION (1, 24, 0)
  gst_cuda_memory_sync (memory);
#endif
  if (!gst_cuda_context_push (memory->context))
    return FALSE;
  ok = gst_cuda_result (CuStreamSynchronize (NULL));
  gst_cuda_context_pop (NULL);
  return ok;
}

static GstCudaMemory *
get_our_memory (GstLatentCudaVideo * video, GstBuffer * buffer)
{
  GstMemory *memory = gst_buffer_n_memory (buffer) == 1
      ? gst_buffer_peek_memory (buffer, 0) : NULL;

  if (!gst_is_cuda_memory (memory))
    return NULL;
  if (is_ours (video, GST_CUDA_MEMORY_CAST (memory)->context))
    return GST_CUDA_MEMORY_CAST (memory);
  if (!video->told)
    GST_WARNING_OBJECT (video->element, "copying pictures through system "
        "memory: they are in CUDA memory of another context or device");
  video->told = TRUE;
  return NULL;
}

/**
 * gst_latent_cuda_video_map:
 * @video: the element's
 * @frame: uninitialised memory
 * @info: what the caps say
 * @buffer: a picture
 * @flags: %GST_MAP_READ or %GST_MAP_WRITE
 * @on_device: (out): whether @frame's pixels are in memory of the element's
 *   device; else the host's
 *
 * As gst_video_frame_map(). Who writes must be done before it unmaps.
 */
gboolean
gst_latent_cuda_video_map (GstLatentCudaVideo * video, GstVideoFrame * frame,
    const GstVideoInfo * info, GstBuffer * buffer, GstMapFlags flags,
    gboolean * on_device)
{
  GstCudaMemory *memory =
      video->context != NULL ? get_our_memory (video, buffer) : NULL;

  *on_device = memory != NULL;
  if (memory == NULL)
    return gst_video_frame_map (frame, info, buffer, flags);
  if (!gst_video_frame_map (frame, info, buffer, flags | GST_MAP_CUDA))
    return FALSE;
  if (wait_for_copies (memory))
    return TRUE;
  gst_video_frame_unmap (frame);
  return FALSE;
}
