/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Gonzalez, Fernandez, Tran, Gherbi, Hajri and Masmoudi, "SEEDS: Exponential SDE
 * Solvers for Fast High-Quality Sampling from Diffusion Models" (2023), in data
 * prediction; without noise they are exponential Runge-Kutta methods, of which
 * exp_heun_2_x0 is one. h is the step in -log sigma. */

#include "solvers/solvers.h"

#include <math.h>

/* h phi_2(h) of exponential integrators */
static double
h_phi_2 (double h)
{
  return h == 0.0 ? 0.0 : (expm1 (h) - h) / h;
}

/* The noise of a step grows from stage to stage, in slot 0: what is there
 * decays over @segment of -log sigma, and fresh noise makes up for it. */
static void
grow_noise (RdSolver * solver, gboolean first, double segment)
{
  g_autoptr (RdTensor) fresh = rd_solver_draw (solver);
  RdTensor *noise = rd_solver_keep (solver, 0);
  const double added = sqrt (-expm1 (-2.0 * segment));
  const RdTerm terms[] = {
    {fresh, added, NULL},
    {noise, exp (-segment), NULL},
  };

  rd_combine (noise, first ? 1 : 2, terms);
}

/* y = keep x - c1 D - c2 D' + sigma * noise */
static void
set_stage (RdSolver * solver, double sigma, double h, double eta, double c1,
    const RdTensor * other, double c2)
{
  RdTerm terms[4] = {
    {solver->x, sigma / solver->sigma * exp (-h * eta), NULL},
    {solver->denoised[0], -c1, NULL},
  };
  guint n = 2;

  if (other)
    terms[n++] = rd_term (other, -c2, NULL);
  if (eta > 0.0)
    terms[n++] = rd_term (solver->kept[0], sigma, NULL);
  rd_combine (solver->y, n, terms);
}

/* Two stages, the second at @r of the step. */
static gboolean
seeds_2 (RdSolver * solver, guint stage, double r, double eta, gboolean phi_2)
{
  const double next = solver->sigma_next;
  const double h = log (solver->sigma / next);
  const double h_eta = h * (1.0 + eta);
  const double middle = solver->sigma * exp (-r * h);
  double b1, b2;

  if (next == 0.0) {
    rd_solver_move (solver, 0.0);
    return FALSE;
  }
  if (stage == 0) {
    if (eta > 0.0)
      grow_noise (solver, TRUE, r * h * eta);
    set_stage (solver, middle, r * h, eta, expm1 (-r * h_eta), NULL, 0.0);
    rd_solver_ask (solver, solver->y, middle);
    return TRUE;
  }

  b2 = phi_2 ? h_phi_2 (-h_eta) / r : expm1 (-h_eta) / (2.0 * r);
  b1 = expm1 (-h_eta) - b2;
  if (eta > 0.0)
    grow_noise (solver, FALSE, (1.0 - r) * h * eta);
  set_stage (solver, next, h, eta, b1, solver->denoised[1], b2);
  return FALSE;
}

gboolean
rd_solver_seeds_2 (RdSolver * solver, guint stage)
{
  return seeds_2 (solver, stage, 0.5, 1.0, FALSE);
}

gboolean
rd_solver_exp_heun_2_x0 (RdSolver * solver, guint stage)
{
  return seeds_2 (solver, stage, 1.0, 0.0, TRUE);
}

gboolean
rd_solver_exp_heun_2_x0_sde (RdSolver * solver, guint stage)
{
  return seeds_2 (solver, stage, 1.0, 1.0, TRUE);
}

/* Three stages, at one and two thirds. */
gboolean
rd_solver_seeds_3 (RdSolver * solver, guint stage)
{
  const double r1 = 1.0 / 3.0, r2 = 2.0 / 3.0;
  const double next = solver->sigma_next;
  const double h = log (solver->sigma / next), h_eta = 2.0 * h;
  const double sigma_1 = solver->sigma * exp (-r1 * h);
  const double sigma_2 = solver->sigma * exp (-r2 * h);
  double c1, c2;

  if (next == 0.0) {
    rd_solver_move (solver, 0.0);
    return FALSE;
  }
  switch (stage) {
    case 0:
      grow_noise (solver, TRUE, r1 * h);
      set_stage (solver, sigma_1, r1 * h, 1.0, expm1 (-r1 * h_eta), NULL, 0.0);
      rd_solver_ask (solver, solver->y, sigma_1);
      return TRUE;
    case 1:
      c2 = r2 / r1 * h_phi_2 (-r2 * h_eta);
      c1 = expm1 (-r2 * h_eta) - c2;
      grow_noise (solver, FALSE, (r2 - r1) * h);
      set_stage (solver, sigma_2, r2 * h, 1.0, c1, solver->denoised[1], c2);
      rd_solver_ask (solver, solver->y, sigma_2);
      return TRUE;
    default:
      c2 = h_phi_2 (-h_eta) / r2;
      c1 = expm1 (-h_eta) - c2;
      grow_noise (solver, FALSE, (1.0 - r2) * h);
      set_stage (solver, next, h, 1.0, c1, solver->denoised[2], c2);
      return FALSE;
  }
}
