/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* GstRegionPromptMeta, from the plugin's side: what it is, and how a sampler
 * reads it. The side of those who attach it is gstregionpromptmeta.h. */

#include "regions/gstregionmetadata.h"

#include <gst/video/video.h>

#include "base/error.h"
#include "common/gstlatentdebug.h"
#include "regions/gstregiondocument.h"
#include "gst-regional/gstregionpromptmeta.h"

GST_LATENT_DEBUG_CATEGORY ("regionalsampler", "regional sampling");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/* Coordinates are fractions of the picture, so a buffer of another size has the
 * same; what becomes of a part of a buffer nobody can tell. */
static gboolean
transform (GstBuffer * transbuf, GstCustomMeta * meta, GstBuffer * buffer,
    GQuark type, gpointer data, gpointer user_data)
{
  GstCustomMeta *copy;
  const gchar *regions;

  if (type != gst_video_meta_transform_scale_get_quark ()
      && (!GST_META_TRANSFORM_IS_COPY (type)
          || ((GstMetaTransformCopy *) data)->region))
    return FALSE;
  regions = gst_structure_get_string (gst_custom_meta_get_structure (meta),
      GST_REGION_PROMPT_META_FIELD);
  copy = gst_buffer_add_custom_meta (transbuf, GST_REGION_PROMPT_META_NAME);
  if (regions)
    gst_structure_set (gst_custom_meta_get_structure (copy),
        GST_REGION_PROMPT_META_FIELD, G_TYPE_STRING, regions, NULL);
  return TRUE;
}

/*
 * gst_region_metadata_register:
 *
 * Makes the meta known, once a process.
 */
void
gst_region_metadata_register (void)
{
  /* what it depends on: whoever changes one of these asks transform() */
  static const gchar *tags[] = { "video", "size", "orientation", NULL };

  if (!gst_meta_get_info (GST_REGION_PROMPT_META_NAME))
    gst_meta_register_custom (GST_REGION_PROMPT_META_NAME, tags, transform,
        NULL, NULL);
}

static void
document_free (gpointer document)
{
  gst_region_document_clear (document);
  g_free (document);
}

/*
 * gst_region_metadata_clear:
 * @metadata: zeroed memory, or regions of a buffer
 *
 * Lets go of all documents.
 */
void
gst_region_metadata_clear (GstRegionMetadata * metadata)
{
  g_clear_pointer (&metadata->documents, g_ptr_array_unref);
}

/* A name that is told apart from that of a region in the element's text. */
static void
set_ids (const RdRegionDocument * document)
{
  for (guint i = 0; i < document->regions->len; i++) {
    RdRegion *region = document->regions->pdata[i];
    g_autofree gchar *unnamed = g_strdup_printf ("regions[%u]", i);

    if (g_str_equal (region->id, unnamed)) {
      g_free (region->id);
      region->id = g_strconcat ("metadata ", unnamed, NULL);
    }
  }
}

static gboolean
update_document (GstRegionDocument * document, const gchar * text,
    GPtrArray * warnings, GCancellable * cancellable, GError ** error)
{
  const gboolean same = g_strcmp0 (document->text, text) == 0;

  if (!gst_region_document_parse (document, text, NULL, warnings, cancellable,
          error)
      || !rd_region_document_check_portable (document->parsed, error)) {
    gst_region_document_clear (document);
    return FALSE;
  }
  if (!same)
    set_ids (document->parsed);
  return TRUE;
}

/*
 * gst_region_metadata_update:
 * @metadata: regions of the buffer before
 * @buffer: a buffer
 * @warnings: (element-type utf8): receives what people should know
 * @cancellable: (nullable): ends the wait for mask files
 * @error: what is wrong with a document, with its place, or that all together
 *   have too many regions
 *
 * Reads all documents that @buffer has.
 */
gboolean
gst_region_metadata_update (GstRegionMetadata * metadata,
    GstBuffer * buffer, GPtrArray * warnings, GCancellable * cancellable,
    GError ** error)
{
  gpointer state = NULL;
  const gchar *text;
  guint n = 0, n_regions = 0;

  if (!metadata->documents)
    metadata->documents = g_ptr_array_new_with_free_func (document_free);
  while ((text = gst_buffer_iterate_region_prompt_meta (buffer, &state))) {
    GstRegionDocument *document;

    if (n == metadata->documents->len)
      g_ptr_array_add (metadata->documents, g_new0 (GstRegionDocument, 1));
    document = metadata->documents->pdata[n++];
    if (!update_document (document, text, warnings, cancellable, error)
        || !rd_region_check_number (n_regions +=
            document->parsed->regions->len, error)) {
      g_prefix_error (error, "region metadata: ");
      return FALSE;
    }
  }
  g_ptr_array_set_size (metadata->documents, n);
  GST_LOG ("%u region metas", n);
  return TRUE;
}
