/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/settings.h"

RD_SETTING_DEFINE_ENUM (RdPlanSettings, RdSeedMode, seed_mode);
RD_SETTING_DEFINE_ENUM (RdPlanSettings, RdNoiseOrigin, noise_source);
RD_SETTING_DEFINE_ENUM (RdPlanSettings, RdSeed2ndMode, seed_2nd_mode);
RD_SETTING_DEFINE_ENUM (RdPlanSettings, RdMode, mode);
RD_SETTING_DEFINE_ENUM (RdPlanSettings, RdAdditional, additional_mode);

#define FIELD(type, field) \
    RD_SETTING_##type, G_STRUCT_OFFSET (RdPlanSettings, field)
#define NUMBER(type, field, min, max, initial) \
    FIELD (type, field), min, max, initial
#define BOOLEAN(field, initial) FIELD (BOOLEAN, field), 0, 0, initial
#define SEED(field) FIELD (UINT64, field)
#define TEXT(type, field, initial) FIELD (type, field), 0, 0, 0, initial
#define ENUM(field, initial) \
    FIELD (ENUM, field), 0, 0, initial, NULL, get_##field, set_##field

static const RdSetting settings_table[] = {
  {"prompt", "Prompt", "What to paint where no region is",
      TEXT (STRING, prompt, "")},
  {"negative-prompt", "Negative prompt", "What to paint away from",
      TEXT (STRING, negative_prompt, "")},
  {"cfg", "CFG",
        "Guidance scale: how strongly the prompt counts against the negative "
        "prompt; 1 evaluates the prompt alone",
      NUMBER (DOUBLE, cfg, 0.0, 100.0, 8.0)},
  {"sampler", "Sampler",
        "Method that integrates from one noise level to the next",
      TEXT (NAME, sampler, "euler")},
  {"scheduler", "Scheduler", "How the noise levels of the steps are chosen",
      TEXT (NAME, scheduler, "normal")},
  {"sigma-factor", "Sigma factor", "Scales the noise levels",
      NUMBER (DOUBLE, sigma_factor, 0.0, 10.0, 1.0)},

  {"add-noise", "Add noise",
      "Start from noise over the latent; FALSE continues a latent that has "
        "noise left", BOOLEAN (add_noise, TRUE)},
  {"noise-seed", "Noise seed", "The same seed and settings give the same "
        "picture", SEED (noise_seed)},
  {"seed-mode", "Seed mode",
        "How the seed goes on from latent to latent, since PAUSED",
      ENUM (seed_mode, RD_SEED_FIXED)},
  {"noise-source", "Noise source",
      "Generator of all noise: what is started from, what samplers add, and "
        "regions' variations", ENUM (noise_source, RD_NOISE_TORCH)},
  {"seed-2nd", "Second seed",
      "Seed of noise that is added before the regions begin (mode "
        "impact-simple only)", SEED (seed_2nd)},
  {"seed-2nd-mode", "Second seed's mode",
      "Whether there is such noise, and what its seed is made of (mode "
        "impact-simple only)", ENUM (seed_2nd_mode, RD_SEED_2ND_IGNORE)},
  {"steps", "Steps", "Steps of the schedule",
      NUMBER (UINT, steps, 1, 10000, RD_PLAN_DEFAULT_STEPS)},
  {"start-at-step", "Start at step", "First step of the schedule that runs",
      NUMBER (UINT, start_at_step, 0, 10000, 0)},
  {"end-at-step", "End at step",
      "Step of the schedule before which to stop; beyond the last means all "
        "of it", NUMBER (UINT, end_at_step, 0, 10000, 10000)},
  {"gits-coefficient", "GITS coefficient",
        "Which table the scheduler gits takes, in steps of 0.05",
      NUMBER (DOUBLE, gits_coefficient, 0.8, 1.5, 1.2)},
  {"custom-sigmas", "Custom sigmas",
        "Noise levels in place of a scheduler's, falling, the last one 0: one "
        "more than there are steps; none for the scheduler's",
      FIELD (NUMBERS, custom_sigmas)},
  {"denoise", "Denoise",
        "Share of the noise range to run over the latent: 1 starts from noise "
        "alone, 0 returns the input",
      NUMBER (DOUBLE, denoise, 0.0, 1.0, 1.0)},
  {"return-with-leftover-noise", "Return with leftover noise",
        "Hand out the latent as it is at end-at-step, noise included, for "
        "another sampler to continue",
      BOOLEAN (return_with_leftover_noise, FALSE)},

  {"mode", "Mode", "How base and regions work together",
      ENUM (mode, RD_MODE_PARALLEL)},
  {"feedback", "Feedback",
        "How much of the latent that came out last takes the place of the one "
        "that comes in, so that video flickers less; with denoise below 1",
      NUMBER (DOUBLE, feedback, 0.0, 1.0, 0.0)},
  {"base-only-steps", "Base-only steps", "Steps before the regions begin",
      NUMBER (UINT, base_only_steps, 0, 10000, 0)},
  {"overlap-factor", "Overlap factor",
        "Regions grow by half of this on every side, in picture pixels "
        "(impact modes: in pixels of the mask)",
      NUMBER (UINT, overlap_factor, 0, 10000, 10)},
  {"feather", "Feather",
        "Width of the ramp over a region's edge, picture pixels",
      NUMBER (DOUBLE, feather, 0.0, 10000.0, 0.0)},
  {"region-crop", "Region crop",
        "Evaluate a region on its box and so much around it, picture pixels; "
        "-1: on the whole picture",
      NUMBER (INT, region_crop, -1, 10000, -1)},
  {"restore-latent", "Restore latent",
      "Restore what a region's pass changed outside the region (impact modes "
        "only)", BOOLEAN (restore_latent, TRUE)},
  {"additional-mode", "Additional mode",
        "The recovery pass of samplers that single steps leave unfinished "
        "(impact modes only)",
      ENUM (additional_mode, RD_ADDITIONAL_RATIO_BETWEEN)},
  {"additional-sampler", "Additional sampler",
        "Method of the recovery pass (impact modes only)",
      TEXT (NAME, additional_sampler, NULL)},
  {"additional-sigma-ratio", "Additional sigma ratio",
        "Scales the noise levels of the recovery pass (impact modes only)",
      NUMBER (DOUBLE, additional_sigma_ratio, 0.0, 1.0, 0.3)},
};

/**
 * rd_plan_settings_list:
 * @n: (out): how many there are
 *
 * Returns: (array length=n): what can be set of #RdPlanSettings
 */
const RdSetting *
rd_plan_settings_list (guint * n)
{
  *n = G_N_ELEMENTS (settings_table);
  return settings_table;
}

/**
 * rd_plan_settings_init:
 * @settings: uninitialised memory; rd_plan_settings_clear() afterwards
 *
 * Gives every setting its default.
 */
void
rd_plan_settings_init (RdPlanSettings * settings)
{
  rd_settings_init (settings, G_N_ELEMENTS (settings_table), settings_table);
}

/**
 * rd_plan_settings_clear:
 * @settings: zeroed memory, or settings
 *
 * Frees what they hold.
 */
void
rd_plan_settings_clear (RdPlanSettings * settings)
{
  rd_settings_clear (settings, G_N_ELEMENTS (settings_table), settings_table);
}

/**
 * rd_plan_settings_copy:
 * @to: uninitialised memory; rd_plan_settings_clear() afterwards
 * @from: settings, which nobody changes meanwhile
 */
void
rd_plan_settings_copy (RdPlanSettings * to, const RdPlanSettings * from)
{
  rd_settings_copy (to, from, G_N_ELEMENTS (settings_table), settings_table);
}
