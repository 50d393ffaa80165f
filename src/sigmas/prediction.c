/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "sigmas/prediction.h"

#include <math.h>

/* Relative distance to the largest sigma within which a schedule counts as
 * starting from pure noise. */
#define START_TOLERANCE 1e-5

/* The largest beta of the cosine schedule, and its offset (Nichol and
 * Dhariwal, "Improved Denoising Diffusion Probabilistic Models", 2021). */
#define COSINE_MAX_BETA 0.999
#define COSINE_OFFSET 0.008

/* What is left of the picture where nothing should be, as in ComfyUI. */
#define LAST_ALPHA_BAR 4.8973451890853435e-08

static double
cosine_alpha_bar (double t)
{
  double c = cos ((t + COSINE_OFFSET) / (1 + COSINE_OFFSET) * G_PI / 2);

  return c * c;
}

static double
beta_at (RdBetas betas, double start, double end, guint n, guint i)
{
  double t = n > 1 ? (double) i / (n - 1) : 0.0;
  double root;

  switch (betas) {
    case RD_BETAS_LINEAR:
      return start + t * (end - start);
    case RD_BETAS_COSINE:
      return MIN (1 - cosine_alpha_bar ((i + 1.0) / n)
          / cosine_alpha_bar ((double) i / n), COSINE_MAX_BETA);
    case RD_BETAS_SCALED_LINEAR:
    default:
      root = sqrt (start) + t * (sqrt (end) - sqrt (start));
      return root * root;
  }
}

/**
 * rd_prediction_new:
 * @type: what the network predicts
 * @betas: shape of the variance schedule
 * @beta_start: its first value, in (0, 1); unused by %RD_BETAS_COSINE
 * @beta_end: its last value, in (0, 1); unused by %RD_BETAS_COSINE
 * @n_timesteps: number of training timesteps, at least 1
 *
 * Describes a network by the numbers of its `scheduler_config.json`.
 *
 * Returns: (transfer full) (nullable): the prediction, or %NULL where the numbers
 *   are no variance schedule (no timestep, or a beta outside of (0, 1))
 */
RdPrediction *
rd_prediction_new (RdPredictionType type, RdBetas betas, double beta_start,
    double beta_end, guint n_timesteps)
{
  g_autofree double *values = NULL;
  guint i;

  values = g_try_new (double, n_timesteps);
  if (!values)
    return NULL;

  for (i = 0; i < n_timesteps; i++)
    values[i] = beta_at (betas, beta_start, beta_end, n_timesteps, i);

  return rd_prediction_new_from_betas (type, n_timesteps, values);
}

static RdPrediction *
prediction_alloc (RdPredictionType type, guint n_timesteps)
{
  RdPrediction *prediction = g_new0 (RdPrediction, 1);

  g_atomic_ref_count_init (&prediction->ref_count);
  prediction->type = type;
  prediction->n_timesteps = n_timesteps;
  prediction->sigmas = g_new (float, n_timesteps);
  prediction->log_sigmas = g_new (float, n_timesteps);
  return prediction;
}

/* FALSE where the sigma leaves the range of floats */
static gboolean
set_sigma (RdPrediction * prediction, guint timestep, double sigma)
{
  prediction->sigmas[timestep] = (float) sigma;
  prediction->log_sigmas[timestep] = (float) log (sigma);
  return isfinite (prediction->sigmas[timestep])
      && prediction->sigmas[timestep] > 0.0f;
}

/**
 * rd_prediction_new_from_betas:
 * @type: what the network predicts
 * @n_timesteps: number of training timesteps, at least 1
 * @betas: variance added by each, all in (0, 1)
 *
 * Describes a network by its variances: with the cumulative product a of
 * 1 - beta, the noise level of a timestep is sqrt((1 - a) / a) (Karras et al.,
 * 2022, appendix C.1).
 *
 * Returns: (transfer full) (nullable): the prediction, or %NULL where @betas are
 *   no variance schedule (none at all, or one outside of (0, 1))
 */
