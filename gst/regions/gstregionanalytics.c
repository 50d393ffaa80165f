/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/gstregionanalytics.h"

#include <gst/analytics/analytics.h>
#include <gst/video/video.h>

#include "base/error.h"
#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("regionalsampler", "regional sampling");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/* What is being collected. */
typedef struct
{
  GstAnalyticsRelationMeta *meta;
  guint width, height;          /* of the picture */
  GArray *found;                /* RdDetection */
  GPtrArray *outside;           /* classes of what is outside of the picture */
  guint n_rois;                 /* of them that were there before */
  GHashTable *objects;          /* id of an object's Mtd to place in found */
} Collection;

/* Relations of two are kept one way or the other, or both, by who made them. */
static gboolean
are_related (GstAnalyticsRelationMeta * meta, guint a, guint b)
{
  return gst_analytics_relation_meta_get_relation (meta, a, b)
      || gst_analytics_relation_meta_get_relation (meta, b, a);
}

/* Returns: how many of @type there are beside @id that have to do with it;
 * @related is the first */
static guint
find_related (GstAnalyticsRelationMeta * meta, guint id,
    GstAnalyticsMtdType type, GstAnalyticsMtd * related)
{
  gpointer state = NULL;
  GstAnalyticsMtd other;
  guint n = 0;

  while (gst_analytics_relation_meta_iterate (meta, &state, type, &other)) {
    if (are_related (meta, id, other.id) && n++ == 0)
      *related = other;
  }
  return n;
}

/* The most certain class; a list of all classes that there are says none. */
static const gchar *
read_class (GstAnalyticsClsMtd * classes)
{
  const gsize n = gst_analytics_cls_mtd_get_length (classes);
  gsize best = 0;

  for (gsize i = 1; i < n; i++) {
    if (gst_analytics_cls_mtd_get_level (classes, i)
        > gst_analytics_cls_mtd_get_level (classes, best))
      best = i;
  }
  if (n == 0 || gst_analytics_cls_mtd_get_level (classes, best) == 0.0f)
    return NULL;
  return g_quark_to_string (gst_analytics_cls_mtd_get_quark (classes, best));
}

static const gchar *
read_label (GstAnalyticsODMtd * object)
{
  const GQuark type = gst_analytics_od_mtd_get_obj_type (object);
  GstAnalyticsClsMtd classes;

  if (type)
    return g_quark_to_string (type);
  return find_related (object->meta, object->id,
      gst_analytics_cls_mtd_get_mtd_type (), &classes)
      ? read_class (&classes) : NULL;
}

/* The box as it is; @upright is the smallest that has it where it is turned. */
static gboolean
read_boxes (const Collection * self, GstAnalyticsODMtd * object,
    RdBox * box, RdBox * upright, gfloat * confidence)
{
  gint x, y, width, height;

  if (!gst_analytics_od_mtd_get_location (object, &x, &y, &width, &height,
          confidence))
    return FALSE;
  *upright = rd_box_from_pixels (x, y, width, height, self->width,
      self->height);
#if GST_CHECK_VERSION (1, 26, 0)
  gfloat angle;

  if (!gst_analytics_od_mtd_get_oriented_location (object, &x, &y, &width,
          &height, &angle, NULL))
    return FALSE;
#endif
  *box = rd_box_from_pixels (x, y, width, height, self->width, self->height);
  rd_box_cut (box);
  return rd_box_cut (upright);
}

/* Some detectors say the same twice, for those who know regions of interest
 * alone.
 *
 * Returns: (nullable): the detection that is there for the object already */
static RdDetection *
find_roi (const Collection * self, const gchar * label, const RdBox * box)
{
  for (guint i = 0; i < self->n_rois; i++) {
    RdDetection *detection = &g_array_index (self->found, RdDetection, i);

    if (g_str_equal (detection->label, label)
        && rd_box_equal (&detection->box, box))
      return detection;
  }
  return NULL;
}

static RdDetection *
add (Collection * self, const gchar * label, const RdBox * box)
{
  const RdDetection detection = {
    .label = label,
    .confidence = 1.0,
    .box = *box,
  };

  g_array_append_val (self->found, detection);
  return &g_array_index (self->found, RdDetection, self->found->len - 1);
}

/* Negative is not known. */
static void
set_confidence (RdDetection * detection, gfloat confidence)
{
  if (confidence >= 0.0f)
    detection->confidence = confidence;
}

