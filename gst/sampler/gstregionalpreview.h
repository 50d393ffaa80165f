/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "common/gstlatentprogress.h"
#include "models/model.h"

G_BEGIN_DECLS

/*
 * GstRegionalPreview:
 * @previewer: what jobs get, once it has a map
 * @without: (nullable): a model of which no previews can be had
 *
 * Previews of `regionalsampler`. Belongs to the source task.
 */
typedef struct
{
  RdPreviewer previewer;
  RdModel *without;
} GstRegionalPreview;

void gst_regional_preview_clear (GstRegionalPreview * preview);
GstFlowReturn gst_regional_preview_prepare (GstRegionalPreview * preview,
    RdModel * model, guint interval_ms, GstElement * element,
    GCancellable * cancellable);

void gst_regional_preview_post (GstElement * element,
    const GstLatentProgress * progress, const RdProgress * counters, guint width,
    guint height, const guint8 * rgb, GstBuffer * latent,
    const GstSegment * segment);

G_END_DECLS