RdPrediction *
rd_prediction_new_from_betas (RdPredictionType type, guint n_timesteps,
    const double *betas)
{
  g_autoptr (RdPrediction) prediction = NULL;
  double alpha_bar = 1.0;
  guint i;

  if (n_timesteps == 0)
    return NULL;

  prediction = prediction_alloc (type, n_timesteps);
  for (i = 0; i < n_timesteps; i++) {
    /* written so that a beta that is not a number fails as well */
    if (!(betas[i] > 0.0 && betas[i] < 1.0))
      return NULL;

    alpha_bar *= 1.0 - betas[i];
    /* products of many large or tiny betas leave float's range */
    if (!set_sigma (prediction, i, sqrt ((1.0 - alpha_bar) / alpha_bar)))
      return NULL;
  }

  return g_steal_pointer (&prediction);
}

/**
 * rd_prediction_new_zero_snr:
 * @prediction: how a network is said to have been trained
 *
 * Lin et al., "Common Diffusion Noise Schedules and Sample Steps Are Flawed",
 * 2024, algorithm 1: the noise levels of a network that was trained with the
 * square roots of @prediction's cumulative products shifted and scaled so that
 * nothing of the picture is left at the last timestep. There, where sigma would
 * have no end, ComfyUI's is about 4519, and so is ours.
 *
 * Returns: (transfer full) (nullable): the prediction, or %NULL where @prediction
 *   has a single timestep
 */
RdPrediction *
rd_prediction_new_zero_snr (const RdPrediction * prediction)
{
  const guint last = prediction->n_timesteps - 1;
  g_autoptr (RdPrediction) result = NULL;
  double first_root, last_root;
  guint i;

  if (last == 0)
    return NULL;

  result = prediction_alloc (prediction->type, prediction->n_timesteps);
  first_root = 1.0 / hypot (1.0, prediction->sigmas[0]);
  last_root = 1.0 / hypot (1.0, prediction->sigmas[last]);
  for (i = 0; i <= last; i++) {
    double root = 1.0 / hypot (1.0, prediction->sigmas[i]);
    double alpha_bar = LAST_ALPHA_BAR;

    if (i < last) {
      root = (root - last_root) * first_root / (first_root - last_root);
      /* neighbours at the end may be the same as floats */
      alpha_bar = MAX (root * root, LAST_ALPHA_BAR);
    }
    if (!set_sigma (result, i, sqrt ((1.0 - alpha_bar) / alpha_bar)))
      return NULL;
  }
  return g_steal_pointer (&result);
}

static float
shift_flow (float shift, float t)
{
  return shift * t / (1.0f + (shift - 1.0f) * t);
}

static float
shift_exponentially (double mu, float t)
{
  const float scale = (float) exp (mu);

  return t > 0.0f ? scale / (scale + (1.0f / t - 1.0f)) : 0.0f;
}

/**
 * rd_prediction_new_flow:
 * @shift: > 0; the larger, the more of the timesteps are noisy: sigma of t in
 *   0..1 is shift t / (1 + (shift - 1) t) (Esser et al., "Scaling Rectified
 *   Flow Transformers for High-Resolution Image Synthesis", 2024, section
 *   5.3.2)
 * @n_timesteps: number of training timesteps, at least 1
 *
 * Describes a flow network. Its timesteps are @n_timesteps times sigma, whole
 * or not, as ComfyUI has them, so that @shift acts twice in schedules that are
 * spaced by timesteps.
 *
 * Returns: (transfer full) (nullable): the prediction, or %NULL where the numbers
 *   are out of range
 */
RdPrediction *
rd_prediction_new_flow (double shift, guint n_timesteps)
{
  g_autoptr (RdPrediction) prediction = NULL;
  guint i;

  if (n_timesteps == 0 || !(shift > 0.0) || !isfinite (shift))
    return NULL;

  prediction = prediction_alloc (RD_PREDICTION_FLOW, n_timesteps);
  prediction->shift = shift;
  prediction->max_timestep = n_timesteps;
  for (i = 0; i < n_timesteps; i++)
    if (!set_sigma (prediction, i, rd_prediction_sigma (prediction, i + 1)))
      return NULL;
  return g_steal_pointer (&prediction);
}

