/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Runs that their caller steps: by turns, together, and not to their end. */

#include <gst/check/gstcheck.h>
#include <string.h>

#include "../looptest.h"
#include "loop/modes.h"

static const char *const samplers[] = {
  "euler", "heun", "euler_ancestral", "dpmpp_2m", "dpmpp_sde", "uni_pc",
};

#define N_SAMPLERS G_N_ELEMENTS (samplers)

/* What the network was shown. */
typedef struct
{
  guint n_calls;
  guint n_mixed;                /* batches with more than one timestep */
  GCancellable *cancel;         /* ends at the call @at, or NULL */
  guint at;
} Seen;

static Seen seen;

static gboolean
evaluate (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error)
{
  gboolean mixed = FALSE;

  for (gint64 i = 0; i < batch->input->dims[0]; i++)
    mixed |= batch->timesteps[i] != batch->timesteps[0];
  seen.n_mixed += mixed;
  if (seen.n_calls++ == seen.at && seen.cancel)
    g_cancellable_cancel (seen.cancel);
  return !g_cancellable_set_error_if_cancelled (cancellable, error)
      && rd_loop_denoiser ()->klass->evaluate (denoiser, batch, cancellable,
      error);
}

static gboolean
refuse (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error)
{
  g_set_error (error, RD_ERROR, RD_ERROR_FAILED, "it is broken");
  return FALSE;
}

static RdDenoiser *
new_denoiser (gboolean (*func) (RdDenoiser * denoiser, const RdBatch * batch,
        GCancellable * cancellable, GError ** error), RdDenoiserClass * klass)
{
  RdDenoiser *denoiser = rd_analytic_new (rd_loop_denoiser ()->prediction,
      RD_LOOP_CHANNELS);

  *klass = *denoiser->klass;
  klass->evaluate = func;
  denoiser->klass = klass;
  return denoiser;
}

/* Jobs of the same network, which is seen at work, or of a broken one. */
static RdDenoiser *recorder, *broken;

static void
setup (void)
{
  static RdDenoiserClass recording, breaking;

  rd_loop_setup ();
  recorder = new_denoiser (evaluate, &recording);
  broken = new_denoiser (refuse, &breaking);
  memset (&seen, 0, sizeof seen);
}

static void
teardown (void)
{
  rd_denoiser_unref (recorder);
  rd_denoiser_unref (broken);
  rd_loop_teardown ();
}

static void
set_denoiser (RdOwner * owner, RdDenoiser * denoiser)
{
  rd_denoiser_unref (owner->guide.denoiser);
  owner->guide.denoiser = rd_denoiser_ref (denoiser);
}

/* Two regions beside the base; jobs of another @seed differ in all that may
 * differ. */
static RdJob *
new_job (RdMode mode, const char *sampler, guint seed)
{
  const RdLoopRegion left = { sampler, "karras", 1.0 + seed, {0, 0, 56, 128}, 0,
  1, 0, 0, 1
  };
  const RdLoopRegion right = { sampler, "karras", -1.0, {72, 0, 128, 100}, 0, 1,
  0, 0, 1
  };
  RdJob *job = rd_job_new (rd_loop_owner ("base", sampler, "karras",
          0.5 * seed));

  job->mode = mode;
  job->noise_seed = seed;
  job->steps = 4 + seed;
  job->base_only_steps = mode == RD_MODE_IMPACT_SIMPLE ? 2 : 0;
  job->downscale = RD_LOOP_DOWNSCALE;
  rd_loop_add_region (job, &left);
  rd_loop_add_region (job, &right);
  set_denoiser (job->base, recorder);
  for (guint j = 0; j < job->regions->len; j++)
    set_denoiser (job->regions->pdata[j], recorder);
  job->base->guide.cfg = 3.0;
  return job;
}

static RdTensor *
new_latent (void)
{
  const gint64 dims[] = { 1, RD_LOOP_CHANNELS, RD_LOOP_SIDE, RD_LOOP_SIDE };
  g_autofree float *values = g_new (float, RD_LOOP_CHANNELS * RD_LOOP_CELLS);

  for (guint i = 0; i < RD_LOOP_CHANNELS * RD_LOOP_CELLS; i++)
    values[i] = (float) (i % 7) - 3.0f;
  return rd_tensor_new_from_host (rd_loop_stream (), RD_TYPE_F32, 4, dims,
      values);
}

