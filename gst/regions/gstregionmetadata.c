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

/* In place of the regions of a picture whose pixels were moved: what became of
 * it, for people. */
#define LOST_FIELD "lost"

static gdouble
display_aspect_ratio (const GstVideoInfo * info)
{
  return (gdouble) GST_VIDEO_INFO_WIDTH (info) * GST_VIDEO_INFO_PAR_N (info)
      / ((gdouble) GST_VIDEO_INFO_HEIGHT (info) * GST_VIDEO_INFO_PAR_D (info));
}

/* What an element that says that it scales did to the picture, if fractions of it
 * are not what they were. One that flips may say so, too: it has the same size and
 * format on both sides. Where the shape of the picture changes, by more than sides
 * that are whole numbers of pixels explain, it was turned if width and height are
 * exchanged; else it got bars or was stretched. */
static const gchar *
find_move (const GstVideoMetaTransform * scale)
{
  const GstVideoInfo *in = scale->in_info, *out = scale->out_info;
  const gint longest = MAX (GST_VIDEO_INFO_WIDTH (out),
      GST_VIDEO_INFO_HEIGHT (out));
  const gdouble ratio = display_aspect_ratio (out) / display_aspect_ratio (in);

  if (gst_video_info_is_equal (in, out))
    return "flipped";
  if (ABS (ratio - 1.0) * longest < 2.0)
    return NULL;
  return GST_VIDEO_INFO_WIDTH (in) == GST_VIDEO_INFO_HEIGHT (out)
      && GST_VIDEO_INFO_HEIGHT (in) == GST_VIDEO_INFO_WIDTH (out)
      ? "turned" : "given bars or stretched";
}

static gchar *
describe_move (const GstVideoMetaTransform * scale)
{
  const gchar *move = find_move (scale);

  return move == NULL ? NULL : g_strdup_printf ("%s, from %dx%d to %dx%d", move,
      GST_VIDEO_INFO_WIDTH (scale->in_info),
      GST_VIDEO_INFO_HEIGHT (scale->in_info),
      GST_VIDEO_INFO_WIDTH (scale->out_info),
      GST_VIDEO_INFO_HEIGHT (scale->out_info));
}

static void
copy_field (GstStructure * to, const GstStructure * from, const gchar * field)
{
  const GValue *value = gst_structure_get_value (from, field);

  if (value != NULL)
    gst_structure_set_value (to, field, value);
}

/* Coordinates are fractions of the picture, so a buffer of another size has the
 * same. Where pixels were moved, the sampler is told; what becomes of a part of a
 * buffer nobody can tell. */
static gboolean
transform (GstBuffer * transbuf, GstCustomMeta * meta, GstBuffer * buffer,
    GQuark type, gpointer data, gpointer user_data)
{
  const gboolean scales = type == gst_video_meta_transform_scale_get_quark ();
  const GstStructure *regions = gst_custom_meta_get_structure (meta);
  g_autofree gchar *lost = NULL;
  GstStructure *copy;

  if (!scales && (!GST_META_TRANSFORM_IS_COPY (type)
          || ((GstMetaTransformCopy *) data)->region))
    return FALSE;
  copy = gst_custom_meta_get_structure (gst_buffer_add_custom_meta (transbuf,
          GST_REGION_PROMPT_META_NAME));
  if (scales)
    lost = describe_move (data);
  if (lost != NULL && !gst_structure_has_field (regions, LOST_FIELD)) {
    gst_structure_set (copy, LOST_FIELD, G_TYPE_STRING, lost, NULL);
    return TRUE;
  }
  copy_field (copy, regions, GST_REGION_PROMPT_META_FIELD);
  copy_field (copy, regions, LOST_FIELD);
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

  /* on nothing, so that everybody copies it */
  static const gchar *no_tags[] = { NULL };

  if (!gst_meta_get_info (GST_REGION_PROMPT_META_NAME))
    gst_meta_register_custom (GST_REGION_PROMPT_META_NAME, tags, transform,
        NULL, NULL);
  if (!gst_meta_get_info (GST_REGION_PROMPT_ATTACHED_META_NAME))
    gst_meta_register_custom (GST_REGION_PROMPT_ATTACHED_META_NAME, no_tags,
        NULL, NULL, NULL);
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

/* What became of regions whose picture was moved under them. */
static void
warn_of_lost (GstBuffer * buffer, GPtrArray * warnings)
{
  gboolean any = FALSE;
  gpointer state = NULL;
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta (buffer, &state))) {
    const gchar *lost;

    if (!gst_meta_info_is_custom (meta->info)
        || !gst_custom_meta_has_name ((GstCustomMeta *) meta,
            GST_REGION_PROMPT_META_NAME))
      continue;
    any = TRUE;
    lost = gst_structure_get_string (gst_custom_meta_get_structure
        ((GstCustomMeta *) meta), LOST_FIELD);
    if (lost != NULL)
      g_ptr_array_add (warnings, g_strdup_printf ("region metadata: left out, "
              "as the picture was %s after it was attached; attach it behind "
              "the element that does so", lost));
  }
  if (!any && gst_buffer_get_custom_meta (buffer,
          GST_REGION_PROMPT_ATTACHED_META_NAME))
    g_ptr_array_add (warnings, g_strdup ("region metadata: dropped on the way, "
            "by an element that flips, turns, crops or mixes pictures; attach "
            "it behind that element"));
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

  warn_of_lost (buffer, warnings);
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
