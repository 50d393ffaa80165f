/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Ancestral sampling: a step goes further down than asked for and noise lifts
 * it to the next level again (Song, Sohl-Dickstein, Kingma, Kumar, Ermon and
 * Poole, "Score-Based Generative Modeling through Stochastic Differential
 * Equations", 2021; in k-diffusion's formulation with eta 1). */

#include "solvers/solvers.h"

#include <math.h>

/**
 * rd_solver_split_ancestral:
 * @sigma: where a step begins
 * @sigma_next: where it ends
 * @down: (out): where its deterministic part ends
 * @up: (out): deviation of the noise that lifts it to @sigma_next
 *
 * down^2 + up^2 = sigma_next^2.
 */
void
rd_solver_split_ancestral (double sigma, double sigma_next, double *down,
    double *up)
{
  const double variance = sigma_next * sigma_next
      * (sigma * sigma - sigma_next * sigma_next) / (sigma * sigma);

  *up = fmin (sigma_next, sqrt (fmax (variance, 0.0)));
  *down = sqrt (fmax (sigma_next * sigma_next - *up * *up, 0.0));
}

/**
 * rd_solver_combine_noisy:
 * @solver: a solver in a step
 * @n: less than %RD_SOLVER_MAX_TERMS
 * @terms: what is added
 * @noise: (transfer full): what rd_solver_draw() gave
 * @scale: deviation
 *
 * y = the sum of @terms + scale * noise, in one pass.
 */
void
rd_solver_combine_noisy (RdSolver * solver, guint n, const RdTerm * terms,
    RdTensor * noise, double scale)
{
  RdTerm all[RD_SOLVER_MAX_TERMS];

  g_return_if_fail (n < G_N_ELEMENTS (all));

  for (guint k = 0; k < n; k++)
    all[k] = terms[k];
  all[n] = rd_term (noise, scale, NULL);
  rd_combine (solver->y, n + 1, all);
  rd_tensor_unref (noise);
}

/**
 * rd_solver_add_noise:
 * @solver: a solver in a step
 * @scale: deviation
 *
 * y = y + scale * noise.
 */
void
rd_solver_add_noise (RdSolver * solver, double scale)
{
  const RdTerm term = { solver->y, 1.0, NULL };

  rd_solver_combine_noisy (solver, 1, &term, rd_solver_draw (solver), scale);
}

/**
 * rd_solver_move_noisy:
 * @solver: a solver in a step
 * @denoised: an answer
 * @down: the noise level to go down to
 * @noise: (transfer full): what rd_solver_draw() gave
 * @up: its deviation
 *
 * y = x moved along @denoised to @down, plus @up times the noise: a step of Euler's method
 * with ancestral noise.
 */
void
rd_solver_move_noisy (RdSolver * solver, const RdTensor * denoised,
    double down, RdTensor * noise, double up)
{
  const double keep = down / solver->sigma;
  const RdTerm terms[] = {
    {solver->x, keep, NULL},
    {denoised, 1.0 - keep, NULL},
  };

  rd_solver_combine_noisy (solver, 2, terms, noise, up);
}

gboolean
rd_solver_euler_ancestral (RdSolver * solver, guint stage)
{
  double down, up;

  rd_solver_split_ancestral (solver->sigma, solver->sigma_next, &down, &up);
  if (down == 0.0)
    rd_solver_move (solver, 0.0);
  else
    rd_solver_move_noisy (solver, solver->denoised[0], down,
        rd_solver_draw (solver), up);
  return FALSE;
}

/* dpm_2_ancestral and dpmpp_2s_ancestral: the first stage goes to the middle, in
 * log sigma, of the deterministic part. Returns whether there is a second. */
static gboolean
ask_in_the_middle (RdSolver * solver, double down)
{
  const double middle = sqrt (solver->sigma * down);

  if (down == 0.0) {
    rd_solver_move (solver, 0.0);
    return FALSE;
  }
  rd_solver_move (solver, middle);
  rd_solver_ask (solver, solver->y, middle);
  return TRUE;
}

/* The whole step by the slope in its middle. */
static void
step_from_the_middle (RdSolver * solver, double down, double up)
{
  const double slope = (down - solver->sigma) / sqrt (solver->sigma * down);
  const RdTerm terms[] = {
    {solver->x, 1.0, NULL},
    {solver->y, slope, NULL},
    {solver->denoised[1], -slope, NULL},
  };

  rd_solver_combine_noisy (solver, 3, terms, rd_solver_draw (solver), up);
}

/* DPM-Solver-2 (Lu et al. 2022) with ancestral noise, as k-diffusion has it. */
gboolean
rd_solver_dpm_2_ancestral (RdSolver * solver, guint stage)
{
  double down, up;

  rd_solver_split_ancestral (solver->sigma, solver->sigma_next, &down, &up);
  if (stage == 0)
    return ask_in_the_middle (solver, down);

  step_from_the_middle (solver, down, up);
  return FALSE;
}

/* DPM-Solver++(2S) (Lu et al. 2022) with ancestral noise. */
gboolean
rd_solver_dpmpp_2s_ancestral (RdSolver * solver, guint stage)
{
  double down, up;

  rd_solver_split_ancestral (solver->sigma, solver->sigma_next, &down, &up);
  if (stage == 0)
    return ask_in_the_middle (solver, down);

  rd_solver_move_noisy (solver, solver->denoised[1], down,
      rd_solver_draw (solver), up);
  return FALSE;
}

/* Ho, Jain and Abbeel, "Denoising Diffusion Probabilistic Models" (2020): the
 * posterior of a step of the variance-preserving process. */
gboolean
rd_solver_ddpm (RdSolver * solver, guint stage)
{
  const double sigma = solver->sigma, next = solver->sigma_next;
  const double bar = 1.0 / (sigma * sigma + 1.0);
  const double bar_next = 1.0 / (next * next + 1.0);
  const double alpha = bar / bar_next;
  const double scale = sqrt (1.0 + next * next) / sqrt (alpha);
  const double eps = (1.0 - alpha) / sqrt (1.0 - bar) / sigma;

  const RdTerm mean[] = {
    {solver->x, scale * (sqrt (bar) - eps), NULL},
    {solver->denoised[0], scale * eps, NULL},
  };

  if (next > 0.0)
    rd_solver_combine_noisy (solver, 2, mean, rd_solver_draw (solver),
        sqrt (1.0 + next * next)
        * sqrt ((1.0 - alpha) * (1.0 - bar_next) / (1.0 - bar)));
  else
    rd_combine (solver->y, 2, mean);
  return FALSE;
}

/* Luo, Tan, Huang, Li and Zhao, "Latent Consistency Models" (2023): every step
 * is a jump to the end and fresh noise. */
gboolean
rd_solver_lcm (RdSolver * solver, guint stage)
{
  const RdTerm end = { solver->denoised[0], 1.0, NULL };

  if (solver->sigma_next > 0.0)
    rd_solver_combine_noisy (solver, 1, &end, rd_solver_draw (solver),
        solver->sigma_next);
  else
    rd_combine (solver->y, 1, &end);
  return FALSE;
}
