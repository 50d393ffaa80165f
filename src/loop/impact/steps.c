/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/impact/steps.h"

#include "loop/report.h"

static double
sigma_at (const RdImpact * impact, guint k, guint step)
{
  const RdImpactOwner *owner = &impact->owners[k];

  return step < owner->sigmas->len
      ? g_array_index (owner->sigmas, double, step) * owner->owner->sigma_factor
      : 0.0;
}

/**
 * rd_impact_report:
 * @impact: what is at work
 * @k: 0 for the base, j for the j-th region
 * @step: of the schedule
 *
 * Reports that a pass begins.
 */
void
rd_impact_report (const RdImpact * impact, guint k, guint step)
{
  rd_run_report (impact->run, step - impact->run->start, k,
      sigma_at (impact, k, step));
}

/* @latent becomes itself where the owner works, @outside elsewhere. */
static void
composite (const RdImpactOwner * owner, RdTensor ** latent,
    const RdTensor * outside)
{
  const RdTerm terms[] = {
    {*latent, 1.0, owner->mask},
    {outside, 1.0, owner->inverse},
  };
  RdTensor *result = rd_tensor_new_like (outside);

  rd_combine (result, 2, terms);
  rd_tensor_unref (*latent);
  *latent = result;
}

/* Takes back what a pass has changed where its owner does not work. */
static void
restore (RdImpact * impact, const RdImpactOwner * owner)
{
  const gint64 since = g_get_monotonic_time ();

  composite (owner, &impact->latent, impact->before);
  impact->run->stats.blend_us += g_get_monotonic_time () - since;
}

/* What all passes of a step predict: each where it works, over those before. */
static void
predict (RdImpact * impact)
{
  const RdImpactPass *pass = &impact->pass;
  g_autoptr (RdTensor) before = g_steal_pointer (&impact->prediction);

  impact->prediction = rd_tensor_ref (rd_impact_pass_prediction (pass));
  if (before)
    composite (pass->owner, &impact->prediction, before);
}

/* Shows the prediction, if there is one, at the end of a step. */
static gboolean
preview (RdImpact * impact, guint step, GError ** error)
{
  g_autoptr (RdTensor) prediction = g_steal_pointer (&impact->prediction);
  const RdTerm term = { prediction, 1.0, NULL };
  RdRun *run = impact->run;

  impact->previewing = FALSE;
  return !prediction || rd_run_preview (run, step + 1 - run->start,
      sigma_at (impact, 0, step + 1), 1, &term, error);
}

static void
set_pass (RdImpact * impact, guint k, int start, int end, gboolean masked)
{
  RdImpactPass *pass = &impact->pass;

  pass->run = impact->run;
  pass->owner = &impact->owners[k];
  pass->info = pass->owner->owner->solver;
  pass->schedule = pass->owner->sigmas;
  pass->ratio = 1.0;
  pass->start = start;
  pass->end = end;
  pass->leftover = impact->leftover;
  pass->masked = masked;
}

/**
 * rd_impact_begin_base_only:
 * @impact: what is at work
 * @end: step before which to stop, past the run's first
 * @leftover: keep the noise that is left at @end, for the steps after it; else
 *   the last prediction is the result
 *
 * For modes: begins a run of the base's sampler from the run's first step to
 * @end over the whole picture, without a recovery pass.
 */
void
rd_impact_begin_base_only (RdImpact * impact, guint end, gboolean leftover)
{
  RdRun *run = impact->run;

  impact->kind = RD_IMPACT_STEP_OF_BASE;
  impact->leftover = leftover;
  impact->next = end;
  rd_impact_report (impact, 0, run->start);
  impact->previewing |= rd_run_wants_preview (run);
  set_pass (impact, 0, (int) run->start, (int) end, FALSE);
  rd_impact_pass_begin (&impact->pass, impact->latent, impact->noise);
}

static void
continue_base_only (RdImpact * impact)
{
  RdRun *run = impact->run;
  RdImpactPass *pass = &impact->pass;
  const guint step = (guint) pass->start + pass->step;

  rd_run_trace (run, NULL, step, pass->y);
  rd_impact_report (impact, 0, step + 1);
  impact->previewing |= rd_run_wants_preview (run);
  rd_impact_pass_next (pass);
}

static gboolean
end_step_of_base (RdImpact * impact, GError ** error)
{
  RdRun *run = impact->run;
  RdImpactPass *pass = &impact->pass;
  const guint end = impact->next;

  if (pass->solver) {
    run->pass++;
    if (!preview (impact, (guint) pass->start + pass->step, error))
      return FALSE;
    if (pass->step + 1 < pass->solver->n_steps)
      return TRUE;
    rd_tensor_unref (impact->latent);
    impact->latent = rd_impact_pass_end (pass);
  }
  /* a sampler with a grid of its own took them as one */
  run->pass = MIN (end, run->end) - run->start;
  rd_run_trace (run, run->job->base, end - 1, impact->latent);
  rd_run_trace (run, NULL, end - 1, impact->latent);
  return TRUE;
}

/**
 * rd_impact_begin_step:
 * @impact: what is at work
 * @step: of the schedule
 * @again: whether the recovery pass of the base adds noise as well
 *
 * For modes: begins a step of all: the base where no region is, then region
 * after region.
 */
void
rd_impact_begin_step (RdImpact * impact, guint step, gboolean again)
{
  impact->kind = RD_IMPACT_STEP_OF_ALL;
  impact->step = (int) step;
  impact->again = again;
  impact->leftover = TRUE;
  impact->turn = 0;
  impact->n_turns = impact->n_owners;
  impact->next = step + 1;
  impact->previewing = rd_run_wants_preview (impact->run);
}

