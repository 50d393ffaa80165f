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

typedef enum
{
  RD_PREDICTION_EPSILON,
  RD_PREDICTION_V,
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
  guint n_timesteps;
  float *sigmas;                /* ascending, by timestep */
  float *log_sigmas;
};

RdSampling *rd_sampling_new (RdPrediction prediction, RdBetas betas,
    double beta_start, double beta_end, guint n_timesteps);
RdSampling *rd_sampling_new_from_betas (RdPrediction prediction,
    guint n_timesteps, const double *betas);
RdSampling *rd_sampling_ref (RdSampling * sampling);
void rd_sampling_unref (RdSampling * sampling);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdSampling, rd_sampling_unref)

double rd_sampling_sigma_min (const RdSampling * sampling);
double rd_sampling_sigma_max (const RdSampling * sampling);
double rd_sampling_sigma (const RdSampling * sampling, double timestep);
guint rd_sampling_timestep (const RdSampling * sampling, double sigma);

/* x enters the network times c_in; denoised = c_skip * x + c_out * output */
double rd_sampling_c_in (const RdSampling * sampling, double sigma);
double rd_sampling_c_skip (const RdSampling * sampling, double sigma);
double rd_sampling_c_out (const RdSampling * sampling, double sigma);
/* the factor of unit noise where sampling starts at @sigma */
double rd_sampling_noise_scale (const RdSampling * sampling, double sigma);

G_END_DECLS
