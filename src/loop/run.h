/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/job.h"

G_BEGIN_DECLS

/**
 * SECTION:run
 *
 * A run of a job as its mode knows it, and what modes take from it: noise
 * levels, solvers and noise. Its life is in loop.h.
 *
 * A mode asks no network itself. It puts questions with rd_run_ask() and
 * returns; whoever drives the run has them answered, together with those of
 * other runs perhaps, and calls the mode again.
 *
 * Latents in here are scaled as the network knows them (without c_in).
 */

typedef struct _RdRun RdRun;

/**
 * RdModeInfo:
 * @name: of the mode
 * @blurb: one line for people
 * @begin: prepares a run: sets its `mode_data`, `n_passes` and, where the
 *   settings leave no step to take, `result`
 * @advance: goes on with a run: returns after it has put questions, which it
 *   finds answered in the next call, or, without questions, at the end of a
 *   step. With the last step it sets `result`.
 * @free: frees `mode_data`, at any moment
 * @finish: (nullable): the last touch at what comes out, in the VAE's scale
 * @has_weights: owners are blended by weights; the settings of a region's mask
 *   and time mean something
 * @has_restore_latent: `restore-latent` and the recovery pass mean something
 * @is_simple: takes the inputs of RegionalSampler: where to begin follows from
 *   `denoise`, and noise is always added and taken away again
 *
 * How a mode runs, and which settings mean something in it.
 */
typedef struct
{
  const char *name;
  const char *blurb;
  gboolean (*begin) (RdRun * run, GError ** error);
  gboolean (*advance) (RdRun * run, GError ** error);
  void (*free) (gpointer mode_data);
  void (*finish) (const RdRun * run, RdTensor * output);
  gboolean has_weights;
  gboolean has_restore_latent;
  gboolean is_simple;
} RdModeInfo;

/**
 * RdRun:
 * @job: its settings
 * @stream: where everything is
 * @latent: what came in
 * @start: first executed step of the schedule
 * @end: the step after the last
 * @seed: of all noise from now on
 * @pass: passes so far, for progress
 * @n_passes: passes to do
 * @stats: what has been done
 * @cancellable: (nullable): ends the run
 * @questions: (element-type RdQuestion): what has been asked and not been used
 *   yet
 * @mode: how it runs
 * @mode_data: the mode's own
 * @result: (nullable): the sampled latent, once all steps are taken
 * @input: what came in as it is on pads
 * @unchanged: (nullable): where there is no step to take, what came in as it is
 *   on pads
 * @error: (nullable): what stopped it
 * @step: the step at hand, for messages
 * @first_not_finite: see finite.h
 * @looks: the answers that were looked at, see finite.c
 *
 * One job at work. Fields are for the modes. Belongs to one thread at a time.
 */
struct _RdRun
{
  const RdJob *job;
  RdStream *stream;
  RdTensor *latent;
  guint start, end;
  guint64 seed;
  guint pass, n_passes;
  RdJobStats stats;
  GCancellable *cancellable;
  GArray *questions;

  const RdModeInfo *mode;
  gpointer mode_data;
  RdTensor *result;
  RdTensor *input;
  RdTensor *unchanged;
  GError *error;

  guint step;
  RdTensor *first_not_finite;
  GArray *looks;
};

RdRun *rd_run_new (const RdJob * job, RdTensor * latent,
    GCancellable * cancellable);
void rd_run_free (RdRun * run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdRun, rd_run_free)

guint rd_run_schedule_steps (const RdRun * run);
guint rd_run_executed_steps (const RdRun * run);
GArray *rd_run_schedule (const RdRun * run, const RdOwner * owner,
    const RdSolverInfo * solver, GError ** error);
GArray *rd_run_sigmas (const RdRun * run, const RdOwner * owner,
    const RdSolverInfo * solver, GError ** error);
RdSolver *rd_run_solver (const RdRun * run, const RdOwner * owner,
    const RdSolverInfo * info, guint n_steps, const double *sigmas,
    gboolean alone);
RdTensor *rd_run_noise (const RdRun * run);

void rd_run_ask (RdRun * run, const RdGuide * guide, const RdTensor * x,
    double sigma, const RdWindow * window, gboolean unconditional);
const RdQuestion *rd_run_question (const RdRun * run, guint i);
void rd_run_clear_questions (RdRun * run);

G_END_DECLS
