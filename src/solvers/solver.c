/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "solvers/solver.h"

/* of a flow network's timesteps: where the first level is taken to be that is
 * nothing but noise, for methods that divide by what is not */
#define ALMOST_ALL 0.9999

/**
 * rd_solver_new:
 * @info: which method
 * @n_steps: of the run
 * @sigmas: (array): its noise levels, one more than steps, descending
 * @seed: of the noise it adds, if it does
 *
 * Returns: (transfer full): a solver without history
 */
RdSolver *
rd_solver_new (const RdSolverInfo * info, guint n_steps, const double *sigmas,
    guint64 seed)
{
  RdSolver *solver = g_new0 (RdSolver, 1);

  solver->info = info;
  solver->n_steps = n_steps;
  solver->sigmas = g_memdup2 (sigmas, (n_steps + 1) * sizeof (double));
  solver->n_intervals = 1;
  solver->seed = seed;
  rd_solver_set_noise_range (solver,
      sigmas[n_steps] > 0.0 || n_steps == 0 ? sigmas[n_steps]
      : sigmas[n_steps - 1], sigmas[0]);
  return solver;
}

static void
renew_noise (RdSolver * solver)
{
  g_clear_pointer (&solver->noise, rd_noise_source_free);
  solver->noise = rd_noise_source_new (solver->info->noise,
      solver->noise_origin, solver->seed, solver->noise_range[0],
      solver->noise_range[1]);
}

/**
 * rd_solver_set_noise_range:
 * @solver: a solver that has not begun
 * @sigma_min: the lowest noise level above 0
 * @sigma_max: the highest
 *
 * For a solver of a part of a run: over which noise levels the whole run's noise
 * is. Otherwise they are those of its own.
 */
void
rd_solver_set_noise_range (RdSolver * solver, double sigma_min,
    double sigma_max)
{
  solver->noise_range[0] = sigma_min;
  solver->noise_range[1] = sigma_max;
  renew_noise (solver);
}

/**
 * rd_solver_set_noise_origin:
 * @solver: a solver that has not begun
 * @origin: which generator makes its noise, torch's otherwise
 */
void
rd_solver_set_noise_origin (RdSolver * solver, RdNoiseOrigin origin)
{
  solver->noise_origin = origin;
  renew_noise (solver);
}

/**
 * rd_solver_new_alone:
 * @info: which method
 * @n_steps: of the run
 * @sigmas: (array): its noise levels, one more than steps, descending
 * @seed: of the noise it adds, if it does
 *
 * A solver for a run that nobody else takes part in, as ComfyUI runs it. A
 * method with a grid of its own takes it as one step, which ends before the 0
 * that its schedule ends in.
 *
 * Returns: (transfer full): a solver; its number of steps is in `n_steps`
 */
RdSolver *
rd_solver_new_alone (const RdSolverInfo * info, guint n_steps,
    const double *sigmas, guint64 seed)
{
  RdSolver *solver;

  if (info->own_grid) {
    const double last = sigmas[n_steps] > 0.0 ? sigmas[n_steps]
        : sigmas[n_steps - 1];

    solver = rd_solver_new (info, 1, (const double[]) { sigmas[0], last },
        seed);
    solver->n_intervals = n_steps;
  } else {
    solver = rd_solver_new (info, n_steps, sigmas, seed);
  }
  solver->alone = TRUE;
  return solver;
}

/**
 * rd_solver_set_prediction:
 * @solver: a solver
 * @prediction: (transfer none): how the network was trained
 *
 * For methods that treat parts of what the network has learnt in different
 * ways, and for those that serve flow networks on scaled latents. There sigma 1
 * has no picture at all, and ComfyUI's level of 0.9999 of the timesteps stands
 * for it.
 */
void
rd_solver_set_prediction (RdSolver * solver, RdPrediction * prediction)
{
  g_clear_pointer (&solver->prediction, rd_prediction_unref);
  solver->prediction = rd_prediction_ref (prediction);
  solver->is_flow = prediction->type == RD_PREDICTION_FLOW;
  solver->is_scaled = solver->is_flow
      && solver->info->flow == RD_SOLVER_FLOW_SCALED;
  for (guint i = 0; solver->is_scaled && i <= solver->n_steps; i++) {
    const double sigma = solver->sigmas[i] < 1.0 ? solver->sigmas[i]
        : rd_prediction_sigma_of (prediction, ALMOST_ALL);

    solver->sigmas[i] = sigma / (1.0 - sigma);
  }
}

/**
 * rd_solver_level:
 * @solver: a solver
 * @sigma: a noise level of its own
 *
 * Returns: that level as the network knows it
 */
double
rd_solver_level (const RdSolver * solver, double sigma)
{
  return solver->is_scaled ? sigma / (1.0 + sigma) : sigma;
}

