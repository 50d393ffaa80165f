/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Schedules of noise levels that the network was trained on. */

#include "sigmas/schedulers.h"

#include <math.h>

/* The exponents of the beta distribution: Lee et al., "Beta Sampling is All You
 * Need", 2024. */
#define BETA_ALPHA 0.6
#define BETA_BETA 0.6
#define BETA_TOLERANCE 1e-12

/* @n timesteps evenly from the noisiest on; the last of @n_grid would be the
 * cleanest */
static void
append_timesteps (const RdPrediction * prediction, guint n, guint n_grid,
    GArray * sigmas)
{
  float start = (float) rd_prediction_timestep (prediction,
      rd_prediction_sigma_max (prediction));
  float end = (float) rd_prediction_timestep (prediction,
      rd_prediction_sigma_min (prediction));
  guint i;

  for (i = 0; i < n; i++)
    rd_scheduler_append (sigmas, rd_prediction_sigma (prediction,
            rd_scheduler_linspace (start, end, n_grid, i)));
}

/**
 * rd_scheduler_normal:
 *
 * Evenly spaced timesteps, the first and the last included, as k-diffusion has
 * them. Where the network's own smallest sigma is below 1e-5, it stands for the
 * zero at the end.
 */
gboolean
rd_scheduler_normal (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  if (rd_prediction_sigma_min (prediction) <= RD_SCHEDULER_ALMOST_ZERO) {
    append_timesteps (prediction, steps + 1, steps + 1, sigmas);
  } else {
    append_timesteps (prediction, steps, steps, sigmas);
    rd_scheduler_append (sigmas, 0.0);
  }
  return TRUE;
}

/**
 * rd_scheduler_sgm_uniform:
 *
 * Evenly spaced timesteps without the cleanest, as in Stability AI's
 * generative-models.
 */
gboolean
rd_scheduler_sgm_uniform (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  append_timesteps (prediction, steps, steps + 1, sigmas);
  rd_scheduler_append (sigmas, 0.0);
  return TRUE;
}

/**
 * rd_scheduler_simple:
 *
 * Every n-th entry of the training schedule from the noisiest on; repeats
 * entries when there are more steps than timesteps.
 */
gboolean
rd_scheduler_simple (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  const double stride = (double) prediction->n_timesteps / steps;
  guint i;

  for (i = 0; i < steps; i++)
    rd_scheduler_append (sigmas, prediction->sigmas[prediction->n_timesteps - 1
            - (guint) (i * stride)]);
  rd_scheduler_append (sigmas, 0.0);
  return TRUE;
}

/**
 * rd_scheduler_ddim_uniform:
 *
 * Every n-th entry of the training schedule from the second cleanest on (Song,
 * Meng and Ermon, "Denoising Diffusion Implicit Models", 2021). n is a whole
 * number, so that there may be more steps than were asked for, and never more
 * than there are timesteps.
 */
gboolean
rd_scheduler_ddim_uniform (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  const guint n = prediction->n_timesteps;
  const gboolean has_zero = n > 1
      && prediction->sigmas[1] <= RD_SCHEDULER_ALMOST_ZERO;
  const guint stride = MAX (n / (has_zero ? steps + 1 : steps), 1);
  guint i;

  if (n < 2)
    return TRUE;

  for (i = 1 + (n - 2) / stride * stride; i > 1; i -= stride)
    rd_scheduler_append (sigmas, prediction->sigmas[i]);
  rd_scheduler_append (sigmas, prediction->sigmas[1]);
  if (!has_zero)
    rd_scheduler_append (sigmas, 0.0);
  return TRUE;
}

/* The cumulative distribution function at @x in 0..1: the series of DLMF
 * (https://dlmf.nist.gov/8.17.E7) where it converges fast, and its mirror image
 * elsewhere, as the exponents are equal. */
static double
beta_cdf (double x)
{
  const double complete = tgamma (BETA_ALPHA) * tgamma (BETA_BETA)
      / tgamma (BETA_ALPHA + BETA_BETA);
  double term = 1.0, sum = 1.0 / BETA_ALPHA;
  guint n;

  if (x > 0.5)
    return 1.0 - beta_cdf (1.0 - x);

  for (n = 1; term > 1e-17; n++) {
    term *= (n - BETA_BETA) / n * x;
    sum += term / (BETA_ALPHA + n);
  }
  return pow (x, BETA_ALPHA) * sum / complete;
}

/**
 * rd_scheduler_beta:
 *
 * Timesteps by the quantiles of a beta distribution, dense at both ends (Lee et
 * al., "Beta Sampling is All You Need", 2024). A timestep is not repeated, so
 * that there may be fewer steps than were asked for.
 */
gboolean
rd_scheduler_beta (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  const guint last = prediction->n_timesteps - 1;
  guint i, timestep = last, previous = G_MAXUINT;

  for (i = 0; i < steps; i++) {
    const double t = 1.0 - i * (1.0 / steps);

    /* the quantile of t lies within half a timestep of the one sought; the
     * median may lie between two */
    while (timestep > 0
        && beta_cdf ((timestep - 0.5) / last) > t + BETA_TOLERANCE)
      timestep--;
    if (timestep != previous)
      rd_scheduler_append (sigmas, prediction->sigmas[timestep]);
    previous = timestep;
  }
  rd_scheduler_append (sigmas, 0.0);
  return TRUE;
}
