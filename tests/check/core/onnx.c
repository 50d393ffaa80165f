/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Networks of every kind that exporters write, as small graphs with known
 * answers (tests/data/make-onnx.py). */

#include <math.h>

#include "rdtest.h"
#include "scratch.h"
#include "teststream.h"

#include "networks/networks.h"

#define CHANNELS 4
#define WIDTH 6

static char *
graph_path (const char *name)
{
  g_autofree char *relative = g_strdup_printf ("onnx/%s.onnx", name);

  return rd_test_path (relative);
}

static RdPrediction *
any_sampling (void)
{
  return rd_prediction_new (RD_PREDICTION_EPSILON, RD_BETAS_LINEAR, 1e-4, 0.02,
      1000);
}

static RdDenoiser *
open_unet (const char *name, GError ** error)
{
  g_autofree char *path = graph_path (name);
  g_autoptr (RdPrediction) prediction = any_sampling ();

  return rd_denoiser_open (path, rd_test_runtime (1), prediction, CHANNELS, 2,
      error);
}

static RdStream *
open_stream (void)
{
  return rd_test_stream_new ();
}

/* A conditioning of @length tokens whose mean over all is @mean. */
static RdConditioning *
make_prompt (RdStream * stream, gint64 length, float mean)
{
  const gint64 dims[] = { 1, length, WIDTH };
  g_autofree float *values = g_new (float, length * WIDTH);
  g_autoptr (RdTensor) tokens = NULL;

  for (gint64 i = 0; i < length * WIDTH; i++)
    values[i] = mean + (i % 2 ? 0.5f : -0.5f);
  tokens = rd_tensor_new_from_host (stream, RD_TYPE_F32, 3, dims, values);
  return rd_conditioning_new_tokens (tokens);
}

/* A batch of @n rows, each with its own latent, timestep and prompt. */
typedef struct
{
  RdStream *stream;
  guint n;
  double timesteps[8];
  RdConditioning *prompts[8];
  RdTensor *input, *output;
} Rows;

static void
rows_init (Rows * rows, guint n, const double *timesteps)
{
  const gint64 dims[] = { n, CHANNELS, 4, 2 };
  g_autofree float *values = g_new (float, n * 32);

  rows->stream = open_stream ();
  rows->n = n;
  for (guint i = 0; i < n; i++) {
    rows->timesteps[i] = timesteps[i];
    rows->prompts[i] = make_prompt (rows->stream, i % 2 ? 3 : 6, 0.25f * i);
  }
  for (guint i = 0; i < n * 32; i++)
    values[i] = 0.125f * (float) (i % 37) - 2.0f;
  rows->input = rd_tensor_new_from_host (rows->stream, RD_TYPE_F32, 4, dims,
      values);
  rows->output = rd_tensor_new (rows->stream, RD_TYPE_F32, 4, dims);
}

static void
rows_clear (Rows * rows)
{
  for (guint i = 0; i < rows->n; i++)
    rd_conditioning_unref (rows->prompts[i]);
  rd_tensor_unref (rows->input);
  rd_tensor_unref (rows->output);
  rd_stream_unref (rows->stream);
}

/* In what the network takes, where that is not float32. */
static gboolean
rows_evaluate (Rows * rows, RdDenoiser * unet, GCancellable * cancellable,
    GError ** error)
{
  g_autoptr (RdTensor) input = rd_tensor_new (rows->stream, unet->type, 4,
      rows->input->dims);
  g_autoptr (RdTensor) output = rd_tensor_new_like (input);
  const RdBatch batch = { input, output, rows->timesteps, rows->prompts };

  rd_convert (input, rows->input);
  if (!rd_denoiser_evaluate (unet, &batch, cancellable, error))
    return FALSE;
  rd_convert (rows->output, output);
  return TRUE;
}

