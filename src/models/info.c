/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What the JSON files of a model folder say about its networks. Keys, their
 * meaning and their defaults are those of the diffusers library. */

#include "models/info.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "json/check.h"
#include "json/file.h"

#define MAX_CHANNELS 1024
#define MAX_WIDTH 65536
#define MAX_BLOCKS 16
#define MAX_TIMESTEPS 100000

static RdJsonFile *
load (const char *folder, const char *part, const char *name, GError ** error)
{
  g_autofree char *path = g_build_filename (folder, part, name, NULL);

  return rd_json_file_load (path, error);
}

/* Sides are halved once less than there are blocks. */
static gboolean
read_multiple (const RdJsonFile * file, const char *key, guint * multiple,
    GError ** error)
{
  JsonArray *blocks = rd_json_get_array (file, key, error);
  guint n;

  if (!blocks)
    return FALSE;
  n = json_array_get_length (blocks);
  if (n < 1 || n > MAX_BLOCKS) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: '%s' must list 1 to %d blocks", file->path, key, MAX_BLOCKS);
    return FALSE;
  }
  *multiple = 1u << (n - 1);
  return TRUE;
}

/* Whether model_index.json has a component, which it may set to null or to a
 * list of nulls. */
static gboolean
has_component (const RdJsonFile * file, const char *name)
{
  JsonNode *node = json_object_get_member (file->root, name);
  JsonArray *list;

  if (!node || JSON_NODE_HOLDS_NULL (node))
    return FALSE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return TRUE;
  list = json_node_get_array (node);
  return json_array_get_length (list) == 0
      || !json_array_get_null_element (list, 0);
}

/* A component that the family has not may be in use, and one that it has may be
 * missing, as in Stable Diffusion XL's refiner. */
static gboolean
check_components (const RdJsonFile * file, const RdFamily * family,
    GError ** error)
{
  static const char *const encoders[] = {
    "text_encoder", "text_encoder_2", "text_encoder_3"
  };

  for (guint i = 0; i < G_N_ELEMENTS (encoders); i++) {
    const gboolean wanted = family->prompt.parts[i].network != NULL;
    const gboolean said = json_object_has_member (file->root, encoders[i]);

    if (wanted ? !said || has_component (file, encoders[i])
        : !has_component (file, encoders[i]))
      continue;
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID, wanted
        ? "%s: '%s' is null: a model of the family %s without it, such as a "
        "refiner, is not supported; use the base model"
        : "%s: '%s': a model of the family %s does not have it; "
        "'_class_name' must be that of the model's pipeline", file->path,
        encoders[i], family->title);
    return FALSE;
  }
  return TRUE;
}

/* The model's pipeline, by its components where it is not named. */
static const char *
find_pipeline (const RdJsonFile * file, GError ** error)
{
  if (rd_json_has (file, "_class_name"))
    return rd_json_get_string (file, "_class_name", error);
  return has_component (file, "text_encoder_2") ? "StableDiffusionXLPipeline"
      : "StableDiffusionPipeline";
}

static gboolean
read_index (RdModelInfo * info, const RdJsonFile * file, const char *pipeline,
    GError ** error)
{
  g_autofree char *list = NULL;

  info->family = rd_family_find (pipeline, info->text_width);
  if (info->family)
    return check_components (file, info->family, error);
  list = rd_family_list ();
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s: '_class_name' is '%s', which is not supported; supported are: %s",
      file->path, pipeline, list);
  return FALSE;
}

/* What says that the UNet takes inputs that the family does not have. */
static gboolean
check_unet (const RdModelInfo * info, const RdJsonFile * file, GError ** error)
{
  static const char *const keys[] = {
    "addition_embed_type", "class_embed_type", "encoder_hid_dim_type"
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    const gboolean said = rd_json_has (file, keys[i]);
    const char *value = said ? rd_json_get_string (file, keys[i], error) : NULL;

    if (said && !value)
      return FALSE;
    if (!said || (info->family->has_sizes && i == 0
            && g_str_equal (value, "text_time")))
      continue;
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: '%s' is '%s': UNets with such inputs are not supported in models "
        "of the family %s", file->path, keys[i], value, info->family->title);
    return FALSE;
  }
  return TRUE;
}

