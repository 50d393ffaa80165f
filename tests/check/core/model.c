/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "config.h"

#include <gmodule.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "rdtest.h"
#include "scratch.h"
#include "teststream.h"

#include "models/model.h"
#include "networks/networks.h"
#include "models/tiling.h"
#include "device/window.h"

#ifdef HAVE_ONNXRUNTIME
#define HAS_NETWORKS TRUE
#else
#define HAS_NETWORKS FALSE
#endif

static RdConditioning *
encode (RdModel * model, RdStream * stream, const char *text, GError ** error)
{
  const RdPrompt prompt = { {text} };

  return rd_model_encode_prompt (model, stream, &prompt, NULL, error);
}

static RdModel *
open_model (const char *folder)
{
  g_autoptr (GError) error = NULL;
  RdModel *model = rd_model_open (folder, rd_test_runtime (1), &error);

  fail_unless (model != NULL, "%s", error ? error->message : NULL);
  return model;
}

static RdModel *
open_tiny_sd (void)
{
  g_autofree char *folder = rd_test_path ("tiny-sd");

  return open_model (folder);
}

static RdModel *
open_tiny (void)
{
  g_autofree char *folder = rd_test_model_path ("tiny");

  return open_model (folder);
}

/* A copy of the test model, to be damaged. */
static RdScratch *
copy_tiny_sd (void)
{
  g_autofree char *folder = rd_test_path ("tiny-sd");

  return rd_scratch_new (folder);
}

static RdStream *
open_stream (void)
{
  return rd_test_stream_new ();
}

static RdTensor *
tokens_of (const RdConditioning * conditioning)
{
  return rd_conditioning_get (conditioning, RD_CONDITIONING_TOKENS);
}

/* A tensor with something in it that varies from place to place. */
static RdTensor *
make_tensor (RdStream * stream, gint64 n, gint64 c, gint64 h, gint64 w)
{
  const gint64 dims[] = { n, c, h, w };
  RdTensor *tensor = rd_tensor_new (stream, RD_TYPE_F32, 4, dims);
  g_autofree float *values = g_malloc (tensor->size);

  for (gsize i = 0; i < tensor->n_elements; i++)
    values[i] = (float) sin (0.37 * (double) i + 0.0011 * (double) (i * i
            % 7919));
  rd_tensor_upload (tensor, values);
  return tensor;
}

static float *
download (const RdTensor * tensor)
{
  float *values = g_malloc (tensor->size);

  fail_unless (rd_tensor_download (tensor, values, NULL));
  return values;
}

GST_START_TEST (test_info)
{
  g_autoptr (RdModel) sd = open_tiny_sd ();
  g_autoptr (RdModel) tiny = open_tiny ();
  const RdModelInfo *info = rd_model_info (sd);

  fail_unless_equals_string (info->family->name, "sd");
  fail_unless_equals_int (info->channels, 4);
  fail_unless_equals_int (info->downscale, 8);
  fail_unless_equals_int (info->multiple, 2);
  fail_unless_equals_int (info->text_width, 32);
  fail_unless_equals_float (info->scaling_factor, 0.18215);
  fail_unless_equals_float (info->shift_factor, 0.0);
  fail_unless_equals_int (info->prediction->type, RD_PREDICTION_EPSILON);
  fail_unless_equals_int (info->prediction->n_timesteps, 1000);
  fail_unless (fabs (rd_prediction_sigma_max (info->prediction) - 14.6146) <
      1e-3);
  fail_unless_equals_int (rd_model_info (tiny)->multiple, 4);
  fail_unless_equals_int (rd_model_info (tiny)->text_width, 96);

  for (guint i = 0; i < RD_NETWORK_N_KINDS; i++) {
    fail_unless (rd_model_has_network (sd, i));
    fail_if (rd_model_is_loaded (sd, i));
  }
}

GST_END_TEST;

GST_START_TEST (test_prompts)
{
  static const char *const names[] = {
    "base", "red", "green", "blue", "gold", "neg", "neg2"
  };
  g_autoptr (RdModel) model = open_tiny_sd ();
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdConditioning) empty = NULL;
  g_autoptr (RdConditioning) none = NULL;
  g_autofree float *empty_values = NULL, *none_values = NULL;

  /* the second time from memory */
  for (guint round = 0; round < 2; round++) {
    for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
      g_autoptr (GError) error = NULL;
      g_autoptr (RdConditioning) got = encode (model, stream, names[i], &error);
      g_autoptr (RdTestArray) want = rd_test_golden_embedding (names[i]);
      g_autofree float *values = NULL;

      fail_unless (got != NULL, "%s", error ? error->message : NULL);
      fail_unless_equals_int (tokens_of (got)->n_elements, want->n);
      values = download (tokens_of (got));
      fail_unless (memcmp (values, want->data, tokens_of (got)->size) == 0,
          "%s", names[i]);
    }
  }

  empty = encode (model, stream, "", NULL);
  none = encode (model, stream, NULL, NULL);
  fail_unless (empty && none);
  empty_values = download (tokens_of (empty));
  none_values = download (tokens_of (none));
  fail_unless (memcmp (empty_values, none_values,
          tokens_of (empty)->size) == 0);
}

GST_END_TEST;

/* More prompts than are remembered; the answers stay the same. */
GST_START_TEST (test_many_prompts)
{
  g_autoptr (RdModel) model = open_tiny ();
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdConditioning) first = encode (model, stream, "lava 0", NULL);
  g_autofree float *want = download (tokens_of (first));

  for (guint i = 0; i < 200; i++) {
    g_autofree char *prompt = g_strdup_printf ("lava %u", i % 100);
    g_autoptr (RdConditioning) got = encode (model, stream, prompt, NULL);
    g_autofree float *values = download (tokens_of (got));
    const gboolean equal = memcmp (values, want, tokens_of (got)->size) == 0;

    fail_unless (equal == (i % 100 == 0), "%s", prompt);
  }
}

GST_END_TEST;

static void
evaluate (RdDenoiser * unet, RdTensor * input, RdTensor * output,
    const double *timesteps, RdConditioning * const *prompts)
{
  g_autoptr (GError) error = NULL;
  const RdBatch batch = { input, output, timesteps, prompts };

  fail_unless (rd_denoiser_evaluate (unet, &batch, NULL, &error), "%s",
      error ? error->message : NULL);
}

/* Rows of a batch are what they are alone, with a scalar timestep (tiny-sd)
 * and with a list of them (tiny). */
static void
check_rows (RdModel * model, const char *const *texts)
{
  static const double timesteps[] = { 999, 10, 10 };
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RdDenoiser) unet = rd_model_denoiser (model, NULL, &error);
  g_autoptr (RdTensor) input = make_tensor (stream, 3, 4, 12, 8);
  g_autoptr (RdTensor) together = rd_tensor_new_like (input);
  g_autoptr (RdTensor) alone = rd_tensor_new_like (input);
  g_autofree float *got = NULL, *want = NULL;
  RdConditioning *prompts[3];
  double norm = 0.0;

  fail_unless (unet != NULL, "%s", error ? error->message : NULL);
  for (guint i = 0; i < 3; i++)
    prompts[i] = encode (model, stream, texts[i], NULL);
  evaluate (unet, input, together, timesteps, prompts);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (RdTensor) in = rd_tensor_rows (input, i, 1);
    g_autoptr (RdTensor) out = rd_tensor_rows (alone, i, 1);

    evaluate (unet, in, out, timesteps + i, prompts + i);
    rd_conditioning_unref (prompts[i]);
  }

  got = download (together);
  want = download (alone);
  rd_test_close (rd_model_folder (model), together->n_elements, got, want, 1e-4,
      0.0);
  for (gsize i = 0; i < together->n_elements; i++)
    norm += got[i] * got[i];
  fail_unless (norm > 0.01 * together->n_elements);
}

