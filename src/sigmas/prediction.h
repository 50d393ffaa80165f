/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:prediction
 *
 * How a diffusion network was trained: its noise levels (sigmas), the timestep
 * that stands for each, and what it predicts. Immutable and reference counted.
 *
 * Sigmas are those of Karras et al., "Elucidating the Design Space of
 * Diffusion-Based Generative Models" (2022): x = x0 + sigma * noise. A network
 * trained with the variance-preserving process receives x / sqrt(sigma^2 + 1).
 */

/**
 * RdPredictionType:
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
} RdPredictionType;

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

typedef struct _RdPrediction RdPrediction;
struct _RdPrediction
{
  gatomicrefcount ref_count;
  RdPredictionType type;
  double shift;                 /* of flow networks, else 0 */
  gboolean exponential;         /* whether that is the exponential kind */
  double max_timestep;          /* of sigma 1, of flow networks */
  guint n_timesteps;
  float *sigmas;                /* ascending, by timestep */
  float *log_sigmas;
};

RdPrediction *rd_prediction_new (RdPredictionType type, RdBetas betas,
    double beta_start, double beta_end, guint n_timesteps);
RdPrediction *rd_prediction_new_from_betas (RdPredictionType type,
    guint n_timesteps, const double *betas);
RdPrediction *rd_prediction_new_zero_snr (const RdPrediction * prediction);
RdPrediction *rd_prediction_new_flow (double shift, guint n_timesteps);
RdPrediction *rd_prediction_new_flow_exponential (double shift,
    guint n_timesteps);
RdPrediction *rd_prediction_ref (RdPrediction * prediction);
void rd_prediction_unref (RdPrediction * prediction);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdPrediction, rd_prediction_unref)

double rd_prediction_sigma_min (const RdPrediction * prediction);
double rd_prediction_sigma_max (const RdPrediction * prediction);
double rd_prediction_sigma (const RdPrediction * prediction, double timestep);
double rd_prediction_sigma_of (const RdPrediction * prediction,
    double fraction);
double rd_prediction_timestep (const RdPrediction * prediction, double sigma);

/* the latent's factor in x at @sigma: 1, or 1 - sigma of flow networks */
double rd_prediction_signal (const RdPrediction * prediction, double sigma);
/* x enters the network times c_in; denoised = c_skip * x + c_out * output */
double rd_prediction_c_in (const RdPrediction * prediction, double sigma);
double rd_prediction_c_skip (const RdPrediction * prediction, double sigma);
double rd_prediction_c_out (const RdPrediction * prediction, double sigma);
/* the factor of unit noise where sampling starts at @sigma */
double rd_prediction_noise_scale (const RdPrediction * prediction, double sigma);

G_END_DECLS
