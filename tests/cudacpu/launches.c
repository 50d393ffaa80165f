/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What a step costs beside the network: how many kernels it launches, since a
 * launch costs microseconds, which at latent sizes is more than what it
 * computes; how many bytes these move, against the least that it takes; and that
 * nothing waits and no memory is taken. */

#include <gst/check/gstcheck.h>

#include "../check/looptest.h"
#include "cudacpu.h"
#include "recorder.h"
#include "loop/modes.h"

#define REGIONS 3
#define OWNERS (REGIONS + 1)
#define MAX_STEPS 12

/* The least that a step does, in latents unless it says otherwise: every latent
 * that the network is shown is read once and its rows are written once; every
 * answer is made of its latent and the network's rows, one for the prompt and
 * one without; every update of a solver reads what it is made of, and what is
 * random is written before, by the host or the device; a blend reads every owner's latent and
 * weight. In `sequential` every owner but the first is shown what the others
 * made of the step: that is kept with its weight, to which the last owner's is
 * added, and laid around the owner's own. */
typedef struct
{
  guint shown;
  guint rows;
  guint answers;
  guint updates;
  guint update_inputs;
  guint noise;
  guint blends;
  guint surrounded;
} Least;

static guint64
least_bytes (const Least * least, guint64 latent, guint64 row, guint64 map)
{
  return least->shown * latent + least->rows * row
      /* an answer is looked at once it is there */
      + least->answers * (3 * latent + 2 * row)
      + least->updates * latent + least->update_inputs * latent
      + least->noise * latent
      + least->blends * (OWNERS * (latent + map) + latent)
      /* done + w y, the weights' sum, and x where it owns, done elsewhere; the
       * first to be done is only written */
      + least->surrounded * (3 * (latent + map) + map + 3 * latent + 2 * map)
      - (least->surrounded > 0 ? latent + map : 0);
}

/* Of a step with three regions beside the base, cfg 7 and one negative prompt. */
static const struct
{
  RdMode mode;
  const char *sampler;
  guint launches;
  Least least;
  RdNoiseOrigin noise;
} cases[] = {
  {RD_MODE_PARALLEL, "euler", 1 + 4 + 4 + 1,
      {1, 5, 4, 4, 4 * 2, 0, 1, 0}},
  {RD_MODE_FUSED, "euler", 1 + 4 + 1 + 1,
      {1, 5, 4, 1, 2, 0, 1, 0}},
  {RD_MODE_SEQUENTIAL, "euler", 4 * (1 + 1 + 1) + 3 * (2 + 2) + 1,
      {4, 8, 4, 4, 4 * 2, 0, 1, 3}},
  {RD_MODE_PARALLEL, "dpmpp_2m", 1 + 4 + 4 + 1,
      {1, 5, 4, 4, 4 * 3, 0, 1, 0}},
  {RD_MODE_FUSED, "dpmpp_2m", 1 + 4 + 1 + 1,
      {1, 5, 4, 1, 3, 0, 1, 0}},
  {RD_MODE_SEQUENTIAL, "dpmpp_2m", 4 * (1 + 1 + 1) + 3 * (2 + 2) + 1,
      {4, 8, 4, 4, 4 * 3, 0, 1, 3}},
  /* in its second stage every owner shows a latent of its own, in two rows that
   * do not lie side by side */
  {RD_MODE_PARALLEL, "heun", 1 + 8 + 4 + 4 + 4 + 4 + 1,
      {1 + 4, 5 + 8, 8, 8, 4 * 2 + 4 * 4, 0, 1, 0}},
  {RD_MODE_FUSED, "heun", 1 + 1 + 4 + 4 + 2 + 2,
      {2, 10, 8, 2, 2 + 4, 0, 2, 0}},
  {RD_MODE_SEQUENTIAL, "heun", 4 * 2 * (1 + 1 + 1) + 3 * (2 + 2) + 1,
      {8, 16, 8, 8, 4 * 2 + 4 * 4, 0, 1, 3}},
  {RD_MODE_PARALLEL, "dpmpp_2m_sde", 1 + 4 + 4 + 1,
      {1, 5, 4, 4, 4 * 4, 4, 1, 0}},
  {RD_MODE_FUSED, "dpmpp_2m_sde", 1 + 4 + 1 + 1,
      {1, 5, 4, 1, 4, 1, 1, 0}},
  {RD_MODE_SEQUENTIAL, "dpmpp_2m_sde", 4 * (1 + 1 + 1) + 3 * (2 + 2) + 1,
      {4, 8, 4, 4, 4 * 4, 4, 1, 3}},
  {RD_MODE_PARALLEL, "euler_ancestral", 1 + 4 + 4 * (1 + 1) + 1,
      {1, 5, 4, 4, 4 * 3, 4, 1, 0}, RD_NOISE_DEVICE},
  {RD_MODE_FUSED, "euler_ancestral", 1 + 4 + (1 + 1) + 1,
      {1, 5, 4, 1, 3, 1, 1, 0}, RD_NOISE_DEVICE},
};

