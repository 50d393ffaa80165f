/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What the golden cases of mode `impact-simple` leave open: second seeds,
 * stages that are a plain sampler's run, and what is said about pictures that
 * the node spoils. */

#include <gst/check/gstcheck.h>
#include <string.h>

#include "../looptest.h"
#include "loop/seed.h"

#define N (RD_LOOP_CHANNELS * RD_LOOP_CELLS)
#define STEPS 6
#define WRAP (G_GUINT64_CONSTANT (1) << 50)

static void
take_warning (const char *message, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup (message));
}

static RdJob *
new_job (RdMode mode, const char *sampler)
{
  RdJob *job = rd_job_new (rd_loop_owner ("base", sampler, "karras", 0.5));

  job->mode = mode;
  job->steps = STEPS;
  job->noise_seed = 42;
  return job;
}

static RdJob *
new_simple (const char *sampler, guint base_only_steps, RdSeed2ndMode mode,
    guint64 seed_2nd)
{
  const RdLoopRegion region =
      { sampler, "karras", -0.5, {0, 0, 64, 128}, 0, 1, 0, 0, 1 };
  RdJob *job = new_job (RD_MODE_IMPACT_SIMPLE, sampler);

  rd_loop_add_region (job, &region);
  job->base_only_steps = base_only_steps;
  job->seed_2nd_mode = mode;
  job->seed_2nd = seed_2nd;
  return job;
}

static float *
download (const RdTensor * latent)
{
  float *values = g_malloc (latent->size);

  fail_unless (rd_tensor_download (latent, values, NULL));
  return values;
}

/* Takes the job; the latent is not empty, so that `denoise` shows. */
static float *
run (RdJob * job)
{
  const gint64 dims[] = { 1, RD_LOOP_CHANNELS, RD_LOOP_SIDE, RD_LOOP_SIDE };
  g_autofree float *values = g_new (float, N);
  g_autoptr (RdTensor) latent = NULL, result = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N; i++)
    values[i] = (float) (i % 7) - 3.0f;
  latent = rd_tensor_new_from_host (rd_loop_stream (), RD_TYPE_F32, 4, dims,
      values);
  result = rd_job_run (job, latent, NULL, NULL, &error);
  g_assert_no_error (error);
  rd_job_free (job);
  return download (result);
}

static gboolean
equal (const float *a, const float *b)
{
  return memcmp (a, b, N * sizeof (float)) == 0;
}

static void
check_refusal (RdJob * job, const char *message)
{
  g_autoptr (RdTensor) latent = rd_loop_zeros (1);
  g_autoptr (GError) error = NULL;

  fail_unless (rd_job_run (job, latent, NULL, NULL, &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SETTINGS));
  fail_unless (strstr (error->message, message) != NULL,
      "'%s' does not say '%s'", error->message, message);
  rd_job_free (job);
}

/* The node's arithmetic, in Python's whole numbers of any size. */
static const struct
{
  RdSeed2ndMode mode;
  guint64 noise_seed, seed_2nd;
  guint64 want;
  const char *error;
} seeds[] = {
  {RD_SEED_2ND_IGNORE, 42, 7, 42},
  {RD_SEED_2ND_FIXED, 42, 7, 7},
  {RD_SEED_2ND_FIXED, 42, G_MAXUINT64, G_MAXUINT64},
  {RD_SEED_2ND_INCREMENT, 42, 7, 7},
  {RD_SEED_2ND_DECREMENT, 42, 7, 7},
  {RD_SEED_2ND_RANDOMIZE, 42, 7, 7},
  {RD_SEED_2ND_SUM, 42, 7, 49},
  {RD_SEED_2ND_SUM, WRAP, 0, WRAP},
  {RD_SEED_2ND_SUM, WRAP, 1, 1},
  {RD_SEED_2ND_SUM, WRAP, 2 * WRAP, 2 * WRAP},
  {RD_SEED_2ND_SUM, G_MAXUINT64, 1, G_MAXUINT64 - WRAP + 1},
  {RD_SEED_2ND_SUM, G_MAXUINT64, WRAP, G_MAXUINT64},
  {RD_SEED_2ND_SUM, G_MAXUINT64, WRAP + 1, 0,
      "noise-seed 18446744073709551615 + seed-2nd 1125899906842625 is not a "
        "valid seed"},
  {RD_SEED_2ND_DIFFERENCE, 42, 7, 35},
  {RD_SEED_2ND_DIFFERENCE, 7, 7, 0},
  {RD_SEED_2ND_DIFFERENCE, 7, 42, WRAP - 35},
  {RD_SEED_2ND_DIFFERENCE, 0, WRAP, 0},
  {RD_SEED_2ND_DIFFERENCE, 0, WRAP + 1, 0,
      "noise-seed 0 - seed-2nd 1125899906842625 is not a valid seed"},
};

