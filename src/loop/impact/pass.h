/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/run.h"

G_BEGIN_DECLS

/**
 * SECTION:impact-pass
 *
 * A sampling pass of ComfyUI Impact Pack's regional samplers, its
 * separated_sample(): a sampler run of its own, usually over one interval, so
 * that solvers have no memory. It is confined to its owner's mask the way
 * inpainting is (ComfyUI's KSamplerX0Inpaint): outside of it the network sees,
 * and the solver is told, the latent that was there before.
 */

/**
 * RdImpactOwner:
 * @owner: the base or a region
 * @sigmas: (element-type double): its whole schedule, unfactored
 * @recovery: (nullable): the method of its recovery passes
 * @recovery_sigmas: (nullable) (element-type double): and their schedule
 * @mask: (1,1,H,W): where it works, in latent cells
 * @inverse: 1 - @mask
 *
 * An owner and what its passes need.
 */
typedef struct
{
  const RdOwner *owner;
  GArray *sigmas;
  const RdSolverInfo *recovery;
  GArray *recovery_sigmas;
  RdTensor *mask;
  RdTensor *inverse;
} RdImpactOwner;

/**
 * RdImpactPass:
 * @run: the run
 * @owner: whose it is
 * @info: the method
 * @schedule: (element-type double): unfactored noise levels
 * @ratio: a factor of them beside the owner's
 * @start: first step of the schedule
 * @end: the step after the last; both may lie outside of the schedule
 * @leftover: noise that is left at the end stays; else the last prediction is
 *   the result
 * @masked: works only where the owner is
 * @solver: (nullable): the sampler while it is at work
 * @step: the solver's
 * @latent: what it has started from, without noise
 * @kept_noise: (nullable): what is added to that outside of the mask
 * @x: latent at the beginning of the solver's step
 * @y: and at its end
 * @confined: (nullable): what is asked about @x or @y
 *
 * Fill in the settings, up to @masked, and zero the rest.
 */
typedef struct
{
  RdRun *run;
  const RdImpactOwner *owner;
  const RdSolverInfo *info;
  const GArray *schedule;
  double ratio;
  int start, end;
  gboolean leftover;
  gboolean masked;

  RdSolver *solver;
  guint step;
  RdTensor *latent;
  RdTensor *kept_noise;
  RdTensor *x, *y;
  RdTensor *confined;
} RdImpactPass;

gboolean rd_impact_pass_begin (RdImpactPass * pass, RdTensor * latent,
    RdTensor * noise);
gboolean rd_impact_pass_ask (RdImpactPass * pass);
void rd_impact_pass_tell (RdImpactPass * pass);
gboolean rd_impact_pass_next (RdImpactPass * pass);
RdTensor *rd_impact_pass_prediction (const RdImpactPass * pass);
RdTensor *rd_impact_pass_end (RdImpactPass * pass);
void rd_impact_pass_clear (RdImpactPass * pass);

G_END_DECLS
