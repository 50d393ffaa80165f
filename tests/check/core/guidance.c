/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Questions of several callers in one batch, and what a network is given beside
 * latents, by a network that answers with what it is given. */

#include <math.h>
#include <string.h>

#include "rdtest.h"
#include "teststream.h"

#include "networks/guidance.h"

#define CHANNELS 2
#define SIDE 8
#define CELLS (SIDE * SIDE)

/* out = timestep / 1000 + mean of the tokens + mask + picture / 4 + label, with
 * the mask of the latent's size, the picture of twice its sides, whose cell at
 * the top left of every four is taken, and a number for each row. */
typedef struct
{
  RdDenoiser parent;
  guint n_batches;
  gint64 most_rows;             /* that it has memory for, 0 for any number */
} Echo;

static float *
download (const RdTensor * tensor)
{
  float *values = g_malloc (tensor->size);

  fail_unless (rd_tensor_download (tensor, values, NULL));
  return values;
}

static float *
download_input (const RdBatch * batch, const char *name, gint64 height,
    gint64 width)
{
  for (guint i = 0; i < batch->n_inputs; i++) {
    const RdTensor *tensor = batch->inputs[i].tensor;

    if (!g_str_equal (batch->inputs[i].name, name))
      continue;
    fail_unless_equals_int64 (tensor->dims[0], batch->input->dims[0]);
    fail_unless_equals_int64 (tensor->dims[2], height);
    fail_unless_equals_int64 (tensor->dims[3], width);
    return download (tensor);
  }
  return NULL;
}

static gboolean
echo_evaluate (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error)
{
  const gint64 *dims = batch->input->dims;
  const gint64 height = dims[2], width = dims[3], plane = height * width;
  g_autofree float *out = g_new (float, batch->output->n_elements);
  g_autofree float *mask = download_input (batch, "mask", height, width);
  g_autofree float *picture = download_input (batch, "picture", 2 * height,
      2 * width);
  g_autofree float *label = download_input (batch, "label", 1, 1);

  ((Echo *) denoiser)->n_batches++;
  if (((Echo *) denoiser)->most_rows
      && dims[0] > ((Echo *) denoiser)->most_rows) {
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY, "no memory for %u rows",
        (guint) dims[0]);
    return FALSE;
  }
  for (gint64 i = 0; i < dims[0] * CHANNELS * plane; i++) {
    const gint64 row = i / (CHANNELS * plane), cell = i % plane;
    const gint64 y = cell / width, x = cell % width;
    g_autofree float *tokens = download (rd_conditioning_get
        (batch->conditionings[row], RD_CONDITIONING_TOKENS));

    out[i] = (float) batch->timesteps[row] / 1000.0f + tokens[0]
        + (mask ? mask[row * plane + cell] : 0.0f)
        + (picture ? picture[row * 4 * plane + 4 * y * width + 2 * x]
        / 4.0f : 0.0f) + (label ? label[row] : 0.0f);
  }
  rd_tensor_upload (batch->output, out);
  return TRUE;
}

static void
echo_finalize (RdDenoiser * denoiser)
{
  g_free (denoiser);
}

/* @inputs: what it takes */
static RdDenoiser *
echo_new (const char *const *inputs)
{
  static const RdDenoiserClass klass = { echo_evaluate, echo_finalize };
  g_autoptr (RdPrediction) prediction = rd_prediction_new
      (RD_PREDICTION_EPSILON, RD_BETAS_LINEAR, 1e-4, 0.02, 1000);
  Echo *echo = g_new0 (Echo, 1);

  rd_denoiser_init (&echo->parent, &klass, prediction, CHANNELS);
  echo->parent.name = "echo";
  if (inputs)
    echo->parent.inputs = inputs;
  return &echo->parent;
}

static RdTensor *
make_tensor (RdStream * stream, gint64 n, gint64 c, gint64 h, gint64 w,
    float first, float step)
{
  const gint64 dims[] = { n, c, h, w };
  g_autofree float *values = g_new (float, n * c * h * w);

  for (gint64 i = 0; i < n * c * h * w; i++)
    values[i] = first + step * (float) i;
  return rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, dims, values);
}

static RdConditioning *
make_prompt (RdStream * stream, float value)
{
  const gint64 dims[] = { 1, 1, 1 };
  g_autoptr (RdTensor) tokens =
      rd_tensor_new_from_host (stream, RD_TYPE_F32, 3, dims, &value);

  return rd_conditioning_new_tokens (tokens);
}

