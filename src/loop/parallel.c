/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Mode `parallel`: base and regions start a step from the same latent and
 * answer together, so that all a step needs to know of a network is one batch.
 * With one latent for all, owners of the same negative prompt share its row. */

#include "loop/report.h"
#include "loop/trajectories.h"

static void
begin_step (RdTrajectories * all)
{
  RdRun *run = all->run;

  rd_run_report (run, all->step, 0, all->trajectories[0].sigmas[all->step]);
  run->pass += all->n;
  for (; all->turn < all->n; all->turn++) {
    RdTrajectory *trajectory = &all->trajectories[all->turn];

    if (all->set->weight[all->turn])
      rd_trajectory_begin (all, trajectory, trajectory->x);
    else
      rd_solver_sit_out (trajectory->solver, all->step, trajectory->x);
  }
}

static gboolean
proceed (RdTrajectories * all)
{
  RdRun *run = all->run;

  if (all->turn == 0) {
    begin_step (all);
    return TRUE;
  }
  for (guint k = 0; k < all->n_active; k++)
    rd_run_trace (run, all->active[k]->owner, run->start + all->step,
        all->active[k]->y);
  rd_trajectories_blend (all);
  return FALSE;
}

/**
 * rd_parallel_begin:
 * @run: a run
 * @error: settings that do not fit together, or a failure of the device
 *
 * Returns: %FALSE when there is nothing to run
 */
gboolean
rd_parallel_begin (RdRun * run, GError ** error)
{
  static const RdTrajectoriesMode mode = {
    .proceed = proceed,
  };

  return rd_trajectories_begin (run, &mode, error);
}
