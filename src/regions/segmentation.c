/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/segmentation.h"

#include <math.h>

#include "base/error.h"

/* The columns and rows of an id, up to and without @right and @bottom; an id that
 * no pixel has is 0 columns wide. */
typedef struct
{
  guint left, top, right, bottom;
} Extent;

struct _RdSegmentation
{
  gatomicrefcount ref_count;
  guint width, height;
  guint16 *ids;
  RdBox box;                    /* of the whole map, may be partly outside */
  guint n_ids;                  /* one more than the largest id */
  Extent *extents;              /* by id */
};

static guint16
read_id (const RdIdMap * map, guint x, guint y)
{
  const guint8 *p =
      map->data + map->offset + y * map->stride + (gsize) x * map->bytes;

  if (map->bytes == 1)
    return p[0];
  return (guint16) (map->big_endian ? p[0] << 8 | p[1] : p[1] << 8 | p[0]);
}

/* Whether all rows are inside of the data. */
static gboolean
fits (const RdIdMap * map)
{
  const gsize row = (gsize) map->width * map->bytes;
  gsize bytes;

  return map->width > 0 && map->height > 0 && map->stride >= row
      && g_size_checked_mul (&bytes, map->height - 1, map->stride)
      && g_size_checked_add (&bytes, bytes, row)
      && g_size_checked_add (&bytes, bytes, map->offset)
      && bytes <= map->size;
}

static void
extend (Extent * extent, guint x, guint y)
{
  const Extent first = { x, y, x + 1, y + 1 };

  if (extent->right == extent->left)
    *extent = first;
  extent->left = MIN (extent->left, x);
  extent->right = MAX (extent->right, x + 1);
  extent->bottom = y + 1;
}

static void
find_extents (RdSegmentation * self)
{
  const gsize n = (gsize) self->width * self->height;
  guint16 largest = 0;

  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, self->ids[i]);
  self->n_ids = largest + 1u;
  self->extents = g_new0 (Extent, self->n_ids);
  for (guint y = 0; y < self->height; y++)
    for (guint x = 0; x < self->width; x++)
      extend (&self->extents[self->ids[(gsize) y * self->width + x]], x, y);
}

/**
 * rd_segmentation_new:
 * @map: a map of ids, which is copied
 * @box: where in the picture the map is stretched to; not empty
 * @error: return location for %RD_ERROR_INVALID, where @map has too few bytes, or
 *   %RD_ERROR_NO_MEMORY
 *
 * Returns: (transfer full) (nullable): a segmentation
 */
RdSegmentation *
rd_segmentation_new (const RdIdMap * map, const RdBox * box, GError ** error)
{
  g_autoptr (RdSegmentation) self = NULL;

  g_return_val_if_fail (box->width > 0.0 && box->height > 0.0, NULL);

  if (!fits (map)) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "a map of %ux%u ids of %u "
        "bytes, with %" G_GSIZE_FORMAT " bytes a row from byte %"
        G_GSIZE_FORMAT " on, does not fit its %" G_GSIZE_FORMAT " bytes",
        map->width, map->height, map->bytes, map->stride, map->offset,
        map->size);
    return NULL;
  }

  self = g_new0 (RdSegmentation, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->width = map->width;
  self->height = map->height;
  self->box = *box;
  /* the product is at most the map's bytes */
  self->ids = g_try_new (guint16, (gsize) map->width * map->height);
  if (!self->ids) {
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY, "no memory for a map of "
        "%ux%u ids", map->width, map->height);
    return NULL;
  }
  for (guint y = 0; y < map->height; y++)
    for (guint x = 0; x < map->width; x++)
      self->ids[(gsize) y * map->width + x] = read_id (map, x, y);
  find_extents (self);
  return g_steal_pointer (&self);
}

/**
 * rd_segmentation_ref:
 * @segmentation: a segmentation
 *
 * Returns: (transfer full): @segmentation
 */
RdSegmentation *
rd_segmentation_ref (RdSegmentation * segmentation)
{
  g_atomic_ref_count_inc (&segmentation->ref_count);
  return segmentation;
}

/**
 * rd_segmentation_unref:
 * @segmentation: (transfer full): a segmentation
 */
void
rd_segmentation_unref (RdSegmentation * segmentation)
{
  if (!g_atomic_ref_count_dec (&segmentation->ref_count))
    return;
  g_free (segmentation->ids);
  g_free (segmentation->extents);
  g_free (segmentation);
}

