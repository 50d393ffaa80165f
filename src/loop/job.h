/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "networks/guidance.h"
#include "networks/preview.h"
#include "regions/mask.h"
#include "sigmas/scheduler.h"
#include "solvers/solver.h"
#include "loop/variation.h"

G_BEGIN_DECLS

/**
 * SECTION:job
 *
 * A job is a snapshot of everything that one latent needs to be denoised: the
 * base, which paints where no region is, the regions, and the settings of the
 * loop. See loop.h for how it is run.
 */

/* Most steps that a schedule may have. */
#define RD_JOB_MAX_STEPS 10000

/* Defaults of settings that must stay at them where they mean nothing. */
#define RD_JOB_SCHEDULER "normal"
#define RD_JOB_ADDITIONAL_SIGMA_RATIO 0.3

/**
 * RdMode:
 * @RD_MODE_IMPACT: ComfyUI Impact Pack's RegionalSamplerAdvanced, step for step
 * @RD_MODE_IMPACT_SIMPLE: its RegionalSampler, likewise
 * @RD_MODE_SEQUENTIAL: the same order of work, its faults mended
 * @RD_MODE_PARALLEL: all owners take a step at once, in one batch
 * @RD_MODE_FUSED: their predictions are blended, and one solver steps
 */
typedef enum
{
  RD_MODE_IMPACT,
  RD_MODE_IMPACT_SIMPLE,
  RD_MODE_SEQUENTIAL,
  RD_MODE_PARALLEL,
  RD_MODE_FUSED,
} RdMode;

/**
 * RdAdditional:
 * @RD_ADDITIONAL_DISABLE: none
 * @RD_ADDITIONAL_RATIO_ADDITIONAL: on top of the whole step
 * @RD_ADDITIONAL_RATIO_BETWEEN: the step and it share the noise levels
 *
 * The recovery pass that the `impact` modes give to samplers of the UniPC and SDE
 * families, which single steps leave unfinished.
 */
typedef enum
{
  RD_ADDITIONAL_DISABLE,
  RD_ADDITIONAL_RATIO_ADDITIONAL,
  RD_ADDITIONAL_RATIO_BETWEEN,
} RdAdditional;

/**
 * RdSeed2ndMode:
 * @RD_SEED_2ND_IGNORE: no second noise: the regions go on where the base was
 * @RD_SEED_2ND_FIXED: `seed-2nd`
 * @RD_SEED_2ND_SUM: `noise-seed` + `seed-2nd`
 * @RD_SEED_2ND_DIFFERENCE: `noise-seed` - `seed-2nd`
 * @RD_SEED_2ND_INCREMENT: `seed-2nd`, one more with every job
 * @RD_SEED_2ND_DECREMENT: `seed-2nd`, one less with every job
 * @RD_SEED_2ND_RANDOMIZE: another one for every job
 *
 * The seed of the noise that mode `impact-simple` adds before the regions
 * begin. The last three are `fixed` in a job; rd_seed_2nd_advance() is for those
 * who run several.
 */
typedef enum
{
  RD_SEED_2ND_IGNORE,
  RD_SEED_2ND_FIXED,
  RD_SEED_2ND_SUM,
  RD_SEED_2ND_DIFFERENCE,
  RD_SEED_2ND_INCREMENT,
  RD_SEED_2ND_DECREMENT,
  RD_SEED_2ND_RANDOMIZE,
} RdSeed2ndMode;

/**
 * RdKeepSoftness:
 * @RD_KEEP_SOFTNESS_DIFFERENTIAL: a cell is painted wholly from the noise level on
 *   at which its weight comes in, so that noise keeps its variance
 * @RD_KEEP_SOFTNESS_BLEND: it is blended at every noise level
 *
 * What becomes of cells that are painted in part, and kept in part.
 */
typedef enum
{
  RD_KEEP_SOFTNESS_DIFFERENTIAL,
  RD_KEEP_SOFTNESS_BLEND,
} RdKeepSoftness;

/**
 * RdOwner:
 * @id: for messages
 * @guide: network, prompts and cfg; references belong to the owner
 * @solver: sampling method
 * @scheduler: noise levels
 * @sigma_factor: scales them
 * @mask: (nullable): shape, %NULL for the base. `impact` wants all masks of one
 *   size; the other modes want picture size (latent size times the model's
 *   downscale) or resize to it
 * @overlap_factor: dilation, see the mode
 * @feather: width of the ramp over the edge, picture pixels
 * @strength: 0..1
 * @start: first moment of activity as a fraction of the executed steps
 * @end: and where it ends
 * @z: higher levels cover lower ones
 * @keep: it keeps what came in, and nothing of it is evaluated
 * @variation: noise of its own in what it starts from; not for the base
 *
 * One who owns pixels: the base or a region.
 */
