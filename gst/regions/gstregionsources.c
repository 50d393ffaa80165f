/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "regions/gstregionsources.h"

/*
 * gst_regional_regions_clear:
 * @regions: zeroed memory, or what was read
 *
 * Lets go of all of it.
 */
void
gst_regional_regions_clear (GstRegionalRegions * regions)
{
  gst_regional_metadata_clear (&regions->metadata);
  gst_regional_detections_clear (&regions->detections);
  gst_regional_document_clear (&regions->document);
}

/*
 * gst_regional_regions_read:
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
 * Returns: (transfer full) (element-type RdRegionList) (nullable): lists of
 *   regions, in that order
 */
GPtrArray *
gst_regional_regions_read (GstRegionalRegions * regions,
    const GstRegionalSettings * settings, GstBuffer * latent, guint width,
    guint height, GCancellable * cancellable, GError ** error)
{
  g_autoptr (GPtrArray) lists =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_region_list_unref);
  guint n;

  if (!gst_regional_metadata_update (&regions->metadata, latent, cancellable,
          error)
      || !gst_regional_detections_update (&regions->detections,
          settings->class_prompts, error)
      || !gst_regional_document_update (&regions->document, settings->regions,
          settings->regions_location, cancellable, error))
    return NULL;

  n = regions->metadata.documents->len;
  for (guint i = 0; i < n; i++) {
    const GstRegionalDocument *document =
        regions->metadata.documents->pdata[i];

    g_ptr_array_add (lists, rd_region_list_ref (document->list));
  }
  if (regions->document.list)
    g_ptr_array_add (lists, rd_region_list_ref (regions->document.list));
  if (!gst_regional_detections_apply (&regions->detections, latent, width,
          height, lists, n, error))
    return NULL;
  return g_steal_pointer (&lists);
}
