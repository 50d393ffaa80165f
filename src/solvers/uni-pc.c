/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Zhao, Bai, Rao, Zhou and Lu, "UniPC: A Unified Predictor-Corrector Framework
 * for Fast Sampling of Diffusion Models" (2023), third order, in data prediction
 * and k-diffusion's variables: lambda = -log sigma, h its step.
 *
 * A step first corrects what the step before predicted, now that the prediction
 * there is known, and then predicts. Both differ in nothing but the weights of
 * past predictions, so a correction is their difference, added to x. */

#include "solvers/solvers.h"

#include <math.h>

#define MAX_ORDER 3
/* latest prediction and those before */
#define N_WEIGHTS (MAX_ORDER + 1)

/* Where ComfyUI ends instead of at 0: what its single precision makes of
 * 0.001. */
#define SIGMA_END 9.765625e-4

/* How much the paper's B(h) is. */
typedef double (*Scale) (double minus_h);

static double
scale_bh1 (double minus_h)
{
  return minus_h;
}

static double
scale_bh2 (double minus_h)
{
  return expm1 (minus_h);
}

static double
level (const RdSolver * solver, guint i)
{
  const double sigma = solver->sigmas[i];

  return sigma > 0.0 ? sigma : MIN (SIGMA_END, solver->sigmas[i - 1]);
}

/* Of the step to level @target, knowing @n_known predictions. */
static guint
order_of (const RdSolver * solver, guint target, guint n_known)
{
  const guint n = solver->n_steps;

  return MIN (MIN (n_known, n + 1 - target), CLAMP (n - 1, 1, MAX_ORDER));
}

/* Adds @factor * B(h) * (sum of rho D1 of the paper) to the @weights of the
 * predictions at @sigmas, the first of which is where the step begins. The
 * corrector also knows the one where it ends, whose weight is weights[-1]. */
static void
add_differences (double *weights, const double *sigmas, guint order, double h,
    gboolean corrector, double factor, Scale scale)
{
  const guint n = corrector ? order : order - 1;
  double ratios[MAX_ORDER] = { 0.0 }, moments[MAX_ORDER] = { 0.0 };
  double rhos[MAX_ORDER];
  double phi = expm1 (-h) / -h - 1.0, factorial = 1.0;

  for (guint i = 0; i < n; i++) {
    ratios[i] = i + 1 < order ? log (sigmas[0] / sigmas[i + 1]) / h : 1.0;
    moments[i] = phi * factorial / scale (-h);
    factorial *= i + 2;
    phi = phi / -h - 1.0 / factorial;
  }
  /* with a single unknown, as the paper does, one half whatever h */
  if (n == 1)
    rhos[0] = 0.5;
  else
    rd_solver_fit_moments (n, ratios, moments, rhos);

  for (guint i = 0; i < n; i++) {
    const double weight = factor * scale (-h) * rhos[i] / ratios[i];

    weights[i + 1 < order ? (int) i + 1 : -1] += weight;
    weights[0] -= weight;
  }
}

/* The levels of the predictions, with this step's unless @first is 1: as many
 * of the latest as are at different ones. */
static guint
count_known (const RdSolver * solver, guint first, double *sigmas)
{
  guint n = 0;

  if (first == 0)
    sigmas[n++] = solver->sigma;
  for (guint i = 0; i < MAX_ORDER && solver->past[i].denoised; i++) {
    if (n > 0 && solver->past[i].sigma <= sigmas[n - 1])
      break;
    sigmas[n++] = solver->past[i].sigma;
  }
  return n;
}

static gboolean
uni_pc (RdSolver * solver, Scale scale)
{
  const guint target = solver->step + 1;
  const double next = level (solver, target);
  const double keep = next / solver->sigma;
  double whole = 1.0;
  double sigmas[N_WEIGHTS], weights[N_WEIGHTS] = { 0.0 };
  RdTerm terms[1 + N_WEIGHTS];
  guint order, known, n = 0;
  double h;

  /* ComfyUI's order is 0 in a run of one step: x in the variables of the
   * variance-preserving process is handed on as it is */
  if (solver->alone && solver->n_steps == 1) {
    const RdTerm term = {
      solver->x,
      sqrt ((1.0 + next * next) / (1.0 + solver->sigma * solver->sigma)),
      NULL
    };

    rd_combine (solver->y, 1, &term);
    return FALSE;
  }

  /* corrects x: the corrector's weights less the predictor's */
  known = count_known (solver, 1, sigmas);
  h = known > 0 ? log (sigmas[0] / solver->sigma) : 0.0;
  if (h > 0.0) {
    order = order_of (solver, solver->step, known);
    add_differences (weights + 1, sigmas, order, h, TRUE, -keep, scale);
    add_differences (weights + 1, sigmas, order, h, FALSE, keep, scale);
  }

  known = count_known (solver, 0, sigmas);
  h = log (solver->sigma / next);
  weights[0] += 1.0 - keep;
  if (h > 0.0)
    add_differences (weights, sigmas, order_of (solver, target, known), h,
        FALSE, -1.0, scale);

  /* of a flow network, what is left of the picture there is a little less */
  if (solver->is_flow && solver->sigma_next == 0.0)
    whole = 1.0 / (1.0 - next);
  terms[n++] = rd_term (solver->x, whole * keep, NULL);
  terms[n++] = rd_term (solver->denoised[0], whole * weights[0], NULL);
  for (guint i = 0; i < MAX_ORDER && solver->past[i].denoised; i++)
    terms[n++] = rd_term (solver->past[i].denoised, whole * weights[i + 1],
        NULL);
  rd_combine (solver->y, n, terms);
  return FALSE;
}

gboolean
rd_solver_uni_pc (RdSolver * solver, guint stage)
{
  return uni_pc (solver, scale_bh1);
}

gboolean
rd_solver_uni_pc_bh2 (RdSolver * solver, guint stage)
{
  return uni_pc (solver, scale_bh2);
}
