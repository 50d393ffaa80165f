/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>

#include "regions/region.h"

G_BEGIN_DECLS

/**
 * SECTION:document
 *
 * Regions as users write them in one text, as JSON or in the short form, with
 * settings that the base takes over.
 */

/**
 * RdRegionDocument:
 * @base: (nullable): settings for the base, as a region without a shape; only
 *   the settings that regions inherit count
 * @common_prompt: (nullable): beginning of the prompts of all regions, see
 *   rd_region_document_prompt()
 * @regions: (element-type RdRegion): in the order of the text
 *
 * Reference counted; not changed once shared.
 */
typedef struct
{
  gatomicrefcount ref_count;
  RdRegion *base;
  char *common_prompt;
  GPtrArray *regions;
} RdRegionDocument;

RdRegionDocument *rd_region_document_new (void);
RdRegionDocument *rd_region_document_ref (RdRegionDocument * document);
void rd_region_document_unref (RdRegionDocument * document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdRegionDocument, rd_region_document_unref)

RdRegionDocument *rd_region_document_parse (const char *text,
    const char *folder, GError ** error);
char *rd_region_document_to_json (const RdRegionDocument * document);
gboolean rd_region_document_check_portable (const RdRegionDocument * document,
    GError ** error);
char *rd_region_document_prompt (const RdRegionDocument * document,
    const char *prompt);

G_END_DECLS
