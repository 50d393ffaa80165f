/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "rdtest.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sigmas/scheduler.h"

#define TWO_ULPS 0x1p-22

static RdPrediction *
sd15_sampling (void)
{
  return rd_prediction_new (RD_PREDICTION_EPSILON, RD_BETAS_SCALED_LINEAR,
      0.00085, 0.012, 1000);
}

static void
check_table (JsonObject * test_case)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "sigmas");
  g_autoptr (RdPrediction) prediction = sd15_sampling ();

  fail_unless_equals_int (prediction->n_timesteps, want->n);
  rd_test_close (json_object_get_string_member (test_case, "id"), want->n,
      prediction->sigmas, want->data, 0.0,
      json_object_get_double_member (expect, "tol_rel"));
}

GST_START_TEST (test_table)
{
  rd_test_golden_each ("sigma_table", check_table);
}

GST_END_TEST;

static void
check_timestep (JsonObject * test_case)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdTestArray) sigmas = rd_test_golden_array (expect, "sigma_in");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "timestep");
  g_autoptr (RdPrediction) prediction = sd15_sampling ();
  gsize i;

  for (i = 0; i < sigmas->n; i++)
    fail_unless_equals_int (rd_prediction_timestep (prediction,
            sigmas->data[i]), (int) want->data[i]);
}

GST_START_TEST (test_timestep)
{
  g_autoptr (RdPrediction) prediction = sd15_sampling ();
  guint i;

  rd_test_golden_each ("timestep", check_timestep);

  for (i = 0; i < prediction->n_timesteps; i++)
    fail_unless_equals_int (rd_prediction_timestep (prediction,
            prediction->sigmas[i]), i);
}

GST_END_TEST;

static void
check_sigma (JsonObject * test_case)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdTestArray) timesteps = rd_test_golden_array (expect, "t_in");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "sigma");
  g_autoptr (RdPrediction) prediction = sd15_sampling ();
  g_autofree float *got = g_new (float, want->n);
  gsize i;

  for (i = 0; i < want->n; i++)
    got[i] = rd_prediction_sigma (prediction, timesteps->data[i]);
  rd_test_close (json_object_get_string_member (test_case, "id"), want->n, got,
      want->data, 0.0, json_object_get_double_member (expect, "tol_rel"));
}

GST_START_TEST (test_sigma)
{
  g_autoptr (RdPrediction) prediction = sd15_sampling ();

  rd_test_golden_each ("sigma", check_sigma);

  /* clamped to the table */
  fail_unless_equals_float (rd_prediction_sigma (prediction, -1e9),
      rd_prediction_sigma (prediction, 0.0));
  fail_unless_equals_float (rd_prediction_sigma (prediction, 1e9),
      rd_prediction_sigma (prediction, 999.0));
}

GST_END_TEST;

static void
check_zero_snr_table (JsonObject * test_case)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "sigmas");
  g_autoptr (RdPrediction) trained = sd15_sampling ();
  g_autoptr (RdPrediction) prediction = rd_prediction_new_zero_snr (trained);

  fail_unless_equals_int (prediction->type, trained->type);
  fail_unless_equals_int (prediction->n_timesteps, want->n);
  rd_test_close (json_object_get_string_member (test_case, "id"), want->n,
      prediction->sigmas, want->data, 0.0,
      json_object_get_double_member (expect, "tol_rel"));
}

GST_START_TEST (test_zero_snr_table)
{
  const double one_beta[] = { 0.1 };
  g_autoptr (RdPrediction) one =
      rd_prediction_new_from_betas (RD_PREDICTION_V, 1, one_beta);

  rd_test_golden_each ("sigma_table_zsnr", check_zero_snr_table);
  fail_unless (rd_prediction_new_zero_snr (one) == NULL);
}

GST_END_TEST;

/* ComfyUI's and Impact Pack's name of a scheduler as ours with its options */
static const RdScheduler *
find_scheduler (const char *name, RdSchedulerOptions * options)
{
  g_autofree char *nick = g_ascii_strdown (name, -1);
  g_autoptr (GError) error = NULL;
  const RdScheduler *scheduler;

  if (g_str_has_prefix (nick, "gits[coeff=")) {
    options->gits_coefficient =
        g_ascii_strtod (nick + strlen ("gits[coeff="), NULL);
    nick[strlen ("gits")] = '\0';
  } else {
    g_strdelimit (nick, " ", '-');
  }
  scheduler = rd_scheduler_find (nick, &error);
  fail_unless (scheduler != NULL, "%s", error ? error->message : NULL);
  return scheduler;
}

