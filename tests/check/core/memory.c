/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What a job takes of its device: docs/memory.md says how much, and that steps
 * take nothing. */

#include <gst/check/gstcheck.h>

#include "../analytic.h"
#include "loop/loop.h"
#include "loop/modes.h"

#define CHANNELS 4
#define SIDE 8                  /* latent cells: a map is one of the pool's units */
#define ROWS 1
#define STEPS 7
#define MAX_REGIONS 8
#define GUIDANCE 2              /* rows of the network for each of a latent */

#define MAP (SIDE * SIDE * sizeof (float))
#define LATENT (ROWS * CHANNELS * MAP)
#define PROMPT 256              /* a conditioning is less, and this is the unit */
#define MARK 256                /* of numbers that are not finite, likewise */

/* by when multistep solvers have all of their history */
#define SETTLED 5

/* The table of docs/memory.md. */
typedef struct
{
  const char *sampler;
  guint slots;                  /* latents of an owner beside x and y */
  guint alone;                  /* those of a pass of the impact modes */
  guint unconditional;          /* of the slots */
} SamplerCase;

static const SamplerCase samplers[] = {
  {"euler", 1, 1, 0},
  {"euler_ancestral", 1, 1, 0},
  {"heun", 2, 2, 0},
  {"euler_cfg_pp", 2, 2, 1},
  {"dpmpp_2m", 2, 1, 0},
  {"dpmpp_sde", 2, 2, 0},
  {"dpmpp_2m_sde", 2, 2, 0},
  {"dpmpp_3m_sde", 3, 2, 0},
  {"uni_pc", 4, 2, 0},
  {"lms", 5, 1, 0},
  {"sa_solver_pece", 5, 1, 0},
};

/* A mode's latents and maps in a step, and maps of picture size before it. */
typedef struct
{
  RdMode mode;
    guint (*latents) (const SamplerCase * sampler, guint owners);
  guint more_maps;              /* beside two for each owner */
  guint picture_maps;
} ModeCase;

static guint
latents_impact (const SamplerCase * sampler, guint owners)
{
  return 7 + 2 * GUIDANCE + sampler->alone;
}

static guint
latents_sequential (const SamplerCase * sampler, guint owners)
{
  return 5 + 2 * GUIDANCE + owners * (1 + sampler->slots);
}

static guint
latents_parallel (const SamplerCase * sampler, guint owners)
{
  return 3 + owners * (1 + sampler->slots + 2 * GUIDANCE);
}

static guint
latents_fused (const SamplerCase * sampler, guint owners)
{
  return 3 + sampler->slots - sampler->unconditional
      + owners * (1 + sampler->unconditional + 2 * GUIDANCE);
}

static const ModeCase modes[] = {
  {RD_MODE_IMPACT, latents_impact, 0, 4},
  {RD_MODE_IMPACT_SIMPLE, latents_impact, 0, 4},
  {RD_MODE_SEQUENTIAL, latents_sequential, 2, 3},
  {RD_MODE_PARALLEL, latents_parallel, 0, 3},
  {RD_MODE_FUSED, latents_fused, 0, 3},
};

typedef struct
{
  RdStream *stream;
  guint n_steps;
  guint64 n_allocations[STEPS + 2];
} Trace;

static void
record (const RdOwner * owner, guint step, const RdTensor * latent,
    gpointer user_data)
{
  Trace *trace = user_data;

  if (owner)
    return;
  fail_unless (trace->n_steps < G_N_ELEMENTS (trace->n_allocations));
  trace->n_allocations[trace->n_steps++] = trace->stream->n_allocations;
}

static RdOwner *
make_owner (RdStream * stream, RdDenoiser * denoiser, const char *sampler,
    double mean)
{
  g_autoptr (RdConditioning) positive =
      rd_analytic_prompt (stream, CHANNELS, mean);
  g_autoptr (RdConditioning) negative =
      rd_analytic_prompt (stream, CHANNELS, 0.0);
  RdOwner *owner = rd_owner_new (sampler, denoiser, positive, negative);
  g_autoptr (GError) error = NULL;

  owner->solver = rd_solver_find (sampler, &error);
  fail_unless (owner->solver != NULL, "%s", error ? error->message : "");
  owner->overlap_factor = 2;    /* grows, and leaves everybody something */
  return owner;
}

/* Columns, each a region, that leave some to the base. */
static RdMask *
make_mask (guint j, guint n, guint side)
{
  RdMask *mask = rd_mask_new (side, side);

  for (guint y = 0; y < side; y++)
    for (guint x = 0; x < side; x++)
      mask->data[y * side + x] = x * (n + 1) / side == j + 1 && y > side / 4;
  return mask;
}

static RdJob *
make_job (RdStream * stream, RdDenoiser * denoiser, RdMode mode,
    const char *sampler, guint n_regions, guint downscale)
{
  RdJob *job = rd_job_new (make_owner (stream, denoiser, sampler, 0.0));

  job->mode = mode;
  job->steps = STEPS;
  job->downscale = downscale;
  for (guint j = 0; j < n_regions; j++) {
    RdOwner *region = make_owner (stream, denoiser, sampler, j + 1.0);

    region->mask = make_mask (j, n_regions, SIDE * downscale);
    g_ptr_array_add (job->regions, region);
  }
  return job;
}