GST_START_TEST (test_seed_of_the_regions)
{
  RdJob *job = new_simple ("euler", 2, seeds[__i__].mode,
      seeds[__i__].seed_2nd);
  g_autoptr (GError) error = NULL;
  guint64 seed;

  job->noise_seed = seeds[__i__].noise_seed;
  fail_unless_equals_int (rd_seed_2nd (job, &seed, &error),
      seeds[__i__].error == NULL);
  if (seeds[__i__].error) {
    check_refusal (job, seeds[__i__].error);
    return;
  }
  fail_unless_equals_uint64 (seed, seeds[__i__].want);
  rd_job_free (job);
}

GST_END_TEST;

/* From job to job, and then `fixed`. */
static guint64
advance (RdSeed2ndMode mode, guint64 seed_2nd, guint64 n_before)
{
  g_autoptr (RdJob) job = new_simple ("euler", 2, mode, seed_2nd);

  fail_unless (rd_seed_2nd_advance (job, n_before));
  fail_unless_equals_int (job->seed_2nd_mode, RD_SEED_2ND_FIXED);
  return job->seed_2nd;
}

GST_START_TEST (test_seeds_of_several_jobs)
{
  g_autoptr (RdJob) fixed = new_simple ("euler", 2, RD_SEED_2ND_FIXED, 7);
  g_autoptr (RdJob) other = new_job (RD_MODE_SEQUENTIAL, "euler");
  guint64 random, next;

  fail_unless_equals_uint64 (advance (RD_SEED_2ND_INCREMENT, 7, 0), 7);
  fail_unless_equals_uint64 (advance (RD_SEED_2ND_INCREMENT, 7, 3), 10);
  fail_unless_equals_uint64 (advance (RD_SEED_2ND_INCREMENT, G_MAXUINT64, 1),
      0);
  fail_unless_equals_uint64 (advance (RD_SEED_2ND_DECREMENT, 7, 3), 4);
  fail_unless_equals_uint64 (advance (RD_SEED_2ND_DECREMENT, 1, 2),
      G_MAXUINT64);

  g_random_set_seed (1);
  random = advance (RD_SEED_2ND_RANDOMIZE, 7, 0);
  next = advance (RD_SEED_2ND_RANDOMIZE, 7, 0);
  fail_unless (random != next && random < WRAP && next < WRAP);
  g_random_set_seed (1);
  fail_unless_equals_uint64 (advance (RD_SEED_2ND_RANDOMIZE, 8, 5), random);

  fail_if (rd_seed_2nd_advance (fixed, 3));
  fail_unless_equals_uint64 (fixed->seed_2nd, 7);
  other->seed_2nd_mode = RD_SEED_2ND_INCREMENT;
  fail_if (rd_seed_2nd_advance (other, 3));
}

GST_END_TEST;

/* The second seed is that of the added noise and of samplers' own. */
GST_START_TEST (test_seed_counts_after_the_base)
{
  g_autofree float *fixed =
      run (new_simple ("euler_ancestral", 2, RD_SEED_2ND_FIXED, 49));
  g_autofree float *sum =
      run (new_simple ("euler_ancestral", 2, RD_SEED_2ND_SUM, 7));
  g_autofree float *other =
      run (new_simple ("euler_ancestral", 2, RD_SEED_2ND_FIXED, 50));
  g_autofree float *ignored =
      run (new_simple ("euler_ancestral", 2, RD_SEED_2ND_IGNORE, 49));
  g_autofree float *none =
      run (new_simple ("euler_ancestral", 2, RD_SEED_2ND_IGNORE, 0));

  fail_unless (equal (fixed, sum));
  fail_if (equal (fixed, other));
  fail_if (equal (fixed, ignored));
  fail_unless (equal (ignored, none));
}

