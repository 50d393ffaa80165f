/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Permenter and Yuan, "Interpreting and Improving Diffusion Models from an
 * Optimization Perspective" (2024): Euler's step along a slope that is
 * extrapolated, with gamma 2, from the last two. */

#include "solvers/solvers.h"

static gboolean
gradient_estimation (RdSolver * solver, gboolean cfg_pp)
{
  const double sigma = solver->sigma, next = solver->sigma_next;
  const double dt = next - sigma;
  const RdTensor *clean = cfg_pp ? solver->unconditional : solver->denoised[0];
  /* d = (x - clean) / sigma, the step along it, and how d has changed */
  const RdTerm slope[] = {
    {solver->x, 1.0 / sigma, NULL},
    {clean, -1.0 / sigma, NULL},
  };
  const RdTerm moved[] = {
    {solver->denoised[0], 1.0, NULL},
    {solver->x, next / sigma, NULL},
    {clean, -next / sigma, NULL},
  };
  const RdTerm changed[] = {
    {solver->y, 1.0, NULL},
    {solver->x, dt / sigma, NULL},
    {clean, -dt / sigma, NULL},
    {solver->kept[0], -dt, NULL},
  };

  if (next == 0.0) {
    rd_copy (solver->y, solver->denoised[0]);
    return FALSE;
  }

  if (cfg_pp)
    rd_combine (solver->y, 3, moved);
  else
    rd_solver_move (solver, next);
  if (solver->n_kept)
    rd_combine (solver->y, 4, changed);
  rd_combine (rd_solver_keep (solver, 0), 2, slope);
  solver->n_kept = 1;
  return FALSE;
}

gboolean
rd_solver_gradient_estimation (RdSolver * solver, guint stage)
{
  return gradient_estimation (solver, FALSE);
}

gboolean
rd_solver_gradient_estimation_cfg_pp (RdSolver * solver, guint stage)
{
  return gradient_estimation (solver, TRUE);
}
