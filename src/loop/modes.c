/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/modes.h"

#include "loop/impact/impact.h"
#include "loop/impact/steps.h"
#include "loop/trajectories.h"

static const RdModeInfo modes[] = {
  [RD_MODE_IMPACT] = {
        .name = "impact",
        .blurb =
        "ComfyUI Impact Pack's RegionalSamplerAdvanced step by step, including "
        "its faults",
        .begin = rd_impact_begin,
        .advance = rd_impact_advance,
        .free = rd_impact_free,
        .has_restore_latent = TRUE,
      },
  [RD_MODE_IMPACT_SIMPLE] = {
        .name = "impact-simple",
        .blurb =
        "ComfyUI Impact Pack's RegionalSampler step by step, including its "
        "faults",
        .begin = rd_impact_begin_simple,
        .advance = rd_impact_advance,
        .free = rd_impact_free,
        .has_restore_latent = TRUE,
        .is_simple = TRUE,
      },
  [RD_MODE_SEQUENTIAL] = {
        .name = "sequential",
        .blurb =
        "the base steps, then region after region, each only the pixels it "
        "owns",
        .begin = rd_sequential_begin,
        .advance = rd_trajectories_advance,
        .free = rd_trajectories_free,
        .finish = rd_trajectories_finish,
        .has_weights = TRUE,
      },
  [RD_MODE_PARALLEL] = {
        .name = "parallel",
        .blurb = "base and regions step together from the same latent, in one "
        "batch",
        .begin = rd_parallel_begin,
        .advance = rd_trajectories_advance,
        .free = rd_trajectories_free,
        .finish = rd_trajectories_finish,
        .has_weights = TRUE,
      },
  [RD_MODE_FUSED] = {
        .name = "fused",
        .blurb = "predictions are blended, and the base's sampler takes one "
        "step",
        .begin = rd_fused_begin,
        .advance = rd_trajectories_advance,
        .free = rd_trajectories_free,
        .finish = rd_trajectories_finish,
        .has_weights = TRUE,
      },
};

/**
 * rd_mode_info:
 * @mode: a mode
 *
 * Returns: (nullable): how it runs, %NULL past the last
 */
const RdModeInfo *
rd_mode_info (RdMode mode)
{
  return mode < G_N_ELEMENTS (modes) ? &modes[mode] : NULL;
}

/**
 * rd_mode_name:
 * @mode: a mode
 *
 * Returns: (nullable): its name, %NULL past the last
 */
const char *
rd_mode_name (RdMode mode)
{
  return mode < G_N_ELEMENTS (modes) ? modes[mode].name : NULL;
}

/**
 * rd_mode_blurb:
 * @mode: a mode
 *
 * Returns: (nullable): one line about it, %NULL past the last
 */
const char *
rd_mode_blurb (RdMode mode)
{
  return mode < G_N_ELEMENTS (modes) ? modes[mode].blurb : NULL;
}