/* A guide and one question to it about @n rows. */
typedef struct
{
  RdGuide guide;
  RdQuestion question;
  RdGuidanceStats stats;
  RdTensor *x, *denoised;
} Caller;

static void
caller_init (Caller * caller, RdDenoiser * denoiser, RdStream * stream,
    gint64 n, gint64 side, double sigma, float prompt)
{
  memset (caller, 0, sizeof *caller);
  caller->guide.denoiser = rd_denoiser_ref (denoiser);
  caller->guide.positive = make_prompt (stream, prompt);
  caller->guide.negative = make_prompt (stream, -prompt);
  caller->guide.cfg = 1.0;
  caller->x = make_tensor (stream, n, CHANNELS, side, side, 0.5f, 0.25f);
  caller->denoised = rd_tensor_new_like (caller->x);
  caller->question.guide = &caller->guide;
  caller->question.x = caller->x;
  caller->question.sigma = sigma;
  caller->question.denoised = caller->denoised;
  caller->question.stats = &caller->stats;
}

static void
caller_clear (Caller * caller)
{
  rd_guide_clear (&caller->guide);
  rd_tensor_unref (caller->x);
  rd_tensor_unref (caller->denoised);
}

static void
caller_add (Caller * caller, const char *name, gint64 n, gint64 c, gint64 side,
    guint scale, float first, float step)
{
  g_autoptr (RdTensor) tensor = make_tensor (caller->x->stream, n, c, side,
      side, first, step);

  rd_guide_add_input (&caller->guide, name, tensor, scale);
}

static double
timestep_part (const Caller * caller)
{
  return rd_prediction_timestep (caller->guide.denoiser->prediction,
      caller->question.sigma) / 1000.0;
}

/* That the network's answer, which the prediction makes of x and the denoised,
 * is @want in every cell of every row. */
static void
check_answer (const Caller * caller, const char *what, const double *want)
{
  const double sigma = caller->question.sigma;
  g_autofree float *x = download (caller->x);
  g_autofree float *denoised = download (caller->denoised);
  const gint64 plane = caller->x->dims[2] * caller->x->dims[3];

  for (gsize i = 0; i < caller->x->n_elements; i++) {
    const gint64 row = i / (CHANNELS * plane), cell = i % plane;
    const double got = (x[i] - denoised[i]) / sigma;

    fail_unless (fabs (got - want[row * plane + cell]) < 1e-4,
        "%s: cell %u is %g, not %g", what, (guint) i, got,
        want[row * plane + cell]);
  }
}

static const char *const all_inputs[] = {
  "label", RD_CONDITIONING_TOKENS, "picture", "mask", NULL
};

/* Two callers with their own latents, levels, prompts, masks, pictures and
 * labels: one batch, and each row gets its own. */
GST_START_TEST (test_rows_get_their_own)
{
  g_autoptr (RdStream) stream = rd_test_stream_new ();
  g_autoptr (RdDenoiser) echo = echo_new (all_inputs);
  g_autoptr (GError) error = NULL;
  static const gint64 n_rows[] = { 1, 3 };
  static const double sigmas[] = { 14.0, 0.1 };
  Caller callers[2];
  RdQuestion questions[2];

  for (guint k = 0; k < 2; k++) {
    caller_init (&callers[k], echo, stream, n_rows[k], SIDE, sigmas[k],
        10.0f * (float) (k + 1));
    /* one mask for all rows of the second, too; a label for each */
    caller_add (&callers[k], "mask", 1, 1, SIDE, 1, 100.0f * (float) (k + 1),
        0.5f);
    caller_add (&callers[k], "picture", n_rows[k], 1, 2 * SIDE, 2, 0.0f,
        (float) (k + 1));
    caller_add (&callers[k], "label", n_rows[k], 1, 1, 0, (float) k, 1.0f);
    questions[k] = callers[k].question;
  }
  fail_unless (rd_guidance_answer (2, questions, NULL, &error), "%s",
      error ? error->message : NULL);
  fail_unless_equals_int (((Echo *) echo)->n_batches, 1);
  for (guint k = 0; k < 2; k++) {
    double want[3 * CELLS];

    for (gint64 i = 0; i < n_rows[k] * CELLS; i++) {
      const gint64 row = i / CELLS, cell = i % CELLS;
      const gint64 place = row * 4 * CELLS + 4 * (cell / SIDE) * SIDE
          + 2 * (cell % SIDE);

      want[i] = timestep_part (&callers[k]) + 10.0 * (k + 1)
          + 100.0 * (k + 1) + 0.5 * (double) cell
          + (k + 1) * (double) place / 4.0 + k + (double) row;
    }
    check_answer (&callers[k], k ? "second" : "first", want);
    fail_unless_equals_int (callers[k].stats.calls, 1);
    fail_unless_equals_int (callers[k].stats.rows, n_rows[k]);
  }
  for (guint k = 0; k < 2; k++)
    caller_clear (&callers[k]);
}

