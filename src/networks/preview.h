/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:preview
 *
 * What a latent shows, at latent size and without a network: every cell's
 * colour is a linear map of its channels. Good maps differ from one VAE to the
 * next, so each model's is fitted to its own decoder.
 */

/**
 * RdPreviewMap:
 * @channels: of the latents
 * @weights: by colour (red, green, blue): the factor of every channel, and a
 *   constant at last: 3 x (@channels + 1)
 *
 * From latents in the VAE's own scale to colours from -1 to 1.
 */
typedef struct
{
  guint channels;
  double *weights;
} RdPreviewMap;

/**
 * RdPreviewDecode:
 * @latent: (1,C,h,w) in the VAE's own scale
 *
 * A decoder, as of rd_model_decode().
 *
 * Returns: (transfer full) (nullable): (1,3,H,W), H and W the same multiple of
 *   h and w, colours from -1 to 1
 */
typedef RdTensor *(*RdPreviewDecode) (RdTensor * latent, gpointer user_data,
    GCancellable * cancellable, GError ** error);

RdPreviewMap *rd_preview_map_fit (RdStream * stream, guint channels,
    double deviation, double mean, RdPreviewDecode decode, gpointer user_data,
    GCancellable * cancellable, GError ** error);
void rd_preview_map_free (RdPreviewMap * map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdPreviewMap, rd_preview_map_free);

void rd_preview_map_apply (const RdPreviewMap * map, const float *latent,
    gsize n_cells, double scale, double shift, guint8 * rgb);

G_END_DECLS
