/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "launch.h"

/* One element: all terms are read before it is written, so that the output may
 * be one of them. */
static __device__ __forceinline__ float
combine (uint32_t i, uint32_t n, uint32_t plane, uint32_t n_terms,
    const RdCudaTerm * terms)
{
  const uint32_t cell = i % plane;
  float sum = 0.0f;

  for (uint32_t k = 0; k < n_terms; k++) {
    const float factor = terms[k].weight
        ? terms[k].scale * terms[k].weight[cell] : terms[k].scale;
    const float value =
        terms[k].values[terms[k].period == n ? i : i % terms[k].period];

    sum = k == 0 ? rd_op_first_term (factor, value)
        : rd_op_next_term (sum, factor, value);
  }
  return sum;
}

__global__ void __launch_bounds__ (RD_THREADS)
combine_kernel (float *out, uint32_t n, uint32_t plane, uint32_t n_terms,
    RdCudaTerms terms)
{
  RD_FOR_EACH (i, n)
    out[i] = combine ((uint32_t) i, n, plane, n_terms, terms.term);
}

__global__ void __launch_bounds__ (RD_THREADS)
combine_many_kernel (float *out, uint32_t n, uint32_t plane, uint32_t n_terms,
    const RdCudaTerm * terms)
{
  RD_FOR_EACH (i, n)
    out[i] = combine ((uint32_t) i, n, plane, n_terms, terms);
}

void
rd_cuda_combine (cudaStream_t stream, float *out, uint32_t n, uint32_t plane,
    uint32_t n_terms, const RdCudaTerms * terms)
{
  RD_LAUNCH (combine_kernel, n, stream, out, n, plane, n_terms, *terms);
}

void
rd_cuda_combine_many (cudaStream_t stream, float *out, uint32_t n, uint32_t plane,
    uint32_t n_terms, const RdCudaTerm * terms)
{
  RD_LAUNCH (combine_many_kernel, n, stream, out, n, plane, n_terms, terms);
}
