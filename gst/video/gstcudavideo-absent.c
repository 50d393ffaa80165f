/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* In a build without GStreamer's CUDA library, or without CUDA. */

#include "video/gstcudavideo.h"

void
gst_cuda_video_init (GstCudaVideo * video, GstElement * element)
{
}

void
gst_cuda_video_clear (GstCudaVideo * video)
{
}

gboolean
gst_cuda_video_works_on (const RdDevice * device)
{
  return FALSE;
}

GstCaps *
gst_cuda_video_caps (GstCaps * caps)
{
  return caps;
}

GstCaps *
gst_cuda_video_caps_for_peer (GstPad * pad, GstCaps * caps)
{
  return caps;
}

gboolean
gst_cuda_video_is_asked (GstQuery * query)
{
  return FALSE;
}

gboolean
gst_cuda_video_answer (GstCudaVideo * video, GstQuery * query,
    RdDevice * device)
{
  return FALSE;
}

void
gst_cuda_video_set_context (GstCudaVideo * video, GstContext * context)
{
}

void
gst_cuda_video_open (GstCudaVideo * video, RdDevice * device)
{
}

void
gst_cuda_video_close (GstCudaVideo * video)
{
}

void
gst_cuda_video_propose_pool (GstCudaVideo * video, GstQuery * query)
{
}

gboolean
gst_cuda_video_decide_pool (GstCudaVideo * video, GstQuery * query,
    GError ** error)
{
  return TRUE;
}

gboolean
gst_cuda_video_map (GstCudaVideo * video, GstVideoFrame * frame,
    const GstVideoInfo * info, GstBuffer * buffer, GstMapFlags flags,
    gboolean * on_device)
{
  *on_device = FALSE;
  return gst_video_frame_map (frame, info, buffer, flags);
}
