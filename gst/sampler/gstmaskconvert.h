/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/video/video.h>

#include "regions/mask.h"

G_BEGIN_DECLS

/*
 * GST_MASK_FORMATS:
 *
 * What a mask's video may be, in caps: GRAY8 first, which needs no conversion.
 */
#define GST_MASK_FORMATS "{ GRAY8, GRAY16_LE, GRAY16_BE, " \
    "RGB, BGR, RGBx, BGRx, xRGB, xBGR, RGBA, BGRA, ARGB, ABGR, " \
    "ARGB64, AYUV, A420, I420, YV12, NV12, NV21, YUY2, UYVY, YVYU, Y41B, " \
    "Y42B, Y444, I420_10LE, I422_10LE, Y444_10LE, P010_10LE }"

RdMask *gst_mask_convert (GstBuffer * buffer, const GstVideoInfo * info,
    GError ** error);

G_END_DECLS
