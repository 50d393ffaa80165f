/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "analytic.h"

#include <math.h>

#include "device/ops.h"

typedef struct
{
  RdDenoiser parent;
} Analytic;

/* A tensor's values, as float32 whatever it holds. */
static float *
download (const RdTensor * tensor, GError ** error)
{
  g_autofree float *values = g_new (float, tensor->n_elements);
  g_autofree guint16 *halves = g_new (guint16, tensor->n_elements);
  const gboolean is_half = tensor->type == RD_TYPE_F16;

  if (!rd_tensor_download (tensor, is_half ? (gpointer) halves : values, error))
    return NULL;
  for (gsize i = 0; is_half && i < tensor->n_elements; i++)
    values[i] = rd_op_float_from_half (halves[i]);
  return g_steal_pointer (&values);
}

static void
upload (RdTensor * tensor, const float *values)
{
  g_autofree guint16 *halves = NULL;

  if (tensor->type == RD_TYPE_F32) {
    rd_tensor_upload (tensor, values);
    return;
  }
  halves = g_new (guint16, tensor->n_elements);
  for (gsize i = 0; i < tensor->n_elements; i++)
    halves[i] = rd_op_half_from_float (values[i]);
  rd_tensor_upload (tensor, halves);
}

static double
mean_of (const RdTensor * tokens, const float *values, guint channel)
{
  double sum = 0.0;

  for (gint64 i = 0; i < tokens->dims[1]; i++)
    sum += values[i * tokens->dims[2] + channel];
  return sum / tokens->dims[1];
}

/* A flow network knows any level, others those of their timesteps. */
static double
level_of (const RdPrediction * prediction, double timestep)
{
  return prediction->type == RD_PREDICTION_FLOW
      ? timestep / prediction->max_timestep
      : exp (prediction->log_sigmas[(guint) timestep]);
}

static gboolean
analytic_evaluate (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error)
{
  const RdTensor *input = batch->input;
  const gint64 plane = input->dims[2] * input->dims[3];
  g_autofree float *inputs = download (input, error);
  g_autofree float *outputs = g_new (float, batch->output->n_elements);
  const float *in = inputs;
  float *out = outputs;

  if (!inputs)
    return FALSE;

  for (gint64 row = 0; row < input->dims[0]; row++) {
    const double sigma = level_of (denoiser->prediction, batch->timesteps[row]);
    const double signal = rd_prediction_signal (denoiser->prediction, sigma);
    const double s2 = sigma * sigma;
    /* a flow network is shown latents as they are */
    const double unit = 1.0 / rd_prediction_c_in (denoiser->prediction, sigma);
    const double d2 = RD_ANALYTIC_DEVIATION * RD_ANALYTIC_DEVIATION;
    const RdTensor *tokens = rd_conditioning_get (batch->conditionings[row],
        RD_CONDITIONING_TOKENS);
    g_autofree float *values = download (tokens, error);

    if (!values)
      return FALSE;

    for (guint c = 0; c < denoiser->channels; c++) {
      const double mu = mean_of (tokens, values, c);

      for (gint64 i = 0; i < plane; i++) {
        const double x = *in++ * unit;
        const double x0 = mu + signal * d2 * (x - signal * mu)
            / (signal * signal * d2 + s2);

        *out++ = (float) (denoiser->prediction->type
            != RD_PREDICTION_V ? (x - x0) / sigma
            : (x / (s2 + 1.0) - x0) * unit / sigma);
      }
    }
  }
  upload (batch->output, outputs);
  return TRUE;
}

static void
analytic_finalize (RdDenoiser * denoiser)
{
  g_free (denoiser);
}

RdDenoiser *
rd_analytic_new (RdPrediction * prediction, guint channels)
{
  static const RdDenoiserClass klass = { analytic_evaluate, analytic_finalize };
  Analytic *analytic = g_new0 (Analytic, 1);

  rd_denoiser_init (&analytic->parent, &klass, prediction, channels);
  return &analytic->parent;
}

RdConditioning *
rd_analytic_prompt (RdStream * stream, guint channels, double mean)
{
  g_autofree float *values = g_new (float, channels);
  g_autoptr (RdTensor) tokens = NULL;

  for (guint c = 0; c < channels; c++)
    values[c] = (float) mean;
  tokens = rd_tensor_new_from_host (stream, RD_TYPE_F32, 3,
      (const gint64[]) { 1, 1, channels }, values);
  return rd_conditioning_new_tokens (tokens);
}
