/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* DPM-Solver++: Lu, Zhou, Bao, Chen, Li and Zhu, "DPM-Solver++: Fast Solver for
 * Guided Sampling of Diffusion Probabilistic Models" (2022), in k-diffusion's
 * formulation with t = -log sigma. */

#include "solvers/solvers.h"

#include <math.h>

gboolean
rd_solver_dpmpp_2m (RdSolver * solver, guint stage)
{
  const double sigma = solver->sigma, next = solver->sigma_next;
  const double keep = next / sigma;
  const RdPast *past = &solver->past[0];
  double h, h_last, extrapolation;

  /* schedules may repeat a sigma: such a step says nothing about a slope */
  if (!past->denoised || next == 0.0 || past->sigma == sigma) {
    rd_solver_move (solver, next);
    return FALSE;
  }

  /* D extrapolated to the middle of the step from the last two of them */
  h = log (sigma / next);
  h_last = log (past->sigma / sigma);
  extrapolation = 0.5 * h / h_last;
  rd_combine (solver->y, 3, (RdTerm[]) {
      {solver->x, keep, NULL},
      {solver->denoised[0], (1.0 - keep) * (1.0 + extrapolation), NULL},
      {past->denoised, -(1.0 - keep) * extrapolation, NULL},
  });
  return FALSE;
}
