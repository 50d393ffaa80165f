/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/gstregionsources.h"

#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("regionalsampler", "regional sampling");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/*
 * gst_region_sources_clear:
 * @sources: zeroed memory, or what was read
 *
 * Lets go of all of it.
 */
void
gst_region_sources_clear (GstRegionSources * sources)
{
  gst_region_metadata_clear (&sources->metadata);
  gst_region_detections_clear (&sources->detections);
  gst_region_document_clear (&sources->document);
  g_clear_pointer (&sources->warnings, g_ptr_array_unref);
}

/*
 * gst_region_sources_read:
 * @sources: what the job before has read
 * @texts: the element's
 * @latent: the latent that they are for
 * @width: of its picture
 * @height: of its picture
 * @cancellable: (nullable): ends the wait for mask files
 * @error: what is wrong with a text or a detection, with its place
 *
 * Reads what there is to know about regions beside pads: metadata on @latent,
 * detections on it, and the element's own text, in this order. What people should
 * know of it comes into `sources->warnings`.
 *
 * Returns: (transfer full) (element-type RdRegionDocument) (nullable): documents
 *   in that order
 */
GPtrArray *
gst_region_sources_read (GstRegionSources * sources,
    const GstRegionTexts * texts, GstBuffer * latent, guint width,
    guint height, GCancellable * cancellable, GError ** error)
{
  g_autoptr (GPtrArray) documents =
      g_ptr_array_new_with_free_func ((GDestroyNotify)
      rd_region_document_unref);
  guint n;

  if (!sources->warnings)
    sources->warnings = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_set_size (sources->warnings, 0);
  if (!gst_region_metadata_update (&sources->metadata, latent,
          sources->warnings, cancellable, error)
      || !gst_region_detections_update (&sources->detections,
          texts->class_prompts, error)
      || !gst_region_document_update (&sources->document, texts->regions,
          texts->regions_location, sources->warnings, cancellable, error))
    return NULL;

  n = sources->metadata.documents->len;
  for (guint i = 0; i < n; i++) {
    const GstRegionDocument *document = sources->metadata.documents->pdata[i];

    g_ptr_array_add (documents, rd_region_document_ref (document->parsed));
  }
  if (sources->document.parsed)
    g_ptr_array_add (documents,
        rd_region_document_ref (sources->document.parsed));
  if (!gst_region_detections_apply (&sources->detections, latent, width,
          height, documents, n, sources->warnings, error))
    return NULL;
  GST_LOG ("%u documents, %u of them metadata", documents->len, n);
  return g_steal_pointer (&documents);
}