/* Of evenly spaced numbers torch's rounding is known, but for what the last
 * exponential makes of it; noise of a Brownian path needs it so exactly. */
static gboolean
is_spaced_evenly (const char *scheduler)
{
  return g_str_equal (scheduler, "karras") || g_str_equal (scheduler, "normal")
      || g_str_equal (scheduler, "exponential")
      || g_str_equal (scheduler, "sgm_uniform");
}

static RdPrediction *
find_sampling (const char *name)
{
  if (g_str_has_prefix (name, "discrete_flow_shift"))
    return rd_prediction_new_flow (g_ascii_strtod (name
            + strlen ("discrete_flow_shift"), NULL), 1000);
  fail_unless_equals_string (name, "sd15_discrete_eps");
  return sd15_sampling ();
}

static void
check_scheduler (JsonObject * test_case)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "sigmas");
  g_autoptr (RdPrediction) prediction = find_sampling
      (json_object_get_string_member (test_case, "model_sampling"));
  RdSchedulerOptions options = RD_SCHEDULER_OPTIONS_DEFAULT;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) sigmas = NULL;
  g_autofree float *got = g_new (float, want->n);
  const RdScheduler *scheduler;
  gsize i;

  scheduler = find_scheduler (json_object_get_string_member (test_case,
          "scheduler"), &options);
  sigmas = rd_scheduler_sigmas (scheduler, prediction, &options,
      json_object_get_int_member (test_case, "steps"),
      json_object_get_boolean_member (test_case, "discard_penultimate"),
      &error);

  /* where the reference divides by zero */
  if (!json_object_get_boolean_member (expect, "finite")) {
    fail_unless (sigmas == NULL);
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SETTINGS));
    return;
  }
  fail_unless (sigmas != NULL, "%s", error ? error->message : NULL);
  fail_unless_equals_int (sigmas->len, want->n);
  for (i = 0; i < want->n; i++)
    got[i] = g_array_index (sigmas, double, i);
  rd_test_close (json_object_get_string_member (test_case, "id"), want->n, got,
      want->data, 0.0, is_spaced_evenly (scheduler->name) ? TWO_ULPS
      : json_object_get_double_member (expect, "tol_rel"));
}

GST_START_TEST (test_schedulers)
{
  fail_unless_equals_int (rd_test_golden_each ("sigmas", check_scheduler), 300);
}

GST_END_TEST;

/* Every schedule there can be: never not a number, never rising, ending in 0,
 * of the length that was asked for where that is promised. */
static void
check_schedule (const RdScheduler * scheduler, const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, gboolean discard)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) sigmas =
      rd_scheduler_sigmas (scheduler, prediction, options, steps, discard,
      &error);
  const char *name = scheduler->name;
  const double *s;
  guint i;

  if (g_str_equal (name, "kl_optimal") && steps == 1 && !discard) {
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SETTINGS));
    return;
  }
  fail_unless (sigmas != NULL, "%s", error ? error->message : NULL);
  if (g_str_equal (name, "beta"))
    fail_unless (sigmas->len <= steps + 1);
  else if (!g_str_equal (name, "ddim_uniform"))
    fail_unless_equals_int (sigmas->len, steps + 1);

  s = (const double *) sigmas->data;
  fail_unless (sigmas->len >= 2);
  fail_unless (s[sigmas->len - 1] == 0.0);
  fail_unless (s[sigmas->len - 2] > 0.0);
  for (i = 1; i < sigmas->len && s[i] <= s[i - 1];)
    i++;
  fail_unless (i == sigmas->len, "%s %u: rises or is no number at %u", name,
      steps, i);
  fail_unless (isfinite (s[0]));
  /* tables and multiples of a stride start where they start */
  if (!g_str_equal (name, "ddim_uniform") && !g_str_equal (name, "gits")
      && !g_str_has_prefix (name, "ays-"))
    fail_unless (fabs (s[0] / rd_prediction_sigma_max (prediction) - 1) < 1e-3,
        "%s %u starts at %g", name, steps, s[0]);
}

