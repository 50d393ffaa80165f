/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/impact/mask.h"

static RdTensor *
upload (RdStream * stream, const RdMask * mask)
{
  RdTensor *map = rd_tensor_new_map (stream, mask->height, mask->width);

  rd_tensor_upload (map, mask->data);
  return map;
}

/**
 * rd_impact_inverse_union:
 * @stream: where the map shall be
 * @n: number of masks, at least 1
 * @masks: (array length=n): masks of one size
 * @ids: (array length=n): whose they are, for messages
 * @error: return location for %RD_ERROR_SETTINGS
 *
 * The base's part of the picture: 1 where every mask is exactly 0, else 0. Any
 * trace of a mask takes a pixel away from the base.
 *
 * Returns: (transfer full) (nullable): the map, of the masks' size
 */
RdTensor *
rd_impact_inverse_union (RdStream * stream, guint n, RdMask * const *masks,
    const char *const *ids, GError ** error)
{
  g_autoptr (RdTensor) rest = NULL;
  guint i;

  g_return_val_if_fail (n > 0, NULL);

  for (i = 1; i < n; i++) {
    if (masks[i]->width != masks[0]->width
        || masks[i]->height != masks[0]->height) {
      g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
          "the masks of regions '%s' (%ux%u) and '%s' (%ux%u) differ in size, "
          "which the modes 'impact' and 'impact-simple' do not support; use "
          "masks of the same size or another mode", ids[0], masks[0]->width,
          masks[0]->height, ids[i], masks[i]->width, masks[i]->height);
      return NULL;
    }
  }

  rest = upload (stream, masks[0]);
  rd_map_apply (rest, rest, RD_MAP_IS_ZERO);
  for (i = 1; i < n; i++) {
    g_autoptr (RdTensor) free = upload (stream, masks[i]);
    RdTerm left;

    rd_map_apply (free, free, RD_MAP_IS_ZERO);
    left = rd_term (rest, 1.0, free);
    rd_combine (rest, 1, &left);
  }

  return g_steal_pointer (&rest);
}

/**
 * rd_impact_dilate:
 * @stream: where the map shall be
 * @mask: a region's mask, H x W
 * @overlap_factor: side of a box in mask pixels; 0 and 1 do not grow it
 *
 * A region's part of the picture: Impact Pack's `get_mask_erosion`, which in
 * spite of its name grows the mask. The mask is rounded to 0 or 1 (halves to 0)
 * and grown by half the box on every side; boxes of an even side grow it by one
 * pixel less towards the left and the top. Sides of other than square masks are
 * swapped: the mask is stretched to W x H before.
 *
 * Returns: (transfer full): the map, of W rows and H columns
 */
RdTensor *
rd_impact_dilate (RdStream * stream, const RdMask * mask, guint overlap_factor)
{
  g_autoptr (RdTensor) map = upload (stream, mask);
  RdTensor *swapped = rd_tensor_new_map (stream, mask->width, mask->height);

  rd_map_resize (swapped, map, RD_FILTER_BILINEAR);
  rd_map_apply (swapped, swapped, RD_MAP_ROUND);

  if (overlap_factor > 1) {
    RdTensor *grown = rd_tensor_new_like (swapped);

    rd_map_dilate (grown, swapped, overlap_factor / 2,
        overlap_factor - 1 - overlap_factor / 2);
    rd_tensor_unref (swapped);
    return grown;
  }

  return swapped;
}

/**
 * rd_impact_to_latent:
 * @map: a map of any size
 * @height: rows of the latent
 * @width: its columns
 *
 * ComfyUI's `prepare_mask`: bilinear samples without antialiasing, so that a
 * mask of picture size shows a latent cell four of its pixels.
 *
 * Returns: (transfer full): a map of the latent's size
 */
RdTensor *
rd_impact_to_latent (const RdTensor * map, gint64 height, gint64 width)
{
  RdTensor *latent = rd_tensor_new_map (map->stream, height, width);

  rd_map_resize (latent, map, RD_FILTER_BILINEAR);
  return latent;
}

/**
 * rd_impact_mask_to_latent:
 * @stream: where the map shall be
 * @mask: a region's mask, as it is
 * @height: rows of the latent
 * @width: its columns
 *
 * Returns: (transfer full): rd_impact_to_latent() of a mask
 */
RdTensor *
rd_impact_mask_to_latent (RdStream * stream, const RdMask * mask,
    gint64 height, gint64 width)
{
  g_autoptr (RdTensor) map = upload (stream, mask);

  return rd_impact_to_latent (map, height, width);
}