static gboolean
read_unet (RdModelInfo * info, const char *folder, GError ** error)
{
  g_autoptr (RdJsonFile) file =
      load (folder, info->family->denoiser, "config.json", error);
  guint channels_out;

  if (!file
      || !rd_json_get_uint (file, "in_channels", 1, MAX_CHANNELS,
          &info->channels, error)
      || !rd_json_get_uint (file, "cross_attention_dim", 1, MAX_WIDTH,
          &info->text_width, error)
      || (rd_json_has (file, "time_cond_proj_dim")
          && !rd_json_get_uint (file, "time_cond_proj_dim", 4, MAX_WIDTH,
              &info->guidance_width, error))
      || !read_multiple (file, "block_out_channels", &info->multiple, error)
      || !check_unet (info, file, error))
    return FALSE;

  if (rd_json_has (file, "out_channels")) {
    if (!rd_json_get_uint (file, "out_channels", 1, MAX_CHANNELS,
            &channels_out, error))
      return FALSE;
    if (channels_out != info->channels) {
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
          "%s: 'in_channels' is %u and 'out_channels' %u; networks with inputs "
          "besides the latent, such as inpainting models, are not supported",
          file->path, info->channels, channels_out);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
read_optional_number (const RdJsonFile * file, const char *key, double min,
    double max, double fallback, double *value, GError ** error)
{
  *value = fallback;
  return !rd_json_has (file, key)
      || rd_json_get_number (file, key, min, max, value, error);
}

/* The key with the widths of a VAE's blocks. Small ones have one for each half. */
static const char *
find_blocks (const RdJsonFile * file)
{
  static const char *const keys[] = {
    "block_out_channels", "decoder_block_out_channels",
    "encoder_block_out_channels"
  };

  for (guint i = 1; i < G_N_ELEMENTS (keys); i++)
    if (!rd_json_has (file, keys[0]) && rd_json_has (file, keys[i]))
      return keys[i];
  return keys[0];
}

/* Of small autoencoders (AutoencoderTiny), which were trained with latents as the
 * UNet sees them. */
static gboolean
is_tiny (const RdJsonFile * file)
{
  const char *name = rd_json_has (file, "_class_name")
      ? rd_json_get_string (file, "_class_name", NULL) : NULL;

  return g_strcmp0 (name, "AutoencoderTiny") == 0;
}

static char *
config_path (const char *folder, const char *part)
{
  return g_build_filename (folder, part, "config.json", NULL);
}

/* The decoder's or, without one, the encoder's: both hold the whole VAE's. */
static gboolean
read_vae (RdModelInfo * info, const char *folder, GError ** error)
{
  g_autofree char *encoder = config_path (folder, "vae_encoder");
  g_autofree char *decoder = config_path (folder, "vae_decoder");
  const gboolean only_encoder = !g_file_test (decoder, G_FILE_TEST_EXISTS)
      && g_file_test (encoder, G_FILE_TEST_EXISTS);
  g_autoptr (RdJsonFile) file =
      rd_json_file_load (only_encoder ? encoder : decoder, error);
  guint channels;

  if (!file
      || !rd_json_get_uint (file, "latent_channels", 1, MAX_CHANNELS,
          &channels, error)
      || !read_multiple (file, find_blocks (file), &info->downscale, error)
      || !read_optional_number (file, "scaling_factor", 1e-6, 1e6,
          is_tiny (file) ? 1.0 : 0.18215, &info->scaling_factor, error)
      || !read_optional_number (file, "shift_factor", -1e6, 1e6, 0.0,
          &info->shift_factor, error))
    return FALSE;

  if (!info->family->denoiser) {
    info->channels = channels;
    info->multiple = 1;
    info->takes_scaled = is_tiny (file);
  }
  if (channels != info->channels) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: 'latent_channels' is %u, but the UNet's config.json has "
        "'in_channels' %u; both must come from the same model", file->path,
        channels, info->channels);
    return FALSE;
  }
  if (rd_json_has (file, "latents_mean") || rd_json_has (file, "latents_std")) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: latents scaled by channel ('latents_mean', 'latents_std') are not "
        "supported; use a VAE with a 'scaling_factor' alone", file->path);
    return FALSE;
  }
  return TRUE;
}