/* @in times @scale, in a tensor that is made once */
static RdTensor *
scale_into (RdTensor ** out, const RdTensor * in, double scale)
{
  const RdTerm term = { in, scale, NULL };

  if (!*out)
    *out = rd_tensor_new_like (in);
  rd_combine (*out, 1, &term);
  return *out;
}

static void
clear_answers (RdSolver * solver)
{
  for (guint i = 0; i < RD_SOLVER_MAX_STAGES; i++)
    g_clear_pointer (&solver->denoised[i], rd_tensor_unref);
  g_clear_pointer (&solver->unconditional, rd_tensor_unref);
}

/**
 * rd_solver_free:
 * @solver: (transfer full): a solver, in a step or not
 */
void
rd_solver_free (RdSolver * solver)
{
  rd_solver_forget (solver);
  g_clear_pointer (&solver->noise, rd_noise_source_free);
  g_clear_pointer (&solver->prediction, rd_prediction_unref);
  g_clear_pointer (&solver->scaled, rd_tensor_unref);
  g_clear_pointer (&solver->shown, rd_tensor_unref);
  g_free (solver->sigmas);
  g_free (solver);
}

/**
 * rd_solver_forget:
 * @solver: a solver
 *
 * Drops its history and a step that is not finished: what comes next is a first
 * step. Its noise goes on where it was.
 */
void
rd_solver_forget (RdSolver * solver)
{
  clear_answers (solver);
  for (guint i = 0; i < RD_SOLVER_MAX_PAST; i++)
    g_clear_pointer (&solver->past[i].denoised, rd_tensor_unref);
  for (guint i = 0; i < RD_SOLVER_MAX_KEPT; i++)
    g_clear_pointer (&solver->kept[i], rd_tensor_unref);
  solver->n_kept = 0;
  memset (solver->numbers, 0, sizeof solver->numbers);
  solver->asking = FALSE;
}

/**
 * rd_solver_sit_out:
 * @solver: a solver that is not in a step
 * @step: a step of the run
 * @x: a latent of the run
 *
 * Lets a step pass: what it knew is of another time when it goes on, so its
 * history ends, and its noise stays in step with that of equal solvers.
 */
void
rd_solver_sit_out (RdSolver * solver, guint step, const RdTensor * x)
{
  rd_solver_forget (solver);
  solver->step = step;
  solver->sigma = solver->sigmas[step];
  solver->sigma_next = solver->sigmas[step + 1];
  solver->x = x;
  if (solver->sigma_next == 0.0
      || (solver->info->draws && !solver->info->draws (solver)))
    return;
  for (guint i = 0; i < solver->info->n_draws; i++)
    rd_tensor_unref (rd_solver_draw (solver));
}

/* The last answer of the step before becomes history. */
static void
remember (RdSolver * solver)
{
  const guint n = solver->info->n_past;

  if (n > 0 && solver->denoised[solver->stage]) {
    g_clear_pointer (&solver->past[n - 1].denoised, rd_tensor_unref);
    for (guint i = n - 1; i > 0; i--)
      solver->past[i] = solver->past[i - 1];
    solver->past[0].denoised =
        g_steal_pointer (&solver->denoised[solver->stage]);
    solver->past[0].sigma = solver->sigma;
  }
  clear_answers (solver);
}

/**
 * rd_solver_begin:
 * @solver: a solver that is not in a step
 * @step: which step of the run
 * @x: latent at its sigma; must stay as it is until the step is done
 * @y: receives the latent at the next sigma; not @x
 *
 * Starts a step, whose first question is pending then. The answers of the step
 * before become history.
 */
void
rd_solver_begin (RdSolver * solver, guint step, const RdTensor * x,
    RdTensor * y)
{
  g_return_if_fail (!solver->asking && x != y && step < solver->n_steps);
  g_return_if_fail (solver->sigmas[step] > 0.0);

  remember (solver);
  solver->step = step;
  solver->y = y;
  solver->sigma = solver->sigmas[step];
  solver->sigma_next = solver->sigmas[step + 1];
  solver->given = x;
  solver->x = solver->is_scaled
      ? scale_into (&solver->scaled, x, 1.0 + solver->sigma) : x;
  solver->stage = 0;
  if (solver->info->stays && solver->info->stays (solver))
    rd_copy (y, x);
  else
    rd_solver_ask (solver, solver->x, solver->sigma);
}

/**
 * rd_solver_ask:
 * @solver: a solver
 * @x: a latent: the step's own or `solver->y`
 * @sigma: its noise level, > 0
 *
 * For methods: puts the next question of a step.
 */
void
rd_solver_ask (RdSolver * solver, const RdTensor * x, double sigma)
{
  solver->asking = TRUE;
  solver->stage_after = solver->stage + 1;
  solver->ask_x = x;
  solver->ask_sigma = sigma;
  if (!solver->is_scaled)
    return;
  solver->ask_x = x == solver->x && sigma == solver->sigma ? solver->given
      : scale_into (&solver->shown, x, 1.0 / (1.0 + sigma));
  solver->ask_sigma = rd_solver_level (solver, sigma);
}

