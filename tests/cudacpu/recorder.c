/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "recorder.h"

static const RdDeviceClass *real;
static RdRecord record;

static void
count (guint n, const RdTensor * const *tensors)
{
  record.operations++;
  for (guint i = 0; i < n; i++) {
    gboolean again = FALSE;

    /* what an element's thread reads again is in its cache */
    for (guint k = 0; k < i; k++)
      again |= tensors[k] == tensors[i];
    record.bytes += again ? 0 : tensors[i]->size;
  }
}

static void
upload (RdStream * stream, gpointer dst, gconstpointer src, gsize size)
{
  record.bytes += size;
  real->upload (stream, dst, src, size);
}

static void
download (RdStream * stream, gpointer dst, gconstpointer src, gsize size)
{
  record.bytes += size;
  real->download (stream, dst, src, size);
}

/* The sum is written besides what is read, of which it may be. */
static void
combine (RdStream * stream, RdTensor * out, guint n_terms, const RdTerm * terms)
{
  g_autofree const RdTensor **tensors = g_new (const RdTensor *, 2 * n_terms);
  guint n = 0;

  for (guint k = 0; k < n_terms; k++) {
    tensors[n++] = terms[k].tensor;
    if (terms[k].weight)
      tensors[n++] = terms[k].weight;
  }
  record.bytes += out->size;
  count (n, tensors);
  real->combine (stream, out, n_terms, terms);
}

static void
window (RdStream * stream, RdTensor * out, const RdTensor * in, gint64 top,
    gint64 left, RdOutside outside)
{
  count (2, (const RdTensor *[]) { out, in });
  real->window (stream, out, in, top, left, outside);
}

static void
resize (RdStream * stream, RdTensor * out, const RdTensor * in, RdFilter filter)
{
  count (2, (const RdTensor *[]) { out, in });
  real->resize (stream, out, in, filter);
}

static void
dilate (RdStream * stream, RdTensor * out, const RdTensor * in, int axis,
    guint before, guint after)
{
  count (2, (const RdTensor *[]) { out, in });
  real->dilate (stream, out, in, axis, before, after);
}

static void
convolve (RdStream * stream, RdTensor * out, const RdTensor * in, int axis,
    guint n_taps, const float *taps)
{
  count (2, (const RdTensor *[]) { out, in });
  real->convolve (stream, out, in, axis, n_taps, taps);
}

static void
map (RdStream * stream, RdTensor * out, const RdTensor * in,
    RdMapFunction function)
{
  record.bytes += out->size;
  count (1, (const RdTensor *[]) { in });
  real->map (stream, out, in, function);
}

/* in place: all is read and written */
static void
partition (RdStream * stream, guint n, RdTensor * const *coverage,
    RdTensor * rest)
{
  record.bytes += (2 * n + 1) * rest->size;
  count (1, (const RdTensor *[]) { rest });
  real->partition (stream, n, coverage, rest);
}

static void
surround (RdStream * stream, RdTensor * keep, RdTensor * use,
    const RdTensor * own, const RdTensor * done)
{
  count (4, (const RdTensor *[]) { keep, use, own, done });
  real->surround (stream, keep, use, own, done);
}

static void
mark_not_finite (RdStream * stream, RdTensor * first, const RdTensor * in,
    gint32 mark)
{
  count (1, (const RdTensor *[]) { in });
  real->mark_not_finite (stream, first, in, mark);
}

static void
randn (RdStream * stream, RdTensor * out, guint64 seed, guint64 draw)
{
  count (1, (const RdTensor *[]) { out });
  real->randn (stream, out, seed, draw);
}

void
rd_recorder_install (RdDevice * device)
{
  static RdDeviceClass klass;

  real = device->klass;
  klass = *real;
  klass.upload = upload;
  klass.download = download;
  klass.combine = combine;
  klass.window = window;
  klass.resize = resize;
  klass.dilate = dilate;
  klass.convolve = convolve;
  klass.map = map;
  klass.partition = partition;
  klass.surround = surround;
  klass.mark_not_finite = mark_not_finite;
  klass.randn = randn;
  device->klass = &klass;
}

void
rd_recorder_remove (RdDevice * device)
{
  device->klass = real;
}

RdRecord
rd_recorder_get (void)
{
  return record;
}