/* A name of @names, whose place in it is the value. */
static gboolean
read_choice (const RdJsonFile * file, const char *key,
    const char *const *names, int *choice, GError ** error)
{
  const char *name = rd_json_get_string (file, key, error);
  g_autofree char *known = NULL;

  if (!name)
    return FALSE;
  for (int i = 0; names[i]; i++) {
    if (g_str_equal (name, names[i])) {
      *choice = i;
      return TRUE;
    }
  }
  known = g_strjoinv (", ", (char **) names);
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s: '%s' is '%s', which is not supported; supported are: %s",
      file->path, key, name, known);
  return FALSE;
}

/* @prediction, or an error where its noise levels leave the range of floats. */
static RdPrediction *
check_sampling (const RdJsonFile * file, RdPrediction * prediction,
    GError ** error)
{
  if (!prediction)
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: the betas give no usable noise levels: some of the picture must "
        "remain at the last timestep", file->path);
  return prediction;
}

/* One of 'trained_betas' */
static gboolean
read_beta (const RdJsonFile * file, guint i, JsonNode * node, double *beta,
    GError ** error)
{
  g_autofree char *place =
      g_strdup_printf ("%s: 'trained_betas[%u]'", file->path, i);

  if (!rd_json_check_number (place, node, -G_MAXDOUBLE, G_MAXDOUBLE, beta,
          error))
    return FALSE;
  return (*beta > 0.0 && *beta < 1.0) || rd_json_fail (error, place,
      "is %s; a beta is greater than 0 and less than 1",
      rd_text_number ("%.15g", *beta).text);
}

static RdPrediction *
read_trained_betas (const RdJsonFile * file, RdPredictionType type,
    GError ** error)
{
  JsonArray *array = rd_json_get_array (file, "trained_betas", error);
  g_autofree double *betas = NULL;
  guint n, n_timesteps;

  if (!array)
    return NULL;
  n = n_timesteps = json_array_get_length (array);
  if (n < 2 || n > MAX_TIMESTEPS) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: 'trained_betas' must list 2 to %d numbers", file->path,
        MAX_TIMESTEPS);
    return NULL;
  }
  if (rd_json_has (file, "num_train_timesteps")
      && !rd_json_get_uint (file, "num_train_timesteps", 2, MAX_TIMESTEPS,
          &n_timesteps, error))
    return NULL;
  if (n != n_timesteps) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: 'trained_betas' lists %u numbers, but 'num_train_timesteps' is "
        "%u; give one beta for each timestep", file->path, n, n_timesteps);
    return NULL;
  }

  betas = g_new (double, n);
  for (guint i = 0; i < n; i++) {
    if (!read_beta (file, i, json_array_get_element (array, i), &betas[i],
            error))
      return NULL;
  }
  return check_sampling (file,
      rd_prediction_new_from_betas (type, n, betas), error);
}