GST_START_TEST (test_all_step_counts)
{
  static const guint counts[] = { 1, 2, 3, 7, 10, 20, 21, 999, 1000, 1001,
    9999, 10000
  };
  g_autoptr (RdPrediction) prediction = sd15_sampling ();
  const RdScheduler *schedulers;
  guint i, j, n, discard;

  schedulers = rd_scheduler_list (&n);
  fail_unless_equals_int (n, 13);
  for (i = 0; i < n; i++)
    for (j = 0; j < G_N_ELEMENTS (counts); j++)
      for (discard = 0; discard < 2; discard++)
        check_schedule (&schedulers[i], prediction, NULL, counts[j], discard);
}

GST_END_TEST;

/* A network that nobody has trained, but could have */
static RdPrediction *
random_sampling (GRand * rand)
{
  const guint n_timesteps = g_rand_int_range (rand, 20, 2000);
  const double start = exp (g_rand_double_range (rand, log (1e-5), log (1e-2)));
  const double end = start * g_rand_double_range (rand, 1.0, 3.0);
  RdPrediction *prediction, *rescaled;

  if (g_rand_boolean (rand))
    return rd_prediction_new_flow (exp (g_rand_double_range (rand, -2.0, 3.0)),
        n_timesteps);

  prediction = rd_prediction_new (RD_PREDICTION_V,
      g_rand_boolean (rand) ? RD_BETAS_SCALED_LINEAR : RD_BETAS_LINEAR, start,
      end, n_timesteps);
  if (!prediction || g_rand_boolean (rand))
    return prediction;
  rescaled = rd_prediction_new_zero_snr (prediction);
  rd_prediction_unref (prediction);
  return rescaled;
}

GST_START_TEST (test_random_schedules)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  const RdScheduler *schedulers;
  guint i, n, n_checked = 0;

  schedulers = rd_scheduler_list (&n);
  for (i = 0; i < 1000; i++) {
    g_autoptr (RdPrediction) prediction = random_sampling (rand);
    const RdScheduler *scheduler = &schedulers[g_rand_int_range (rand, 0, n)];
    const RdSchedulerOptions options = {
      .gits_coefficient = 0.8 + 0.05 * g_rand_int_range (rand, 0, 15)
    };
    /* few steps as often as many */
    guint steps = (guint) exp (g_rand_double_range (rand, 0.0, log (10001.0)));

    if (prediction && rd_prediction_sigma_max (prediction) < 1e5) {
      check_schedule (scheduler, prediction, &options, steps,
          g_rand_boolean (rand));
      n_checked++;
    }
  }
  fail_unless (n_checked > 500, "%u", n_checked);
  g_print ("%u random schedules\n", n_checked);
}

GST_END_TEST;

/* With so few steps that a network has sigmas for all of them, none comes
 * twice, so no step is without use. */
GST_START_TEST (test_strictly_falling)
{
  g_autoptr (RdPrediction) prediction = sd15_sampling ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (6);
  const RdScheduler *schedulers;
  guint n;

  schedulers = rd_scheduler_list (&n);
  for (guint i = 0; i < 2000; i++) {
    const RdScheduler *scheduler = &schedulers[g_rand_int_range (rand, 0, n)];
    const RdSchedulerOptions options = {
      .gits_coefficient = 0.8 + 0.05 * g_rand_int_range (rand, 0, 15)
    };
    const guint steps = g_rand_int_range (rand, 2, 201);
    g_autoptr (GArray) sigmas = rd_scheduler_sigmas (scheduler, prediction,
        &options, steps, g_rand_boolean (rand), NULL);

    fail_unless (sigmas != NULL, "%s %u", scheduler->name, steps);
    for (guint k = 1; k < sigmas->len; k++)
      fail_unless (g_array_index (sigmas, double, k)
          < g_array_index (sigmas, double, k - 1), "%s %u: step %u",
          scheduler->name, steps, k);
  }
}

GST_END_TEST;

