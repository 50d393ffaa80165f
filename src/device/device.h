/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>

#include "base/error.h"

G_BEGIN_DECLS

/**
 * SECTION:device
 *
 * A device executes array operations; a stream is an in-order queue of them
 * with its own pool of buffers. A job does all its work on one stream.
 *
 * Operations return nothing: the first failure sticks to the stream, later
 * operations do nothing, and rd_stream_check() reports it. So arithmetic reads
 * as arithmetic, and an asynchronous device reports when it knows.
 *
 * Operations on a stream belong to one thread at a time; the last reference to
 * a tensor may be dropped in any. Streams of one device share its queue, so that
 * a tensor of one can be used on another (rd_tensor_share()).
 */

typedef struct _RdDevice RdDevice;
typedef struct _RdStream RdStream;
typedef struct _RdTensor RdTensor;

/**
 * RdTerm:
 * @tensor: what is added, of the output's shape; or some rows of it, which then
 *   repeat, so that one serves every row
 * @scale: its factor
 * @weight: (nullable): a map of shape (1,1,H,W) that scales every channel and
 *   row alike, or %NULL for 1 everywhere
 */
typedef struct
{
  const RdTensor *tensor;
  double scale;
  const RdTensor *weight;
} RdTerm;

/**
 * RdFilter:
 * @RD_FILTER_BILINEAR: torch's `interpolate(mode="bilinear",
 *   align_corners=False)` without antialiasing: samples, does not average
 * @RD_FILTER_AREA: the mean over the source area that a cell covers
 */
typedef enum
{
  RD_FILTER_BILINEAR,
  RD_FILTER_AREA,
} RdFilter;

/**
 * RdMapFunction:
 * @RD_MAP_ROUND: to the nearest integer, halves to even
 * @RD_MAP_IS_ZERO: 1 where the value is exactly 0, else 0
 * @RD_MAP_INVERT: 1 - value
 * @RD_MAP_CLAMP: into 0..1
 */
typedef enum
{
  RD_MAP_ROUND,
  RD_MAP_IS_ZERO,
  RD_MAP_INVERT,
  RD_MAP_CLAMP,
} RdMapFunction;

/**
 * RdOutside:
 * @RD_OUTSIDE_MIRROR: the cells inside, mirrored at the edge
 * @RD_OUTSIDE_ZERO: 0
 *
 * What a window shows where there is nothing.
 */
typedef enum
{
  RD_OUTSIDE_MIRROR,
  RD_OUTSIDE_ZERO,
} RdOutside;

/**
 * RdDeviceClass:
 *
 * What a device implements: all arithmetic the product needs. Tensors have
 * been checked by the callers in operations.c; the per-element formulas are in
 * ops.h, so that every device computes the same.
 */
typedef struct
{
  const char *name;

  /* what the calling thread works on, whoever has set it, for libraries that work
   * on the device and do not set it back; NULL on the CPU */
  gpointer (*get_context) (void);
  void (*set_context) (gpointer context);
  /* the native queue of a device, which all its streams share; NULL for one
   * that has none, with no error */
  gpointer (*queue) (RdDevice * device, GError ** error);

  gboolean (*stream_open) (RdStream * stream, GError ** error);
  void (*stream_close) (RdStream * stream);
  gpointer (*alloc) (RdStream * stream, gsize size);    /* NULL: no memory */
  void (*free) (RdStream * stream, gpointer data);
  void (*upload) (RdStream * stream, gpointer dst, gconstpointer src,
      gsize size);
  void (*download) (RdStream * stream, gpointer dst, gconstpointer src,
      gsize size);
  void (*synchronize) (RdStream * stream);
  void (*pace) (RdStream * stream);     /* see rd_stream_pace(); or NULL */

  /* out = sum of scale * weight * tensor; out may be one of the terms; float32
   * and float16 in any mixture */
  void (*combine) (RdStream * stream, RdTensor * out, guint n_terms,
      const RdTerm * terms);
  /* out[n,c,y,x] = in[n,c,y + top,x + left]; float32, rows and channels equal,
   * heights and widths not */
  void (*window) (RdStream * stream, RdTensor * out, const RdTensor * in,
      gint64 top, gint64 left, RdOutside outside);
  /* out[n,c,y + top,x + left] += rows[y] * columns[x] * in[n,c,y,x]; all of it
   * inside of out */
  void (*window_add) (RdStream * stream, RdTensor * out, const RdTensor * in,
      gint64 top, gint64 left, const RdTensor * rows, const RdTensor * columns);

  /* see patches.h: @out's planes from @in's patches where it @joins, else its
   * patches from planes */
  void (*patches) (RdStream * stream, RdTensor * out, const RdTensor * in,
      gint64 size, gboolean joins);

  /* maps (1,1,H,W), float32 */
  void (*resize) (RdStream * stream, RdTensor * out, const RdTensor * in,
      RdFilter filter);
  /* maximum over the window [-before, after] along one axis (0: x, 1: y) */
  void (*dilate) (RdStream * stream, RdTensor * out, const RdTensor * in,
      int axis, guint before, guint after);
  /* along one axis, edges repeated; n_taps odd */
  void (*convolve) (RdStream * stream, RdTensor * out, const RdTensor * in,
      int axis, guint n_taps, const float *taps);
  void (*map) (RdStream * stream, RdTensor * out, const RdTensor * in,
      RdMapFunction function);
  /* One level of the partition of unity, in place: coverages a_j become
   * weights w_j, and @rest shrinks by what they take; see loop/weights.h. */
  void (*partition) (RdStream * stream, guint n, RdTensor * const *coverage,
      RdTensor * rest);
  /* The two maps of what loop/sequential.c shows an owner:
   * keep = 1 where own > 0 or done <= 0, else 0; use = keep ? 0 : 1/done. */
  void (*surround) (RdStream * stream, RdTensor * keep, RdTensor * use,
      const RdTensor * own, const RdTensor * done);

  /* (N,...), float32: the @draw-th normal numbers of a @seed, every row with
   * its own (philox.h) */
  void (*randn) (RdStream * stream, RdTensor * out, guint64 seed, guint64 draw);

  /* @first[0] = min (@first[0], @mark) where an element of @in is not finite;
   * @first: (1) int32, @in: float32 */
  void (*mark_not_finite) (RdStream * stream, RdTensor * first,
      const RdTensor * in, gint32 mark);

  /* Pictures: H rows of three bytes a pixel, @stride bytes from one to the next
   * in the device's memory, and planes (1,3,H,W), float32. Bytes beyond a row's
   * pixels are neither read nor written. */
  void (*unpack) (RdStream * stream, RdTensor * out, const guint8 * rgb,
      gsize stride);
  void (*pack) (RdStream * stream, guint8 * rgb, gsize stride,
      const RdTensor * in);
} RdDeviceClass;