static void
rows_check (Rows * rows, const char *name, double tolerance)
{
  g_autofree float *in = g_malloc (rows->input->size);
  g_autofree float *got = g_malloc (rows->output->size);
  g_autofree float *want = g_malloc (rows->output->size);

  fail_unless (rd_tensor_download (rows->input, in, NULL));
  fail_unless (rd_tensor_download (rows->output, got, NULL));
  for (guint i = 0; i < rows->n * 32; i++)
    want[i] = 0.5f * in[i] + 0.001f * (float) rows->timesteps[i / 32]
        + 0.25f * (float) (i / 32);
  rd_test_close (name, rows->n * 32, got, want, tolerance, 0.0);
}

/* What exporters have made of timestep, batch and types, alone and in batches,
 * with equal timesteps and with different ones. */
GST_START_TEST (test_unet_flavours)
{
  static const char *const names[] = {
    "unet-scalar", "unet-scalar-f64", "unet-one", "unet-steps-i64",
    "unet-batch-f32", "unet-batch-i64", "unet-batch-i32", "unet-unnamed",
    "unet-rows-2", "unet-rows-2-scalar", "unet-other-names", "unet-external",
    "unet-f16", "unet-rows-2-f16", "unet-f16-to-f32", "unet-f32-to-f16"
  };
  static const double timesteps[][5] = {
    {999}, {0}, {500, 500}, {999, 1}, {7, 7, 7}, {3, 3, 900, 900, 3},
    {1, 2, 3, 4, 5}
  };
  static const guint n_rows[] = { 1, 1, 2, 2, 3, 5, 5 };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RdDenoiser) unet = open_unet (names[i], &error);
    const gboolean half = strstr (names[i], "f16") != NULL;

    fail_unless (unet != NULL, "%s", error ? error->message : NULL);
    /* of both sides, which leaves nothing to convert */
    fail_unless_equals_int (unet->type, half && !strstr (names[i], "f32")
        ? RD_TYPE_F16 : RD_TYPE_F32);
    for (guint k = 0; k < G_N_ELEMENTS (n_rows); k++) {
      Rows rows;

      rows_init (&rows, n_rows[k], timesteps[k]);
      fail_unless (rows_evaluate (&rows, unet, NULL, &error), "%s",
          error ? error->message : NULL);
      rows_check (&rows, names[i], half ? 4e-3 : 1e-6);
      rows_clear (&rows);
    }
  }
}

GST_END_TEST;

/* Networks that take fractions get them, others the nearest integer. */
GST_START_TEST (test_fractions)
{
  static const struct
  {
    const char *name;
    double want[2];
  } cases[] = {
    {"unet-batch-f32", {10.25, 500.75}}, {"unet-scalar-f64", {10.25, 500.75}},
    {"unet-batch-i32", {10, 501}}, {"unet-batch-i64", {10, 501}},
  };
  static const double timesteps[] = { 10.25, 500.75 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RdDenoiser) unet = open_unet (cases[i].name, NULL);
    Rows rows;

    rows_init (&rows, 2, timesteps);
    fail_unless (rows_evaluate (&rows, unet, NULL, NULL));
    memcpy (rows.timesteps, cases[i].want, sizeof cases[i].want);
    rows_check (&rows, cases[i].name, 1e-6);
    rows_clear (&rows);
  }
}

GST_END_TEST;

typedef struct
{
  const char *name;
  RdError code;
  const char *place;
} Refusal;

