/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Solvers on an equation with a known solution: for Gaussian data of deviation
 * S, D = x S^2 / (S^2 + sigma^2) and x(sigma) ~ sqrt (S^2 + sigma^2). */

#include <gst/check/gstcheck.h>
#include <math.h>

#include "solver.h"

#define S 0.75
#define SIGMA_FIRST 10.0
#define SIGMA_LAST 0.1

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

static float
value_of (const RdTensor * tensor)
{
  float value;

  fail_unless (rd_tensor_download (tensor, &value, NULL));
  return value;
}

/* Leads one step's conversation; returns how often it asked. */
static guint
step (RdSolver * solver, RdTensor ** x, double sigma, double next)
{
  RdTensor *y = rd_tensor_new_like (*x);
  const RdTensor *asked;
  double at;
  guint n = 0;

  rd_solver_begin (solver, *x, y, sigma, next);
  while (rd_solver_asks (solver, &asked, &at)) {
    g_autoptr (RdTensor) denoised = rd_tensor_new_like (asked);

    rd_combine (denoised, 1, &(RdTerm) { asked, S * S / (S * S + at * at),
          NULL});
    rd_solver_tell (solver, denoised);
    n++;
  }
  rd_tensor_unref (*x);
  *x = y;
  return n;
}

static double
sigma_at (guint i, guint n)
{
  return SIGMA_FIRST * pow (SIGMA_LAST / SIGMA_FIRST, (double) i / n);
}

/* relative error after @n steps, evenly in log sigma */
static double
error_after (const RdSolverInfo * info, guint n)
{
  const float start = 1.0f;
  g_autoptr (RdSolver) solver = rd_solver_new (info);
  g_autoptr (RdTensor) x = rd_tensor_new_from_host (stream, RD_TYPE_F32, 1,
      (const gint64[]) { 1 }, &start);
  const double exact = sqrt ((S * S + SIGMA_LAST * SIGMA_LAST)
      / (S * S + SIGMA_FIRST * SIGMA_FIRST));

  for (guint i = 0; i < n; i++)
    step (solver, &x, sigma_at (i, n), sigma_at (i + 1, n));
  return fabs (value_of (x) / exact - 1.0);
}

/* Halving the step divides the error by 2^order. */
GST_START_TEST (test_order)
{
  static const struct
  {
    const char *name;
    double order;
  } cases[] = { {"euler", 1}, {"heun", 2}, {"dpm_2", 2}, {"dpmpp_2m", 2} };
  guint n;

  rd_solver_list (&n);
  fail_unless_equals_int (n, G_N_ELEMENTS (cases));
  for (guint i = 0; i < n; i++) {
    const RdSolverInfo *info = rd_solver_find (cases[i].name, NULL);
    double coarse, fine, order;

    fail_unless (info != NULL);
    coarse = error_after (info, 40);
    fine = error_after (info, 80);
    order = log2 (coarse / fine);
    g_print ("%-10s error %.2e with 40 steps, %.2e with 80: order %.2f\n",
        info->name, coarse, fine, order);
    fail_unless (fabs (order - cases[i].order) < 0.35, "%s: order %g",
        info->name, order);
  }
}

GST_END_TEST;

/* The last step goes to the prediction itself, with one question. */
GST_START_TEST (test_step_to_zero)
{
  guint n;
  const RdSolverInfo *solvers = rd_solver_list (&n);

  for (guint i = 0; i < n; i++) {
    const float start = 2.0f;
    g_autoptr (RdSolver) solver = rd_solver_new (&solvers[i]);
    g_autoptr (RdTensor) x = rd_tensor_new_from_host (stream, RD_TYPE_F32, 1,
        (const gint64[]) { 1 }, &start);

    fail_unless_equals_int (step (solver, &x, 0.5, 0.0), 1);
    fail_unless (fabs (value_of (x) - 2.0 * S * S / (S * S + 0.25)) < 1e-6);
  }
}

GST_END_TEST;

/* Without its history, every step is a first step again. */
GST_START_TEST (test_forgetting)
{
  const float start = 1.0f;
  const RdSolverInfo *info = rd_solver_find ("dpmpp_2m", NULL);
  g_autoptr (RdSolver) a = rd_solver_new (info), b = rd_solver_new (info);
  g_autoptr (RdTensor) x = rd_tensor_new_from_host (stream, RD_TYPE_F32, 1,
      (const gint64[]) { 1 }, &start);
  g_autoptr (RdTensor) y = rd_tensor_new_from_host (stream, RD_TYPE_F32, 1,
      (const gint64[]) { 1 }, &start);

  step (a, &x, 8.0, 4.0);
  step (b, &y, 8.0, 4.0);
  rd_solver_forget (b);
  step (a, &x, 4.0, 2.0);
  step (b, &y, 4.0, 2.0);
  fail_if (value_of (x) == value_of (y));
  rd_solver_forget (b);
  rd_tensor_unref (y);
  y = rd_tensor_new_from_host (stream, RD_TYPE_F32, 1,
      (const gint64[]) { 1 }, &start);
  rd_solver_forget (a);
  rd_tensor_unref (x);
  x = rd_tensor_ref (y);
  step (a, &x, 4.0, 2.0);
  step (b, &y, 4.0, 2.0);
  fail_unless (value_of (x) == value_of (y));
}

GST_END_TEST;

/* `simple` with more steps than the model has sigmas repeats some. */
GST_START_TEST (test_repeated_sigmas)
{
  static const double sigmas[] = { 8, 8, 4, 4, 4, 2, 0 };
  guint n;
  const RdSolverInfo *solvers = rd_solver_list (&n);

  for (guint i = 0; i < n; i++) {
    const float start = 8.0f;
    g_autoptr (RdSolver) solver = rd_solver_new (&solvers[i]);
    g_autoptr (RdTensor) x = rd_tensor_new_from_host (stream, RD_TYPE_F32, 1,
        (const gint64[]) { 1 }, &start);

    for (guint k = 0; k + 1 < G_N_ELEMENTS (sigmas); k++)
      step (solver, &x, sigmas[k], sigmas[k + 1]);
    fail_unless (isfinite (value_of (x)) && value_of (x) > 0.0f,
        "%s: %g", solvers[i].name, value_of (x));
  }
}

GST_END_TEST;

GST_START_TEST (test_unknown_name_lists_the_known)
{
  g_autoptr (GError) error = NULL;

  fail_unless (rd_solver_find ("euler_a", &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NOT_FOUND));
  fail_unless_equals_string (error->message,
      "unknown sampler 'euler_a'; known are: euler, heun, dpm_2, dpmpp_2m");
}

GST_END_TEST;

static Suite *
solver_suite (void)
{
  Suite *suite = suite_create ("solver");
  TCase *chain = tcase_create ("methods");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, setup, teardown);
  tcase_add_test (chain, test_order);
  tcase_add_test (chain, test_step_to_zero);
  tcase_add_test (chain, test_forgetting);
  tcase_add_test (chain, test_repeated_sigmas);
  tcase_add_test (chain, test_unknown_name_lists_the_known);
  return suite;
}

GST_CHECK_MAIN (solver);
