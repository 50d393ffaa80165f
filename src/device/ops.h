/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* Arithmetic per element, written once for every device: plain C that is also
 * CUDA C. A fused multiply-add is spelled out and nothing else may be
 * contracted (-ffp-contract=off, nvcc's -fmad=false), so devices agree to the
 * bit. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef __CUDACC__
#define RD_OP static __host__ __device__ inline
#else
#define RD_OP static inline __attribute__ ((always_inline))
#endif

/* combine: the first term and every further one */
RD_OP float
rd_op_first_term (float factor, float value)
{
  return factor * value;
}

RD_OP float
rd_op_next_term (float sum, float factor, float value)
{
  return fmaf (factor, value, sum);
}

RD_OP float
rd_op_clamp01 (float value)
{
  return value < 0.0f ? 0.0f : (value > 1.0f ? 1.0f : value);
}

/* a cell's index in n cells that are mirrored at both ends, edges repeated */
RD_OP int64_t
rd_op_mirror (int64_t index, int64_t n)
{
  int64_t place = index % (2 * n);

  if (place < 0)
    place += 2 * n;
  return place < n ? place : 2 * n - 1 - place;
}

/* where the @i-th number of patches of @size x @size stands in planes of @h x @w,
 * @c of them in each row of the batch */
RD_OP int64_t
rd_op_patch_place (int64_t i, int64_t c, int64_t h, int64_t w, int64_t size)
{
  const int64_t numbers = c * size * size, across = w / size;
  const int64_t patch = i / numbers, number = i % numbers;
  const int64_t row = patch / (across * (h / size));
  const int64_t place = patch % (across * (h / size));
  const int64_t channel = number / (size * size);
  const int64_t y = place / across * size + number / size % size;
  const int64_t x = place % across * size + number % size;

  return ((row * c + channel) * h + y) * w + x;
}

/* a tile's share of a cell, as the product of those of its row and column */
RD_OP float
rd_op_window_add (float sum, float row, float column, float value)
{
  return sum + row * column * value;
}

/* torch's align_corners=False: the source coordinate of an output cell */
RD_OP float
rd_op_resize_position (float scale, int64_t index)
{
  float position = scale * ((float) index + 0.5f) - 0.5f;

  return position < 0.0f ? 0.0f : position;
}

RD_OP float
rd_op_lerp2d (float top_left, float top_right, float bottom_left,
    float bottom_right, float fx, float fy)
{
  float gx = 1.0f - fx, gy = 1.0f - fy;

  return gy * (gx * top_left + fx * top_right)
      + fy * (gx * bottom_left + fx * bottom_right);
}

RD_OP float
rd_op_bilinear (const float *in, int64_t in_h, int64_t in_w, int64_t out_h,
    int64_t out_w, int64_t y, int64_t x)
{
  float py = rd_op_resize_position ((float) in_h / (float) out_h, y);
  float px = rd_op_resize_position ((float) in_w / (float) out_w, x);
  int64_t y0 = (int64_t) py, x0 = (int64_t) px;
  int64_t y1 = y0 + (y0 < in_h - 1), x1 = x0 + (x0 < in_w - 1);

  return rd_op_lerp2d (in[y0 * in_w + x0], in[y0 * in_w + x1],
      in[y1 * in_w + x0], in[y1 * in_w + x1], px - (float) x0,
      py - (float) y0);
}

/* length of what [begin, end] and the cell at @index share */
RD_OP float
rd_op_overlap (float begin, float end, int64_t index)
{
  float from = (float) index, to = (float) (index + 1);

  return (end < to ? end : to) - (begin > from ? begin : from);
}

/* mean over the source area of an output cell, edge cells by their share */
RD_OP float
rd_op_area (const float *in, int64_t in_h, int64_t in_w, int64_t out_h,
    int64_t out_w, int64_t y, int64_t x)
{
  float top = (float) y * in_h / out_h, bottom = (float) (y + 1) * in_h / out_h;
  float left = (float) x * in_w / out_w, right = (float) (x + 1) * in_w / out_w;
  float sum = 0.0f;

  for (int64_t j = (int64_t) top; j < in_h && (float) j < bottom; j++) {
    float row = 0.0f;

    for (int64_t i = (int64_t) left; i < in_w && (float) i < right; i++)
      row += rd_op_overlap (left, right, i) * in[j * in_w + i];
    sum += rd_op_overlap (top, bottom, j) * row;
  }
  return sum / ((bottom - top) * (right - left));
}

/* whether it is neither infinite nor not a number: only then the difference is a
 * number */
RD_OP int
rd_op_is_finite (float value)
{
  return value - value == 0.0f;
}

/* dilate and convolve: one more cell of the window */
RD_OP float
rd_op_dilate_next (float most, float value)
{
  return value > most ? value : most;
}

RD_OP float
rd_op_convolve_next (float sum, float tap, float value)
{
  return sum + tap * value;
}

/* RdMapFunction, by its values */
RD_OP float
rd_op_map (int function, float value)
{
  switch (function) {
    case 0:
      return rintf (value);
    case 1:
      return value == 0.0f ? 1.0f : 0.0f;
    case 2:
      return 1.0f - value;
    default:
      return rd_op_clamp01 (value);
  }
}

/* weight = factor * coverage and what is left, see rd_map_partition() */
RD_OP float
rd_op_partition_factor (float sum, float rest)
{
  return sum > 1.0f ? rest / sum : rest;
}

RD_OP float
rd_op_partition_rest (float sum, float rest)
{
  return sum > 1.0f ? 0.0f : rest * (1.0f - sum);
}

/* keep and use of the sequential input, see RdDeviceClass.surround */
RD_OP float
rd_op_surround_keep (float own, float done)
{
  return own > 0.0f || done <= 0.0f ? 1.0f : 0.0f;
}

RD_OP float
rd_op_surround_use (float own, float done)
{
  return own > 0.0f || done <= 0.0f ? 0.0f : 1.0f / done;
}

/* a picture's byte as a network takes it, and back, as ComfyUI does both: in
 * this order; clamped and truncated, not rounded */
RD_OP float
rd_op_unpack (uint8_t byte)
{
  return (float) byte / 255.0f * 2.0f - 1.0f;
}

RD_OP uint8_t
rd_op_pack (float value)
{
  float unit = (value + 1.0f) / 2.0f;

  /* written so that not-a-number becomes 0 */
  if (!(unit > 0.0f))
    return 0;
  return (uint8_t) (255.0f * (unit < 1.0f ? unit : 1.0f));
}

/* IEEE half precision, round to nearest even; not a number stays one */
RD_OP uint16_t
rd_op_half_from_float (float value)
{
  uint32_t bits, sign, mantissa, rounded;
  int32_t exponent;

  memcpy (&bits, &value, sizeof bits);
  sign = (bits >> 16) & 0x8000;
  exponent = (int32_t) ((bits >> 23) & 0xff) - 127 + 15;
  mantissa = bits & 0x7fffff;

  if (((bits >> 23) & 0xff) == 0xff)
    return (uint16_t) (sign | 0x7c00 | (mantissa ? 0x200 : 0));
  if (exponent >= 31)
    return (uint16_t) (sign | 0x7c00);
  if (exponent <= 0) {
    uint32_t shift = (uint32_t) (14 - exponent), rest, half;

    if (exponent < -10)
      return (uint16_t) sign;
    mantissa |= 0x800000;
    rounded = mantissa >> shift;
    rest = mantissa & ((1u << shift) - 1);
    half = 1u << (shift - 1);
    rounded += rest > half || (rest == half && (rounded & 1));
    return (uint16_t) (sign | rounded);
  }
  rounded = ((uint32_t) exponent << 10) | (mantissa >> 13);
  mantissa &= 0x1fff;
  rounded += mantissa > 0x1000 || (mantissa == 0x1000 && (rounded & 1));
  return (uint16_t) (sign | rounded);
}

RD_OP float
rd_op_float_from_half (uint16_t half)
{
  uint32_t sign = (uint32_t) (half & 0x8000) << 16;
  uint32_t exponent = (half >> 10) & 0x1f, mantissa = half & 0x3ff, bits;
  float value;

  if (exponent == 31) {
    bits = sign | 0x7f800000 | (mantissa << 13);
  } else if (exponent) {
    bits = sign | ((exponent + 112) << 23) | (mantissa << 13);
  } else {
    value = (float) mantissa * 0x1p-24f;
    return sign ? -value : value;
  }
  memcpy (&value, &bits, sizeof value);
  return value;
}
