/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "models/family.h"
#include "sigmas/prediction.h"

G_BEGIN_DECLS

/**
 * SECTION:info
 *
 * What the JSON files of a model folder say about its networks.
 */

/**
 * RdModelInfo:
 * @family: the kind of model
 * @channels: latent channels
 * @downscale: picture pixels per latent cell and side
 * @scaling_factor: latents enter the UNet as (latent - shift) * scaling
 * @shift_factor: see @scaling_factor
 * @multiple: the UNet takes latents whose sides are multiples of this; others
 *   are shown to it with a margin
 * @text_width: D of the tokens that the UNet takes
 * @guidance_width: numbers of the guidance scale's embedding, of networks that
 *   take the scale as an input (latent consistency models); 0 for others
 * @cfg: the guidance scale where users set none
 * @takes_scaled: the decoder takes latents in the UNet's scale, whatever that is;
 *   of small autoencoders in folders of their own
 * @prediction: (nullable): how the UNet was trained, %NULL without one
 */
typedef struct
{
  const RdFamily *family;
  guint channels;
  guint downscale;
  double scaling_factor;
  double shift_factor;
  guint multiple;
  guint text_width;
  guint guidance_width;
  double cfg;
  gboolean takes_scaled;
  RdPrediction *prediction;
} RdModelInfo;

/* for model.c */
gboolean rd_model_info_read (RdModelInfo * info, const char *folder,
    GError ** error);
void rd_model_info_clear (RdModelInfo * info);

G_END_DECLS