static RdRun *
begin (const RdJob * job, GCancellable * cancellable)
{
  g_autoptr (RdTensor) latent = new_latent ();
  g_autoptr (GError) error = NULL;
  RdRun *run = rd_run_begin (job, latent, cancellable, &error);

  g_assert_no_error (error);
  return run;
}

static float *
download (const RdTensor * latent)
{
  float *values = g_malloc (latent->size);

  fail_unless (rd_tensor_download (latent, values, NULL));
  return values;
}

/* What a job makes and does when it has the process for itself. */
typedef struct
{
  float *values;
  RdJobStats stats;
} Alone;

static void
alone_init (Alone * alone, const RdJob * job)
{
  g_autoptr (RdTensor) latent = new_latent (), result = NULL;
  g_autoptr (GError) error = NULL;

  result = rd_job_run (job, latent, &alone->stats, NULL, &error);
  g_assert_no_error (error);
  alone->values = download (result);
}

/* Ends a run, which has the bits and has done the work of one alone. */
static void
check_run (RdRun * run, const Alone * alone)
{
  g_autoptr (RdTensor) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree float *values = NULL;
  RdJobStats stats;

  result = rd_run_end (run, &stats, &error);
  g_assert_no_error (error);
  values = download (result);
  fail_unless (memcmp (values, alone->values, result->size) == 0);
  fail_unless_equals_uint64 (stats.guidance.calls, alone->stats.guidance.calls);
  fail_unless_equals_uint64 (stats.guidance.rows, alone->stats.guidance.rows);
  fail_unless_equals_uint64 (stats.passes, alone->stats.passes);
  fail_unless (stats.guidance.network_us <= stats.total_us);
}

static const RdMode all_modes[] = {
  RD_MODE_IMPACT, RD_MODE_IMPACT_SIMPLE, RD_MODE_SEQUENTIAL, RD_MODE_PARALLEL,
  RD_MODE_FUSED,
};

#define N_MODES G_N_ELEMENTS (all_modes)

GST_START_TEST (test_by_turns)
{
  const RdMode mode = all_modes[__i__ / N_SAMPLERS];
  const char *sampler = samplers[__i__ % N_SAMPLERS];
  g_autoptr (RdJob) job = new_job (mode, sampler, 1);
  g_autoptr (RdJob) other = new_job (mode, sampler, 2);
  Alone alone, other_alone;
  RdRun *run, *other_run;
  gboolean more = TRUE;

  alone_init (&alone, job);
  alone_init (&other_alone, other);
  run = begin (job, NULL);
  other_run = begin (other, NULL);
  while (more) {
    more = rd_run_step (run);
    more |= rd_run_step (other_run);
  }
  fail_unless_equals_int (seen.n_mixed, 0);
  check_run (other_run, &other_alone);
  check_run (run, &alone);
  g_free (alone.values);
  g_free (other_alone.values);
}

GST_END_TEST;

/* Runs that are stepped together share batches, at different timesteps when one
 * has joined late, and do what they do alone. */
GST_START_TEST (test_together)
{
  const RdMode mode = all_modes[__i__ / N_SAMPLERS];
  const char *sampler = samplers[__i__ % N_SAMPLERS];
  g_autoptr (RdJob) job = new_job (mode, sampler, 1);
  g_autoptr (RdJob) other = new_job (mode, sampler, 2);
  Alone alone, other_alone;
  RdRun *runs[2];

  alone_init (&alone, job);
  alone_init (&other_alone, other);
  runs[0] = begin (job, NULL);
  fail_unless (rd_run_step (runs[0]));
  fail_unless (rd_run_step (runs[0]));
  runs[1] = begin (other, NULL);

  seen.n_mixed = 0;
  fail_unless (rd_runs_step (2, runs));
  fail_unless (seen.n_mixed > 0);
  while (rd_runs_step (2, runs));
  check_run (runs[0], &alone);
  check_run (runs[1], &other_alone);
  g_free (alone.values);
  g_free (other_alone.values);
}

GST_END_TEST;

