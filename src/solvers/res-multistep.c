/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Zhang, Mu, Xu, Chen and Zhu, "Improved Order Analysis and Design of
 * Exponential Integrator for Diffusion Models Sampling" (RES, 2023), in its
 * second-order multistep form; with ancestral noise, with CFG++, with both. */

#include "solvers/solvers.h"

#include <math.h>

/* How much the latest and the older prediction count; FALSE where the older one
 * says nothing. */
static gboolean
second_order_weights (const RdSolver * solver, double down, double old_down,
    double *latest, double *older)
{
  const double *sigmas = solver->sigmas + solver->step;
  const double h = log (sigmas[0] / down);
  const double c2 = log (old_down / sigmas[-1]) / h;
  double phi_1, phi_2;

  if (h == 0.0 || c2 == 0.0 || !isfinite (c2))
    return FALSE;
  phi_1 = expm1 (-h) / -h;
  phi_2 = (phi_1 - 1.0) / -h;
  *latest = h * (phi_1 - phi_2 / c2);
  *older = h * phi_2 / c2;
  return TRUE;
}

static void
split (double sigma, double sigma_next, gboolean ancestral, double *down,
    double *up)
{
  *down = sigma_next;
  *up = 0.0;
  if (ancestral)
    rd_solver_split_ancestral (sigma, sigma_next, down, up);
}

static gboolean
res_multistep (RdSolver * solver, gboolean ancestral, gboolean cfg_pp)
{
  const double *sigmas = solver->sigmas + solver->step;
  RdTensor *latest = cfg_pp ? solver->unconditional : solver->denoised[0];
  const RdTensor *older = solver->kept[0];
  double down, up, old_down = 0.0, old_up, b1, b2;

  split (sigmas[0], sigmas[1], ancestral, &down, &up);
  if (older)
    split (sigmas[-1], sigmas[0], ancestral, &old_down, &old_up);

  if (older && down > 0.0
      && second_order_weights (solver, down, old_down, &b1, &b2)) {
    const double keep = down / sigmas[0];
    const RdTerm terms[] = {
      {solver->x, keep, NULL},
      {latest, cfg_pp ? b1 - keep : b1, NULL},
      {older, b2, NULL},
      {solver->denoised[0], keep, NULL},
    };

    rd_combine (solver->y, cfg_pp ? 4 : 3, terms);
  } else {
    const double keep = down / sigmas[0];
    const RdTerm terms[] = {
      {solver->x, keep, NULL},
      {solver->denoised[0], cfg_pp ? 1.0 : 1.0 - keep, NULL},
      {latest, -keep, NULL},
    };

    rd_combine (solver->y, cfg_pp ? 3 : 2, terms);
  }
  if (ancestral && sigmas[1] > 0.0)
    rd_solver_add_noise (solver, up);
  rd_solver_keep_tensor (solver, 0, latest);
  return FALSE;
}

gboolean
rd_solver_res_multistep (RdSolver * solver, guint stage)
{
  return res_multistep (solver, FALSE, FALSE);
}

gboolean
rd_solver_res_multistep_cfg_pp (RdSolver * solver, guint stage)
{
  return res_multistep (solver, FALSE, TRUE);
}

gboolean
rd_solver_res_multistep_ancestral (RdSolver * solver, guint stage)
{
  return res_multistep (solver, TRUE, FALSE);
}

gboolean
rd_solver_res_multistep_ancestral_cfg_pp (RdSolver * solver, guint stage)
{
  return res_multistep (solver, TRUE, TRUE);
}
