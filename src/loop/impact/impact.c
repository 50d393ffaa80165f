/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Mode `impact`: what RegionalSamplerAdvanced of ComfyUI Impact Pack does, step
 * for step, with the faults that docs/modes.md lists. The last step runs for the
 * base alone, and its result is thrown away where `restore-latent` is on. */

#include "loop/impact/pass.h"

/**
 * rd_run_impact:
 * @run: a run
 * @error: settings with which the reference raises, or what stopped the run
 *
 * Returns: (transfer full) (nullable): the sampled latent
 */
RdTensor *
rd_run_impact (RdRun * run, GError ** error)
{
  g_auto (RdImpact) impact = { NULL };
  g_autoptr (RdTensor) noise = NULL, result = NULL;
  const RdJob *job = run->job;
  const guint steps = run->end > run->start ? run->end - run->start : 0;
  const guint last = run->start + (steps > 0 ? steps - 1 : 0);

  if (!rd_impact_init (&impact, run, error))
    return NULL;
  if (steps <= 1)
    rd_impact_warn (&impact, "with fewer than two steps to execute, mode "
        "'impact' adds no noise and runs no region");
  if (job->add_noise && !(noise = rd_impact_noise (&impact, error)))
    return NULL;

  run->n_passes = (last - run->start) * impact.n_parts + 1;
  for (guint i = run->start; i < last; i++) {
    RdTensor *added = i == run->start ? noise : NULL;

    if (!rd_impact_step (&impact, i, added, added != NULL, error))
      return NULL;
  }
  rd_impact_report (&impact, 0, last);
  result = rd_impact_finalize (&impact, (int) run->end - 1,
      job->return_with_leftover_noise, error);
  if (!result)
    return NULL;
  rd_run_trace (run, NULL, last, result);
  rd_run_report (run, steps, 0, 0.0);
  return g_steal_pointer (&result);
}
