/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Solvers on an equation with a known solution: for Gaussian data of deviation
 * S, D = x S^2 / (S^2 + sigma^2) and x(sigma) ~ sqrt (S^2 + sigma^2). */

#include <gst/check/gstcheck.h>
#include <math.h>

#include "../teststream.h"
#include "solvers/solver.h"

#define S 0.75
#define SIGMA_FIRST 10.0
#define SIGMA_LAST 0.1

static RdStream *stream;

static void
setup (void)
{
  stream = rd_test_stream_new ();
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
take_step (RdSolver * solver, guint step, RdTensor ** x)
{
  RdTensor *y = rd_tensor_new_like (*x);
  const RdTensor *asked;
  double at;
  guint n = 0;

  rd_solver_begin (solver, step, *x, y);
  while (rd_solver_asks (solver, &asked, &at)) {
    g_autoptr (RdTensor) denoised = rd_tensor_new_like (asked);

    const RdTerm denoised_term = { asked, S * S / (S * S + at * at), NULL };
    rd_combine (denoised, 1, &denoised_term);
    rd_solver_tell (solver, denoised, denoised);
    n++;
  }
  rd_tensor_unref (*x);
  *x = y;
  return n;
}

static RdTensor *
number (float value)
{
  return rd_tensor_new_from_host (stream, RD_TYPE_F32, 1,
      (const gint64[]) { 1 }, &value);
}

/* relative error after @n steps, evenly in log sigma */
static double
error_after (const RdSolverInfo * info, guint n)
{
  g_autofree double *sigmas = g_new (double, n + 1);
  g_autoptr (RdSolver) solver = NULL;
  g_autoptr (RdTensor) x = number (1.0f);
  const double exact = sqrt ((S * S + SIGMA_LAST * SIGMA_LAST)
      / (S * S + SIGMA_FIRST * SIGMA_FIRST));

  for (guint i = 0; i <= n; i++)
    sigmas[i] = SIGMA_FIRST * pow (SIGMA_LAST / SIGMA_FIRST, (double) i / n);
  solver = rd_solver_new (info, n, sigmas, 0);
  for (guint i = 0; i < n; i++)
    take_step (solver, i, &x);
  return fabs (value_of (x) / exact - 1.0);
}

/* the same for a run that a solver has for itself; counts its questions */
static double
error_alone (const RdSolverInfo * info, guint n, double exact,
    guint * n_questions)
{
  g_autofree double *sigmas = g_new (double, n + 1);
  g_autoptr (RdSolver) solver = NULL;
  g_autoptr (RdTensor) x = number (1.0f);

  for (guint i = 0; i <= n; i++)
    sigmas[i] = SIGMA_FIRST + (SIGMA_LAST - SIGMA_FIRST) * i / n;
  solver = rd_solver_new_alone (info, n, sigmas, 0);
  *n_questions = 0;
  for (guint i = 0; i < solver->n_steps; i++)
    *n_questions += take_step (solver, i, &x);
  return fabs (value_of (x) / exact - 1.0);
}

/* Halving the step divides the error by 2^order. A multistep method begins with
 * methods of lower order, whose few errors count for less and less the more
 * steps there are: its order is measured in between. */
typedef struct
{
  const char *name;
  double low, high;             /* of what it begins with; of its formula */
  guint n;
} Order;

static const Order orders[] = {
  {"euler", 1, 1, 40}, {"euler_cfg_pp", 1, 1, 40}, {"ddim", 1, 1, 40},
  {"heun", 2, 2, 40}, {"exp_heun_2_x0", 2, 2, 40}, {"dpm_2", 2, 2, 40},
  /* its weights are of the run's first sigma, not of the step's */
  {"heunpp2", 1, 1, 40},
  {"lms", 2, 4, 40}, {"ipndm_v", 2, 4, 40}, {"deis", 2, 3, 40},
  /* fourth order for equal steps, which these are not */
  {"ipndm", 2, 2, 40},
  {"dpmpp_2m", 2, 2, 40}, {"dpmpp_2m_cfg_pp", 2, 2, 40},
  {"res_multistep", 2, 2, 40}, {"res_multistep_cfg_pp", 2, 2, 40},
  {"gradient_estimation", 1, 1, 160}, {"gradient_estimation_cfg_pp", 1, 1, 160},
  /* third order, but for its last steps */
  {"uni_pc", 2, 3, 40}, {"uni_pc_bh2", 2, 3, 40},
  /* interval by interval with one evaluation each; see test_own_grids() */
  {"dpm_fast", 1, 1, 40},
  /* single precision leaves few steps to measure fourth order with */
  {"sa_solver", 3, 4, 20}, {"sa_solver_pece", 3, 4, 20},
};

#define ORDER_TOLERANCE 0.35

/* A line of the table in docs/samplers.md */
static void
check_order (const Order * expected)
{
  const RdSolverInfo *info = rd_solver_find (expected->name, NULL);
  const double coarse = error_after (info, expected->n);
  const double fine = error_after (info, 2 * expected->n);
  const double order = log2 (coarse / fine);

  g_print ("| `%s` | %u | %.1e | %.1e | %.1f |\n", info->name, expected->n,
      coarse, fine, order);
  fail_unless (order > expected->low - ORDER_TOLERANCE
      && order < expected->high + ORDER_TOLERANCE, "%s: order %g, not %g to %g",
      info->name, order, expected->low, expected->high);
}

static gboolean
has_order (const RdSolverInfo * info)
{
  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    if (g_str_equal (orders[i].name, info->name))
      return TRUE;
  return FALSE;
}

/* Those that add noise are held to their distribution elsewhere. */
GST_START_TEST (test_order)
{
  guint n;
  const RdSolverInfo *solvers = rd_solver_list (&n);

  g_print ("| sampler | n steps | error with n | with 2 n | order |\n");
  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    check_order (&orders[i]);
  for (guint i = 0; i < n; i++)
    fail_unless (solvers[i].noise != RD_NOISE_NONE || has_order (&solvers[i])
        || g_str_equal (solvers[i].name, "dpm_adaptive"), "%s",
        solvers[i].name);
}

GST_END_TEST;

/* Methods that choose their own levels: a run in one step is of third order,
 * whatever the number of steps. */
GST_START_TEST (test_own_grids)
{
  static const guint evaluations[] = { 23, 47 };
  double fast[2], adaptive, exact = sqrt ((S * S + SIGMA_LAST * SIGMA_LAST)
      / (S * S + SIGMA_FIRST * SIGMA_FIRST));
  guint n = 0;

  for (guint i = 0; i < 2; i++)
    fast[i] = error_alone (rd_solver_find ("dpm_fast", NULL), evaluations[i],
        exact, &n);
  fail_unless_equals_int (n, evaluations[1]);
  g_print ("dpm_fast alone: error %.2e with %u evaluations, %.2e with %u\n",
      fast[0], evaluations[0], fast[1], evaluations[1]);
  fail_unless (fabs (log2 (fast[0] / fast[1]) - 3.0) < 0.6);

  adaptive = error_alone (rd_solver_find ("dpm_adaptive", NULL), 2, exact, &n);
  g_print ("dpm_adaptive alone: error %.2e with %u evaluations\n", adaptive, n);
  fail_unless (adaptive < 0.06 && n >= 9 && n < 60);
}

GST_END_TEST;

/* A latent that is not a number ends the conversation all the same. */
GST_START_TEST (test_adapting_to_nothing)
{
  g_autoptr (RdSolver) solver =
      rd_solver_new (rd_solver_find ("dpm_adaptive", NULL), 1,
      (const double[]) { SIGMA_FIRST, SIGMA_LAST }, 0);
  g_autoptr (RdTensor) x = number (NAN);

  fail_unless (take_step (solver, 0, &x) < 10);
  fail_unless (isnan (value_of (x)));
}

GST_END_TEST;

/* The last step goes to the prediction itself, with one question; UniPC's last
 * level is almost 0. */
GST_START_TEST (test_step_to_zero)
{
  guint n;
  const RdSolverInfo *solvers = rd_solver_list (&n);

  for (guint i = 0; i < n; i++) {
    g_autoptr (RdSolver) solver = rd_solver_new (&solvers[i], 1,
        (const double[]) { 0.5, 0.0 }, 0);
    g_autoptr (RdTensor) x = number (2.0f);

    fail_unless_equals_int (take_step (solver, 0, &x), 1);
    fail_unless (fabs (value_of (x) - 2.0 * S * S / (S * S + 0.25))
        < (g_str_has_prefix (solvers[i].name, "uni_pc") ? 2e-3 : 1e-6),
        "%s: %g", solvers[i].name, value_of (x));
  }
}

GST_END_TEST;

/* Without its history, every step is a first step again. */
GST_START_TEST (test_forgetting)
{
  static const double sigmas[] = { 8, 4, 2 };
  const RdSolverInfo *info = rd_solver_find ("dpmpp_2m", NULL);
  g_autoptr (RdSolver) with = rd_solver_new (info, 2, sigmas, 0);
  g_autoptr (RdSolver) without = rd_solver_new (info, 2, sigmas, 0);
  g_autoptr (RdSolver) fresh = rd_solver_new (info, 1, sigmas + 1, 0);
  g_autoptr (RdTensor) a = number (1.0f), b = number (1.0f), c = NULL;

  take_step (with, 0, &a);
  take_step (without, 0, &b);
  c = number (value_of (b));
  rd_solver_forget (without);
  take_step (with, 1, &a);
  take_step (without, 1, &b);
  take_step (fresh, 0, &c);
  fail_if (value_of (a) == value_of (b));
  fail_unless (value_of (b) == value_of (c));
}

GST_END_TEST;

/* Noise stays in step with a solver that has taken all of them. */
GST_START_TEST (test_sitting_out)
{
  static const double sigmas[] = { 8, 4, 2, 1 };
  guint n;
  const RdSolverInfo *solvers = rd_solver_list (&n);

  for (guint i = 0; i < n; i++) {
    g_autoptr (RdSolver) steady = rd_solver_new (&solvers[i], 3, sigmas, 5);
    g_autoptr (RdSolver) late = rd_solver_new (&solvers[i], 3, sigmas, 5);
    g_autoptr (RdTensor) x = number (1.0f), a = NULL, b = NULL;

    take_step (steady, 0, &x);
    take_step (steady, 1, &x);
    rd_solver_sit_out (late, 0, x);
    rd_solver_sit_out (late, 1, x);
    rd_solver_forget (steady);
    a = number (3.0f);
    b = number (3.0f);
    take_step (steady, 2, &a);
    take_step (late, 2, &b);
    fail_unless (value_of (a) == value_of (b), "%s", solvers[i].name);
  }
}

GST_END_TEST;

/* `simple` with more steps than the model has sigmas repeats some. */
GST_START_TEST (test_repeated_sigmas)
{
  static const double sigmas[] = { 8, 8, 4, 4, 4, 2, 0 };
  guint n;
  const RdSolverInfo *solvers = rd_solver_list (&n);

  for (guint i = 0; i < n; i++) {
    g_autoptr (RdSolver) solver = rd_solver_new (&solvers[i],
        G_N_ELEMENTS (sigmas) - 1, sigmas, 0);
    g_autoptr (RdTensor) x = number (8.0f);

    for (guint k = 0; k + 1 < G_N_ELEMENTS (sigmas); k++)
      take_step (solver, k, &x);
    fail_unless (isfinite (value_of (x)),
        "%s: %g", solvers[i].name, value_of (x));
  }
}

GST_END_TEST;

GST_START_TEST (test_unknown_name_lists_the_known)
{
  g_autoptr (GError) error = NULL;

  fail_unless (rd_solver_find ("euler_a", &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NOT_FOUND));
  fail_unless (g_str_has_prefix (error->message,
          "unknown sampler 'euler_a'; known are: euler, "));
  fail_unless (strstr (error->message, ", dpmpp_2m") != NULL);
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
  tcase_add_test (chain, test_own_grids);
  tcase_add_test (chain, test_adapting_to_nothing);
  tcase_add_test (chain, test_step_to_zero);
  tcase_add_test (chain, test_forgetting);
  tcase_add_test (chain, test_sitting_out);
  tcase_add_test (chain, test_repeated_sigmas);
  tcase_add_test (chain, test_unknown_name_lists_the_known);
  return suite;
}

GST_CHECK_MAIN (solver);
