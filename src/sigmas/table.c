/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The schedulers there are, by ComfyUI's names. */

#include "base/lookup.h"
#include "sigmas/schedulers.h"

static const RdScheduler schedulers[] = {
  {"normal", 0, "Evenly spaced timesteps", rd_scheduler_normal},
  {"karras", 1, "Dense at low noise, rho 7 (Karras et al., 2022)",
      rd_scheduler_karras},
  {"exponential", 2, "Evenly spaced logarithms of sigma",
      rd_scheduler_exponential},
  {"sgm_uniform", 3, "Evenly spaced timesteps without the one of least noise",
      rd_scheduler_sgm_uniform},
  {"simple", 4, "Evenly spaced entries of the training schedule",
      rd_scheduler_simple},
  {"ddim_uniform", 5, "Every n-th timestep from the one of least noise; the "
        "number of steps may differ (Song et al., 2021)",
      rd_scheduler_ddim_uniform},
  {"beta", 6,
      "Timesteps dense at both ends, quantiles of a beta distribution "
        "(Lee et al., 2024)", rd_scheduler_beta},
  {"linear_quadratic", 7,
        "Half of the steps linear in the first 2.5 % of the "
        "noise, the others quadratic (Genmo's Mochi, 2024)",
      rd_scheduler_linear_quadratic},
  {"kl_optimal", 8, "Evenly spaced arc tangents of sigma, for 2 steps or more "
        "(Sabour et al., 2024)", rd_scheduler_kl_optimal},
  {"ays-sd1", 9,
      "Align Your Steps, optimised for Stable Diffusion 1.5 (Sabour et "
        "al., 2024)", rd_scheduler_ays_sd1},
  {"ays-sdxl", 10,
      "Align Your Steps, optimised for Stable Diffusion XL (Sabour et "
        "al., 2024)", rd_scheduler_ays_sdxl},
  {"ays-svd", 11,
      "Align Your Steps, optimised for Stable Video Diffusion (Sabour "
        "et al., 2024)", rd_scheduler_ays_svd},
  {"gits", 12,
      "Steps of a teacher chosen by dynamic programming for Stable "
        "Diffusion 1.5 (Chen et al., 2024)", rd_scheduler_gits},
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
  return rd_lookup ("scheduler", name, schedulers,
      G_N_ELEMENTS (schedulers), sizeof (RdScheduler), error);
}