/**
 * rd_prediction_new_flow_exponential:
 * @shift: mu: the larger, the more of the timesteps are noisy: sigma of t in 0..1
 *   is e^mu / (e^mu + 1/t - 1)
 * @n_timesteps: of how many levels schedules choose, at least 1
 *
 * Describes a flow network whose timesteps are its sigmas, 0..1, as ComfyUI has
 * them.
 *
 * Returns: (transfer full) (nullable): the prediction, or %NULL where the numbers
 *   are out of range
 */
RdPrediction *
rd_prediction_new_flow_exponential (double shift, guint n_timesteps)
{
  g_autoptr (RdPrediction) prediction = NULL;

  if (n_timesteps == 0 || !isfinite (shift))
    return NULL;

  prediction = prediction_alloc (RD_PREDICTION_FLOW, n_timesteps);
  prediction->shift = shift;
  prediction->exponential = TRUE;
  prediction->max_timestep = 1.0;
  for (guint i = 0; i < n_timesteps; i++)
    if (!set_sigma (prediction, i, rd_prediction_sigma (prediction,
                (double) ((float) (i + 1) / (float) n_timesteps))))
      return NULL;
  return g_steal_pointer (&prediction);
}

/**
 * rd_prediction_ref:
 * @prediction: a prediction
 *
 * Returns: (transfer full): @prediction
 */
RdPrediction *
rd_prediction_ref (RdPrediction * prediction)
{
  g_atomic_ref_count_inc (&prediction->ref_count);
  return prediction;
}

/**
 * rd_prediction_unref:
 * @prediction: (transfer full): a prediction
 */
void
rd_prediction_unref (RdPrediction * prediction)
{
  if (!g_atomic_ref_count_dec (&prediction->ref_count))
    return;

  g_free (prediction->sigmas);
  g_free (prediction->log_sigmas);
  g_free (prediction);
}

/**
 * rd_prediction_sigma_min:
 * @prediction: a prediction
 *
 * Returns: the noise level of the first timestep
 */
double
rd_prediction_sigma_min (const RdPrediction * prediction)
{
  return prediction->sigmas[0];
}

/**
 * rd_prediction_sigma_max:
 * @prediction: a prediction
 *
 * Returns: the noise level of the last timestep
 */
double
rd_prediction_sigma_max (const RdPrediction * prediction)
{
  return prediction->sigmas[prediction->n_timesteps - 1];
}

/**
 * rd_prediction_sigma:
 * @prediction: a prediction
 * @timestep: 0 .. n_timesteps - 1, fractions allowed, clamped to that range;
 *   for flow networks 0 .. max_timestep
 *
 * The noise level of a timestep; between two, the logarithm is interpolated,
 * while that of a flow network is a formula. Single precision, as in ComfyUI.
 *
 * Returns: sigma
 */
double
rd_prediction_sigma (const RdPrediction * prediction, double timestep)
{
  const float n = (float) prediction->n_timesteps;
  const float end = (float) prediction->max_timestep;
  float t, low, w, log_high;
  const float *log_low;

  if (prediction->type == RD_PREDICTION_FLOW) {
    t = CLAMP ((float) timestep, 0.0f, end) / end;
    return prediction->exponential ? shift_exponentially (prediction->shift, t)
        : shift_flow ((float) prediction->shift, t);
  }

  t = CLAMP ((float) timestep, 0.0f, n - 1.0f);
  low = floorf (t);
  w = t - low;
  log_low = prediction->log_sigmas + (guint) low;
  log_high = w > 0.0f ? log_low[1] : log_low[0];

  return expf ((1.0f - w) * log_low[0] + w * log_high);
}

/**
 * rd_prediction_sigma_of:
 * @prediction: a prediction
 * @fraction: 0..1 of the timesteps, from the first one
 *
 * Single precision, of a flow network from a formula in double precision, as in
 * ComfyUI: Brownian noise tells the last digit.
 *
 * Returns: the noise level there
 */
