/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "regions/gstregiondetections.h"
#include "regions/gstregiondocument.h"
#include "regions/gstregionmetadata.h"

G_BEGIN_DECLS

/*
 * GstRegionSources:
 *
 * @metadata: documents in the metadata of the last latent
 * @detections: detections on it
 * @document: the element's own text
 * @warnings: (element-type utf8): what people should know of the last latent's
 *   regions
 *
 * Where a job's regions come from, but for pads, as far as one job leaves
 * something for the next. All zero is one that has read nothing yet.
 */
typedef struct
{
  GstRegionMetadata metadata;
  GstRegionDetections detections;
  GstRegionDocument document;
  GPtrArray *warnings;
} GstRegionSources;

/*
 * GstRegionTexts:
 * @regions: (nullable): a text about regions
 * @regions_location: (nullable): path of a file with one; not both
 * @class_prompts: (nullable): a text about what detections become
 *
 * What the element's properties of these names say.
 */
typedef struct
{
  gchar *regions;
  gchar *regions_location;
  gchar *class_prompts;
} GstRegionTexts;

void gst_region_sources_clear (GstRegionSources * sources);
GPtrArray *gst_region_sources_read (GstRegionSources * sources,
    const GstRegionTexts * texts, GstBuffer * latent, guint width,
    guint height, GCancellable * cancellable, GError ** error);

G_END_DECLS
