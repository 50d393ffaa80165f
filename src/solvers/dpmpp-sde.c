/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* DPM-Solver++ of the diffusion SDE (Lu, Zhou, Bao, Chen, Li and Zhu, "DPM-
 * Solver++", 2022, section 5; k-diffusion's formulation with eta 1). Noise is
 * that of one Brownian path over the noise levels, so that it does not depend on
 * how they are divided into steps. h is the step in -log sigma. */

#include "solvers/solvers.h"

#include <math.h>

/* Where a step does not move, or ends at 0, there is nothing to integrate. */
static gboolean
is_trivial (RdSolver * solver)
{
  if (solver->sigma_next > 0.0 && solver->sigma_next < solver->sigma)
    return FALSE;
  rd_solver_move (solver, solver->sigma_next);
  return TRUE;
}

/* Down from x along @denoised, and up by the path's noise, to @sigma. */
static void
stage_to (RdSolver * solver, const RdTensor * denoised, double sigma)
{
  double down, up;

  rd_solver_split_ancestral (solver->sigma, sigma, &down, &up);
  rd_solver_move_noisy (solver, denoised, down,
      rd_solver_draw_between (solver, solver->sigma, sigma), up);
}

/* The middle of a step as single precision has it: the path is so rough that
 * the last bit shows in its noise. */
static double
middle_of (const RdSolver * solver)
{
  const float from = -logf ((float) solver->sigma);
  const float to = -logf ((float) solver->sigma_next);

  return expf (-(from + 0.5f * (to - from)));
}

gboolean
rd_solver_dpmpp_sde (RdSolver * solver, guint stage)
{
  const double middle = middle_of (solver);

  if (stage == 0) {
    if (is_trivial (solver))
      return FALSE;
    stage_to (solver, solver->denoised[0], middle);
    rd_solver_ask (solver, solver->y, middle);
    return TRUE;
  }
  stage_to (solver, solver->denoised[1], solver->sigma_next);
  return FALSE;
}

/* The terms of a multistep method's y, which are added up at the end. */
typedef struct
{
  RdTerm terms[RD_SOLVER_MAX_TERMS];
  guint n;
} Sum;

static void
add (Sum * sum, const RdTensor * tensor, double scale)
{
  sum->terms[sum->n++] = rd_term (tensor, scale, NULL);
}

/* The part that all of them share: keep x + (1 - exp (-2h)) D. */
static void
add_first_order (Sum * sum, const RdSolver * solver, double h)
{
  add (sum, solver->x, solver->sigma_next / solver->sigma * exp (-h));
  add (sum, solver->denoised[0], -expm1 (-2.0 * h));
}

/* scale * (D - the one before) */
static void
add_difference (Sum * sum, const RdSolver * solver, double scale)
{
  add (sum, solver->denoised[0], scale);
  add (sum, solver->past[0].denoised, -scale);
}

static void
finish (const Sum * sum, RdSolver * solver, double h)
{
  rd_solver_combine_noisy (solver, sum->n, sum->terms, rd_solver_draw (solver),
      solver->sigma_next * sqrt (-expm1 (-2.0 * h)));
}

static gboolean
dpmpp_2m_sde (RdSolver * solver, gboolean heun)
{
  const double h = log (solver->sigma / solver->sigma_next);
  const RdPast *past = &solver->past[0];
  Sum sum = { 0 };

  if (is_trivial (solver))
    return FALSE;
  add_first_order (&sum, solver, h);
  if (past->denoised && past->sigma > solver->sigma) {
    const double ratio = h / log (past->sigma / solver->sigma);
    const double gain = -expm1 (-2.0 * h);

    add_difference (&sum, solver, ratio
        * (heun ? 1.0 - gain / (2.0 * h) : 0.5 * gain));
  }
  finish (&sum, solver, h);
  return FALSE;
}

gboolean
rd_solver_dpmpp_2m_sde (RdSolver * solver, guint stage)
{
  return dpmpp_2m_sde (solver, FALSE);
}

gboolean
rd_solver_dpmpp_2m_sde_heun (RdSolver * solver, guint stage)
{
  return dpmpp_2m_sde (solver, TRUE);
}

gboolean
rd_solver_dpmpp_3m_sde (RdSolver * solver, guint stage)
{
  const double h = log (solver->sigma / solver->sigma_next);
  const double phi_2 = 1.0 + expm1 (-2.0 * h) / (2.0 * h);
  const double phi_3 = phi_2 / (2.0 * h) - 0.5;
  const RdPast *past = solver->past;
  Sum sum = { 0 };

  if (is_trivial (solver))
    return FALSE;
  add_first_order (&sum, solver, h);
  if (past[0].denoised && past[0].sigma > solver->sigma) {
    const double r0 = log (past[0].sigma / solver->sigma) / h;

    add_difference (&sum, solver, phi_2 / r0);
    if (past[1].denoised && past[1].sigma > past[0].sigma) {
      const double r1 = log (past[1].sigma / past[0].sigma) / h;
      const double second = (phi_2 * r0 - phi_3) / (r0 + r1);

      add (&sum, solver->denoised[0], second / r0);
      add (&sum, past[0].denoised, -second * (1.0 / r0 + 1.0 / r1));
      add (&sum, past[1].denoised, second / r1);
    }
  }
  finish (&sum, solver, h);
  return FALSE;
}
