/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "regions/region.h"

#include <string.h>

#include "base/error.h"
#include "regions/reader.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/**
 * rd_box_problem:
 * @box: a box as it was written
 *
 * Returns: (nullable): what is wrong with it
 */
const char *
rd_box_problem (const RdShape * box)
{
  if (box->width <= 0.0)
    return "width must be > 0";
  if (box->height <= 0.0)
    return "height must be > 0";
  if (box->x + box->width <= 0.0 || box->y + box->height <= 0.0)
    return "lies outside of the picture";
  if (!box->pixels && (box->x >= 1.0 || box->y >= 1.0))
    return "lies outside of the picture, which is 0..1";

  return NULL;
}

/**
 * rd_region_new:
 * @id: its name
 *
 * Returns: (transfer full): a region that inherits everything, for the whole
 *   run, and that has no shape yet
 */
RdRegion *
rd_region_new (const char *id)
{
  RdRegion *region = g_new0 (RdRegion, 1);

  g_atomic_ref_count_init (&region->ref_count);
  region->id = g_strdup (id);
  region->strength = 1.0;
  region->end = 1.0;

  return region;
}

/**
 * rd_region_copy_settings:
 * @region: a region
 * @id: the name of the copy
 *
 * Returns: (transfer full): a region like @region, without its shape
 */
RdRegion *
rd_region_copy_settings (const RdRegion * region, const char *id)
{
  RdRegion *copy = g_memdup2 (region, sizeof *region);

  g_atomic_ref_count_init (&copy->ref_count);
  copy->id = g_strdup (id);
  copy->prompt = g_strdup (region->prompt);
  copy->negative_prompt = g_strdup (region->negative_prompt);
  copy->model = g_strdup (region->model);
  copy->sampler = g_strdup (region->sampler);
  copy->scheduler = g_strdup (region->scheduler);
  copy->shape = (RdShape) { RD_SHAPE_NONE };
  return copy;
}

/**
 * rd_region_ref:
 * @region: a region
 *
 * Returns: (transfer full): @region
 */
RdRegion *
rd_region_ref (RdRegion * region)
{
  g_atomic_ref_count_inc (&region->ref_count);
  return region;
}

/**
 * rd_region_unref:
 * @region: (transfer full): a region
 */
void
rd_region_unref (RdRegion * region)
{
  if (!g_atomic_ref_count_dec (&region->ref_count))
    return;

  g_free (region->id);
  g_free (region->prompt);
  g_free (region->negative_prompt);
  g_free (region->model);
  g_free (region->sampler);
  g_free (region->scheduler);
  rd_shape_clear (&region->shape);
  g_free (region);
}

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
    ok = rd_region_document_read_json (list, text, folder, error);
  else
    ok = rd_region_document_read_short (list, text, error);

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
rd_region_document_check_portable (const RdRegionDocument * list, GError ** error)
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
