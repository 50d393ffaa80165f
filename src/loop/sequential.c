/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Mode `sequential`: base first, then the regions as listed, each seeing what
 * those before it made of this step around its own pixels. Every owner takes
 * every step, each pixel is stepped once by each of its owners from the same
 * latent, and their results are blended by weights that sum to one. */

#include "loop/trajectories.h"

typedef struct
{
  RdTensor *done_latent;        /* sum of w y over those that have stepped */
  RdTensor *done_weight;        /* sum of w */
  RdTensor *surrounded;         /* the input of the owner at work */
  RdTensor *keep, *use;
} Sequential;

static gpointer
sequential_new (RdTrajectories * parts)
{
  const RdTensor *latent = parts->run->latent;
  Sequential *seq = g_new (Sequential, 1);

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
add_done (Sequential * seq, const RdTrajectory * part, const RdTensor * weight,
    gboolean first)
{
  if (first) {
    rd_combine (seq->done_latent, 1, &(RdTerm) { part->y, 1.0, weight});
    rd_copy (seq->done_weight, weight);
  } else {
    rd_combine (seq->done_latent, 2, (RdTerm[]) {
        {seq->done_latent, 1.0, NULL},
        {part->y, 1.0, weight},
    });
    rd_combine (seq->done_weight, 2, (RdTerm[]) {
        {seq->done_weight, 1.0, NULL},
        {weight, 1.0, NULL},
    });
  }
}

/* What an owner starts from: its own latent where it owns, around that what
 * others have made of this step. */
static const RdTensor *
surroundings (Sequential * seq, const RdTrajectory * part, const RdTensor * weight)
{
  rd_map_surround (seq->keep, seq->use, weight, seq->done_weight);
  rd_combine (seq->surrounded, 2, (RdTerm[]) {
      {part->x, 1.0, seq->keep},
      {seq->done_latent, 1.0, seq->use},
  });
  return seq->surrounded;
}

static gboolean
take_step (RdTrajectories * parts, const RdWeightSet * set, guint i, GError ** error)
{
  RdRun *run = parts->run;
  Sequential *seq = parts->mode_data;
  guint n_done = 0;

  for (guint k = 0, last = 0; k < parts->n_parts; k++) {
    RdTrajectory *part = &parts->parts[k];
    const RdTensor *weight = set->weight[k];
    const RdTensor *x = part->x;

    if (!weight) {
      rd_solver_sit_out (part->solver, i, x);
      run->pass++;
      continue;
    }
    rd_run_report (run, i, k, part->sigmas[i]);
    run->pass++;
    if (n_done > 0) {
      const gint64 since = g_get_monotonic_time ();

      add_done (seq, &parts->parts[last], set->weight[last], n_done == 1);
      x = surroundings (seq, part, weight);
      run->stats->blend_us += g_get_monotonic_time () - since;
    }
    rd_trajectory_begin (part, i, x);
    if (!rd_trajectories_converse (parts, 1, &part, error))
      return FALSE;
    rd_run_trace (run, part->owner, run->start + i, part->y);
    last = k;
    n_done++;
  }
  rd_trajectories_blend (parts, set, i);
  return TRUE;
}

/**
 * rd_run_sequential:
 * @run: a run
 * @error: settings that do not fit together, or what stopped it
 *
 * Returns: (transfer full) (nullable): the sampled latent
 */
RdTensor *
rd_run_sequential (RdRun * run, GError ** error)
{
  static const RdTrajectoriesMode mode = {
    .take_step = take_step,
    .prepare = sequential_new,
    .clear = sequential_free,
  };

  return rd_trajectories_run (run, &mode, error);
}
