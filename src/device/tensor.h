/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/device.h"

G_BEGIN_DECLS

/**
 * SECTION:tensor
 *
 * Dense row-major arrays of up to four dimensions in a stream's memory.
 * Latents are (N,C,H,W) float32; masks and weights are (1,1,H,W) float32.
 */

#define RD_TENSOR_MAX_RANK 4

/**
 * RdType:
 * @RD_TYPE_F32: float32
 * @RD_TYPE_F16: float16, as IEEE 754 has it
 * @RD_TYPE_I32: int32
 * @RD_TYPE_I64: int64
 * @RD_TYPE_F64: float64
 * @RD_TYPE_U8: uint8
 *
 * What a tensor's elements are. Operations take float32, some float16; networks
 * have inputs of the others.
 */
typedef enum
{
  RD_TYPE_F32,
  RD_TYPE_F16,
  RD_TYPE_I32,
  RD_TYPE_I64,
  RD_TYPE_F64,
  RD_TYPE_U8,
} RdType;

/**
 * RdTensor:
 * @stream: whose memory it is, and where operations on it are queued
 * @type: element type
 * @rank: number of dimensions
 * @dims: their sizes, outermost first; unused ones are 1
 * @n_elements: their product
 * @size: bytes
 * @data: device memory; %NULL only when the stream has failed
 *
 * Reference counted; the shape never changes. Fields are for reading.
 */
struct _RdTensor
{
  RdStream *stream;
  RdType type;
  guint rank;
  gint64 dims[RD_TENSOR_MAX_RANK];
  gsize n_elements;
  gsize size;
  gpointer data;
  RdTensor *parent;             /* whose memory this views, or NULL */
};

gsize rd_type_size (RdType type);
const char *rd_type_name (RdType type);

RdTensor *rd_tensor_new (RdStream * stream, RdType type, guint rank,
    const gint64 * dims);
RdTensor *rd_tensor_new_like (const RdTensor * other);
RdTensor *rd_tensor_new_map (RdStream * stream, gint64 height, gint64 width);
RdTensor *rd_tensor_new_from_host (RdStream * stream, RdType type, guint rank,
    const gint64 * dims, gconstpointer data);
RdTensor *rd_tensor_rows (RdTensor * tensor, gint64 first, gint64 n);
RdTensor *rd_tensor_reshape (RdTensor * tensor, guint rank,
    const gint64 * dims);
RdTensor *rd_tensor_share (RdTensor * tensor, RdStream * stream);
RdTensor *rd_tensor_ref (RdTensor * tensor);
void rd_tensor_unref (RdTensor * tensor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdTensor, rd_tensor_unref)

gboolean rd_tensor_same_shape (const RdTensor * a, const RdTensor * b);
char *rd_tensor_describe (const RdTensor * tensor);

void rd_tensor_upload (RdTensor * tensor, gconstpointer data);
gboolean rd_tensor_download (const RdTensor * tensor, gpointer data,
    GError ** error);

/**
 * rd_term:
 * @tensor: what is added
 * @scale: times this
 * @weight: (nullable): and times this map
 *
 * Returns: a term of rd_combine()
 */
static inline RdTerm
rd_term (const RdTensor * tensor, double scale, const RdTensor * weight)
{
  const RdTerm term = { tensor, scale, weight };

  return term;
}

void rd_combine (RdTensor * out, guint n_terms, const RdTerm * terms);
void rd_affine (RdTensor * out, const RdTensor * in, double scale,
    double offset);
void rd_copy (RdTensor * out, const RdTensor * in);
void rd_convert (RdTensor * out, const RdTensor * in);

void rd_map_resize (RdTensor * out, const RdTensor * in, RdFilter filter);
void rd_map_dilate (RdTensor * out, const RdTensor * in, guint before,
    guint after);
void rd_map_convolve (RdTensor * out, const RdTensor * in, guint n_taps,
    const float *taps);
void rd_map_apply (RdTensor * out, const RdTensor * in, RdMapFunction function);
void rd_map_partition (guint n, RdTensor * const *coverage, RdTensor * rest);
void rd_map_surround (RdTensor * keep, RdTensor * use, const RdTensor * own,
    const RdTensor * done);

/**
 * RD_ALL_FINITE:
 *
 * See rd_mark_not_finite(); larger than any mark.
 */
#define RD_ALL_FINITE G_MAXINT32

RdTensor *rd_mark_new (RdStream * stream);
void rd_mark_not_finite (RdTensor * first, const RdTensor * in, gint32 mark);

void rd_randn (RdTensor * out, guint64 seed, guint64 draw);

double rd_step_error (const RdTensor * a, const RdTensor * b,
    const RdTensor * c, double atol, double rtol);

G_END_DECLS
