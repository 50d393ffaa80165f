/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Ancestral sampling: a step goes further down than asked for and noise lifts
 * it to the next level again (Song, Sohl-Dickstein, Kingma, Kumar, Ermon and
 * Poole, "Score-Based Generative Modeling through Stochastic Differential
 * Equations", 2021; in k-diffusion's formulation with eta 1). */

#include "solvers.h"

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
 * rd_solver_add_noise:
 * @solver: a solver in a step
 * @scale: deviation
 *
 * y = y + scale * noise.
 */
void
rd_solver_add_noise (RdSolver * solver, double scale)
{
  g_autoptr (RdTensor) noise = rd_solver_draw (solver);

  rd_combine (solver->y, 2, (RdTerm[]) {
      {solver->y, 1.0, NULL},
      {noise, scale, NULL},
  });
}

gboolean
rd_solver_euler_ancestral (RdSolver * solver, guint stage)
{
  double down, up;

  rd_solver_split_ancestral (solver->sigma, solver->sigma_next, &down, &up);
  rd_solver_move (solver, down);
  if (down > 0.0)
    rd_solver_add_noise (solver, up);
  return FALSE;
}