static void
read_track (GstAnalyticsODMtd * object, RdDetection * detection)
{
  GstAnalyticsTrackingMtd tracking;
  GstClockTime first_seen, last_seen;
  guint64 track;
  gboolean lost;

  if (!find_related (object->meta, object->id,
          gst_analytics_tracking_mtd_get_mtd_type (), &tracking)
      || !gst_analytics_tracking_mtd_get_info (&tracking, &track, &first_seen,
          &last_seen, &lost))
    return;
  detection->has_track = TRUE;
  detection->track = track;
}

static void
collect_object (Collection * self, GstAnalyticsODMtd * object)
{
  const gchar *label = read_label (object);
  RdDetection *detection;
  RdBox box, upright;
  gfloat confidence;

  if (!label)
    return;
  if (!read_boxes (self, object, &box, &upright, &confidence)) {
    g_ptr_array_add (self->outside, (gpointer) label);
    return;
  }
  detection = find_roi (self, label, &box);
  if (!detection)
    detection = add (self, label, &upright);
  detection->box = upright;
  set_confidence (detection, confidence);
  read_track (object, detection);
  g_hash_table_insert (self->objects, GUINT_TO_POINTER (object->id),
      GUINT_TO_POINTER (detection - (RdDetection *) self->found->data));
}

#if GST_CHECK_VERSION (1, 26, 0)

#define BACKGROUND "background"

static gboolean
read_layout (const GstVideoMeta * video, RdIdMap * map, GError ** error)
{
  switch (video->format) {
    case GST_VIDEO_FORMAT_GRAY8:
      map->bytes = 1;
      break;
    case GST_VIDEO_FORMAT_GRAY16_LE:
    case GST_VIDEO_FORMAT_GRAY16_BE:
      map->bytes = 2;
      map->big_endian = video->format == GST_VIDEO_FORMAT_GRAY16_BE;
      break;
    default:
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
          "its mask must be GRAY8 or GRAY16, not %s",
          gst_video_format_to_string (video->format));
      return FALSE;
  }
  map->width = video->width;
  map->height = video->height;
  map->offset = video->offset[0];
  map->stride = MAX (video->stride[0], 0);
  return TRUE;
}

static RdSegmentation *
read_mask (GstBuffer * mask, RdIdMap * map, const RdBox * box, GError ** error)
{
  RdSegmentation *segmentation;
  GstMapInfo info;

  if (!gst_buffer_map (mask, &info, GST_MAP_READ)) {
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
        "its mask cannot be mapped for reading");
    return NULL;
  }
  map->data = info.data;
  map->size = info.size;
  segmentation = rd_segmentation_new (map, box, error);
  gst_buffer_unmap (mask, &info);
  return segmentation;
}

/* Receives NULL where the mask has no pixel. */
static gboolean
read_segmentation (const Collection * self,
    GstAnalyticsSegmentationMtd * mtd, RdSegmentation ** segmentation,
    GError ** error)
{
  gint x, y;
  guint width, height;
  g_autoptr (GstBuffer) mask =
      gst_analytics_segmentation_mtd_get_mask (mtd, &x, &y, &width, &height);
  const GstVideoMeta *video = mask ? gst_buffer_get_video_meta (mask) : NULL;
  RdIdMap map = { 0 };
  RdBox box;

  *segmentation = NULL;
  if (!video) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "its mask is missing or has no GstVideoMeta");
    return FALSE;
  }
  if (!read_layout (video, &map, error))
    return FALSE;
  if (map.width == 0 || map.height == 0 || width == 0 || height == 0)
    return TRUE;
  box = rd_box_from_pixels (x, y, width, height, self->width, self->height);
  *segmentation = read_mask (mask, &map, &box, error);
  return *segmentation != NULL;
}

/* Without a class it is named by its id. */
static void
collect_region (Collection * self, GstAnalyticsSegmentationMtd * mtd,
    gsize index, GstAnalyticsClsMtd * classes, RdSegmentation * segmentation)
{
  const guint id = gst_analytics_segmentation_mtd_get_region_id (mtd, index);
  const gchar *label = NULL;
  g_autofree gchar *number = g_strdup_printf ("%u", id);
  RdDetection *detection;
  RdBox box;

  if (id == RD_SEGMENT_ANY || !rd_segmentation_get_box (segmentation, id, &box))
    return;
  if (classes && index < gst_analytics_cls_mtd_get_length (classes))
    label = g_quark_to_string (gst_analytics_cls_mtd_get_quark (classes,
            index));
  if (id == 0 && (!label || g_str_equal (label, BACKGROUND)))
    return;
  if (!rd_box_cut (&box)) {
    g_ptr_array_add (self->outside,
        (gpointer) (label ? label : g_intern_string (number)));
    return;
  }
  detection = add (self, label ? label : g_intern_string (number), &box);
  rd_detection_set_segment (detection, segmentation, id);
  if (label)
    set_confidence (detection, gst_analytics_cls_mtd_get_level (classes,
            index));
}