/* What a network knows as almost no noise takes the place of the zero. */
GST_START_TEST (test_normal_of_tiny_sigma_min)
{
  const double betas[] = { 1e-11, 0.1, 0.5 };
  g_autoptr (RdPrediction) prediction =
      rd_prediction_new_from_betas (RD_PREDICTION_EPSILON, 3, betas);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) sigmas = NULL;

  sigmas = rd_scheduler_sigmas (rd_scheduler_find ("normal", NULL), prediction,
      NULL, 2, FALSE, &error);
  fail_unless (sigmas != NULL);
  fail_unless_equals_int (sigmas->len, 3);
  fail_unless (fabs (g_array_index (sigmas, double, 1)
          / prediction->sigmas[1] - 1.0) < 1e-6);
  fail_unless (fabs (g_array_index (sigmas, double, 2)
          / prediction->sigmas[0] - 1.0) < 1e-5);

  /* its second smallest, where that is enough */
  g_array_unref (g_steal_pointer (&sigmas));
  rd_prediction_unref (g_steal_pointer (&prediction));
  prediction = rd_prediction_new_from_betas (RD_PREDICTION_EPSILON, 4,
      (const double[]) { 1e-12, 1e-12, 0.1, 0.5 });
  sigmas = rd_scheduler_sigmas (rd_scheduler_find ("ddim_uniform", NULL),
      prediction, NULL, 2, FALSE, &error);
  fail_unless (sigmas != NULL);
  fail_unless_equals_int (sigmas->len, 3);
  fail_unless (g_array_index (sigmas, double, 0) == prediction->sigmas[3]);
  fail_unless (g_array_index (sigmas, double, 1) == prediction->sigmas[2]);
  fail_unless (g_array_index (sigmas, double, 2) == prediction->sigmas[1]);
}

GST_END_TEST;

static void
expect_error (const RdScheduler * scheduler, const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, const char *message)
{
  g_autoptr (GError) error = NULL;

  fail_unless (rd_scheduler_sigmas (scheduler, prediction, options, steps,
          FALSE, &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SETTINGS));
  fail_unless_equals_string (error->message, message);
}

static gboolean
compute_nothing (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  double values[] = { 1.0, NAN, 0.0 };

  g_array_append_vals (sigmas, values, 3);
  return TRUE;
}

static gboolean
compute_rise (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error)
{
  double values[] = { 1.0, 2.0, 0.0 };

  g_array_append_vals (sigmas, values, 3);
  return TRUE;
}

GST_START_TEST (test_errors)
{
  static const double coefficients[] = { 0.79, 1.55, 1.23, NAN };
  const RdScheduler broken = { "broken", 0, "", compute_nothing };
  const RdScheduler rising = { "rising", 1, "", compute_rise };
  const RdScheduler *karras = rd_scheduler_find ("karras", NULL);
  const RdScheduler *gits = rd_scheduler_find ("gits", NULL);
  const double one_beta[] = { 0.1 };
  g_autoptr (RdPrediction) prediction = sd15_sampling ();
  g_autoptr (RdPrediction) one =
      rd_prediction_new_from_betas (RD_PREDICTION_V, 1, one_beta);
  g_autoptr (GError) error = NULL;

  expect_error (karras, prediction, NULL, 0,
      "steps is 0, but must be in 1..10000");
  expect_error (karras, prediction, NULL, 10001,
      "steps is 10001, but must be in 1..10000");
  expect_error (&broken, prediction, NULL, 2, "scheduler 'broken' returns "
      "sigmas that are negative or not finite for 2 steps; use another "
      "scheduler or number of steps");
  expect_error (&rising, prediction, NULL, 1, "scheduler 'rising' returns "
      "rising sigmas for 1 step; use another scheduler or number of steps");
  expect_error (rd_scheduler_find ("ddim_uniform", NULL), one, NULL, 3,
      "scheduler 'ddim_uniform' returns no noise levels for 3 steps; use "
      "another scheduler or number of steps");
  expect_error (rd_scheduler_find ("kl_optimal", NULL), prediction, NULL, 1,
      "scheduler 'kl_optimal' does not support a single step; use 2 steps or "
      "more, or another scheduler");
  for (guint i = 0; i < G_N_ELEMENTS (coefficients); i++) {
    const RdSchedulerOptions options = {
      .gits_coefficient = coefficients[i]
    };
    g_autofree char *message = g_strdup_printf ("gits-coefficient is %s, but "
        "must be one of 0.8, 0.85 .. 1.5", rd_text_number ("%g",
            coefficients[i]).text);

    expect_error (gits, prediction, &options, 5, message);
  }

  fail_unless (rd_scheduler_find ("Karras", &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NOT_FOUND));
  fail_unless_equals_string (error->message, "unknown scheduler 'Karras'; "
      "known are: normal, karras, exponential, sgm_uniform, simple, "
      "ddim_uniform, beta, linear_quadratic, kl_optimal, ays-sd1, ays-sdxl, "
      "ays-svd, gits");
}

