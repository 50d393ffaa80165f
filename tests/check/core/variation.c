/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "../rdtest.h"

#include <math.h>
#include <string.h>

#include "../analytic.h"
#include "../teststream.h"
#include "loop/impact/mask.h"
#include "noise/torch.h"
#include "loop/loop.h"

#define CHANNELS 4
#define SIDE 16                 /* latent cells */
#define CELLS (SIDE * SIDE)
#define DOWNSCALE 8
#define ROWS 3

static RdStream *stream;

static void
setup (void)
{
  stream = rd_test_stream_new ();
}

static void
teardown (void)
{
  g_clear_pointer (&stream, rd_stream_unref);
}

static RdTensor *
new_noise (guint64 seed, const gint64 * dims)
{
  RdTensor *noise = rd_tensor_new (stream, RD_TYPE_F32, 4, dims);
  g_autoptr (RdGenerator) generator = rd_generator_new (seed);
  g_autofree float *values = g_malloc (noise->size);

  rd_generator_randn (generator, noise->n_elements, values);
  rd_tensor_upload (noise, values);
  return noise;
}

static RdTensor *
new_weight (gint64 height, gint64 width, double value)
{
  RdTensor *weight = rd_tensor_new_map (stream, height, width);
  g_autofree float *values = g_malloc (weight->size);

  for (gsize i = 0; i < weight->n_elements; i++)
    values[i] = (float) value;
  rd_tensor_upload (weight, values);
  return weight;
}

static float *
values_of (const RdTensor * tensor)
{
  float *values = g_malloc (tensor->size);

  fail_unless (rd_tensor_download (tensor, values, NULL));
  return values;
}

static void
check_variation (JsonObject * test_case)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "noise");
  g_autoptr (RdTestArray) array = rd_test_golden_array (test_case, "mask");
  const RdVariation variation = {
    json_object_get_int_member (test_case, "variation_seed"),
    json_object_get_double_member (test_case, "variation_strength"),
    g_str_equal (json_object_get_string_member (test_case, "variation_method"),
        "slerp") ? RD_VARIATION_SLERP : RD_VARIATION_LINEAR
  };
  g_autoptr (RdMask) mask = rd_mask_new (array->dims[1], array->dims[0]);
  g_autoptr (RdTensor) noise =
      new_noise (json_object_get_int_member (test_case, "seed"), want->dims);
  g_autoptr (RdTensor) map = NULL;
  g_autofree float *got = NULL;
  guint n_zero = 0;

  memcpy (mask->data, array->data, array->n * sizeof (float));
  map = rd_impact_mask_to_latent (stream, mask, want->dims[2], want->dims[3]);
  fail_unless (rd_variation_mix_impact (&variation, RD_NOISE_TORCH, noise, map,
          NULL));
  got = values_of (noise);
  rd_test_close (json_object_get_string_member (test_case, "id"), want->n, got,
      want->data, json_object_get_double_member (expect, "tol_abs"), 0.0);
  for (gsize i = 0; i < want->n; i++)
    n_zero += got[i] == 0.0f;
  fail_unless_equals_int (n_zero,
      json_object_get_int_member (expect, "zero_pixels"));
}

GST_START_TEST (test_reference)
{
  rd_test_golden_each ("noise_variation", check_variation);
}

GST_END_TEST;

/* By any share of both, it is unit noise. */
GST_START_TEST (test_stays_unit_noise)
{
  static const double weights[] = { 0.05, 0.3, 0.5, 0.8, 0.99 };
  const gint64 dims[] = { 2, CHANNELS, 64, 64 };
  const double n = 2 * CHANNELS * 64 * 64;

  for (guint i = 0; i < G_N_ELEMENTS (weights); i++) {
    const RdVariation variation = { 8, 0.9, __i__ };
    g_autoptr (RdTensor) noise = new_noise (7, dims);
    g_autoptr (RdTensor) weight = new_weight (64, 64, weights[i]);
    g_autofree float *before = values_of (noise);
    g_autofree float *after = NULL;
    double squares = 0.0, products = 0.0;

    fail_unless (rd_variation_mix (&variation, RD_NOISE_TORCH, noise, weight,
            NULL));
    after = values_of (noise);
    for (gsize k = 0; k < noise->n_elements; k++) {
      squares += (double) after[k] * after[k];
      products += (double) after[k] * before[k];
    }
    fail_unless (fabs (squares / n - 1.0) < 5.0 * sqrt (2.0 / n), "%g",
        squares / n);
    /* and really another, the more the greater the share */
    fail_unless (products / n < 1.0 - 0.2 * weights[i] * weights[i]);
    if (weights[i] == 0.99)
      fail_unless (products / n < 0.25);
  }
}

