/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "regions/region.h"

G_BEGIN_DECLS

/*
 * GstRegionalDocument:
 *
 * The regions that a text describes: that of the property `regions`, or of the
 * file `regions-location`. Parsed, and its mask files decoded, when it changes.
 */
typedef struct
{
  gchar *text;
  gchar *folder;
  RdRegionList *list;
} GstRegionalDocument;

void gst_regional_document_clear (GstRegionalDocument * document);
gboolean gst_regional_document_parse (GstRegionalDocument * document,
    const gchar * text, const gchar * folder, GCancellable * cancellable,
    GError ** error);
gboolean gst_regional_document_update (GstRegionalDocument * document,
    const gchar * regions, const gchar * location, GCancellable * cancellable,
    GError ** error);

G_END_DECLS
