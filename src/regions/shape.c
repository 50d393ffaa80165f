/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/shape.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

/* Rows of samples in a row of pixels; along a row, coverage is exact. */
#define SUBROWS 16

/**
 * rd_detection_order_name:
 * @order: an order
 *
 * Returns: (nullable): its name; "" for %RD_ORDER_NONE, %NULL above the last
 */
const char *
rd_detection_order_name (RdDetectionOrder order)
{
  static const char *const names[] = {
    "", "left-right", "right-left", "top-bottom", "bottom-top", "largest",
    "smallest", "confidence"
  };

  return order < G_N_ELEMENTS (names) ? names[order] : NULL;
}

/**
 * rd_mask_channel_name:
 * @channel: a channel
 *
 * Returns: (nullable): its name; "" for %RD_CHANNEL_BOTH, %NULL above the last
 */
const char *
rd_mask_channel_name (RdMaskChannel channel)
{
  static const char *const names[] = { "", "luma", "alpha" };

  return channel < G_N_ELEMENTS (names) ? names[channel] : NULL;
}

/**
 * rd_shape_clear:
 * @shape: a shape
 *
 * Frees what the shape holds and makes it %RD_SHAPE_NONE.
 */
void
rd_shape_clear (RdShape * shape)
{
  g_clear_pointer (&shape->points, g_array_unref);
  g_clear_pointer (&shape->mask, rd_mask_unref);
  g_clear_pointer (&shape->segmentation, rd_segmentation_unref);
  g_free (shape->file);
  g_free (shape->pad);
  g_free (shape->label);
  memset (shape, 0, sizeof *shape);
}

/**
 * rd_shape_copy:
 * @to: a shape that holds nothing; receives the copy
 * @shape: a shape
 */
void
rd_shape_copy (RdShape * to, const RdShape * shape)
{
  *to = *shape;
  to->points = shape->points ? g_array_ref (shape->points) : NULL;
  to->mask = shape->mask ? rd_mask_ref (shape->mask) : NULL;
  to->segmentation = shape->segmentation
      ? rd_segmentation_ref (shape->segmentation) : NULL;
  to->file = g_strdup (shape->file);
  to->pad = g_strdup (shape->pad);
  to->label = g_strdup (shape->label);
}

/**
 * rd_shape_set_mask:
 * @shape: a shape of any kind
 * @mask: (transfer none): a mask
 *
 * Makes the shape a %RD_SHAPE_MASK. The name of the file or pad that the mask came
 * from stays.
 */
void
rd_shape_set_mask (RdShape * shape, RdMask * mask)
{
  rd_mask_ref (mask);
  g_clear_pointer (&shape->mask, rd_mask_unref);
  shape->kind = RD_SHAPE_MASK;
  shape->mask = mask;
}

/* How much of the pixel from @i to @i + 1 lies between @low and @high. */
static double
overlap (guint i, double low, double high)
{
  return MAX (0.0, MIN (i + 1.0, high) - MAX ((double) i, low));
}

/* The first pixel that [low, high) touches, and the one after the last. */
static guint
first_pixel (double low, guint n)
{
  return (guint) CLAMP (floor (low), 0.0, (double) n);
}

static guint
end_pixel (double high, guint n)
{
  return (guint) CLAMP (ceil (high), 0.0, (double) n);
}

static void
paint_box (RdMask * mask, double left, double top, double right, double bottom)
{
  guint x, y;

  for (y = first_pixel (top, mask->height); y < end_pixel (bottom,
          mask->height); y++) {
    float *row = mask->data + (gsize) y * mask->width;
    double height = overlap (y, top, bottom);

    for (x = first_pixel (left, mask->width); x < end_pixel (right,
            mask->width); x++)
      row[x] = (float) (height * overlap (x, left, right));
  }
}

typedef struct
{
  double x0, y0, x1, y1;        /* y0 < y1 */
} Edge;

