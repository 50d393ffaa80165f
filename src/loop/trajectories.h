/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/keep.h"
#include "loop/run.h"
#include "loop/weights.h"

G_BEGIN_DECLS

/**
 * SECTION:trajectories
 *
 * What the modes `sequential`, `parallel` and `fused` share: the owners' noise
 * levels, latents and solvers, how a run starts, and the border between steps.
 * They differ in whose turn it is when.
 */

/**
 * RdTrajectory:
 * @owner: whose it is
 * @solver: the owner's; where all share one trajectory only the base has one
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
 * @proceed: called at the beginning of a step and whenever all who have begun it
 *   are done: begins the step for those whose turn it is next, and returns %TRUE,
 *   or completes the step and returns %FALSE. Called only where there are
 *   regions.
 * @ask: (nullable): puts what those who have begun ask at the moment; %NULL when
 *   each asks its own owner
 * @tell: (nullable): hands the answers out; %NULL as for @ask
 * @prepare: (nullable): returns what `mode_data` shall be
 * @clear: (nullable): frees it
 */
typedef struct
{
  gboolean one_trajectory;
  gboolean (*proceed) (RdTrajectories * all);
  void (*ask) (RdTrajectories * all);
  void (*tell) (RdTrajectories * all);
  gpointer (*prepare) (RdTrajectories * all);
  void (*clear) (gpointer mode_data);
} RdTrajectoriesMode;

/**
 * RdTrajectories:
 * @run: the run
 * @mode: whose turn it is when
 * @mode_data: what the mode keeps over the steps
 * @weights: (nullable): who owns what; %NULL without regions
 * @keep: (nullable): what keeps, if any owner does
 * @n: number of owners
 * @n_steps: number of executed steps
 * @trajectories: the base's, then the regions' as listed
 * @one_grid: whether all have the same noise levels, and so one latent
 * @step: the step at hand, or the next one
 * @set: (nullable): its weights, those of painters where others keep; %NULL
 *   without regions
 * @turn: the owner whose turn is next in it, @n when all have had theirs
 * @n_active: how many have begun it together
 * @active: they
 */
struct _RdTrajectories
{
  RdRun *run;
  const RdTrajectoriesMode *mode;
  gpointer mode_data;
  RdWeights *weights;
  RdKeep *keep;
  guint n, n_steps;
  RdTrajectory *trajectories;
  gboolean one_grid;

  guint step;
  const RdWeightSet *set;
  guint turn;
  guint n_active;
  RdTrajectory **active;
};

gboolean rd_trajectories_begin (RdRun * run, const RdTrajectoriesMode * mode,
    GError ** error);
gboolean rd_trajectories_advance (RdRun * run, GError ** error);
void rd_trajectories_free (gpointer trajectories);
void rd_trajectories_finish (const RdRun * run, RdTensor * output);

/* the modes, each in a file of its own */
gboolean rd_sequential_begin (RdRun * run, GError ** error);
gboolean rd_parallel_begin (RdRun * run, GError ** error);
gboolean rd_fused_begin (RdRun * run, GError ** error);

/* for them */
void rd_trajectory_begin (RdTrajectories * all, RdTrajectory * trajectory,
    const RdTensor * x);
void rd_trajectory_swap (RdTrajectory * trajectory);
gboolean rd_trajectory_ask (RdTrajectories * all,
    const RdTrajectory * trajectory, const RdSolver * solver);
void rd_trajectory_answer (RdTrajectories * all,
    const RdTrajectory * trajectory, const RdQuestion * question);
void rd_trajectories_blend (RdTrajectories * all);

G_END_DECLS
