/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/gstregiondetections.h"

#include <gst/video/video.h>
#include <string.h>

#include "common/gstlatentdebug.h"
#include "regions/gstregionanalytics.h"

GST_LATENT_DEBUG_CATEGORY ("regionalsampler", "regional sampling");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/*
 * gst_region_detections_clear:
 * @detections: zeroed memory, or detections
 *
 * Forgets the property's classes, and which classes have come.
 */
void
gst_region_detections_clear (GstRegionDetections * detections)
{
  g_clear_pointer (&detections->text, g_free);
  g_clear_pointer (&detections->classes, rd_class_prompts_free);
  g_clear_pointer (&detections->wanted, g_hash_table_unref);
  g_clear_pointer (&detections->seen, g_hash_table_unref);
  g_clear_pointer (&detections->outside, g_hash_table_unref);
}

/*
 * gst_region_detections_update:
 * @detections: detections
 * @class_prompts: (nullable): the property
 * @error: what is wrong with it, with its place
 *
 * Reads the property, if it is not what it was.
 */
gboolean
gst_region_detections_update (GstRegionDetections * detections,
    const gchar * class_prompts, GError ** error)
{
  RdClassPrompts *classes = NULL;

  if (g_strcmp0 (detections->text, class_prompts) == 0)
    return TRUE;
  if (class_prompts) {
    classes = rd_class_prompts_parse (class_prompts, error);
    if (!classes) {
      g_prefix_error (error, "property class-prompts: ");
      return FALSE;
    }
  }
  g_clear_pointer (&detections->classes, rd_class_prompts_free);
  g_free (detections->text);
  detections->text = g_strdup (class_prompts);
  detections->classes = classes;
  return TRUE;
}

static void
note (GHashTable ** set, const gchar * label)
{
  if (!*set)
    *set = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!g_hash_table_contains (*set, label))
    g_hash_table_add (*set, g_strdup (label));
}

/* How detectors add to a region of interest what else they know: structures,
 * each by a name of its own. */
static void
read_params (const GstVideoRegionOfInterestMeta * roi, RdDetection * detection)
{
  for (GList * l = roi->params; l; l = l->next) {
    const GstStructure *params = l->data;
    gint track;

    gst_structure_get_double (params, "confidence", &detection->confidence);
    if (gst_structure_has_name (params, "object_id")
        && gst_structure_get_int (params, "id", &track)) {
      detection->has_track = TRUE;
      detection->track = track;
    }
  }
}

/* A box, cut off at the picture's edge.
 *
 * Returns: whether some of it is in the picture */
static gboolean
read_roi (const GstVideoRegionOfInterestMeta * roi, guint width, guint height,
    RdDetection * detection)
{
  memset (detection, 0, sizeof *detection);
  detection->label = g_quark_to_string (roi->roi_type);
  detection->confidence = 1.0;
  detection->box =
      rd_box_from_pixels (roi->x, roi->y, roi->w, roi->h, width, height);
  read_params (roi, detection);
  return rd_box_cut (&detection->box);
}

static gboolean
is_wanted (const GstRegionDetections * detections, const gchar * label)
{
  return (detections->wanted
      && g_hash_table_contains (detections->wanted, label))
      || (detections->classes
      && rd_class_prompts_find (detections->classes, label));
}

/* An object that leaves the picture is outside in every picture from then on,
 * so a class is told once. */
static void
warn_of_outside (GstRegionDetections * detections, const gchar * label,
    guint width, guint height, GPtrArray * warnings)
{
  if (!is_wanted (detections, label) || (detections->outside
          && g_hash_table_contains (detections->outside, label)))
    return;
  note (&detections->outside, label);
  g_ptr_array_add (warnings, g_strdup_printf ("an object of class %s was "
          "detected outside of the picture of %ux%u, where it is no region",
          label, width, height));
}

static void
collect_rois (GstRegionDetections * detections, GstBuffer * buffer,
    guint width, guint height, GArray * found, GPtrArray * warnings)
{
  gpointer state = NULL;
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta_filtered (buffer, &state,
              GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
    const GstVideoRegionOfInterestMeta *roi =
        (const GstVideoRegionOfInterestMeta *) meta;
    RdDetection detection;

    if (!roi->roi_type)
      continue;
    if (read_roi (roi, width, height, &detection))
      g_array_append_val (found, detection);
    else
      warn_of_outside (detections, detection.label, width, height, warnings);
  }
}

