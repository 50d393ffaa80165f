/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What a job shows of itself while it runs, and the map that gives latents
 * their colours. */

#include <gst/check/gstcheck.h>
#include <math.h>
#include <string.h>

#include "../analytic.h"
#include "loop/loop.h"

#define CELL 8                  /* pixels of a latent cell */

static RdStream *stream;

static void
setup (void)
{
  stream = rd_stream_new (rd_device_get ("cpu", NULL), NULL);
}

static void
teardown (void)
{
  rd_stream_unref (stream);
}

/* A decoder by a formula: every pixel is a linear function of its cell's
 * channels, plus a pattern whose mean over a cell is 0. */
typedef struct
{
  guint channels;
  guint calls;
  guint fail_at;                /* that call fails, if not 0 */
  guint cell;
  float poison;                 /* added to one pixel */
  GCancellable *cancel;         /* cancelled by the first call, if not NULL */
} Decoder;

static double
true_weight (guint colour, guint channel)
{
  return 0.07 * sin (1.0 + 3.0 * colour + 7.0 * channel);
}

static RdTensor *
decode (RdTensor * latent, gpointer user_data, GCancellable * cancellable,
    GError ** error)
{
  Decoder *decoder = user_data;
  const guint side = latent->dims[2], size = side * decoder->cell;
  const float *z = latent->data;
  RdTensor *picture;
  float *pixels;

  fail_unless_equals_int (latent->dims[1], decoder->channels);
  if (decoder->cancel)
    g_cancellable_cancel (decoder->cancel);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (++decoder->calls == decoder->fail_at) {
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED, "no such luck");
    return NULL;
  }

  picture = rd_tensor_new (stream, RD_TYPE_F32, 4,
      (const gint64[]) { 1, 3, size, size });
  pixels = picture->data;
  for (guint k = 0; k < 3; k++) {
    for (guint y = 0; y < size; y++) {
      for (guint x = 0; x < size; x++) {
        const guint cell = y / decoder->cell * side + x / decoder->cell;
        double value = true_weight (k, decoder->channels);

        for (guint c = 0; c < decoder->channels; c++)
          value += true_weight (k, c) * z[c * side * side + cell];
        *pixels++ = (float) (value + ((x + y) % 2 ? 0.25 : -0.25));
      }
    }
  }
  ((float *) picture->data)[0] += decoder->poison;
  return picture;
}

static RdPreviewMap *
fit (Decoder * decoder, GCancellable * cancellable, GError ** error)
{
  return rd_preview_map_fit (stream, decoder->channels, 1.0 / 0.18215, 0.5,
      decode, decoder, cancellable, error);
}

GST_START_TEST (linear_decoders_are_recovered)
{
  const guint all_channels[] = { 4, 16 };

  for (guint i = 0; i < G_N_ELEMENTS (all_channels); i++) {
    Decoder decoder = { all_channels[i],.cell = CELL };
    g_autoptr (GError) error = NULL;
    g_autoptr (RdPreviewMap) map = fit (&decoder, NULL, &error);
    g_autoptr (RdPreviewMap) again = fit (&decoder, NULL, &error);
    const guint n = decoder.channels + 1;

    fail_unless (map && again, "%s", error ? error->message : "");
    fail_unless_equals_int (map->channels, decoder.channels);
    for (guint k = 0; k < 3; k++) {
      for (guint c = 0; c < n; c++) {
        const double got = map->weights[k * n + c];

        fail_unless (fabs (got - true_weight (k, c)) < 2e-6,
            "%u channels, colour %u, weight %u: %g instead of %g",
            decoder.channels, k, c, got, true_weight (k, c));
        /* always the same latents, so always the same map */
        fail_unless (got == again->weights[k * n + c]);
      }
    }
  }
}

GST_END_TEST;

