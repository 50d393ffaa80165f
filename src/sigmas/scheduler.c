/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "sigmas/scheduler.h"

#include <math.h>

#include "base/error.h"
#include "base/text.h"

#define MAX_STEPS 10000

/* noise of this level, and what is computed of it, is finite in float32 */
#define MAX_SIGMA 1e30

/* What every schedule has to be, so that no solver meets anything else. */
static gboolean
check (const RdScheduler * scheduler, guint steps, const GArray * sigmas,
    GError ** error)
{
  const double *values = (const double *) sigmas->data;
  const char *fault = sigmas->len < 2 ? "returns no noise levels" : NULL;

  for (guint i = 0; i < sigmas->len && !fault; i++) {
    if (!isfinite (values[i]) || values[i] < 0.0)
      fault = "returns sigmas that are negative or not finite";
    else if (i > 0 && values[i] > values[i - 1])
      fault = "returns rising sigmas";
  }
  if (!fault)
    return TRUE;

  g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
      "scheduler '%s' %s for %u step%s; use another scheduler or number of "
      "steps", scheduler->name, fault, steps, steps == 1 ? "" : "s");
  return FALSE;
}

/**
 * rd_scheduler_sigmas:
 * @scheduler: a scheduler
 * @prediction: the noise levels of the network
 * @options: (nullable): what schedulers can be told, %NULL for the defaults
 * @steps: 1 .. 10000
 * @discard_penultimate: compute one step more and drop the last sigma but one,
 *   as solvers want whose last steps would be too small (see #RdSolverInfo)
 * @error: return location for %RD_ERROR_SETTINGS
 *
 * The noise levels of a whole run, those of ComfyUI 0.8.0. With more steps than
 * the network has timesteps, `simple` repeats values.
 *
 * Returns: (transfer full) (nullable) (element-type double): one sigma more than
 *   @steps (with `beta` there may be fewer, with `ddim_uniform` also more),
 *   never rising, the last one 0 (or, where the network's own smallest sigmas
 *   are below 1e-5 and the scheduler is `normal` or `ddim_uniform`, such a one)
 */
GArray *
rd_scheduler_sigmas (const RdScheduler * scheduler,
    const RdPrediction * prediction, const RdSchedulerOptions * options,
    guint steps, gboolean discard_penultimate, GError ** error)
{
  static const RdSchedulerOptions defaults = RD_SCHEDULER_OPTIONS_DEFAULT;
  const guint computed = steps + (discard_penultimate ? 1 : 0);
  g_autoptr (GArray) sigmas = NULL;

  if (steps < 1 || steps > MAX_STEPS) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "steps is %u, but must be in 1..%u", steps, MAX_STEPS);
    return NULL;
  }

  sigmas = g_array_sized_new (FALSE, FALSE, sizeof (double), computed + 1);
  if (!scheduler->compute (prediction, options ? options : &defaults, computed,
          sigmas, error))
    return NULL;

  if (discard_penultimate && sigmas->len >= 2)
    g_array_remove_index (sigmas, sigmas->len - 2);

  if (!check (scheduler, steps, sigmas, error))
    return NULL;
  return g_steal_pointer (&sigmas);
}

/**
 * rd_scheduler_custom_sigmas:
 * @n: number of @values
 * @values: (array length=n): noise levels that somebody chose
 * @error: return location for %RD_ERROR_SETTINGS, which names the value
 *
 * A schedule in place of a scheduler's: at least 2 values, none above 1e30, each
 * lower than the one before, the last one 0. @n - 1 is the number of steps.
 *
 * Returns: (transfer full) (nullable) (element-type double): the values
 */
GArray *
rd_scheduler_custom_sigmas (guint n, const double *values, GError ** error)
{
  GArray *sigmas;

  if (n < 2 || n > MAX_STEPS + 1) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "custom-sigmas has %u value%s, but must have 2 to %u: one more than "
        "there are steps", n, n == 1 ? "" : "s", MAX_STEPS + 1);
    return NULL;
  }
  for (guint i = 0; i < n; i++) {
    if (!(values[i] >= 0.0 && values[i] <= MAX_SIGMA)) {
      g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
          "custom-sigmas[%u] is %s, but sigmas are from 0 to %s", i,
          rd_text_number ("%g", values[i]).text,
          rd_text_number ("%g", MAX_SIGMA).text);
      return NULL;
    }
    if (i > 0 && values[i] >= values[i - 1]) {
      g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
          "custom-sigmas[%u] is %s after %s, but every value must be lower "
          "than the one before", i, rd_text_number ("%g", values[i]).text,
          rd_text_number ("%g", values[i - 1]).text);
      return NULL;
    }
  }
  if (values[n - 1] != 0.0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "custom-sigmas ends with %s, but the last value must be 0; to keep "
        "some noise, set end-at-step", rd_text_number ("%g",
            values[n - 1]).text);
    return NULL;
  }

  sigmas = g_array_sized_new (FALSE, FALSE, sizeof (double), n);
  g_array_append_vals (sigmas, values, n);
  return sigmas;
}
