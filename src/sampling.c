/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampling.h"

#include <math.h>

/* Relative distance to the largest sigma within which a schedule counts as
 * starting from pure noise. */
#define START_TOLERANCE 1e-5

/* The largest beta of the cosine schedule, and its offset (Nichol and
 * Dhariwal, "Improved Denoising Diffusion Probabilistic Models", 2021). */
#define COSINE_MAX_BETA 0.999
#define COSINE_OFFSET 0.008

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

  sampling = g_new0 (RdSampling, 1);
  g_atomic_ref_count_init (&sampling->ref_count);
  sampling->prediction = prediction;
  sampling->n_timesteps = n_timesteps;
  sampling->sigmas = g_new (float, n_timesteps);
  sampling->log_sigmas = g_new (float, n_timesteps);

  for (i = 0; i < n_timesteps; i++) {
    double sigma;

    /* written so that a beta that is not a number fails as well */
    if (!(betas[i] > 0.0 && betas[i] < 1.0))
      return NULL;

    alpha_bar *= 1.0 - betas[i];
    sigma = sqrt ((1.0 - alpha_bar) / alpha_bar);
    sampling->sigmas[i] = (float) sigma;
    sampling->log_sigmas[i] = (float) log (sigma);

    /* products of many large or tiny betas leave float's range */
    if (!isfinite (sampling->sigmas[i]) || sampling->sigmas[i] <= 0.0f)
      return NULL;
  }

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
 * @timestep: 0 .. n_timesteps - 1, fractions allowed, clamped to that range
 *
 * The noise level of a timestep; between two, the logarithm is interpolated.
 * Single precision, as in ComfyUI.
 *
 * Returns: sigma
 */
double
rd_sampling_sigma (const RdSampling * sampling, double timestep)
{
  float t = CLAMP ((float) timestep, 0.0f, (float) (sampling->n_timesteps - 1));
  float low = floorf (t);
  float w = t - low;
  const float *log_low = sampling->log_sigmas + (guint) low;
  float log_high = w > 0.0f ? log_low[1] : log_low[0];

  return expf ((1.0f - w) * log_low[0] + w * log_high);
}

/**
 * rd_sampling_timestep:
 * @sampling: a sampling
 * @sigma: noise level, > 0
 *
 * The timestep whose noise level is nearest by logarithm, the lower one of two
 * equally near. Single precision, as in ComfyUI: what counts as equally near
 * depends on it.
 *
 * Returns: a timestep, 0 .. n_timesteps - 1
 */
guint
rd_sampling_timestep (const RdSampling * sampling, double sigma)
{
  float log_sigma = logf ((float) sigma);
  float nearest = INFINITY;
  guint i, timestep = 0;

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
 * deviation @sigma to a latent.
 *
 * Returns: the factor of unit noise
 */
double
rd_sampling_noise_scale (const RdSampling * sampling, double sigma)
{
  double sigma_max = rd_sampling_sigma_max (sampling);
  double tolerance = START_TOLERANCE * MAX (sigma, sigma_max);

  if (sigma >= sigma_max - tolerance)
    return sqrt (1.0 + sigma * sigma);

  return sigma;
}
