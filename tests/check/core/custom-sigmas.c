/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What a job's schedules can be besides a scheduler's. */

#include "../rdtest.h"

#include <string.h>

#include "../analytic.h"
#include "../teststream.h"
#include "loop/loop.h"

#define CHANNELS 4
#define SIDE 8

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

static RdJob *
new_job (const char *scheduler)
{
  g_autoptr (RdPrediction) prediction =
      rd_prediction_new (RD_PREDICTION_EPSILON, RD_BETAS_SCALED_LINEAR, 0.00085,
      0.012, 1000);
  g_autoptr (RdDenoiser) denoiser = rd_analytic_new (prediction, CHANNELS);
  g_autoptr (RdConditioning) prompt = rd_analytic_prompt (stream, CHANNELS,
      1.0);
  RdJob *job = rd_job_new (rd_owner_new ("base", denoiser, prompt, prompt));

  job->base->scheduler = rd_scheduler_find (scheduler, NULL);
  job->steps = 5;
  return job;
}

static RdTensor *
run (RdJob * job, GError ** error)
{
  const gint64 dims[] = { 1, CHANNELS, SIDE, SIDE };
  g_autofree float *zeros = g_new0 (float, CHANNELS * SIDE * SIDE);
  g_autoptr (RdTensor) latent = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      dims, zeros);
  RdTensor *result = rd_job_run (job, latent, NULL, NULL, error);

  rd_job_free (job);
  return result;
}

static gboolean
same_result (RdJob * a, RdJob * b)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RdTensor) x = run (a, &error);
  g_autoptr (RdTensor) y = run (b, &error);
  float values[2][CHANNELS * SIDE * SIDE];

  g_assert_no_error (error);
  fail_unless (rd_tensor_download (x, values[0], NULL));
  fail_unless (rd_tensor_download (y, values[1], NULL));
  return memcmp (values[0], values[1], sizeof values[0]) == 0;
}

static void
set_custom (RdJob * job, guint n, const double *sigmas)
{
  job->custom_sigmas = g_array_new (FALSE, FALSE, sizeof (double));
  g_array_append_vals (job->custom_sigmas, sigmas, n);
}

/* A scheduler's own numbers make its own picture. */
GST_START_TEST (test_replace_the_scheduler)
{
  RdJob *job = new_job ("karras"), *other = new_job ("normal");
  g_autoptr (GArray) sigmas = rd_scheduler_sigmas (job->base->scheduler,
      job->base->guide.denoiser->prediction, NULL, job->steps, FALSE, NULL);
  g_autoptr (GArray) longer = rd_scheduler_sigmas (job->base->scheduler,
      job->base->guide.denoiser->prediction, NULL, job->steps + 1, FALSE, NULL);

  set_custom (other, sigmas->len, (const double *) sigmas->data);
  fail_unless (same_result (job, other));

  /* a solver that drops the last sigma but one of a scheduler's, drops none */
  g_array_remove_index (longer, longer->len - 2);
  job = new_job ("karras");
  other = new_job ("normal");
  other->base->solver = job->base->solver = rd_solver_find ("dpm_2", NULL);
  set_custom (other, longer->len, (const double *) longer->data);
  fail_unless (same_result (job, other));
}

GST_END_TEST;

GST_START_TEST (test_gits_coefficient)
{
  RdJob *job = new_job ("gits"), *other = new_job ("gits");

  other->scheduler_options.gits_coefficient = 1.2;
  fail_unless (same_result (job, other));

  job = new_job ("gits");
  other = new_job ("gits");
  other->scheduler_options.gits_coefficient = 0.8;
  fail_if (same_result (job, other));
}

GST_END_TEST;

static void
expect_error (RdJob * job, const char *message)
{
  g_autoptr (GError) error = NULL;

  fail_unless (run (job, &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SETTINGS));
  fail_unless_equals_string (error->message, message);
}

GST_START_TEST (test_errors)
{
  const double sigmas[] = { 9.0, 5.0, 6.0, 2.0, 1.0, 0.0 };
  g_autoptr (RdPrediction) prediction = rd_prediction_new_flow (3.0, 1000);
  g_autoptr (RdDenoiser) flow = rd_analytic_new (prediction, CHANNELS);
  RdJob *job = new_job ("normal");

  set_custom (job, 6, sigmas);
  expect_error (job, "custom-sigmas[2] is 6 after 5, but every value "
      "must be lower than the one before");

  job = new_job ("normal");
  job->steps = 0;
  set_custom (job, 1, sigmas + 5);
  expect_error (job, "custom-sigmas has 1 value, but must have 2 to 10001: one "
      "more than there are steps");

  job = new_job ("normal");
  set_custom (job, 3, sigmas + 3);
  expect_error (job, "custom-sigmas has 3 values for 5 steps; it must have one "
      "more than there are steps");

  job = new_job ("karras");
  job->steps = 2;
  set_custom (job, 3, sigmas + 3);
  expect_error (job, "base: custom-sigmas and scheduler 'karras' exclude each "
      "other; set only one of them");

  job = new_job ("normal");
  job->steps = 2;
  set_custom (job, 3, sigmas + 3);
  job->denoise = 0.5;
  expect_error (job, "custom-sigmas and denoise 0.5 exclude each other; omit "
      "the first of the sigmas instead");

  job = new_job ("gits");
  job->scheduler_options.gits_coefficient = 0.81;
  expect_error (job, "base: gits-coefficient is 0.81, but must be one of 0.8, "
      "0.85 .. 1.5");

  job = new_job ("kl_optimal");
  job->steps = 1;
  expect_error (job, "base: scheduler 'kl_optimal' does not support a single "
      "step; use 2 steps or more, or another scheduler");

  job = new_job ("karras");
  rd_denoiser_unref (job->base->guide.denoiser);
  job->base->guide.denoiser = rd_denoiser_ref (flow);
  job->base->solver = rd_solver_find ("ddpm", NULL);
  expect_error (job, "base: the sampler 'ddpm' is wrong for flow models; use "
      "'euler', 'heun', 'dpmpp_2m' or 'euler_ancestral', say");

  job = new_job ("karras");
  rd_denoiser_unref (job->base->guide.denoiser);
  job->base->guide.denoiser = rd_denoiser_ref (flow);
  job->mode = RD_MODE_IMPACT;
  expect_error (job, "mode 'impact' does not serve flow models; use "
      "'parallel', 'sequential' or 'fused'");
}

GST_END_TEST;

static Suite *
custom_sigmas_suite (void)
{
  Suite *suite = suite_create ("custom-sigmas");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_replace_the_scheduler);
  tcase_add_test (tc, test_gits_coefficient);
  tcase_add_test (tc, test_errors);

  return suite;
}

GST_CHECK_MAIN (custom_sigmas);