/**
 * rd_impact_begin_final:
 * @impact: what is at work
 * @step: of the schedule, or none of it
 * @leftover: whether noise that is left after it stays
 *
 * For modes: begins a step of the base alone, of which something is kept only
 * without `restore-latent`, and which ends the run.
 */
void
rd_impact_begin_final (RdImpact * impact, int step, gboolean leftover)
{
  impact->kind = RD_IMPACT_STEP_FINAL;
  impact->step = step;
  impact->again = FALSE;
  impact->leftover = leftover;
  impact->turn = 0;
  impact->n_turns = 1;
  g_clear_pointer (&impact->noise, rd_tensor_unref);
}

/* KSamplerAdvancedWrapper.sample_advanced() over one step: the owner's own
 * sampler and, for some, another that takes up what it leaves. Begins the next
 * of these passes, and returns whether there is one. */
static gboolean
begin_pass (RdImpact * impact)
{
  const RdJob *job = impact->run->job;
  const RdImpactOwner *owner = &impact->owners[impact->turn];
  const double ratio = owner->recovery ? job->additional_sigma_ratio : 0.0;
  RdImpactPass *pass = &impact->pass;

  set_pass (impact, impact->turn, impact->step, impact->step + 1, TRUE);
  if (impact->n_passes == 0) {
    impact->n_passes = 1;
    if (owner->recovery && job->additional_mode == RD_ADDITIONAL_RATIO_BETWEEN)
      pass->ratio = 1.0 - ratio;
    if (pass->ratio > 0.0 && rd_impact_pass_begin (pass, impact->latent,
            impact->turn == 0 ? impact->noise : NULL))
      return TRUE;
  }
  if (impact->n_passes == 1 && ratio > 0.0) {
    /* with @again it adds noise as well, and as the seed has it */
    g_autoptr (RdTensor) noise = impact->again && impact->turn == 0
        ? rd_run_noise (impact->run) : NULL;

    impact->n_passes = 2;
    restore (impact, owner);
    pass->info = owner->recovery;
    pass->schedule = owner->recovery_sigmas;
    pass->ratio = ratio;
    return rd_impact_pass_begin (pass, impact->latent, noise);
  }
  return FALSE;
}

/* The solver of a pass asks nothing more in its step. */
static gboolean
end_pass (RdImpact * impact, GError ** error)
{
  RdRun *run = impact->run;

  run->stats.passes++;
  if (!rd_stream_check (run->stream, error))
    return FALSE;
  if (impact->previewing)
    predict (impact);
  if (impact->pass.masked) {
    rd_tensor_unref (impact->latent);
    impact->latent = rd_impact_pass_end (&impact->pass);
  }
  return TRUE;
}

static void
begin_turn (RdImpact * impact)
{
  impact->before = rd_tensor_ref (impact->latent);
  impact->n_passes = 0;
  if (impact->kind == RD_IMPACT_STEP_OF_ALL)
    rd_impact_report (impact, impact->turn, (guint) impact->step);
}

static void
end_turn (RdImpact * impact)
{
  RdRun *run = impact->run;
  const RdImpactOwner *owner = &impact->owners[impact->turn];

  run->pass++;
  rd_run_trace (run, owner->owner, (guint) MAX (impact->step, 0),
      impact->latent);
  if (run->job->restore_latent && impact->kind == RD_IMPACT_STEP_FINAL) {
    rd_tensor_unref (impact->latent);
    impact->latent = rd_tensor_ref (impact->before);
  } else if (run->job->restore_latent && impact->turn > 0) {
    restore (impact, owner);
  }
  g_clear_pointer (&impact->before, rd_tensor_unref);
  impact->turn++;
}

/* Begins the next pass of those whose turn it is in this step, and returns
 * whether there is one. */
static gboolean
proceed (RdImpact * impact)
{
  if (impact->kind == RD_IMPACT_STEP_OF_BASE)
    return FALSE;
  while (impact->turn < impact->n_turns) {
    if (!impact->before)
      begin_turn (impact);
    if (begin_pass (impact))
      return TRUE;
    end_turn (impact);
  }
  return FALSE;
}

static gboolean
end_step (RdImpact * impact, GError ** error)
{
  RdRun *run = impact->run;

  switch (impact->kind) {
    case RD_IMPACT_STEP_OF_BASE:
      return end_step_of_base (impact, error);
    case RD_IMPACT_STEP_OF_ALL:
      rd_run_trace (run, NULL, (guint) impact->step, impact->latent);
      return preview (impact, (guint) impact->step, error);
    default:
      if (impact->step < (int) run->end)
        rd_run_trace (run, NULL, (guint) MAX (impact->step, (int) run->start),
            impact->latent);
      rd_run_report (run, rd_run_executed_steps (run), 0, 0.0);
      run->result = rd_tensor_ref (impact->latent);
      return TRUE;
  }
}

/**
 * rd_impact_advance:
 * @run: a run that rd_impact_new() has prepared
 * @error: what stopped it
 *
 * Leads the passes of a step, one after the other. The `advance` of both modes.
 *
 * Returns: %FALSE when the run has failed
 */
gboolean
rd_impact_advance (RdRun * run, GError ** error)
{
  RdImpact *impact = run->mode_data;

  if (run->questions->len > 0)
    rd_impact_pass_tell (&impact->pass);
  else if (impact->pass.solver)
    continue_base_only (impact);
  else if (!impact->begin_next (impact, error))
    return FALSE;

  while (impact->pass.solver || proceed (impact)) {
    if (rd_impact_pass_ask (&impact->pass))
      return TRUE;
    if (!end_pass (impact, error))
      return FALSE;
    if (!impact->pass.masked)
      break;
  }
  return end_step (impact, error);
}
