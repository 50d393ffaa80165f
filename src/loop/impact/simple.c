/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Mode `impact-simple`: what RegionalSampler of ComfyUI Impact Pack does, and
 * with one base-only step TwoAdvancedSamplersForMask. The base's sampler runs
 * alone over the whole picture for some steps; then come steps of base and
 * regions as in mode `impact`, to the schedule's end. With a second seed the
 * first part is a whole picture, to which noise is added anew. */

#include "loop/impact/impact.h"

#include "loop/impact/steps.h"
#include "loop/report.h"
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
        "steps with regions instead of only in the first, so the picture stays "
        "noisy, as with the ComfyUI node; set base-only-steps to 1 or more and "
        "seed-2nd-mode to 'ignore', or use another mode", regional_steps);
}

/* Whether the steps with regions go on where the base alone was. */
static gboolean
continues (const RdJob * job)
{
  return job->base_only_steps > 0 && job->seed_2nd_mode == RD_SEED_2ND_IGNORE;
}

/* From now on all noise is of the second seed. */
static gboolean
take_second_seed (RdImpact * impact, GError ** error)
{
  RdRun *run = impact->run;

  g_clear_pointer (&impact->noise, rd_tensor_unref);
  return rd_seed_2nd (run->job, &run->seed, error)
      && (continues (run->job) || rd_impact_make_noise (impact, error));
}

static gboolean
begin_next (RdImpact * impact, GError ** error)
{
  RdRun *run = impact->run;
  const RdJob *job = run->job;
  const guint first = run->start + MIN (job->base_only_steps, job->steps);

  if (impact->next < first) {
    rd_impact_begin_base_only (impact, first, continues (job));
    return TRUE;
  }
  if (impact->next == first && !take_second_seed (impact, error))
    return FALSE;
  if (impact->next < run->end) {
    rd_impact_begin_step (impact, impact->next,
        impact->noise && impact->next == first);
  } else {
    rd_run_report (run, job->steps, 0, 0.0);
    /* past the end, unless the schedule is longer than there are steps */
    rd_impact_begin_final (impact, (int) run->end, FALSE);
  }
  return TRUE;
}

/**
 * rd_impact_begin_simple:
 * @run: a run
 * @error: settings with which the reference raises, or a failure of the device
 *
 * Returns: %FALSE when there is nothing to run
 */
gboolean
rd_impact_begin_simple (RdRun * run, GError ** error)
{
  const RdJob *job = run->job;
  const guint base_only = MIN (job->base_only_steps, job->steps);
  RdImpact *impact;
  guint64 second;

  run->end = rd_run_schedule_steps (run);
  run->start = run->end - job->steps;
  if (!rd_seed_2nd (job, &second, error)
      || !(impact = rd_impact_new (run, begin_next, error)))
    return FALSE;
  warn_of_noise (impact, job->steps - base_only);

  run->n_passes = base_only + (job->steps - base_only) * impact->n_owners + 1;
  return base_only == 0 || rd_impact_make_noise (impact, error);
}
