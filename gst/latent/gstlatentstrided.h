/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "latent/gstlatentinfo.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatentstrided
 *
 * Latents as GStreamer's analytics elements describe tensors: caps
 * `tensor/strided`, which can say what model the latents belong to.
 */

#define GST_LATENT_MEDIA_TYPE "tensor/strided"

/* What the tensor is, in the manner of GStreamer's registry of tensor ids. */
#define GST_LATENT_ID "stable-diffusion-latent"
/* What it was called before. Taken where it comes, and given to who takes
 * nothing else. */
#define GST_LATENT_OLD_ID "latent"

/* What all latents have in common. Fixed caps also have
 *   dims = (int) < N, C, H, W >
 * with H and W in latent cells, and where known the model's fields
 *   model-family = (string), downscale = (int), scaling-factor = (double),
 *   shift-factor = (double)
 * Elements leave dims out of templates and queries rather than put ranges into
 * it: to gst_caps_is_subset() no array is a subset of one with ranges, at which
 * GstBaseTransform warns and ACCEPT_CAPS says no (seen with 1.22). Queries name
 * the channels that a model takes as channels = (int). */
#define GST_LATENT_CAPS \
    GST_LATENT_MEDIA_TYPE GST_LATENT_FIELDS
#define GST_LATENT_CAPS_IN(feature) \
    GST_LATENT_MEDIA_TYPE "(" feature ")" GST_LATENT_FIELDS
#define GST_LATENT_FIELDS \
    ", tensor-id = (string) { " GST_LATENT_ID ", " GST_LATENT_OLD_ID " }, " \
    "type = (string) { float32, float16 }, " \
    "dims-order = (string) row-major, " \
    "framerate = (fraction) [ 0/1, max ]"

gboolean gst_latent_strided_get_dims (const GstStructure * strided,
    guint dims[4]);
void gst_latent_strided_set_dims (GstStructure * strided, const guint dims[4]);
gboolean gst_latent_strided_read (const GstStructure * strided,
    GstLatentInfo * info, GError ** error);
GstCaps *gst_latent_strided_write (const GstLatentInfo * info);
void gst_latent_strided_write_model (const GstLatentInfo * info,
    GstCaps * caps);
void gst_latent_strided_set_any_id (GstStructure * strided);

G_END_DECLS
