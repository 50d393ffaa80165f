/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "solver.h"

#include "names.h"
#include "solvers/solvers.h"

static const RdSolverInfo solvers[] = {
  {"euler", "Euler's method: one evaluation a step, first order "
        "(Karras et al. 2022, algorithm 2 without the correction)",
      rd_solver_euler},
  {"euler_ancestral", "Euler's method with ancestral noise: one evaluation a "
        "step, first order (Song et al. 2021, as k-diffusion has it)",
        rd_solver_euler_ancestral, .noise = RD_NOISE_GENERATOR, .n_draws = 1},
  {"heun", "Heun's method: two evaluations a step, second order "
        "(Karras et al. 2022, algorithm 2)",
      rd_solver_heun},
  {"dpm_2", "DPM-Solver-2's midpoint in log sigma: two evaluations a step, "
        "second order (Lu et al. 2022; Karras et al. 2022)",
      rd_solver_dpm_2, .discard_penultimate = TRUE},
  {"dpmpp_2m", "DPM-Solver++(2M), multistep: one evaluation a step, second "
        "order (Lu et al. 2022)",
      rd_solver_dpmpp_2m, .n_past = 1},
};

/**
 * rd_solver_list:
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n): every solver there is
 */
const RdSolverInfo *
rd_solver_list (guint * n)
{
  *n = G_N_ELEMENTS (solvers);
  return solvers;
}

/**
 * rd_solver_find:
 * @name: ComfyUI's name of a sampler
 * @error: %RD_ERROR_NOT_FOUND with the known names
 *
 * Returns: (transfer none) (nullable): the solver
 */
const RdSolverInfo *
rd_solver_find (const char *name, GError ** error)
{
  return rd_find_by_name ("sampler", name, solvers, G_N_ELEMENTS (solvers),
      sizeof solvers[0], error);
}

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
  solver->noise = rd_noise_source_new (info->noise, seed);
  return solver;
}

static void
clear_answers (RdSolver * solver)
{
  for (guint i = 0; i < RD_SOLVER_MAX_STAGES; i++)
    g_clear_pointer (&solver->denoised[i], rd_tensor_unref);
  g_clear_pointer (&solver->unconditional, rd_tensor_unref);
}

void
rd_solver_free (RdSolver * solver)
{
  rd_solver_forget (solver);
  g_clear_pointer (&solver->noise, rd_noise_source_free);
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
  for (guint i = 0; solver->sigma_next > 0.0 && i < solver->info->n_draws; i++)
    rd_tensor_unref (rd_solver_draw (solver));
}

/* The first answer of the step before becomes history. */
static void
remember (RdSolver * solver)
{
  const guint n = solver->info->n_past;

  if (n > 0 && solver->denoised[0]) {
    g_clear_pointer (&solver->past[n - 1].denoised, rd_tensor_unref);
    for (guint i = n - 1; i > 0; i--)
      solver->past[i] = solver->past[i - 1];
    solver->past[0].denoised = g_steal_pointer (&solver->denoised[0]);
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
  solver->x = x;
  solver->y = y;
  solver->sigma = solver->sigmas[step];
  solver->sigma_next = solver->sigmas[step + 1];
  solver->stage = 0;
  rd_solver_ask (solver, x, solver->sigma);
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
  solver->ask_x = x;
  solver->ask_sigma = sigma;
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
  RdTensor *noise = rd_tensor_new_like (solver->x);

  rd_noise_source_draw (solver->noise, noise, solver->sigma,
      solver->sigma_next);
  return noise;
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
    solver->stage++;
}

/**
 * rd_solver_first_denoised:
 * @solver: a solver whose step is done
 *
 * Returns: (transfer none): the first answer of that step
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
 * Returns: (transfer none): the last answer of that step
 */
RdTensor *
rd_solver_last_denoised (const RdSolver * solver)
{
  return solver->denoised[solver->stage];
}
