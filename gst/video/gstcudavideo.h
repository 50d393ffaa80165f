/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "device/device.h"

G_BEGIN_DECLS

/**
 * SECTION:gstcudavideo
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
 * GstCudaVideo:
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
} GstCudaVideo;

void gst_cuda_video_init (GstCudaVideo * video, GstElement * element);
void gst_cuda_video_clear (GstCudaVideo * video);

gboolean gst_cuda_video_works_on (const RdDevice * device);
GstCaps *gst_cuda_video_caps (GstCaps * caps);
GstCaps *gst_cuda_video_caps_for_peer (GstPad * pad, GstCaps * caps);

gboolean gst_cuda_video_is_asked (GstQuery * query);
gboolean gst_cuda_video_answer (GstCudaVideo * video, GstQuery * query,
    RdDevice * device);
void gst_cuda_video_set_context (GstCudaVideo * video, GstContext * context);

void gst_cuda_video_open (GstCudaVideo * video, RdDevice * device);
void gst_cuda_video_close (GstCudaVideo * video);
void gst_cuda_video_propose_pool (GstCudaVideo * video, GstQuery * query);
gboolean gst_cuda_video_decide_pool (GstCudaVideo * video, GstQuery * query,
    GError ** error);
gboolean gst_cuda_video_map (GstCudaVideo * video, GstVideoFrame * frame,
    const GstVideoInfo * info, GstBuffer * buffer, GstMapFlags flags,
    gboolean * on_device);

G_END_DECLS
