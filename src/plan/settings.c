/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "plan/settings.h"

RD_SETTING_DEFINE_ENUM (RdPlanSettings, RdSeedMode, seed_mode);
RD_SETTING_DEFINE_ENUM (RdPlanSettings, RdNoiseOrigin, noise_source);
RD_SETTING_DEFINE_ENUM (RdPlanSettings, RdSeed2ndMode, seed_2nd_mode);
RD_SETTING_DEFINE_ENUM (RdPlanSettings, RdMode, mode);
RD_SETTING_DEFINE_ENUM (RdPlanSettings, RdAdditional, additional_mode);
RD_SETTING_DEFINE_ENUM (RdPlanSettings, RdKeepSoftness, keep_softness);

#define MAX_SIZE 65536

#define FIELD(type, field) \
    RD_SETTING_##type, G_STRUCT_OFFSET (RdPlanSettings, field)
#define NUMBER(type, field, min, max, initial) \
    FIELD (type, field), min, max, initial
#define BOOLEAN(field, initial) FIELD (BOOLEAN, field), 0, 0, initial
#define SIZE(field) NUMBER (UINT, field, 0, MAX_SIZE, 0)
#define SEED(field) FIELD (UINT64, field)
#define TEXT(type, field, initial) FIELD (type, field), 0, 0, 0, initial
#define ENUM(field, initial) \
    FIELD (ENUM, field), 0, 0, initial, NULL, get_##field, set_##field