/**
 * rd_solver_ask_again:
 * @solver: a solver
 * @stage: one that was already answered, or the one at hand
 * @x: a latent that is none of the answers
 * @sigma: its noise level, > 0
 *
 * For methods that divide a step or try parts of it anew: forgets the answers
 * from @stage on and puts its question again.
 */
void
rd_solver_ask_again (RdSolver * solver, guint stage, const RdTensor * x,
    double sigma)
{
  for (guint i = stage; i <= solver->stage; i++)
    g_clear_pointer (&solver->denoised[i], rd_tensor_unref);
  rd_solver_ask (solver, x, sigma);
  solver->stage_after = stage;
}

/**
 * rd_solver_draw:
 * @solver: a solver in a step
 *
 * For methods: the noise of this step, of deviation 1.
 *
 * Returns: (transfer full): a tensor like the step's latent
 */
RdTensor *
rd_solver_draw (RdSolver * solver)
{
  return rd_solver_draw_between (solver, solver->sigma, solver->sigma_next);
}

/**
 * rd_solver_draw_between:
 * @solver: a solver in a step
 * @sigma: a noise level
 * @sigma_next: a lower one
 *
 * For methods whose noise belongs to a part of the step.
 *
 * Returns: (transfer full): a tensor like the step's latent
 */
RdTensor *
rd_solver_draw_between (RdSolver * solver, double sigma, double sigma_next)
{
  RdTensor *noise = rd_tensor_new_like (solver->x);

  rd_noise_source_draw (solver->noise, noise, rd_solver_level (solver, sigma),
      rd_solver_level (solver, sigma_next));
  return noise;
}

/**
 * rd_solver_keep:
 * @solver: a solver in a step
 * @slot: less than %RD_SOLVER_MAX_KEPT
 *
 * For methods: memory that stays until the solver forgets.
 *
 * Returns: (transfer none): a tensor like the step's latent, undefined at first
 */
RdTensor *
rd_solver_keep (RdSolver * solver, guint slot)
{
  if (!solver->kept[slot])
    solver->kept[slot] = rd_tensor_new_like (solver->x);
  return solver->kept[slot];
}

/**
 * rd_solver_keep_tensor:
 * @solver: a solver
 * @slot: less than %RD_SOLVER_MAX_KEPT
 * @tensor: (transfer none): an answer, say
 *
 * For methods: keeps @tensor itself instead of a copy.
 */
void
rd_solver_keep_tensor (RdSolver * solver, guint slot, RdTensor * tensor)
{
  g_clear_pointer (&solver->kept[slot], rd_tensor_unref);
  solver->kept[slot] = rd_tensor_ref (tensor);
}

/**
 * rd_solver_asks:
 * @solver: a solver
 * @x: (out) (transfer none): the latent it wants denoised
 * @sigma: (out): its noise level
 *
 * Returns: %FALSE when the step is done (or none was begun)
 */
gboolean
rd_solver_asks (const RdSolver * solver, const RdTensor ** x, double *sigma)
{
  if (!solver->asking)
    return FALSE;
  *x = solver->ask_x;
  *sigma = solver->ask_sigma;
  return TRUE;
}

/**
 * rd_solver_tell:
 * @solver: a solver that asks
 * @denoised: (transfer none): the answer, which it may keep as history
 * @unconditional: (transfer none) (nullable): its unconditional part, if the
 *   method wants it
 */
void
rd_solver_tell (RdSolver * solver, RdTensor * denoised,
    RdTensor * unconditional)
{
  g_return_if_fail (solver->asking);
  g_return_if_fail (solver->stage < RD_SOLVER_MAX_STAGES);

  solver->asking = FALSE;
  solver->denoised[solver->stage] = rd_tensor_ref (denoised);
  g_clear_pointer (&solver->unconditional, rd_tensor_unref);
  if (unconditional)
    solver->unconditional = rd_tensor_ref (unconditional);
  if (solver->info->advance (solver, solver->stage))
    solver->stage = solver->stage_after;
  else if (solver->is_scaled)
    scale_into (&solver->y, solver->y, 1.0 / (1.0 + solver->sigma_next));
}

/**
 * rd_solver_first_denoised:
 * @solver: a solver whose step is done
 *
 * Returns: (transfer none) (nullable): the first answer of that step, or of its
 *   last part; %NULL where it asked nothing
 */
RdTensor *
rd_solver_first_denoised (const RdSolver * solver)
{
  return solver->denoised[0];
}

/**
 * rd_solver_last_denoised:
 * @solver: a solver whose step is done
 *
 * Returns: (transfer none) (nullable): the last answer of that step; %NULL where
 *   it asked nothing
 */
RdTensor *
rd_solver_last_denoised (const RdSolver * solver)
{
  return solver->denoised[solver->stage];
}
