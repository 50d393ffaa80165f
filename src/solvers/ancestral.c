/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Ancestral sampling: a step goes further down than asked for and noise lifts
 * it to the next level again (Song, Sohl-Dickstein, Kingma, Kumar, Ermon and
 * Poole, "Score-Based Generative Modeling through Stochastic Differential
 * Equations", 2021; in k-diffusion's formulation with eta 1). */

#include "solvers/solvers.h"

#include <math.h>

/* where the middle of a step is that begins with noise alone */
#define ALMOST_NOISE 0.9999

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

/* How an ancestral step goes: @keep times what the deterministic part makes at the
 * level @down, plus noise of deviation @up. Of flow networks, whose picture has the
 * share 1 - sigma, as ComfyUI has it: down = sigma_next^2 / sigma. */
typedef struct
{
  double down, up, keep;
} Way;

static Way
find_way (const RdSolver * solver)
{
  const double sigma = solver->sigma, next = solver->sigma_next;
  Way way = {.keep = 1.0 };

  if (!solver->is_flow) {
    rd_solver_split_ancestral (sigma, next, &way.down, &way.up);
    return way;
  }
  way.down = next * next / sigma;
  way.keep = (1.0 - next) / (1.0 - way.down);
  way.up = sqrt (fmax (next * next - way.down * way.down * way.keep * way.keep,
          0.0));
  return way;
}

/* y = keep * (x moved along @denoised to where the way goes down to) + noise */
static void
take_way (RdSolver * solver, const RdTensor * denoised, const Way * way)
{
  const double ratio = way->down / solver->sigma;
  const RdTerm terms[] = {
    {solver->x, way->keep * ratio, NULL},
    {denoised, way->keep * (1.0 - ratio), NULL},
  };

  rd_solver_combine_noisy (solver, 2, terms, rd_solver_draw (solver), way->up);
}

gboolean
rd_solver_euler_ancestral (RdSolver * solver, guint stage)
{
  const Way way = find_way (solver);

  if (way.down == 0.0)
    rd_solver_move (solver, 0.0);
  else
    take_way (solver, solver->denoised[0], &way);
  return FALSE;
}

/* dpm_2_ancestral and dpmpp_2s_ancestral: the first stage goes to the middle of
 * the deterministic part. Returns whether there is a second. */
static gboolean
ask_in_the_middle (RdSolver * solver, double down, double middle)
{
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
step_from_the_middle (RdSolver * solver, const Way * way)
{
  const double slope = way->keep * (way->down - solver->sigma)
      / sqrt (solver->sigma * way->down);
  const RdTerm terms[] = {
    {solver->x, way->keep, NULL},
    {solver->y, slope, NULL},
    {solver->denoised[1], -slope, NULL},
  };

  rd_solver_combine_noisy (solver, 3, terms, rd_solver_draw (solver), way->up);
}

/* DPM-Solver-2 (Lu et al. 2022) with ancestral noise, as k-diffusion has it: the
 * middle is that of log sigma. */
gboolean
rd_solver_dpm_2_ancestral (RdSolver * solver, guint stage)
{
  const Way way = find_way (solver);

  if (stage == 0)
    return ask_in_the_middle (solver, way.down,
        sqrt (solver->sigma * way.down));

  step_from_the_middle (solver, &way);
  return FALSE;
}

/* The middle in the logarithm of noise over signal. Where there is no signal,
 * ComfyUI's level. */
static double
find_middle (const RdSolver * solver, double down)
{
  const double sigma = solver->sigma;
  double middle;

  if (!solver->is_flow || down == 0.0)
    return sqrt (sigma * down);
  if (sigma >= 1.0)
    return ALMOST_NOISE;
  middle = sqrt (sigma / (1.0 - sigma) * down / (1.0 - down));
  return middle / (1.0 + middle);
}

/* DPM-Solver++(2S) (Lu et al. 2022) with ancestral noise. */
gboolean
rd_solver_dpmpp_2s_ancestral (RdSolver * solver, guint stage)
{
  const Way way = find_way (solver);

  if (stage == 0)
    return ask_in_the_middle (solver, way.down, find_middle (solver, way.down));

  take_way (solver, solver->denoised[1], &way);
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
  const RdTerm end = {
    solver->denoised[0], solver->is_flow ? 1.0 - solver->sigma_next : 1.0, NULL
  };

  if (solver->sigma_next > 0.0)
    rd_solver_combine_noisy (solver, 1, &end, rd_solver_draw (solver),
        solver->sigma_next);
  else
    rd_combine (solver->y, 1, &end);
  return FALSE;
}
