/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* Elements that a thread moves at once: one, or four in one access where they
 * are aligned to the size of that. */

#include <cuda_runtime.h>
#include <stdint.h>

#include "device/ops.h"

template <int N> struct RdPack
{
  float value[N];
};

static __device__ __forceinline__ void
rd_pack_load (RdPack<1> *pack, const void *data, uint32_t half, size_t at)
{
  pack->value[0] = half
      ? rd_op_float_from_half (((const uint16_t *) data)[at])
      : ((const float *) data)[at];
}

static __device__ __forceinline__ void
rd_pack_store (const RdPack<1> *pack, void *data, uint32_t half, size_t at)
{
  if (half)
    ((uint16_t *) data)[at] = rd_op_half_from_float (pack->value[0]);
  else
    ((float *) data)[at] = pack->value[0];
}

/* one access, which faults where it is not aligned */
#ifdef __CUDACC__
#define RD_LOAD(type, data) (*(const type *) (data))
#define RD_STORE(type, data, value) (*(type *) (data) = (value))
#else
#define RD_LOAD(type, data) cudacpu::load<type> (data)
#define RD_STORE(type, data, value) cudacpu::store<type> (data, value)
#endif

static __device__ __forceinline__ void
rd_pack_load (RdPack<4> *pack, const void *data, uint32_t half, size_t at)
{
  if (half) {
    const uint2 two = RD_LOAD (uint2, (const uint16_t *) data + at);

    pack->value[0] = rd_op_float_from_half ((uint16_t) two.x);
    pack->value[1] = rd_op_float_from_half ((uint16_t) (two.x >> 16));
    pack->value[2] = rd_op_float_from_half ((uint16_t) two.y);
    pack->value[3] = rd_op_float_from_half ((uint16_t) (two.y >> 16));
  } else {
    const float4 four = RD_LOAD (float4, (const float *) data + at);

    pack->value[0] = four.x;
    pack->value[1] = four.y;
    pack->value[2] = four.z;
    pack->value[3] = four.w;
  }
}

static __device__ __forceinline__ uint32_t
rd_two_halves (float first, float second)
{
  return (uint32_t) rd_op_half_from_float (first)
      | (uint32_t) rd_op_half_from_float (second) << 16;
}

static __device__ __forceinline__ void
rd_pack_store (const RdPack<4> *pack, void *data, uint32_t half, size_t at)
{
  const float *value = pack->value;

  if (half)
    RD_STORE (uint2, (uint16_t *) data + at,
        make_uint2 (rd_two_halves (value[0], value[1]),
            rd_two_halves (value[2], value[3])));
  else
    RD_STORE (float4, (float *) data + at,
        make_float4 (value[0], value[1], value[2], value[3]));
}
