/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "noise/source.h"
#include "sigmas/prediction.h"

G_BEGIN_DECLS

/**
 * SECTION:solver
 *
 * A solver integrates the probability-flow equation from one noise level to
 * the next. It is a conversation, not a loop: after rd_solver_begin() it asks
 * for the denoised prediction of some latent at some sigma, is told, and asks
 * again or is done. So whoever drives it decides what is evaluated when, and
 * together with what.
 *
 * One table names the solvers; adding one is an entry there and one function.
 */

typedef struct _RdSolver RdSolver;
typedef struct _RdSolverInfo RdSolverInfo;

#define RD_SOLVER_MAX_STAGES 4
#define RD_SOLVER_MAX_PAST 3
#define RD_SOLVER_MAX_KEPT 5
#define RD_SOLVER_MAX_NUMBERS 2

/**
 * RdSolverFlow:
 * @RD_SOLVER_FLOW_SAME: as it is, or the method knows what differs
 * @RD_SOLVER_FLOW_SCALED: on latents divided by 1 - sigma, which have noise of
 *   deviation sigma / (1 - sigma) as those of other networks; that is done for
 *   the method
 * @RD_SOLVER_FLOW_NONE: it does not: what it converges to is no picture of the
 *   network's
 *
 * How a method serves flow networks, whose latents are (1 - sigma) x0 + sigma n.
 */
typedef enum
{
  RD_SOLVER_FLOW_SAME,
  RD_SOLVER_FLOW_SCALED,
  RD_SOLVER_FLOW_NONE,
} RdSolverFlow;

/**
 * RdSolverInfo:
 * @name: ComfyUI's name
 * @id: its number, which never changes: applications are compiled against the
 *   element's enum. A new solver takes the next free one, wherever it stands in
 *   the table
 * @blurb: one line for people, with the paper
 * @advance: called with the answer to the @stage-th question of a step (0 is
 *   always the step's own latent and sigma); either asks on with
 *   rd_solver_ask() and returns %TRUE, or writes the step's result into
 *   `solver->y` and returns %FALSE
 * @discard_penultimate: takes a schedule of one step more and drops the last
 *   sigma but one
 * @unconditional: wants the unconditional prediction beside the guided one
 * @noise: what it adds
 * @n_draws: how often it draws noise in a step that does not end at 0
 * @draws: (nullable): whether it draws in the step at hand, %NULL for always
 * @n_past: of how many steps before it wants the last answers
 * @own_grid: chooses its noise levels itself: in a run of its own it takes all
 *   steps as one, see rd_solver_new_alone()
 * @stays: (nullable): whether the step at hand leaves the latent as it is and
 *   asks nothing, %NULL for never
 * @recovery: (nullable): the method that completes its single steps in Impact
 *   Pack, by name
 * @noise_of_step: in single steps Impact Pack lays its noise over the step,
 *   where for others of its kind it lays it over the whole schedule
 * @inpaint_noise: where ComfyUI inpaints with it, what is kept gets noise of
 *   its own
 * @flow: how it serves flow networks
 */
struct _RdSolverInfo
{
  const char *name;
  gint id;
  const char *blurb;
  gboolean (*advance) (RdSolver * solver, guint stage);
  gboolean discard_penultimate;
  gboolean unconditional;
  RdNoiseKind noise;
  guint n_draws;
  gboolean (*draws) (const RdSolver * solver);
  guint n_past;
  gboolean own_grid;
  gboolean (*stays) (const RdSolver * solver);
  const char *recovery;
  gboolean noise_of_step;
  gboolean inpaint_noise;
  RdSolverFlow flow;
};

/**
 * RdPast:
 * @denoised: the last answer of an earlier step, or %NULL
 * @sigma: that step's noise level
 */
typedef struct
{
  RdTensor *denoised;
  double sigma;
} RdPast;