GST_START_TEST (test_unets)
{
  static const char *const names[] = { "base", "red", "blue" };
  static const char *const materials[] = { "lava", "snow", "" };
  g_autoptr (RdModel) sd = open_tiny_sd ();
  g_autoptr (RdModel) tiny = open_tiny ();

  check_rows (sd, names);
  check_rows (tiny, materials);
}

GST_END_TEST;

static gpointer
sample_often (gpointer data)
{
  static const char *const names[] = { "base", "red", "blue" };

  for (guint i = 0; i < 5; i++)
    check_rows (data, names);
  return NULL;
}

GST_START_TEST (test_two_threads)
{
  g_autoptr (RdModel) model = open_tiny_sd ();
  GThread *thread = g_thread_new ("second", sample_often, model);

  sample_often (model);
  g_thread_join (thread);
}

GST_END_TEST;

GST_START_TEST (test_sharing)
{
  g_autofree char *folder = rd_test_path ("tiny-sd");
  g_autofree char *detour = g_build_filename (folder, "unet", "..", NULL);
  g_autoptr (RdScratch) scratch = rd_scratch_new (NULL);
  g_autofree char *link = g_build_filename (scratch, "link", NULL);
  g_autoptr (RdModel) model = open_model (folder);
  g_autoptr (RdModel) again = open_model (folder);
  g_autoptr (RdModel) round_about = open_model (detour);
  g_autoptr (RdModel) other = rd_model_open (folder, rd_test_runtime (2), NULL);
  g_autoptr (RdModel) linked = NULL;

  fail_unless (symlink (folder, link) == 0);
  linked = open_model (link);
  fail_unless (model == again && model == round_about && model == linked);
  fail_unless (other != NULL && other != model);

  fail_unless (rd_model_load (model, RD_NETWORK_DENOISER, NULL, NULL));
  fail_unless (rd_model_is_loaded (again, RD_NETWORK_DENOISER));
  fail_if (rd_model_is_loaded (again, RD_NETWORK_TEXT_ENCODER));
  fail_if (rd_model_is_loaded (other, RD_NETWORK_DENOISER));
}

GST_END_TEST;

/* A UNet outlives its model; the model is loaded anew when all have let go. */
GST_START_TEST (test_reload)
{
  g_autoptr (RdModel) model = open_tiny_sd ();
  g_autoptr (RdDenoiser) unet = rd_model_denoiser (model, NULL, NULL);

  fail_unless (rd_model_is_loaded (model, RD_NETWORK_DENOISER));
  rd_model_unref (g_steal_pointer (&model));
  fail_unless_equals_int (unet->channels, 4);

  model = open_tiny_sd ();
  fail_if (rd_model_is_loaded (model, RD_NETWORK_DENOISER));
  fail_unless (rd_model_load (model, RD_NETWORK_DENOISER, NULL, NULL));
}

GST_END_TEST;

static void
assert_error (const GError * error, RdError code, const char *place)
{
  fail_unless (error != NULL, "%s was accepted", place);
  fail_unless (g_error_matches (error, RD_ERROR, code), "%s", error->message);
  fail_unless (strstr (error->message, place), "'%s' is not in '%s'", place,
      error->message);
}

GST_START_TEST (test_missing_folder)
{
  g_autofree char *file = rd_test_path ("tiny-sd/model_index.json");
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) no_folder = NULL;

  rd_model_open ("no/such/folder", rd_test_runtime (0), &missing);
  assert_error (missing, RD_ERROR_NOT_FOUND, "no/such/folder");
  rd_model_open (file, rd_test_runtime (0), &no_folder);
  assert_error (no_folder, RD_ERROR_NOT_FOUND, "model_index.json");
}

GST_END_TEST;

/* `auto` always is a device, and says why it is not the other. */
GST_START_TEST (test_choice_of_device)
{
  g_autofree char *none = NULL, *reason = NULL;
  g_autoptr (GError) error = NULL;
  RdDevice *chosen;

  fail_unless (rd_runtime_choose_device ("cpu", &none, NULL)
      == rd_device_get ("cpu", NULL));
  fail_unless (none == NULL);
  fail_unless (rd_runtime_choose_device ("abacus", &none, &error) == NULL);
  assert_error (error, RD_ERROR_NOT_FOUND, "abacus");

  chosen = rd_runtime_choose_device ("auto", &reason, NULL);
  if (chosen != rd_device_get ("cpu", NULL)) {
    fail_unless (chosen == rd_device_get ("cuda", NULL) && reason == NULL);
    return;
  }
  fail_unless ((reason != NULL) == (rd_device_cuda_class () != NULL));
  if (reason) {
    g_autoptr (GError) same = NULL;

    fail_unless (rd_runtime_choose_device ("cuda", &none, &same) == NULL);
    assert_error (same, RD_ERROR_NOT_FOUND, reason);
  }
}

GST_END_TEST;

static RdScratch *
copy_family (const char *name)
{
  g_autofree char *relative = g_strdup_printf ("families/%s/model", name);
  g_autofree char *path = rd_test_path (relative);

  return rd_scratch_new (path);
}

/* What a family's row makes of a folder. */
GST_START_TEST (test_families)
{
  static const struct
  {
    const char *folder, *name;
    guint text_width, guidance_width;
    const char *old, *with;     /* in the scheduler's JSON */
    double cfg;
  } cases[] = {
    {"sdxl", "sdxl", 64, 0, NULL, NULL, 8.0},
    {"sdxl", "sdxl", 64, 0, "\"leading\"", "\"trailing\"", 1.0},
    {"sdxl", "sdxl", 64, 0, "EulerDiscreteScheduler", "TCDScheduler", 1.0},
    {"lcm", "sd", 32, 32, NULL, NULL, 8.0},
    {"sd2-v", "sd", 64, 0, NULL, NULL, 8.0},
    {"sd2-v", "sd", 64, 0, "\"rescale_betas_zero_snr\": false",
        "\"rescale_betas_zero_snr\": true", 8.0},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RdScratch) scratch = copy_family (cases[i].folder);
    g_autoptr (RdModel) model = NULL;
    const RdModelInfo *info;

    if (cases[i].old)
      rd_scratch_replace (scratch, "scheduler/scheduler_config.json",
          cases[i].old, cases[i].with);
    model = open_model (scratch);
    info = rd_model_info (model);
    fail_unless_equals_string (info->family->name, cases[i].name);
    fail_unless_equals_int (info->text_width, cases[i].text_width);
    fail_unless_equals_int (info->guidance_width, cases[i].guidance_width);
    fail_unless_equals_float (info->cfg, cases[i].cfg);
  }
}

