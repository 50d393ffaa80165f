/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "solver.h"

#include "names.h"
#include "solvers/solvers.h"

static const RdSolverInfo solvers[] = {
  {"euler", "Euler's method: one evaluation a step, first order "
        "(Karras et al. 2022, algorithm 2 without the correction)",
      FALSE, rd_solver_euler},
  {"heun", "Heun's method: two evaluations a step, second order "
        "(Karras et al. 2022, algorithm 2)",
      FALSE, rd_solver_heun},
  {"dpm_2", "DPM-Solver-2's midpoint in log sigma: two evaluations a step, "
        "second order (Lu et al. 2022; Karras et al. 2022)",
      TRUE, rd_solver_dpm_2},
  {"dpmpp_2m", "DPM-Solver++(2M), multistep: one evaluation a step, second "
        "order (Lu et al. 2022)",
      FALSE, rd_solver_dpmpp_2m},
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
 *
 * Returns: (transfer full): a solver without history
 */
RdSolver *
rd_solver_new (const RdSolverInfo * info)
{
  RdSolver *solver = g_new0 (RdSolver, 1);

  solver->info = info;
  return solver;
}

static void
clear_answers (RdSolver * solver)
{
  for (guint i = 0; i < RD_SOLVER_MAX_STAGES; i++)
    g_clear_pointer (&solver->denoised[i], rd_tensor_unref);
}

void
rd_solver_free (RdSolver * solver)
{
  rd_solver_forget (solver);
  g_free (solver);
}

/**
 * rd_solver_forget:
 * @solver: a solver
 *
 * Drops its history and a step that is not finished: what comes next is a first
 * step.
 */
void
rd_solver_forget (RdSolver * solver)
{
  clear_answers (solver);
  g_clear_pointer (&solver->previous, rd_tensor_unref);
  solver->asking = FALSE;
}

/**
 * rd_solver_begin:
 * @solver: a solver that is not in a step
 * @x: latent at @sigma; must stay as it is until the step is done
 * @y: receives the latent at @sigma_next; not @x
 * @sigma: a noise level > 0
 * @sigma_next: a lower one, or 0 to finish
 *
 * Starts a step, whose first question is pending then. The answers of the step
 * before become history.
 */
void
rd_solver_begin (RdSolver * solver, const RdTensor * x, RdTensor * y,
    double sigma, double sigma_next)
{
  g_return_if_fail (!solver->asking && x != y && sigma > 0.0);

  if (solver->denoised[0]) {
    g_clear_pointer (&solver->previous, rd_tensor_unref);
    solver->previous = g_steal_pointer (&solver->denoised[0]);
    solver->sigma_previous = solver->sigma;
    clear_answers (solver);
  }
  solver->x = x;
  solver->y = y;
  solver->sigma = sigma;
  solver->sigma_next = sigma_next;
  solver->stage = 0;
  rd_solver_ask (solver, x, sigma);
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
 */
void
rd_solver_tell (RdSolver * solver, RdTensor * denoised)
{
  g_return_if_fail (solver->asking);
  g_return_if_fail (solver->stage < RD_SOLVER_MAX_STAGES);

  solver->asking = FALSE;
  solver->denoised[solver->stage] = rd_tensor_ref (denoised);
  if (solver->info->advance (solver, solver->stage))
    solver->stage++;
}

/**
 * rd_solver_last_denoised:
 * @solver: a solver whose step is done
 *
 * Returns: (transfer none) (nullable): the last answer of that step
 */
RdTensor *
rd_solver_last_denoised (const RdSolver * solver)
{
  return solver->denoised[solver->stage];
}