GST_END_TEST;

/* Nothing of it, all of it, and of itself */
GST_START_TEST (test_ends)
{
  const gint64 dims[] = { ROWS, CHANNELS, SIDE, SIDE };
  const RdVariation variation = { 8, 1.0, __i__ }, itself = { 7, 0.5, __i__ };
  g_autoptr (RdTensor) noise = new_noise (7, dims);
  g_autoptr (RdTensor) other = new_noise (8, dims);
  g_autoptr (RdTensor) none = new_weight (SIDE, SIDE, 0.0);
  g_autoptr (RdTensor) half = new_weight (SIDE, SIDE, 0.5);
  g_autoptr (RdTensor) all = new_weight (SIDE, SIDE, 1.0);
  g_autofree float *own = values_of (noise);
  g_autofree float *wanted = values_of (other);
  g_autofree float *got = NULL;

  fail_unless (rd_variation_mix (&variation, RD_NOISE_TORCH, noise, none,
          NULL));
  got = values_of (noise);
  for (gsize i = 0; i < noise->n_elements; i++)
    fail_unless (fabsf (got[i] - own[i]) < 1e-6f);

  g_free (got);
  fail_unless (rd_variation_mix (&itself, RD_NOISE_TORCH, noise, half, NULL));
  got = values_of (noise);
  if (__i__ == RD_VARIATION_SLERP)
    for (gsize i = 0; i < noise->n_elements; i++)
      fail_unless (fabsf (got[i] - own[i]) < 1e-6f);

  g_free (got);
  rd_tensor_upload (noise, own);
  fail_unless (rd_variation_mix (&variation, RD_NOISE_TORCH, noise, all, NULL));
  got = values_of (noise);
  for (gsize i = 0; i < noise->n_elements; i++)
    fail_unless (fabsf (got[i] - wanted[i]) < 1e-6f);

  /* and of the other generator */
  rd_noise_start (RD_NOISE_DEVICE, 8, other);
  g_free (wanted);
  wanted = values_of (other);
  g_free (got);
  fail_unless (rd_variation_mix (&variation, RD_NOISE_DEVICE, noise, all,
          NULL));
  got = values_of (noise);
  for (gsize i = 0; i < noise->n_elements; i++)
    fail_unless (fabsf (got[i] - wanted[i]) < 1e-6f);
}

GST_END_TEST;

static RdOwner *
new_owner (const char *id, RdDenoiser * denoiser)
{
  g_autoptr (RdConditioning) prompt = rd_analytic_prompt (stream, CHANNELS,
      1.0);
  RdOwner *owner = rd_owner_new (id, denoiser, prompt, prompt);

  owner->guide.cfg = 1.0;
  owner->overlap_factor = 0;
  return owner;
}

static RdJob *
new_job (guint64 seed, RdMode mode)
{
  g_autoptr (RdPrediction) prediction =
      rd_prediction_new (RD_PREDICTION_EPSILON, RD_BETAS_SCALED_LINEAR, 0.00085,
      0.012, 1000);
  g_autoptr (RdDenoiser) denoiser = rd_analytic_new (prediction, CHANNELS);
  RdOwner *left = new_owner ("left", denoiser);
  RdJob *job = rd_job_new (new_owner ("base", denoiser));

  left->mask = rd_mask_new (SIDE * DOWNSCALE, SIDE * DOWNSCALE);
  for (guint i = 0; i < left->mask->width * left->mask->height; i++)
    left->mask->data[i] = i % left->mask->width < left->mask->width / 2;
  job->mode = mode;
  job->steps = 3;
  job->noise_seed = seed;
  job->downscale = DOWNSCALE;
  g_ptr_array_add (job->regions, left);
  return job;
}

static RdOwner *
region_of (const RdJob * job)
{
  return job->regions->pdata[0];
}

static float *
run (RdJob * job)
{
  const gint64 dims[] = { ROWS, CHANNELS, SIDE, SIDE };
  g_autofree float *zeros = g_new0 (float, ROWS * CHANNELS * CELLS);
  g_autoptr (RdTensor) latent = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      dims, zeros);
  g_autoptr (GError) error = NULL;
  g_autoptr (RdTensor) result = rd_job_run (job, latent, NULL, NULL, &error);

  g_assert_no_error (error);
  rd_job_free (job);
  return values_of (result);
}

/* The denoiser sees every cell alone: in a region that is all variation, the
 * picture is the one of the variation's seed; around it, the job's. */