/* From the first step on, and with as many evaluations as one run alone. */
GST_START_TEST (test_one_batch_for_all)
{
  const RdMode mode = all_modes[__i__];
  g_autoptr (RdJob) job = new_job (mode, "euler", 1);
  g_autoptr (RdJob) other = new_job (mode, "euler", 2);
  Alone alone, other_alone;
  RdRun *runs[2];
  guint before;

  other->steps = job->steps;
  alone_init (&alone, job);
  alone_init (&other_alone, other);
  runs[0] = begin (job, NULL);
  runs[1] = begin (other, NULL);
  before = seen.n_calls;
  while (rd_runs_step (2, runs));
  fail_unless_equals_uint64 (seen.n_calls - before, alone.stats.guidance.calls);
  check_run (runs[0], &alone);
  check_run (runs[1], &other_alone);
  g_free (alone.values);
  g_free (other_alone.values);
}

GST_END_TEST;

/* Jobs of all modes at once. */
GST_START_TEST (test_modes_together)
{
  RdJob *jobs[N_MODES];
  RdRun *runs[N_MODES];
  Alone alone[N_MODES];

  for (guint k = 0; k < N_MODES; k++) {
    jobs[k] = new_job (all_modes[k], samplers[__i__], k);
    alone_init (&alone[k], jobs[k]);
    runs[k] = begin (jobs[k], NULL);
  }
  while (rd_runs_step (N_MODES, runs));
  for (guint k = 0; k < N_MODES; k++) {
    check_run (runs[k], &alone[k]);
    g_free (alone[k].values);
    rd_job_free (jobs[k]);
  }
}

GST_END_TEST;

/* One call is one step of the schedule, but for a sampler that takes a run in
 * one go. */
GST_START_TEST (test_steps_are_counted)
{
  const RdMode mode = all_modes[__i__];
  g_autoptr (RdJob) job = new_job (mode, "euler", 1);
  g_autoptr (RdJob) one_go = new_job (RD_MODE_PARALLEL, "dpm_fast", 1);
  g_autoptr (RdJob) none = new_job (RD_MODE_PARALLEL, "euler", 1);
  /* the node's last pass lies past the end */
  const guint steps = job->steps + (mode == RD_MODE_IMPACT_SIMPLE ? 1 : 0);
  RdRun *run = begin (job, NULL);
  guint n = 1;

  while (rd_run_step (run))
    n++;
  fail_unless_equals_int (n, steps);
  fail_if (rd_run_step (run));
  rd_tensor_unref (rd_run_end (run, NULL, NULL));

  g_ptr_array_set_size (one_go->regions, 0);
  run = begin (one_go, NULL);
  fail_if (rd_run_step (run));
  rd_tensor_unref (rd_run_end (run, NULL, NULL));

  none->denoise = 0.0;
  seen.n_calls = 0;
  run = begin (none, NULL);
  fail_if (rd_run_step (run));
  rd_tensor_unref (rd_run_end (run, NULL, NULL));
  fail_unless_equals_int (seen.n_calls, 0);
}

GST_END_TEST;

/* A run may be abandoned after any step, and leaves nothing. */
GST_START_TEST (test_abandoned)
{
  const RdMode mode = all_modes[__i__ / N_SAMPLERS];
  g_autoptr (RdJob) job = new_job (mode, samplers[__i__ % N_SAMPLERS], 1);
  const RdStream *stream = rd_loop_stream ();
  const gsize before = stream->bytes_in_use;

  for (guint n = 0; n <= job->steps; n++) {
    g_autoptr (RdRun) run = begin (job, NULL);

    for (guint i = 0; i < n; i++)
      rd_run_step (run);
    fail_unless (stream->bytes_in_use > before);
    g_clear_pointer (&run, rd_run_free);
    fail_unless_equals_uint64 (stream->bytes_in_use, before);
  }
}

GST_END_TEST;

static void
check_failure (RdRun * run, GQuark domain, int code)
{
  RdJobStats stats = { {4711} };
  g_autoptr (GError) error = NULL;

  fail_if (rd_run_step (run));
  fail_unless (rd_run_end (run, &stats, &error) == NULL);
  fail_unless (g_error_matches (error, domain, code), "%s", error->message);
  fail_unless_equals_uint64 (stats.guidance.calls, 4711);
}

