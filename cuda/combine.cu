/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"
#include "vector.h"

/* N cells of a span: all terms are read before the sum is written, so that it
 * may be one of them. Weights are read by the cell and terms by the span, so
 * that nothing is divided but where rows repeat beside some that do not. */
template <int N>
static __device__ __forceinline__ void
combine (const RdCudaSum *out, const RdCudaTerm *terms, size_t span,
    size_t cell)
{
  RdPack<N> sum = { }, value, weight;

  for (uint32_t k = 0; k < out->n_terms; k++) {
    const RdCudaTerm *term = &terms[k];
    const size_t from = term->n_spans == out->n_spans ? span
        : span % term->n_spans;

    rd_pack_load (&value, term->values, term->half, from * out->length + cell);
    if (term->weight)
      rd_pack_load (&weight, term->weight, 0, cell);
    for (int i = 0; i < N; i++) {
      const float factor = term->weight ? term->scale * weight.value[i]
          : term->scale;

      sum.value[i] = k == 0 ? rd_op_first_term (factor, value.value[i])
          : rd_op_next_term (sum.value[i], factor, value.value[i]);
    }
  }
  for (size_t r = 0; r < out->repeats; r++)
    rd_pack_store (&sum, out->values, out->half,
        (r * out->n_spans + span) * out->length + cell);
}

template <int N>
__global__ void __launch_bounds__ (RD_THREADS)
combine_kernel (RdCudaSum out, RdCudaTerms terms)
{
  RD_FOR_EACH_2D (span, i, out.n_spans, out.length / N)
    combine<N> (&out, terms.term, span, N * i);
}

template <int N>
__global__ void __launch_bounds__ (RD_THREADS)
combine_many_kernel (RdCudaSum out, const RdCudaTerm *terms)
{
  RD_FOR_EACH_2D (span, i, out.n_spans, out.length / N)
    combine<N> (&out, terms, span, N * i);
}

void
rd_cuda_combine (cudaStream_t stream, const RdCudaSum * out,
    const RdCudaTerms * terms)
{
  if (out->by_four)
    RD_LAUNCH_2D (combine_kernel<4>, out->n_spans, out->length / 4, stream,
        *out, *terms);
  else
    RD_LAUNCH_2D (combine_kernel<1>, out->n_spans, out->length, stream, *out,
        *terms);
}

void
rd_cuda_combine_many (cudaStream_t stream, const RdCudaSum * out,
    const RdCudaTerm * terms)
{
  if (out->by_four)
    RD_LAUNCH_2D (combine_many_kernel<4>, out->n_spans, out->length / 4,
        stream, *out, terms);
  else
    RD_LAUNCH_2D (combine_many_kernel<1>, out->n_spans, out->length, stream,
        *out, terms);
}