static const RdSetting settings_table[] = {
  {"prompt", "Prompt", "Prompt of the base, which applies outside the regions",
      TEXT (STRING, prompt, "")},
  {"prompt-2", "Prompt 2",
      "Prompt of the base for the second text encoder of models that have "
        "several; NULL: prompt", TEXT (STRING, prompt_2, NULL)},
  {"prompt-3", "Prompt 3",
        "Prompt of the base for the third text encoder; NULL: prompt",
      TEXT (STRING, prompt_3, NULL)},
  {"negative-prompt", "Negative prompt", "Negative prompt of the base",
      TEXT (STRING, negative_prompt, "")},
  {"zero-negative", "Zero negative",
      "Give the network zeros in place of an empty negative prompt, as it was "
        "trained for where a model's force_zeros_for_empty_prompt says so; "
        "FALSE encodes the empty text", BOOLEAN (zero_negative, FALSE)},
  {"cfg", "CFG",
        "Classifier-free guidance scale; at 1 the negative prompt is not "
        "evaluated; -1: the model's own, 8, or 1 for distilled models",
      NUMBER (DOUBLE, cfg, -1.0, 100.0, -1.0)},
  {"sampler", "Sampler",
        "Method that integrates from one noise level to the next",
      TEXT (NAME, sampler, "euler")},
  {"scheduler", "Scheduler", "Method that chooses the noise levels of the "
        "steps",
      TEXT (NAME, scheduler, RD_JOB_SCHEDULER)},
  {"sigma-factor", "Sigma factor", "Factor on the noise levels",
      NUMBER (DOUBLE, sigma_factor, 0.0, 10.0, 1.0)},

  {"add-noise", "Add noise",
      "Add noise to the latent before the first step; FALSE continues a latent "
        "that still contains noise", BOOLEAN (add_noise, TRUE)},
  {"noise-seed", "Noise seed", "Seed of the noise; the same seed and settings "
        "give the same picture", SEED (noise_seed)},
  {"seed-mode", "Seed mode",
        "How the seed changes from latent to latent since PAUSED",
      ENUM (seed_mode, RD_SEED_FIXED)},
  {"noise-source", "Noise source",
      "Generator of all noise: the initial noise, the noise that samplers add, "
        "and the variations of regions", ENUM (noise_source, RD_NOISE_TORCH)},
  {"seed-2nd", "Second seed",
      "Seed of the noise added before the regions begin (mode impact-simple "
        "only)", SEED (seed_2nd)},
  {"seed-2nd-mode", "Second seed's mode",
        "Whether to add noise before the regions begin, and how to derive its "
        "seed (mode impact-simple only)", ENUM (seed_2nd_mode,
          RD_SEED_2ND_IGNORE)},
  {"steps", "Steps", "Number of steps of the schedule",
      NUMBER (UINT, steps, 1, RD_JOB_MAX_STEPS, RD_PLAN_DEFAULT_STEPS)},
  {"start-at-step", "Start at step", "First step of the schedule to run",
      NUMBER (UINT, start_at_step, 0, RD_JOB_MAX_STEPS, 0)},
  {"end-at-step", "End at step",
        "Step of the schedule before which to stop; a value beyond the last step "
        "runs all steps", NUMBER (UINT, end_at_step, 0, RD_JOB_MAX_STEPS,
          RD_JOB_MAX_STEPS)},
  {"gits-coefficient", "GITS coefficient",
        "Selects the table of the scheduler gits, in steps of 0.05",
      NUMBER (DOUBLE, gits_coefficient, 0.8, 1.5, 1.2)},
  {"custom-sigmas", "Custom sigmas",
        "Noise levels to use instead of the scheduler's: decreasing, the last "
        "one 0, one more than steps; empty uses the scheduler",
      FIELD (NUMBERS, custom_sigmas)},
  {"denoise", "Denoise",
        "Fraction of the noise range to run: 1 starts from noise alone, 0 "
        "returns the input",
      NUMBER (DOUBLE, denoise, 0.0, 1.0, 1.0)},
  {"return-with-leftover-noise", "Return with leftover noise",
        "Output the latent as it is at end-at-step, including its noise, so "
        "that another sampler can continue",
      BOOLEAN (return_with_leftover_noise, FALSE)},

  {"mode", "Mode", "How base and regions share the work",
      ENUM (mode, RD_MODE_PARALLEL)},
  {"feedback", "Feedback",
        "Fraction of the input latent to replace by the previous output, which "
        "reduces flicker in video; for denoise below 1",
      NUMBER (DOUBLE, feedback, 0.0, 1.0, 0.0)},
  {"base-only-steps", "Base-only steps", "Number of steps before the regions "
        "begin",
      NUMBER (UINT, base_only_steps, 0, RD_JOB_MAX_STEPS, 0)},
  {"overlap-factor", "Overlap factor",
        "Regions grow by half of this on every side, in picture pixels "
        "(impact modes: in pixels of the mask)",
      NUMBER (UINT, overlap_factor, 0, 10000, 10)},
  {"feather", "Feather",
        "Width of the ramp across a region's edge, in picture pixels",
      NUMBER (DOUBLE, feather, 0.0, 10000.0, 0.0)},
  {"region-crop", "Region crop",
        "Evaluate a region only on its bounding box plus this margin in "
        "picture pixels; -1: on the whole picture",
      NUMBER (INT, region_crop, -1, 10000, -1)},
  {"keep-base", "Keep base",
      "Keep what came in where no region paints, instead of painting the "
        "base's prompt there", BOOLEAN (keep_base, FALSE)},
  {"keep-softness", "Keep softness",
      "What becomes of cells that are kept in part, at the soft edge of a "
        "region", ENUM (keep_softness, RD_KEEP_SOFTNESS_DIFFERENTIAL)},
  {"restore-latent", "Restore latent",
      "Restore what a region's pass changed outside the region (impact modes "
        "only)", BOOLEAN (restore_latent, TRUE)},
  {"additional-mode", "Additional mode",
        "Recovery pass after the single steps of UniPC and SDE samplers "
        "(impact modes only)",
      ENUM (additional_mode, RD_ADDITIONAL_RATIO_BETWEEN)},
  {"additional-sampler", "Additional sampler",
        "Sampler of the recovery pass (impact modes only)",
      TEXT (NAME, additional_sampler, NULL)},
  {"additional-sigma-ratio", "Additional sigma ratio",
        "Factor on the noise levels of the recovery pass (impact modes only)",
        NUMBER (DOUBLE, additional_sigma_ratio, 0.0, 1.0,
          RD_JOB_ADDITIONAL_SIGMA_RATIO)},

  {"original-width", "Original width",
        "Width of the picture before scaling that the model is told, in pixels "
        "(Stable Diffusion XL only); 0: the picture's",
      SIZE (original_width)},
  {"original-height", "Original height",
        "Height of the picture before scaling that the model is told, in pixels "
        "(Stable Diffusion XL only); 0: the picture's",
      SIZE (original_height)},
  {"crop-left", "Crop left",
      "What was cut off on the left, as the model is told, in pixels (Stable "
        "Diffusion XL only)", SIZE (crop_left)},
  {"crop-top", "Crop top",
      "What was cut off at the top, as the model is told, in pixels (Stable "
        "Diffusion XL only)", SIZE (crop_top)},
  {"target-width", "Target width",
      "Width of the picture that the model is told, in pixels (Stable "
        "Diffusion XL only); 0: the picture's", SIZE (target_width)},
  {"target-height", "Target height",
      "Height of the picture that the model is told, in pixels (Stable "
        "Diffusion XL only); 0: the picture's", SIZE (target_height)},
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