GST_END_TEST;

/* A batch of several callers at different levels gives the bits of one after the
 * other. */
GST_START_TEST (test_callers_do_not_touch)
{
  g_autoptr (RdStream) stream = rd_test_stream_new ();
  g_autoptr (RdDenoiser) echo = echo_new (NULL);
  Caller callers[3];
  RdQuestion questions[3];
  float *alone[3];

  for (guint k = 0; k < 3; k++) {
    caller_init (&callers[k], echo, stream, k + 1, SIDE, 10.0 / (1 << 3 * k),
        0.3f * (float) k);
    callers[k].guide.cfg = 1.0 + 3.0 * k;
    questions[k] = callers[k].question;
    fail_unless (rd_guidance_answer (1, &questions[k], NULL, NULL));
    alone[k] = download (callers[k].denoised);
  }
  fail_unless_equals_int (((Echo *) echo)->n_batches, 3);

  fail_unless (rd_guidance_answer (3, questions, NULL, NULL));
  fail_unless_equals_int (((Echo *) echo)->n_batches, 4);
  for (guint k = 0; k < 3; k++) {
    g_autofree float *together = download (callers[k].denoised);

    fail_unless (memcmp (together, alone[k], callers[k].denoised->size) == 0,
        "caller %u", k);
    g_free (alone[k]);
    caller_clear (&callers[k]);
  }
}

GST_END_TEST;

/* Where the network is shown a part of the latent it is given that part of masks
 * and pictures, and with a margin where the latent gets one: the answer is as
 * for the whole, in all cells of the part. */
GST_START_TEST (test_windows)
{
  static const RdWindow windows[] = {
    {2, 3, 4, 2}, {0, 0, SIDE, SIDE}, {6, 5, 2, 3}
  };
  g_autoptr (RdStream) stream = rd_test_stream_new ();
  g_autoptr (RdDenoiser) echo = echo_new (all_inputs);

  for (guint i = 0; i <= G_N_ELEMENTS (windows); i++) {
    const gboolean margin = i == G_N_ELEMENTS (windows);
    const gint64 side = margin ? 6 : SIDE;
    const RdWindow whole = { 0, 0, side, side };
    const RdWindow *window = margin ? &whole : &windows[i];
    g_autoptr (GError) error = NULL;
    g_autofree float *x = NULL, *denoised = NULL;
    Caller caller;

    echo->multiple = margin ? 4 : 1;
    caller_init (&caller, echo, stream, 1, side, 2.0, 0.0f);
    caller_add (&caller, "mask", 1, 1, side, 1, 3.0f, 1.0f);
    caller_add (&caller, "picture", 1, 1, 2 * side, 2, 0.0f, 1.0f);
    caller_add (&caller, "label", 1, 1, 1, 0, 7.0f, 0.0f);
    caller.question.window = margin ? NULL : window;
    fail_unless (rd_guidance_answer (1, &caller.question, NULL, &error), "%s",
        error ? error->message : NULL);

    x = download (caller.x);
    denoised = download (caller.denoised);
    for (gint64 k = 0; k < side * side * CHANNELS; k++) {
      const gint64 cell = k % (side * side), row = cell / side;
      const gint64 column = cell % side;
      const double want_here = timestep_part (&caller) + 3.0 + (double) cell
          + (double) (4 * row * side + 2 * column) / 4.0 + 7.0;
      const gboolean inside = row >= window->top && column >= window->left
          && row < window->top + window->height
          && column < window->left + window->width;

      if (!inside)
        fail_unless (denoised[k] == 0.0f);
      else
        fail_unless (fabs ((x[k] - denoised[k]) / 2.0 - want_here) < 1e-4,
            "window %u, cell %d: %g, not %g", i, (int) k,
            (x[k] - denoised[k]) / 2.0, want_here);
    }
    caller_clear (&caller);
  }
}

GST_END_TEST;

