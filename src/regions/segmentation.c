/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/segmentation.h"

#include <math.h>

#include "base/error.h"
#include "device/ops.h"

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

/* Where the centre of a pixel of the picture is in a map: between the centres of
 * two pixels of the map, 0 at the first and 1 at the second. */
typedef struct
{
  guint first, second;
  float fraction;
} Place;

/* Returns: whether it is on the map */
static gboolean
find_place (guint pixel, guint n_pixels, double begin, double length, guint n,
    Place * place)
{
  const double at = ((pixel + 0.5) / n_pixels - begin) / length;
  const double position = CLAMP (at * n - 0.5, 0.0, n - 1.0);

  place->first = (guint) position;
  place->second = MIN (place->first + 1, n - 1);
  place->fraction = (float) (position - place->first);
  return at >= 0.0 && at < 1.0;
}

static float
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
 * Paints the pixels with that id, stretched bilinearly to the map's box.
 */
void
rd_segmentation_paint (const RdSegmentation * segmentation, guint id,
    guint width, guint height, float *mask)
{
  const RdBox *box = &segmentation->box;

  for (guint y = 0; y < height; y++) {
    float *row = mask + (gsize) y * width;
    Place py;
    const gboolean on_map = find_place (y, height, box->y, box->height,
        segmentation->height, &py);

    for (guint x = 0; x < width; x++) {
      Place px;

      row[x] = 0.0f;
      if (on_map && find_place (x, width, box->x, box->width,
              segmentation->width, &px))
        row[x] = rd_op_lerp2d (is_in (segmentation, id, px.first, py.first),
            is_in (segmentation, id, px.second, py.first),
            is_in (segmentation, id, px.first, py.second),
            is_in (segmentation, id, px.second, py.second), px.fraction,
            py.fraction);
    }
  }
}