static const RdType types[] = { RD_TYPE_F32, RD_TYPE_F16 };

/* What has happened so far. */
typedef struct
{
  guint64 operations, bytes, launches, downloads, waits, allocations;
} Counts;

/* A job and what its network did, which is none of its cost. */
typedef struct
{
  const RdDenoiserClass *inner;
  Counts network;
  guint n_steps;
  Counts steps[MAX_STEPS + 1];  /* at the beginning of each, and at the end */
} Watch;

static Watch watch;

static Counts
counts_now (void)
{
  const RdRecord record = rd_recorder_get ();
  Counts now;

  now.operations = record.operations;
  now.bytes = record.bytes;
  now.launches = cudacpu_n_launches ();
  now.downloads = cudacpu_n_downloads ();
  now.waits = cudacpu_n_waits ();
  now.allocations = rd_loop_stream ()->n_allocations;
  return now;
}

/* a + sign * b */
static Counts
counts_add (Counts a, Counts b, int sign)
{
  a.operations += sign * b.operations;
  a.bytes += sign * b.bytes;
  a.launches += sign * b.launches;
  a.downloads += sign * b.downloads;
  a.waits += sign * b.waits;
  a.allocations += sign * b.allocations;
  return a;
}

static gboolean
evaluate (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error)
{
  const Counts before = counts_now ();
  const gboolean ok = watch.inner->evaluate (denoiser, batch, cancellable,
      error);

  watch.network = counts_add (watch.network, counts_add (counts_now (), before,
          -1), 1);
  return ok;
}

static void
progress (const RdProgress * progress, gpointer user_data)
{
  if (progress->region > 0 || progress->step < watch.n_steps)
    return;
  fail_unless (watch.n_steps <= MAX_STEPS);
  watch.steps[watch.n_steps++] = counts_add (counts_now (), watch.network, -1);
}

static void
setup (void)
{
  static RdDenoiserClass klass;

  rd_loop_setup ();
  rd_recorder_install (rd_loop_stream ()->device);
  watch = (Watch) {
  .inner = rd_loop_denoiser ()->klass};
  klass = *watch.inner;
  klass.evaluate = evaluate;
  rd_loop_denoiser ()->klass = &klass;
}

static void
teardown (void)
{
  rd_recorder_remove (rd_loop_stream ()->device);
  rd_loop_teardown ();
}

/* Leaves in `watch` what a job's steps cost. */
static void
run_job (RdMode mode, const char *sampler, RdNoiseOrigin noise, RdType type)
{
  const gint64 dims[] = { 1, RD_LOOP_CHANNELS, RD_LOOP_SIDE, RD_LOOP_SIDE };
  RdJob *job = rd_job_new (rd_loop_owner ("base", sampler, "karras", 0.0));
  g_autofree float *zeros = g_new0 (float, RD_LOOP_CHANNELS * RD_LOOP_CELLS);
  g_autoptr (RdTensor) latent = NULL, result = NULL;

  rd_loop_denoiser ()->type = type;
  job->mode = mode;
  job->steps = MAX_STEPS;
  job->noise_origin = noise;
  job->progress = progress;
  job->base->guide.cfg = 7.0;
  for (guint j = 0; j < REGIONS; j++) {
    const RdLoopRegion region = { sampler, "karras", j,
      {j * 32, 0, j * 32 + 32, 64}, 0, 1, 0, 0, 1
    };

    rd_loop_add_region (job, &region);
    ((RdOwner *) job->regions->pdata[j])->guide.cfg = 7.0;
  }
  latent = rd_tensor_new_from_host (rd_loop_stream (), RD_TYPE_F32, 4, dims,
      zeros);
  result = rd_job_run (job, latent, NULL, NULL, NULL);
  fail_unless (result != NULL);
  fail_unless_equals_int (watch.n_steps, MAX_STEPS + 1);
  rd_job_free (job);
}