GST_START_TEST (test_unet_refusals)
{
  static const Refusal cases[] = {
    {"unet-9-channels", RD_ERROR_INVALID, "takes 9 channels"},
    {"unet-t-bool", RD_ERROR_INVALID, "'timestep' is bool [batch]"},
    {"unet-t-uint8", RD_ERROR_INVALID, "'timestep' is uint8 [batch]"},
    {"unet-t-matrix", RD_ERROR_INVALID, "'timestep' is float32 [batch, 1]"},
    {"unet-f64", RD_ERROR_INVALID, "'sample' is float64"},
    {"vae-decode", RD_ERROR_INVALID, "not a text-conditioned UNet"},
    {"no-such-file", RD_ERROR_NOT_FOUND, "no-such-file.onnx"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RdDenoiser) unet = open_unet (cases[i].name, &error);

    fail_unless (unet == NULL, "%s was accepted", cases[i].name);
    fail_unless (g_error_matches (error, RD_ERROR, cases[i].code), "%s",
        error->message);
    fail_unless (strstr (error->message, cases[i].place), "'%s' is not in '%s'",
        cases[i].place, error->message);
  }
}

GST_END_TEST;

/* A prompt as of make_prompt() with a second tensor, whose mean is @pooled. */
static RdConditioning *
make_pooled_prompt (RdStream * stream, gint64 length, float mean, float pooled)
{
  const gint64 dims[] = { 1, 3 };
  const float values[] = { pooled - 1.0f, pooled, pooled + 1.0f };
  g_autoptr (RdConditioning) prompt = make_prompt (stream, length, mean);
  g_autoptr (RdTensor) embeds =
      rd_tensor_new_from_host (stream, RD_TYPE_F32, 2, dims, values);
  const RdNamedTensor tensors[] = {
    {"text_embeds", embeds}, prompt->tensors[0]
  };

  return rd_conditioning_new (2, tensors);
}

/* Every row gets the tensors of its own conditioning and its own row of the
 * batch's further inputs, also where the graph wants more rows than there are. */
GST_START_TEST (test_further_inputs)
{
  static const char *const names[] = {
    "unet-further", "unet-further-f16", "unet-further-rows-2"
  };
  static const double timesteps[] = { 1, 2, 3, 3, 5 };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RdDenoiser) unet = open_unet (names[i], &error);
    const gboolean half = strstr (names[i], "f16") != NULL;

    fail_unless (unet != NULL, "%s", error ? error->message : NULL);
    for (guint n = 1; n <= G_N_ELEMENTS (timesteps); n++) {
      const gint64 dims[] = { n, 1, 4, 2 };
      g_autofree float *got = g_new (float, n * 32);
      g_autofree float *want = g_new (float, n * 32);
      g_autofree float *in = g_new (float, n * 32);
      g_autofree float *control = g_new (float, n * 8);
      g_autoptr (RdTensor) control_tensor = NULL, input = NULL, output = NULL;
      RdNamedTensor further;
      RdBatch batch;
      Rows rows;

      rows_init (&rows, n, timesteps);
      for (guint k = 0; k < n; k++) {
        rd_conditioning_unref (rows.prompts[k]);
        rows.prompts[k] = make_pooled_prompt (rows.stream, k % 2 ? 3 : 6,
            0.25f * k, 0.5f * k);
      }
      for (guint k = 0; k < n * 8; k++)
        control[k] = 0.125f * (float) k;
      control_tensor = rd_tensor_new_from_host (rows.stream, RD_TYPE_F32, 4,
          dims, control);
      further.name = "control";
      further.tensor = control_tensor;
      input = rd_tensor_new (rows.stream, unet->type, 4, rows.input->dims);
      output = rd_tensor_new_like (input);
      rd_convert (input, rows.input);
      batch.input = input;
      batch.output = output;
      batch.timesteps = rows.timesteps;
      batch.conditionings = rows.prompts;
      batch.n_inputs = 1;
      batch.inputs = &further;
      fail_unless (rd_denoiser_evaluate (unet, &batch, NULL, &error), "%s",
          error ? error->message : NULL);
      rd_convert (rows.output, output);

      fail_unless (rd_tensor_download (rows.input, in, NULL));
      fail_unless (rd_tensor_download (rows.output, got, NULL));
      for (guint k = 0; k < n * 32; k++)
        want[k] = 0.5f * in[k] + 0.001f * (float) timesteps[k / 32]
            + 0.75f * (float) (k / 32) + control[k / 32 * 8 + k % 8];
      rd_test_close (names[i], n * 32, got, want, half ? 8e-3 : 1e-6, 0.0);
      rows_clear (&rows);
    }
  }
}

