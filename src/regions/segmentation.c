/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "regions/segmentation.h"

#include <math.h>

#include "base/error.h"
#include "device/ops.h"

/* The columns and rows that an id is in: none where @right is @left. */
typedef struct
{
  guint left, top, right, bottom;
} Extent;

struct _RdSegmentation
{
  gatomicrefcount ref_count;
  guint width, height;
  guint16 *ids;
  RdBox box;                    /* of the whole map, maybe over the edge */
  guint n_ids;                  /* the largest, and 1 more */
  Extent *extents;              /* by id */
};

static guint
read_id (const RdIdMap * map, guint x, guint y)
{
  const guint8 *p =
      map->data + map->offset + y * map->stride + (gsize) x * map->bytes;

  if (map->bytes == 1)
    return p[0];
  return map->big_endian ? p[0] << 8 | p[1] : p[1] << 8 | p[0];
}

/* Whether the last row ends where the data does, or before. */
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
  if (extent->right == extent->left)
    *extent = (Extent) { x, y, x + 1, y + 1 };
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
  self->n_ids = largest + 1;
  self->extents = g_new0 (Extent, self->n_ids);
  for (gsize i = 0; i < n; i++)
    extend (&self->extents[self->ids[i]], i % self->width, i / self->width);
}

/**
 * rd_segmentation_new:
 * @map: a map; its data is copied
 * @box: where in the picture it is stretched to; not empty
 * @error: %RD_ERROR_INVALID: @map has too few bytes; %RD_ERROR_NO_MEMORY
 *
 * Returns: (transfer full) (nullable): what the map says
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
  self->ids = g_try_malloc_n (map->width, map->height * sizeof *self->ids);
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

RdSegmentation *
rd_segmentation_ref (RdSegmentation * segmentation)
{
  g_atomic_ref_count_inc (&segmentation->ref_count);
  return segmentation;
}

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
 * @id: a region, or %RD_SEGMENT_ANY
 * @box: (out): receives the smallest box that has all of its pixels
 *
 * Returns: whether it has pixels
 */
gboolean
rd_segmentation_get_box (const RdSegmentation * segmentation, guint id,
    RdBox * box)
{
  const Extent extent = get_extent (segmentation, id);
  const RdBox *map = &segmentation->box;
  const double column = map->width / segmentation->width;
  const double row = map->height / segmentation->height;

  *box = (RdBox) {
    .x = map->x + extent.left * column,
    .y = map->y + extent.top * row,
    .width = (extent.right - extent.left) * column,
    .height = (extent.bottom - extent.top) * row,
  };
  return extent.right > extent.left;
}

/* Where in a map the middle of a picture's pixel is: two of the map's pixels and
 * how near it is to the second. */
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
 * @id: a region, or %RD_SEGMENT_ANY
 * @width: columns of the picture
 * @height: its rows
 * @mask: (out) (array): receives the coverage of its pixels, row by row, 0..1
 *
 * Paints a region, stretched bilinearly to where the map is in the picture.
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
