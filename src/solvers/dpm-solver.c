/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Lu, Zhou, Bao, Chen, Li and Zhu, "DPM-Solver: A Fast ODE Solver for Diffusion
 * Probabilistic Model Sampling in Around 10 Steps" (2022), in noise prediction
 * and k-diffusion's variables: lambda = -log sigma, eps = (x - D) / sigma. Both
 * methods choose their own levels within a step, which is then made of parts;
 * n_kept counts those done, slot 0 holds what the latest part starts from. */

#include "solvers/solvers.h"

#include <math.h>

/* dpm_adaptive: accepted errors, relative and absolute; first size of a part;
 * smallest proposed change of size with which a part is accepted; distance to
 * the end that is none */
#define RELATIVE_TOLERANCE 0.05
#define ABSOLUTE_TOLERANCE 0.0078
#define FIRST_SIZE 0.05
#define ACCEPTED_FACTOR 0.81
#define AT_END 1e-5

enum
{
  SLOT_X,                       /* both: the part's input */
  SLOT_LOW,                     /* dpm_adaptive: second-order result */
  SLOT_LAST_LOW,                /* and that of the part before */
};

/* (e^h - 1) / h - 1 */
static double
phi (double h)
{
  return h == 0.0 ? 0.0 : expm1 (h) / h - 1.0;
}

/* x + a eps (x, sigma) + b eps (u, sigma_u), u being y and its answer the
 * latest */
static void
combine_slopes (RdSolver * solver, RdTensor * out, const RdTensor * x,
    double sigma, double a, guint stage, double sigma_u, double b)
{
  const RdTerm terms[] = {
    {x, 1.0 + a / sigma, NULL},
    {solver->denoised[0], -a / sigma, NULL},
    {solver->y, b / sigma_u, NULL},
    {solver->denoised[stage], -b / sigma_u, NULL},
  };

  rd_combine (out, 4, terms);
}

/* To lambda = @to along the slope at @from. */
static void
first_order (RdSolver * solver, const RdTensor * x, double from, double to)
{
  const double keep = exp (from - to);
  const RdTerm terms[] = {
    {x, keep, NULL},
    {solver->denoised[0], 1.0 - keep, NULL},
  };

  rd_combine (solver->y, 2, terms);
}

/* The answer to the second of a part's questions, which was at @r of it. */
static void
second_order (RdSolver * solver, RdTensor * out, const RdTensor * x,
    double from, double to, double r)
{
  const double h = to - from, g = exp (-to) * expm1 (h);

  combine_slopes (solver, out, x, exp (-from), g / (2.0 * r) - g, 1,
      exp (-(from + r * h)), -g / (2.0 * r));
}

static const RdTensor *
part_input (const RdSolver * solver)
{
  return solver->n_kept == 0 ? solver->x : solver->kept[SLOT_X];
}

/* Leads a part from lambda = @from to @to; @y is its result when it asks no
 * more. */
static gboolean
take_part (RdSolver * solver, guint stage, guint order, double from, double to)
{
  const RdTensor *x = part_input (solver);
  const double h = to - from, r1 = order == 2 ? 0.5 : 1.0 / 3.0;
  const double r2 = 2.0 / 3.0;
  const double at_1 = from + r1 * h, at_2 = from + r2 * h;
  double g, c;

  if (stage == 0 && order > 1) {
    first_order (solver, x, from, at_1);
    rd_solver_ask (solver, solver->y, exp (-at_1));
    return TRUE;
  }
  if (stage == 0) {
    first_order (solver, x, from, to);
    return FALSE;
  }
  if (stage == 1 && order == 2) {
    second_order (solver, solver->y, x, from, to, r1);
    return FALSE;
  }
  if (stage == 1) {
    g = exp (-at_2) * expm1 (r2 * h);
    c = exp (-at_2) * (r2 / r1) * phi (r2 * h);
    combine_slopes (solver, solver->y, x, exp (-from), c - g, 1, exp (-at_1),
        -c);
    rd_solver_ask (solver, solver->y, exp (-at_2));
    return TRUE;
  }
  g = exp (-to) * expm1 (h);
  c = exp (-to) / r2 * phi (h);
  combine_slopes (solver, solver->y, x, exp (-from), c - g, 2, exp (-at_2), -c);
  return FALSE;
}

