/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "latent/gstlatentmemory.h"
#include "latent/gstlatentstrided.h"
#include "latent/gstlatenttensors.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatentcaps
 *
 * Latent caps of either media type: reading and writing them, and what a model,
 * a device and other elements make of them in negotiation.
 */

/* Templates of pads, best first: of those that take or give latents in device
 * memory, too, and of others. */
#define GST_LATENT_CAPS_ANY_MEMORY \
    GST_LATENT_CAPS_IN (GST_CAPS_FEATURE_MEMORY_LATENT_CUDA) "; " \
    GST_LATENT_CAPS_SYSTEM_MEMORY
#define GST_LATENT_CAPS_SYSTEM_MEMORY \
    GST_LATENT_CAPS "; " GST_LATENT_TENSORS_CAPS

gboolean gst_latent_info_from_caps (GstLatentInfo * info, const GstCaps * caps,
    GError ** error);
GstCaps *gst_latent_info_to_caps (const GstLatentInfo * info);
gboolean gst_latent_structure_get_dims (const GstStructure * structure,
    guint dims[4]);

GstCaps *gst_latent_caps_of_model (GstCaps * caps, const RdModelInfo * model);
GstCaps *gst_latent_caps_prefer_model (GstCaps * caps,
    const RdModelInfo * model);
GstCaps *gst_latent_caps_any_memory (const GstCaps * caps,
    const RdDevice * device);
GstCaps *gst_latent_caps_add_tensors (GstCaps * caps);
gboolean gst_latent_info_negotiate (GstLatentInfo * info,
    const GstCaps * taken);

G_END_DECLS
