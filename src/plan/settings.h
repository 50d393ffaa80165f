/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "base/setting.h"
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
 * RdPlanSettings:
 * @prompt: what to paint where no region is
 * @prompt_2: (nullable): the same for a model's second text encoder
 * @prompt_3: (nullable): and for the third
 * @cfg: below 0 for the model's own
 * @sampler: name of an entry of rd_solver_list()
 * @scheduler: name of an entry of rd_scheduler_list()
 * @seed_mode: how @noise_seed goes on from job to job: whoever runs several
 *   calls rd_seed_advance()
 * @additional_sampler: (nullable): name of an entry of rd_solver_list(), %NULL
 *   for the one that suits the owner's sampler
 * @custom_sigmas: (nullable) (element-type double): noise levels in place of a
 *   scheduler's; never changed, but replaced
 *
 * The sampling properties of the element `regionalsampler`, under their names
 * there; rd_plan_settings_list() says what each does. Strings belong to the
 * struct: one that is replaced is freed, the new one allocated with GLib.
 */
typedef struct
{
  char *prompt;
  char *prompt_2;
  char *prompt_3;
  char *negative_prompt;
  gboolean zero_negative;
  double cfg;
  char *sampler;
  char *scheduler;
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
  char *additional_sampler;
  double additional_sigma_ratio;
  double gits_coefficient;
  GArray *custom_sigmas;
  double feather;
  int region_crop;
  gboolean keep_base;
  RdKeepSoftness keep_softness;
  RdMode mode;
  guint original_width, original_height;
  guint crop_left, crop_top;
  guint target_width, target_height;
} RdPlanSettings;

const RdSetting *rd_plan_settings_list (guint * n);
void rd_plan_settings_init (RdPlanSettings * settings);
void rd_plan_settings_clear (RdPlanSettings * settings);
void rd_plan_settings_copy (RdPlanSettings * to, const RdPlanSettings * from);

G_END_DECLS