/* The edges of a polygon in picture pixels, without horizontal ones. */
static GArray *
polygon_edges (const GArray * points, double scale_x, double scale_y)
{
  GArray *edges = g_array_new (FALSE, FALSE, sizeof (Edge));
  const double *p = (const double *) points->data;
  guint i, n = points->len / 2;

  for (i = 0; i < n; i++) {
    guint j = (i + 1) % n;
    const guint top = p[2 * i + 1] <= p[2 * j + 1] ? i : j;
    const guint bottom = top == i ? j : i;
    Edge edge;

    edge.x0 = p[2 * top] * scale_x;
    edge.y0 = p[2 * top + 1] * scale_y;
    edge.x1 = p[2 * bottom] * scale_x;
    edge.y1 = p[2 * bottom + 1] * scale_y;
    if (edge.y0 < edge.y1)
      g_array_append_val (edges, edge);
  }

  return edges;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Where edges cross the line at @y, from left to right. Of its two ends an edge
 * has the upper one only, so that corners count once. */
static void
find_crossings (const GArray * edges, double y, GArray * crossings)
{
  guint i;

  g_array_set_size (crossings, 0);
  for (i = 0; i < edges->len; i++) {
    const Edge *e = &g_array_index (edges, Edge, i);

    if (e->y0 <= y && y < e->y1) {
      double x = e->x0 + (y - e->y0) * (e->x1 - e->x0) / (e->y1 - e->y0);

      g_array_append_val (crossings, x);
    }
  }
  g_array_sort (crossings, compare_doubles);
}

static void
paint_span (float *row, guint width, double left, double right)
{
  guint x;

  for (x = first_pixel (left, width); x < end_pixel (right, width); x++)
    row[x] += (float) (overlap (x, left, right) / SUBROWS);
}

static void
paint_polygon (RdMask * mask, const GArray * edges)
{
  g_autoptr (GArray) near = g_array_new (FALSE, FALSE, sizeof (Edge));
  g_autoptr (GArray) crossings = g_array_new (FALSE, FALSE, sizeof (double));
  guint i, s, x, y;

  for (y = 0; y < mask->height; y++) {
    float *row = mask->data + (gsize) y * mask->width;

    g_array_set_size (near, 0);
    for (i = 0; i < edges->len; i++) {
      Edge edge = g_array_index (edges, Edge, i);

      if (edge.y0 < y + 1.0 && edge.y1 > y)
        g_array_append_val (near, edge);
    }
    if (near->len == 0)
      continue;

    for (s = 0; s < SUBROWS; s++) {
      find_crossings (near, y + (s + 0.5) / SUBROWS, crossings);
      for (i = 0; i + 1 < crossings->len; i += 2)
        paint_span (row, mask->width, g_array_index (crossings, double, i),
            g_array_index (crossings, double, i + 1));
    }

    /* the parts of a full pixel add up to 1 but for rounding */
    for (x = 0; x < mask->width; x++)
      row[x] = MIN (row[x], 1.0f);
  }
}

/* Paints what has no mask yet. */
static void
paint (const RdShape * shape, RdMask * mask)
{
  const double scale_x = shape->pixels ? 1.0 : mask->width;
  const double scale_y = shape->pixels ? 1.0 : mask->height;
  const RdBox *box = &shape->box;
  g_autoptr (GArray) edges = NULL;

  switch (shape->kind) {
    case RD_SHAPE_BOX:
      paint_box (mask, box->x * scale_x, box->y * scale_y,
          (box->x + box->width) * scale_x, (box->y + box->height) * scale_y);
      break;
    case RD_SHAPE_POLYGON:
      edges = polygon_edges (shape->points, scale_x, scale_y);
      paint_polygon (mask, edges);
      break;
    case RD_SHAPE_SEGMENT:
      rd_segmentation_paint (shape->segmentation, shape->segment, mask->width,
          mask->height, mask->data);
      break;
    default:
      g_return_if_reached ();
  }
}

/**
 * rd_shape_rasterise:
 * @shape: a box, a polygon, a mask or a segment; pads and files have become
 *   masks before
 * @width: columns of the picture, at least 1
 * @height: rows of the picture, at least 1
 * @filter: how a mask is stretched to that size
 * @error: return location for %RD_ERROR_SETTINGS or %RD_ERROR_NO_MEMORY
 *
 * Paints the shape at picture size. A pixel's value is the share of its area
 * that the shape covers: exact for boxes; for polygons exact along rows and by
 * 16 samples across them. Where a polygon overlaps itself an even number of
 * times, it is not (the even-odd rule). What is outside of the picture is cut
 * off. Segments are stretched as %RD_MASK_MEAN says.
 *
 * Returns: (transfer full) (nullable): the shape as a mask
 */
RdMask *
rd_shape_rasterise (const RdShape * shape, guint width, guint height,
    RdMaskFilter filter, GError ** error)
{
  RdMask *mask;

  if (shape->kind == RD_SHAPE_NONE || shape->kind == RD_SHAPE_FILE
      || shape->kind == RD_SHAPE_PAD || shape->kind == RD_SHAPE_MATCH) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s has not been turned into a mask", shape->file ? shape->file
        : shape->pad ? shape->pad : shape->label ? shape->label
        : "a region without shape");
    return NULL;
  }

  if (shape->kind == RD_SHAPE_MASK) {
    mask = rd_mask_stretch (shape->mask, width, height, filter);
  } else {
    mask = rd_mask_new (width, height);
    if (mask)
      paint (shape, mask);
  }
  if (!mask)
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY,
        "no memory for a mask of %ux%u", width, height);
  return mask;
}