typedef struct
{
  char *id;
  RdGuide guide;
  const RdSolverInfo *solver;
  const RdScheduler *scheduler;
  double sigma_factor;
  RdMask *mask;
  guint overlap_factor;
  double feather;
  double strength;
  double start, end;
  int z;
  gboolean keep;
  RdVariation variation;
} RdOwner;

RdOwner *rd_owner_new (const char *id, RdDenoiser * denoiser,
    RdConditioning * positive, RdConditioning * negative);
void rd_owner_free (RdOwner * owner);

/**
 * RdProgress:
 * @step: steps completed
 * @steps: steps to do
 * @region: passes of the running step: 0 while the base is at work, j for the
 *   j-th region
 * @regions: number of regions
 * @fraction: 0..1 of the job, never falling
 * @sigma: noise level of the running step
 */
typedef struct
{
  guint step, steps;
  guint region, regions;
  double fraction;
  double sigma;
} RdProgress;

typedef void (*RdProgressFunc) (const RdProgress * progress,
    gpointer user_data);

/**
 * RdTraceFunc:
 * @owner: (nullable): the base or the region whose pass it was, %NULL when a
 *   step is complete
 * @step: schedule index of the step
 * @latent: that pass's or step's result, in the network's scale
 *
 * For tests.
 */
typedef void (*RdTraceFunc) (const RdOwner * owner, guint step,
    const RdTensor * latent, gpointer user_data);

/**
 * RdPreviewFunc:
 * @progress: where the job is, as the next report will say
 * @width: of the picture, in pixels: one for each latent cell
 * @height: of the picture
 * @rgb: its rows, 3 bytes a pixel and nothing between them
 *
 * Shows what the latent would be without noise, as predicted now.
 */
typedef void (*RdPreviewFunc) (const RdProgress * progress, guint width,
    guint height, const guint8 * rgb, gpointer user_data);

/**
 * RdPreviewer:
 * @map: colours of the job's latents
 * @func: who wants to see them
 * @interval_ms: least time from one preview to the next
 * @due_us: monotonic time before which there is none; moves on with each, so
 *   that jobs which share a previewer share its interval
 *
 * Previews come at the end of a step, when the time has come, of the first
 * latent of the batch.
 */
typedef struct
{
  const RdPreviewMap *map;
  RdPreviewFunc func;
  guint interval_ms;
  gint64 due_us;
} RdPreviewer;

/**
 * RdWarningFunc:
 * @message: what the settings will do to the picture, for people
 *
 * For results that are as asked for and still not what one wants.
 */
typedef void (*RdWarningFunc) (const char *message, gpointer user_data);

/**
 * RdJobStats:
 * @guidance: network calls, rows and time
 * @passes: steps taken by owners, each a sampling pass
 * @total_us: microseconds of the run's own work; of an evaluation that it shares
 *   with other runs, what its rows are of all rows
 * @solver_us: of these, in solvers' own arithmetic and in drawing their noise
 * @blend_us: of these, in weights, surroundings and blending
 *
 * On a device that works by itself, the last two are the time of queueing.
 */
typedef struct
{
  RdGuidanceStats guidance;
  guint64 passes;
  gint64 total_us;
  gint64 solver_us;
  gint64 blend_us;
} RdJobStats;

/**
 * RdJob:
 *
 * All that a run needs; fields have the meaning of the element's properties of
 * the same name, @noise_origin that of `noise-source`. @scale and @shift are
 * the model's latent scaling, @downscale picture pixels per latent cell.
 * @region_crop is in picture pixels, below 0 for none. @custom_sigmas
 * (element-type double) replaces all schedulers, which must be the default; it
 * has one value more than there are @steps. @previous (nullable) is what another
 * job has made: as @feedback says, so much of it, 0..1, takes the place of the
 * latent where they are of one size.
 */
typedef struct
{
  RdMode mode;
  gboolean add_noise;
  guint64 noise_seed;
  RdNoiseOrigin noise_origin;
  RdTensor *previous;
  double feedback;
  RdSeed2ndMode seed_2nd_mode;
  guint64 seed_2nd;
  guint steps, start_at_step, end_at_step;
  double denoise;
  RdSchedulerOptions scheduler_options;
  GArray *custom_sigmas;        /* or NULL */
  guint base_only_steps;
  int region_crop;
  RdKeepSoftness keep_softness;
  gboolean restore_latent;
  RdAdditional additional_mode;
  const RdSolverInfo *additional_solver;        /* NULL: as suits the sampler */
  double additional_sigma_ratio;
  gboolean return_with_leftover_noise;
  double scale, shift;
  guint downscale;
  RdOwner *base;
  GPtrArray *regions;           /* RdOwner */

  RdProgressFunc progress;
  RdTraceFunc trace;
  RdWarningFunc warning;
  RdPreviewer *previewer;       /* or NULL */
  gpointer user_data;           /* of all four */
} RdJob;

RdJob *rd_job_new (RdOwner * base);
void rd_job_free (RdJob * job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdJob, rd_job_free)

G_END_DECLS