GST_END_TEST;

/* What a graph wants and is not given, and what it is given and does not want,
 * is told with the graph and the input. */
GST_START_TEST (test_wrong_inputs)
{
  static const struct
  {
    const char *name;
    gboolean pooled;            /* prompts have `text_embeds` */
    const char *further;        /* what the batch has */
    const char *place;
  } cases[] = {
    {"unet-sdxl", FALSE, NULL, "wants the input 'text_embeds', which it is not "
          "given; it is given 'encoder_hidden_states'"},
    {"unet-sdxl", TRUE, NULL, "wants the input 'time_ids'"},
    {"unet-controlled", FALSE, NULL, "wants the input 'control'"},
    {"unet-controlled", FALSE, "mask", "it is given 'encoder_hidden_states', "
          "'mask'"},
    {"unet-scalar", TRUE, NULL, "is given 'text_embeds', which is no input of "
          "it; it takes 'encoder_hidden_states'"},
    {"unet-scalar", FALSE, "mask", "is given 'mask'"},
    {"unet-scalar", FALSE, "encoder_hidden_states",
        "is given 'encoder_hidden_states' twice"},
    {"unet-further", TRUE, NULL, "wants the input 'control'"},
    {"unet-further", FALSE, "control", "wants the input 'text_embeds'"},
  };
  static const double timesteps[] = { 10, 20 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const gint64 dims[] = { 2, 1, 4, 2 };
    g_autofree char *path = graph_path (cases[i].name);
    g_autoptr (RdDenoiser) unet = open_unet (cases[i].name, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (RdTensor) tensor = NULL;
    RdNamedTensor further;
    RdBatch batch = { NULL };
    Rows rows;

    fail_unless (unet != NULL);
    rows_init (&rows, 2, timesteps);
    for (guint k = 0; k < 2 && cases[i].pooled; k++) {
      rd_conditioning_unref (rows.prompts[k]);
      rows.prompts[k] = make_pooled_prompt (rows.stream, 3, 0.0f, 0.0f);
    }
    tensor = rd_tensor_new (rows.stream, RD_TYPE_F32, 4, dims);
    further.name = cases[i].further;
    further.tensor = tensor;
    batch.input = rows.input;
    batch.output = rows.output;
    batch.timesteps = rows.timesteps;
    batch.conditionings = rows.prompts;
    batch.n_inputs = cases[i].further ? 1 : 0;
    batch.inputs = &further;
    fail_if (rd_denoiser_evaluate (unet, &batch, NULL, &error));
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_INVALID));
    fail_unless (strstr (error->message, path)
        && strstr (error->message, cases[i].place), "case %u: %s", i,
        error->message);
    rows_clear (&rows);
  }
}

GST_END_TEST;

/* Prompts with different tensors do not share a batch. */
GST_START_TEST (test_unlike_prompts)
{
  static const double timesteps[] = { 10, 20 };
  g_autoptr (RdDenoiser) unet = open_unet ("unet-scalar", NULL);
  g_autoptr (GError) error = NULL;
  Rows rows;

  rows_init (&rows, 2, timesteps);
  rd_conditioning_unref (rows.prompts[1]);
  rows.prompts[1] = make_pooled_prompt (rows.stream, 3, 0.0f, 0.0f);
  fail_if (rows_evaluate (&rows, unet, NULL, &error));
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SHAPE));
  fail_unless (strstr (error->message, "unet-scalar.onnx")
      && strstr (error->message, "'text_embeds' is float32 1x3 and nothing"),
      "%s", error->message);
  rows_clear (&rows);
}

GST_END_TEST;