static Counts
cost_of_step (guint step)
{
  return counts_add (watch.steps[step + 1], watch.steps[step], -1);
}

GST_START_TEST (test_cost_of_a_step)
{
  const guint k = __i__ / G_N_ELEMENTS (types);
  const RdType type = types[__i__ % G_N_ELEMENTS (types)];
  const guint64 latent = RD_LOOP_CHANNELS * RD_LOOP_CELLS * sizeof (float);
  const guint64 least = least_bytes (&cases[k].least, latent,
      latent / sizeof (float) * rd_type_size (type),
      latent / RD_LOOP_CHANNELS);
  Counts step;

  run_job (cases[k].mode, cases[k].sampler, cases[k].noise, type);
  step = cost_of_step (MAX_STEPS / 2);
  g_print
      ("%s, %s, network of %s: %u launches a step, %.1f latents moved, %.2f "
      "of the least\n", rd_mode_name (cases[k].mode), cases[k].sampler,
      rd_type_name (type), (guint) step.launches, (double) step.bytes / latent,
      (double) step.bytes / least);
  /* every answer is looked at */
  fail_unless_equals_int (step.launches,
      cases[k].launches + cases[k].least.answers);
  /* what is not recorded would cost nothing */
  fail_unless_equals_int (step.operations, step.launches);
  fail_unless (step.bytes >= least);
  fail_unless (step.bytes * 100 <= least * 125);
}

GST_END_TEST;

/* From one step to the next; all of a run's memory is taken in the first ones,
 * as many as solvers remember. */
GST_START_TEST (test_steps_follow_each_other)
{
  const guint k = __i__;
  const guint settled = 3;

  run_job (cases[k].mode, cases[k].sampler, cases[k].noise, RD_TYPE_F16);
  for (guint i = 0; i < MAX_STEPS; i++) {
    const Counts step = cost_of_step (i);

    fail_unless_equals_int (step.downloads, 0);
    fail_unless_equals_int (step.waits, 0);
    fail_unless (i < settled || step.allocations == 0, "step %u", i);
  }
  /* the first ones do, or this would count nothing */
  fail_unless (cost_of_step (0).allocations > 0);
}

GST_END_TEST;

/* Whatever the method, in any mode. */
static const RdMode modes[] = { RD_MODE_PARALLEL, RD_MODE_FUSED,
  RD_MODE_SEQUENTIAL, RD_MODE_IMPACT, RD_MODE_IMPACT_SIMPLE
};

GST_START_TEST (test_no_method_waits)
{
  guint n_solvers;
  const RdSolverInfo *solvers = rd_solver_list (&n_solvers);

  for (guint run = 0; run < 2 * n_solvers; run++) {
    const guint k = run / 2;

    if (g_str_equal (solvers[k].name, "dpm_adaptive"))
      continue;
    watch.n_steps = 0;
    run_job (modes[__i__], solvers[k].name,
        run % 2 ? RD_NOISE_DEVICE : RD_NOISE_TORCH, RD_TYPE_F32);
    for (guint i = 0; i < MAX_STEPS; i++) {
      const Counts step = cost_of_step (i);

      fail_unless (step.downloads == 0 && step.waits == 0, "%s, %s, step %u",
          rd_mode_name (modes[__i__]), solvers[k].name, i);
    }
  }
}

GST_END_TEST;

/* The one whose size of step depends on data. */
GST_START_TEST (test_adaptive_steps_wait)
{
  run_job (RD_MODE_PARALLEL, "dpm_adaptive", RD_NOISE_TORCH, RD_TYPE_F32);
  for (guint i = 0; i < MAX_STEPS - 1; i++) {
    fail_unless (cost_of_step (i).downloads > 0, "step %u", i);
    fail_unless (cost_of_step (i).waits > 0, "step %u", i);
  }
}

GST_END_TEST;

static Suite *
launches_suite (void)
{
  Suite *suite = suite_create ("launches");
  TCase *chain = tcase_create ("launches");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, setup, teardown);
  tcase_add_loop_test (chain, test_cost_of_a_step, 0,
      G_N_ELEMENTS (cases) * G_N_ELEMENTS (types));
  tcase_add_loop_test (chain, test_steps_follow_each_other, 0,
      G_N_ELEMENTS (cases));
  tcase_add_loop_test (chain, test_no_method_waits, 0, G_N_ELEMENTS (modes));
  tcase_add_test (chain, test_adaptive_steps_wait);
  return suite;
}

GST_CHECK_MAIN (launches);
