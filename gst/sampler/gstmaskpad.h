/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstaggregator.h>
#include <gst/video/video.h>

#include "regions/region.h"

G_BEGIN_DECLS

#define GST_TYPE_REGION_PAD (gst_region_pad_get_type ())
G_DECLARE_FINAL_TYPE (GstRegionPad, gst_region_pad, GST, REGION_PAD,
    GstAggregatorPad)

guint gst_region_pad_get_number (GstRegionPad * pad);

gboolean gst_region_pad_set_caps (GstRegionPad * pad, const GstCaps * caps);
void gst_region_pad_forget (GstRegionPad * pad);

gboolean gst_region_pad_is_settled (GstRegionPad * pad,
    GstClockTime running_time);
gboolean gst_region_pad_take (GstRegionPad * pad, GstClockTime running_time);

GstSample *gst_region_pad_get_sample (GstRegionPad * pad);
RdMask *gst_region_pad_get_mask (GstRegionPad * pad, GError ** error);
RdRegion *gst_region_pad_get_region (GstRegionPad * pad);

G_END_DECLS
