/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "regions/detection.h"

G_BEGIN_DECLS

/*
 * GstRegionDetections:
 * @text: (nullable): of the property `class-prompts`
 * @classes: (nullable): what it says
 * @wanted: (element-type utf8): classes that somebody has asked for
 * @seen: (element-type utf8): classes that detections had
 * @outside: (element-type utf8): classes with a detection outside of its picture
 *
 * What detectors have found, and what becomes of it. All zero is one that has
 * seen nothing yet.
 */
typedef struct
{
  gchar *text;
  RdClassPrompts *classes;
  GHashTable *wanted;
  GHashTable *seen;
  GHashTable *outside;
} GstRegionDetections;

void gst_region_detections_clear (GstRegionDetections * detections);
gboolean gst_region_detections_update (GstRegionDetections * detections,
    const gchar * class_prompts, GError ** error);
gboolean gst_region_detections_apply (GstRegionDetections * detections,
    GstBuffer * buffer, guint width, guint height, GPtrArray * documents,
    guint position, GPtrArray * warnings, GError ** error);
gchar *gst_region_detections_unmatched (GstRegionDetections * detections);

G_END_DECLS