static RdPrediction *
read_betas (const RdJsonFile * file, RdPredictionType type, GError ** error)
{
  static const char *const names[] = {
    [RD_BETAS_SCALED_LINEAR] = "scaled_linear",
    [RD_BETAS_LINEAR] = "linear",
    [RD_BETAS_COSINE] = "squaredcos_cap_v2",
    NULL
  };
  double start = 0.0, end = 0.0;
  guint n_timesteps;
  int betas;

  if (rd_json_has (file, "trained_betas"))
    return read_trained_betas (file, type, error);

  if (!rd_json_get_uint (file, "num_train_timesteps", 2, MAX_TIMESTEPS,
          &n_timesteps, error)
      || !read_choice (file, "beta_schedule", names, &betas, error))
    return NULL;
  if (betas != RD_BETAS_COSINE) {
    if (!rd_json_get_number (file, "beta_start", 1e-9, 0.999, &start, error)
        || !rd_json_get_number (file, "beta_end", start, 0.999, &end, error))
      return NULL;
  }
  return check_sampling (file,
      rd_prediction_new (type, betas, start, end, n_timesteps), error);
}

/* A boolean that diffusers takes to be FALSE where it is missing */
static gboolean
read_flag (const RdJsonFile * file, const char *key, gboolean * value,
    GError ** error)
{
  *value = FALSE;
  return !rd_json_has (file, key)
      || rd_json_get_boolean (file, key, value, error);
}

static gboolean
read_zero_snr (const RdJsonFile * file, RdPredictionType type,
    gboolean * zero_snr, GError ** error)
{
  const char *key = "rescale_betas_zero_snr";

  if (!read_flag (file, key, zero_snr, error))
    return FALSE;
  if (!*zero_snr || type == RD_PREDICTION_V)
    return TRUE;
  /* noise alone tells nothing about a picture */
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s: '%s' is set, which works with 'prediction_type' 'v_prediction' only",
      file->path, key);
  return FALSE;
}

/* Classes of schedulers whose models see other noise levels than betas give,
 * by a part of their names */
static gboolean
check_class (const RdJsonFile * file, GError ** error)
{
  static const struct
  {
    const char *part;
    const char *kind;
  } others[] = {
    {"Flow", "flow models"},
    {"EDM", "models with EDM's noise levels"},
  };
  const char *key = "_class_name";
  const char *name;

  if (!rd_json_has (file, key))
    return TRUE;
  name = rd_json_get_string (file, key, error);
  if (!name)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    if (strstr (name, others[i].part)) {
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
          "%s: '%s' is '%s': %s are not supported; use a Stable Diffusion 1 or "
          "2 model", file->path, key, name, others[i].kind);
      return FALSE;
    }
  }
  return TRUE;
}

/* What else says that the UNet takes or gives something else, or that its
 * prediction is to be changed. Keys of how diffusers would sample are not read:
 * sampler and scheduler are the user's choice. */
static gboolean
check_unsupported (const RdJsonFile * file, GError ** error)
{
  static const struct
  {
    const char *key;
    const char *reason;
  } flags[] = {
    {"thresholding", "it clips what is predicted to the range of pixels, which "
          "latents do not have; set it to false"},
    {"use_flow_sigmas", "flow models are not supported; use a Stable Diffusion "
          "1 or 2 model"},
  };
  /* the other one, "continuous", gives the UNet a function of sigma */
  static const char *const timesteps[] = { "discrete", NULL };
  int discrete;

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++) {
    gboolean set;

    if (!read_flag (file, flags[i].key, &set, error))
      return FALSE;
    if (set) {
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "%s: '%s' is set: %s",
          file->path, flags[i].key, flags[i].reason);
      return FALSE;
    }
  }
  return !rd_json_has (file, "timestep_type")
      || read_choice (file, "timestep_type", timesteps, &discrete, error);
}

/* Whether the model was distilled to take few steps without guidance, as its
 * scheduler tells: Turbo, Lightning and their like take the timesteps that are
 * spaced from the last one, which otherwise only models of zero terminal
 * signal-to-noise do; consistency models without an input for the guidance
 * scale have a scheduler of their own. */
