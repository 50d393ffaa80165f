/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "models/inputs.h"

#include <math.h>

#include "networks/conditioning.h"

#define SIZES "time_ids"
#define GUIDANCE "timestep_cond"

#define N_SIZES 6

/* Of sinusoids, the longest period over the shortest (Vaswani et al., "Attention
 * Is All You Need", 2017). */
#define MAX_PERIOD 10000.0

/* The guidance scale is embedded like a timestep, of which there are 1000. */
#define GUIDANCE_SCALE 1000.0f

static void
numbers_clear (gpointer data)
{
  RdInputNumbers *input = data;

  g_free (input->numbers);
}

static float *
add_input (GArray * inputs, const char *name, guint n)
{
  const RdInputNumbers input = { name, n, g_new0 (float, n) };

  g_array_append_val (inputs, input);
  return input.numbers;
}

static void
write_sizes (const RdPictureSizes * sizes, float *numbers)
{
  const guint all[N_SIZES] = {
    sizes->original_height, sizes->original_width,
    sizes->crop_top, sizes->crop_left,
    sizes->target_height, sizes->target_width,
  };

  for (guint i = 0; i < N_SIZES; i++)
    numbers[i] = (float) all[i];
}

/* Sines, then cosines, of the guidance scale less 1: the network was trained with
 * the weight of what guidance adds (Luo et al., "Latent Consistency Models", 2023,
 * section 4.3). Single precision as in training: the angles are large. */
static void
write_guidance (double cfg, guint n, float *numbers)
{
  const float weight = (float) (cfg - 1.0) * GUIDANCE_SCALE;
  const guint half = n / 2;
  const float decay = (float) (log (MAX_PERIOD) / (half - 1));

  for (guint i = 0; i < half; i++) {
    const float angle = weight * expf (-decay * (float) i);

    numbers[i] = (float) sin (angle);
    numbers[half + i] = (float) cos (angle);
  }
}

/**
 * rd_model_inputs:
 * @info: a model
 * @sizes: of the picture
 * @cfg: guidance scale, for networks that take it as an input
 *
 * Returns: (transfer full) (element-type RdInputNumbers): what @info's denoiser
 *   is given
 */
GArray *
rd_model_inputs (const RdModelInfo * info, const RdPictureSizes * sizes,
    double cfg)
{
  GArray *inputs = g_array_new (FALSE, FALSE, sizeof (RdInputNumbers));

  g_array_set_clear_func (inputs, numbers_clear);
  if (info->family->has_sizes)
    write_sizes (sizes, add_input (inputs, SIZES, N_SIZES));
  if (info->guidance_width > 0)
    write_guidance (cfg, info->guidance_width,
        add_input (inputs, GUIDANCE, info->guidance_width));
  return inputs;
}

/**
 * rd_model_input_names:
 * @info: a model
 *
 * Returns: (transfer full) (array zero-terminated=1): names of all that its
 *   denoiser is given beside latents and timesteps: what the prompt becomes, and
 *   rd_model_inputs()
 */
char **
rd_model_input_names (const RdModelInfo * info)
{
  const RdPictureSizes none = { 0 };
  g_autoptr (GArray) inputs = rd_model_inputs (info, &none, 1.0);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  g_strv_builder_add (names, RD_CONDITIONING_TOKENS);
  if (info->family->prompt.pooled)
    g_strv_builder_add (names, info->family->prompt.pooled);
  for (guint i = 0; i < inputs->len; i++)
    g_strv_builder_add (names, g_array_index (inputs, RdInputNumbers, i).name);
  return g_strv_builder_end (names);
}