GST_START_TEST (bad_decoders_are_refused)
{
  const struct
  {
    Decoder decoder;
    int code;
    const char *text;
  } cases[] = {
    {{4,.cell = CELL,.fail_at = 3}, RD_ERROR_FAILED, "no such luck"},
    {{4,.cell = 0}, RD_ERROR_SHAPE, "16x16 latent cells"},
    {{4,.cell = CELL,.poison = NAN}, RD_ERROR_INVALID, "non-finite"},
    {{4,.cell = CELL,.poison = INFINITY}, RD_ERROR_INVALID, "non-finite"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    Decoder decoder = cases[i].decoder;
    g_autoptr (GError) error = NULL;

    fail_unless (fit (&decoder, NULL, &error) == NULL);
    fail_unless (g_error_matches (error, RD_ERROR, cases[i].code), "%s",
        error->message);
    fail_unless (strstr (error->message, cases[i].text), "%s", error->message);
  }
}

GST_END_TEST;

GST_START_TEST (a_fit_can_be_cancelled)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Decoder decoder = { 4,.cell = CELL,.cancel = cancellable };
  g_autoptr (GError) error = NULL;

  fail_unless (fit (&decoder, cancellable, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

GST_END_TEST;

GST_START_TEST (colours_are_clamped_and_rounded)
{
  /* red is the first channel, green is the second plus 0.5, blue is constant */
  double weights[] = { 1.0, 0.0, 0.0, 0.0, 1.0, 0.5, 0.0, 0.0, -1.0 };
  const RdPreviewMap map = { 2, weights };
  const float latent[] = { -2.0f, -6.0f, 2.0f, NAN, 0.0f, 0.0f, -1.0f, 9.0f };
  guint8 rgb[12];
  const guint8 expected[] = {
    128, 255, 0,                /* 0 and 1.5 */
    0, 255, 0,
    255, 255, 0,
    0, 0, 0                     /* not a number */
  };

  rd_preview_map_apply (&map, latent, 4, 2.0, 1.0, rgb);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    fail_unless_equals_int (rgb[i], expected[i]);
}

GST_END_TEST;

/* A job's previews. The map shows the first three channels as they are. */
#define CHANNELS 4
#define SIDE 8
#define ROWS 2
#define STEPS 6
#define SCALE 0.5

typedef struct
{
  RdPreviewer previewer;
  RdPreviewMap map;
  double weights[3 * (CHANNELS + 1)];
  guint n;
  RdProgress last;
  guint8 rgb[SIDE * SIDE * 3];
} Shown;

static void
show (const RdProgress * progress, guint width, guint height,
    const guint8 * rgb, gpointer user_data)
{
  Shown *shown = user_data;

  fail_unless_equals_int (width, SIDE);
  fail_unless_equals_int (height, SIDE);
  fail_unless (progress->step == shown->last.step + 1 || shown->n == 0);
  fail_unless (progress->fraction >= shown->last.fraction);
  shown->n++;
  shown->last = *progress;
  memcpy (shown->rgb, rgb, sizeof shown->rgb);
}

/* The report of the same moment says the same. */
static void
report (const RdProgress * progress, gpointer user_data)
{
  const RdProgress *last = &((Shown *) user_data)->last;

  if (progress->region != 0 || progress->step == 0 || last->step == 0)
    return;
  fail_unless_equals_int (last->steps, progress->steps);
  fail_unless_equals_int (last->region, 0);
  fail_unless_equals_int (last->regions, progress->regions);
  if (last->step == progress->step) {
    fail_unless_equals_float (last->sigma, progress->sigma);
    fail_unless (last->fraction <= progress->fraction);
  }
}

static Shown *
shown_new (guint interval_ms)
{
  Shown *shown = g_new0 (Shown, 1);

  shown->map.channels = CHANNELS;
  shown->map.weights = shown->weights;
  for (guint k = 0; k < 3; k++)
    shown->weights[k * (CHANNELS + 1) + k] = SCALE / 4.0;
  shown->previewer.map = &shown->map;
  shown->previewer.func = show;
  shown->previewer.interval_ms = interval_ms;
  return shown;
}

static RdOwner *
make_owner (RdDenoiser * denoiser, const char *id, const char *sampler,
    double mean)
{
  g_autoptr (RdConditioning) positive =
      rd_analytic_prompt (stream, CHANNELS, mean);
  g_autoptr (RdConditioning) negative =
      rd_analytic_prompt (stream, CHANNELS, 0.0);
  RdOwner *owner = rd_owner_new (id, denoiser, positive, negative);

  owner->guide.cfg = 1.0;
  owner->solver = rd_solver_find (sampler, NULL);
  owner->overlap_factor = 0;
  return owner;
}

/* The base wants 2 and a region on the right half wants -2. */
static RdTensor *
run (Shown * shown, RdMode mode, const char *sampler, gboolean with_region)
{
  g_autoptr (RdPrediction) prediction =
      rd_prediction_new (RD_PREDICTION_EPSILON, RD_BETAS_SCALED_LINEAR, 0.00085,
      0.012, 1000);
  RdDenoiser *denoiser = rd_analytic_new (prediction, CHANNELS);
  g_autoptr (RdJob) job = rd_job_new (make_owner (denoiser, "base", sampler,
          2.0));
  const gint64 dims[] = { ROWS, CHANNELS, SIDE, SIDE };
  g_autofree float *zeros = g_new0 (float, ROWS * CHANNELS * SIDE * SIDE);
  g_autoptr (RdTensor) latent = rd_tensor_new_from_host (stream, RD_TYPE_F32,
      4, dims, zeros);
  g_autoptr (GError) error = NULL;
  RdTensor *result;

  if (with_region) {
    RdOwner *region = make_owner (denoiser, "region", sampler, -2.0);
    const guint side = SIDE * job->downscale;

    region->mask = rd_mask_new (side, side);
    for (guint i = 0; i < side * side; i++)
      region->mask->data[i] = i % side >= side / 2;
    g_ptr_array_add (job->regions, region);
  }
  rd_denoiser_unref (denoiser);
  job->mode = mode;
  job->steps = STEPS;
  job->base_only_steps = mode == RD_MODE_IMPACT_SIMPLE ? 2 : 0;
  job->scale = SCALE;
  job->progress = report;
  job->previewer = &shown->previewer;
  job->user_data = shown;
  result = rd_job_run (job, latent, NULL, NULL, &error);
  fail_unless (result != NULL, "%s", error ? error->message : "");
  return result;
}

/* Mean red of the left or right half: prompts are 2 and -2 at a gain of 1/4. */
static double
mean_red (const Shown * shown, gboolean right)
{
  double sum = 0.0;

  for (guint y = 0; y < SIDE; y++)
    for (guint x = 0; x < SIDE / 2; x++)
      sum += shown->rgb[(y * SIDE + x + (right ? SIDE / 2 : 0)) * 3];
  return sum / (SIDE * SIDE / 2) / 127.5 - 1.0;
}

typedef struct
{
  RdMode mode;
  guint n_previews;             /* of six steps */
  gboolean ends_with_result;
  gboolean begins_without_region;
} ModeCase;

static const ModeCase mode_cases[] = {
  /* the last step is the base's alone, and thrown away */
  {RD_MODE_IMPACT, STEPS - 1, FALSE},
  {RD_MODE_IMPACT_SIMPLE, STEPS, FALSE, TRUE},
  {RD_MODE_SEQUENTIAL, STEPS, TRUE},
  {RD_MODE_PARALLEL, STEPS, TRUE},
  {RD_MODE_FUSED, STEPS, TRUE},
};

GST_START_TEST (previews_show_predictions)
{
  const ModeCase *c = &mode_cases[__i__];
  const char *samplers[] = { "euler", "dpmpp_2m", "heun", "dpmpp_sde" };

  for (guint i = 0; i < G_N_ELEMENTS (samplers); i++) {
    g_autofree Shown *shown = shown_new (0);
    g_autoptr (RdTensor) result = run (shown, c->mode, samplers[i], TRUE);
    const float *values = result->data;

    fail_unless_equals_int (shown->n, c->n_previews);
    fail_unless_equals_int (shown->last.step, c->n_previews);
    fail_unless (fabs (mean_red (shown, FALSE) - 0.5) < 0.1, "%s: %g",
        samplers[i], mean_red (shown, FALSE));
    fail_unless (fabs (mean_red (shown, TRUE) + 0.5)
        < (c->begins_without_region ? 0.5 : 0.1), "%s: %g",
        samplers[i], mean_red (shown, TRUE));
    for (guint k = 0; c->ends_with_result && k < SIDE * SIDE; k++) {
      const double level = rint ((values[k] * SCALE / 4.0 + 1.0) * 127.5);

      fail_unless (fabs (shown->rgb[3 * k] - CLAMP (level, 0.0, 255.0)) <= 1.0,
          "%s, cell %u: %u instead of %g", samplers[i], k, shown->rgb[3 * k],
          level);
    }
  }
}

GST_END_TEST;

/* Already the first is no noise: it is what the network expects. */
GST_START_TEST (previews_are_not_noisy)
{
  const ModeCase *c = &mode_cases[__i__];
  g_autofree Shown *shown = shown_new (1000000);
  g_autoptr (RdTensor) result G_GNUC_UNUSED =
      run (shown, c->mode, "euler", TRUE);

  fail_unless_equals_int (shown->n, 1);
  fail_unless_equals_int (shown->last.step, 1);
  for (guint i = 0; i < SIDE * SIDE; i++) {
    const double red = shown->rgb[3 * i] / 127.5 - 1.0;

    const gboolean base = c->begins_without_region || i % SIDE < SIDE / 2;

    fail_unless (fabs (red - (base ? 0.5 : -0.5)) < 0.1, "cell %u: %g", i, red);
  }
}

GST_END_TEST;

GST_START_TEST (jobs_share_the_interval)
{
  g_autofree Shown *shown = shown_new (1000000);

  for (guint i = 0; i < 3; i++) {
    g_autoptr (RdTensor) result G_GNUC_UNUSED =
        run (shown, RD_MODE_SEQUENTIAL, "euler",
        FALSE);

    fail_unless_equals_int (shown->n, 1);
  }
  shown->previewer.due_us = g_get_monotonic_time ();
  memset (&shown->last, 0, sizeof shown->last);
  rd_tensor_unref (run (shown, RD_MODE_SEQUENTIAL, "euler", FALSE));
  fail_unless_equals_int (shown->n, 2);
}

GST_END_TEST;

static Suite *
preview_suite (void)
{
  Suite *suite = suite_create ("preview");
  TCase *map = tcase_create ("map");
  TCase *job = tcase_create ("job");
  const int n = G_N_ELEMENTS (mode_cases);

  suite_add_tcase (suite, map);
  tcase_add_checked_fixture (map, setup, teardown);
  tcase_add_test (map, linear_decoders_are_recovered);
  tcase_add_test (map, bad_decoders_are_refused);
  tcase_add_test (map, a_fit_can_be_cancelled);
  tcase_add_test (map, colours_are_clamped_and_rounded);
  suite_add_tcase (suite, job);
  tcase_add_checked_fixture (job, setup, teardown);
  tcase_add_loop_test (job, previews_show_predictions, 0, n);
  tcase_add_loop_test (job, previews_are_not_noisy, 0, n);
  tcase_add_test (job, jobs_share_the_interval);
  return suite;
}

GST_CHECK_MAIN (preview);