GST_END_TEST;

/* Base-only steps are one run of the base's sampler, with its memory. */
static const struct
{
  const char *sampler;
  double denoise;
} whole_runs[] = {
  {"euler", 1.0}, {"euler", 0.5}, {"dpmpp_2m", 1.0}, {"dpmpp_2m", 0.7},
  {"uni_pc", 1.0}, {"euler_ancestral", 0.5}, {"dpmpp_2m_sde", 1.0},
  {"dpm_2", 0.5}, {"dpm_fast", 1.0},
};

GST_START_TEST (test_base_only_is_a_plain_sampler)
{
  RdJob *plain = new_job (RD_MODE_SEQUENTIAL, whole_runs[__i__].sampler);
  RdJob *simple = new_simple (whole_runs[__i__].sampler, STEPS,
      RD_SEED_2ND_IGNORE, 0);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autofree float *want = NULL, *got = NULL;

  plain->denoise = simple->denoise = whole_runs[__i__].denoise;
  simple->warning = take_warning;
  simple->user_data = warnings;
  want = run (plain);
  got = run (simple);
  fail_unless (equal (got, want), "%s", whole_runs[__i__].sampler);
  fail_unless_equals_int (warnings->len, 1);
  fail_unless_equals_string (warnings->pdata[0], "base-only-steps is 6 and "
      "steps 6: no region runs in mode 'impact-simple'");
}

GST_END_TEST;

typedef struct
{
  const RdOwner *base;
  float *latent;
} FirstPass;

static void
keep_first_pass (const RdOwner * owner, guint step, const RdTensor * latent,
    gpointer user_data)
{
  FirstPass *pass = user_data;

  if (owner != pass->base || pass->latent)
    return;
  fail_unless_equals_int (step, STEPS - 2);
  pass->latent = download (latent);
  for (guint i = 0; i < N; i++)
    pass->latent[i] /= 0.18215f;
}

/* With a second seed they end without noise, as if the schedule did there; an
 * SDE sampler's noise is laid over the levels that are left. */
GST_START_TEST (test_base_only_ends_without_noise)
{
  RdJob *plain = new_job (RD_MODE_SEQUENTIAL, "dpmpp_2m_sde");
  RdJob *simple = new_simple ("dpmpp_2m_sde", STEPS - 1, RD_SEED_2ND_FIXED, 1);
  FirstPass first = { simple->base };
  g_autofree float *want = NULL, *got = NULL;

  plain->end_at_step = STEPS - 1;
  simple->trace = keep_first_pass;
  simple->user_data = &first;
  want = run (plain);
  got = run (simple);
  fail_unless (first.latent != NULL);
  for (guint i = 0; i < N; i++)
    fail_unless (ABS (first.latent[i] - want[i]) < 1e-4);
  g_free (first.latent);
}

GST_END_TEST;

static const struct
{
  guint steps, base_only_steps;
  RdSeed2ndMode mode;
  const char *warning;
} noisy[] = {
  {4, 0, RD_SEED_2ND_IGNORE, "in each of the 4 steps"},
  {4, 0, RD_SEED_2ND_FIXED, "in each of the 4 steps"},
  {4, 2, RD_SEED_2ND_SUM, "in each of the 2 steps"},
  {4, 3, RD_SEED_2ND_FIXED, NULL},
  {1, 0, RD_SEED_2ND_IGNORE, NULL},
  {4, 1, RD_SEED_2ND_IGNORE, NULL},
  {4, 5, RD_SEED_2ND_IGNORE, "no region runs"},
};

GST_START_TEST (test_warnings)
{
  RdJob *job = new_simple ("euler", noisy[__i__].base_only_steps,
      noisy[__i__].mode, 7);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  job->steps = noisy[__i__].steps;
  job->warning = take_warning;
  job->user_data = warnings;
  g_free (run (job));
  fail_unless_equals_int (warnings->len, noisy[__i__].warning ? 1 : 0);
  if (noisy[__i__].warning)
    fail_unless (strstr (warnings->pdata[0], noisy[__i__].warning) != NULL,
        "%s", (char *) warnings->pdata[0]);
}

