/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Mode `sequential`: base first, then the regions as listed, each seeing what
 * those before it made of this step around its own pixels. Every owner takes
 * every step, each pixel is stepped once by each of its owners from the same
 * latent, and their results are blended by weights that sum to one. */

#include "loop/report.h"
#include "loop/trajectories.h"

typedef struct
{
  RdTensor *done_latent;        /* sum of w y over those that have stepped */
  RdTensor *done_weight;        /* sum of w */
  gboolean has_done;            /* whether there are these two in this step */
  RdTensor *surrounded;         /* the input of the owner at work */
  RdTensor *keep, *use;
} Sequential;

static gpointer
sequential_new (RdTrajectories * all)
{
  const RdTensor *latent = all->run->latent;
  Sequential *seq = g_new0 (Sequential, 1);

  seq->done_latent = rd_tensor_new_like (latent);
  seq->surrounded = rd_tensor_new_like (latent);
  seq->done_weight = rd_tensor_new_map (latent->stream, latent->dims[2],
      latent->dims[3]);
  seq->keep = rd_tensor_new_like (seq->done_weight);
  seq->use = rd_tensor_new_like (seq->done_weight);
  return seq;
}

static void
sequential_free (gpointer data)
{
  Sequential *seq = data;

  rd_tensor_unref (seq->done_latent);
  rd_tensor_unref (seq->done_weight);
  rd_tensor_unref (seq->surrounded);
  rd_tensor_unref (seq->keep);
  rd_tensor_unref (seq->use);
  g_free (seq);
}

/* done += w y */
static void
add_done (Sequential * seq, const RdTrajectory * trajectory,
    const RdTensor * weight)
{
  const RdTerm latents[] = {
    {seq->done_latent, 1.0, NULL},
    {trajectory->y, 1.0, weight},
  };
  const RdTerm weights[] = {
    {seq->done_weight, 1.0, NULL},
    {weight, 1.0, NULL},
  };

  if (seq->has_done) {
    rd_combine (seq->done_latent, 2, latents);
    rd_combine (seq->done_weight, 2, weights);
  } else {
    rd_combine (seq->done_latent, 1, &latents[1]);
    rd_copy (seq->done_weight, weight);
  }
  seq->has_done = TRUE;
}

/* What an owner starts from: its own latent where it owns, around that what
 * others have made of this step. */
static const RdTensor *
surroundings (Sequential * seq, const RdTrajectory * trajectory,
    const RdTensor * weight)
{
  const RdTerm terms[] = {
    {trajectory->x, 1.0, seq->keep},
    {seq->done_latent, 1.0, seq->use},
  };

  rd_map_surround (seq->keep, seq->use, weight, seq->done_weight);
  rd_combine (seq->surrounded, 2, terms);
  return seq->surrounded;
}

/* The owner whose turn it is begins the step, after the one before it. */
static void
begin_turn (RdTrajectories * all, const RdTrajectory * before)
{
  RdRun *run = all->run;
  Sequential *seq = all->mode_data;
  const guint k = all->turn;
  RdTrajectory *trajectory = &all->trajectories[k];
  const RdTensor *weight = all->set->weight[k], *x = trajectory->x;

  rd_run_report (run, all->step, k, trajectory->sigmas[all->step]);
  run->pass++;
  if (before) {
    const gint64 since = g_get_monotonic_time ();

    add_done (seq, before, all->set->weight[before - all->trajectories]);
    x = surroundings (seq, trajectory, weight);
    run->stats.blend_us += g_get_monotonic_time () - since;
  }
  all->n_active = 0;
  rd_trajectory_begin (all, trajectory, x);
}

static gboolean
proceed (RdTrajectories * all)
{
  RdRun *run = all->run;
  Sequential *seq = all->mode_data;
  const RdTrajectory *before = all->n_active > 0 ? all->active[0] : NULL;

  if (before)
    rd_run_trace (run, before->owner, run->start + all->step, before->y);
  else
    seq->has_done = FALSE;
  for (; all->turn < all->n; all->turn++) {
    if (all->set->weight[all->turn]) {
      begin_turn (all, before);
      all->turn++;
      return TRUE;
    }
    rd_solver_sit_out (all->trajectories[all->turn].solver, all->step,
        all->trajectories[all->turn].x);
    run->pass++;
  }
  rd_trajectories_blend (all);
  return FALSE;
}

/**
 * rd_sequential_begin:
 * @run: a run
 * @error: settings that do not fit together, or a failure of the device
 *
 * Returns: %FALSE when there is nothing to run
 */
gboolean
rd_sequential_begin (RdRun * run, GError ** error)
{
  static const RdTrajectoriesMode mode = {
    .proceed = proceed,
    .prepare = sequential_new,
    .clear = sequential_free,
  };

  return rd_trajectories_begin (run, &mode, error);
}