static gboolean
is_distilled (const RdModelInfo * info, const RdJsonFile * file,
    gboolean zero_snr)
{
  const char *spacing = rd_json_has (file, "timestep_spacing")
      ? rd_json_get_string (file, "timestep_spacing", NULL) : NULL;
  const char *name = rd_json_has (file, "_class_name")
      ? rd_json_get_string (file, "_class_name", NULL) : NULL;

  if (info->guidance_width > 0)
    return FALSE;
  return (g_strcmp0 (spacing, "trailing") == 0 && !zero_snr)
      || g_strcmp0 (name, "LCMScheduler") == 0
      || g_strcmp0 (name, "TCDScheduler") == 0;
}

static gboolean
read_scheduler (RdModelInfo * info, const char *folder, GError ** error)
{
  static const char *const predictions[] = {
    [RD_PREDICTION_EPSILON] = "epsilon",
    [RD_PREDICTION_V] = "v_prediction",
    NULL
  };
  g_autoptr (RdJsonFile) file =
      load (folder, "scheduler", "scheduler_config.json", error);
  g_autoptr (RdPrediction) prediction = NULL;
  int type = RD_PREDICTION_EPSILON;
  gboolean zero_snr;

  if (!file || !check_class (file, error)
      || (rd_json_has (file, "prediction_type")
          && !read_choice (file, "prediction_type", predictions, &type, error))
      || !read_zero_snr (file, type, &zero_snr, error)
      || !check_unsupported (file, error))
    return FALSE;
  prediction = read_betas (file, type, error);
  if (!prediction)
    return FALSE;
  info->cfg = is_distilled (info, file, zero_snr) ? 1.0 : info->family->cfg;
  info->prediction = zero_snr
      ? check_sampling (file, rd_prediction_new_zero_snr (prediction), error)
      : g_steal_pointer (&prediction);
  return info->prediction != NULL;
}

/* Whether a folder has a VAE and nothing that says what it belongs to. */
static gboolean
is_vae_alone (const char *folder)
{
  static const char *const model[] = {
    "model_index.json", "unet", "transformer", "text_encoder", "scheduler"
  };
  static const char *const halves[] = { "vae_decoder", "vae_encoder" };
  gboolean found = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (model); i++) {
    g_autofree char *path = g_build_filename (folder, model[i], NULL);

    if (g_file_test (path, G_FILE_TEST_EXISTS))
      return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (halves); i++) {
    g_autofree char *path = config_path (folder, halves[i]);

    found = found || g_file_test (path, G_FILE_TEST_EXISTS);
  }
  return found;
}

static gboolean
read_whole (RdModelInfo * info, const char *folder, GError ** error)
{
  g_autoptr (RdJsonFile) index = load (folder, "", "model_index.json", error);
  const char *pipeline = index ? find_pipeline (index, error) : NULL;

  /* once more when the width is known, which tells families apart */
  return pipeline && read_index (info, index, pipeline, error)
      && read_unet (info, folder, error)
      && read_index (info, index, pipeline, error)
      && read_vae (info, folder, error)
      && read_scheduler (info, folder, error);
}

/**
 * rd_model_info_read:
 * @info: (out caller-allocates): receives what the files say; to be cleared
 *   also after a failure
 * @folder: a model folder, or one with `vae_decoder/` or `vae_encoder/` alone
 * @error: %RD_ERROR_NOT_FOUND or %RD_ERROR_INVALID, with the file and the key
 *
 * Returns: %FALSE when a file is missing or says what is not supported
 */
gboolean
rd_model_info_read (RdModelInfo * info, const char *folder, GError ** error)
{
  memset (info, 0, sizeof *info);
  if (!is_vae_alone (folder))
    return read_whole (info, folder, error);
  info->family = &rd_family_vae;
  info->cfg = 1.0;
  return read_vae (info, folder, error);
}

/**
 * rd_model_info_clear:
 * @info: what rd_model_info_read() filled
 */
void
rd_model_info_clear (RdModelInfo * info)
{
  g_clear_pointer (&info->prediction, rd_prediction_unref);
}
