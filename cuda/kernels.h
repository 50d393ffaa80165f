/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* The kernels' launchers, one for each operation of RdDeviceClass. They queue
 * the work on a stream and return; whether the launch succeeded,
 * cudaGetLastError() says. All pointers are device memory. Heights, widths and
 * counts are in elements. */

#include <cuda_runtime_api.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * RdCudaTerm:
 * @values: its elements
 * @weight: a map of one span, or %NULL
 * @scale: its factor
 * @half: whether its elements are float16
 * @n_spans: how many there are before they repeat
 *
 * RdTerm as a kernel reads it.
 */
typedef struct
{
  const void *values;
  const float *weight;
  float scale;
  uint32_t half;
  size_t n_spans;
} RdCudaTerm;

/**
 * RdCudaSum:
 * @values: receives the sum
 * @length: elements of a span, a stretch that has the same neighbours in all
 *   that is read
 * @n_spans: how many differ
 * @repeats: and how often all of them are written
 * @n_terms: how many are added
 * @half: whether the sum is float16
 * @by_four: whether all is aligned so that four elements can be moved at once
 */
typedef struct
{
  void *values;
  size_t length;
  size_t n_spans;
  size_t repeats;
  uint32_t n_terms;
  uint32_t half;
  uint32_t by_four;
} RdCudaSum;

/* so many terms travel with the launch itself */
#define RD_CUDA_INLINE_TERMS 8

typedef struct
{
  RdCudaTerm term[RD_CUDA_INLINE_TERMS];
} RdCudaTerms;

void rd_cuda_combine (cudaStream_t stream, const RdCudaSum * out,
    const RdCudaTerms * terms);
void rd_cuda_combine_many (cudaStream_t stream, const RdCudaSum * out,
    const RdCudaTerm * terms);
void rd_cuda_window (cudaStream_t stream, float *out, const float *in,
    int64_t planes, int64_t out_h, int64_t out_w, int64_t in_h, int64_t in_w,
    int64_t top, int64_t left, int zero);
void rd_cuda_window_add (cudaStream_t stream, float *out, const float *in,
    int64_t planes, int64_t out_h, int64_t out_w, int64_t in_h, int64_t in_w,
    int64_t top, int64_t left, const float *rows, const float *columns);
void rd_cuda_patches (cudaStream_t stream, float *out, const float *in,
    size_t n, int64_t c, int64_t h, int64_t w, int64_t size, int joins);
void rd_cuda_resize (cudaStream_t stream, float *out, const float *in,
    int64_t out_h, int64_t out_w, int64_t in_h, int64_t in_w, int area);
void rd_cuda_dilate (cudaStream_t stream, float *out, const float *in,
    int64_t h, int64_t w, int axis, int64_t before, int64_t after);
void rd_cuda_convolve (cudaStream_t stream, float *out, const float *in,
    int64_t h, int64_t w, int axis, int64_t n_taps, const float *taps);
void rd_cuda_map (cudaStream_t stream, float *out, const float *in, size_t n,
    int function);
void rd_cuda_partition (cudaStream_t stream, uint32_t n_maps,
    float *const *coverage, float *rest, size_t n);
void rd_cuda_surround (cudaStream_t stream, float *keep, float *use,
    const float *own, const float *done, size_t n);
void rd_cuda_mark_not_finite (cudaStream_t stream, int32_t * first,
    const float *in, size_t n, int32_t mark);
void rd_cuda_randn (cudaStream_t stream, float *out, size_t n_rows, size_t n,
    uint64_t seed, uint64_t draw);
void rd_cuda_unpack (cudaStream_t stream, float *out, int64_t h, int64_t w,
    const uint8_t * rgb, size_t stride);
void rd_cuda_pack (cudaStream_t stream, uint8_t * rgb, size_t stride,
    const float *in, int64_t h, int64_t w);

#ifdef __cplusplus
}
#endif
