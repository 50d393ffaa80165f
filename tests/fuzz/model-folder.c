/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* A model folder with any text in one of its JSON files: either it is refused with
 * a message that can be shown, or what it says can be computed with. */

#include "fuzz.h"

#include <math.h>

#include "folder.h"
#include "models/info.h"
#include "models/inputs.h"

static const FuzzFile files[] = {
  {"model_index.json", "{\"_class_name\":\"StableDiffusionPipeline\"}"},
  {"unet/config.json", "{\"in_channels\":4,\"cross_attention_dim\":32,"
        "\"block_out_channels\":[8,8]}"},
  {"vae_decoder/config.json", "{\"latent_channels\":4,\"scaling_factor\":0.5,"
        "\"block_out_channels\":[8,8,8,8]}"},
  {"scheduler/scheduler_config.json", "{\"num_train_timesteps\":10,"
        "\"beta_schedule\":\"linear\",\"beta_start\":0.001,\"beta_end\":0.02}"},
};

static void
check_info (const RdModelInfo * info)
{
  const RdPrediction *prediction = info->prediction;
  const RdPictureSizes sizes = { 64, 64, 0, 0, 64, 64 };
  g_autoptr (GArray) inputs = rd_model_inputs (info, &sizes, 3.0);

  g_assert_nonnull (info->family);
  g_assert_cmpuint (info->channels, >, 0);
  g_assert_cmpuint (info->multiple, >, 0);
  g_assert_cmpuint (info->downscale, >, 0);
  g_assert_true (isfinite (info->scaling_factor) && info->scaling_factor > 0.0);
  g_assert_true (isfinite (info->shift_factor) && isfinite (info->cfg));
  for (guint i = 0; i < prediction->n_timesteps; i++)
    g_assert_true (isfinite (prediction->sigmas[i])
        && prediction->sigmas[i] > 0.0f);
  for (guint i = 0; i < inputs->len; i++) {
    const RdInputNumbers *input = &g_array_index (inputs, RdInputNumbers, i);

    for (guint k = 0; k < input->n; k++)
      g_assert_true (isfinite (input->numbers[k]));
  }
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  const char *folder = fuzz_folder_open (G_N_ELEMENTS (files), files, data,
      size);
  g_autoptr (GError) error = NULL;
  RdModelInfo info;
  const gboolean ok = rd_model_info_read (&info, folder, &error);

  g_assert_true (ok == !error);
  if (ok)
    check_info (&info);
  else
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  rd_model_info_clear (&info);
  fuzz_folder_close ();
  return 0;
}