GST_START_TEST (test_loop)
{
  RdJob *job = new_job (7, RD_MODE_SEQUENTIAL);
  g_autofree float *got = NULL;
  g_autofree float *base = run (new_job (7, RD_MODE_SEQUENTIAL));
  g_autofree float *left = run (new_job (8, RD_MODE_SEQUENTIAL));

  region_of (job)->variation = (RdVariation) {
  8, 1.0, __i__};
  /* a region that is not there at first starts from its own noise as well */
  region_of (job)->start = 0.5;
  got = run (job);
  for (gsize i = 0; i < ROWS * CHANNELS * CELLS; i++) {
    const float want = i % SIDE < SIDE / 2 ? left[i] : base[i];

    fail_unless (fabsf (got[i] - want) < 1e-4f, "element %" G_GSIZE_FORMAT
        " is %g instead of %g", i, got[i], want);
  }
}

GST_END_TEST;

/* Without noise there is nothing to vary. */
GST_START_TEST (test_without_noise)
{
  RdJob *with = new_job (7, RD_MODE_SEQUENTIAL);
  RdJob *without = new_job (7, RD_MODE_SEQUENTIAL);
  g_autofree float *a = NULL, *b = NULL;

  with->add_noise = without->add_noise = FALSE;
  region_of (with)->variation = (RdVariation) {
  8, 1.0, RD_VARIATION_LINEAR};
  a = run (with);
  b = run (without);
  fail_unless (memcmp (a, b, ROWS * CHANNELS * CELLS * sizeof (float)) == 0);
}

GST_END_TEST;

static void
take_warning (const char *message, gpointer user_data)
{
  GPtrArray *warnings = user_data;

  g_ptr_array_add (warnings, g_strdup (message));
}

/* The reference's cells without noise are announced. */
GST_START_TEST (test_warning)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  RdJob *job = new_job (7, RD_MODE_IMPACT);
  RdMask *mask = region_of (job)->mask;

  job->warning = take_warning;
  job->user_data = warnings;
  region_of (job)->variation = (RdVariation) {
  8, 0.3, RD_VARIATION_LINEAR};
  g_free (run (job));
  fail_unless_equals_int (warnings->len, 0);

  /* an edge across the cells of the eighth column */
  job = new_job (7, RD_MODE_IMPACT);
  mask = region_of (job)->mask;
  for (guint i = 0; i < mask->width * mask->height; i++)
    mask->data[i] = i % mask->width < mask->width / 2 + DOWNSCALE / 2;
  job->warning = take_warning;
  job->user_data = warnings;
  region_of (job)->variation = (RdVariation) {
  8, 0.3, RD_VARIATION_LINEAR};
  g_free (run (job));
  fail_unless_equals_int (warnings->len, 1);
  fail_unless_equals_string (warnings->pdata[0], "left: 16 latent cells on the "
      "edge of its mask start without noise, because it has a variation in "
      "mode 'impact'; use a mask with hard edges on the borders of latent "
      "cells or another mode");
}

GST_END_TEST;

static void
expect_error (RdJob * job, const char *message)
{
  const gint64 dims[] = { 1, CHANNELS, SIDE, SIDE };
  g_autofree float *zeros = g_new0 (float, CHANNELS * CELLS);
  g_autoptr (RdTensor) latent = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      dims, zeros);
  g_autoptr (GError) error = NULL;

  fail_unless (rd_job_run (job, latent, NULL, NULL, &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SETTINGS));
  fail_unless_equals_string (error->message, message);
  rd_job_free (job);
}

GST_START_TEST (test_errors)
{
  RdJob *job = new_job (7, RD_MODE_SEQUENTIAL);

  job->base->variation.strength = 0.5;
  expect_error (job, "base: variation applies to regions only; change "
      "noise-seed instead");
  job = new_job (7, RD_MODE_SEQUENTIAL);
  region_of (job)->variation.strength = 1.5;
  expect_error (job, "left: variation-strength is 1.5; it must be 0 to 1");
  job = new_job (7, RD_MODE_SEQUENTIAL);
  region_of (job)->variation.strength = NAN;
  expect_error (job, "left: variation-strength is nan; it must be 0 to 1");
}

GST_END_TEST;

static Suite *
variation_suite (void)
{
  Suite *suite = suite_create ("variation");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_reference);
  tcase_add_loop_test (tc, test_stays_unit_noise, 0, RD_VARIATION_SLERP + 1);
  tcase_add_loop_test (tc, test_ends, 0, RD_VARIATION_SLERP + 1);
  tcase_add_loop_test (tc, test_loop, 0, RD_VARIATION_SLERP + 1);
  tcase_add_test (tc, test_without_noise);
  tcase_add_test (tc, test_warning);
  tcase_add_test (tc, test_errors);

  return suite;
}

GST_CHECK_MAIN (variation);
