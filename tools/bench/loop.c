/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What the loop costs beside the network: a closed-form denoiser, 64x64
 * latents, 20 steps, four regions, one thread. Prints one line a mode, the
 * median of several runs. */

#include <stdio.h>
#include <stdlib.h>

#include "analytic.h"
#include "loop/loop.h"
#include "loop/modes.h"

#define CHANNELS 4
#define SIDE 64
#define STEPS 20
#define REGIONS 4
#define RUNS 15

static RdOwner *
make_owner (RdStream * stream, RdDenoiser * denoiser, const char *id,
    double mean)
{
  g_autoptr (RdConditioning) positive =
      rd_analytic_prompt (stream, CHANNELS, mean);
  g_autoptr (RdConditioning) negative =
      rd_analytic_prompt (stream, CHANNELS, 0.0);

  return rd_owner_new (id, denoiser, positive, negative);
}

static RdJob *
make_job (RdStream * stream, RdDenoiser * denoiser, RdMode mode)
{
  RdJob *job = rd_job_new (make_owner (stream, denoiser, "base", 0.0));
  const guint side = SIDE * job->downscale;

  job->mode = mode;
  job->steps = STEPS;
  for (guint j = 0; j < REGIONS; j++) {
    RdOwner *owner = make_owner (stream, denoiser, "region", j + 1.0);

    /* four corners that leave a cross to the base */
    owner->mask = rd_mask_new (side, side);
    for (guint y = 0; y < side; y++)
      for (guint x = 0; x < side; x++)
        owner->mask->data[y * side + x] = ((j & 1) ? x >= side - 200 : x < 200)
            && ((j & 2) ? y >= side - 200 : y < 200);
    g_ptr_array_add (job->regions, owner);
  }
  return job;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

int
main (void)
{
  g_autoptr (RdPrediction) prediction =
      rd_prediction_new (RD_PREDICTION_EPSILON, RD_BETAS_SCALED_LINEAR, 0.00085,
      0.012, 1000);
  g_autoptr (RdDenoiser) denoiser = rd_analytic_new (prediction, CHANNELS);
  g_autoptr (RdStream) stream = rd_stream_new (rd_device_get ("cpu", NULL),
      NULL);
  const gint64 dims[] = { 1, CHANNELS, SIDE, SIDE };
  g_autofree float *zeros = g_new0 (float, CHANNELS * SIDE * SIDE);
  g_autoptr (RdTensor) latent = rd_tensor_new_from_host (stream, RD_TYPE_F32,
      4, dims, zeros);

  for (int mode = RD_MODE_IMPACT; rd_mode_name (mode); mode++) {
    double ms[RUNS];
    RdJobStats stats;

    for (guint i = 0; i < RUNS; i++) {
      g_autoptr (RdJob) job = make_job (stream, denoiser, mode);
      g_autoptr (GError) error = NULL;
      g_autoptr (RdTensor) result =
          rd_job_run (job, latent, &stats, NULL, &error);

      if (!result) {
        fprintf (stderr, "%s: %s\n", rd_mode_name (mode), error->message);
        return 1;
      }
      ms[i] = (stats.total_us - stats.guidance.network_us) / 1e3 / stats.passes;
    }
    qsort (ms, RUNS, sizeof ms[0], compare);
    printf ("%-12s %3u passes, %.3f ms a pass beside the network "
        "(%.3f to %.3f)\n", rd_mode_name (mode), (guint) stats.passes,
        ms[RUNS / 2], ms[0], ms[RUNS - 1]);
  }
  return 0;
}
