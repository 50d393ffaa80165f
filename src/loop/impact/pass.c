/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/impact/pass.h"

/* Over which noise levels Impact Pack lays an SDE sampler's noise: the whole
 * schedule, but for a level that was overwritten with 0. */
static void
set_noise_range (RdSolver * solver, const GArray * schedule, int zeroed)
{
  const double *sigmas = (const double *) schedule->data;
  int lowest = (int) schedule->len - 1;

  while (lowest > 0 && (sigmas[lowest] == 0.0 || lowest == zeroed))
    lowest--;
  rd_solver_set_noise_range (solver, sigmas[lowest], sigmas[0]);
}

/* The sampler of a pass, or NULL where its schedule has no such step. */
static RdSolver *
make_solver (const RdImpactPass * pass)
{
  const RdOwner *owner = pass->owner->owner;
  const double factor = pass->ratio * owner->sigma_factor;
  const int last = (int) pass->schedule->len - 1;
  const int end = MIN (pass->end, last);
  const gboolean zeroed = pass->end < last && !pass->leftover;
  g_autofree double *sigmas = NULL;
  RdSolver *solver;

  if (pass->start < 0 || pass->start >= end)
    return NULL;
  sigmas = g_new (double, end - pass->start + 1);
  for (int i = pass->start; i <= end; i++)
    sigmas[i - pass->start] = i == end && zeroed ? 0.0
        : g_array_index (pass->schedule, double, i) * factor;
  solver = rd_run_solver (pass->run, owner, pass->info,
      (guint) (end - pass->start), sigmas, TRUE);
  if (!pass->info->noise_of_step)
    set_noise_range (solver, pass->schedule, zeroed ? end : -1);
  return solver;
}

/* Unit noise that is added to what the pass keeps: the noise that it adds to its
 * own latent, but for samplers to which ComfyUI gives another. */
static RdTensor *
kept_noise (const RdImpactPass * pass, RdTensor * noise)
{
  const RdRun *run = pass->run;
  g_autoptr (RdNoiseSource) source = NULL;
  RdTensor *own;

  if (!pass->info->inpaint_noise)
    return noise ? rd_tensor_ref (noise) : NULL;

  source = rd_noise_source_new (RD_NOISE_GENERATOR, run->job->noise_origin,
      run->seed, 0.0, 0.0);
  own = rd_tensor_new_like (pass->latent);
  rd_noise_source_draw (source, own, 0.0, 0.0);
  return own;
}

static void
begin_step (RdImpactPass * pass)
{
  const gint64 since = g_get_monotonic_time ();

  rd_solver_begin (pass->solver, pass->step, pass->x, pass->y);
  pass->run->stats.solver_us += g_get_monotonic_time () - since;
}

/**
 * rd_impact_pass_begin:
 * @pass: its settings; rd_impact_pass_clear() or rd_impact_pass_end() afterwards
 * @latent: (transfer none): what it starts from
 * @noise: (nullable) (transfer none): unit noise that is added to it first
 *
 * Returns: %FALSE when the schedule has no such step and there is no pass
 */
gboolean
rd_impact_pass_begin (RdImpactPass * pass, RdTensor * latent, RdTensor * noise)
{
  RdTerm terms[2];

  pass->solver = make_solver (pass);
  if (!pass->solver)
    return FALSE;

  pass->step = 0;
  pass->latent = rd_tensor_ref (latent);
  pass->kept_noise = pass->masked ? kept_noise (pass, noise) : NULL;
  pass->x = rd_tensor_new_like (latent);
  pass->y = rd_tensor_new_like (latent);
  terms[0] = rd_term (latent, 1.0, NULL);
  terms[1] = rd_term (noise,
      rd_prediction_noise_scale (pass->solver->prediction,
          pass->solver->sigmas[0]), NULL);
  rd_combine (pass->x, noise ? 2 : 1, terms);
  begin_step (pass);
  return TRUE;
}

