/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "noise-source.h"

#include "noise.h"

struct _RdNoiseSource
{
  RdGenerator *generator;
};

/**
 * rd_noise_source_new:
 * @kind: what the solver asks for
 * @seed: the job's seed; the generator's is one more, as ComfyUI's on the CPU
 *
 * Returns: (transfer full) (nullable): a source at the start of its stream;
 *   %NULL for %RD_NOISE_NONE
 */
RdNoiseSource *
rd_noise_source_new (RdNoiseKind kind, guint64 seed)
{
  RdNoiseSource *source;

  if (kind == RD_NOISE_NONE)
    return NULL;
  source = g_new0 (RdNoiseSource, 1);
  source->generator = rd_generator_new (seed + 1);
  return source;
}

void
rd_noise_source_free (RdNoiseSource * source)
{
  rd_generator_free (source->generator);
  g_free (source);
}

/**
 * rd_noise_source_draw:
 * @source: a source
 * @out: receives unit noise, float32
 * @sigma: noise level at the step's beginning
 * @sigma_next: and at its end
 */
void
rd_noise_source_draw (RdNoiseSource * source, RdTensor * out, double sigma,
    double sigma_next)
{
  g_autofree float *values = g_new (float, out->n_elements);

  rd_generator_randn (source->generator, out->n_elements, values);
  rd_tensor_upload (out, values);
}
