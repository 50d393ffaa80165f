/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "regions/gstregiondetections.h"
#include "regions/gstregiondocument.h"
#include "regions/gstregionmetadata.h"
#include "sampler/gstregionalsettings.h"

G_BEGIN_DECLS

/*
 * GstRegionSources:
 *
 * Where a job's regions come from, but for pads, as far as one job leaves
 * something for the next. All zero is one that has read nothing yet.
 */
typedef struct
{
  GstRegionMetadata metadata;
  GstRegionDetections detections;
  GstRegionDocument document;
} GstRegionSources;

void gst_region_sources_clear (GstRegionSources * regions);
GPtrArray *gst_region_sources_read (GstRegionSources * regions,
    const GstRegionalSettings * settings, GstBuffer * latent, guint width,
    guint height, GCancellable * cancellable, GError ** error);

G_END_DECLS
