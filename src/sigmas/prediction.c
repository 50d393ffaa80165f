/* SPDX-License-Identifier: LGPL-2.1-or-later */
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
 * rd_sampling_new:
 * @prediction: what the network predicts
 * @betas: shape of the variance schedule
 * @beta_start: its first value, in (0, 1); unused by %RD_BETAS_COSINE
 * @beta_end: its last value, in (0, 1); unused by %RD_BETAS_COSINE
 * @n_timesteps: number of training timesteps, at least 1
 *
 * Describes a network by the numbers of its `scheduler_config.json`.
 *
 * Returns: (transfer full) (nullable): the sampling, or %NULL where the numbers
 *   are no variance schedule (no timestep, or a beta outside of (0, 1))
 */
RdSampling *
rd_sampling_new (RdPrediction prediction, RdBetas betas, double beta_start,
    double beta_end, guint n_timesteps)
{
  g_autofree double *values = NULL;
  guint i;

  values = g_try_new (double, n_timesteps);
  if (!values)
    return NULL;

  for (i = 0; i < n_timesteps; i++)
    values[i] = beta_at (betas, beta_start, beta_end, n_timesteps, i);

  return rd_sampling_new_from_betas (prediction, n_timesteps, values);
}

static RdSampling *
sampling_alloc (RdPrediction prediction, guint n_timesteps)
{
  RdSampling *sampling = g_new0 (RdSampling, 1);

  g_atomic_ref_count_init (&sampling->ref_count);
  sampling->prediction = prediction;
  sampling->n_timesteps = n_timesteps;
  sampling->sigmas = g_new (float, n_timesteps);
  sampling->log_sigmas = g_new (float, n_timesteps);
  return sampling;
}

/* FALSE where the sigma leaves the range of floats */
static gboolean
set_sigma (RdSampling * sampling, guint timestep, double sigma)
{
  sampling->sigmas[timestep] = (float) sigma;
  sampling->log_sigmas[timestep] = (float) log (sigma);
  return isfinite (sampling->sigmas[timestep])
      && sampling->sigmas[timestep] > 0.0f;
}

/**
 * rd_sampling_new_from_betas:
 * @prediction: what the network predicts
 * @n_timesteps: number of training timesteps, at least 1
 * @betas: variance added by each, all in (0, 1)
 *
 * Describes a network by its variances: with the cumulative product a of
 * 1 - beta, the noise level of a timestep is sqrt((1 - a) / a) (Karras et al.,
 * 2022, appendix C.1).
 *
 * Returns: (transfer full) (nullable): the sampling, or %NULL where @betas are
 *   no variance schedule (none at all, or one outside of (0, 1))
 */
RdSampling *
rd_sampling_new_from_betas (RdPrediction prediction, guint n_timesteps,
    const double *betas)
{
  g_autoptr (RdSampling) sampling = NULL;
  double alpha_bar = 1.0;
  guint i;

  if (n_timesteps == 0)
    return NULL;

  sampling = sampling_alloc (prediction, n_timesteps);
  for (i = 0; i < n_timesteps; i++) {
    /* written so that a beta that is not a number fails as well */
    if (!(betas[i] > 0.0 && betas[i] < 1.0))
      return NULL;

    alpha_bar *= 1.0 - betas[i];
    /* products of many large or tiny betas leave float's range */
    if (!set_sigma (sampling, i, sqrt ((1.0 - alpha_bar) / alpha_bar)))
      return NULL;
  }

  return g_steal_pointer (&sampling);
}

/**
 * rd_sampling_new_zero_snr:
 * @sampling: how a network is said to have been trained
 *
 * Lin et al., "Common Diffusion Noise Schedules and Sample Steps Are Flawed",
 * 2024, algorithm 1: the noise levels of a network that was trained with the
 * square roots of @sampling's cumulative products shifted and scaled so that
 * nothing of the picture is left at the last timestep. There, where sigma would
 * have no end, ComfyUI's is about 4519, and so is ours.
 *
 * Returns: (transfer full) (nullable): the sampling, or %NULL where @sampling
 *   has a single timestep
 */
