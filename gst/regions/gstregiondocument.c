/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/gstregiondocument.h"

#include <gst/gst.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "common/gstlatentdebug.h"
#include "regions/gstmaskfile.h"

GST_LATENT_DEBUG_CATEGORY ("regionalsampler", "regional sampling");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/*
 * gst_region_document_clear:
 * @document: zeroed memory, or a document
 *
 * Makes it one without a text.
 */
void
gst_region_document_clear (GstRegionDocument * document)
{
  g_clear_pointer (&document->text, g_free);
  g_clear_pointer (&document->folder, g_free);
  g_clear_pointer (&document->parsed, rd_region_document_unref);
}

/* The regions from the @first on that have the same mask file. */
static GPtrArray *
list_users (const RdRegionDocument * document, guint first)
{
  const RdRegion *region = document->regions->pdata[first];
  GPtrArray *users = g_ptr_array_new ();

  for (guint i = first; i < document->regions->len; i++) {
    const RdRegion *other = document->regions->pdata[i];

    if (other->shape.kind == RD_SHAPE_FILE
        && g_str_equal (other->shape.file, region->shape.file))
      g_ptr_array_add (users, (gpointer) other);
  }
  return users;
}

static gboolean
load_mask_files (RdRegionDocument * document, GPtrArray * warnings,
    GCancellable * cancellable, GError ** error)
{
  for (guint i = 0; i < document->regions->len; i++) {
    const RdRegion *region = document->regions->pdata[i];
    g_autoptr (GPtrArray) users = NULL;

    if (region->shape.kind != RD_SHAPE_FILE)
      continue;
    users = list_users (document, i);
    if (!gst_mask_file_load (region->shape.file, users, warnings, cancellable,
            error)) {
      g_prefix_error (error, "%s: ", region->id);
      return FALSE;
    }
  }
  return TRUE;
}

/*
 * gst_region_document_parse:
 * @document: a document
 * @text: a text about regions
 * @folder: (nullable): what paths in it are relative to
 * @warnings: (element-type utf8): receives what people should know
 * @cancellable: (nullable): ends the wait for mask files
 * @error: what is wrong with the text, with its place; or a file's error
 *
 * Sets `document->parsed` to what the text says, unless it does already. After an
 * error it is what it was.
 */
gboolean
gst_region_document_parse (GstRegionDocument * document,
    const gchar * text, const gchar * folder, GPtrArray * warnings,
    GCancellable * cancellable, GError ** error)
{
  g_autoptr (RdRegionDocument) parsed = NULL;

  if (document->parsed && g_strcmp0 (document->text, text) == 0
      && g_strcmp0 (document->folder, folder) == 0)
    return TRUE;

  parsed = rd_region_document_parse (text, folder, error);
  if (!parsed || !load_mask_files (parsed, warnings, cancellable, error))
    return FALSE;
  gst_region_document_clear (document);
  document->text = g_strdup (text);
  document->folder = g_strdup (folder);
  document->parsed = g_steal_pointer (&parsed);
  GST_DEBUG ("a text has %u regions", document->parsed->regions->len);
  return TRUE;
}

/*
 * gst_region_document_update:
 * @document: a document
 * @regions: (nullable): a text
 * @location: (nullable): path of a file with one
 * @warnings: (element-type utf8): receives what people should know
 * @cancellable: (nullable): ends the wait for mask files
 * @error: what is wrong with the text, with its place; a file's error;
 *   %RD_ERROR_SETTINGS: both are given
 *
 * Sets `document->parsed` to what the text says, to %NULL if there is none.
 */
gboolean
gst_region_document_update (GstRegionDocument * document,
    const gchar * regions, const gchar * location, GPtrArray * warnings,
    GCancellable * cancellable, GError ** error)
{
  g_autofree gchar *text = NULL;
  g_autofree gchar *folder = NULL;
  gsize size;

  if (regions && location) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "both regions and regions-location are set; use one of them");
    return FALSE;
  }
  if (!regions && !location) {
    gst_region_document_clear (document);
    return TRUE;
  }
  if (regions) {
    if (gst_region_document_parse (document, regions, NULL, warnings,
            cancellable, error))
      return TRUE;
    g_prefix_error (error, "property regions: ");
    return FALSE;
  }

  text = rd_file_read_text (location, &size, error);
  if (!text) {
    g_prefix_error (error, "property regions-location: ");
    return FALSE;
  }
  folder = g_path_get_dirname (location);
  if (rd_text_check (text, size, error)
      && gst_region_document_parse (document, text, folder, warnings,
          cancellable, error))
    return TRUE;
  g_prefix_error (error, "%s: ", location);
  return FALSE;
}