GST_END_TEST;

static void
expect_custom_error (guint n, const double *values, const char *message)
{
  g_autoptr (GError) error = NULL;

  fail_unless (rd_scheduler_custom_sigmas (n, values, &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SETTINGS));
  fail_unless_equals_string (error->message, message);
}

GST_START_TEST (test_custom_sigmas)
{
  const double values[] = { 10.0, 2.5, 0.1, 0.0 };
  g_autoptr (GArray) sigmas = rd_scheduler_custom_sigmas (4, values, NULL);

  fail_unless (sigmas != NULL);
  fail_unless_equals_int (sigmas->len, 4);
  fail_unless (memcmp (sigmas->data, values, sizeof values) == 0);

  expect_custom_error (0, values, "custom-sigmas has 0 values, but must have "
      "2 to 10001: one more than there are steps");
  expect_custom_error (1, values + 3, "custom-sigmas has 1 value, but must "
      "have 2 to 10001: one more than there are steps");
  expect_custom_error (10002, values, "custom-sigmas has 10002 values, but "
      "must have 2 to 10001: one more than there are steps");
  expect_custom_error (3, values, "custom-sigmas ends with 0.1, but the last "
      "value must be 0; to keep some noise, set end-at-step");
  expect_custom_error (3, (const double[]) { 1.0, 1.0, 0.0 },
      "custom-sigmas[1] is 1 after 1, but every value must be lower than the "
      "one before");
  expect_custom_error (3, (const double[]) { 1.0, 2.0, 0.0 },
      "custom-sigmas[1] is 2 after 1, but every value must be lower than the "
      "one before");
  expect_custom_error (3, (const double[]) { 1.0, -1.0, 0.0 },
      "custom-sigmas[1] is -1, but sigmas are from 0 to 1e+30");
  expect_custom_error (2, (const double[]) { NAN, 0.0 },
      "custom-sigmas[0] is nan, but sigmas are from 0 to 1e+30");
  expect_custom_error (2, (const double[]) { INFINITY, 0.0 },
      "custom-sigmas[0] is inf, but sigmas are from 0 to 1e+30");
  expect_custom_error (3, (const double[]) { 1e300, 1.0, 0.0 },
      "custom-sigmas[0] is 1e+300, but sigmas are from 0 to 1e+30");
}

GST_END_TEST;

/* Numbers from a file that is no variance schedule */
GST_START_TEST (test_betas)
{
  const double zero[] = { 0.1, 0.0 }, one[] = { 0.1, 1.0 };
  const double nan[] = { NAN };
  g_autoptr (RdPrediction) linear = rd_prediction_new (RD_PREDICTION_V,
      RD_BETAS_LINEAR, 0.0001, 0.02, 1000);
  g_autoptr (RdPrediction) cosine = rd_prediction_new (RD_PREDICTION_V,
      RD_BETAS_COSINE, 0.0, 0.0, 1000);

  fail_unless (rd_prediction_new_from_betas (RD_PREDICTION_V, 0, zero) == NULL);
  fail_unless (rd_prediction_new_from_betas (RD_PREDICTION_V, 2, zero) == NULL);
  fail_unless (rd_prediction_new_from_betas (RD_PREDICTION_V, 2, one) == NULL);
  fail_unless (rd_prediction_new_from_betas (RD_PREDICTION_V, 1, nan) == NULL);
  fail_unless (rd_prediction_new (RD_PREDICTION_V, RD_BETAS_SCALED_LINEAR, -1.0,
          0.012, 1000) == NULL);

  /* DDPM: the product of 1 - beta is 4.04e-5 at the end */
  fail_unless (fabs (rd_prediction_sigma_max (linear) - 157.4) < 0.1);
  fail_unless (fabs (rd_prediction_sigma_min (linear) - 0.0100005) < 1e-6);
  /* the last beta is 0.999 instead of 1 */
  fail_unless (isfinite (rd_prediction_sigma_max (cosine)));
  fail_unless (rd_prediction_sigma_max (cosine) > 1000.0);
}

