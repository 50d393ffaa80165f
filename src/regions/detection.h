/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "regions/document.h"

G_BEGIN_DECLS

/**
 * SECTION:detection
 *
 * What a detector has found in a picture, and the regions that it becomes.
 */

/**
 * RdDetection:
 * @label: its class
 * @confidence: how certain it is, 0..1; 1 where that is not known
 * @has_track: whether @track is known
 * @track: what is the same thing in one picture after the other
 * @box: the box that it is in, not empty
 * @segmentation: (nullable): what it is a part of, where more is known than the
 *   box
 * @segment: which part
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

typedef struct _RdClassPrompts RdClassPrompts;

RdClassPrompts *rd_class_prompts_parse (const char *text, GError ** error);
void rd_class_prompts_free (RdClassPrompts * classes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdClassPrompts, rd_class_prompts_free)

const RdRegion *rd_class_prompts_find (const RdClassPrompts * classes,
    const char *label);
guint rd_class_prompts_n_labels (const RdClassPrompts * classes);
const char *rd_class_prompts_label (const RdClassPrompts * classes, guint i);

RdRegionDocument *rd_detections_expand (RdRegionDocument * list, guint n,
    const RdDetection * detections, gboolean * taken);
RdRegionDocument *rd_detections_classify (const RdClassPrompts * classes, guint n,
    const RdDetection * detections, const gboolean * taken);

G_END_DECLS
