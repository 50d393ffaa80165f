/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:window
 *
 * The part of a latent that a network is shown: a region's surroundings, or
 * the whole with a margin where its sides do not suit the network.
 */

/**
 * RdWindow:
 * @top: first row; may be outside of the latent
 * @left: first column; likewise
 * @height: rows, > 0
 * @width: columns, > 0
 */
typedef struct
{
  gint64 top, left;
  gint64 height, width;
} RdWindow;

RdWindow rd_window_around (const RdWindow * box, gint64 context,
    guint multiple, gint64 height, gint64 width);
gboolean rd_window_is_whole (const RdWindow * window, gint64 height,
    gint64 width);
gboolean rd_window_equal (const RdWindow * a, const RdWindow * b);

void rd_window_read (RdTensor * out, const RdTensor * in,
    const RdWindow * window);
void rd_window_paste (RdTensor * out, const RdTensor * in,
    const RdWindow * window);
void rd_window_add (RdTensor * out, const RdTensor * in,
    const RdWindow * window, const RdTensor * rows, const RdTensor * columns);

G_END_DECLS
