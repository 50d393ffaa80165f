/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:box
 *
 * An upright rectangle in a picture. Coordinates are 0..1 of the picture in both
 * directions unless stated otherwise.
 */

/**
 * RdBox:
 * @x: left edge
 * @y: upper edge
 * @width: > 0, else the box is empty
 * @height: > 0, else the box is empty
 */
typedef struct
{
  double x, y, width, height;
} RdBox;

/**
 * RD_BOX_TOO_FAR:
 *
 * Coordinates from here on, to any side, are no fractions of a picture.
 */
#define RD_BOX_TOO_FAR 2.0

RdBox rd_box_from_pixels (double x, double y, double width, double height,
    guint picture_width, guint picture_height);
gboolean rd_box_cut (RdBox * box);
gboolean rd_box_equal (const RdBox * a, const RdBox * b);
const char *rd_box_problem (const RdBox * box, gboolean pixels);

G_END_DECLS
