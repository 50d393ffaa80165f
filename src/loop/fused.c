/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Mode `fused`: one latent and one solver, the base's. What it asks is put to
 * every owner, and the answer is theirs blended by weight (Bar-Tal et al.,
 * "MultiDiffusion", 2023): where regions meet there is no seam between two
 * trajectories. */

#include "loop/report.h"
#include "loop/trajectories.h"

/* The base's solver asks every owner that has a weight. */
static void
ask (RdTrajectories * all)
{
  for (guint k = 0; k < all->n; k++)
    if (all->set->weight[k])
      rd_trajectory_ask (all, &all->trajectories[k],
          all->trajectories[0].solver);
}

/* The first of the questions receives what all answer, by weight. */
static void
blend (RdTrajectories * all)
{
  const guint n = all->run->questions->len;
  const RdQuestion *questions = rd_run_question (all->run, 0);
  g_autofree RdTerm *terms = g_new (RdTerm, n);
  guint q = 0;

  for (guint k = 0; k < all->n; k++) {
    if (!all->set->weight[k])
      continue;
    terms[q] = rd_term (questions[q].denoised, 1.0, all->set->weight[k]);
    q++;
  }
  rd_combine (questions[0].denoised, n, terms);
  if (!questions[0].unconditional)
    return;
  for (q = 0; q < n; q++)
    terms[q].tensor = questions[q].unconditional;
  rd_combine (questions[0].unconditional, n, terms);
}

static void
tell (RdTrajectories * all)
{
  RdJobStats *stats = &all->run->stats;
  const RdQuestion *first = rd_run_question (all->run, 0);
  const gint64 since = g_get_monotonic_time ();
  gint64 blended;

  blend (all);
  rd_trajectory_answer (all, &all->trajectories[0], first);
  blended = g_get_monotonic_time ();
  rd_solver_tell (all->trajectories[0].solver, first->denoised,
      first->unconditional);
  stats->blend_us += blended - since;
  stats->solver_us += g_get_monotonic_time () - blended;
}

static gboolean
proceed (RdTrajectories * all)
{
  RdRun *run = all->run;
  RdTrajectory *base = &all->trajectories[0];

  if (all->turn == 0) {
    rd_run_report (run, all->step, 0, base->sigmas[all->step]);
    all->turn = all->n;
    run->pass += all->n;
    if (all->keep && rd_keep_is_all (all->keep)) {
      rd_solver_sit_out (base->solver, all->step, base->x);
      return FALSE;
    }
    rd_trajectory_begin (all, base, base->x);
    return TRUE;
  }
  rd_trajectory_swap (base);
  return FALSE;
}

/**
 * rd_fused_begin:
 * @run: a run
 * @error: settings that do not fit together, or a failure of the device
 *
 * Returns: %FALSE when there is nothing to run
 */
gboolean
rd_fused_begin (RdRun * run, GError ** error)
{
  static const RdTrajectoriesMode mode = {
    .one_trajectory = TRUE,
    .proceed = proceed,
    .ask = ask,
    .tell = tell,
  };

  return rd_trajectories_begin (run, &mode, error);
}
