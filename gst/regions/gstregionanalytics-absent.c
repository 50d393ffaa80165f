/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* In a build without GStreamer's analytics library. */

#include "regions/gstregionanalytics.h"

gboolean
gst_region_analytics_collect (GstBuffer * buffer, guint width, guint height,
    GArray * found, GPtrArray * outside, GError ** error)
{
  return TRUE;
}