double
rd_prediction_sigma_of (const RdPrediction * prediction, double fraction)
{
  const double shift = prediction->shift;

  if (prediction->type != RD_PREDICTION_FLOW)
    return rd_prediction_sigma (prediction,
        fraction * (prediction->n_timesteps - 1));
  if (fraction <= 0.0)
    return 0.0;
  return (float) (prediction->exponential
      ? exp (shift) / (exp (shift) + 1.0 / fraction - 1.0)
      : shift * fraction / (1.0 + (shift - 1.0) * fraction));
}

/**
 * rd_prediction_timestep:
 * @prediction: a prediction
 * @sigma: noise level, > 0
 *
 * The timestep whose noise level is nearest by logarithm, the lower one of two
 * equally near. Single precision, as in ComfyUI: what counts as equally near
 * depends on it. For flow networks it is proportional to @sigma.
 *
 * Returns: a whole timestep, 0 .. n_timesteps - 1; any number for flow networks
 */
double
rd_prediction_timestep (const RdPrediction * prediction, double sigma)
{
  float log_sigma = logf ((float) sigma);
  float nearest = INFINITY;
  guint i, timestep = 0;

  if (prediction->type == RD_PREDICTION_FLOW)
    return (float) sigma *(float) prediction->max_timestep;

  for (i = 0; i < prediction->n_timesteps; i++) {
    float distance = fabsf (log_sigma - prediction->log_sigmas[i]);

    if (distance < nearest) {
      nearest = distance;
      timestep = i;
    }
  }

  return timestep;
}

/**
 * rd_prediction_signal:
 * @prediction: a prediction
 * @sigma: noise level of a latent
 *
 * Returns: the factor of the picture in that latent
 */
double
rd_prediction_signal (const RdPrediction * prediction, double sigma)
{
  return prediction->type == RD_PREDICTION_FLOW ? 1.0 - sigma : 1.0;
}

/**
 * rd_prediction_c_in:
 * @prediction: a prediction
 * @sigma: noise level of a latent
 *
 * Returns: the factor by which the latent enters the network
 */
double
rd_prediction_c_in (const RdPrediction * prediction, double sigma)
{
  if (prediction->type == RD_PREDICTION_FLOW)
    return 1.0;
  return 1.0 / sqrt (sigma * sigma + 1.0);
}

/**
 * rd_prediction_c_skip:
 * @prediction: a prediction
 * @sigma: noise level of a latent
 *
 * Returns: the factor of the latent in its denoised prediction
 */
double
rd_prediction_c_skip (const RdPrediction * prediction, double sigma)
{
  switch (prediction->type) {
    case RD_PREDICTION_V:
      return 1.0 / (sigma * sigma + 1.0);
    case RD_PREDICTION_EPSILON:
    case RD_PREDICTION_FLOW:
    default:
      return 1.0;
  }
}

/**
 * rd_prediction_c_out:
 * @prediction: a prediction
 * @sigma: noise level of a latent
 *
 * Returns: the factor of the network's output in the denoised prediction
 */
double
rd_prediction_c_out (const RdPrediction * prediction, double sigma)
{
  switch (prediction->type) {
    case RD_PREDICTION_V:
      return -sigma / sqrt (sigma * sigma + 1.0);
    case RD_PREDICTION_EPSILON:
    case RD_PREDICTION_FLOW:
    default:
      return -sigma;
  }
}

/**
 * rd_prediction_noise_scale:
 * @prediction: a prediction
 * @sigma: the first noise level of a run
 *
 * A run that starts at the network's largest sigma starts from noise alone, as
 * strong as signal and noise together were in training; any other adds noise of
 * deviation @sigma to a latent. So does a flow network's, whose latent shrinks
 * to 1 - sigma besides.
 *
 * Returns: the factor of unit noise
 */
double
rd_prediction_noise_scale (const RdPrediction * prediction, double sigma)
{
  double sigma_max = rd_prediction_sigma_max (prediction);
  double tolerance = START_TOLERANCE * MAX (sigma, sigma_max);

  if (prediction->type != RD_PREDICTION_FLOW && sigma >= sigma_max - tolerance)
    return sqrt (1.0 + sigma * sigma);

  return sigma;
}
