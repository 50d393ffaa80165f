/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* CFG++: Chung, Kim, Park, Nam and Ye, "CFG++: Manifold-constrained Classifier
 * Free Guidance for Diffusion Models" (2024). The guided prediction D says where
 * to, the unconditional one U what noise is in x. */

#include "solvers/solvers.h"

#include <math.h>

/* y = D + sigma_next (x - U) / sigma */
static void
renoise (RdSolver * solver, double sigma_next)
{
  const double keep = sigma_next / solver->sigma;
  const RdTerm terms[] = {
    {solver->denoised[0], 1.0, NULL},
    {solver->x, keep, NULL},
    {solver->unconditional, -keep, NULL},
  };

  rd_combine (solver->y, 3, terms);
}

gboolean
rd_solver_euler_cfg_pp (RdSolver * solver, guint stage)
{
  renoise (solver, solver->sigma_next);
  return FALSE;
}

gboolean
rd_solver_euler_ancestral_cfg_pp (RdSolver * solver, guint stage)
{
  double down, up;

  rd_solver_split_ancestral (solver->sigma, solver->sigma_next, &down, &up);
  renoise (solver, down);
  if (solver->sigma_next > 0.0)
    rd_solver_add_noise (solver, up);
  return FALSE;
}

static void
finish_2s (RdSolver * solver, double down, double up)
{
  const double keep = down / solver->sigma;
  const RdTerm terms[] = {
    {solver->x, keep, NULL},
    {solver->denoised[0], keep, NULL},
    {solver->unconditional, -keep, NULL},
    {solver->denoised[1], 1.0 - keep, NULL},
  };

  rd_solver_combine_noisy (solver, 4, terms, rd_solver_draw (solver), up);
}

/* DPM-Solver++(2S), both of whose stages start from x + D - U. The U of the
 * second stage is that of the latest evaluation, as in the reference. */
gboolean
rd_solver_dpmpp_2s_ancestral_cfg_pp (RdSolver * solver, guint stage)
{
  double down, up;

  rd_solver_split_ancestral (solver->sigma, solver->sigma_next, &down, &up);
  if (stage == 0) {
    const double middle = sqrt (solver->sigma * down);

    renoise (solver, middle);
    if (down > 0.0)
      rd_solver_ask (solver, solver->y, middle);
    return down > 0.0;
  }

  finish_2s (solver, down, up);
  return FALSE;
}

/* DPM-Solver++(2M): its correction compares D with the U of the step before. */
gboolean
rd_solver_dpmpp_2m_cfg_pp (RdSolver * solver, guint stage)
{
  const double *sigmas = solver->sigmas + solver->step;
  const double keep = sigmas[1] / sigmas[0];

  renoise (solver, sigmas[1]);
  if (solver->kept[0] && sigmas[1] > 0.0 && sigmas[-1] != sigmas[0]) {
    const double ratio = log (sigmas[0] / sigmas[1])
        / log (sigmas[-1] / sigmas[0]);
    const double correction = (1.0 - keep) * 0.5 * ratio;
    const RdTerm terms[] = {
      {solver->y, 1.0, NULL},
      {solver->denoised[0], correction, NULL},
      {solver->kept[0], -correction, NULL},
    };

    rd_combine (solver->y, 3, terms);
  }
  rd_solver_keep_tensor (solver, 0, solver->unconditional);
  return FALSE;
}
