/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:noise-source
 *
 * Where noise comes from: what a run starts from, and what a solver adds. That
 * is one field for every time it asks, equal for equal seeds, so that owners
 * with equal samplers share it and blending loses no variance.
 */

/**
 * RdNoiseOrigin:
 * @RD_NOISE_TORCH: torch's generator on the CPU, one draw for a whole batch:
 *   the pictures of ComfyUI
 * @RD_NOISE_DEVICE: the counter-based generator, every row of a batch for
 *   itself: what any device makes in parallel, the same for every batch size
 */
typedef enum
{
  RD_NOISE_TORCH,
  RD_NOISE_DEVICE,
} RdNoiseOrigin;

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

/**
 * RdNoiseSource:
 *
 * Where a solver's noise comes from, draw after draw. Belongs to one thread at a
 * time.
 */
typedef struct _RdNoiseSource RdNoiseSource;

RdNoiseSource *rd_noise_source_new (RdNoiseKind kind, RdNoiseOrigin origin,
    guint64 seed, double sigma_min, double sigma_max);
void rd_noise_source_free (RdNoiseSource * source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdNoiseSource, rd_noise_source_free)

void rd_noise_source_draw (RdNoiseSource * source, RdTensor * out,
    double sigma, double sigma_next);

void rd_noise_start (RdNoiseOrigin origin, guint64 seed, RdTensor * out);

G_END_DECLS
