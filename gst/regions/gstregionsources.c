/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "regions/gstregionsources.h"

/*
 * gst_region_sources_clear:
 * @regions: zeroed memory, or what was read
 *
 * Lets go of all of it.
 */
void
gst_region_sources_clear (GstRegionSources * regions)
{
  gst_region_metadata_clear (&regions->metadata);
  gst_region_detections_clear (&regions->detections);
  gst_region_document_clear (&regions->document);
}

/*
 * gst_region_sources_read:
 * @regions: what the job before has read
 * @settings: the element's
 * @latent: the latent that they are for
 * @width: of its picture
 * @height: of its picture
 * @cancellable: (nullable): ends the wait for mask files
 * @error: what is wrong with a text or a detection, with its place
 *
 * Reads what there is to know about regions beside pads: metadata on @latent,
 * detections on it, and the element's own text, in this order.
 *
 * Returns: (transfer full) (element-type RdRegionDocument) (nullable): lists of
 *   regions, in that order
 */
GPtrArray *
gst_region_sources_read (GstRegionSources * regions,
    const GstRegionalSettings * settings, GstBuffer * latent, guint width,
    guint height, GCancellable * cancellable, GError ** error)
{
  g_autoptr (GPtrArray) lists =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_region_document_unref);
  guint n;

  if (!gst_region_metadata_update (&regions->metadata, latent, cancellable,
          error)
      || !gst_region_detections_update (&regions->detections,
          settings->class_prompts, error)
      || !gst_region_document_update (&regions->document, settings->regions,
          settings->regions_location, cancellable, error))
    return NULL;

  n = regions->metadata.documents->len;
  for (guint i = 0; i < n; i++) {
    const GstRegionDocument *document =
        regions->metadata.documents->pdata[i];

    g_ptr_array_add (lists, rd_region_document_ref (document->list));
  }
  if (regions->document.list)
    g_ptr_array_add (lists, rd_region_document_ref (regions->document.list));
  if (!gst_region_detections_apply (&regions->detections, latent, width,
          height, lists, n, error))
    return NULL;
  return g_steal_pointer (&lists);
}
