/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/base/gstaggregator.h>
#include <gst/video/video.h>

#include "regions/region.h"

G_BEGIN_DECLS

#define GST_TYPE_MASK_PAD (gst_mask_pad_get_type ())
G_DECLARE_FINAL_TYPE (GstMaskPad, gst_mask_pad, GST, MASK_PAD,
    GstAggregatorPad)

guint gst_mask_pad_get_number (GstMaskPad * pad);

gboolean gst_mask_pad_set_caps (GstMaskPad * pad, const GstCaps * caps,
    GError ** error);
void gst_mask_pad_forget (GstMaskPad * pad);

gboolean gst_mask_pad_is_settled (GstMaskPad * pad,
    GstClockTime running_time);
gboolean gst_mask_pad_has_mask (GstMaskPad * pad);
gboolean gst_mask_pad_is_late (GstMaskPad * pad);
gboolean gst_mask_pad_set_late (GstMaskPad * pad);
gboolean gst_mask_pad_take (GstMaskPad * pad, GstClockTime running_time);

GstSample *gst_mask_pad_get_sample (GstMaskPad * pad);
RdMask *gst_mask_pad_get_mask (GstMaskPad * pad, GError ** error);
RdRegion *gst_mask_pad_get_region (GstMaskPad * pad);

G_END_DECLS