GST_END_TEST;

static void
rename_file (const char *folder, const char *from, const char *to)
{
  g_autofree char *old = g_build_filename (folder, from, NULL);
  g_autofree char *path = g_build_filename (folder, to, NULL);

  fail_unless (g_rename (old, path) == 0);
}

/* Another name than the usual one is taken where it is the only one. */
GST_START_TEST (test_odd_names)
{
  g_autoptr (RdScratch) scratch = copy_tiny_sd ();
  g_autoptr (RdModel) model = NULL;
  g_autoptr (GError) error = NULL;

  rename_file (scratch, "unet/model.onnx", "unet/model_fp16.onnx");
  rename_file (scratch, "text_encoder/model.onnx", "text_encoder/a.onnx");
  rename_file (scratch, "vae_decoder/model.onnx", "vae_decoder/b.onnx");
  rd_scratch_write (scratch, "vae_decoder/a.onnx", "");
  model = open_model (scratch);
  fail_unless (rd_model_has_network (model, RD_NETWORK_DENOISER));
  fail_if (rd_model_has_network (model, RD_NETWORK_VAE_DECODER));
  fail_unless (rd_model_load (model, RD_NETWORK_DENOISER, NULL, NULL));
  fail_unless (rd_model_load (model, RD_NETWORK_TEXT_ENCODER, NULL, NULL));
  fail_if (rd_model_load (model, RD_NETWORK_VAE_DECODER, NULL, &error));
  assert_error (error, RD_ERROR_INVALID, "vae_decoder has no model.onnx, but "
      "a.onnx, b.onnx; rename the one to use");
}

GST_END_TEST;

/* Two encoders beside each other; the second one's text is the first's unless
 * there is another. */
GST_START_TEST (test_two_encoders)
{
  static const RdPrompt prompts[] = {
    {{"lava"}}, {{"lava", "lava", "gold"}}, {{"lava", "gold"}}, {{"gold"}}
  };
  g_autoptr (RdScratch) scratch = copy_family ("sdxl");
  g_autoptr (RdModel) model = open_model (scratch);
  g_autoptr (RdStream) stream = open_stream ();
  float *tokens[G_N_ELEMENTS (prompts)];

  for (guint i = 0; i < G_N_ELEMENTS (prompts); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RdConditioning) got =
        rd_model_encode_prompt (model, stream, &prompts[i], NULL, &error);
    g_autoptr (RdConditioning) zero = NULL;
    g_autofree float *nothing = NULL;
    RdTensor *pooled;

    fail_unless (got != NULL, "%s", error ? error->message : NULL);
    fail_unless_equals_int (got->n, 2);
    fail_unless_equals_int64 (got->n_tokens, 77);
    fail_unless_equals_int64 (tokens_of (got)->dims[2], 64);
    pooled = rd_conditioning_get (got, "text_embeds");
    fail_unless (pooled->rank == 2 && pooled->dims[1] == 40);
    tokens[i] = download (tokens_of (got));

    zero = rd_conditioning_new_zero (got);
    fail_unless (rd_conditioning_fits (got, zero, NULL));
    nothing = download (rd_conditioning_get (zero, "text_embeds"));
    for (guint k = 0; k < 40; k++)
      fail_unless (nothing[k] == 0.0f);
  }
  for (guint row = 0; row < 77; row++) {
    const gsize at = row * 64, first = 24 * sizeof (float);
    const gsize second = 40 * sizeof (float);

    fail_unless (memcmp (tokens[0] + at, tokens[1] + at, first + second) == 0);
    fail_unless (memcmp (tokens[0] + at, tokens[2] + at, first) == 0);
    fail_unless (memcmp (tokens[3] + at + 24, tokens[2] + at + 24,
            second) == 0);
  }
  /* the first token is the same in all prompts */
  fail_unless (memcmp (tokens[0] + 64 + 24, tokens[2] + 64 + 24,
          40 * sizeof (float)));
  for (guint i = 0; i < G_N_ELEMENTS (prompts); i++)
    g_free (tokens[i]);
}

GST_END_TEST;

/* Folders of two encoders that lack something, or whose parts do not fit. */
GST_START_TEST (test_damaged_encoders)
{
  static const struct
  {
    const char *file, *old, *with;
    const char *place;
  } cases[] = {
    {"text_encoder_2", NULL, NULL, "text_encoder_2"},
    {"tokenizer_2", NULL, NULL, "tokenizer_2"},
    {"text_encoder_2/config.json", "\"projection_dim\": 40",
        "\"projection_dim\": 0", "projection_dim"},
    {"text_encoder_2/config.json", "\"hidden_size\": 40",
        "\"hidden_size\": 41", "is 40 wide, but 41 were expected"},
    {"text_encoder_2/config.json", "\"projection_dim\": 40",
        "\"projection_dim\": 41", "is 40 wide, but 41 were expected"},
    {"unet/config.json", "\"cross_attention_dim\": 64",
        "\"cross_attention_dim\": 65", "tokens 64 wide"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RdScratch) scratch = copy_family ("sdxl");
    g_autoptr (RdModel) model = NULL;
    g_autoptr (GError) error = NULL;

    if (cases[i].old)
      rd_scratch_replace (scratch, cases[i].file, cases[i].old, cases[i].with);
    else
      rd_scratch_remove (scratch, cases[i].file);
    model = open_model (scratch);
    fail_if (rd_model_load (model, RD_NETWORK_TEXT_ENCODER, NULL, &error), "%s",
        cases[i].place);
    fail_unless (strstr (error->message, cases[i].place), "%s: %s",
        cases[i].place, error->message);
  }
}

GST_END_TEST;

#define INDEX "model_index.json"
#define UNET "unet/config.json"
#define DECODER "vae_decoder/config.json"
#define SCHEDULER "scheduler/scheduler_config.json"

