/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/*
 * GstRegionMetadata:
 * @documents: (nullable) (element-type GstRegionDocument): one for each
 *   #GstRegionPromptMeta of the latest buffer
 *
 * The regions that came with a buffer. What is the same in the next buffer is
 * not parsed again. All zero is one without.
 */
typedef struct
{
  GPtrArray *documents;
} GstRegionMetadata;

void gst_region_metadata_register (void);
void gst_region_metadata_clear (GstRegionMetadata * metadata);
gboolean gst_region_metadata_update (GstRegionMetadata * metadata,
    GstBuffer * buffer, GPtrArray * warnings, GCancellable * cancellable,
    GError ** error);

G_END_DECLS
