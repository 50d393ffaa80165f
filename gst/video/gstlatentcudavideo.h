/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/video/video.h>

#include "device/device.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatentcudavideo
 *
 * Pictures in GStreamer's CUDA memory (`memory:CUDAMemory`), as its elements
 * for NVIDIA's codecs take and give them. Our work is done in the primary
 * context of a device, which is none of those that they would make: so elements
 * offer it to their neighbours as a GstCudaContext, and memory of another
 * context or device is mapped to the host.
 *
 * In a build without GStreamer's CUDA library pictures are in system memory.
 */

/**
 * GstLatentCudaVideo:
 *
 * To be embedded in an element.
 */
typedef struct
{
  GstElement *element;          /* who embeds this; no reference */
  GstObject *given;             /* GstCudaContext of who has set one, or NULL;
                                 * guarded by the element's object lock */
  GstObject *context;           /* GstCudaContext while open, or NULL; the
                                 * streaming thread's */
  gboolean told;                /* of memory that is mapped to the host */
} GstLatentCudaVideo;

void gst_latent_cuda_video_init (GstLatentCudaVideo * video, GstElement * element);
void gst_latent_cuda_video_clear (GstLatentCudaVideo * video);

gboolean gst_latent_cuda_video_works_on (const RdDevice * device);
GstCaps *gst_latent_cuda_video_caps (GstCaps * caps);
GstCaps *gst_latent_cuda_video_caps_for_peer (GstPad * pad, GstCaps * caps);

gboolean gst_latent_cuda_video_is_asked (GstQuery * query);
gboolean gst_latent_cuda_video_answer (GstLatentCudaVideo * video, GstQuery * query,
    RdDevice * device);
void gst_latent_cuda_video_set_context (GstLatentCudaVideo * video, GstContext * context);

void gst_latent_cuda_video_open (GstLatentCudaVideo * video, RdDevice * device);
void gst_latent_cuda_video_close (GstLatentCudaVideo * video);
void gst_latent_cuda_video_propose_pool (GstLatentCudaVideo * video, GstQuery * query);
gboolean gst_latent_cuda_video_decide_pool (GstLatentCudaVideo * video, GstQuery * query,
    GError ** error);
gboolean gst_latent_cuda_video_map (GstLatentCudaVideo * video, GstVideoFrame * frame,
    const GstVideoInfo * info, GstBuffer * buffer, GstMapFlags flags,
    gboolean * on_device);

G_END_DECLS
