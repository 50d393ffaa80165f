/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "latent/gstlatentinfo.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatenttensors
 *
 * Latents as NNStreamer's elements know them: caps `other/tensors` for what is
 * `tensor/strided` else. Buffers are the same, byte for byte. The caps do not
 * speak of a model.
 */

/* Fixed caps also have
 *   dimensions = (string) W:H:C:N
 * and never the model's fields. NNStreamer warns of strings that are a list, so
 * there is a structure for each. */
#define GST_LATENT_TENSORS_MEDIA_TYPE "other/tensors"
#define GST_LATENT_TENSORS_CAPS \
    GST_LATENT_TENSORS_CAPS_OF ("float32") "; " \
    GST_LATENT_TENSORS_CAPS_OF ("float16")
#define GST_LATENT_TENSORS_CAPS_OF(type) \
    GST_LATENT_TENSORS_MEDIA_TYPE ", format = (string) static, " \
    "num_tensors = (int) 1, types = (string) " type ", " \
    "framerate = (fraction) [ 0/1, max ]"
#define GST_LATENT_TENSORS_MIN_RANK 3
#define GST_LATENT_TENSORS_MAX_RANK 16

gboolean gst_latent_tensors_get_dims (const GstStructure * tensors,
    guint dims[4], guint * rank);
gboolean gst_latent_tensors_read (const GstStructure * tensors,
    GstLatentInfo * info, GError ** error);
GstCaps *gst_latent_tensors_write (const GstLatentInfo * info);
GstCaps *gst_latent_tensors_from_strided (const GstStructure * strided);
GstStructure *gst_latent_tensors_to_strided (const GstStructure * tensors);

G_END_DECLS
