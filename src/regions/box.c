/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/box.h"

/**
 * rd_box_from_pixels:
 * @x: left edge, in pixels
 * @y: upper edge
 * @width: columns
 * @height: rows
 * @picture_width: columns of the picture, at least 1
 * @picture_height: its rows, at least 1
 *
 * Returns: the box, which may reach over the picture's edge
 */
RdBox
rd_box_from_pixels (double x, double y, double width, double height,
    guint picture_width, guint picture_height)
{
  RdBox box;

  box.x = x / picture_width;
  box.y = y / picture_height;
  box.width = width / picture_width;
  box.height = height / picture_height;
  return box;
}

/**
 * rd_box_cut:
 * @box: (inout): a box
 *
 * Cuts off what is outside of the picture.
 *
 * Returns: whether something is left
 */
gboolean
rd_box_cut (RdBox * box)
{
  const double right = MIN (box->x + box->width, 1.0);
  const double bottom = MIN (box->y + box->height, 1.0);

  box->x = MAX (box->x, 0.0);
  box->y = MAX (box->y, 0.0);
  box->width = right - box->x;
  box->height = bottom - box->y;
  return box->width > 0.0 && box->height > 0.0;
}

/**
 * rd_box_equal:
 * @a: a box
 * @b: a box
 *
 * Returns: whether they are exactly the same
 */
gboolean
rd_box_equal (const RdBox * a, const RdBox * b)
{
  return a->x == b->x && a->y == b->y && a->width == b->width
      && a->height == b->height;
}

/**
 * rd_box_problem:
 * @box: a box as a user wrote it, or the bounding box of a polygon
 * @pixels: whether it is in pixels, else it is in 0..1 of the picture
 *
 * A box may reach over the edges of the picture. One that reaches %RD_BOX_TOO_FAR
 * is in pixels where it should be in fractions; one that lies in the first pixel,
 * the other way round.
 *
 * Returns: (nullable): what is wrong with it, for an error message
 */
const char *
rd_box_problem (const RdBox * box, gboolean pixels)
{
  const double right = box->x + box->width, bottom = box->y + box->height;
  const double farthest = MAX (MAX (-box->x, -box->y), MAX (right, bottom));

  if (box->width <= 0.0)
    return "width must be > 0";
  if (box->height <= 0.0)
    return "height must be > 0";
  if (!pixels && farthest >= RD_BOX_TOO_FAR)
    return "coordinates are fractions of the picture, 0..1; for pixels write "
        "JSON with \"units\": \"px\"";
  if (right <= 0.0 || bottom <= 0.0)
    return "lies outside of the picture";
  if (!pixels && (box->x >= 1.0 || box->y >= 1.0))
    return "lies outside the picture, whose coordinates are 0..1";
  if (pixels && box->x >= 0.0 && box->y >= 0.0 && right <= 1.0 && bottom <= 1.0)
    return "lies in a single pixel; for fractions of the picture remove "
        "\"units\": \"px\"";

  return NULL;
}
