/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "launch.h"

static __device__ __forceinline__ float
load (const void *data, uint32_t half, uint32_t i)
{
  return half ? rd_op_float_from_half (((const uint16_t *) data)[i])
      : ((const float *) data)[i];
}

/* One element: all terms are read before it is written, so that the output may
 * be one of them. */
static __device__ __forceinline__ void
combine (uint32_t i, const RdCudaSum * out, const RdCudaTerm * terms)
{
  const uint32_t cell = i % out->plane;
  float sum = 0.0f;

  for (uint32_t k = 0; k < out->n_terms; k++) {
    const float factor = terms[k].weight
        ? terms[k].scale * terms[k].weight[cell] : terms[k].scale;
    const float value = load (terms[k].values, terms[k].half,
        terms[k].period == out->n ? i : i % terms[k].period);

    sum = k == 0 ? rd_op_first_term (factor, value)
        : rd_op_next_term (sum, factor, value);
  }
  if (out->half)
    ((uint16_t *) out->values)[i] = rd_op_half_from_float (sum);
  else
    ((float *) out->values)[i] = sum;
}

__global__ void __launch_bounds__ (RD_THREADS)
combine_kernel (RdCudaSum out, RdCudaTerms terms)
{
  RD_FOR_EACH (i, out.n)
    combine ((uint32_t) i, &out, terms.term);
}

__global__ void __launch_bounds__ (RD_THREADS)
combine_many_kernel (RdCudaSum out, const RdCudaTerm * terms)
{
  RD_FOR_EACH (i, out.n)
    combine ((uint32_t) i, &out, terms);
}

void
rd_cuda_combine (cudaStream_t stream, const RdCudaSum * out,
    const RdCudaTerms * terms)
{
  RD_LAUNCH (combine_kernel, out->n, stream, *out, *terms);
}

void
rd_cuda_combine_many (cudaStream_t stream, const RdCudaSum * out,
    const RdCudaTerm * terms)
{
  RD_LAUNCH (combine_many_kernel, out->n, stream, *out, terms);
}