/* Every key that counts: missing, of the wrong type, out of range. */
GST_START_TEST (test_damaged_json)
{
  static const struct
  {
    const char *file;
    const char *old;            /* NULL: the file goes */
    const char *with;
    RdError code;
    const char *place;
  } cases[] = {
    {INDEX, NULL, NULL, RD_ERROR_NOT_FOUND, INDEX},
    {INDEX, "{", "[", RD_ERROR_INVALID, INDEX},
    {INDEX, "\"unet\"", "\"text_encoder_2\": [\"a\", \"b\"], \"unet\"",
        RD_ERROR_INVALID, "text_encoder_2"},
    {INDEX, "ORTStableDiffusionPipeline", "PixArtAlphaPipeline",
        RD_ERROR_INVALID, "'_class_name' is 'PixArtAlphaPipeline', which is "
          "not supported; supported are: Stable Diffusion XL, Stable "},
    {INDEX, "ORTStableDiffusionPipeline", "StableDiffusion3Pipeline",
        RD_ERROR_INVALID, "'StableDiffusion3Pipeline', which is not "
          "supported"},
    {INDEX, "\"ORTStableDiffusionPipeline\"", "[]", RD_ERROR_INVALID,
        "'_class_name': must be a string"},
    {INDEX, "\"text_encoder\": [\n  \"optimum\",", "\"text_encoder\": [\n  "
          "null,", RD_ERROR_INVALID, "'text_encoder' is null"},
    {UNET, "\"in_channels\"", "\"addition_embed_type\": \"text_time\", "
          "\"in_channels\"", RD_ERROR_INVALID,
        "'addition_embed_type' is 'text_time': UNets with such inputs"},
    {UNET, "\"in_channels\"", "\"class_embed_type\": \"timestep\", "
          "\"in_channels\"", RD_ERROR_INVALID, "'class_embed_type'"},
    {UNET, "\"in_channels\"", "\"time_cond_proj_dim\": 2, \"in_channels\"",
        RD_ERROR_INVALID, "'time_cond_proj_dim'"},
    {UNET, NULL, NULL, RD_ERROR_NOT_FOUND, UNET},
    {UNET, "in_channels", "x", RD_ERROR_INVALID, "no 'in_channels'"},
    {UNET, "\"in_channels\": 4", "\"in_channels\": \"4\"", RD_ERROR_INVALID,
        "'in_channels': must be a number, not a string"},
    {UNET, "\"in_channels\": 4", "\"in_channels\": 9", RD_ERROR_INVALID,
        "inpainting"},
    {UNET, "cross_attention_dim", "x", RD_ERROR_INVALID, "cross_attention_dim"},
    {UNET, "block_out_channels", "x", RD_ERROR_INVALID, "block_out_channels"},
    {UNET, "[\n  32,\n  64\n ]", "[]", RD_ERROR_INVALID, "1 to 16 blocks"},
    {DECODER, "latent_channels", "x", RD_ERROR_INVALID, "latent_channels"},
    {DECODER, "\"latent_channels\": 4", "\"latent_channels\": 16",
        RD_ERROR_INVALID, "16"},
    {DECODER, "0.18215", "0", RD_ERROR_INVALID, "scaling_factor"},
    {DECODER, "0.18215", "1, \"shift_factor\": \"x\"", RD_ERROR_INVALID,
        "shift_factor"},
    {DECODER, "0.18215", "1, \"latents_mean\": [0]", RD_ERROR_INVALID,
        "latents_mean"},
    {SCHEDULER, NULL, NULL, RD_ERROR_NOT_FOUND, SCHEDULER},
    {SCHEDULER, "PNDM", "FlowMatchEulerDiscrete", RD_ERROR_INVALID, "flow"},
    {SCHEDULER, "PNDM", "EDMEuler", RD_ERROR_INVALID, "'EDMEulerScheduler'"},
    {SCHEDULER, "\"PNDMScheduler\"", "5", RD_ERROR_INVALID,
        "'_class_name': must be a string, not a number"},
    {SCHEDULER, "\"epsilon\"", "\"epsilon\", \"thresholding\": true",
        RD_ERROR_INVALID, "'thresholding' is set: it clips"},
    {SCHEDULER, "\"epsilon\"", "\"epsilon\", \"thresholding\": 1",
        RD_ERROR_INVALID, "'thresholding': must be a boolean, not a number"},
    {SCHEDULER, "\"epsilon\"", "\"epsilon\", \"use_flow_sigmas\": true",
        RD_ERROR_INVALID, "'use_flow_sigmas' is set: flow models"},
    {SCHEDULER, "\"epsilon\"",
          "\"epsilon\", \"timestep_type\": \"continuous\"",
        RD_ERROR_INVALID, "'timestep_type' is 'continuous'"},
    {SCHEDULER, "\"epsilon\"", "5", RD_ERROR_INVALID,
        "'prediction_type': must be a string, not a number"},
    {SCHEDULER, "\"epsilon\"", "\"sample\"", RD_ERROR_INVALID,
        "'sample', which is not supported; supported are: epsilon, "
          "v_prediction"},
    {SCHEDULER, "\"epsilon\"", "\"epsilon\", \"rescale_betas_zero_snr\": true",
        RD_ERROR_INVALID, "rescale_betas_zero_snr' is set, which works with "
          "'prediction_type' 'v_prediction' only"},
    {SCHEDULER, "scaled_linear", "sigmoid", RD_ERROR_INVALID, "'sigmoid'"},
    {SCHEDULER, "beta_schedule", "x", RD_ERROR_INVALID, "beta_schedule"},
    {SCHEDULER, "num_train_timesteps", "x", RD_ERROR_INVALID,
        "num_train_timesteps"},
    {SCHEDULER, "\"num_train_timesteps\": 1000",
          "\"num_train_timesteps\": 1e9", RD_ERROR_INVALID,
        "num_train_timesteps"},
    {SCHEDULER, "beta_start", "x", RD_ERROR_INVALID, "beta_start"},
    {SCHEDULER, "0.012", "1.5", RD_ERROR_INVALID, "beta_end"},
    {SCHEDULER, "0.012", "0.9", RD_ERROR_INVALID, "noise levels"},
    {SCHEDULER, "\"epsilon\"", "\"epsilon\", \"trained_betas\": 0.1",
        RD_ERROR_INVALID, "'trained_betas': must be a list, not a number"},
    {SCHEDULER, "\"epsilon\"", "\"epsilon\", \"trained_betas\": [0.1]",
        RD_ERROR_INVALID, "'trained_betas' must list 2 to"},
    {SCHEDULER, "\"epsilon\"", "\"epsilon\", \"trained_betas\": [0.1, 0.2]",
        RD_ERROR_INVALID, "'trained_betas' lists 2 numbers, but "
          "'num_train_timesteps' is 1000"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RdScratch) scratch = copy_tiny_sd ();
    g_autoptr (GError) error = NULL;
    g_autoptr (RdModel) model = NULL;

    if (cases[i].old)
      rd_scratch_replace (scratch, cases[i].file, cases[i].old, cases[i].with);
    else
      rd_scratch_remove (scratch, cases[i].file);
    model = rd_model_open (scratch, rd_test_runtime (1), &error);
    fail_unless (model == NULL, "%s: %s", cases[i].file, cases[i].place);
    assert_error (error, cases[i].code, cases[i].file);
    assert_error (error, cases[i].code, cases[i].place);
  }
}

GST_END_TEST;

/* A number alone, and one that is a beta, at every place. */
GST_START_TEST (test_trained_betas)
{
  static const struct
  {
    const char *betas;
    const char *place;
  } cases[] = {
    {"0.1, \"x\", 0.2", "'trained_betas[1]': must be a number, not a string"},
    {"0.1, 0.2, null", "'trained_betas[2]': must be a number, not null"},
    {"true, 0.2, 0.3", "'trained_betas[0]': must be a number, not a boolean"},
    {"0.1, [0.2], 0.3", "'trained_betas[1]': must be a number, not a list"},
    {"0.1, 0, 0.3", "'trained_betas[1]': is 0; a beta is greater than 0"},
    {"0.1, 0.2, 1", "'trained_betas[2]': is 1; a beta is greater than 0"},
    {"-0.5, 0.2, 0.3", "'trained_betas[0]': is -0.5; a beta is greater than 0"},
    {"0.1, 1e300, 0.3", "'trained_betas[1]': is 1e+300; a beta is greater"},
    {"0.1, 1e999, 0.3", "'trained_betas[1]'"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RdScratch) scratch = copy_tiny_sd ();
    g_autofree char *content =
        g_strdup_printf ("{\"num_train_timesteps\":3,\"trained_betas\":[%s]}",
        cases[i].betas);
    g_autoptr (GError) error = NULL;
    g_autoptr (RdModel) model = NULL;

    rd_scratch_write (scratch, SCHEDULER, content);
    model = rd_model_open (scratch, rd_test_runtime (1), &error);
    fail_unless (model == NULL, "%s", cases[i].betas);
    assert_error (error, RD_ERROR_INVALID, SCHEDULER);
    assert_error (error, RD_ERROR_INVALID, cases[i].place);
  }
}

