/* SPDX-License-Identifier: LGPL-2.1-or-later */
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
 * @weight: a map of one plane, or %NULL
 * @scale: its factor
 * @period: number of its elements; they repeat
 * @half: whether they are float16
 *
 * RdTerm as a kernel reads it.
 */
typedef struct
{
  const void *values;
  const float *weight;
  float scale;
  uint32_t period;
  uint32_t half;
} RdCudaTerm;

/**
 * RdCudaSum:
 * @values: receives the sum
 * @half: whether in float16
 * @n: number of its elements
 * @plane: number of those of a weight
 * @n_terms: how many are added
 */
typedef struct
{
  void *values;
  uint32_t half;
  uint32_t n;
  uint32_t plane;
  uint32_t n_terms;
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
void rd_cuda_half_from_float (cudaStream_t stream, uint16_t * out,
    const float *in, size_t n);
void rd_cuda_float_from_half (cudaStream_t stream, float *out,
    const uint16_t * in, size_t n);
void rd_cuda_resize (cudaStream_t stream, float *out, const float *in,
    int64_t out_h, int64_t out_w, int64_t in_h, int64_t in_w, int area);
void rd_cuda_dilate (cudaStream_t stream, float *out, const float *in,
    int64_t h, int64_t w, int axis, int64_t before, int64_t after);
void rd_cuda_convolve (cudaStream_t stream, float *out, const float *in,
    int64_t h, int64_t w, int axis, int64_t n_taps, const float *taps);
void rd_cuda_map (cudaStream_t stream, float *out, const float *in, size_t n,
    int function);
void rd_cuda_share (cudaStream_t stream, uint32_t n_maps,
    float *const *coverage, float *rest, size_t n);
void rd_cuda_surround (cudaStream_t stream, float *keep, float *use,
    const float *own, const float *done, size_t n);
void rd_cuda_unpack (cudaStream_t stream, float *out, int64_t h, int64_t w,
    const uint8_t * rgb, size_t stride);
void rd_cuda_pack (cudaStream_t stream, uint8_t * rgb, size_t stride,
    const float *in, int64_t h, int64_t w);

#ifdef __cplusplus
}
#endif
