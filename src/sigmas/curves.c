/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Schedules that are curves from the network's largest sigma to its smallest,
 * wherever its timesteps are. */

#include "sigmas/schedulers.h"

#include <math.h>

#include "base/error.h"

/* The exponent of Karras et al. */
#define KARRAS_RHO 7.0

/* Share of the noise that Mochi's schedule removes in the linear half. */
#define LINEAR_THRESHOLD 0.025

/**
 * rd_scheduler_linspace:
 * @start: the first number
 * @end: the last number
 * @n: how many there are, at least 1
 * @i: which of them
 *
 * Returns: the @i-th of @n evenly spaced numbers, as torch's linspace rounds,
 *   whose products are fused with their sums: noise of a Brownian path shows
 *   the last bit of a sigma
 */
float
rd_scheduler_linspace (float start, float end, guint n, guint i)
{
  float step;

  if (n == 1)
    return start;

  step = (end - start) / (float) (n - 1);
  if (i < n / 2)
    return fmaf (step, (float) i, start);
  return fmaf (-step, (float) (n - 1 - i), end);
}

/**
 * rd_scheduler_karras:
 *
 * Evenly spaced 7th roots of sigma: dense at low noise (Karras et al.,
 * "Elucidating the Design Space of Diffusion-Based Generative Models", 2022,
 * equation 5).
 */
gboolean
rd_scheduler_karras (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  const double high =
      pow (rd_prediction_sigma_max (prediction), 1.0 / KARRAS_RHO);
  const double low =
      pow (rd_prediction_sigma_min (prediction), 1.0 / KARRAS_RHO);
  guint i;

  for (i = 0; i < steps; i++) {
    float ramp = rd_scheduler_linspace (0.0f, 1.0f, steps, i);

    rd_scheduler_append (sigmas, powf ((float) high
            + ramp * (float) (low - high), (float) KARRAS_RHO));
  }
  rd_scheduler_append (sigmas, 0.0);
  return TRUE;
}

/**
 * rd_scheduler_exponential:
 *
 * Evenly spaced logarithms of sigma, as k-diffusion has them.
 */
gboolean
rd_scheduler_exponential (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  const float high = (float) log (rd_prediction_sigma_max (prediction));
  const float low = (float) log (rd_prediction_sigma_min (prediction));
  guint i;

  for (i = 0; i < steps; i++)
    rd_scheduler_append (sigmas,
        expf (rd_scheduler_linspace (high, low, steps, i)));
  rd_scheduler_append (sigmas, 0.0);
  return TRUE;
}

/**
 * rd_scheduler_kl_optimal:
 *
 * Evenly spaced arc tangents of sigma, which bound the Kullback-Leibler
 * divergence of the discretisation (Sabour, Fidler and Kreis, "Align Your
 * Steps", 2024, section 3.1). Needs two steps.
 */
gboolean
rd_scheduler_kl_optimal (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  const float high = (float) atan (rd_prediction_sigma_max (prediction));
  const float low = (float) atan (rd_prediction_sigma_min (prediction));
  guint i;

  if (steps < 2) {
    g_set_error_literal (error, RD_ERROR, RD_ERROR_SETTINGS,
        "scheduler 'kl_optimal' does not support a single step; use 2 steps or "
        "more, or another scheduler");
    return FALSE;
  }

  for (i = 0; i < steps; i++) {
    float ramp = (float) i / (float) (steps - 1);

    rd_scheduler_append (sigmas, tanf (ramp * low + (1.0f - ramp) * high));
  }
  rd_scheduler_append (sigmas, 0.0);
  return TRUE;
}

/**
 * rd_scheduler_linear_quadratic:
 *
 * Half of the steps remove the first 2.5 % of the noise evenly, the others the
 * rest along a parabola that goes on with the same slope (Genmo's Mochi 1,
 * 2024).
 */
gboolean
rd_scheduler_linear_quadratic (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  const float sigma_max = (float) rd_prediction_sigma_max (prediction);
  const guint n_linear = steps / 2, n_quadratic = steps - n_linear;
  const double slope = steps > 1 ? LINEAR_THRESHOLD / n_linear : 0.0;
  /* what the slope alone would not reach by the last step */
  const double rest = 1.0 - LINEAR_THRESHOLD - slope * n_quadratic;
  guint i;

  for (i = 0; i < steps; i++) {
    double removed = slope * i;

    if (i > n_linear) {
      double x = (double) (i - n_linear) / n_quadratic;

      removed += rest * x * x;
    }
    rd_scheduler_append (sigmas, (float) (1.0 - removed) * sigma_max);
  }
  rd_scheduler_append (sigmas, 0.0);
  return TRUE;
}
