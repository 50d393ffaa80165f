/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* In a build without GStreamer's CUDA library, or without CUDA. */

#include "video/gstlatentcudavideo.h"

void
gst_latent_cuda_video_init (GstLatentCudaVideo * video, GstElement * element)
{
}

void
gst_latent_cuda_video_clear (GstLatentCudaVideo * video)
{
}

gboolean
gst_latent_cuda_video_works_on (const RdDevice * device)
{
  return FALSE;
}

GstCaps *
gst_latent_cuda_video_caps (GstCaps * caps)
{
  return caps;
}

GstCaps *
gst_latent_cuda_video_caps_for_peer (GstPad * pad, GstCaps * caps)
{
  return caps;
}

gboolean
gst_latent_cuda_video_is_asked (GstQuery * query)
{
  return FALSE;
}

gboolean
gst_latent_cuda_video_answer (GstLatentCudaVideo * video, GstQuery * query,
    RdDevice * device)
{
  return FALSE;
}

void
gst_latent_cuda_video_set_context (GstLatentCudaVideo * video,
    GstContext * context)
{
}

void
gst_latent_cuda_video_open (GstLatentCudaVideo * video, RdDevice * device)
{
}

void
gst_latent_cuda_video_close (GstLatentCudaVideo * video)
{
}

void
gst_latent_cuda_video_propose_pool (GstLatentCudaVideo * video,
    GstQuery * query)
{
}

gboolean
gst_latent_cuda_video_decide_pool (GstLatentCudaVideo * video, GstQuery * query,
    GError ** error)
{
  return TRUE;
}

gboolean
gst_latent_cuda_video_map (GstLatentCudaVideo * video, GstVideoFrame * frame,
    const GstVideoInfo * info, GstBuffer * buffer, GstMapFlags flags,
    gboolean * on_device)
{
  *on_device = FALSE;
  return gst_video_frame_map (frame, info, buffer, flags);
}
