/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "loop/run.h"
#include "loop/weights.h"

G_BEGIN_DECLS

/* What the modes `sequential`, `parallel` and `fused` share: the owners' noise
 * levels, latents and solvers, how a run starts, and the border between steps.
 * They differ in who asks when, which is take_step(). */

/**
 * RdTrajectory:
 * @owner: whose part of the run it is
 * @solver: the owner's; in a run of one trajectory only the base has one
 * @sigmas: of the executed steps, and the one after
 * @x: latent at `sigmas[i]`; shared where all grids are equal
 * @y: latent at `sigmas[i + 1]`, once it has stepped
 * @window: what the network is shown of it
 * @has_window: whether that is less than all
 */
typedef struct
{
  const RdOwner *owner;
  RdSolver *solver;
  double *sigmas;
  RdTensor *x;
  RdTensor *y;
  RdWindow window;
  gboolean has_window;
} RdTrajectory;

typedef struct _RdTrajectories RdTrajectories;

/**
 * RdTrajectoriesMode:
 * @one_trajectory: all answer for one latent, which the base's solver moves
 * @take_step: moves every part that has a weight from `sigmas[i]` to
 *   `sigmas[i + 1]`; called only where there are regions
 * @prepare: (nullable): sets @mode_data up
 * @clear: (nullable): frees it
 */
typedef struct
{
  gboolean one_trajectory;
  gboolean (*take_step) (RdTrajectories * parts, const RdWeightSet * set, guint i,
      GError ** error);
  gpointer (*prepare) (RdTrajectories * parts);
  void (*clear) (gpointer mode_data);
} RdTrajectoriesMode;

/**
 * RdTrajectories:
 * @run: the run
 * @mode: who asks when
 * @mode_data: what the mode keeps over the steps
 * @weights: (nullable): who owns what; %NULL without regions
 * @n_parts: number of owners
 * @n_steps: number of executed steps
 * @parts: the base's, then the regions' as listed
 * @one_grid: whether all have the same noise levels, and so one latent
 */
struct _RdTrajectories
{
  RdRun *run;
  const RdTrajectoriesMode *mode;
  gpointer mode_data;
  RdWeights *weights;
  guint n_parts, n_steps;
  RdTrajectory *parts;
  gboolean one_grid;
};

RdTensor *rd_trajectories_run (RdRun * run, const RdTrajectoriesMode * mode,
    GError ** error);

/* for modes */
void rd_trajectory_begin (RdTrajectory * part, guint step, const RdTensor * x);
gboolean rd_trajectory_question (const RdTrajectory * part, const RdSolver * solver,
    RdGuidanceStats * stats, RdQuestion * question);
void rd_trajectory_question_clear (RdQuestion * question);
gboolean rd_trajectories_converse (RdTrajectories * parts, guint n, RdTrajectory * const *which,
    GError ** error);
void rd_trajectories_blend (RdTrajectories * parts, const RdWeightSet * set, guint i);

G_END_DECLS
