/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Linear multistep methods: slopes of earlier steps, d = (x - D) / sigma, are
 * kept, the latest first, and extrapolated over the step. */

#include "solvers/solvers.h"

#include <math.h>

#define MAX_ORDER 4

/* Puts this step's slope before the kept ones; returns how many there are. */
static guint
keep_slope (RdSolver * solver, guint most)
{
  RdTensor *slope = g_steal_pointer (&solver->kept[most - 1]);
  const RdTerm terms[] = {
    {solver->x, 1.0 / solver->sigma, NULL},
    {solver->denoised[0], -1.0 / solver->sigma, NULL},
  };

  for (guint k = most - 1; k > 0; k--)
    solver->kept[k] = solver->kept[k - 1];
  solver->kept[0] = slope;
  rd_combine (rd_solver_keep (solver, 0), 2, terms);
  solver->n_kept = MIN (solver->n_kept + 1, most);
  return solver->n_kept;
}

/* y = x + sum of coefficient * slope */
static void
advance_by_slopes (RdSolver * solver, guint n, const double *coefficients)
{
  RdTerm terms[MAX_ORDER + 1] = { {solver->x, 1.0, NULL} };

  for (guint k = 0; k < n; k++)
    terms[k + 1] = rd_term (solver->kept[k], coefficients[k], NULL);
  rd_combine (solver->y, n + 1, terms);
}

/* Lagrange's polynomial of @points that is 1 at the @j-th, at @t */
static double
lagrange (guint n, const double *points, guint j, double t)
{
  double product = 1.0;

  for (guint k = 0; k < n; k++)
    if (k != j)
      product *= (t - points[k]) / (points[j] - points[k]);
  return product;
}

/* Where slopes were taken, the latest first; FALSE where two coincide, as in
 * schedules that repeat a sigma: then there is nothing to extrapolate from. */
static gboolean
slope_points (const RdSolver * solver, guint n, double *points)
{
  for (guint k = 0; k < n; k++) {
    points[k] = solver->sigmas[solver->step - k];
    if (k > 0 && points[k] == points[k - 1])
      return FALSE;
  }
  return TRUE;
}

/* Adams-Bashforth with steps of any size, in sigma; k-diffusion's lms. */
gboolean
rd_solver_lms (RdSolver * solver, guint stage)
{
  const guint order = keep_slope (solver, MAX_ORDER);
  const double from = solver->sigma, to = solver->sigma_next;
  /* exact for the cubic polynomials there are at most */
  const double node = 0.5 / sqrt (3.0);
  double points[MAX_ORDER], coefficients[MAX_ORDER];

  if (to == 0.0 || !slope_points (solver, order, points)) {
    rd_solver_move (solver, to);
    return FALSE;
  }
  for (guint j = 0; j < order; j++)
    coefficients[j] = 0.5 * (to - from)
        * (lagrange (order, points, j, from + (0.5 - node) * (to - from))
        + lagrange (order, points, j, from + (0.5 + node) * (to - from)));
  advance_by_slopes (solver, order, coefficients);
  return FALSE;
}

/* Zhang and Chen, "Fast Sampling of Diffusion Models with Exponential
 * Integrator" (2023): Adams-Bashforth as if steps were equal. */
gboolean
rd_solver_ipndm (RdSolver * solver, guint stage)
{
  static const double adams[MAX_ORDER][MAX_ORDER] = {
    {1.0},
    {3.0 / 2, -1.0 / 2},
    {23.0 / 12, -16.0 / 12, 5.0 / 12},
    {55.0 / 24, -59.0 / 24, 37.0 / 24, -9.0 / 24},
  };
  const guint order = keep_slope (solver, MAX_ORDER);
  const double dt = solver->sigma_next - solver->sigma;
  double coefficients[MAX_ORDER];

  if (solver->sigma_next == 0.0) {
    rd_solver_move (solver, 0.0);
    return FALSE;
  }
  for (guint k = 0; k < order; k++)
    coefficients[k] = dt * adams[order - 1][k];
  advance_by_slopes (solver, order, coefficients);
  return FALSE;
}

