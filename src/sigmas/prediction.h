/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:sampling
 *
 * How a diffusion network was trained: its noise levels (sigmas), the timestep
 * that stands for each, and what it predicts. Immutable and reference counted.
 *
 * Sigmas are those of Karras et al., "Elucidating the Design Space of
 * Diffusion-Based Generative Models" (2022): x = x0 + sigma * noise. A network
 * trained with the variance-preserving process receives x / sqrt(sigma^2 + 1).
 */

/**
 * RdPrediction:
 * @RD_PREDICTION_EPSILON: the noise
 * @RD_PREDICTION_V: v (Salimans and Ho, "Progressive Distillation for Fast
 *   Sampling of Diffusion Models", 2022)
 * @RD_PREDICTION_FLOW: noise minus x0, for x = (1 - sigma) x0 + sigma * noise
 *   with sigmas up to 1 (Lipman et al., "Flow Matching for Generative
 *   Modeling", 2023)
 */
typedef enum
{
  RD_PREDICTION_EPSILON,
  RD_PREDICTION_V,
  RD_PREDICTION_FLOW,
} RdPrediction;

/**
 * RdBetas:
 * @RD_BETAS_SCALED_LINEAR: linear in sqrt(beta), Stable Diffusion's
 * @RD_BETAS_LINEAR: linear in beta
 * @RD_BETAS_COSINE: Nichol and Dhariwal's squared cosine (2021)
 */
typedef enum
{
  RD_BETAS_SCALED_LINEAR,
  RD_BETAS_LINEAR,
  RD_BETAS_COSINE,
} RdBetas;

typedef struct _RdSampling RdSampling;
struct _RdSampling
{
  gatomicrefcount ref_count;
  RdPrediction prediction;
  double shift;                 /* of flow networks, else 0 */
  guint n_timesteps;
  float *sigmas;                /* ascending, by timestep */
  float *log_sigmas;
};

RdSampling *rd_sampling_new (RdPrediction prediction, RdBetas betas,
    double beta_start, double beta_end, guint n_timesteps);
RdSampling *rd_sampling_new_from_betas (RdPrediction prediction,
    guint n_timesteps, const double *betas);
RdSampling *rd_sampling_new_zero_snr (const RdSampling * sampling);
RdSampling *rd_sampling_new_flow (double shift, guint n_timesteps);
RdSampling *rd_sampling_ref (RdSampling * sampling);
void rd_sampling_unref (RdSampling * sampling);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdSampling, rd_sampling_unref)

double rd_sampling_sigma_min (const RdSampling * sampling);
double rd_sampling_sigma_max (const RdSampling * sampling);
double rd_sampling_sigma (const RdSampling * sampling, double timestep);
double rd_sampling_timestep (const RdSampling * sampling, double sigma);

/* x enters the network times c_in; denoised = c_skip * x + c_out * output */
double rd_sampling_c_in (const RdSampling * sampling, double sigma);
double rd_sampling_c_skip (const RdSampling * sampling, double sigma);
double rd_sampling_c_out (const RdSampling * sampling, double sigma);
/* the factor of unit noise where sampling starts at @sigma */
double rd_sampling_noise_scale (const RdSampling * sampling, double sigma);

G_END_DECLS
