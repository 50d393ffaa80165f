/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tensor.h"

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

/**
 * RdSolverInfo:
 * @name: ComfyUI's name
 * @blurb: one line for people, with the paper
 * @discard_penultimate: takes a schedule of one step more and drops the last
 *   sigma but one
 * @advance: called with the answer to the @stage-th question of a step (0 is
 *   always the step's own latent and sigma); either asks on with
 *   rd_solver_ask() and returns %TRUE, or writes the step's result into
 *   `solver->y` and returns %FALSE
 */
struct _RdSolverInfo
{
  const char *name;
  const char *blurb;
  gboolean discard_penultimate;
  gboolean (*advance) (RdSolver * solver, guint stage);
};

#define RD_SOLVER_MAX_STAGES 4

/**
 * RdSolver:
 * @info: which method
 * @x: the step's input, not changed
 * @y: the step's result, also free for use as a stage's latent
 * @sigma: noise level of @x
 * @sigma_next: noise level of @y, 0 in the last step
 * @denoised: the answers of this step so far, by stage
 * @previous: the first answer of the step before, or %NULL
 * @sigma_previous: and that step's @sigma
 *
 * Fields are for the methods in solvers/.
 */
struct _RdSolver
{
  const RdSolverInfo *info;
  const RdTensor *x;
  RdTensor *y;
  double sigma;
  double sigma_next;
  RdTensor *denoised[RD_SOLVER_MAX_STAGES];
  RdTensor *previous;
  double sigma_previous;

  /* the pending question */
  gboolean asking;
  guint stage;
  const RdTensor *ask_x;
  double ask_sigma;
};

const RdSolverInfo *rd_solver_list (guint * n);
const RdSolverInfo *rd_solver_find (const char *name, GError ** error);

RdSolver *rd_solver_new (const RdSolverInfo * info);
void rd_solver_free (RdSolver * solver);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdSolver, rd_solver_free)

void rd_solver_begin (RdSolver * solver, const RdTensor * x, RdTensor * y,
    double sigma, double sigma_next);
gboolean rd_solver_asks (const RdSolver * solver, const RdTensor ** x,
    double *sigma);
void rd_solver_tell (RdSolver * solver, RdTensor * denoised);
RdTensor *rd_solver_last_denoised (const RdSolver * solver);
void rd_solver_forget (RdSolver * solver);

/* for methods */
void rd_solver_ask (RdSolver * solver, const RdTensor * x, double sigma);

G_END_DECLS