static void
collect_regions (Collection * self, GstAnalyticsSegmentationMtd * mtd,
    RdSegmentation * segmentation)
{
  const gsize n = gst_analytics_segmentation_mtd_get_region_count (mtd);
  GstAnalyticsClsMtd classes;
  const gboolean named = find_related (self->meta, mtd->id,
      gst_analytics_cls_mtd_get_mtd_type (), &classes) > 0;

  for (gsize i = 0; i < n; i++)
    collect_region (self, mtd, i, named ? &classes : NULL, segmentation);
}

/* One that belongs to an object is its outline; else its regions are found
 * things by themselves. */
static gboolean
collect_segmentation (Collection * self,
    GstAnalyticsSegmentationMtd * mtd, GError ** error)
{
  GstAnalyticsODMtd object;
  const guint n_objects = find_related (self->meta, mtd->id,
      gst_analytics_od_mtd_get_mtd_type (), &object);
  g_autoptr (RdSegmentation) segmentation = NULL;
  gpointer place;
  RdBox box;

  if (!read_segmentation (self, mtd, &segmentation, error)) {
    g_prefix_error (error, "analytics metadata, segmentation %u: ", mtd->id);
    return FALSE;
  }
  if (!segmentation)
    return TRUE;
  if (n_objects != 1)
    collect_regions (self, mtd, segmentation);
  else if (g_hash_table_lookup_extended (self->objects,
          GUINT_TO_POINTER (object.id), NULL, &place)
      && rd_segmentation_get_box (segmentation, RD_SEGMENT_ANY, &box)
      && rd_box_cut (&box))
    rd_detection_set_segment (&g_array_index (self->found, RdDetection,
            GPOINTER_TO_UINT (place)), segmentation, RD_SEGMENT_ANY);
  return TRUE;
}

static gboolean
collect_segmentations (Collection * self, GError ** error)
{
  gpointer state = NULL;
  GstAnalyticsMtd mtd;

  while (gst_analytics_relation_meta_iterate (self->meta, &state,
          gst_analytics_segmentation_mtd_get_mtd_type (), &mtd)) {
    if (!collect_segmentation (self, &mtd, error))
      return FALSE;
  }
  return TRUE;
}

#else

static gboolean
collect_segmentations (Collection * self, GError ** error)
{
  return TRUE;
}

#endif

static gboolean
collect (Collection * self, GError ** error)
{
  gpointer state = NULL;
  GstAnalyticsMtd mtd;

  while (gst_analytics_relation_meta_iterate (self->meta, &state,
          gst_analytics_od_mtd_get_mtd_type (), &mtd))
    collect_object (self, &mtd);
  return collect_segmentations (self, error);
}

/*
 * gst_region_analytics_collect:
 * @buffer: a latent, whose metadata is in picture pixels
 * @width: of the picture
 * @height: of the picture
 * @found: (element-type RdDetection): what was found in it; receives more. What
 *   is there already counts once
 * @outside: (element-type utf8): receives the class of each thing that is wholly
 *   outside of the picture, a static string
 * @error: %RD_ERROR_INVALID: a segmentation's mask; or that it cannot be mapped
 */
gboolean
gst_region_analytics_collect (GstBuffer * buffer, guint width, guint height,
    GArray * found, GPtrArray * outside, GError ** error)
{
  g_autoptr (GHashTable) objects = g_hash_table_new (NULL, NULL);
  Collection self = {
    .width = width,
    .height = height,
    .found = found,
    .outside = outside,
    .n_rois = found->len,
    .objects = objects,
  };
  gpointer state = NULL;
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta_filtered (buffer, &state,
              GST_ANALYTICS_RELATION_META_API_TYPE))) {
    self.meta = (GstAnalyticsRelationMeta *) meta;
    g_hash_table_remove_all (objects);
    if (!collect (&self, error))
      return FALSE;
  }
  return TRUE;
}