GST_END_TEST;

/* How diffusers would sample is not how we do: the model is the same. */
GST_START_TEST (test_keys_of_sampling)
{
  g_autoptr (RdModel) plain = open_tiny_sd ();
  const RdPrediction *wanted = rd_model_info (plain)->prediction;
  g_autoptr (RdScratch) scratch = copy_tiny_sd ();
  g_autoptr (RdModel) model = NULL;
  const RdPrediction *prediction;

  rd_scratch_replace (scratch, SCHEDULER, "\"PNDMScheduler\",", "null, "
      "\"thresholding\": false, \"use_flow_sigmas\": null, "
      "\"timestep_type\": \"discrete\", \"trained_betas\": null, "
      "\"timestep_spacing\": \"trailing\", \"clip_sample\": true, "
      "\"clip_sample_range\": 1.0, \"use_karras_sigmas\": true, "
      "\"final_sigmas_type\": \"sigma_min\", \"sample_max_value\": 1.0, "
      "\"dynamic_thresholding_ratio\": 0.995, \"solver_order\": 3, "
      "\"algorithm_type\": \"sde-dpmsolver++\",");
  rd_scratch_replace (scratch, SCHEDULER, "\"set_alpha_to_one\": false",
      "\"set_alpha_to_one\": true");
  rd_scratch_replace (scratch, SCHEDULER, "\"steps_offset\": 1",
      "\"steps_offset\": 7");
  model = open_model (scratch);
  prediction = rd_model_info (model)->prediction;
  fail_unless_equals_int (prediction->type, wanted->type);
  fail_unless_equals_int (prediction->n_timesteps, wanted->n_timesteps);
  fail_unless (memcmp (prediction->sigmas, wanted->sigmas,
          wanted->n_timesteps * sizeof *wanted->sigmas) == 0);
}

GST_END_TEST;

GST_START_TEST (test_other_settings)
{
  g_autoptr (RdScratch) scratch = copy_tiny_sd ();
  g_autoptr (RdModel) model = NULL;
  const RdModelInfo *info;

  rd_scratch_write (scratch, SCHEDULER, "{\"prediction_type\":\"v_prediction\","
      "\"rescale_betas_zero_snr\":false,\"trained_betas\":[0.1,0.2,0.5]}");
  rd_scratch_replace (scratch, UNET, "\"cross_attention_dim\": 32",
      "\"cross_attention_dim\": 1024");
  rd_scratch_remove (scratch, "vae_decoder");
  rd_scratch_replace (scratch, "vae_encoder/config.json", "0.18215",
      "1.5, \"shift_factor\": 0.25");
  model = open_model (scratch);
  info = rd_model_info (model);
  fail_unless_equals_int (info->prediction->type, RD_PREDICTION_V);
  fail_unless_equals_int (info->prediction->n_timesteps, 3);
  fail_unless_equals_string (info->family->name, "sd2");
  fail_unless_equals_float (info->scaling_factor, 1.5);
  fail_unless_equals_float (info->shift_factor, 0.25);
  fail_if (rd_model_has_network (model, RD_NETWORK_VAE_DECODER));
}

GST_END_TEST;

/* Nothing of the picture is left at the last of such a network's timesteps. */
GST_START_TEST (test_zero_snr)
{
  g_autoptr (RdScratch) scratch = copy_tiny_sd ();
  g_autoptr (RdModel) model = NULL;

  rd_scratch_replace (scratch, SCHEDULER, "\"epsilon\"",
      "\"v_prediction\", \"rescale_betas_zero_snr\": true");
  model = open_model (scratch);
  fail_unless (fabs (rd_prediction_sigma_max (rd_model_info (model)->prediction)
          - 4518.8) < 0.1);
  fail_unless (fabs (rd_prediction_sigma_min (rd_model_info (model)->prediction)
          - 0.0291672) < 1e-6);
}

GST_END_TEST;

/* Networks that are missing, damaged or another model's; then the file is
 * mended and the same model loads it. */
GST_START_TEST (test_damaged_networks)
{
  static const struct
  {
    RdNetworkKind part;
    const char *file;
    gssize size;                /* -1: the file goes */
    const char *other;          /* or a network of this name comes instead */
    RdError code;
    const char *place;
  } cases[] = {
    {RD_NETWORK_DENOISER, "unet/model.onnx", -1, NULL, RD_ERROR_NOT_FOUND, ""},
    {RD_NETWORK_DENOISER, "unet/model.onnx", 100000, NULL, RD_ERROR_INVALID,
        ""},
    {RD_NETWORK_DENOISER, "unet/model.onnx", 0, "onnx/unet-sdxl.onnx",
        RD_ERROR_INVALID, "wants the input 'text_embeds'"},
    {RD_NETWORK_DENOISER, "unet/model.onnx", 0, "onnx/unet-9-channels.onnx",
        RD_ERROR_INVALID, "9 channels"},
    {RD_NETWORK_TEXT_ENCODER, "text_encoder/model.onnx", -1, NULL,
        RD_ERROR_NOT_FOUND, ""},
    {RD_NETWORK_TEXT_ENCODER, "text_encoder/model.onnx", 77, NULL,
        RD_ERROR_INVALID, ""},
    {RD_NETWORK_TEXT_ENCODER, "text_encoder/model.onnx", 0,
          "onnx/text-i32.onnx",
        RD_ERROR_INVALID, "6 wide"},
    {RD_NETWORK_TEXT_ENCODER, "tokenizer/vocab.json", -1, NULL,
        RD_ERROR_NOT_FOUND, ""},
    {RD_NETWORK_TEXT_ENCODER, "text_encoder/config.json", 20, NULL,
        RD_ERROR_INVALID, ""},
    {RD_NETWORK_VAE_ENCODER, "vae_encoder/model.onnx", -1, NULL,
        RD_ERROR_NOT_FOUND, ""},
    {RD_NETWORK_VAE_DECODER, "vae_decoder/model.onnx", 0,
        "onnx/vae-encode.onnx", RD_ERROR_INVALID, "4 channels into 3"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RdScratch) scratch = copy_tiny_sd ();
    g_autofree char *intact = g_build_filename ("tiny-sd", cases[i].file, NULL);
    g_autofree char *source = rd_test_path (intact);
    g_autoptr (RdModel) model = NULL;
    g_autoptr (GError) error = NULL;

    if (cases[i].other) {
      g_autofree char *other = rd_test_path (cases[i].other);

      rd_scratch_install (scratch, cases[i].file, other);
    } else if (cases[i].size < 0) {
      rd_scratch_remove (scratch, cases[i].file);
    } else {
      rd_scratch_truncate (scratch, cases[i].file, cases[i].size);
    }

    model = open_model (scratch);
    fail_if (rd_model_load (model, cases[i].part, NULL, &error));
    assert_error (error, cases[i].code, cases[i].file);
    assert_error (error, cases[i].code, cases[i].place);
    fail_if (rd_model_is_loaded (model, cases[i].part));
    g_clear_error (&error);

    rd_scratch_install (scratch, cases[i].file, source);
    fail_unless (rd_model_load (model, cases[i].part, NULL, &error), "%s",
        error ? error->message : NULL);
  }
}

