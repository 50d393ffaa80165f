/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Whole runs of every sampler as a source of random pictures: those that add
 * noise give the distribution of the data, any gives the same picture for the
 * same seed, and rows of a batch do not know of each other. */

#include <gst/check/gstcheck.h>
#include <math.h>
#include <string.h>

#include "../analytic.h"
#include "loop/loop.h"

#define CHANNELS 4
#define MEAN 1.0
#define DEVIATION RD_ANALYTIC_DEVIATION
#define BOUND 5.0               /* standard errors */

/* Every element of a latent is a sample. Noise of a Brownian path costs more
 * and its methods converge faster. */
#define SAMPLES_SIDE 64
#define N_SAMPLES (CHANNELS * SAMPLES_SIDE * SAMPLES_SIDE)
#define GENERATOR_STEPS 200
#define PATH_STEPS 50

#define SIDE 8
#define ROWS 3
#define ROW (CHANNELS * SIDE * SIDE)
#define STEPS 8

static RdStream *stream;
static RdDenoiser *denoiser;

/* The timesteps of a network are its noise levels; with twenty times as many as
 * usual, what a sampler asks for is what is answered. */
static void
setup (void)
{
  g_autoptr (RdPrediction) prediction =
      rd_prediction_new (RD_PREDICTION_EPSILON, RD_BETAS_SCALED_LINEAR,
      0.00085 / 20, 0.012 / 20, 20000);

  stream = rd_stream_new (rd_device_get ("cpu", NULL), NULL);
  denoiser = rd_analytic_new (prediction, CHANNELS);
}

static void
teardown (void)
{
  rd_denoiser_unref (denoiser);
  rd_stream_unref (stream);
}

/* CFG++ with two equal prompts is the method without. */
static RdJob *
make_job (const RdSolverInfo * solver, guint steps, RdNoiseOrigin origin)
{
  g_autoptr (RdConditioning) prompt =
      rd_analytic_prompt (stream, CHANNELS, MEAN);
  RdJob *job = rd_job_new (rd_owner_new ("base", denoiser, prompt, prompt));

  job->base->guide.cfg = 1.0;
  job->base->solver = solver;
  job->base->scheduler = rd_scheduler_find ("karras", NULL);
  job->steps = steps;
  job->scale = 1.0;
  job->noise_seed = 17;
  job->noise_origin = origin;
  return job;
}

/* From @values to @values, on the host. */
static void
run (const RdJob * job, gint64 rows, gint64 side, float *values)
{
  g_autoptr (RdTensor) latent = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      (const gint64[]) { rows, CHANNELS, side, side }, values);
  g_autoptr (RdTensor) result = NULL;
  g_autoptr (GError) error = NULL;

  result = rd_job_run (job, latent, NULL, NULL, &error);
  g_assert_no_error (error);
  fail_unless (rd_tensor_download (result, values, NULL));
}

/* lcm is for networks that jump to a picture; one that tells the mean of all
 * pictures there can be narrows the distribution with every jump, by g = S^2 /
 * (S^2 + sigma^2). */
static double
lcm_deviation (const RdJob * job)
{
  g_autoptr (GArray) sigmas = rd_scheduler_sigmas (job->base->scheduler,
      denoiser->prediction, NULL, job->steps, FALSE, NULL);
  double variance = 1.0;

  for (guint i = 0; i < job->steps; i++) {
    const double s2 = pow (g_array_index (sigmas, double, i), 2.0);
    const double g = DEVIATION * DEVIATION / (DEVIATION * DEVIATION + s2);

    variance = g * g * (variance + s2);
  }
  return sqrt (variance);
}

/* ComfyUI's formula takes the unconditional prediction of the step's middle
 * from the guided one of its beginning. That stays however short the steps are,
 * so it has no distribution to reproduce. */
static gboolean
has_no_limit (const RdSolverInfo * solver)
{
  return g_str_equal (solver->name, "dpmpp_2s_ancestral_cfg_pp");
}

/* Whether it is another's method under another name. */
static gboolean
is_twin (const RdSolverInfo * solvers, guint i)
{
  for (guint k = 0; k < i; k++)
    if (solvers[k].advance == solvers[i].advance)
      return TRUE;
  return FALSE;
}

/* Runs start from noise around 0 where there should be noise around the mean;
 * no method remembers more of that than one without noise, which keeps S /
 * sqrt (S^2 + sigma_max^2) of it. */
static void
check_moments (const RdSolverInfo * solver, RdNoiseOrigin origin)
{
  g_autofree float *values = g_new0 (float, N_SAMPLES);
  g_autoptr (RdJob) job = make_job (solver,
      solver->noise == RD_NOISE_BROWNIAN ? PATH_STEPS : GENERATOR_STEPS,
      origin);
  const double deviation = g_str_equal (solver->name, "lcm")
      ? lcm_deviation (job) : DEVIATION;
  const double memory = MEAN * DEVIATION
      / hypot (DEVIATION, rd_prediction_sigma_max (denoiser->prediction));
  double mean = 0.0, got = 0.0;

  run (job, 1, SAMPLES_SIDE, values);
  for (guint i = 0; i < N_SAMPLES; i++)
    mean += values[i] / N_SAMPLES;
  for (guint i = 0; i < N_SAMPLES; i++)
    got += pow (values[i] - mean, 2.0) / N_SAMPLES;
  got = sqrt (got);
  g_print ("%-31s %4u steps: mean %.4f, deviation %.4f of %.4f\n",
      solver->name, job->steps, mean, got, deviation);
  fail_unless (fabs (mean - MEAN) < memory
      + BOUND * deviation / sqrt (N_SAMPLES), "%s: mean %g", solver->name,
      mean);
  fail_unless (fabs (got / deviation - 1.0) < BOUND / sqrt (2.0 * N_SAMPLES),
      "%s: deviation %g where it should be %g", solver->name, got, deviation);
}