GST_END_TEST;

GST_START_TEST (test_flow)
{
  g_autoptr (RdPrediction) flow = rd_prediction_new_flow (3.0, 1000);

  fail_unless (rd_prediction_new_flow (0.0, 1000) == NULL);
  fail_unless (rd_prediction_new_flow (NAN, 1000) == NULL);
  fail_unless (rd_prediction_new_flow (INFINITY, 1000) == NULL);
  fail_unless (rd_prediction_new_flow (3.0, 0) == NULL);

  fail_unless (rd_prediction_sigma_max (flow) == 1.0);
  fail_unless (fabs (rd_prediction_sigma (flow, 500.0) - 0.75) < 1e-6);
  fail_unless (fabs (rd_prediction_sigma_min (flow) - 0.003 / 1.002) < 1e-9);
  fail_unless (rd_prediction_timestep (flow, 0.4321) == 0.4321f * 1000.0f);
  fail_unless (rd_prediction_sigma (flow, 2000.0) == 1.0);
  /* x = (1 - sigma) x0 + sigma n, the network says n - x0 */
  fail_unless (rd_prediction_c_in (flow, 0.5) == 1.0);
  fail_unless (rd_prediction_c_skip (flow, 0.5) == 1.0);
  fail_unless (rd_prediction_c_out (flow, 0.5) == -0.5);
  fail_unless (rd_prediction_noise_scale (flow, 1.0) == 1.0);
}

GST_END_TEST;

GST_START_TEST (test_preconditioning)
{
  g_autoptr (RdPrediction) eps = sd15_sampling ();
  g_autoptr (RdPrediction) v = rd_prediction_new (RD_PREDICTION_V,
      RD_BETAS_SCALED_LINEAR, 0.00085, 0.012, 1000);
  double sigma = 2.0, root = sqrt (5.0), top = rd_prediction_sigma_max (eps);

  fail_unless (fabs (rd_prediction_c_in (eps, sigma) - 1.0 / root) < 1e-15);
  fail_unless (rd_prediction_c_skip (eps, sigma) == 1.0);
  fail_unless (rd_prediction_c_out (eps, sigma) == -sigma);
  fail_unless (fabs (rd_prediction_c_skip (v, sigma) - 0.2) < 1e-15);
  fail_unless (fabs (rd_prediction_c_out (v, sigma) + sigma / root) < 1e-15);

  fail_unless (rd_prediction_noise_scale (eps, sigma) == sigma);
  fail_unless (rd_prediction_noise_scale (eps, top * 0.9999) == top * 0.9999);
  fail_unless (rd_prediction_noise_scale (eps, top * 0.999995) > top);
  fail_unless (rd_prediction_noise_scale (eps, 20.0) == sqrt (401.0));
}

GST_END_TEST;

static Suite *
schedule_suite (void)
{
  Suite *suite = suite_create ("schedule");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_table);
  tcase_add_test (tc, test_zero_snr_table);
  tcase_add_test (tc, test_timestep);
  tcase_add_test (tc, test_sigma);
  tcase_add_test (tc, test_schedulers);
  tcase_add_test (tc, test_all_step_counts);
  tcase_add_test (tc, test_random_schedules);
  tcase_add_test (tc, test_strictly_falling);
  tcase_add_test (tc, test_normal_of_tiny_sigma_min);
  tcase_add_test (tc, test_errors);
  tcase_add_test (tc, test_custom_sigmas);
  tcase_add_test (tc, test_betas);
  tcase_add_test (tc, test_flow);
  tcase_add_test (tc, test_preconditioning);

  return suite;
}

GST_CHECK_MAIN (schedule);
