/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Cui, Zhang, Bao and Liao, "Elucidating the Solution Space of Extended
 * Reverse-Time SDE for Diffusion Models" (2023): ER-SDE-Solver-3. The noise
 * scale function phi chooses among SDEs of equal marginals; a step keeps
 * phi(sigma') / phi(sigma) of the noise and adds the rest anew. Predictions are
 * expanded in sigma, with divided differences for derivatives. */

#include "solvers/solvers.h"

#include <math.h>

/* of the integrals of 1 / phi, as in the authors' program */
#define N_POINTS 200

/* the paper's function 5 */
static double
noise_scale (double sigma)
{
  return sigma * (exp (pow (sigma, 0.3)) + 10.0);
}

/* The integrals over the step of 1 / phi and of (sigma' - sigma) / phi. */
static void
integrate (double sigma, double next, double *plain, double *linear)
{
  const double width = (sigma - next) / N_POINTS;

  *plain = *linear = 0.0;
  for (guint i = 0; i < N_POINTS; i++) {
    const double at = next + i * width;

    *plain += width / noise_scale (at);
    *linear += width * (at - sigma) / noise_scale (at);
  }
}

gboolean
rd_solver_er_sde (RdSolver * solver, guint stage)
{
  const double sigma = solver->sigma, next = solver->sigma_next;
  const double ratio = noise_scale (next) / noise_scale (sigma);
  const double step = next - sigma;
  const RdPast *past = solver->past;
  RdTerm terms[] = {
    {solver->x, ratio, NULL},
    {solver->denoised[0], 1.0 - ratio, NULL},
    {past[0].denoised, 0.0, NULL},
    {past[1].denoised, 0.0, NULL},
  };
  double plain, linear, slope;
  guint n = 2;

  if (next == 0.0) {
    rd_solver_move (solver, next);
    return FALSE;
  }

  integrate (sigma, next, &plain, &linear);
  if (past[0].denoised && past[0].sigma > sigma) {
    slope = (step + plain * noise_scale (next)) / (sigma - past[0].sigma);
    terms[1].scale += slope;
    terms[2].scale -= slope;
    n = 3;
  }
  if (n == 3 && past[1].denoised && past[1].sigma > past[0].sigma) {
    const double curve = (0.5 * step * step + linear * noise_scale (next))
        / (0.5 * (sigma - past[1].sigma));
    const double latest = curve / (sigma - past[0].sigma);
    const double older = curve / (past[0].sigma - past[1].sigma);

    terms[1].scale += latest;
    terms[2].scale -= latest + older;
    terms[3].scale += older;
    n = 4;
  }
  rd_solver_combine_noisy (solver, n, terms, rd_solver_draw (solver),
      sqrt (fmax (next * next - sigma * sigma * ratio * ratio, 0.0)));
  return FALSE;
}