/* Equal unconditional questions are one, unless their inputs differ. */
GST_START_TEST (test_shared_negatives)
{
  static const char *const inputs[] = {
    RD_CONDITIONING_TOKENS, "label", NULL
  };
  g_autoptr (RdStream) stream = rd_test_stream_new ();
  g_autoptr (RdDenoiser) echo = echo_new (inputs);
  g_autoptr (RdTensor) label = make_tensor (stream, 1, 1, 1, 1, 1.0f, 0.0f);
  g_autoptr (RdTensor) other = make_tensor (stream, 1, 1, 1, 1, 5.0f, 0.0f);

  for (guint i = 0; i < 2; i++) {
    Caller callers[2];
    RdQuestion questions[2];

    for (guint k = 0; k < 2; k++) {
      caller_init (&callers[k], echo, stream, 1, SIDE, 1.0, 2.0f);
      callers[k].guide.cfg = 3.0;
      rd_guide_add_input (&callers[k].guide, "label",
          i && k ? other : label, 0);
    }
    rd_conditioning_unref (callers[1].guide.negative);
    callers[1].guide.negative = rd_conditioning_ref (callers[0].guide.negative);
    callers[1].question.x = callers[0].x;
    callers[1].question.stats = &callers[0].stats;
    questions[0] = callers[0].question;
    questions[1] = callers[1].question;
    fail_unless (rd_guidance_answer (2, questions, NULL, NULL));
    fail_unless_equals_int (callers[0].stats.calls, 1);
    fail_unless_equals_int (callers[0].stats.rows, i ? 4 : 3);
    for (guint k = 0; k < 2; k++) {
      double want[CELLS];

      for (guint cell = 0; cell < CELLS; cell++)
        want[cell] = timestep_part (&callers[k]) - 2.0 + 3.0 * 4.0
            + (i && k ? 5.0 : 1.0);
      check_answer (&callers[k], "shared", want);
      caller_clear (&callers[k]);
    }
  }
}

GST_END_TEST;

/* Regions with the same prompt about the same latent are one row, whatever their
 * cfg, and so are a negative prompt and an equal positive one. */
GST_START_TEST (test_equal_prompts)
{
  static const double cfgs[] = { 3.0, 1.0, 2.0, 4.0 };
  g_autoptr (RdStream) stream = rd_test_stream_new ();
  g_autoptr (RdDenoiser) echo = echo_new (NULL);
  Caller callers[G_N_ELEMENTS (cfgs)];
  RdQuestion questions[G_N_ELEMENTS (cfgs)];

  for (guint k = 0; k < G_N_ELEMENTS (cfgs); k++) {
    RdGuide *guide = &callers[k].guide;

    caller_init (&callers[k], echo, stream, 1, SIDE, 1.0, 2.0f);
    guide->cfg = cfgs[k];
    callers[k].question.x = callers[0].x;
    callers[k].question.stats = &callers[0].stats;
    if (k > 0) {
      rd_conditioning_unref (guide->positive);
      rd_conditioning_unref (guide->negative);
      guide->negative = rd_conditioning_ref (callers[0].guide.negative);
      /* the last one draws what the others draw away from */
      guide->positive = rd_conditioning_ref (k == 3
          ? callers[0].guide.negative : callers[0].guide.positive);
    }
    questions[k] = callers[k].question;
  }
  fail_unless (rd_guidance_answer (G_N_ELEMENTS (cfgs), questions, NULL, NULL));
  fail_unless_equals_int (((Echo *) echo)->n_batches, 1);
  fail_unless_equals_int (callers[0].stats.rows, 2);
  for (guint k = 0; k < G_N_ELEMENTS (cfgs); k++) {
    double want[CELLS];

    for (guint cell = 0; cell < CELLS; cell++)
      want[cell] = timestep_part (&callers[k]) - 2.0
          + (k == 3 ? 0.0 : cfgs[k] * 4.0);
    check_answer (&callers[k], "equal prompts", want);
  }
  for (guint k = 0; k < G_N_ELEMENTS (cfgs); k++)
    caller_clear (&callers[k]);
}

GST_END_TEST;

/* A batch that there is no memory for is tried in halves, once; each row still
 * gets its own. */
