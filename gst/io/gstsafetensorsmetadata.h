/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "latent/gstlatentinfo.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatentmetadata
 *
 * The model's fields of latent caps as a file's metadata: text by the caps'
 * names.
 */

void gst_latent_metadata_write (GHashTable * metadata,
    const GstLatentInfo * info);
gboolean gst_latent_metadata_read (GHashTable * metadata,
    GstLatentInfo * info, GError ** error);

G_END_DECLS