GST_START_TEST (test_corrupt_file)
{
  g_autofree char *path = graph_path ("unet-scalar");
  g_autoptr (RdScratch) scratch = rd_scratch_new (NULL);
  g_autofree char *copy = g_build_filename (scratch, "unet.onnx", NULL);
  g_autoptr (RdPrediction) prediction = any_sampling ();
  static const gsize sizes[] = { 500, 100, 3, 0 };

  rd_scratch_install (scratch, "unet.onnx", path);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GError) error = NULL;

    rd_scratch_truncate (scratch, "unet.onnx", sizes[i]);
    fail_unless (rd_denoiser_open (copy, rd_test_runtime (1), prediction,
            CHANNELS, 2, &error) == NULL);
    fail_unless_equals_int (error->domain, RD_ERROR);
    fail_unless (strstr (error->message, copy), "%s", error->message);
  }
}

GST_END_TEST;

/* Weights in a file of their own, which is missing or too short. */
GST_START_TEST (test_damaged_weights)
{
  g_autofree char *network = graph_path ("unet-external");
  g_autofree char *weights = rd_test_path ("onnx/unet-external.data");
  g_autoptr (RdScratch) scratch = rd_scratch_new (NULL);
  g_autofree char *copy = g_build_filename (scratch, "unet.onnx", NULL);
  g_autoptr (RdPrediction) prediction = any_sampling ();

  rd_scratch_install (scratch, "unet.onnx", network);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (rd_denoiser_open (copy, rd_test_runtime (1), prediction,
            CHANNELS, 2, &error) == NULL);
    fail_unless_equals_int (error->domain, RD_ERROR);
    fail_unless (strstr (error->message, copy), "%s", error->message);
    /* ONNX Runtime names the file, or the weight that is cut off */
    fail_unless (strstr (error->message, i == 0 ? "unet-external.data"
            : "half"), "%s", error->message);

    rd_scratch_install (scratch, "unet-external.data", weights);
    rd_scratch_truncate (scratch, "unet-external.data", 5);
  }
}

GST_END_TEST;

/* A mistake is reported as such, and the network works on afterwards. */
GST_START_TEST (test_wrong_shapes)
{
  static const double timesteps[] = { 10, 20 };
  g_autoptr (RdDenoiser) fixed = open_unet ("unet-77-tokens", NULL);
  g_autoptr (RdDenoiser) small = open_unet ("unet-wrong-size", NULL);
  g_autoptr (RdDenoiser) unet = open_unet ("unet-scalar", NULL);
  g_autoptr (GError) error = NULL;
  RdConditioning *right;
  Rows rows;

  fail_unless (fixed && small && unet);
  rows_init (&rows, 2, timesteps);

  fail_if (rows_evaluate (&rows, fixed, NULL, &error));
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SHAPE));
  fail_unless (strstr (error->message, "[batch, 77, 6], not float32 [2, 6, 6]"),
      "%s", error->message);
  g_clear_error (&error);

  fail_if (rows_evaluate (&rows, small, NULL, &error));
  fail_unless_equals_int (error->domain, RD_ERROR);
  g_clear_error (&error);

  right = rows.prompts[1];
  {
    const gint64 dims[] = { 1, 3, WIDTH + 1 };
    g_autoptr (RdTensor) tokens = rd_tensor_new (rows.stream, RD_TYPE_F32, 3,
        dims);

    rows.prompts[1] = rd_conditioning_new_tokens (tokens);
    fail_if (rows_evaluate (&rows, unet, NULL, &error));
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SHAPE));
    g_clear_error (&error);
    rd_conditioning_unref (rows.prompts[1]);
    rows.prompts[1] = right;
  }

  fail_unless (rows_evaluate (&rows, unet, NULL, &error));
  rows_check (&rows, "after mistakes", 1e-6);
  rows_clear (&rows);
}

GST_END_TEST;

