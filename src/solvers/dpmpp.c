/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* DPM-Solver++: Lu, Zhou, Bao, Chen, Li and Zhu, "DPM-Solver++: Fast Solver for
 * Guided Sampling of Diffusion Probabilistic Models" (2022), in k-diffusion's
 * formulation with t = -log sigma. */

#include "solvers/solvers.h"

#include <math.h>

/* D extrapolated to the middle of the step from the last two of them */
static void
move_extrapolated (RdSolver * solver)
{
  const double sigma = solver->sigma, next = solver->sigma_next;
  const double keep = next / sigma;
  const RdPast *past = &solver->past[0];
  const double h = log (sigma / next), h_last = log (past->sigma / sigma);
  const double extrapolation = 0.5 * h / h_last;
  const RdTerm terms[] = {
    {solver->x, keep, NULL},
    {solver->denoised[0], (1.0 - keep) * (1.0 + extrapolation), NULL},
    {past->denoised, -(1.0 - keep) * extrapolation, NULL},
  };

  rd_combine (solver->y, 3, terms);
}

gboolean
rd_solver_dpmpp_2m (RdSolver * solver, guint stage)
{
  const RdPast *past = &solver->past[0];

  /* schedules may repeat a sigma: such a step says nothing about a slope */
  if (!past->denoised || solver->sigma_next == 0.0
      || past->sigma == solver->sigma)
    rd_solver_move (solver, solver->sigma_next);
  else
    move_extrapolated (solver);
  return FALSE;
}
