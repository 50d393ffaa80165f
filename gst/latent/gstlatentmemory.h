/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatentmemory
 *
 * Latents in a device's memory, as one #GstMemory. Elements on that device take
 * the tensor; whoever maps the memory gets a mirror in system memory, which is
 * downloaded for the first reader, and uploaded for the next element after a
 * writer.
 */

#define GST_LATENT_MEMORY_TYPE "LatentCUDAMemory"
#define GST_CAPS_FEATURE_MEMORY_LATENT_CUDA "memory:LatentCUDA"

#define GST_TYPE_LATENT_ALLOCATOR (gst_latent_allocator_get_type ())
G_DECLARE_FINAL_TYPE (GstLatentAllocator, gst_latent_allocator, GST,
    LATENT_ALLOCATOR, GstAllocator);

GstAllocator *gst_latent_allocator_new (RdDevice * device, GError ** error);
gboolean gst_latent_query_propose_allocator (GstQuery * query,
    RdDevice * device, gsize size);
gboolean gst_latent_query_decide_allocator (GstQuery * query,
    RdDevice * device, GError ** error);

gboolean gst_is_latent_memory (GstMemory * memory);
gboolean gst_latent_memory_prepare (GstMemory * memory, GError ** error);
void gst_latent_memory_set_tensor (GstMemory * memory, RdTensor * tensor);
RdTensor *gst_latent_memory_get_tensor (GstMemory * memory, RdStream * stream,
    RdType type, const gint64 dims[4]);

G_END_DECLS