static GArray *
collect (GstRegionDetections * detections, GstBuffer * buffer, guint width,
    guint height, GPtrArray * warnings, GError ** error)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (RdDetection));
  g_autoptr (GPtrArray) outside = g_ptr_array_new ();

  g_array_set_clear_func (found, (GDestroyNotify) rd_detection_clear);
  collect_rois (detections, buffer, width, height, found, warnings);
  if (!gst_region_analytics_collect (buffer, width, height, found, outside,
          error))
    return NULL;
  for (guint i = 0; i < outside->len; i++)
    warn_of_outside (detections, outside->pdata[i], width, height, warnings);
  return g_steal_pointer (&found);
}

static void
note_wanted (GstRegionDetections * detections, GPtrArray * documents)
{
  const RdClassPrompts *classes = detections->classes;

  for (guint i = 0; classes && i < rd_class_prompts_n_labels (classes); i++)
    note (&detections->wanted, rd_class_prompts_label (classes, i));
  for (guint k = 0; k < documents->len; k++) {
    const RdRegionDocument *document = documents->pdata[k];

    for (guint i = 0; i < document->regions->len; i++) {
      const RdRegion *region = document->regions->pdata[i];

      if (region->shape.kind == RD_SHAPE_MATCH)
        note (&detections->wanted, region->shape.label);
    }
  }
}

/*
 * gst_region_detections_apply:
 * @detections: detections
 * @buffer: a latent, whose metadata is in picture pixels
 * @width: of the picture
 * @height: of the picture
 * @documents: (element-type RdRegionDocument): their regions that ask for
 *   detections are replaced
 * @position: where among them those are put that have a class of the property
 * @warnings: (element-type utf8): receives what people should know
 * @error: what is wrong with a detection
 *
 * Makes regions of what was found in @buffer's picture.
 */
gboolean
gst_region_detections_apply (GstRegionDetections * detections,
    GstBuffer * buffer, guint width, guint height, GPtrArray * documents,
    guint position, GPtrArray * warnings, GError ** error)
{
  g_autoptr (GArray) found = NULL;
  g_autofree gboolean *taken = NULL;
  const RdDetection *all;

  note_wanted (detections, documents);
  found = collect (detections, buffer, width, height, warnings, error);
  if (!found)
    return FALSE;
  all = (const RdDetection *) found->data;
  taken = g_new0 (gboolean, found->len + 1);
  for (guint i = 0; i < found->len; i++) {
    note (&detections->seen, all[i].label);
    GST_LOG ("%s at %g,%g, %gx%g, confidence %g%s", all[i].label,
        all[i].box.x, all[i].box.y, all[i].box.width, all[i].box.height,
        all[i].confidence, all[i].segmentation ? ", with a mask" : "");
  }
  for (guint k = 0; k < documents->len; k++) {
    RdRegionDocument *document = documents->pdata[k];

    documents->pdata[k] =
        rd_detections_expand (document, found->len, all, taken);
    rd_region_document_unref (document);
  }
  if (detections->classes)
    g_ptr_array_insert (documents, position,
        rd_detections_classify (detections->classes, found->len, all, taken));
  return TRUE;
}

static gint
compare_labels (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar * const *) a, *(const gchar * const *) b);
}

static gchar *
join (GHashTable * set, GHashTable * without)
{
  g_autoptr (GPtrArray) labels = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer label;

  if (set)
    g_hash_table_iter_init (&iter, set);
  while (set && g_hash_table_iter_next (&iter, &label, NULL)) {
    if (!without || !g_hash_table_contains (without, label))
      g_ptr_array_add (labels, label);
  }
  if (labels->len == 0)
    return NULL;
  g_ptr_array_sort (labels, compare_labels);
  g_ptr_array_add (labels, NULL);
  return g_strjoinv (", ", (gchar **) labels->pdata);
}

/*
 * gst_region_detections_unmatched:
 * @detections: detections
 *
 * To be asked once, at the end.
 *
 * Returns: (transfer full) (nullable): which classes were asked for and never
 *   came, for a person; %NULL if all came
 */
gchar *
gst_region_detections_unmatched (GstRegionDetections * detections)
{
  g_autofree gchar *missing = join (detections->wanted, detections->seen);
  g_autofree gchar *seen = join (detections->seen, NULL);

  g_clear_pointer (&detections->wanted, g_hash_table_unref);
  if (!missing)
    return NULL;
  return g_strdup_printf ("no object of class %s was detected; %s%s", missing,
      seen ? "the detected classes were " : "nothing was detected", seen ?
      seen : "");
}
