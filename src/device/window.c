/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "device/window.h"

static gint64
round_up (gint64 length, gint64 multiple)
{
  return (length + multiple - 1) / multiple * multiple;
}

/* What plans work for a shape, such as cuDNN, would do so for almost every frame of
 * a region that moves. So there are few sizes: up to this many times the multiple
 * all, above that half as many for each doubling. */
#define MOST_STEPS 8

static gint64
round_to_few (gint64 length, gint64 multiple)
{
  gint64 step = multiple;

  while (length > MOST_STEPS * step)
    step *= 2;
  return round_up (length, step);
}

/* One side: [from, to) with its context inside [0, length), then as long as
 * the network wants it, inside too where that fits. */
static void
place (gint64 from, gint64 to, gint64 context, gint64 multiple, gint64 length,
    gint64 * start, gint64 * size)
{
  from = MAX (from - context, 0);
  to = MIN (to + context, length);
  *size = MIN (round_to_few (to - from, multiple), round_up (length, multiple));
  *start = *size >= length ? 0 : MIN (from, length - *size);
}

/**
 * rd_window_around:
 * @box: what it shall show, inside of the latent and not empty
 * @context: cells around the box to show as well, where there are any
 * @multiple: what the network wants its sides to be multiples of
 * @height: the latent's rows
 * @width: and columns
 *
 * Sizes are few: all multiples up to eight times @multiple, then four for each
 * doubling, and the whole latent's.
 *
 * Returns: the smallest window that does, inside of the latent unless the
 *   latent is smaller than the multiple: then it exceeds its bottom or right
 */
RdWindow
rd_window_around (const RdWindow * box, gint64 context, guint multiple,
    gint64 height, gint64 width)
{
  RdWindow window;

  place (box->top, box->top + box->height, context, multiple, height,
      &window.top, &window.height);
  place (box->left, box->left + box->width, context, multiple, width,
      &window.left, &window.width);
  return window;
}

/**
 * rd_window_is_whole:
 * @window: a window
 * @height: a latent's rows
 * @width: and columns
 *
 * Returns: whether the window is just that latent
 */
gboolean
rd_window_is_whole (const RdWindow * window, gint64 height, gint64 width)
{
  const RdWindow whole = { 0, 0, height, width };

  return rd_window_equal (window, &whole);
}

/**
 * rd_window_equal:
 * @a: a window
 * @b: another
 *
 * Returns: whether they are at the same place and of the same size
 */
gboolean
rd_window_equal (const RdWindow * a, const RdWindow * b)
{
  return a->top == b->top && a->left == b->left && a->height == b->height
      && a->width == b->width;
}

static gboolean
fits (const RdTensor * inner, const RdTensor * outer, const RdWindow * window)
{
  return inner->type == RD_TYPE_F32 && outer->type == RD_TYPE_F32
      && inner->rank == 4 && outer->rank == 4 && inner != outer
      && inner->dims[0] == outer->dims[0] && inner->dims[1] == outer->dims[1]
      && inner->dims[2] == window->height && inner->dims[3] == window->width;
}

static gboolean
are_shares (const RdTensor * shares, gint64 n)
{
  return shares->type == RD_TYPE_F32 && shares->n_elements == (gsize) n;
}

/**
 * rd_window_read:
 * @out: (N,C,h,w) of the window's size, float32
 * @in: (N,C,H,W), float32
 * @window: where
 *
 * Copies the window. Cells outside of @in mirror those inside, so that noise
 * stays noise.
 */
void
rd_window_read (RdTensor * out, const RdTensor * in, const RdWindow * window)
{
  RdStream *stream = out->stream;

  g_return_if_fail (fits (out, in, window));

  if (!stream->error)
    stream->device->klass->window (stream, out, in, window->top, window->left,
        RD_OUTSIDE_MIRROR);
}

/**
 * rd_window_paste:
 * @out: (N,C,H,W), float32
 * @in: (N,C,h,w) of the window's size, float32
 * @window: where
 *
 * The inverse of rd_window_read(): @out becomes @in inside of the window and 0
 * elsewhere.
 */
void
rd_window_paste (RdTensor * out, const RdTensor * in, const RdWindow * window)
{
  RdStream *stream = out->stream;

  g_return_if_fail (fits (in, out, window));

  if (!stream->error)
    stream->device->klass->window (stream, out, in, -window->top,
        -window->left, RD_OUTSIDE_ZERO);
}

/**
 * rd_window_add:
 * @out: (N,C,H,W), float32
 * @in: (N,C,h,w) of the window's size, float32
 * @window: where, inside of @out
 * @rows: the window's rows' shares, float32
 * @columns: and its columns'
 *
 * Adds @in to @out inside of the window, every cell times the shares of its row
 * and its column.
 */
void
rd_window_add (RdTensor * out, const RdTensor * in, const RdWindow * window,
    const RdTensor * rows, const RdTensor * columns)
{
  RdStream *stream = out->stream;

  g_return_if_fail (fits (in, out, window));
  g_return_if_fail (window->top >= 0 && window->left >= 0
      && window->top + window->height <= out->dims[2]
      && window->left + window->width <= out->dims[3]);
  g_return_if_fail (are_shares (rows, window->height)
      && are_shares (columns, window->width));

  if (!stream->error)
    stream->device->klass->window_add (stream, out, in, window->top,
        window->left, rows, columns);
}