RdSampling *
rd_sampling_new_zero_snr (const RdSampling * sampling)
{
  const guint last = sampling->n_timesteps - 1;
  g_autoptr (RdSampling) result = NULL;
  double first_root, last_root;
  guint i;

  if (last == 0)
    return NULL;

  result = sampling_alloc (sampling->prediction, sampling->n_timesteps);
  first_root = 1.0 / hypot (1.0, sampling->sigmas[0]);
  last_root = 1.0 / hypot (1.0, sampling->sigmas[last]);
  for (i = 0; i <= last; i++) {
    double root = 1.0 / hypot (1.0, sampling->sigmas[i]);
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

/**
 * rd_sampling_new_flow:
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
 * Returns: (transfer full) (nullable): the sampling, or %NULL where the numbers
 *   are out of range
 */
RdSampling *
rd_sampling_new_flow (double shift, guint n_timesteps)
{
  g_autoptr (RdSampling) sampling = NULL;
  guint i;

  if (n_timesteps == 0 || !(shift > 0.0) || !isfinite (shift))
    return NULL;

  sampling = sampling_alloc (RD_PREDICTION_FLOW, n_timesteps);
  sampling->shift = shift;
  for (i = 0; i < n_timesteps; i++)
    if (!set_sigma (sampling, i, rd_sampling_sigma (sampling, i + 1)))
      return NULL;
  return g_steal_pointer (&sampling);
}

/**
 * rd_sampling_ref:
 * @sampling: a sampling
 *
 * Returns: (transfer full): @sampling
 */
RdSampling *
rd_sampling_ref (RdSampling * sampling)
{
  g_atomic_ref_count_inc (&sampling->ref_count);
  return sampling;
}

/**
 * rd_sampling_unref:
 * @sampling: (transfer full): a sampling
 */
void
rd_sampling_unref (RdSampling * sampling)
{
  if (!g_atomic_ref_count_dec (&sampling->ref_count))
    return;

  g_free (sampling->sigmas);
  g_free (sampling->log_sigmas);
  g_free (sampling);
}

/**
 * rd_sampling_sigma_min:
 * @sampling: a sampling
 *
 * Returns: the noise level of the first timestep
 */
double
rd_sampling_sigma_min (const RdSampling * sampling)
{
  return sampling->sigmas[0];
}

/**
 * rd_sampling_sigma_max:
 * @sampling: a sampling
 *
 * Returns: the noise level of the last timestep
 */
double
rd_sampling_sigma_max (const RdSampling * sampling)
{
  return sampling->sigmas[sampling->n_timesteps - 1];
}

/**
 * rd_sampling_sigma:
 * @sampling: a sampling
 * @timestep: 0 .. n_timesteps - 1, fractions allowed, clamped to that range;
 *   for flow networks 0 .. n_timesteps
 *
 * The noise level of a timestep; between two, the logarithm is interpolated,
 * while that of a flow network is a formula. Single precision, as in ComfyUI.
 *
 * Returns: sigma
 */
double
rd_sampling_sigma (const RdSampling * sampling, double timestep)
{
  const float n = (float) sampling->n_timesteps;
  float t, low, w, log_high;
  const float *log_low;

  if (sampling->prediction == RD_PREDICTION_FLOW) {
    t = CLAMP ((float) timestep, 0.0f, n) / n;
    return shift_flow ((float) sampling->shift, t);
  }

  t = CLAMP ((float) timestep, 0.0f, n - 1.0f);
  low = floorf (t);
  w = t - low;
  log_low = sampling->log_sigmas + (guint) low;
  log_high = w > 0.0f ? log_low[1] : log_low[0];

  return expf ((1.0f - w) * log_low[0] + w * log_high);
}

/**
 * rd_sampling_timestep:
 * @sampling: a sampling
 * @sigma: noise level, > 0
 *
 * The timestep whose noise level is nearest by logarithm, the lower one of two
 * equally near. Single precision, as in ComfyUI: what counts as equally near
 * depends on it. For flow networks it is proportional to @sigma.
 *
 * Returns: a whole timestep, 0 .. n_timesteps - 1; any number for flow networks
 */
double
rd_sampling_timestep (const RdSampling * sampling, double sigma)
{
  float log_sigma = logf ((float) sigma);
  float nearest = INFINITY;
  guint i, timestep = 0;

  if (sampling->prediction == RD_PREDICTION_FLOW)
    return (float) sigma * (float) sampling->n_timesteps;

  for (i = 0; i < sampling->n_timesteps; i++) {
    float distance = fabsf (log_sigma - sampling->log_sigmas[i]);

    if (distance < nearest) {
      nearest = distance;
      timestep = i;
    }
  }

  return timestep;
}

/**
 * rd_sampling_c_in:
 * @sampling: a sampling
 * @sigma: noise level of a latent
 *
 * Returns: the factor by which the latent enters the network
 */
double
rd_sampling_c_in (const RdSampling * sampling, double sigma)
{
  if (sampling->prediction == RD_PREDICTION_FLOW)
    return 1.0;
  return 1.0 / sqrt (sigma * sigma + 1.0);
}

/**
 * rd_sampling_c_skip:
 * @sampling: a sampling
 * @sigma: noise level of a latent
 *
 * Returns: the factor of the latent in its denoised prediction
 */
double
rd_sampling_c_skip (const RdSampling * sampling, double sigma)
{
  switch (sampling->prediction) {
    case RD_PREDICTION_V:
      return 1.0 / (sigma * sigma + 1.0);
    case RD_PREDICTION_EPSILON:
    case RD_PREDICTION_FLOW:
    default:
      return 1.0;
  }
}

/**
 * rd_sampling_c_out:
 * @sampling: a sampling
 * @sigma: noise level of a latent
 *
 * Returns: the factor of the network's output in the denoised prediction
 */
double
rd_sampling_c_out (const RdSampling * sampling, double sigma)
{
  switch (sampling->prediction) {
    case RD_PREDICTION_V:
      return -sigma / sqrt (sigma * sigma + 1.0);
    case RD_PREDICTION_EPSILON:
    case RD_PREDICTION_FLOW:
    default:
      return -sigma;
  }
}

/**
 * rd_sampling_noise_scale:
 * @sampling: a sampling
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
rd_sampling_noise_scale (const RdSampling * sampling, double sigma)
{
  double sigma_max = rd_sampling_sigma_max (sampling);
  double tolerance = START_TOLERANCE * MAX (sigma, sigma_max);

  if (sampling->prediction != RD_PREDICTION_FLOW
      && sigma >= sigma_max - tolerance)
    return sqrt (1.0 + sigma * sigma);

  return sigma;
}
