/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rdtest.h"

#include <math.h>

#include "device.h"
#include "schedule.h"

static RdSampling *
sd15_sampling (void)
{
  return rd_sampling_new (RD_PREDICTION_EPSILON, RD_BETAS_SCALED_LINEAR,
      0.00085, 0.012, 1000);
}

static void
check_table (JsonObject * test_case)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "sigmas");
  g_autoptr (RdSampling) sampling = sd15_sampling ();

  fail_unless_equals_int (sampling->n_timesteps, want->n);
  rd_test_close (json_object_get_string_member (test_case, "id"), want->n,
      sampling->sigmas, want->data, 0.0,
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
  g_autoptr (RdSampling) sampling = sd15_sampling ();
  gsize i;

  for (i = 0; i < sigmas->n; i++)
    fail_unless_equals_int (rd_sampling_timestep (sampling, sigmas->data[i]),
        (int) want->data[i]);
}

GST_START_TEST (test_timestep)
{
  g_autoptr (RdSampling) sampling = sd15_sampling ();
  guint i;

  rd_test_golden_each ("timestep", check_timestep);

  for (i = 0; i < sampling->n_timesteps; i++)
    fail_unless_equals_int (rd_sampling_timestep (sampling,
            sampling->sigmas[i]), i);
}

GST_END_TEST;

static void
check_sigma (JsonObject * test_case)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdTestArray) timesteps = rd_test_golden_array (expect, "t_in");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "sigma");
  g_autoptr (RdSampling) sampling = sd15_sampling ();
  g_autofree float *got = g_new (float, want->n);
  gsize i;

  for (i = 0; i < want->n; i++)
    got[i] = rd_sampling_sigma (sampling, timesteps->data[i]);
  rd_test_close (json_object_get_string_member (test_case, "id"), want->n, got,
      want->data, 0.0, json_object_get_double_member (expect, "tol_rel"));
}

GST_START_TEST (test_sigma)
{
  g_autoptr (RdSampling) sampling = sd15_sampling ();

  rd_test_golden_each ("sigma", check_sigma);

  /* clamped to the table */
  fail_unless_equals_float (rd_sampling_sigma (sampling, -1e9),
      rd_sampling_sigma (sampling, 0.0));
  fail_unless_equals_float (rd_sampling_sigma (sampling, 1e9),
      rd_sampling_sigma (sampling, 999.0));
}

GST_END_TEST;

static void
check_scheduler (JsonObject * test_case)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "sigmas");
  g_autoptr (RdSampling) sampling = sd15_sampling ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) sigmas = NULL;
  g_autofree float *got = g_new (float, want->n);
  const RdScheduler *scheduler;
  gsize i;

  scheduler = rd_scheduler_find (json_object_get_string_member (test_case,
          "scheduler"), &error);
  fail_unless (scheduler != NULL, "%s", error ? error->message : NULL);
  sigmas = rd_scheduler_sigmas (scheduler, sampling,
      json_object_get_int_member (test_case, "steps"),
      json_object_get_boolean_member (test_case, "discard_penultimate"),
      &error);
  fail_unless (sigmas != NULL, "%s", error ? error->message : NULL);
  fail_unless_equals_int (sigmas->len, want->n);
  for (i = 0; i < want->n; i++)
    got[i] = g_array_index (sigmas, double, i);
  rd_test_close (json_object_get_string_member (test_case, "id"), want->n, got,
      want->data, 0.0, json_object_get_double_member (expect, "tol_rel"));
}

GST_START_TEST (test_schedulers)
{
  rd_test_golden_each ("sigmas", check_scheduler);
}

GST_END_TEST;

GST_START_TEST (test_all_step_counts)
{
  static const guint counts[] = { 1, 2, 3, 7, 999, 1000, 1001, 9999, 10000 };
  g_autoptr (RdSampling) sampling = sd15_sampling ();
  const RdScheduler *schedulers;
  guint i, j, k, n, discard;

  schedulers = rd_scheduler_list (&n);
  for (i = 0; i < n; i++) {
    for (j = 0; j < G_N_ELEMENTS (counts); j++) {
      for (discard = 0; discard < 2; discard++) {
        g_autoptr (GError) error = NULL;
        g_autoptr (GArray) sigmas = rd_scheduler_sigmas (&schedulers[i],
            sampling, counts[j], discard, &error);
        const double *s;

        fail_unless (sigmas != NULL, "%s", error ? error->message : NULL);
        fail_unless_equals_int (sigmas->len, counts[j] + 1);
        s = &g_array_index (sigmas, double, 0);
        fail_unless (s[counts[j]] == 0.0);
        fail_unless (s[counts[j] - 1] > 0.0);
        fail_unless (fabs (s[0] / rd_sampling_sigma_max (sampling) - 1) < 1e-5);
        for (k = 1; k < sigmas->len; k++)
          fail_unless (s[k] <= s[k - 1], "%s %u: rises at %u",
              schedulers[i].name, counts[j], k);
      }
    }
  }
}

GST_END_TEST;

/* What a network knows as almost no noise takes the place of the zero. */
GST_START_TEST (test_normal_of_tiny_sigma_min)
{
  const double betas[] = { 1e-11, 0.1, 0.5 };
  g_autoptr (RdSampling) sampling =
      rd_sampling_new_from_betas (RD_PREDICTION_EPSILON, 3, betas);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) sigmas = NULL;

  sigmas = rd_scheduler_sigmas (rd_scheduler_find ("normal", NULL), sampling, 2,
      FALSE, &error);
  fail_unless (sigmas != NULL);
  fail_unless_equals_int (sigmas->len, 3);
  fail_unless (fabs (g_array_index (sigmas, double, 1)
          / sampling->sigmas[1] - 1.0) < 1e-6);
  fail_unless (fabs (g_array_index (sigmas, double, 2)
          / sampling->sigmas[0] - 1.0) < 1e-5);
}

