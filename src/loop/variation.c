/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/variation.h"

#include <math.h>

/* Fields at a smaller angle are the same. */
#define MIN_SINE 1e-6

/* Noise before and after, and what is mixed in; (N,C,H,W) each, on the host. */
typedef struct
{
  gsize n_rows, n_channels, n_cells;
  float *own, *other;
} Fields;

/* What becomes of one cell: factors of the one noise and of the other */
typedef struct
{
  double own, other;
} Mix;

typedef Mix (*MixFunc) (const RdVariation * variation, double angle,
    float weight);

static double
dot (const float *a, const float *b, gsize n)
{
  double sum = 0.0;

  for (gsize i = 0; i < n; i++)
    sum += (double) a[i] * b[i];
  return sum;
}

/* between two fields as vectors, some pi/2 for noise */
static double
angle_between (const float *a, const float *b, gsize n)
{
  const double lengths = sqrt (dot (a, a, n) * dot (b, b, n));

  return lengths > 0.0 ? acos (CLAMP (dot (a, b, n) / lengths, -1.0, 1.0))
      : 0.0;
}

/* Both keep the variance of noise; they differ in how fast they turn from the
 * one to the other. */
static Mix
mix_of (RdVariationMethod method, double angle, double q)
{
  const double norm = hypot (1.0 - q, q), sine = sin (angle);

  Mix mix = { 1.0 - q, q };

  if (method == RD_VARIATION_LINEAR) {
    mix.own /= norm;
    mix.other /= norm;
  } else if (sine >= MIN_SINE) {
    mix.own = sin (mix.own * angle) / sine;
    mix.other = sin (mix.other * angle) / sine;
  }
  return mix;
}

static Mix
mix_by_weight (const RdVariation * variation, double angle, float weight)
{
  return mix_of (variation->method, angle, variation->strength * weight);
}

static Mix
mix_impact (const RdVariation * variation, double angle, float mask)
{
  const Mix kept = { mask == 0.0f ? 1.0 : 0.0, 0.0 };

  return mask == 1.0f
      ? mix_of (variation->method, angle, variation->strength) : kept;
}

static void
mix_fields (const RdVariation * variation, const Fields * fields,
    const float *weights, MixFunc func)
{
  const gsize row_size = fields->n_channels * fields->n_cells;

  for (gsize row = 0; row < fields->n_rows; row++) {
    float *own = fields->own + row * row_size;
    const float *other = fields->other + row * row_size;
    const double angle = angle_between (own, other, row_size);

    for (gsize cell = 0; cell < fields->n_cells; cell++) {
      const Mix factors = func (variation, angle, weights[cell]);

      for (gsize i = cell; i < row_size; i += fields->n_cells)
        own[i] = (float) (factors.own * own[i] + factors.other * other[i]);
    }
  }
}

static gboolean
apply (const RdVariation * variation, RdNoiseOrigin origin, RdTensor * noise,
    const RdTensor * weight, MixFunc func, GError ** error)
{
  g_autoptr (RdTensor) field = rd_tensor_new_like (noise);
  g_autofree float *own = g_new (float, noise->n_elements);
  g_autofree float *other = g_new (float, noise->n_elements);
  g_autofree float *weights = g_new (float, weight->n_elements);
  const Fields fields = {
    (gsize) noise->dims[0], (gsize) noise->dims[1], weight->n_elements, own,
    other
  };

  rd_noise_start (origin, variation->seed, field);
  if (!rd_tensor_download (noise, own, error)
      || !rd_tensor_download (field, other, error)
      || !rd_tensor_download (weight, weights, error))
    return FALSE;

  mix_fields (variation, &fields, weights, func);
  rd_tensor_upload (noise, own);
  return TRUE;
}

/**
 * rd_variation_mix:
 * @variation: what is mixed in
 * @origin: which generator makes it
 * @noise: (N,C,H,W): unit noise, changed in place
 * @weight: (1,1,H,W): how much of each cell is the region's, 0..1
 * @error: receives the stream's failure
 *
 * With q = strength times weight, n becomes ((1-q) n + q v) / sqrt((1-q)^2 +
 * q^2), or, with `slerp`, goes by q along the arc from n to v (Shoemake,
 * "Animating Rotation with Quaternion Curves", 1985), every row of the batch
 * its own. Either way it stays unit noise everywhere.
 *
 * Returns: %FALSE when the stream has failed
 */
gboolean
rd_variation_mix (const RdVariation * variation, RdNoiseOrigin origin,
    RdTensor * noise, const RdTensor * weight, GError ** error)
{
  return apply (variation, origin, noise, weight, mix_by_weight, error);
}

/**
 * rd_variation_mix_impact:
 * @variation: what is mixed in
 * @origin: which generator makes it
 * @noise: (N,C,H,W): unit noise, changed in place
 * @mask: (1,1,H,W): the region's mask, resized to latent cells
 * @error: receives the stream's failure
 *
 * What ComfyUI Impact Pack does, for the mode that repeats it: noise is mixed
 * where the mask is exactly 1 and stays where it is exactly 0; on the mask's
 * edge there is none at all.
 *
 * Returns: %FALSE when the stream has failed
 */
gboolean
rd_variation_mix_impact (const RdVariation * variation, RdNoiseOrigin origin,
    RdTensor * noise, const RdTensor * mask, GError ** error)
{
  return apply (variation, origin, noise, mask, mix_impact, error);
}
