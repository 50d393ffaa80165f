/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/tensor.h"
#include "regions/mask.h"

G_BEGIN_DECLS

/**
 * SECTION:impact-mask
 *
 * Masks the way ComfyUI Impact Pack (7.10.6) treats them, quirks included, for
 * the mode that repeats it. Maps are (1,1,H,W) on a stream, whose failure they
 * leave to the caller to check.
 */

RdTensor *rd_impact_inverse_union (RdStream * stream, guint n,
    RdMask * const *masks, const char *const *ids, GError ** error);
RdTensor *rd_impact_dilate (RdStream * stream, const RdMask * mask,
    guint overlap_factor);
RdTensor *rd_impact_mask_to_latent (RdStream * stream, const RdMask * mask,
    gint64 height, gint64 width);
RdTensor *rd_impact_to_latent (const RdTensor * map, gint64 height,
    gint64 width);

G_END_DECLS
