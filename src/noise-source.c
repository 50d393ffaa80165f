/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "noise-source.h"

#include "brownian.h"
#include "noise.h"

struct _RdNoiseSource
{
  guint64 seed;
  double sigma_min, sigma_max;
  RdGenerator *generator;
  RdBrownian *path;             /* made with the first draw, which has its size */
};

/**
 * rd_noise_source_new:
 * @kind: what the solver asks for
 * @seed: the job's seed; the generator's is one more, as ComfyUI's on the CPU
 * @sigma_min: the lowest noise level above 0 that a path goes over
 * @sigma_max: and the highest
 *
 * Returns: (transfer full) (nullable): a source at the start of its stream;
 *   %NULL for %RD_NOISE_NONE
 */
RdNoiseSource *
rd_noise_source_new (RdNoiseKind kind, guint64 seed, double sigma_min,
    double sigma_max)
{
  RdNoiseSource *source;

  if (kind == RD_NOISE_NONE)
    return NULL;
  source = g_new0 (RdNoiseSource, 1);
  source->seed = seed;
  source->sigma_min = sigma_min;
  source->sigma_max = sigma_max;
  if (kind == RD_NOISE_GENERATOR)
    source->generator = rd_generator_new (seed + 1);
  return source;
}

void
rd_noise_source_free (RdNoiseSource * source)
{
  g_clear_pointer (&source->generator, rd_generator_free);
  g_clear_pointer (&source->path, rd_brownian_free);
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

  if (source->generator) {
    rd_generator_randn (source->generator, out->n_elements, values);
  } else {
    if (!source->path)
      source->path = rd_brownian_new (source->seed, source->sigma_min,
          source->sigma_max, out->n_elements);
    rd_brownian_noise (source->path, sigma, sigma_next, values);
  }
  rd_tensor_upload (out, values);
}