GST_START_TEST (test_no_memory)
{
  static const char *const inputs[] = {
    RD_CONDITIONING_TOKENS, "label", NULL
  };
  static const struct
  {
    gint64 rows, most_rows;
    guint n_batches;
    gboolean works;
  } cases[] = {
    {4, 4, 1, TRUE},
    {4, 2, 3, TRUE},
    {3, 2, 3, TRUE},
    {5, 2, 2, FALSE},           /* three rows are too many, too */
    {1, 0, 1, TRUE},
  };
  g_autoptr (RdStream) stream = rd_test_stream_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RdDenoiser) echo = echo_new (inputs);
    const gint64 rows = cases[i].rows;
    g_autofree double *want = g_new (double, rows * CELLS);
    g_autoptr (GError) error = NULL;
    Caller caller;

    ((Echo *) echo)->most_rows = cases[i].most_rows;
    caller_init (&caller, echo, stream, rows, SIDE, 1.0, 2.0f);
    caller_add (&caller, "label", rows, 1, 1, 0, 1.0f, 10.0f);
    fail_unless_equals_int (rd_guidance_answer (1, &caller.question, NULL,
            &error), cases[i].works);
    fail_unless_equals_int (((Echo *) echo)->n_batches, cases[i].n_batches);
    for (gint64 k = 0; k < rows * CELLS; k++)
      want[k] =
          timestep_part (&caller) + 2.0 + 1.0 + 10.0 * (double) (k / CELLS);
    if (cases[i].works)
      check_answer (&caller, "in halves", want);
    else
      fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NO_MEMORY));
    caller_clear (&caller);
  }
}

GST_END_TEST;

/* Questions whose inputs differ in name or size do not share a batch. */
GST_START_TEST (test_unlike_inputs)
{
  static const char *const inputs[] = {
    RD_CONDITIONING_TOKENS, "label", NULL
  };
  g_autoptr (RdStream) stream = rd_test_stream_new ();
  g_autoptr (RdDenoiser) echo = echo_new (inputs);
  Caller callers[2];
  RdQuestion questions[2];

  for (guint k = 0; k < 2; k++) {
    caller_init (&callers[k], echo, stream, 1, SIDE, 1.0, 2.0f);
    caller_add (&callers[k], "label", 1, 1 + k, 1, 0, 1.0f, 0.0f);
    questions[k] = callers[k].question;
  }
  fail_unless (rd_guidance_answer (2, questions, NULL, NULL));
  fail_unless_equals_int (((Echo *) echo)->n_batches, 2);
  for (guint k = 0; k < 2; k++)
    caller_clear (&callers[k]);
}

GST_END_TEST;

GST_START_TEST (test_wrong_inputs)
{
  static const struct
  {
    const char *name;
    gint64 n, side;
    guint scale;
    RdError code;
    const char *place;
  } cases[] = {
    {"mask", 2, SIDE, 1, RD_ERROR_SHAPE,
        "echo: the input 'mask' has 2 rows; it needs 1, or 3"},
    {"mask", 3, SIDE + 1, 1, RD_ERROR_SHAPE,
        "'mask' is float32 3x1x9x9; for this latent it must be 8 wide"},
    {"mask", 1, SIDE, 2, RD_ERROR_SHAPE, "it must be 16 wide and 16 high"},
    {"musk", 1, SIDE, 1, RD_ERROR_INVALID, "echo wants the input 'mask'"},
    {NULL, 0, 0, 0, RD_ERROR_INVALID, "echo wants the input 'mask', which it "
          "is not given; it is given 'encoder_hidden_states'"},
  };
  static const char *const inputs[] = { RD_CONDITIONING_TOKENS, "mask", NULL };
  g_autoptr (RdStream) stream = rd_test_stream_new ();
  g_autoptr (RdDenoiser) echo = echo_new (inputs);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    Caller caller;

    caller_init (&caller, echo, stream, 3, SIDE, 1.0, 2.0f);
    if (cases[i].name)
      caller_add (&caller, cases[i].name, cases[i].n, 1, cases[i].side,
          cases[i].scale, 0.0f, 1.0f);
    fail_if (rd_guidance_answer (1, &caller.question, NULL, &error));
    fail_unless (g_error_matches (error, RD_ERROR, cases[i].code));
    fail_unless (strstr (error->message, cases[i].place), "case %u: %s", i,
        error->message);
    caller_clear (&caller);
  }
}

GST_END_TEST;

static Suite *
guidance_suite (void)
{
  Suite *suite = suite_create ("guidance");
  TCase *chain = tcase_create ("guidance");

  suite_add_tcase (suite, chain);
  tcase_add_test (chain, test_rows_get_their_own);
  tcase_add_test (chain, test_callers_do_not_touch);
  tcase_add_test (chain, test_windows);
  tcase_add_test (chain, test_shared_negatives);
  tcase_add_test (chain, test_equal_prompts);
  tcase_add_test (chain, test_no_memory);
  tcase_add_test (chain, test_unlike_inputs);
  tcase_add_test (chain, test_wrong_inputs);
  return suite;
}

GST_CHECK_MAIN (guidance);