/**
 * RdSolver:
 * @info: which method
 * @n_steps: of the run
 * @sigmas: of the run, one more than steps
 * @step: the one at hand
 * @x: its input, not changed
 * @y: its result, also free for use as a stage's latent
 * @sigma: noise level of @x
 * @sigma_next: noise level of @y, 0 in the last step
 * @denoised: the answers of this step so far, by stage
 * @unconditional: the unconditional part of the latest, where it is wanted
 * @past: the steps before, the latest first
 * @kept: whatever else a method remembers; %NULL at first
 * @n_kept: for the method's use, 0 at first
 * @numbers: likewise
 * @prediction: (nullable): how the network was trained
 * @alone: in a run of its own, with what ComfyUI does in one
 * @n_intervals: of how many a step is made: 1, or all of an own grid's run
 * @is_flow: whether latents are those of a flow network
 * @is_scaled: whether they are divided by 1 - sigma for the method, and all
 *   sigmas here are those of what comes out of that
 *
 * Fields are for the methods in solvers/.
 */
struct _RdSolver
{
  const RdSolverInfo *info;
  guint n_steps;
  double *sigmas;
  guint step;
  const RdTensor *x;
  RdTensor *y;
  double sigma, sigma_next;
  RdTensor *denoised[RD_SOLVER_MAX_STAGES];
  RdTensor *unconditional;
  RdPast past[RD_SOLVER_MAX_PAST];
  RdTensor *kept[RD_SOLVER_MAX_KEPT];
  guint n_kept;
  double numbers[RD_SOLVER_MAX_NUMBERS];
  RdPrediction *prediction;
  gboolean alone;
  guint n_intervals;
  gboolean is_flow, is_scaled;

  guint64 seed;
  RdNoiseOrigin noise_origin;
  double noise_range[2];
  RdNoiseSource *noise;

  /* where latents are scaled */
  const RdTensor *given;        /* the step's input as it came */
  RdTensor *scaled;             /* x */
  RdTensor *shown;              /* what is asked about, as the network knows it */

  /* the pending question */
  gboolean asking;
  guint stage, stage_after;
  const RdTensor *ask_x;
  double ask_sigma;
};

const RdSolverInfo *rd_solver_list (guint * n);
const RdSolverInfo *rd_solver_find (const char *name, GError ** error);

RdSolver *rd_solver_new (const RdSolverInfo * info, guint n_steps,
    const double *sigmas, guint64 seed);
RdSolver *rd_solver_new_alone (const RdSolverInfo * info, guint n_steps,
    const double *sigmas, guint64 seed);
void rd_solver_set_prediction (RdSolver * solver, RdPrediction * prediction);
void rd_solver_set_noise_range (RdSolver * solver, double sigma_min,
    double sigma_max);
void rd_solver_set_noise_origin (RdSolver * solver, RdNoiseOrigin origin);
void rd_solver_free (RdSolver * solver);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdSolver, rd_solver_free)

void rd_solver_begin (RdSolver * solver, guint step, const RdTensor * x,
    RdTensor * y);
gboolean rd_solver_asks (const RdSolver * solver, const RdTensor ** x,
    double *sigma);
void rd_solver_tell (RdSolver * solver, RdTensor * denoised,
    RdTensor * unconditional);
RdTensor *rd_solver_first_denoised (const RdSolver * solver);
RdTensor *rd_solver_last_denoised (const RdSolver * solver);
void rd_solver_forget (RdSolver * solver);
void rd_solver_sit_out (RdSolver * solver, guint step, const RdTensor * x);

/* for methods */
void rd_solver_ask (RdSolver * solver, const RdTensor * x, double sigma);
void rd_solver_ask_again (RdSolver * solver, guint stage, const RdTensor * x,
    double sigma);
double rd_solver_level (const RdSolver * solver, double sigma);
RdTensor *rd_solver_draw (RdSolver * solver);
RdTensor *rd_solver_draw_between (RdSolver * solver, double sigma,
    double sigma_next);
RdTensor *rd_solver_keep (RdSolver * solver, guint slot);
void rd_solver_keep_tensor (RdSolver * solver, guint slot, RdTensor * tensor);

G_END_DECLS
