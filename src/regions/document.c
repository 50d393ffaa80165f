/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/document.h"

#include <string.h>

#include "base/error.h"
#include "regions/reader.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/**
 * rd_region_document_parse:
 * @text: UTF-8; JSON, or the short form of the command line
 * @folder: (nullable): what paths in it are relative to, %NULL for the working
 *   directory
 * @error: return location for %RD_ERROR_INVALID, whose message says where in
 *   the text the fault is, or %RD_ERROR_NOT_FOUND for the name of a sampler or
 *   scheduler
 *
 * Reads a text about regions. A text that begins with { or [ and does not end in
 * @x,y,width,height is JSON (see docs/regions.md). Any other text is in the short
 * form: regions separated by | or the ends of lines, each a prompt followed by @ and a box x,y,width,height in 0..1 of the picture:
 * "lava @0,0.5,0.5,0.5 | green meadow @0.5,0.5,0.5,0.5". An empty text has no
 * regions.
 *
 * Returns: (transfer full) (nullable): the document
 */
RdRegionDocument *
rd_region_document_parse (const char *text, const char *folder, GError ** error)
{
  g_autoptr (RdRegionDocument) document = rd_region_document_new ();
  const char *first;
  gboolean ok;

  if (g_str_has_prefix (text, BYTE_ORDER_MARK))
    text += strlen (BYTE_ORDER_MARK);

  first = text + strspn (text, " \t\r\n");
  if ((*first == '{' || *first == '[') && !rd_regions_is_short (text))
    ok = rd_regions_read_json (text, folder, &document->base,
        &document->common_prompt, document->regions, error);
  else
    ok = rd_regions_read_short (text, document->regions, error);

  return ok ? g_steal_pointer (&document) : NULL;
}

/**
 * rd_region_document_check_portable:
 * @document: a document
 * @error: return location for %RD_ERROR_INVALID, which begins with the name of
 *   the first region that depends on either
 *
 * Checks that @document means the same for pictures of any size and in any
 * working directory: that coordinates are 0..1 and paths absolute.
 *
 * Returns: whether it does
 */
gboolean
rd_region_document_check_portable (const RdRegionDocument * document,
    GError ** error)
{
  for (guint i = 0; i < document->regions->len; i++) {
    const RdRegion *region = document->regions->pdata[i];
    const char *problem = NULL;

    if (region->shape.pixels)
      problem = "coordinates must be fractions of the picture, 0..1; divide "
          "pixels by its size and remove \"units\"";
    else if (region->shape.file && !g_path_is_absolute (region->shape.file))
      problem = "the path of its mask must be absolute";
    if (!problem)
      continue;
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "%s: %s", region->id,
        problem);
    return FALSE;
  }
  return TRUE;
}

/**
 * rd_region_document_prompt:
 * @document: a document
 * @prompt: a region's prompt, inherited or its own
 *
 * Returns: (transfer full): the prompt to use: the common prompt of the document,
 *   if it has one, and @prompt
 */
char *
rd_region_document_prompt (const RdRegionDocument * document,
    const char *prompt)
{
  if (!document->common_prompt || !*document->common_prompt)
    return g_strdup (prompt);
  if (!*prompt)
    return g_strdup (document->common_prompt);

  return g_strconcat (document->common_prompt, ", ", prompt, NULL);
}

/**
 * rd_region_document_new:
 *
 * Returns: (transfer full): an empty document
 */
RdRegionDocument *
rd_region_document_new (void)
{
  RdRegionDocument *document = g_new0 (RdRegionDocument, 1);

  g_atomic_ref_count_init (&document->ref_count);
  document->regions =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_region_unref);
  return document;
}

/**
 * rd_region_document_ref:
 * @document: a document
 *
 * Returns: (transfer full): @document
 */
RdRegionDocument *
rd_region_document_ref (RdRegionDocument * document)
{
  g_atomic_ref_count_inc (&document->ref_count);
  return document;
}

/**
 * rd_region_document_unref:
 * @document: (transfer full): a document
 */
void
rd_region_document_unref (RdRegionDocument * document)
{
  if (!g_atomic_ref_count_dec (&document->ref_count))
    return;
  g_clear_pointer (&document->base, rd_region_unref);
  g_free (document->common_prompt);
  g_ptr_array_unref (document->regions);
  g_free (document);
}