/* The same with steps of any size, in the form that diff-sampler gives it. */
gboolean
rd_solver_ipndm_v (RdSolver * solver, guint stage)
{
  const guint order = keep_slope (solver, MAX_ORDER);
  const double *t = solver->sigmas + solver->step;
  const double h = solver->sigma_next - solver->sigma;
  double points[MAX_ORDER], c[MAX_ORDER] = { 1.0 };
  double h1, h2, h3, a, b, ratio;

  if (solver->sigma_next == 0.0 || !slope_points (solver, order, points)) {
    rd_solver_move (solver, solver->sigma_next);
    return FALSE;
  }
  if (order >= 2) {
    h1 = t[0] - t[-1];
    c[0] = 1.0 + h / h1 / 2.0;
    c[1] = -h / h1 / 2.0;
  }
  if (order >= 3) {
    h2 = t[-1] - t[-2];
    a = (1.0 - h / (3.0 * (h + h1)) * (h * (h + h1)) / (h1 * (h1 + h2))) / 2.0;
    c[0] += a;
    c[1] -= (1.0 + h1 / h2) * a;
    c[2] = a * h1 / h2;
  }
  if (order >= 4) {
    h3 = t[-2] - t[-3];
    b = ((1.0 - h / (3.0 * (h + h1))) / 2.0
        + (1.0 - h / (2.0 * (h + h1))) * h / (6.0 * (h + h1 + h2)))
        * (h * (h + h1) * (h + h1 + h2)) / (h1 * (h1 + h2) * (h1 + h2 + h3));
    ratio = h1 * (h1 + h2) / (h2 * (h2 + h3));
    c[0] += b;
    c[1] -= (1.0 + h1 / h2 + ratio) * b;
    c[2] += (h1 / h2 + ratio * (1.0 + h2 / h3)) * b;
    c[3] = -b * ratio * h1 / h2;
  }
  for (guint k = 0; k < order; k++)
    c[k] *= h;
  advance_by_slopes (solver, order, c);
  return FALSE;
}

/* DEIS integrates in the time of EDM's variance-preserving process. */
#define DEIS_SIGMA_MIN 0.002
#define DEIS_SIGMA_MAX 80.0
#define DEIS_TIME_MIN 1e-3
#define DEIS_ORDER 3
#define DEIS_SAMPLES 10000

typedef struct
{
  double beta_min, beta_d;
} DeisTime;

static DeisTime
deis_time (void)
{
  const double least = log (DEIS_SIGMA_MIN * DEIS_SIGMA_MIN + 1.0);
  const double most = log (DEIS_SIGMA_MAX * DEIS_SIGMA_MAX + 1.0);
  DeisTime time;

  time.beta_d = 2.0 * (least / DEIS_TIME_MIN - most) / (DEIS_TIME_MIN - 1.0);
  time.beta_min = most - 0.5 * time.beta_d;
  return time;
}

static double
deis_time_of (const DeisTime * time, double sigma)
{
  return (sqrt (time->beta_min * time->beta_min
          + 2.0 * time->beta_d * log (sigma * sigma + 1.0)) - time->beta_min)
      / time->beta_d;
}

/* What a slope counts for at @t: its weight in the exponential integrator. */
static double
deis_integrand (const DeisTime * time, double t)
{
  const double alpha = exp (-0.5 * t * t * time->beta_d - t * time->beta_min);

  return 0.5 * (t * time->beta_d + time->beta_min)
      / sqrt (alpha * (1.0 - alpha));
}

/* Zhang and Chen (2023), tAB-DEIS of third order, integrated by the sum that
 * the reference takes. */
gboolean
rd_solver_deis (RdSolver * solver, guint stage)
{
  const guint order = keep_slope (solver, DEIS_ORDER);
  const DeisTime time = deis_time ();
  double points[DEIS_ORDER], coefficients[DEIS_ORDER] = { 0.0 };
  double from, to;

  if (order == 1 || solver->sigma_next == 0.0
      || !slope_points (solver, order, points)) {
    rd_solver_move (solver, solver->sigma_next);
    return FALSE;
  }
  for (guint k = 0; k < order; k++)
    points[k] = deis_time_of (&time, points[k]);
  from = points[0];
  to = deis_time_of (&time, solver->sigma_next);
  for (guint i = 0; i < DEIS_SAMPLES; i++) {
    const double t = from + (to - from) * i / (DEIS_SAMPLES - 1);
    const double weight = deis_integrand (&time, t);

    for (guint j = 0; j < order; j++)
      coefficients[j] += weight * lagrange (order, points, j, t)
          * (to - from) / DEIS_SAMPLES;
  }
  advance_by_slopes (solver, order, coefficients);
  return FALSE;
}