GST_END_TEST;

/* A file whose first read does not return until release_slow_file(): read() of
 * this program, and of the libraries in it, is the function below. */
static struct
{
  GMutex lock;
  GCond changed;
  char *path;                   /* NULL: none is slow */
  gboolean reached;
} slow_file;

static void
wait_if_slow (int fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  char path[PATH_MAX];
  const ssize_t length = readlink (link, path, sizeof path - 1);

  if (length < 0)
    return;
  path[length] = 0;
  g_mutex_lock (&slow_file.lock);
  if (g_strcmp0 (path, slow_file.path) == 0) {
    slow_file.reached = TRUE;
    g_cond_broadcast (&slow_file.changed);
    while (slow_file.path)
      g_cond_wait (&slow_file.changed, &slow_file.lock);
  }
  g_mutex_unlock (&slow_file.lock);
}

G_MODULE_EXPORT ssize_t
read (int fd, void *bytes, size_t size)
{
  wait_if_slow (fd);
  return syscall (SYS_read, fd, bytes, size);
}

static void
make_slow (const char *folder, const char *relative)
{
  g_autofree char *path = g_build_filename (folder, relative, NULL);

  g_mutex_lock (&slow_file.lock);
  slow_file.path = realpath (path, NULL);
  slow_file.reached = FALSE;
  g_mutex_unlock (&slow_file.lock);
  fail_unless (slow_file.path != NULL);
}

/* A network that is none, and that is read slowly. */
static void
make_slow_network (const char *folder)
{
  rd_scratch_remove (folder, "unet/model.onnx");
  rd_scratch_write (folder, "unet/model.onnx", "x");
  make_slow (folder, "unet/model.onnx");
}

static void
wait_for_slow_file (void)
{
  g_mutex_lock (&slow_file.lock);
  while (!slow_file.reached)
    g_cond_wait (&slow_file.changed, &slow_file.lock);
  g_mutex_unlock (&slow_file.lock);
}

static void
release_slow_file (void)
{
  wait_for_slow_file ();
  g_mutex_lock (&slow_file.lock);
  g_clear_pointer (&slow_file.path, free);
  g_cond_broadcast (&slow_file.changed);
  g_mutex_unlock (&slow_file.lock);
}

/* Nobody waits for files that another thread reads. */
static gpointer
open_in_thread (gpointer folder)
{
  return open_model (folder);
}

GST_START_TEST (test_slow_folder)
{
  g_autoptr (RdScratch) scratch = copy_tiny_sd ();
  g_autoptr (RdModel) model = open_tiny_sd ();
  g_autoptr (RdModel) slow = NULL, again = NULL;
  GThread *thread;

  make_slow (scratch, "model_index.json");
  thread = g_thread_new ("open", open_in_thread, scratch);
  wait_for_slow_file ();

  again = open_tiny_sd ();
  fail_unless (again == model);
  rd_model_unref (rd_model_ref (model));

  release_slow_file ();
  slow = g_thread_join (thread);
  fail_unless (slow != NULL && slow != model);
}

GST_END_TEST;

#define N_OPENERS 8

static GMutex start_lock;
static GCond start_changed;
static guint n_started;

static gpointer
open_with_others (gpointer folder)
{
  g_mutex_lock (&start_lock);
  n_started++;
  g_cond_broadcast (&start_changed);
  while (n_started < N_OPENERS)
    g_cond_wait (&start_changed, &start_lock);
  g_mutex_unlock (&start_lock);
  return open_model (folder);
}

/* Threads that open one folder at once get one model. */
GST_START_TEST (test_opened_at_once)
{
  g_autofree char *folder = rd_test_path ("tiny-sd");

  for (guint round = 0; round < 50; round++) {
    GThread *threads[N_OPENERS];
    RdModel *models[N_OPENERS];

    n_started = 0;
    for (guint i = 0; i < N_OPENERS; i++)
      threads[i] = g_thread_new ("open", open_with_others, folder);
    for (guint i = 0; i < N_OPENERS; i++)
      models[i] = g_thread_join (threads[i]);
    for (guint i = 0; i < N_OPENERS; i++) {
      fail_unless (models[i] == models[0]);
      rd_model_unref (models[i]);
    }
  }
}

GST_END_TEST;

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (50 * G_TIME_SPAN_MILLISECOND);
  g_cancellable_cancel (cancellable);
  return NULL;
}

