/* SPDX-License-Identifier: LGPL-2.1-or-later */
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
 *   the text the fault is
 *
 * Reads a document about regions. A text whose first character is { or [ is
 * JSON (see docs/regions.md), any other the short form: regions between |, each
 * a prompt and after the last @ a box x,y,width,height in 0..1 of the picture:
 * "lava @0,0.5,0.5,0.5 | green meadow @0.5,0.5,0.5,0.5". An empty text has no
 * regions.
 *
 * Returns: (transfer full) (nullable): what the document says
 */
RdRegionDocument *
rd_region_document_parse (const char *text, const char *folder, GError ** error)
{
  g_autoptr (RdRegionDocument) list = rd_region_document_new ();
  const char *first;
  gboolean ok;

  if (g_str_has_prefix (text, BYTE_ORDER_MARK))
    text += strlen (BYTE_ORDER_MARK);

  first = text + strspn (text, " \t\r\n");
  if (*first == '{' || *first == '[')
    ok = rd_regions_read_json (text, folder, &list->base, &list->common_prompt,
        list->regions, error);
  else
    ok = rd_regions_read_short (text, list->regions, error);

  return ok ? g_steal_pointer (&list) : NULL;
}

/**
 * rd_region_document_check_portable:
 * @list: a document
 * @error: %RD_ERROR_INVALID, with the region's name
 *
 * Whether @list means the same with a picture of another size and to who does
 * not know where it came from: coordinates are 0..1, paths are absolute.
 */
gboolean
rd_region_document_check_portable (const RdRegionDocument * list,
    GError ** error)
{
  for (guint i = 0; i < list->regions->len; i++) {
    const RdRegion *region = list->regions->pdata[i];
    const char *problem = NULL;

    if (region->shape.pixels)
      problem = "coordinates must be 0..1 of the picture, leave out \"units\"";
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
 * @list: a document
 * @prompt: a region's prompt, inherited or its own
 *
 * Returns: (transfer full): the prompt to use, which begins with what the
 *   document says that all prompts begin with
 */
char *
rd_region_document_prompt (const RdRegionDocument * list, const char *prompt)
{
  if (!list->common_prompt || !*list->common_prompt)
    return g_strdup (prompt);
  if (!*prompt)
    return g_strdup (list->common_prompt);

  return g_strconcat (list->common_prompt, ", ", prompt, NULL);
}

/**
 * rd_region_document_new:
 *
 * Returns: (transfer full): a document that says nothing
 */
RdRegionDocument *
rd_region_document_new (void)
{
  RdRegionDocument *list = g_new0 (RdRegionDocument, 1);

  g_atomic_ref_count_init (&list->ref_count);
  list->regions =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_region_unref);
  return list;
}

RdRegionDocument *
rd_region_document_ref (RdRegionDocument * list)
{
  g_atomic_ref_count_inc (&list->ref_count);
  return list;
}

void
rd_region_document_unref (RdRegionDocument * list)
{
  if (!g_atomic_ref_count_dec (&list->ref_count))
    return;
  g_clear_pointer (&list->base, rd_region_unref);
  g_free (list->common_prompt);
  g_ptr_array_unref (list->regions);
  g_free (list);
}