GST_END_TEST;

static void
expect_error (const RdScheduler * scheduler, guint steps, const char *message)
{
  g_autoptr (RdSampling) sampling = sd15_sampling ();
  g_autoptr (GError) error = NULL;

  fail_unless (rd_scheduler_sigmas (scheduler, sampling, steps, FALSE,
          &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SETTINGS));
  fail_unless_equals_string (error->message, message);
}

static gboolean
compute_nothing (const RdSampling * sampling, guint steps, GArray * sigmas,
    GError ** error)
{
  double values[] = { 1.0, NAN, 0.0 };

  g_array_append_vals (sigmas, values, 3);
  return TRUE;
}

GST_START_TEST (test_errors)
{
  const RdScheduler broken = { "broken", "", compute_nothing };
  g_autoptr (GError) error = NULL;

  expect_error (rd_scheduler_find ("karras", NULL), 0,
      "steps is 0, but must be in 1..10000");
  expect_error (rd_scheduler_find ("karras", NULL), 10001,
      "steps is 10001, but must be in 1..10000");
  expect_error (&broken, 1, "scheduler 'broken' has no finite sigmas for 2 "
      "steps; use another scheduler or number of steps");

  fail_unless (rd_scheduler_find ("Karras", &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NOT_FOUND));
  fail_unless (g_str_has_prefix (error->message, "unknown scheduler 'Karras'; "
          "known are: normal, karras, "), "%s", error->message);
}

GST_END_TEST;

/* Numbers from a file that is no variance schedule */
GST_START_TEST (test_betas)
{
  const double zero[] = { 0.1, 0.0 }, one[] = { 0.1, 1.0 };
  const double nan[] = { NAN };
  g_autoptr (RdSampling) linear = rd_sampling_new (RD_PREDICTION_V,
      RD_BETAS_LINEAR, 0.0001, 0.02, 1000);
  g_autoptr (RdSampling) cosine = rd_sampling_new (RD_PREDICTION_V,
      RD_BETAS_COSINE, 0.0, 0.0, 1000);

  fail_unless (rd_sampling_new_from_betas (RD_PREDICTION_V, 0, zero) == NULL);
  fail_unless (rd_sampling_new_from_betas (RD_PREDICTION_V, 2, zero) == NULL);
  fail_unless (rd_sampling_new_from_betas (RD_PREDICTION_V, 2, one) == NULL);
  fail_unless (rd_sampling_new_from_betas (RD_PREDICTION_V, 1, nan) == NULL);
  fail_unless (rd_sampling_new (RD_PREDICTION_V, RD_BETAS_SCALED_LINEAR, -1.0,
          0.012, 1000) == NULL);

  /* DDPM: the product of 1 - beta is 4.04e-5 at the end */
  fail_unless (fabs (rd_sampling_sigma_max (linear) - 157.4) < 0.1);
  fail_unless (fabs (rd_sampling_sigma_min (linear) - 0.0100005) < 1e-6);
  /* the last beta is 0.999 instead of 1 */
  fail_unless (isfinite (rd_sampling_sigma_max (cosine)));
  fail_unless (rd_sampling_sigma_max (cosine) > 1000.0);
}

GST_END_TEST;

GST_START_TEST (test_preconditioning)
{
  g_autoptr (RdSampling) eps = sd15_sampling ();
  g_autoptr (RdSampling) v = rd_sampling_new (RD_PREDICTION_V,
      RD_BETAS_SCALED_LINEAR, 0.00085, 0.012, 1000);
  double sigma = 2.0, root = sqrt (5.0), top = rd_sampling_sigma_max (eps);

  fail_unless (fabs (rd_sampling_c_in (eps, sigma) - 1.0 / root) < 1e-15);
  fail_unless (rd_sampling_c_skip (eps, sigma) == 1.0);
  fail_unless (rd_sampling_c_out (eps, sigma) == -sigma);
  fail_unless (fabs (rd_sampling_c_skip (v, sigma) - 0.2) < 1e-15);
  fail_unless (fabs (rd_sampling_c_out (v, sigma) + sigma / root) < 1e-15);

  fail_unless (rd_sampling_noise_scale (eps, sigma) == sigma);
  fail_unless (rd_sampling_noise_scale (eps, top * 0.9999) == top * 0.9999);
  fail_unless (rd_sampling_noise_scale (eps, top * 0.999995) > top);
  fail_unless (rd_sampling_noise_scale (eps, 20.0) == sqrt (401.0));
}

GST_END_TEST;

static Suite *
schedule_suite (void)
{
  Suite *suite = suite_create ("schedule");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_table);
  tcase_add_test (tc, test_timestep);
  tcase_add_test (tc, test_sigma);
  tcase_add_test (tc, test_schedulers);
  tcase_add_test (tc, test_all_step_counts);
  tcase_add_test (tc, test_normal_of_tiny_sigma_min);
  tcase_add_test (tc, test_errors);
  tcase_add_test (tc, test_betas);
  tcase_add_test (tc, test_preconditioning);

  return suite;
}

GST_CHECK_MAIN (schedule);