/* A run that is cancelled in a shared evaluation, whichever it is, leaves the
 * others as they are, and no memory. */
GST_START_TEST (test_cancelled)
{
  const RdMode mode = all_modes[__i__];
  g_autoptr (RdJob) job = new_job (mode, "heun", 1);
  g_autoptr (RdJob) other = new_job (mode, "heun", 2);
  const RdStream *stream = rd_loop_stream ();
  const gsize before = stream->bytes_in_use;
  Alone other_alone;

  alone_init (&other_alone, other);
  for (guint at = 0; at < 8; at++) {
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    g_autoptr (GCancellable) unused = g_cancellable_new ();
    RdRun *runs[] = { begin (job, cancellable), begin (other, unused) };
    g_autoptr (RdTensor) result = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree float *values = NULL;

    seen.n_calls = 0;
    seen.at = at;
    seen.cancel = cancellable;
    while (rd_runs_step (2, runs));
    fail_unless (seen.n_calls > at);
    seen.cancel = NULL;
    check_failure (runs[0], G_IO_ERROR, G_IO_ERROR_CANCELLED);
    result = rd_run_end (runs[1], NULL, &error);
    g_assert_no_error (error);
    values = download (result);
    fail_unless (memcmp (values, other_alone.values, result->size) == 0);
  }
  g_free (other_alone.values);
  fail_unless_equals_uint64 (stream->bytes_in_use, before);
}

GST_END_TEST;

/* So does one whose network fails. */
GST_START_TEST (test_failure_is_one_runs_own)
{
  const RdMode mode = all_modes[__i__];
  g_autoptr (RdJob) job = new_job (mode, "euler", 1);
  g_autoptr (RdJob) other = new_job (mode, "euler", 2);
  RdRun *runs[2];
  Alone other_alone;
  g_autoptr (RdTensor) result = NULL;
  g_autofree float *values = NULL;

  alone_init (&other_alone, other);
  set_denoiser (job->regions->pdata[1], broken);
  runs[0] = begin (job, NULL);
  runs[1] = begin (other, NULL);
  while (rd_runs_step (2, runs));
  check_failure (runs[0], RD_ERROR, RD_ERROR_FAILED);
  result = rd_run_end (runs[1], NULL, NULL);
  values = download (result);
  fail_unless (memcmp (values, other_alone.values, result->size) == 0);
  g_free (other_alone.values);
}

GST_END_TEST;

GST_START_TEST (test_settings_are_refused_at_the_beginning)
{
  const RdMode mode = all_modes[__i__];
  g_autoptr (RdJob) job = new_job (mode, "euler", 1);
  g_autoptr (RdTensor) latent = new_latent ();
  g_autoptr (GError) error = NULL;

  if (mode == RD_MODE_FUSED)
    ((RdOwner *) job->regions->pdata[0])->solver =
        rd_solver_find ("heun", NULL);
  else if (mode == RD_MODE_IMPACT || mode == RD_MODE_IMPACT_SIMPLE)
    g_ptr_array_set_size (job->regions, 0);
  else
    job->steps = 0;
  fail_unless (rd_run_begin (job, latent, NULL, &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SETTINGS));
}

GST_END_TEST;

static Suite *
run_suite (void)
{
  Suite *suite = suite_create ("run");
  TCase *chain = tcase_create ("run");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, setup, teardown);
  tcase_add_loop_test (chain, test_by_turns, 0, N_MODES * N_SAMPLERS);
  tcase_add_loop_test (chain, test_together, 0, N_MODES * N_SAMPLERS);
  tcase_add_loop_test (chain, test_one_batch_for_all, 0, N_MODES);
  tcase_add_loop_test (chain, test_modes_together, 0, N_SAMPLERS);
  tcase_add_loop_test (chain, test_steps_are_counted, 0, N_MODES);
  tcase_add_loop_test (chain, test_abandoned, 0, N_MODES * N_SAMPLERS);
  tcase_add_loop_test (chain, test_cancelled, 0, N_MODES);
  tcase_add_loop_test (chain, test_failure_is_one_runs_own, 0, N_MODES);
  tcase_add_loop_test (chain, test_settings_are_refused_at_the_beginning, 0,
      N_MODES);
  return suite;
}

GST_CHECK_MAIN (run);
