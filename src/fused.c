/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Mode `fused`: one latent and one solver, the base's. What it asks is put to
 * every owner, and the answer is theirs blended by weight (Bar-Tal et al.,
 * "MultiDiffusion", 2023): where regions meet there is no seam between two
 * trajectories. */

#include "parts.h"

/* target = sum of w answer, where target is one of the answers */
static void
blend_answers (guint n, RdTerm * terms, RdTensor * const *answers)
{
  for (guint k = 0; k < n; k++)
    terms[k].tensor = answers[k];
  rd_combine (answers[0], n, terms);
}

static gboolean
answer (RdParts * parts, const RdWeightSet * set, const RdTensor * x,
    double sigma, GError ** error)
{
  RdRun *run = parts->run;
  RdSolver *solver = parts->parts[0].solver;
  g_autofree RdQuestion *questions = g_new0 (RdQuestion, parts->n_parts);
  g_autofree RdTerm *terms = g_new (RdTerm, parts->n_parts);
  g_autoptr (GPtrArray) denoised = g_ptr_array_new_with_free_func (
      (GDestroyNotify) rd_tensor_unref);
  g_autoptr (GPtrArray) unconditional = g_ptr_array_new_with_free_func (
      (GDestroyNotify) rd_tensor_unref);
  guint n = 0;
  gint64 since, blended;

  for (guint k = 0; k < parts->n_parts; k++) {
    RdPart *part = &parts->parts[k];
    RdQuestion *question = &questions[n];

    if (!set->weight[k])
      continue;
    question->guide = &part->owner->guide;
    question->x = x;
    question->sigma = sigma;
    question->window = part->has_window ? &part->window : NULL;
    question->denoised = rd_tensor_new_like (x);
    g_ptr_array_add (denoised, question->denoised);
    if (solver->info->unconditional) {
      question->unconditional = rd_tensor_new_like (x);
      g_ptr_array_add (unconditional, question->unconditional);
    }
    terms[n++] = (RdTerm) {
    NULL, 1.0, set->weight[k]};
  }

  if (!rd_guidance_answer (n, questions, &run->stats->guidance,
          run->cancellable, error))
    return FALSE;
  since = g_get_monotonic_time ();
  blend_answers (n, terms, (RdTensor **) denoised->pdata);
  if (unconditional->len > 0)
    blend_answers (n, terms, (RdTensor **) unconditional->pdata);
  blended = g_get_monotonic_time ();
  rd_solver_tell (solver, denoised->pdata[0],
      unconditional->len > 0 ? unconditional->pdata[0] : NULL);
  run->stats->blend_us += blended - since;
  run->stats->solver_us += g_get_monotonic_time () - blended;
  return TRUE;
}

static gboolean
take_step (RdParts * parts, const RdWeightSet * set, guint i, GError ** error)
{
  RdRun *run = parts->run;
  RdPart *base = &parts->parts[0];
  RdTensor *x = base->x;
  const RdTensor *asked;
  double sigma;

  rd_run_report (run, i, 0, base->sigmas[i]);
  run->pass += parts->n_parts;
  rd_part_begin (base, i, x);
  while (rd_solver_asks (base->solver, &asked, &sigma))
    if (!answer (parts, set, asked, sigma, error))
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
  static const RdPartsMode mode = {
    .one_trajectory = TRUE,
    .take_step = take_step,
  };

  return rd_parts_run (run, &mode, error);
}
