/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "regions/class-prompts.h"
#include "regions/document.h"

G_BEGIN_DECLS

/**
 * SECTION:detection
 *
 * Objects that a detector has found in a picture, and the regions made of them.
 */

/**
 * RdDetection:
 * @label: its class; belongs to whoever made the detection
 * @confidence: how certain the detector is, 0..1; 1 where that is not known
 * @has_track: whether @track is known
 * @track: number of the object, the same in all pictures of a video
 * @box: its bounding box in 0..1 of the picture, not empty
 * @segmentation: (nullable): a map of pixels with the object's among them
 * @segment: the object's id in @segmentation
 */
typedef struct
{
  const char *label;
  double confidence;
  gboolean has_track;
  gint64 track;
  RdBox box;
  RdSegmentation *segmentation;
  guint segment;
} RdDetection;

void rd_detection_clear (RdDetection * detection);
void rd_detection_set_segment (RdDetection * detection,
    RdSegmentation * segmentation, guint segment);

RdRegionDocument *rd_detections_expand (RdRegionDocument * document, guint n,
    const RdDetection * detections, gboolean * taken);
RdRegionDocument *rd_detections_classify (const RdClassPrompts * classes,
    guint n, const RdDetection * detections, const gboolean * taken);

G_END_DECLS
