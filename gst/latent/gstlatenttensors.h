/* SPDX-License-Identifier: LGPL-2.1-or-later */
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

gboolean gst_latent_tensors_get_dims (const GstStructure * tensors,
    guint dims[4], guint * rank);
gboolean gst_latent_tensors_read (const GstStructure * tensors,
    GstLatentInfo * info, GError ** error);
GstCaps *gst_latent_tensors_write (const GstLatentInfo * info);
GstCaps *gst_latent_tensors_from_strided (const GstStructure * strided);
GstStructure *gst_latent_tensors_to_strided (const GstStructure * tensors);

G_END_DECLS
