/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "looptest.h"
#include "teststream.h"

#include <gst/check/gstcheck.h>
#include <math.h>

typedef struct
{
  RdStream *stream;
  RdDenoiser *denoiser;
  RdConditioning *negative;     /* one for all, as in most pictures */
} Fixture;

static Fixture fixture;

void
rd_loop_setup (void)
{
  RdPrediction *prediction = rd_prediction_new (RD_PREDICTION_EPSILON,
      RD_BETAS_SCALED_LINEAR, 0.00085, 0.012, 1000);

  fixture.stream = rd_test_stream_new ();
  fixture.denoiser = rd_analytic_new (prediction, RD_LOOP_CHANNELS);
  fixture.negative = rd_analytic_prompt (fixture.stream, RD_LOOP_CHANNELS, 0.0);
  rd_prediction_unref (prediction);
}

void
rd_loop_teardown (void)
{
  rd_conditioning_unref (fixture.negative);
  rd_denoiser_unref (fixture.denoiser);
  rd_stream_unref (fixture.stream);
}

RdStream *
rd_loop_stream (void)
{
  return fixture.stream;
}

RdDenoiser *
rd_loop_denoiser (void)
{
  return fixture.denoiser;
}

/* a latent without a picture or noise */
RdTensor *
rd_loop_zeros (gint64 rows)
{
  const gint64 dims[] = { rows, RD_LOOP_CHANNELS, RD_LOOP_SIDE, RD_LOOP_SIDE };
  g_autofree float *zeros =
      g_new0 (float, rows * RD_LOOP_CHANNELS * RD_LOOP_CELLS);

  return rd_tensor_new_from_host (fixture.stream, RD_TYPE_F32, 4, dims, zeros);
}

RdOwner *
rd_loop_owner (const char *id, const char *sampler, const char *scheduler,
    double mean)
{
  g_autoptr (RdConditioning) positive =
      rd_analytic_prompt (fixture.stream, RD_LOOP_CHANNELS, mean);
  RdOwner *owner = rd_owner_new (id, fixture.denoiser, positive,
      fixture.negative);

  owner->guide.cfg = 1.0;
  owner->solver = rd_solver_find (sampler, NULL);
  owner->scheduler = rd_scheduler_find (scheduler, NULL);
  owner->overlap_factor = 0;
  fail_unless (owner->solver && owner->scheduler);
  return owner;
}

void
rd_loop_add_region (RdJob * job, const RdLoopRegion * region)
{
  RdOwner *owner = rd_loop_owner (region->sampler, region->sampler,
      region->scheduler, region->mean);
  RdMask *mask = rd_mask_new (RD_LOOP_SIDE * RD_LOOP_DOWNSCALE,
      RD_LOOP_SIDE * RD_LOOP_DOWNSCALE);

  for (guint y = 0; y < mask->height; y++)
    for (guint x = 0; x < mask->width; x++)
      mask->data[y * mask->width + x] =
          x >= region->box[0] && y >= region->box[1] && x < region->box[2]
          && y < region->box[3];
  owner->mask = mask;
  owner->feather = region->feather;
  owner->strength = region->strength;
  owner->z = region->z;
  owner->start = region->start;
  owner->end = region->end;
  g_ptr_array_add (job->regions, owner);
}

static void
record (const RdOwner * owner, guint step, const RdTensor * latent,
    gpointer user_data)
{
  RdLoopTrace *trace = user_data;
  g_autofree float *values = NULL;
  const guint n = latent->dims[0] * RD_LOOP_CHANNELS;

  if (owner)
    return;
  fail_unless (trace->n_steps < G_N_ELEMENTS (trace->mean));
  values = g_malloc (latent->size);
  fail_unless (rd_tensor_download (latent, values, NULL));
  for (guint i = 0; i < RD_LOOP_CELLS; i++) {
    double sum = 0.0, square = 0.0;

    for (guint k = 0; k < n; k++)
      sum += values[k * RD_LOOP_CELLS + i];
    for (guint k = 0; k < n; k++)
      square += pow (values[k * RD_LOOP_CELLS + i] - sum / n, 2.0);
    trace->mean[trace->n_steps][i] = sum / n;
    trace->deviation[trace->n_steps][i] = sqrt (square / (n - 1));
  }
  trace->n_steps++;
}

RdJob *
rd_loop_job (RdMode mode, RdOwner * base, RdLoopTrace * trace)
{
  RdJob *job = rd_job_new (base);

  job->mode = mode;
  job->steps = RD_LOOP_STEPS;
  job->noise_seed = 4711;
  job->downscale = RD_LOOP_DOWNSCALE;
  job->trace = record;
  job->user_data = trace;
  return job;
}

RdLoopTrace *
rd_loop_run (RdJob * job, gint64 rows)
{
  g_autoptr (RdTensor) latent = rd_loop_zeros (rows);
  g_autoptr (RdTensor) result = NULL;
  g_autoptr (GError) error = NULL;
  RdLoopTrace *trace = job->user_data;
  RdJobStats stats;

  result = rd_job_run (job, latent, &stats, NULL, &error);
  fail_unless (result != NULL, "%s", error ? error->message : "");
  trace->calls = stats.guidance.calls;
  trace->rows = stats.guidance.rows / rows;
  rd_job_free (job);
  return trace;
}

/* A sampler with a grid of its own is held to the intervals by a region without
 * a pixel. */
RdLoopTrace *
rd_loop_alone (RdMode mode, const char *sampler, const char *scheduler,
    double mean)
{
  const RdLoopRegion empty =
      { sampler, scheduler, 0.0, {0, 0, 0, 0}, 0, 1, 0, 0, 1 };
  RdJob *job =
      rd_loop_job (mode, rd_loop_owner ("base", sampler, scheduler, mean),
      g_new0 (RdLoopTrace, 1));

  if (job->base->solver->own_grid)
    rd_loop_add_region (job, &empty);
  return rd_loop_run (job, RD_LOOP_ROWS);
}

RdLoopTrace *
rd_loop_together (RdMode mode, const char *sampler, const char *scheduler,
    guint n, const RdLoopRegion * regions)
{
  RdJob *job =
      rd_loop_job (mode, rd_loop_owner ("base", sampler, scheduler, 0.0),
      g_new0 (RdLoopTrace, 1));

  for (guint j = 0; j < n; j++)
    rd_loop_add_region (job, &regions[j]);
  return rd_loop_run (job, RD_LOOP_ROWS);
}