/**
 * RdDevice:
 *
 * A processor. There is one #RdDevice for it as long as the process lives.
 */
struct _RdDevice
{
  const RdDeviceClass *klass;
  char *name;                   /* "cpu", "cuda:0" */
  int ordinal;
  GMutex lock;                  /* of what follows; see below */
  gpointer native;              /* the device's own, or NULL */
};

/**
 * RdStream:
 *
 * A queue of operations on a device, and its pool of buffers. Reference counted.
 * Fields are for the devices and for tests.
 */
struct _RdStream
{
  RdDevice *device;
  GError *error;                /* the first failure, or NULL */
  gpointer native;              /* the device's own */
  gint ref_count;
  GMutex lock;                  /* of the pool: tensors may die in any thread;
                                 * see below */
  GHashTable *pool;             /* size -> GPtrArray of free blocks */
  gsize bytes_in_use;
  gsize bytes_peak;
  guint64 n_allocations;        /* blocks taken from the device, not the pool */
  gsize bytes_allocated;        /* held of it now, in use or in the pool */
};

/* Locks. A stream's is the last that a thread takes: under it the pool is
 * changed, and blocks are given back to the device's allocator. A device's is
 * taken while a stream of it is opened or closed; under it CUDA's RdStaging takes
 * its own, which is the last one, too. A stream's and a device's are never held
 * together. The table of devices has one that is taken before all of these.
 * Operations on tensors, uploads, downloads and waiting hold none, so a network
 * or another thread's wait stops nobody; only the last stream of a device that
 * closes waits for its queue under the device's lock. No function here calls
 * back, so locks of those above are taken before these and never after. */

RdDevice *rd_device_get (const char *name, GError ** error);
gboolean rd_device_is_cpu (const RdDevice * device);
/**
 * RdDeviceContext:
 * @device: a device
 * @native: what the calling thread worked on
 *
 * What a thread worked on before a library's call, to be set back behind it: as
 * g_auto, at the end of the block.
 */
typedef struct
{
  const RdDevice *device;
  gpointer native;
} RdDeviceContext;

RdDeviceContext rd_device_keep_context (const RdDevice * device);
void rd_device_restore_context (RdDeviceContext * context);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RdDeviceContext, rd_device_restore_context);

gboolean rd_device_queue (RdDevice * device, gpointer * queue,
    GError ** error);

/* the devices */
const RdDeviceClass *rd_device_cpu_class (void);
const RdDeviceClass *rd_device_cuda_class (void);
int rd_device_cuda_count (GError ** error);

RdStream *rd_stream_new (RdDevice * device, GError ** error);
RdStream *rd_stream_ref (RdStream * stream);
void rd_stream_unref (RdStream * stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdStream, rd_stream_unref)

gboolean rd_stream_check (RdStream * stream, GError ** error);
gboolean rd_stream_synchronize (RdStream * stream, GError ** error);
void rd_stream_pace (RdStream * stream);
void rd_stream_fail (RdStream * stream, RdError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
void rd_stream_trim (RdStream * stream);
gboolean rd_stream_make_room (RdStream * stream, const GError * failure);

/* for tensor.c */
gpointer rd_stream_take_block (RdStream * stream, gsize size);
void rd_stream_give_block (RdStream * stream, gpointer data, gsize size);

G_END_DECLS
