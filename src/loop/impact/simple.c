/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Mode `impact-simple`: what RegionalSampler of ComfyUI Impact Pack does, and
 * with one base-only step TwoAdvancedSamplersForMask. The base's sampler runs
 * alone over the whole picture for some steps; then come steps of base and
 * regions as in mode `impact`, to the schedule's end. With a second seed the
 * first part is a whole picture, to which noise is added anew. */

#include "loop/impact/pass.h"
#include "loop/seed.h"

/* The node forgets to stop adding noise. */
static void
warn_of_noise (const RdImpact * impact, guint regional_steps)
{
  const RdJob *job = impact->run->job;

  if (regional_steps == 0)
    rd_impact_warn (impact, "base-only-steps is %u and steps %u: no region "
        "runs in mode 'impact-simple'", job->base_only_steps, job->steps);
  else if (regional_steps > 1 && (job->base_only_steps == 0
          || job->seed_2nd_mode != RD_SEED_2ND_IGNORE))
    rd_impact_warn (impact, "mode 'impact-simple' adds noise in each of the %u "
        "steps with regions, where the first alone should have it, and the "
        "picture stays noisy, as the node's does; set base-only-steps to 1 or "
        "more and seed-2nd-mode to 'ignore', or use another mode",
        regional_steps);
}

/**
 * rd_run_impact_simple:
 * @run: a run
 * @error: settings with which the reference raises, or what stopped the run
 *
 * Returns: (transfer full) (nullable): the sampled latent
 */
RdTensor *
rd_run_impact_simple (RdRun * run, GError ** error)
{
  g_auto (RdImpact) impact = { NULL };
  g_autoptr (RdTensor) noise = NULL, result = NULL;
  const RdJob *job = run->job;
  const guint steps = rd_run_schedule_steps (run);
  const guint base_only = MIN (job->base_only_steps, job->steps);
  const gboolean continues = job->base_only_steps > 0
      && job->seed_2nd_mode == RD_SEED_2ND_IGNORE;
  guint64 second;

  run->start = steps - job->steps;
  run->end = steps;
  if (!rd_seed_2nd (job, &second, error)
      || !rd_impact_init (&impact, run, error))
    return NULL;
  warn_of_noise (&impact, job->steps - base_only);

  run->n_passes = base_only + (job->steps - base_only) * impact.n_parts + 1;
  if (base_only > 0) {
    if (!(noise = rd_impact_noise (&impact, error))
        || !rd_impact_base_only (&impact, run->start + base_only, noise,
            continues, error))
      return NULL;
    g_clear_pointer (&noise, rd_tensor_unref);
  }

  run->seed = second;
  if (!continues && !(noise = rd_impact_noise (&impact, error)))
    return NULL;
  for (guint i = run->start + base_only; i < run->end; i++) {
    if (!rd_impact_step (&impact, i, noise,
            noise && i == run->start + base_only, error))
      return NULL;
  }
  rd_run_report (run, job->steps, 0, 0.0);
  /* past the end, unless the schedule is longer than there are steps */
  result = rd_impact_finalize (&impact, (int) run->end, FALSE, error);
  if (result)
    rd_run_report (run, job->steps, 0, 0.0);
  return g_steal_pointer (&result);
}
