/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "regions/detection.h"

G_BEGIN_DECLS

/**
 * SECTION:gstregionalanalytics
 *
 * What detectors say with GStreamer's analytics library, in the metadata
 * GstAnalyticsRelationMeta. In a build without the library it says nothing.
 */

gboolean gst_region_analytics_collect (GstBuffer * buffer, guint width,
    guint height, GArray * found, GPtrArray * outside, GError ** error);

G_END_DECLS