/* The next part starts where this one ends. */
static gboolean
begin_part (RdSolver * solver, double from)
{
  RdTensor *x = rd_solver_keep (solver, SLOT_X);

  solver->n_kept++;
  rd_copy (x, solver->y);
  rd_solver_ask_again (solver, 0, x, exp (-from));
  return TRUE;
}

/* The paper's DPM-Solver-fast: as many evaluations as intervals, in parts of
 * third order as far as they go, evenly in lambda. */
gboolean
rd_solver_dpm_fast (RdSolver * solver, guint stage)
{
  const guint n = solver->n_intervals, n_parts = n / 3 + 1;
  const guint part = solver->n_kept;
  guint order = 3;
  double start, size;

  if (solver->sigma_next == 0.0) {
    rd_solver_move (solver, 0.0);
    return FALSE;
  }
  if (part == n_parts - 1)
    order = n % 3 == 0 ? 1 : n % 3;
  else if (part + 2 == n_parts && n % 3 == 0)
    order = 2;

  start = -log (solver->sigma);
  size = log (solver->sigma / solver->sigma_next) / n_parts;
  if (take_part (solver, stage, order, start + part * size,
          start + (part + 1) * size))
    return TRUE;
  if (part + 1 < n_parts)
    return begin_part (solver, start + (part + 1) * size);
  solver->n_kept = 0;
  return FALSE;
}

/* By what the part's size is multiplied, by its error: the integral part of a
 * PID controller, with a soft limit. */
static double
size_factor (double error)
{
  return 1.0 + atan (cbrt (1.0 / (error + 1e-8)) - 1.0);
}

/* Whether there is nothing to do: ComfyUI's runs of one step that ends at 0 are
 * from a level to itself. */
gboolean
rd_solver_dpm_adaptive_stays (const RdSolver * solver)
{
  return solver->alone && !(log (solver->sigma / solver->sigma_next) > AT_END);
}

/* The paper's DPM-Solver-12 and -23 with k-diffusion's control of the size of
 * parts: the third-order result is kept where the second-order one is near
 * enough. numbers[0] is where the part starts, numbers[1] its size. */
gboolean
rd_solver_dpm_adaptive (RdSolver * solver, guint stage)
{
  double *from = &solver->numbers[0], *size = &solver->numbers[1];
  RdTensor *low = rd_solver_keep (solver, SLOT_LOW);
  double end, to, error, factor;

  if (solver->sigma_next == 0.0) {
    rd_solver_move (solver, 0.0);
    return FALSE;
  }
  if (stage == 0 && solver->n_kept == 0) {
    *from = -log (solver->sigma);
    *size = FIRST_SIZE;
  }
  end = -log (solver->sigma_next);
  to = fmin (end, *from + *size);
  if (stage == 1)
    second_order (solver, low, part_input (solver), *from, to, 1.0 / 3.0);
  if (take_part (solver, stage, 3, *from, to))
    return TRUE;

  error = rd_step_error (low, solver->y, solver->n_kept == 0 ? solver->x
      : solver->kept[SLOT_LAST_LOW], ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE);
  /* what is not a number gets no better by smaller parts */
  factor = isfinite (error) ? size_factor (error) : INFINITY;
  *size *= factor;
  if (factor < ACCEPTED_FACTOR) {
    const double at = *from + fmin (end - *from, *size) / 3.0;

    first_order (solver, part_input (solver), *from, at);
    rd_solver_ask_again (solver, 1, solver->y, exp (-at));
    return TRUE;
  }

  *from = to;
  solver->kept[SLOT_LOW] = solver->kept[SLOT_LAST_LOW];
  solver->kept[SLOT_LAST_LOW] = low;
  if (*from < end - AT_END)
    return begin_part (solver, *from);
  solver->n_kept = 0;
  return FALSE;
}
