/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_REGION_META (gst_region_meta_get_type ())
G_DECLARE_FINAL_TYPE (GstRegionMeta, gst_region_meta, GST, REGION_META,
    GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE (regionmeta)

G_END_DECLS
