/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "regions/mask.h"

G_BEGIN_DECLS

/**
 * SECTION:color-map
 *
 * A picture in which every region has a colour of its own.
 */

/**
 * RdColorMap:
 * @width: columns, at least 1
 * @height: rows, at least 1
 * @stride: bytes from one row to the next, at least 4 times @width
 * @rgba: @height rows of pixels, four bytes each; not owned
 */
typedef struct
{
  guint width, height;
  gsize stride;
  const guint8 *rgba;
} RdColorMap;

gboolean rd_color_map_paint (const RdColorMap * map, guint n,
    const guint32 * colors, RdMask ** masks);
guint32 rd_color_map_nearest (const RdColorMap * map, guint32 color);

G_END_DECLS