static gsize
bound_of (const ModeCase * mode, const SamplerCase * sampler, guint n_regions,
    guint downscale)
{
  const guint owners = n_regions + 1;
  const gsize before = 2 * LATENT + 2 * owners * MAP
      + mode->picture_maps * downscale * downscale * MAP;
  const gsize step = mode->latents (sampler, owners) * LATENT
      + (2 * owners + mode->more_maps) * MAP;

  return MAX (before, step) + 2 * owners * PROMPT + MARK;
}

static void
check (RdDenoiser * denoiser, const ModeCase * mode,
    const SamplerCase * sampler, guint n_regions, guint downscale)
{
  g_autoptr (RdStream) stream =
      rd_stream_new (rd_device_get ("cpu", NULL), NULL);
  g_autoptr (RdJob) job = make_job (stream, denoiser, mode->mode,
      sampler->sampler, n_regions, downscale);
  const gint64 dims[] = { ROWS, CHANNELS, SIDE, SIDE };
  g_autofree float *zeros = g_malloc0 (LATENT);
  g_autoptr (RdTensor) latent = rd_tensor_new_from_host (stream, RD_TYPE_F32,
      4, dims, zeros);
  g_autoptr (RdTensor) result = NULL;
  g_autoptr (GError) error = NULL;
  const gsize bound = bound_of (mode, sampler, n_regions, downscale);
  Trace trace = { stream };

  job->trace = record;
  job->user_data = &trace;
  result = rd_job_run (job, latent, NULL, NULL, &error);
  fail_unless (result != NULL, "%s", error ? error->message : "");

  fail_unless (trace.n_steps >= STEPS);
  for (guint i = SETTLED; i < STEPS; i++)
    fail_unless (trace.n_allocations[i] == trace.n_allocations[SETTLED - 1],
        "%s, %s, %u regions: step %u takes new blocks",
        rd_mode_name (mode->mode), sampler->sampler, n_regions, i);
  fail_unless (stream->bytes_peak <= bound
      && stream->bytes_peak + LATENT + 2 * n_regions * MAP >= bound,
      "%s, %s, %u regions: %.2f latents of %.2f", rd_mode_name (mode->mode),
      sampler->sampler, n_regions, (double) stream->bytes_peak / LATENT,
      (double) bound / LATENT);
  fail_unless (stream->bytes_allocated >= stream->bytes_peak);

  /* a second job of the kind finds all it needs in the pool */
  if (n_regions == MAX_REGIONS) {
    const guint64 n_allocations = stream->n_allocations;
    const gsize allocated = stream->bytes_allocated;

    trace.n_steps = 0;
    rd_tensor_unref (result);
    result = rd_job_run (job, latent, NULL, NULL, &error);
    fail_unless (result != NULL);
    fail_unless_equals_uint64 (stream->n_allocations, n_allocations);
    fail_unless_equals_uint64 (stream->bytes_allocated, allocated);
  }
  g_clear_pointer (&result, rd_tensor_unref);
  rd_stream_trim (stream);
  fail_unless_equals_uint64 (stream->bytes_allocated, stream->bytes_in_use);
}

static RdDenoiser *
make_denoiser (void)
{
  g_autoptr (RdPrediction) prediction =
      rd_prediction_new (RD_PREDICTION_EPSILON, RD_BETAS_SCALED_LINEAR, 0.00085,
      0.012, 1000);

  return rd_analytic_new (prediction, CHANNELS);
}

GST_START_TEST (steps_take_nothing_and_the_peak_is_known)
{
  RdDenoiser *denoiser = make_denoiser ();

  for (guint i = 0; i < G_N_ELEMENTS (samplers); i++)
    for (guint n = 1; n <= MAX_REGIONS; n++)
      check (denoiser, &modes[__i__], &samplers[i], n, 2);
  rd_denoiser_unref (denoiser);
}

GST_END_TEST;

/* Where there are few owners, masks of picture size take the most. */
GST_START_TEST (masks_are_counted)
{
  RdDenoiser *denoiser = make_denoiser ();

  for (guint n = 1; n <= MAX_REGIONS; n++)
    check (denoiser, &modes[__i__], &samplers[0], n, 8);
  rd_denoiser_unref (denoiser);
}

GST_END_TEST;

static Suite *
memory_suite (void)
{
  Suite *suite = suite_create ("memory");
  TCase *loop = tcase_create ("loop");

  suite_add_tcase (suite, loop);
  tcase_add_loop_test (loop, steps_take_nothing_and_the_peak_is_known, 0,
      G_N_ELEMENTS (modes));
  tcase_add_loop_test (loop, masks_are_counted, 0, G_N_ELEMENTS (modes));
  return suite;
}

GST_CHECK_MAIN (memory);
