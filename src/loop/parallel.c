/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Mode `parallel`: base and regions start a step from the same latent and
 * answer together, so that all a step needs to know of a network is one batch.
 * With one latent for all, owners of the same negative prompt share its row. */

#include "loop/trajectories.h"

static gboolean
take_step (RdTrajectories * parts, const RdWeightSet * set, guint i, GError ** error)
{
  RdRun *run = parts->run;
  g_autofree RdTrajectory **active = g_new (RdTrajectory *, parts->n_parts);
  guint n = 0;

  rd_run_report (run, i, 0, parts->parts[0].sigmas[i]);
  run->pass += parts->n_parts;
  for (guint k = 0; k < parts->n_parts; k++) {
    RdTrajectory *part = &parts->parts[k];

    if (set->weight[k]) {
      rd_trajectory_begin (part, i, part->x);
      active[n++] = part;
    } else {
      rd_solver_sit_out (part->solver, i, part->x);
    }
  }
  if (!rd_trajectories_converse (parts, n, active, error))
    return FALSE;
  for (guint k = 0; k < n; k++)
    rd_run_trace (run, active[k]->owner, run->start + i, active[k]->y);
  rd_trajectories_blend (parts, set, i);
  return TRUE;
}

/**
 * rd_run_parallel:
 * @run: a run
 * @error: settings that do not fit together, or what stopped it
 *
 * Returns: (transfer full) (nullable): the sampled latent
 */
RdTensor *
rd_run_parallel (RdRun * run, GError ** error)
{
  static const RdTrajectoriesMode mode = {
    .take_step = take_step,
  };

  return rd_trajectories_run (run, &mode, error);
}