GST_START_TEST (test_cancelled_load)
{
  g_autoptr (RdScratch) scratch = copy_tiny_sd ();
  g_autofree char *source = rd_test_path ("tiny-sd/unet/model.onnx");
  g_autoptr (RdModel) model = open_model (scratch);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  make_slow_network (scratch);
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  fail_if (rd_model_load (model, RD_NETWORK_DENOISER, cancellable, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_clear_error (&error);
  g_thread_join (thread);

  /* again, and cancelled before it starts */
  fail_if (rd_model_load (model, RD_NETWORK_DENOISER, cancellable, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_clear_error (&error);

  /* the other networks are not held up */
  fail_unless (rd_model_load (model, RD_NETWORK_VAE_DECODER, NULL, NULL));

  /* it goes on by itself, and its failure is not the last word */
  release_slow_file ();
  fail_if (rd_model_load (model, RD_NETWORK_DENOISER, NULL, &error));
  assert_error (error, RD_ERROR_INVALID, "unet/model.onnx");
  rd_scratch_remove (scratch, "unet/model.onnx");
  rd_scratch_install (scratch, "unet/model.onnx", source);
  fail_unless (rd_model_load (model, RD_NETWORK_DENOISER, NULL, NULL));
}

GST_END_TEST;

/* A load that nobody waits for any more keeps its model. */
GST_START_TEST (test_abandoned_load)
{
  g_autoptr (RdScratch) scratch = copy_tiny_sd ();
  RdModel *model = open_model (scratch);
  g_autoptr (RdModel) again = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  make_slow_network (scratch);
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  fail_if (rd_model_load (model, RD_NETWORK_DENOISER, cancellable, NULL));
  g_thread_join (thread);
  rd_model_unref (model);

  again = open_model (scratch);
  fail_unless (again == model);
  release_slow_file ();
  fail_if (rd_model_load (again, RD_NETWORK_DENOISER, NULL, &error));
  assert_error (error, RD_ERROR_INVALID, "unet/model.onnx");
}

GST_END_TEST;

#define EXIT_STATUS 7
#define EXIT_DELAY "RD_TEST_EXIT_DELAY"

/* What test_exit() starts as a process of its own. */
GST_START_TEST (test_exit_child)
{
  const char *delay = g_getenv (EXIT_DELAY);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread;
  RdModel *model;

  if (!delay)
    return;

  model = open_tiny ();
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_usleep (atoi (delay) * G_TIME_SPAN_MILLISECOND);
  rd_model_load (model, RD_NETWORK_DENOISER, cancellable, NULL);
  g_thread_join (thread);
  exit (EXIT_STATUS);
}

GST_END_TEST;

/* A process may end while a load that was left behind goes on. */
GST_START_TEST (test_exit)
{
  for (guint delay = 0; delay < 50; delay += 5) {
    g_autoptr (GError) error = NULL;
    g_autofree char *delay_text = g_strdup_printf ("%u", delay);
    g_auto (GStrv) environment = g_get_environ ();
    g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
    char *argv[] = { self, NULL };
    int status;

    environment = g_environ_setenv (environment, EXIT_DELAY, delay_text, TRUE);
    environment = g_environ_setenv (environment, "GST_CHECKS",
        "test_exit_child", TRUE);
    environment = g_environ_setenv (environment, "CK_FORK", "no", TRUE);
    fail_unless (g_spawn_sync (NULL, argv, environment,
            G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status,
            &error), "%s", error ? error->message : NULL);
    fail_unless (WIFEXITED (status) && WEXITSTATUS (status) == EXIT_STATUS,
        "after %u ms: wait status %#x", delay, status);
  }
}

GST_END_TEST;

static gpointer
load_and_tell (gpointer model)
{
  GError *error = NULL;

  fail_if (rd_model_load (model, RD_NETWORK_DENOISER, NULL, &error));
  return error;
}

GST_START_TEST (test_all_who_wait_are_told)
{
  g_autoptr (RdScratch) scratch = copy_tiny_sd ();
  g_autoptr (RdModel) model = open_model (scratch);
  GThread *threads[3];
  GError *errors[3];

  make_slow_network (scratch);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("wait", load_and_tell, model);
  g_usleep (100 * G_TIME_SPAN_MILLISECOND);
  release_slow_file ();
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    errors[i] = g_thread_join (threads[i]);
    assert_error (errors[i], RD_ERROR_INVALID, "unet/model.onnx");
    fail_unless_equals_string (errors[i]->message, errors[0]->message);
  }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_error_free (errors[i]);
}

GST_END_TEST;

GST_START_TEST (test_check_latent)
{
  static const struct
  {
    gint64 c, h, w;
    const char *place;          /* NULL: fits */
  } cases[] = {
    {4, 8, 8, NULL}, {4, 13, 7, NULL}, {3, 8, 8, "float32 1x3x8x8"},
    {16, 8, 8, "expects float32 with 4 channels"},
  };
  g_autoptr (RdModel) model = open_tiny ();
  g_autoptr (RdStream) stream = open_stream ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RdTensor) latent =
        make_tensor (stream, 1, cases[i].c, cases[i].h, cases[i].w);
    g_autoptr (GError) error = NULL;
    const gboolean fits = rd_model_check_latent (model, latent, &error);

    fail_unless (fits == (cases[i].place == NULL));
    if (cases[i].place)
      assert_error (error, RD_ERROR_SHAPE, cases[i].place);
  }
}

GST_END_TEST;

GST_START_TEST (test_encode_and_decode)
{
  g_autoptr (RdModel) model = open_tiny_sd ();
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdTensor) picture = make_tensor (stream, 2, 3, 24, 16);
  g_autoptr (RdTensor) odd = make_tensor (stream, 1, 3, 20, 16);
  g_autoptr (RdTensor) gray = make_tensor (stream, 1, 1, 16, 16);
  g_autoptr (GError) error = NULL;
  g_autoptr (RdTensor) latent = rd_model_encode (model, picture, NULL, &error);
  g_autoptr (RdTensor) decoded = NULL;

  fail_unless (latent != NULL, "%s", error ? error->message : NULL);
  fail_unless_equals_int (latent->dims[0], 2);
  fail_unless_equals_int (latent->dims[1], 4);
  fail_unless_equals_int (latent->dims[2], 3);
  fail_unless_equals_int (latent->dims[3], 2);

  decoded = rd_model_decode (model, latent, NULL, &error);
  fail_unless (decoded != NULL, "%s", error ? error->message : NULL);
  fail_unless (rd_tensor_same_shape (decoded, picture));

  fail_unless (rd_model_encode (model, odd, NULL, &error) == NULL);
  assert_error (error, RD_ERROR_SHAPE, "16x20");
  g_clear_error (&error);
  fail_unless (rd_model_encode (model, gray, NULL, &error) == NULL);
  assert_error (error, RD_ERROR_SHAPE, "float32 1x1x16x16");
  g_clear_error (&error);
  fail_unless (rd_model_decode (model, gray, NULL, &error) == NULL);
  assert_error (error, RD_ERROR_SHAPE, "4 channels");
}

GST_END_TEST;

/* The picture of a plain latent is plain, and comes back as that latent. */
GST_START_TEST (test_plain_picture)
{
  g_autoptr (RdModel) model = open_tiny ();
  g_autoptr (RdStream) stream = open_stream ();
  const gint64 dims[] = { 1, 3, 64, 64 };
  g_autofree float *values = g_new (float, 3 * 64 * 64);
  g_autofree float *got = NULL;
  g_autoptr (RdTensor) picture = NULL, latent = NULL, back = NULL;
  double error = 0.0;

  for (guint i = 0; i < 3 * 64 * 64; i++)
    values[i] = i < 64 * 64 ? 0.5f : -0.25f;
  picture = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, dims, values);
  latent = rd_model_encode (model, picture, NULL, NULL);
  fail_unless (latent != NULL);
  back = rd_model_decode (model, latent, NULL, NULL);
  fail_unless (back != NULL);
  got = download (back);
  for (guint i = 0; i < 3 * 64 * 64; i++)
    error += fabs (got[i] - values[i]) / (3 * 64 * 64);
  fail_unless (error < 0.1, "off by %g on average", error);
}

GST_END_TEST;

/* Tiles and the whole give the same picture, at the seams too. */
static void
check_tiles (RdModel * model, gint64 height, gint64 width, double tolerance)
{
  g_autofree char *path = g_build_filename (rd_model_folder (model),
      "vae_decoder", "model.onnx", NULL);
  g_autoptr (RdVae) vae = rd_vae_open (path, rd_test_runtime (1), 4, 3, NULL);
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdTensor) latent = make_tensor (stream, 1, 4, height, width);
  g_autoptr (RdTensor) tiled = rd_model_decode (model, latent, NULL, NULL);
  g_autoptr (RdTensor) whole = NULL;
  g_autofree float *got = NULL, *want = NULL;
  double worst = 0.0;

  fail_unless (tiled != NULL);
  whole = rd_tensor_new_like (tiled);
  fail_unless (rd_vae_run (vae, latent, whole, NULL, NULL));
  got = download (tiled);
  want = download (whole);
  for (gsize i = 0; i < whole->n_elements; i++)
    worst = MAX (worst, fabs (got[i] - want[i]));
  fail_unless (worst <= tolerance, "%s: off by %g", rd_model_folder (model),
      worst);
}