static Extent
get_extent (const RdSegmentation * self, guint id)
{
  Extent all = { 0 };

  if (id != RD_SEGMENT_ANY)
    return id < self->n_ids ? self->extents[id] : all;
  for (guint i = 1; i < self->n_ids; i++) {
    const Extent *extent = &self->extents[i];

    if (extent->right == extent->left)
      continue;
    if (all.right == all.left)
      all = *extent;
    all.left = MIN (all.left, extent->left);
    all.top = MIN (all.top, extent->top);
    all.right = MAX (all.right, extent->right);
    all.bottom = MAX (all.bottom, extent->bottom);
  }
  return all;
}

/**
 * rd_segmentation_get_box:
 * @segmentation: a segmentation
 * @id: an id, or %RD_SEGMENT_ANY
 * @box: (out): receives the bounding box of all pixels with that id
 *
 * Returns: whether there are such pixels
 */
gboolean
rd_segmentation_get_box (const RdSegmentation * segmentation, guint id,
    RdBox * box)
{
  const Extent extent = get_extent (segmentation, id);
  const RdBox *map = &segmentation->box;
  const double column = map->width / segmentation->width;
  const double row = map->height / segmentation->height;

  box->x = map->x + extent.left * column;
  box->y = map->y + extent.top * row;
  box->width = (extent.right - extent.left) * column;
  box->height = (extent.bottom - extent.top) * row;
  return extent.right > extent.left;
}

/* What a pixel of the picture sees of a map along one axis: where it is, in cells
 * of the map, and the cells of the map that it takes something of. */
typedef struct
{
  double low, high;             /* its edges */
  guint first, end;             /* cells, empty where it is off the map */
} Span;

static Span
find_span (guint pixel, guint n_pixels, double begin, double length, guint n)
{
  const double scale = n / length;
  const double low = ((double) pixel / n_pixels - begin) * scale;
  const double high = ((pixel + 1.0) / n_pixels - begin) * scale;
  const double middle = (low + high) / 2.0;
  Span span = { low, high, 0, 0 };

  if (high - low > 1.0) {
    span.first = (guint) CLAMP (floor (low), 0.0, (double) n);
    span.end = (guint) CLAMP (ceil (high), 0.0, (double) n);
  } else if (middle >= 0.0 && middle < n) {
    span.first = (guint) CLAMP (middle - 0.5, 0.0, n - 1.0);
    span.end = MIN (span.first + 2, n);
  }
  return span;
}

/* The share of a cell in what the pixel sees. Of a map that shrinks: how much of
 * the pixel it covers. Of one that grows: linear between the centres of cells. */
static double
share (const Span * span, guint cell)
{
  const double size = span->high - span->low;
  const double middle = (span->low + span->high) / 2.0;
  double second;

  if (size > 1.0)
    return (MIN (cell + 1.0, span->high) - MAX ((double) cell, span->low))
        / size;
  if (span->end - span->first < 2)
    return 1.0;
  second = MAX (middle - 0.5 - span->first, 0.0);
  return cell == span->first ? 1.0 - second : second;
}

static gboolean
is_in (const RdSegmentation * self, guint id, guint x, guint y)
{
  const guint16 found = self->ids[(gsize) y * self->width + x];

  return id == RD_SEGMENT_ANY ? found != 0 : found == id;
}

/**
 * rd_segmentation_paint:
 * @segmentation: a segmentation
 * @id: an id, or %RD_SEGMENT_ANY
 * @width: columns of the picture
 * @height: rows of the picture
 * @mask: (out) (array): @width * @height numbers, row by row; receives how much
 *   of each pixel has the id, 0..1
 *
 * Paints the pixels with that id, stretched to the map's box: the mean of what a
 * pixel covers where the map shrinks, bilinearly where it grows.
 */
void
rd_segmentation_paint (const RdSegmentation * segmentation, guint id,
    guint width, guint height, float *mask)
{
  const RdBox *box = &segmentation->box;

  for (guint y = 0; y < height; y++) {
    const Span rows = find_span (y, height, box->y, box->height,
        segmentation->height);

    for (guint x = 0; x < width; x++) {
      const Span columns = find_span (x, width, box->x, box->width,
          segmentation->width);
      double sum = 0.0;

      for (guint j = rows.first; j < rows.end; j++)
        for (guint i = columns.first; i < columns.end; i++)
          if (is_in (segmentation, id, i, j))
            sum += share (&rows, j) * share (&columns, i);
      /* shares add up to 1 but for rounding */
      mask[(gsize) y * width + x] = (float) MIN (sum, 1.0);
    }
  }
}
