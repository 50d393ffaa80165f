/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/*
 * GstRegionalMetadata:
 * @documents: (nullable) (element-type GstRegionalDocument): one for each
 *   #GstRegionPromptMeta of the latest buffer
 *
 * The regions that came with a buffer. What is the same in the next buffer is
 * not parsed again. All zero is one without.
 */
typedef struct
{
  GPtrArray *documents;
} GstRegionalMetadata;

void gst_regional_metadata_register (void);
void gst_regional_metadata_clear (GstRegionalMetadata * metadata);
gboolean gst_regional_metadata_update (GstRegionalMetadata * metadata,
    GstBuffer * buffer, GCancellable * cancellable, GError ** error);

G_END_DECLS