/* What went wrong on the stream before is not computed with. */
GST_START_TEST (test_failed_stream)
{
  static const double timesteps[] = { 10 };
  g_autoptr (RdDenoiser) unet = open_unet ("unet-scalar", NULL);
  g_autoptr (GError) error = NULL;
  Rows rows;

  rows_init (&rows, 1, timesteps);
  rd_stream_fail (rows.stream, RD_ERROR_NO_MEMORY, "no memory left");
  fail_if (rows_evaluate (&rows, unet, NULL, &error));
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NO_MEMORY));
  g_clear_error (&error);
  fail_unless (rows_evaluate (&rows, unet, NULL, &error));
  rows_check (&rows, "after a failure", 1e-6);
  rows_clear (&rows);
}

GST_END_TEST;

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (50 * G_TIME_SPAN_MILLISECOND);
  g_cancellable_cancel (cancellable);
  return NULL;
}

GST_START_TEST (test_cancel)
{
  static const double timesteps[] = { 10 };
  g_autoptr (RdDenoiser) endless = open_unet ("unet-endless", NULL);
  g_autoptr (RdDenoiser) unet = open_unet ("unet-scalar", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;
  Rows rows;

  fail_unless (endless && unet);
  rows_init (&rows, 1, timesteps);

  /* twice: the first time must not spoil the second */
  for (guint i = 0; i < 2; i++) {
    g_cancellable_reset (cancellable);
    thread = g_thread_new ("cancel", cancel_soon, cancellable);
    fail_if (rows_evaluate (&rows, endless, cancellable, &error));
    fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED),
        "%s", error->message);
    g_clear_error (&error);
    g_thread_join (thread);
  }

  /* cancelled before it starts */
  fail_if (rows_evaluate (&rows, endless, cancellable, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_clear_error (&error);

  g_cancellable_reset (cancellable);
  fail_unless (rows_evaluate (&rows, unet, cancellable, &error));
  rows_check (&rows, "after a cancel", 1e-6);
  rows_clear (&rows);
}

GST_END_TEST;

static gpointer
evaluate_often (gpointer unet)
{
  static const double timesteps[] = { 999, 3, 3 };
  g_autoptr (GError) error = NULL;
  Rows rows;

  rows_init (&rows, 3, timesteps);
  for (guint i = 0; i < 50; i++) {
    fail_unless (rows_evaluate (&rows, unet, NULL, &error), "%s",
        error ? error->message : NULL);
    rows_check (&rows, "two threads", 1e-6);
  }
  rows_clear (&rows);
  return NULL;
}

GST_START_TEST (test_two_threads)
{
  g_autoptr (RdDenoiser) unet = open_unet ("unet-scalar", NULL);
  GThread *thread = g_thread_new ("second", evaluate_often, unet);

  evaluate_often (unet);
  g_thread_join (thread);
}

GST_END_TEST;

/* A run that is cancelled does not touch another one of the same network. */
GST_START_TEST (test_cancel_one_of_two)
{
  g_autoptr (RdDenoiser) unet = open_unet ("unet-scalar", NULL);
  g_autoptr (RdDenoiser) endless = open_unet ("unet-endless", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *worker = g_thread_new ("worker", evaluate_often, unet);
  GThread *canceller = g_thread_new ("cancel", cancel_soon, cancellable);
  static const double timesteps[] = { 10 };
  Rows rows;

  rows_init (&rows, 1, timesteps);
  fail_if (rows_evaluate (&rows, endless, cancellable, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  rows_clear (&rows);
  g_thread_join (canceller);
  g_thread_join (worker);
}

GST_END_TEST;

static RdTextEncoder *
open_text_encoder (const char *path, guint width, GError ** error)
{
  const RdTextOutputs outputs = { "last_hidden_state", width, NULL, 0 };

  return rd_text_encoder_open (path, rd_test_runtime (1), &outputs, error);
}

GST_START_TEST (test_text_encoders)
{
  static const struct
  {
    const char *name;
    float offset;               /* the mask's sum where the graph adds it */
  } cases[] = {
    {"text-i32", 0.0f}, {"text-i64", 0.0f}, {"text-f16", 0.0f},
    {"text-mask", 5.0f},
  };
  static const gint ids[] = { 3, 700, 0, 1, 2 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = graph_path (cases[i].name);
    g_autoptr (GError) error = NULL;
    g_autoptr (RdTextEncoder) encoder = open_text_encoder (path, WIDTH, &error);
    g_autoptr (RdStream) stream = open_stream ();
    g_auto (RdTextStates) result = { NULL };
    RdTensor *hidden;
    float got[G_N_ELEMENTS (ids) * WIDTH], want[G_N_ELEMENTS (got)];

    fail_unless (encoder != NULL, "%s", error ? error->message : NULL);
    fail_unless (rd_text_encoder_run (encoder, stream, G_N_ELEMENTS (ids), ids,
            &result, NULL, &error), "%s", error ? error->message : NULL);
    fail_unless (result.pooled == NULL);
    hidden = result.states;
    fail_unless_equals_int (hidden->rank, 3);
    fail_unless_equals_int64 (hidden->dims[1], G_N_ELEMENTS (ids));
    fail_unless_equals_int (hidden->type, RD_TYPE_F32);
    fail_unless (rd_tensor_download (hidden, got, NULL));
    for (guint k = 0; k < G_N_ELEMENTS (got); k++)
      want[k] = (float) ids[k / WIDTH] + (k % WIDTH) / 8.0f + cases[i].offset;
    rd_test_close (cases[i].name, G_N_ELEMENTS (got), got, want, 0.0,
        g_str_has_suffix (cases[i].name, "f16") ? 1e-3 : 1e-6);
  }
}

GST_END_TEST;

GST_START_TEST (test_text_encoder_refusals)
{
  static const Refusal cases[] = {
    {"text-float-ids", RD_ERROR_INVALID, "'input_ids' is float32"},
    {"vae-decode", RD_ERROR_INVALID, "not a text encoder"},
    {"no-such-file", RD_ERROR_NOT_FOUND, "no-such-file.onnx"},
  };
  g_autofree char *path = graph_path ("text-i32");
  g_autoptr (GError) width_error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *file = graph_path (cases[i].name);
    g_autoptr (GError) error = NULL;

    fail_unless (open_text_encoder (file, WIDTH, &error) == NULL);
    fail_unless (g_error_matches (error, RD_ERROR, cases[i].code));
    fail_unless (strstr (error->message, cases[i].place), "'%s' is not in '%s'",
        cases[i].place, error->message);
  }
  fail_unless (open_text_encoder (path, WIDTH + 1, &width_error) == NULL);
  fail_unless (strstr (width_error->message, "6 wide, but 7 were expected"),
      "%s", width_error->message);
}

GST_END_TEST;

/* out[o] = in[o % C] * (o + 1) / 4; doubling sides, or halving them by means */
static void
check_vae (const char *name, guint channels_in, guint channels_out,
    gboolean decodes)
{
  const guint side = decodes ? 3 : 6, side_out = decodes ? 6 : 3;
  const gint64 dims_in[] = { 1, channels_in, side, side };
  const gint64 dims_out[] = { 1, channels_out, side_out, side_out };
  g_autofree char *path = graph_path (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (RdVae) vae = rd_vae_open (path, rd_test_runtime (1), channels_in,
      channels_out, &error);
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdTensor) in = rd_tensor_new (stream, RD_TYPE_F32, 4, dims_in);
  g_autoptr (RdTensor) out = rd_tensor_new (stream, RD_TYPE_F32, 4, dims_out);
  g_autofree float *values = g_malloc (in->size);
  g_autofree float *got = g_malloc (out->size);
  g_autofree float *want = g_malloc (out->size);

  fail_unless (vae != NULL, "%s", error ? error->message : NULL);
  for (guint i = 0; i < in->n_elements; i++)
    values[i] = (float) i / 16.0f - 3.0f;
  rd_tensor_upload (in, values);
  fail_unless (rd_vae_run (vae, in, out, NULL, &error), "%s",
      error ? error->message : NULL);
  fail_unless (rd_tensor_download (out, got, NULL));

  for (guint i = 0; i < out->n_elements; i++) {
    const guint x = i % side_out, y = i / side_out % side_out;
    const guint c = i / side_out / side_out;
    const float *plane = values + (c % channels_in) * side * side;
    const float value = decodes ? plane[y / 2 * side + x / 2]
        : (plane[2 * y * side + 2 * x] + plane[2 * y * side + 2 * x + 1]
        + plane[(2 * y + 1) * side + 2 * x]
        + plane[(2 * y + 1) * side + 2 * x + 1]) / 4.0f;

    want[i] = value * (float) (c + 1) / 4.0f;
  }
  rd_test_close (name, out->n_elements, got, want,
      g_str_has_suffix (name, "f16") ? 1e-2 : 1e-5, 0.0);
}

GST_START_TEST (test_vaes)
{
  check_vae ("vae-decode", CHANNELS, 3, TRUE);
  check_vae ("vae-decode-row", CHANNELS, 3, TRUE);
  check_vae ("vae-decode-f16", CHANNELS, 3, TRUE);
  check_vae ("vae-encode", 3, CHANNELS, FALSE);
  check_vae ("vae-encode-parameters", 3, CHANNELS, FALSE);
  check_vae ("vae-encode-named", 3, CHANNELS, FALSE);
  check_vae ("vae-encode-f16", 3, CHANNELS, FALSE);
}

GST_END_TEST;

GST_START_TEST (test_vae_refusals)
{
  static const Refusal cases[] = {
    {"vae-decode-pairs", RD_ERROR_INVALID, "2 pictures at once"},
    {"vae-encode-named", RD_ERROR_INVALID, "turn 4 channels into 3"},
    {"text-i32", RD_ERROR_INVALID, "not a VAE encoder or decoder"},
    {"unet-scalar", RD_ERROR_INVALID, "turn 4 channels into 3"},
    {"no-such-file", RD_ERROR_NOT_FOUND, "no-such-file.onnx"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = graph_path (cases[i].name);
    g_autoptr (GError) error = NULL;

    fail_unless (rd_vae_open (path, rd_test_runtime (1), CHANNELS, 3,
            &error) == NULL);
    fail_unless (g_error_matches (error, RD_ERROR, cases[i].code));
    fail_unless (strstr (error->message, cases[i].place), "'%s' is not in '%s'",
        cases[i].place, error->message);
  }
}

GST_END_TEST;

static Suite *
onnx_suite (void)
{
  Suite *suite = suite_create ("onnx");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_unet_flavours);
  tcase_add_test (tc, test_fractions);
  tcase_add_test (tc, test_unet_refusals);
  tcase_add_test (tc, test_further_inputs);
  tcase_add_test (tc, test_wrong_inputs);
  tcase_add_test (tc, test_unlike_prompts);
  tcase_add_test (tc, test_corrupt_file);
  tcase_add_test (tc, test_damaged_weights);
  tcase_add_test (tc, test_wrong_shapes);
  tcase_add_test (tc, test_failed_stream);
  tcase_add_test (tc, test_cancel);
  tcase_add_test (tc, test_two_threads);
  tcase_add_test (tc, test_cancel_one_of_two);
  tcase_add_test (tc, test_text_encoders);
  tcase_add_test (tc, test_text_encoder_refusals);
  tcase_add_test (tc, test_vaes);
  tcase_add_test (tc, test_vae_refusals);

  return suite;
}

GST_CHECK_MAIN (onnx);
