/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "regions/region.h"

G_BEGIN_DECLS

/**
 * SECTION:document
 *
 * A text about regions: what it says of the base, and its regions.
 */

/**
 * RdRegionDocument:
 * @base: (nullable): a document's own base settings, as a region without shape,
 *   of which only what regions inherit means something
 * @common_prompt: (nullable): what all regions' prompts begin with, see
 *   rd_region_document_prompt()
 * @regions: (element-type RdRegion): in the order of the document
 *
 * What a document says. Reference counted; not changed once shared.
 */
typedef struct
{
  gatomicrefcount ref_count;
  RdRegion *base;
  char *common_prompt;
  GPtrArray *regions;
} RdRegionDocument;

RdRegionDocument *rd_region_document_new (void);
RdRegionDocument *rd_region_document_ref (RdRegionDocument * list);
void rd_region_document_unref (RdRegionDocument * list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdRegionDocument, rd_region_document_unref)

RdRegionDocument *rd_region_document_parse (const char *text, const char *folder,
    GError ** error);
char *rd_region_document_to_json (const RdRegionDocument * list);
gboolean rd_region_document_check_portable (const RdRegionDocument * list,
    GError ** error);
char *rd_region_document_prompt (const RdRegionDocument * list, const char *prompt);

G_END_DECLS
