/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Schedules that others found by optimisation on large networks, and published
 * as numbers. They say nothing about the network at hand. */

#include "sigmas/schedulers.h"

#include <math.h>

#include "base/error.h"
#include "base/text.h"

/* The noise levels of Align Your Steps, for ten steps. */
#define AYS_STEPS 10

/* Distances between GITS' coefficients, and the least. */
#define GITS_STEP 0.05
#define GITS_FIRST 0.80

/* The teacher of GITS takes 100 steps over the 1000 timesteps of Stable
 * Diffusion's training. */
#define GITS_TEACHER_STEPS 100
#define SD_TIMESTEPS 1000
#define SD_BETA_START 0.00085
#define SD_BETA_END 0.012

/* @steps steps along @levels, whose logarithms are interpolated linearly; the
 * last becomes 0 */
static void
append_resampled (guint n_levels, const double *levels, guint steps,
    GArray * sigmas)
{
  guint i;

  for (i = 0; i < steps; i++) {
    const double position = (double) i * (n_levels - 1) / steps;
    const guint low = (guint) position;
    const double w = position - low;

    /* a level that is hit stays as it was published */
    if (w == 0.0)
      rd_scheduler_append (sigmas, (float) levels[low]);
    else
      rd_scheduler_append (sigmas, (float) exp ((1.0 - w) * log (levels[low])
              + w * log (levels[low + 1])));
  }
  rd_scheduler_append (sigmas, 0.0);
}

/**
 * rd_scheduler_ays_sd1:
 *
 * Sabour, Fidler and Kreis, "Align Your Steps: Optimizing Sampling Schedules in
 * Diffusion Models", 2024: ten steps that suit Stable Diffusion 1.5. Other
 * numbers of steps interpolate their logarithms, as the authors propose.
 */
gboolean
rd_scheduler_ays_sd1 (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  static const double levels[AYS_STEPS + 1] = {
    14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177,
    1.3943805092, 0.9642583904, 0.6523686016, 0.3977456272, 0.1515232662,
    0.0291671582
  };

  append_resampled (AYS_STEPS + 1, levels, steps, sigmas);
  return TRUE;
}

/**
 * rd_scheduler_ays_sdxl:
 *
 * As rd_scheduler_ays_sd1(), for Stable Diffusion XL.
 */
gboolean
rd_scheduler_ays_sdxl (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  static const double levels[AYS_STEPS + 1] = {
    14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945,
    0.8620721141, 0.5550693289, 0.3798540708, 0.2332364134, 0.1114188177,
    0.0291671582
  };

  append_resampled (AYS_STEPS + 1, levels, steps, sigmas);
  return TRUE;
}

/**
 * rd_scheduler_ays_svd:
 *
 * As rd_scheduler_ays_sd1(), for Stable Video Diffusion.
 */
gboolean
rd_scheduler_ays_svd (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  static const double levels[AYS_STEPS + 1] = {
    700.0, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002
  };

  append_resampled (AYS_STEPS + 1, levels, steps, sigmas);
  return TRUE;
}

/* log of the signal's factor after @timestep timesteps of Stable Diffusion's
 * training, by timestep */
static double *
new_log_alphas (void)
{
  double *log_alphas = g_new (double, SD_TIMESTEPS);
  const double start = sqrt (SD_BETA_START), end = sqrt (SD_BETA_END);
  double sum = 0.0;
  guint i;

  for (i = 0; i < SD_TIMESTEPS; i++) {
    double root = start + (end - start) * i / (SD_TIMESTEPS - 1);

    sum += 0.5 * log1p (-root * root);
    log_alphas[i] = sum;
  }
  return log_alphas;
}

/* The teacher's noise level @level steps from the noisiest: its timesteps are
 * spaced evenly, and between whole ones the logarithm of the signal's factor is
 * interpolated (Lu et al., "DPM-Solver", 2022, appendix D.4). */
static double
teacher_sigma (const double *log_alphas, guint level)
{
  const double timestep = (SD_TIMESTEPS - 1)
      * (double) (GITS_TEACHER_STEPS - level) / GITS_TEACHER_STEPS;
  const guint low = MIN ((guint) timestep, SD_TIMESTEPS - 2);
  const double w = timestep - low;

  return sqrt (expm1 (-2.0 * ((1.0 - w) * log_alphas[low]
              + w * log_alphas[low + 1])));
}

/**
 * rd_scheduler_gits:
 *
 * Chen, Zhou, Wang, Shen and Lyu, "On the Trajectory Regularity of ODE-based
 * Diffusion Sampling", 2024: up to 20 steps out of a teacher's 100, chosen by
 * dynamic programming; beyond 20, their logarithms are interpolated. A single
 * step is, as in ComfyUI, the last one of twenty.
 */
gboolean
rd_scheduler_gits (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  const double coefficient = options->gits_coefficient;
  const double index = rint ((coefficient - GITS_FIRST) / GITS_STEP);
  const gboolean in_table = steps >= RD_GITS_MIN_STEPS
      && steps <= RD_GITS_MAX_STEPS;
  const guint n = in_table ? steps : RD_GITS_MAX_STEPS;
  double levels[RD_GITS_MAX_STEPS + 1];
  g_autofree double *log_alphas = NULL;
  const guint8 *inner;
  guint i;

  /* written so that what is not a number fails as well */
  if (!(index >= 0.0 && index < RD_GITS_N_COEFFICIENTS
          && fabs (GITS_FIRST + index * GITS_STEP - coefficient) < 1e-6)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "gits-coefficient is %s, but must be one of 0.8, 0.85 .. 1.5",
        rd_text_number ("%g", coefficient).text);
    return FALSE;
  }

  log_alphas = new_log_alphas ();
  inner = rd_gits_levels ((guint) index, n);
  levels[0] = teacher_sigma (log_alphas, 0);
  for (i = 1; i < n; i++)
    levels[i] = teacher_sigma (log_alphas, inner[i - 1]);
  levels[n] = teacher_sigma (log_alphas, GITS_TEACHER_STEPS);

  if (steps == 1)
    append_resampled (2, levels + n - 1, 1, sigmas);
  else
    append_resampled (n + 1, levels, steps, sigmas);
  return TRUE;
}
