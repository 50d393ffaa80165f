/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule.h"

#include <math.h>

#include "device.h"
#include "names.h"

#define MAX_STEPS 10000

/* A smallest sigma below this serves as the zero at the end itself. */
#define ALMOST_ZERO 1e-5

/* Schedulers work in single precision where ComfyUI does: the nearest timestep
 * of a sigma, and with it the network's answer, can hang on the last bit. */

/* The @i-th of @n numbers from @start to @end, as torch's linspace rounds. */
static float
linspace (float start, float end, guint n, guint i)
{
  float step;

  if (n == 1)
    return start;

  step = (end - start) / (float) (n - 1);
  if (i < n / 2)
    return start + step * (float) i;
  return end - step * (float) (n - 1 - i);
}

static void
append (GArray * sigmas, double sigma)
{
  g_array_append_val (sigmas, sigma);
}

/* @n timesteps evenly from the noisiest on; the last of @n_grid would be the
 * cleanest */
static void
append_timesteps (const RdSampling * sampling, guint n, guint n_grid,
    GArray * sigmas)
{
  float start = rd_sampling_timestep (sampling,
      rd_sampling_sigma_max (sampling));
  float end = rd_sampling_timestep (sampling, rd_sampling_sigma_min (sampling));
  guint i;

  for (i = 0; i < n; i++)
    append (sigmas, rd_sampling_sigma (sampling,
            linspace (start, end, n_grid, i)));
}

static gboolean
compute_normal (const RdSampling * sampling, guint steps, GArray * sigmas,
    GError ** error)
{
  if (rd_sampling_sigma_min (sampling) <= ALMOST_ZERO) {
    append_timesteps (sampling, steps + 1, steps + 1, sigmas);
  } else {
    append_timesteps (sampling, steps, steps, sigmas);
    append (sigmas, 0.0);
  }

  return TRUE;
}

static gboolean
compute_sgm_uniform (const RdSampling * sampling, guint steps, GArray * sigmas,
    GError ** error)
{
  append_timesteps (sampling, steps, steps + 1, sigmas);
  append (sigmas, 0.0);

  return TRUE;
}

static gboolean
compute_karras (const RdSampling * sampling, guint steps, GArray * sigmas,
    GError ** error)
{
  const double rho = 7.0;
  double high = pow (rd_sampling_sigma_max (sampling), 1.0 / rho);
  double low = pow (rd_sampling_sigma_min (sampling), 1.0 / rho);
  guint i;

  for (i = 0; i < steps; i++) {
    float ramp = linspace (0.0f, 1.0f, steps, i);

    append (sigmas, powf ((float) high + ramp * (float) (low - high),
            (float) rho));
  }
  append (sigmas, 0.0);

  return TRUE;
}

static gboolean
compute_exponential (const RdSampling * sampling, guint steps, GArray * sigmas,
    GError ** error)
{
  float high = (float) log (rd_sampling_sigma_max (sampling));
  float low = (float) log (rd_sampling_sigma_min (sampling));
  guint i;

  for (i = 0; i < steps; i++)
    append (sigmas, expf (linspace (high, low, steps, i)));
  append (sigmas, 0.0);

  return TRUE;
}

static gboolean
compute_simple (const RdSampling * sampling, guint steps, GArray * sigmas,
    GError ** error)
{
  double stride = (double) sampling->n_timesteps / steps;
  guint i;

  for (i = 0; i < steps; i++)
    append (sigmas, sampling->sigmas[sampling->n_timesteps - 1
            - (guint) (i * stride)]);
  append (sigmas, 0.0);

  return TRUE;
}

static const RdScheduler schedulers[] = {
  {"normal", "Evenly spaced timesteps", compute_normal},
  {"karras", "Dense at low noise, rho 7 (Karras et al., 2022)", compute_karras},
  {"exponential", "Evenly spaced logarithms of sigma", compute_exponential},
  {"sgm_uniform", "Evenly spaced timesteps, the cleanest left out",
      compute_sgm_uniform},
  {"simple", "Evenly spaced entries of the training schedule", compute_simple},
};

/**
 * rd_scheduler_list:
 * @n: (out): their number
 *
 * Returns: (array length=n) (transfer none): all schedulers
 */
const RdScheduler *
rd_scheduler_list (guint * n)
{
  *n = G_N_ELEMENTS (schedulers);
  return schedulers;
}

/**
 * rd_scheduler_find:
 * @name: ComfyUI's name of a scheduler
 * @error: return location for %RD_ERROR_NOT_FOUND, which lists all names
 *
 * Returns: (transfer none) (nullable): the scheduler
 */
const RdScheduler *
rd_scheduler_find (const char *name, GError ** error)
{
  return rd_find_by_name ("scheduler", name, schedulers,
      G_N_ELEMENTS (schedulers), sizeof (RdScheduler), error);
}

/**
 * rd_scheduler_sigmas:
 * @scheduler: a scheduler
 * @sampling: the noise levels of the network
 * @steps: 1 .. 10000
 * @discard_penultimate: compute one step more and drop the last sigma but one,
 *   as solvers want whose last steps would be too small (see #RdSolverInfo)
 * @error: return location for %RD_ERROR_SETTINGS
 *
 * The noise levels of a whole run, those of ComfyUI 0.8.0. With more steps than
 * the network has timesteps, `simple` repeats values.
 *
 * Returns: (transfer full) (nullable) (element-type double): one sigma more than
 *   @steps, never rising, the last one 0 (or, where the network's own smallest
 *   sigma is below 1e-5 and the scheduler is `normal`, that one)
 */
GArray *
rd_scheduler_sigmas (const RdScheduler * scheduler,
    const RdSampling * sampling, guint steps, gboolean discard_penultimate,
    GError ** error)
{
  g_autoptr (GArray) sigmas = NULL;
  guint i;

  if (steps < 1 || steps > MAX_STEPS) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "steps is %u, but must be in 1..%u", steps, MAX_STEPS);
    return NULL;
  }

  if (discard_penultimate)
    steps++;

  sigmas = g_array_sized_new (FALSE, FALSE, sizeof (double), steps + 1);
  if (!scheduler->compute (sampling, steps, sigmas, error))
    return NULL;

  if (discard_penultimate)
    g_array_remove_index (sigmas, sigmas->len - 2);

  for (i = 0; i < sigmas->len; i++) {
    if (!isfinite (g_array_index (sigmas, double, i))) {
      g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
          "scheduler '%s' has no finite sigmas for %u step%s; use another "
          "scheduler or number of steps", scheduler->name,
          sigmas->len - 1, sigmas->len == 2 ? "" : "s");
      return NULL;
    }
  }

  return g_steal_pointer (&sigmas);
}
