/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "loop/job.h"

G_BEGIN_DECLS

/* What the modes share: one run of a job. Latents in here are scaled as the
 * network knows them (without c_in). */

typedef struct
{
  const RdJob *job;
  RdStream *stream;
  RdTensor *latent;             /* what came in */
  guint start, end;             /* executed steps of the schedule: [start, end) */
  guint64 seed;                 /* of all noise from now on */
  guint pass, n_passes;         /* for progress */
  RdJobStats *stats;
  GCancellable *cancellable;
} RdRun;

/**
 * RdInpaint:
 * @mask: 1 where the pass works, 0 where it keeps
 * @inverse: 1 - @mask
 * @latent: what is kept, without noise
 * @noise: (nullable): unit noise that is added to it
 *
 * ComfyUI's KSamplerX0Inpaint: outside its mask the network sees, and the
 * solver is told, the latent that was there before.
 */
typedef struct
{
  const RdTensor *mask;
  const RdTensor *inverse;
  const RdTensor *latent;
  const RdTensor *noise;
} RdInpaint;

guint rd_run_schedule_steps (const RdRun * run);
GArray *rd_run_schedule (const RdRun * run, const RdOwner * owner,
    const RdSolverInfo * solver, GError ** error);
GArray *rd_run_sigmas (const RdRun * run, const RdOwner * owner,
    const RdSolverInfo * solver, GError ** error);
RdSolver *rd_run_solver (const RdRun * run, const RdOwner * owner,
    const RdSolverInfo * info, guint n_steps, const double *sigmas,
    gboolean alone);
RdTensor *rd_run_noise (const RdRun * run);
RdTensor *rd_run_inpaint_noise (const RdRun * run,
    const RdSolverInfo * solver, RdTensor * noise);
void rd_run_report (RdRun * run, guint step, guint region, double sigma);
gboolean rd_run_step (RdRun * run, const RdOwner * owner, RdSolver * solver,
    guint step, const RdTensor * x, RdTensor * y, const RdInpaint * inpaint,
    GError ** error);
gboolean rd_run_wants_preview (const RdRun * run);
gboolean rd_run_preview (RdRun * run, guint step, double sigma, guint n_terms,
    const RdTerm * terms, GError ** error);
void rd_run_trace (const RdRun * run, const RdOwner * owner, guint step,
    const RdTensor * latent);

/* the modes: from run->latent to a new one */
RdTensor *rd_run_impact (RdRun * run, GError ** error);
RdTensor *rd_run_impact_simple (RdRun * run, GError ** error);
RdTensor *rd_run_sequential (RdRun * run, GError ** error);
RdTensor *rd_run_parallel (RdRun * run, GError ** error);
RdTensor *rd_run_fused (RdRun * run, GError ** error);

G_END_DECLS
