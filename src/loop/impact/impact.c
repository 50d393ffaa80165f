/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Mode `impact`: what RegionalSamplerAdvanced of ComfyUI Impact Pack does, step
 * for step, with the faults that docs/modes.md lists. The last step runs for the
 * base alone, and its result is thrown away where `restore-latent` is on. */

#include "loop/impact/impact.h"

#include "loop/impact/steps.h"

static guint
last_step (const RdRun * run)
{
  return run->end > run->start ? run->end - 1 : run->start;
}

static gboolean
begin_next (RdImpact * impact, G_GNUC_UNUSED GError ** error)
{
  const RdRun *run = impact->run;
  const guint last = last_step (run);

  if (impact->next < last) {
    if (impact->next > run->start)
      g_clear_pointer (&impact->noise, rd_tensor_unref);
    rd_impact_begin_step (impact, impact->next, impact->noise != NULL);
  } else {
    rd_impact_report (impact, 0, last);
    rd_impact_begin_final (impact, (int) run->end - 1,
        run->job->return_with_leftover_noise);
  }
  return TRUE;
}

/**
 * rd_impact_begin:
 * @run: a run
 * @error: settings with which the reference raises, or a failure of the device
 *
 * Returns: %FALSE when there is nothing to run
 */
gboolean
rd_impact_begin (RdRun * run, GError ** error)
{
  RdImpact *impact = rd_impact_new (run, begin_next, error);

  if (!impact)
    return FALSE;
  if (rd_run_executed_steps (run) <= 1)
    rd_impact_warn (impact, "with fewer than two steps to execute, mode "
        "'impact' adds no noise and runs no region");
  run->n_passes = (last_step (run) - run->start) * impact->n_owners + 1;
  return !run->job->add_noise || rd_impact_make_noise (impact, error);
}