GST_START_TEST (test_tiles)
{
  g_autoptr (RdModel) linear = open_tiny_sd ();
  g_autoptr (RdModel) tiny = open_tiny ();

  check_tiles (linear, 70, 90, 1e-5);
  check_tiles (linear, 8, 800, 1e-5);
  check_tiles (tiny, 66, 100, 0.01);
}

GST_END_TEST;

/* Each tile by itself, and added up here. */
GST_START_TEST (test_tiles_are_blended)
{
  enum
  { HEIGHT = 66, WIDTH = 100, SCALE = 8, TILE = 64 };
  g_autoptr (RdModel) model = open_tiny ();
  g_autofree char *path = g_build_filename (rd_model_folder (model),
      "vae_decoder", "model.onnx", NULL);
  g_autoptr (RdVae) vae = rd_vae_open (path, rd_test_runtime (1), 4, 3, NULL);
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdTensor) latent = make_tensor (stream, 1, 4, HEIGHT, WIDTH);
  g_autoptr (RdTensor) picture = rd_model_decode (model, latent, NULL, NULL);
  g_autoptr (RdTensor) in = rd_tensor_new (stream, RD_TYPE_F32, 4,
      (const gint64[]) { 1, 4, TILE, TILE });
  g_autoptr (RdTensor) out = rd_tensor_new (stream, RD_TYPE_F32, 4,
      (const gint64[]) { 1, 3, TILE * SCALE, TILE * SCALE });
  g_autofree float *got = download (picture);
  g_autofree double *want = g_new0 (double, picture->n_elements);
  g_auto (RdTiling) rows = { 0 };
  g_auto (RdTiling) columns = { 0 };

  rd_tiling_init (&rows, HEIGHT, TILE, 16);
  rd_tiling_init (&columns, WIDTH, TILE, 16);
  fail_unless (rows.n == 2 && columns.n == 2);
  for (guint k = 0; k < 4; k++) {
    const guint top = rows.starts[k / 2], left = columns.starts[k % 2];
    g_autofree float *shares_y = rd_tiling_shares (&rows, k / 2, SCALE);
    g_autofree float *shares_x = rd_tiling_shares (&columns, k % 2, SCALE);
    g_autofree float *tile = NULL;

    const RdWindow of_in = { top, left, TILE, TILE };
    rd_window_read (in, latent, &of_in);
    fail_unless (rd_vae_run (vae, in, out, NULL, NULL));
    tile = download (out);
    for (gsize i = 0; i < out->n_elements; i++) {
      const gsize x = i % (TILE * SCALE), y = i / (TILE * SCALE)
          % (TILE * SCALE), c = i / (TILE * SCALE) / (TILE * SCALE);

      want[(c * HEIGHT * SCALE + y + top * SCALE) * WIDTH * SCALE + x
          + left * SCALE] += (double) shares_y[y] * shares_x[x] * tile[i];
    }
  }
  for (gsize i = 0; i < picture->n_elements; i++)
    fail_unless (fabs (got[i] - want[i]) < 1e-6, "%g, not %g", got[i], want[i]);
}

GST_END_TEST;

static const RdDeviceClass *counted;
static guint n_waits;

static void
count_download (RdStream * stream, gpointer dst, gconstpointer src, gsize size)
{
  n_waits++;
  counted->download (stream, dst, src, size);
}

static void
count_synchronize (RdStream * stream)
{
  n_waits++;
  counted->synchronize (stream);
}

/* Nothing waits for the device before the picture is wanted. */
GST_START_TEST (test_tiles_stay_on_the_device)
{
  g_autoptr (RdModel) model = open_tiny ();
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdTensor) latent = make_tensor (stream, 1, 4, 66, 100);
  g_autoptr (RdTensor) picture = NULL;
  g_autofree float *pixels = NULL;
  static RdDeviceClass counting;

  fail_unless (rd_model_load (model, RD_NETWORK_VAE_DECODER, NULL, NULL));
  counted = stream->device->klass;
  counting = *counted;
  counting.download = count_download;
  counting.synchronize = count_synchronize;
  stream->device->klass = &counting;
  picture = rd_model_decode (model, latent, NULL, NULL);
  fail_unless (picture != NULL);
  fail_unless_equals_int (n_waits, 0);
  pixels = download (picture);
  fail_unless_equals_int (n_waits, 2);
  stream->device->klass = counted;
}

GST_END_TEST;

GST_START_TEST (test_cancelled_decode)
{
  g_autoptr (RdModel) model = open_tiny ();
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdTensor) latent = make_tensor (stream, 4, 4, 256, 256);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  fail_unless (rd_model_load (model, RD_NETWORK_VAE_DECODER, NULL, NULL));
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  fail_unless (rd_model_decode (model, latent, cancellable, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_thread_join (thread);
}

GST_END_TEST;

/* A build without ONNX Runtime reads folders all the same. */
GST_START_TEST (test_no_networks)
{
  g_autoptr (RdModel) model = open_tiny_sd ();

  for (guint i = 0; i < RD_NETWORK_N_KINDS; i++) {
    g_autoptr (GError) error = NULL;

    fail_if (rd_model_load (model, i, NULL, &error));
    assert_error (error, RD_ERROR_FAILED, "no ONNX Runtime");
  }
}

GST_END_TEST;

static Suite *
model_suite (void)
{
  Suite *suite = suite_create ("model");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_info);
  tcase_add_test (tc, test_missing_folder);
  tcase_add_test (tc, test_choice_of_device);
  tcase_add_test (tc, test_families);
  tcase_add_test (tc, test_odd_names);
  tcase_add_test (tc, test_two_encoders);
  tcase_add_test (tc, test_damaged_encoders);
  tcase_add_test (tc, test_damaged_json);
  tcase_add_test (tc, test_trained_betas);
  tcase_add_test (tc, test_keys_of_sampling);
  tcase_add_test (tc, test_other_settings);
  tcase_add_test (tc, test_zero_snr);
  tcase_add_test (tc, test_check_latent);
  if (!HAS_NETWORKS) {
    tcase_add_test (tc, test_no_networks);
    return suite;
  }
  tcase_add_test (tc, test_prompts);
  tcase_add_test (tc, test_many_prompts);
  tcase_add_test (tc, test_unets);
  tcase_add_test (tc, test_two_threads);
  tcase_add_test (tc, test_sharing);
  tcase_add_test (tc, test_reload);
  tcase_add_test (tc, test_damaged_networks);
  tcase_add_test (tc, test_slow_folder);
  tcase_add_test (tc, test_opened_at_once);
  tcase_add_test (tc, test_cancelled_load);
  tcase_add_test (tc, test_abandoned_load);
  tcase_add_test (tc, test_exit_child);
  tcase_add_test (tc, test_exit);
  tcase_add_test (tc, test_all_who_wait_are_told);
  tcase_add_test (tc, test_encode_and_decode);
  tcase_add_test (tc, test_plain_picture);
  tcase_add_test (tc, test_tiles);
  tcase_add_test (tc, test_tiles_are_blended);
  tcase_add_test (tc, test_tiles_stay_on_the_device);
  tcase_add_test (tc, test_cancelled_decode);

  return suite;
}

GST_CHECK_MAIN (model);
