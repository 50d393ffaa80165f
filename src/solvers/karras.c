/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The plain methods of Karras, Aittala, Aila and Laine, "Elucidating the Design
 * Space of Diffusion-Based Generative Models" (2022), as k-diffusion has them:
 * Euler, Heun, and the midpoint of DPM-Solver-2. */

#include "solvers/solvers.h"

#include <math.h>

/**
 * rd_solver_move:
 * @solver: a solver that was told its first answer
 * @sigma_next: where to go
 *
 * y = x + (sigma_next - sigma) d: along the first slope.
 */
void
rd_solver_move (RdSolver * solver, double sigma_next)
{
  const double keep = sigma_next / solver->sigma;
  const RdTerm terms[] = {
    {solver->x, keep, NULL},
    {solver->denoised[0], 1.0 - keep, NULL},
  };

  rd_combine (solver->y, 2, terms);
}

gboolean
rd_solver_euler (RdSolver * solver, guint stage)
{
  rd_solver_move (solver, solver->sigma_next);
  return FALSE;
}

/* y = x + dt (d + d') / 2, y being the latent of d' until now */
static void
correct (RdSolver * solver)
{
  const double sigma = solver->sigma, next = solver->sigma_next;
  const double half_dt = 0.5 * (next - sigma);
  const RdTerm terms[] = {
    {solver->x, 1.0 + half_dt / sigma, NULL},
    {solver->denoised[0], -half_dt / sigma, NULL},
    {solver->y, half_dt / next, NULL},
    {solver->denoised[1], -half_dt / next, NULL},
  };

  rd_combine (solver->y, 4, terms);
}

gboolean
rd_solver_heun (RdSolver * solver, guint stage)
{
  const double next = solver->sigma_next;

  if (stage == 0) {
    rd_solver_move (solver, next);
    if (next == 0.0)
      return FALSE;
    rd_solver_ask (solver, solver->y, next);
    return TRUE;
  }

  correct (solver);
  return FALSE;
}

/* y = x + dt times the slopes of all stages, weighted by sigma */
static void
weigh_slopes (RdSolver * solver, guint stage)
{
  const double *sigmas = solver->sigmas + solver->step;
  const double dt = sigmas[1] - sigmas[0];
  const double total = (stage + 1) * solver->sigmas[0];
  const double w2 = sigmas[1] / total;
  const double w3 = stage == 2 ? sigmas[2] / total : 0.0;
  const double w1 = 1.0 - w2 - w3;
  const RdTerm terms[] = {
    {solver->x, 1.0 + dt * w1 / sigmas[0], NULL},
    {solver->denoised[0], -dt * w1 / sigmas[0], NULL},
    {solver->y, dt * w2 / sigmas[1], NULL},
    {solver->denoised[1], -dt * w2 / sigmas[1], NULL},
    {solver->kept[0], stage == 2 ? dt * w3 / sigmas[2] : 0.0, NULL},
    {solver->denoised[2], stage == 2 ? -dt * w3 / sigmas[2] : 0.0, NULL},
  };

  rd_combine (solver->y, stage == 2 ? 6 : 4, terms);
}

/* Heun++: the slopes of up to three points ahead, weighted by their sigmas;
 * from sd-webui-samplers-scheduler, as ComfyUI has it. */
gboolean
rd_solver_heunpp2 (RdSolver * solver, guint stage)
{
  const double *sigmas = solver->sigmas + solver->step;
  const double last = solver->sigmas[solver->n_steps];

  if (stage == 0) {
    rd_solver_move (solver, sigmas[1]);
    if (sigmas[1] == last)
      return FALSE;
    rd_solver_ask (solver, solver->y, sigmas[1]);
    return TRUE;
  }

  if (stage == 1 && sigmas[2] != last) {
    RdTensor *ahead = rd_solver_keep (solver, 0);
    const double keep = sigmas[2] / sigmas[1];
    const RdTerm terms[] = {
      {solver->y, keep, NULL},
      {solver->denoised[1], 1.0 - keep, NULL},
    };

    rd_combine (ahead, 2, terms);
    rd_solver_ask (solver, ahead, sigmas[2]);
    return TRUE;
  }

  weigh_slopes (solver, stage);
  return FALSE;
}

/* y = x + (sigma_next - sigma) d', d' being the slope in the middle */
static void
step_from_the_middle (RdSolver * solver, double middle)
{
  const double slope = (solver->sigma_next - solver->sigma) / middle;
  const RdTerm terms[] = {
    {solver->x, 1.0, NULL},
    {solver->y, slope, NULL},
    {solver->denoised[1], -slope, NULL},
  };

  rd_combine (solver->y, 3, terms);
}

gboolean
rd_solver_dpm_2 (RdSolver * solver, guint stage)
{
  const double sigma = solver->sigma, next = solver->sigma_next;
  const double middle = sqrt (sigma * next);

  if (stage == 0 && next == 0.0) {
    rd_solver_move (solver, next);
    return FALSE;
  }
  if (stage == 0) {
    rd_solver_move (solver, middle);
    rd_solver_ask (solver, solver->y, middle);
    return TRUE;
  }

  step_from_the_middle (solver, middle);
  return FALSE;
}