GST_END_TEST;

/* Once, although noise with the region's own is made twice. */
GST_START_TEST (test_edges_are_told_once)
{
  RdJob *job = new_simple ("euler", STEPS - 1, RD_SEED_2ND_FIXED, 7);
  RdOwner *region = job->regions->pdata[0];
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < region->mask->width * region->mask->height; i++)
    region->mask->data[i] = i % region->mask->width < 60;
  region->variation = (RdVariation) {
  8, 0.3, RD_VARIATION_LINEAR};
  job->warning = take_warning;
  job->user_data = warnings;
  g_free (run (job));
  fail_unless_equals_int (warnings->len, 1);
  fail_unless (strstr (warnings->pdata[0], "16 latent cells on the edge"));
  fail_unless (strstr (warnings->pdata[0], "mode 'impact-simple'"));
}

GST_END_TEST;

/* A schedule with more levels than steps: there is something to finalize. */
GST_START_TEST (test_longer_schedule)
{
  RdJob *on = new_simple ("euler", 28, RD_SEED_2ND_IGNORE, 0);
  RdJob *off = new_simple ("euler", 28, RD_SEED_2ND_IGNORE, 0);
  g_autofree float *restored = NULL, *finalized = NULL;

  on->steps = off->steps = 30;
  on->base->scheduler = off->base->scheduler =
      rd_scheduler_find ("ddim_uniform", NULL);
  off->restore_latent = FALSE;
  restored = run (on);
  finalized = run (off);
  fail_if (equal (restored, finalized));
}

GST_END_TEST;

static void
check_progress (const RdProgress * progress, gpointer user_data)
{
  RdProgress *last = user_data;

  fail_unless (progress->fraction >= last->fraction
      && progress->fraction <= 1.0);
  fail_unless (progress->step >= last->step);
  fail_unless_equals_int (progress->steps, STEPS);
  *last = *progress;
}

/* ... counts the steps that run, with `denoise` and whatever sampler. */
GST_START_TEST (test_progress)
{
  for (guint i = 0; i < G_N_ELEMENTS (whole_runs); i++) {
    for (guint base_only = 0; base_only <= STEPS; base_only += 3) {
      RdJob *job = new_simple (whole_runs[i].sampler, base_only,
          RD_SEED_2ND_IGNORE, 0);
      RdProgress last = { 0 };

      job->denoise = 0.5;
      job->progress = check_progress;
      job->user_data = &last;
      g_free (run (job));
      fail_unless (last.fraction == 1.0);
      fail_unless_equals_int (last.step, STEPS);
    }
  }
}

GST_END_TEST;

GST_START_TEST (test_too_many_steps)
{
  RdJob *job = new_simple ("euler", 2, RD_SEED_2ND_IGNORE, 0);

  job->denoise = 1e-300;
  check_refusal (job, "with 6 steps requires a schedule of 6000");
}

GST_END_TEST;

static Suite *
impact_simple_suite (void)
{
  Suite *suite = suite_create ("impact-simple");
  TCase *chain = tcase_create ("impact-simple");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, rd_loop_setup, rd_loop_teardown);
  tcase_add_loop_test (chain, test_seed_of_the_regions, 0,
      G_N_ELEMENTS (seeds));
  tcase_add_test (chain, test_seeds_of_several_jobs);
  tcase_add_test (chain, test_seed_counts_after_the_base);
  tcase_add_loop_test (chain, test_base_only_is_a_plain_sampler, 0,
      G_N_ELEMENTS (whole_runs));
  tcase_add_test (chain, test_base_only_ends_without_noise);
  tcase_add_loop_test (chain, test_warnings, 0, G_N_ELEMENTS (noisy));
  tcase_add_test (chain, test_edges_are_told_once);
  tcase_add_test (chain, test_longer_schedule);
  tcase_add_test (chain, test_progress);
  tcase_add_test (chain, test_too_many_steps);
  return suite;
}

GST_CHECK_MAIN (impact_simple);
