/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "latent/gstlatentinfo.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatentbuffer
 *
 * The way between buffers of latents and tensors.
 */

RdTensor *gst_latent_buffer_read (GstBuffer * buffer,
    const GstLatentInfo * info, RdStream * stream, GError ** error);
gboolean gst_latent_buffer_write (GstBuffer * buffer,
    const GstLatentInfo * info, RdTensor * tensor, GError ** error);
GstBuffer *gst_latent_buffer_new (const GstLatentInfo * info,
    RdTensor * tensor, GstAllocator * allocator, GstBuffer * origin,
    GError ** error);
gboolean gst_latent_keeps_meta (const GstMeta * meta);

G_END_DECLS
