/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:noise-source
 *
 * Where a solver that adds noise takes it from: one field for every time it
 * asks, equal for equal seeds, so that owners with equal samplers share it and
 * blending loses no variance.
 */

/**
 * RdNoiseKind:
 * @RD_NOISE_NONE: a deterministic solver
 * @RD_NOISE_GENERATOR: one draw after another, whatever the noise levels;
 *   ComfyUI's default_noise_sampler()
 * @RD_NOISE_BROWNIAN: increments of one Brownian path over the noise levels;
 *   k-diffusion's BrownianTreeNoiseSampler
 */
typedef enum
{
  RD_NOISE_NONE,
  RD_NOISE_GENERATOR,
  RD_NOISE_BROWNIAN,
} RdNoiseKind;

typedef struct _RdNoiseSource RdNoiseSource;

RdNoiseSource *rd_noise_source_new (RdNoiseKind kind, guint64 seed,
    double sigma_min, double sigma_max);
void rd_noise_source_free (RdNoiseSource * source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdNoiseSource, rd_noise_source_free)

void rd_noise_source_draw (RdNoiseSource * source, RdTensor * out,
    double sigma, double sigma_next);

G_END_DECLS
