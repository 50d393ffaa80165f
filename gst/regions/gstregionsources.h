/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "regions/gstregiondetections.h"
#include "regions/gstregiondocument.h"
#include "regions/gstregionmetadata.h"
#include "sampler/gstregionalsettings.h"

G_BEGIN_DECLS

/*
 * GstRegionalRegions:
 *
 * Where a job's regions come from, but for pads, as far as one job leaves
 * something for the next. All zero is one that has read nothing yet.
 */
typedef struct
{
  GstRegionalMetadata metadata;
  GstRegionalDetections detections;
  GstRegionalDocument document;
} GstRegionalRegions;

void gst_regional_regions_clear (GstRegionalRegions * regions);
GPtrArray *gst_regional_regions_read (GstRegionalRegions * regions,
    const GstRegionalSettings * settings, GstBuffer * latent, guint width,
    guint height, GCancellable * cancellable, GError ** error);

G_END_DECLS
