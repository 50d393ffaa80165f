/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "noise/source.h"

#include "noise/brownian.h"
#include "noise/torch.h"

struct _RdNoiseSource
{
  RdNoiseKind kind;
  RdNoiseOrigin origin;
  guint64 seed;
  double sigma_min, sigma_max;
  guint64 n_draws;              /* so far, by the device */
  RdGenerator *generator;
  RdBrownian *path;             /* made with the first draw, which has its size */
  float *values;                /* of a draw, on the host */
};

/**
 * rd_noise_source_new:
 * @kind: what the solver asks for
 * @origin: which generator makes it
 * @seed: the job's seed; torch's generator takes one more, as ComfyUI does on
 *   the CPU
 * @sigma_min: the lowest noise level above 0 that a path goes over
 * @sigma_max: and the highest
 *
 * Returns: (transfer full) (nullable): a source at the start of its stream;
 *   %NULL for %RD_NOISE_NONE
 */
RdNoiseSource *
rd_noise_source_new (RdNoiseKind kind, RdNoiseOrigin origin, guint64 seed,
    double sigma_min, double sigma_max)
{
  RdNoiseSource *source;

  if (kind == RD_NOISE_NONE)
    return NULL;
  source = g_new0 (RdNoiseSource, 1);
  source->kind = kind;
  source->origin = origin;
  source->seed = seed;
  source->sigma_min = sigma_min;
  source->sigma_max = sigma_max;
  if (kind == RD_NOISE_GENERATOR && origin == RD_NOISE_TORCH)
    source->generator = rd_generator_new (seed + 1);
  return source;
}

/**
 * rd_noise_source_free:
 * @source: (transfer full): a source
 */
void
rd_noise_source_free (RdNoiseSource * source)
{
  g_clear_pointer (&source->generator, rd_generator_free);
  g_clear_pointer (&source->path, rd_brownian_free);
  g_free (source->values);
  g_free (source);
}

/**
 * rd_noise_source_draw:
 * @source: a source
 * @out: (N,...): receives unit noise, float32
 * @sigma: noise level at the step's beginning
 * @sigma_next: and at its end
 */
void
rd_noise_source_draw (RdNoiseSource * source, RdTensor * out, double sigma,
    double sigma_next)
{
  if (source->origin == RD_NOISE_DEVICE) {
    if (source->kind == RD_NOISE_BROWNIAN)
      rd_brownian_randn (out, source->seed, source->sigma_min,
          source->sigma_max, sigma, sigma_next);
    else
      /* the draw 0 of a seed is what runs start from */
      rd_randn (out, source->seed, ++source->n_draws);
    return;
  }

  /* draws are of one size, so this stays where it is */
  source->values = g_renew (float, source->values, out->n_elements);
  if (source->generator) {
    rd_generator_randn (source->generator, out->n_elements, source->values);
  } else {
    if (!source->path)
      source->path = rd_brownian_new (source->seed, source->sigma_min,
          source->sigma_max, out->n_elements);
    rd_brownian_noise (source->path, sigma, sigma_next, source->values);
  }
  rd_tensor_upload (out, source->values);
}

/**
 * rd_noise_start:
 * @origin: which generator makes it
 * @seed: a job's or a variation's
 * @out: (N,...): receives it, float32
 *
 * The unit noise of a seed that a run starts from; of torch one draw for the
 * whole batch, as ComfyUI's prepare_noise().
 */
void
rd_noise_start (RdNoiseOrigin origin, guint64 seed, RdTensor * out)
{
  g_autoptr (RdGenerator) generator = NULL;
  g_autofree float *values = NULL;

  if (origin == RD_NOISE_DEVICE) {
    rd_randn (out, seed, 0);
    return;
  }
  generator = rd_generator_new (seed);
  values = g_new (float, out->n_elements);
  rd_generator_randn (generator, out->n_elements, values);
  rd_tensor_upload (out, values);
}
