/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "loop/job.h"
#include "loop/seed.h"

G_BEGIN_DECLS

/**
 * SECTION:plan-settings
 *
 * What a user sets for a whole picture: the base's prompts and guidance, the
 * schedule, and how base and regions work together.
 */

/**
 * RD_PLAN_DEFAULT_STEPS:
 *
 * Default of `steps`. Beside custom sigmas it stands for as many steps as those
 * are.
 */
#define RD_PLAN_DEFAULT_STEPS 20

/**
 * RD_PLAN_AUTO:
 *
 * As `additional_sampler`: the one that suits the owner's sampler.
 */
#define RD_PLAN_AUTO (-1)

/**
 * RdPlanSettings:
 * @prompt: what to paint where no region is; owned, as all strings here
 * @negative_prompt: what to paint away from
 * @cfg: guidance scale
 * @sampler: index into rd_solver_list()
 * @scheduler: index into rd_scheduler_list()
 * @seed_mode: how @noise_seed goes on from job to job: whoever runs several
 *   calls rd_seed_advance()
 * @additional_sampler: index into rd_solver_list(), or %RD_PLAN_AUTO
 * @custom_sigmas: (nullable) (element-type double): in place of a scheduler's
 *   noise levels; never changed, but replaced
 * @region_crop: picture pixels around a region, or -1 for the whole picture
 *
 * The sampling properties of the element `regionalsampler`, under their names
 * there.
 */
typedef struct
{
  char *prompt;
  char *negative_prompt;
  double cfg;
  int sampler;
  int scheduler;
  double sigma_factor;

  gboolean add_noise;
  guint64 noise_seed;
  RdSeedMode seed_mode;
  RdNoiseOrigin noise_source;
  guint64 seed_2nd;
  RdSeed2ndMode seed_2nd_mode;
  guint steps;
  guint start_at_step;
  guint end_at_step;
  double denoise;
  double feedback;
  guint base_only_steps;
  guint overlap_factor;
  gboolean restore_latent;
  gboolean return_with_leftover_noise;
  RdAdditional additional_mode;
  int additional_sampler;
  double additional_sigma_ratio;
  double gits_coefficient;
  GArray *custom_sigmas;
  double feather;
  int region_crop;
  RdMode mode;
} RdPlanSettings;

void rd_plan_settings_clear (RdPlanSettings * settings);
void rd_plan_settings_copy (RdPlanSettings * to, const RdPlanSettings * from);

G_END_DECLS
