/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "noise/source.h"
#include "regions/variation.h"

G_BEGIN_DECLS

/**
 * SECTION:variation
 *
 * Lets a region start from noise that is its own to some extent, so that it
 * comes out differently while all else stays the same.
 */

/**
 * RdVariation:
 * @seed: of the noise that is mixed in
 * @strength: 0..1, how much of it
 * @method: and how
 */
typedef struct
{
  guint64 seed;
  double strength;
  RdVariationMethod method;
} RdVariation;

gboolean rd_variation_mix (const RdVariation * variation,
    RdNoiseOrigin origin, RdTensor * noise, const RdTensor * weight,
    GError ** error);
gboolean rd_variation_mix_impact (const RdVariation * variation,
    RdNoiseOrigin origin, RdTensor * noise, const RdTensor * mask,
    GError ** error);

G_END_DECLS
