/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Xue, Yi, Luo, Zhang, Sun, Li and Ma, "SA-Solver: Stochastic Adams Solver for
 * Fast Sampling of Diffusion Models" (2023): a predictor of up to third and a
 * corrector of up to fourth order, in data prediction; lambda = -log sigma, h
 * its step. tau, how stochastic it is, is 1 in the middle of what the network
 * has learnt and 0 elsewhere.
 *
 * A step first corrects what the step before predicted: the corrector differs
 * from the predictor in nothing but the weights of past predictions, so what it
 * adds to x is their difference. With PECE it asks again there. */

#include "solvers/solvers.h"

#include <math.h>

#define PREDICTOR_ORDER 3
#define CORRECTOR_ORDER 4

/* parts of the network's timesteps, from the noisiest, that tau is 1 between */
#define TAU_FROM 0.2
#define TAU_TO 0.8

static double
tau (const RdSolver * solver, double sigma)
{
  const RdPrediction *prediction = solver->prediction;
  const double level = rd_solver_level (solver, sigma);

  return prediction
      && level <= rd_prediction_sigma_of (prediction, 1.0 - TAU_FROM)
      && level >= rd_prediction_sigma_of (prediction, 1.0 - TAU_TO);
}

/* Whether the step at hand adds noise. */
gboolean
rd_solver_sa_solver_draws (const RdSolver * solver)
{
  return tau (solver, solver->sigma_next) > 0.0;
}

/* Adds @factor times the weights of the predictions at @sigmas, of which the
 * step from lambda - h to lambda = -log @to is made: the integrals of their
 * Lagrange polynomials under (1 + tau^2) exp ((1 + tau^2) (lambda' - lambda))
 * (equations 15 and 18). */
static void
add_weights (double *weights, const double *sigmas, guint order, double to,
    double h, double tau, double factor)
{
  const double a = 1.0 + tau * tau;
  double points[CORRECTOR_ORDER] = { 0.0 };
  double moments[CORRECTOR_ORDER] = { 0.0 };
  double fitted[CORRECTOR_ORDER];

  for (guint i = 0; i < order; i++) {
    points[i] = log (to / sigmas[i]);
    moments[i] = i == 0 ? -expm1 (-a * h)
        : -pow (-h, i) * exp (-a * h) - i / a * moments[i - 1];
  }
  rd_solver_fit_moments (order, points, moments, fitted);
  for (guint i = 0; i < order; i++)
    weights[i] += factor * fitted[i];
}

/* Orders fall towards the end of a run that ends at 0. */
static guint
limit_order (const RdSolver * solver, guint order, guint steps_left)
{
  return solver->sigmas[solver->n_steps] == 0.0 ? MIN (order, steps_left)
      : order;
}

/* out = keep * x + sum of weights * predictions, @latest being the first */
static void
combine (const RdSolver * solver, RdTensor * out, const RdTensor * x,
    double keep, const RdTensor * latest, const double *weights)
{
  RdTerm terms[1 + CORRECTOR_ORDER] = {
    {x, keep, NULL},
    {latest, weights[0], NULL},
  };
  guint n = 2;

  for (guint i = 0; i < RD_SOLVER_MAX_PAST && solver->past[i].denoised; i++)
    terms[n++] = rd_term (solver->past[i].denoised, weights[i + 1], NULL);
  rd_combine (out, n, terms);
}

/* The levels of the predictions: this step's, and those before of which each is
 * at another level. */
static guint
known_levels (const RdSolver * solver, double *sigmas)
{
  guint n = 1;

  sigmas[0] = solver->sigma;
  for (guint i = 0; i < RD_SOLVER_MAX_PAST && solver->past[i].denoised
      && solver->past[i].sigma > sigmas[n - 1]; i++)
    sigmas[n++] = solver->past[i].sigma;
  return n;
}

/* The weights by which the corrected x differs from x; FALSE where nothing is
 * corrected. */
static gboolean
correction (const RdSolver * solver, gboolean pece, double *weights)
{
  double sigmas[CORRECTOR_ORDER];
  const guint known = known_levels (solver, sigmas);
  const guint left = solver->n_steps - solver->step;
  const double tau_here = tau (solver, solver->sigma);
  guint order, predicted_by;
  double h;

  if (known == 1 || (solver->sigma_next == 0.0 && !pece))
    return FALSE;
  h = log (sigmas[1] / solver->sigma);
  order = limit_order (solver, MIN (known, CORRECTOR_ORDER), left);
  predicted_by = limit_order (solver, MIN (known - 1, PREDICTOR_ORDER), left);
  add_weights (weights, sigmas, order, solver->sigma, h, tau_here, 1.0);
  add_weights (weights + 1, sigmas + 1, predicted_by, solver->sigma, h,
      tau_here, -1.0);
  return TRUE;
}

/* y = keep * (x + correction) + weights * predictions; or, where the corrected
 * latent is in y already, from that */
static void
predict (RdSolver * solver, guint stage, double keep, const double *corrected,
    double *weights)
{
  for (guint i = 0; stage == 0 && i < CORRECTOR_ORDER; i++)
    weights[i] += keep * corrected[i];
  combine (solver, solver->y, stage == 0 ? solver->x : solver->y, keep,
      solver->denoised[stage], weights);
}

static gboolean
sa_solver (RdSolver * solver, guint stage, gboolean pece)
{
  const double sigma = solver->sigma, next = solver->sigma_next;
  double h, keep, tau_next;
  double corrected[CORRECTOR_ORDER] = { 0.0 };
  double weights[CORRECTOR_ORDER] = { 0.0 };
  double sigmas[CORRECTOR_ORDER];
  const guint known = known_levels (solver, sigmas);

  if (correction (solver, pece, corrected) && pece && stage == 0) {
    combine (solver, solver->y, solver->x, 1.0, solver->denoised[0], corrected);
    rd_solver_ask (solver, solver->y, sigma);
    return TRUE;
  }
  if (next == 0.0) {
    rd_copy (solver->y, solver->denoised[stage]);
    return FALSE;
  }

  h = log (sigma / next);
  tau_next = tau (solver, next);
  keep = next / sigma * exp (-tau_next * tau_next * h);
  add_weights (weights, sigmas, limit_order (solver,
          MIN (known, PREDICTOR_ORDER), solver->n_steps - 1 - solver->step),
      next, h, tau_next, 1.0);
  predict (solver, stage, keep, corrected, weights);
  if (tau_next > 0.0)
    rd_solver_add_noise (solver,
        next * sqrt (-expm1 (-2.0 * tau_next * tau_next * h)));
  return FALSE;
}

gboolean
rd_solver_sa_solver (RdSolver * solver, guint stage)
{
  return sa_solver (solver, stage, FALSE);
}

gboolean
rd_solver_sa_solver_pece (RdSolver * solver, guint stage)
{
  return sa_solver (solver, stage, TRUE);
}
