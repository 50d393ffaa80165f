/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/detection.h"

#include <string.h>

/**
 * rd_detection_clear:
 * @detection: a detection
 *
 * Releases its segmentation.
 */
void
rd_detection_clear (RdDetection * detection)
{
  g_clear_pointer (&detection->segmentation, rd_segmentation_unref);
}

/**
 * rd_detection_set_segment:
 * @detection: a detection
 * @segmentation: (transfer none): a map of pixels with the object's among them
 * @segment: the object's id in it
 */
void
rd_detection_set_segment (RdDetection * detection,
    RdSegmentation * segmentation, guint segment)
{
  rd_segmentation_ref (segmentation);
  rd_detection_clear (detection);
  detection->segmentation = segmentation;
  detection->segment = segment;
}

/* Mixes the bits of a number: the finaliser of SplitMix64 (Steele, Lea and
 * Flood, "Fast Splittable Pseudorandom Number Generators", 2014). */
static guint64
mix (guint64 x)
{
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

/* The same in every picture for the same object: by its track, else by its
 * class and place among the detections. */
static guint64
seed_of (const RdDetection * detection, guint i)
{
  guint64 seed = detection->has_track ? (guint64) detection->track : i;

  for (const char *c = detection->label; *c; c++)
    seed = mix (seed) + (guchar) c[0];
  return mix (seed);
}

static RdRegion *
region_of (const RdRegion * settings, const RdDetection * detection, guint i)
{
  g_autofree char *id = detection->has_track
      ? g_strdup_printf ("%s, %s %" G_GINT64_FORMAT, settings->id,
      detection->label, detection->track)
      : g_strdup_printf ("%s, %s[%u]", settings->id, detection->label, i);
  RdRegion *region = rd_region_copy_settings (settings, id);

  if (!region->prompt)
    region->prompt = g_strdup (detection->label);
  if (!region->has_variation_seed)
    region->variation_seed = seed_of (detection, i);
  rd_shape_clear (&region->shape);
  region->shape.kind = RD_SHAPE_BOX;
  region->shape.box = detection->box;
  if (detection->segmentation) {
    region->shape.kind = RD_SHAPE_SEGMENT;
    region->shape.segmentation = rd_segmentation_ref (detection->segmentation);
    region->shape.segment = detection->segment;
  }
  return region;
}

/* The least comes first. */
static double
rank (const RdDetection * detection, RdDetectionOrder order)
{
  const double area = detection->box.width * detection->box.height;

  switch (order) {
    case RD_ORDER_LEFT_RIGHT:
      return detection->box.x + detection->box.width / 2;
    case RD_ORDER_RIGHT_LEFT:
      return -(detection->box.x + detection->box.width / 2);
    case RD_ORDER_TOP_BOTTOM:
      return detection->box.y + detection->box.height / 2;
    case RD_ORDER_BOTTOM_TOP:
      return -(detection->box.y + detection->box.height / 2);
    case RD_ORDER_LARGEST:
      return -area;
    case RD_ORDER_SMALLEST:
      return area;
    case RD_ORDER_CONFIDENCE:
      return -detection->confidence;
    case RD_ORDER_NONE:
      break;
  }
  return 0.0;
}

/* Detectors report floats, and 0.9f < 0.9. */
static gboolean
is_certain (const RdShape * match, const RdDetection * detection)
{
  return (float) detection->confidence >= (float) match->min_confidence;
}

static gboolean
matches (const RdShape * match, const RdDetection * detection)
{
  return g_str_equal (match->label, detection->label)
      && is_certain (match, detection);
}

/* The first one, in the order of @match, that it matches and that is not taken;
 * -1 if there is none. */
static int
find_first (const RdShape * match, guint n, const RdDetection * detections,
    const gboolean * taken)
{
  int first = -1;

  for (guint i = 0; i < n; i++) {
    if (taken[i] || !matches (match, &detections[i]))
      continue;
    if (first < 0 || rank (&detections[i], match->order)
        < rank (&detections[first], match->order))
      first = (int) i;
  }
  return first;
}

static void
take (RdRegionDocument * result, const RdRegion * region,
    const RdDetection * detections, guint i, gboolean * taken)
{
  g_ptr_array_add (result->regions, region_of (region, &detections[i], i));
  taken[i] = TRUE;
}

static void
take_all (RdRegionDocument * result, const RdRegion * region, guint n,
    const RdDetection * detections, gboolean * taken)
{
  for (guint i = 0; i < n; i++) {
    if (!taken[i] && matches (&region->shape, &detections[i]))
      take (result, region, detections, i, taken);
  }
}

static gboolean
has_match (const RdRegionDocument * document)
{
  for (guint i = 0; i < document->regions->len; i++) {
    if (((const RdRegion *) document->regions->pdata[i])->shape.kind
        == RD_SHAPE_MATCH)
      return TRUE;
  }
  return FALSE;
}

/**
 * rd_detections_expand:
 * @document: a document
 * @n: number of detections
 * @detections: (array length=n): the detections
 * @taken: (array length=n) (inout): for each, whether a region is made of it
 *   already; those that this function takes are marked
 *
 * Replaces each region whose shape is %RD_SHAPE_MATCH by regions with the shapes
 * of detections. A match with an order takes the first detection of its class
 * that is not taken yet, if there is one. A match without an order takes all
 * that are left, and becomes one region for each. Where such a region has no
 * prompt, the class is its prompt. Where it has no variation seed, it gets one
 * that follows from the detection's track.
 *
 * Returns: (transfer full): @document without matches
 */
RdRegionDocument *
rd_detections_expand (RdRegionDocument * document, guint n,
    const RdDetection * detections, gboolean * taken)
{
  RdRegionDocument *result;

  if (!has_match (document))
    return rd_region_document_ref (document);

  result = rd_region_document_new ();
  result->base = document->base ? rd_region_ref (document->base) : NULL;
  result->common_prompt = g_strdup (document->common_prompt);
  for (guint k = 0; k < document->regions->len; k++) {
    RdRegion *region = document->regions->pdata[k];
    const RdShape *match = &region->shape;
    int i;

    if (match->kind != RD_SHAPE_MATCH) {
      g_ptr_array_add (result->regions, rd_region_ref (region));
      continue;
    }
    if (match->order == RD_ORDER_NONE)
      take_all (result, region, n, detections, taken);
    else if ((i = find_first (match, n, detections, taken)) >= 0)
      take (result, region, detections, (guint) i, taken);
  }
  return result;
}

/**
 * rd_detections_classify:
 * @classes: settings by class
 * @n: number of detections
 * @detections: (array length=n): the detections
 * @taken: (array length=n): for each, whether a region is made of it already
 *
 * Returns: (transfer full): a document with one region for each detection that
 *   is not taken and for whose class @classes has settings
 */
RdRegionDocument *
rd_detections_classify (const RdClassPrompts * classes, guint n,
    const RdDetection * detections, const gboolean * taken)
{
  RdRegionDocument *result = rd_region_document_new ();

  for (guint i = 0; i < n; i++) {
    const RdRegion *settings = taken[i] ? NULL
        : rd_class_prompts_find (classes, detections[i].label);

    if (settings && is_certain (&settings->shape, &detections[i]))
      g_ptr_array_add (result->regions, region_of (settings, &detections[i],
              i));
  }
  return result;
}
