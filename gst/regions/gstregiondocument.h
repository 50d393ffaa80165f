/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "regions/document.h"

G_BEGIN_DECLS

/*
 * GstRegionDocument:
 *
 * The regions that a text describes: that of the property `regions`, or of the
 * file `regions-location`. Parsed, and its mask files decoded, when it changes.
 */
typedef struct
{
  gchar *text;
  gchar *folder;
  RdRegionDocument *parsed;
} GstRegionDocument;

void gst_region_document_clear (GstRegionDocument * document);
gboolean gst_region_document_parse (GstRegionDocument * document,
    const gchar * text, const gchar * folder, GPtrArray * warnings,
    GCancellable * cancellable, GError ** error);
gboolean gst_region_document_update (GstRegionDocument * document,
    const gchar * regions, const gchar * location, GPtrArray * warnings,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