GST_START_TEST (test_moments)
{
  guint n, n_checked = 0;
  const RdSolverInfo *solvers = rd_solver_list (&n);

  for (guint i = 0; i < n; i++) {
    if (solvers[i].noise == RD_NOISE_NONE || has_no_limit (&solvers[i])
        || is_twin (solvers, i))
      continue;
    check_moments (&solvers[i], __i__);
    n_checked++;
  }
  fail_unless (n_checked >= 18, "%u", n_checked);
}

GST_END_TEST;

/* The same seed is the same picture to the bit, another is another. */
GST_START_TEST (test_repeatable)
{
  guint n;
  const RdSolverInfo *solvers = rd_solver_list (&n);

  for (guint i = 0; i < n; i++) {
    g_autoptr (RdJob) job = make_job (&solvers[i], STEPS, __i__);
    float once[2 * ROW] = { 0.0f }, twice[2 * ROW] = { 0.0f };
    float other[2 * ROW] = { 0.0f };

    run (job, 2, SIDE, once);
    run (job, 2, SIDE, twice);
    job->noise_seed++;
    run (job, 2, SIDE, other);
    fail_unless (memcmp (once, twice, sizeof once) == 0, "%s", solvers[i].name);
    fail_if (memcmp (once, other, sizeof once) == 0, "%s", solvers[i].name);
  }
}

GST_END_TEST;

/* Its step size is for all rows the same, and by the error of all of them. */
static gboolean
mixes_rows (const RdSolverInfo * solver)
{
  return g_str_equal (solver->name, "dpm_adaptive");
}

/* What is not drawn for the whole batch at once: every row is what it would be
 * alone, from the same noise. */
GST_START_TEST (test_rows_without_noise)
{
  guint n;
  const RdSolverInfo *solvers = rd_solver_list (&n);

  for (guint i = 0; i < n; i++) {
    g_autoptr (RdJob) job = make_job (&solvers[i], STEPS, RD_NOISE_TORCH);
    g_autoptr (GRand) rand = g_rand_new_with_seed (4);
    float batch[ROWS * ROW], rows[ROWS * ROW];

    if (solvers[i].noise != RD_NOISE_NONE || mixes_rows (&solvers[i]))
      continue;
    for (guint k = 0; k < ROWS * ROW; k++)
      rows[k] = batch[k] = (float) g_rand_double_range (rand, -20.0, 20.0);
    job->add_noise = FALSE;
    run (job, ROWS, SIDE, batch);
    for (guint row = 0; row < ROWS; row++)
      run (job, 1, SIDE, rows + row * ROW);
    fail_unless (memcmp (batch, rows, sizeof batch) == 0, "%s",
        solvers[i].name);
  }
}

GST_END_TEST;

/* With the counter-based generator that holds of noise as well: a row is the
 * same in a batch of any size. torch's draws are for the whole batch, as
 * ComfyUI's are, so that the second draw is not the same any more. */
GST_START_TEST (test_rows_with_noise)
{
  guint n;
  const RdSolverInfo *solvers = rd_solver_list (&n);

  for (guint i = 0; i < n; i++) {
    g_autoptr (RdJob) device = make_job (&solvers[i], STEPS, RD_NOISE_DEVICE);
    g_autoptr (RdJob) torch = make_job (&solvers[i], STEPS, RD_NOISE_TORCH);
    float batch[ROWS * ROW] = { 0.0f }, fewer[ROWS * ROW] = { 0.0f };

    if (mixes_rows (&solvers[i]))
      continue;
    run (device, ROWS, SIDE, batch);
    for (guint rows = 1; rows < ROWS; rows++) {
      memset (fewer, 0, sizeof fewer);
      run (device, rows, SIDE, fewer);
      fail_unless (memcmp (batch, fewer, rows * ROW * sizeof (float)) == 0,
          "%s: %u rows", solvers[i].name, rows);
    }
    fail_if (memcmp (batch, batch + ROW, ROW * sizeof (float)) == 0, "%s",
        solvers[i].name);

    if (solvers[i].noise != RD_NOISE_GENERATOR)
      continue;
    memset (batch, 0, sizeof batch);
    memset (fewer, 0, sizeof fewer);
    run (torch, ROWS, SIDE, batch);
    run (torch, 1, SIDE, fewer);
    fail_if (memcmp (batch, fewer, ROW * sizeof (float)) == 0, "%s",
        solvers[i].name);
  }
}

GST_END_TEST;

static Suite *
distribution_suite (void)
{
  Suite *suite = suite_create ("distribution");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_set_timeout (tc, 300);
  tcase_add_loop_test (tc, test_moments, RD_NOISE_TORCH, RD_NOISE_DEVICE + 1);
  tcase_add_loop_test (tc, test_repeatable, RD_NOISE_TORCH,
      RD_NOISE_DEVICE + 1);
  tcase_add_test (tc, test_rows_without_noise);
  tcase_add_test (tc, test_rows_with_noise);
  return suite;
}

GST_CHECK_MAIN (distribution);