/* x where the pass works, what is kept with its noise elsewhere */
static RdTensor *
confine (const RdImpactPass * pass, const RdTensor * x, double sigma)
{
  const gint64 since = g_get_monotonic_time ();
  const RdImpactOwner *owner = pass->owner;
  const RdTerm terms[] = {
    {x, 1.0, owner->mask},
    {pass->latent, 1.0, owner->inverse},
    {pass->kept_noise, sigma, owner->inverse},
  };
  RdTensor *confined = rd_tensor_new_like (x);

  rd_combine (confined, pass->kept_noise ? 3 : 2, terms);
  pass->run->stats.blend_us += g_get_monotonic_time () - since;
  return confined;
}

/**
 * rd_impact_pass_ask:
 * @pass: a pass that is at work
 *
 * Puts what its solver asks.
 *
 * Returns: %FALSE when the solver's step is done
 */
gboolean
rd_impact_pass_ask (RdImpactPass * pass)
{
  const RdTensor *x;
  double sigma;

  if (!rd_solver_asks (pass->solver, &x, &sigma))
    return FALSE;
  if (pass->masked)
    x = pass->confined = confine (pass, x, sigma);
  rd_run_ask (pass->run, &pass->owner->owner->guide, x, sigma, NULL,
      pass->info->unconditional);
  return TRUE;
}

/* The answer where the pass works, what is kept elsewhere */
static void
confine_answer (RdImpactPass * pass, RdTensor * denoised)
{
  const gint64 since = g_get_monotonic_time ();
  const RdTerm terms[] = {
    {denoised, 1.0, pass->owner->mask},
    {pass->latent, 1.0, pass->owner->inverse},
  };

  rd_combine (denoised, 2, terms);
  g_clear_pointer (&pass->confined, rd_tensor_unref);
  pass->run->stats.blend_us += g_get_monotonic_time () - since;
}

/**
 * rd_impact_pass_tell:
 * @pass: a pass whose question is answered
 *
 * Tells its solver.
 */
void
rd_impact_pass_tell (RdImpactPass * pass)
{
  RdRun *run = pass->run;
  const RdQuestion *question = rd_run_question (run, 0);
  gint64 since;

  if (pass->masked)
    confine_answer (pass, question->denoised);
  since = g_get_monotonic_time ();
  rd_solver_tell (pass->solver, question->denoised, question->unconditional);
  rd_run_clear_questions (run);
  run->stats.solver_us += g_get_monotonic_time () - since;
}

/**
 * rd_impact_pass_next:
 * @pass: a pass whose solver's step is done
 *
 * Begins the solver's next step.
 *
 * Returns: %FALSE when there is none
 */
gboolean
rd_impact_pass_next (RdImpactPass * pass)
{
  RdTensor *done = pass->y;

  if (pass->step + 1 == pass->solver->n_steps)
    return FALSE;
  pass->y = pass->x;
  pass->x = done;
  pass->step++;
  begin_step (pass);
  return TRUE;
}

/**
 * rd_impact_pass_prediction:
 * @pass: a pass whose solver's step is done
 *
 * Returns: (transfer none): what the network predicted in it, or its result where
 *   nothing was asked
 */
RdTensor *
rd_impact_pass_prediction (const RdImpactPass * pass)
{
  RdTensor *denoised = rd_solver_first_denoised (pass->solver);

  return denoised ? denoised : pass->y;
}

/**
 * rd_impact_pass_end:
 * @pass: a pass whose solver has done all its steps
 *
 * Returns: (transfer full): its result
 */
RdTensor *
rd_impact_pass_end (RdImpactPass * pass)
{
  RdTensor *result = rd_tensor_ref (pass->leftover ? pass->y
      : rd_impact_pass_prediction (pass));

  rd_impact_pass_clear (pass);
  return result;
}

/**
 * rd_impact_pass_clear:
 * @pass: a pass at any moment
 *
 * Ends its work; the settings stay.
 */
void
rd_impact_pass_clear (RdImpactPass * pass)
{
  g_clear_pointer (&pass->solver, rd_solver_free);
  g_clear_pointer (&pass->latent, rd_tensor_unref);
  g_clear_pointer (&pass->kept_noise, rd_tensor_unref);
  g_clear_pointer (&pass->x, rd_tensor_unref);
  g_clear_pointer (&pass->y, rd_tensor_unref);
  g_clear_pointer (&pass->confined, rd_tensor_unref);
}
