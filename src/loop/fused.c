/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Mode `fused`: one latent and one solver, the base's. What it asks is put to
 * every owner, and the answer is theirs blended by weight (Bar-Tal et al.,
 * "MultiDiffusion", 2023): where regions meet there is no seam between two
 * trajectories. */

#include "loop/trajectories.h"

/* What the base's solver asks, put to every owner that has a weight; 0 when it
 * asks nothing. */
static guint
ask (const RdTrajectories * parts, const RdWeightSet * set, RdQuestion * questions,
    const RdTensor ** weights)
{
  guint n = 0;

  for (guint k = 0; k < parts->n_parts; k++)
    if (set->weight[k] && rd_trajectory_question (&parts->parts[k],
            parts->parts[0].solver, &parts->run->stats->guidance, &questions[n]))
      weights[n++] = set->weight[k];
  return n;
}

/* The first of the questions receives what all answer, by weight. */
static void
blend (guint n, const RdQuestion * questions, const RdTensor * const *weights)
{
  g_autofree RdTerm *terms = g_new (RdTerm, n);

  for (guint q = 0; q < n; q++)
    terms[q] = (RdTerm) {
    questions[q].denoised, 1.0, weights[q]};
  rd_combine (questions[0].denoised, n, terms);
  if (!questions[0].unconditional)
    return;
  for (guint q = 0; q < n; q++)
    terms[q].tensor = questions[q].unconditional;
  rd_combine (questions[0].unconditional, n, terms);
}

static gboolean
answer (RdTrajectories * parts, guint n, RdQuestion * questions,
    const RdTensor * const *weights, GError ** error)
{
  RdRun *run = parts->run;
  const gboolean ok = rd_guidance_answer (n, questions, run->cancellable,
      error);

  if (ok) {
    const gint64 since = g_get_monotonic_time ();
    gint64 blended;

    blend (n, questions, weights);
    blended = g_get_monotonic_time ();
    rd_solver_tell (parts->parts[0].solver, questions[0].denoised,
        questions[0].unconditional);
    run->stats->blend_us += blended - since;
    run->stats->solver_us += g_get_monotonic_time () - blended;
  }
  for (guint q = 0; q < n; q++)
    rd_trajectory_question_clear (&questions[q]);
  return ok;
}

static gboolean
take_step (RdTrajectories * parts, const RdWeightSet * set, guint i, GError ** error)
{
  RdRun *run = parts->run;
  RdTrajectory *base = &parts->parts[0];
  RdTensor *x = base->x;
  g_autofree RdQuestion *questions = g_new (RdQuestion, parts->n_parts);
  g_autofree const RdTensor **weights = g_new (const RdTensor *,
      parts->n_parts);
  guint n;

  rd_run_report (run, i, 0, base->sigmas[i]);
  run->pass += parts->n_parts;
  rd_trajectory_begin (base, i, x);
  while ((n = ask (parts, set, questions, weights)) > 0)
    if (!answer (parts, n, questions, weights, error))
      return FALSE;
  run->stats->passes++;
  base->x = base->y;
  base->y = x;
  return rd_stream_check (run->stream, error);
}

/**
 * rd_run_fused:
 * @run: a run
 * @error: settings that do not fit together, or what stopped it
 *
 * Returns: (transfer full) (nullable): the sampled latent
 */
RdTensor *
rd_run_fused (RdRun * run, GError ** error)
{
  static const RdTrajectoriesMode mode = {
    .one_trajectory = TRUE,
    .take_step = take_step,
  };

  return rd_trajectories_run (run, &mode, error);
}
