/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Runs whose numbers become infinite or not a number: who is blamed. */

#include <gst/check/gstcheck.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "../looptest.h"
#include "loop/modes.h"

/* One number of the last row of one call of the network. */
typedef struct
{
  const RdDenoiserClass *inner;
  guint n_calls;
  guint at;
  float value;
} Fault;

static Fault fault;

static gboolean
evaluate (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error)
{
  if (!fault.inner->evaluate (denoiser, batch, cancellable, error))
    return FALSE;
  if (fault.n_calls++ == fault.at) {
    g_autofree float *values = g_malloc (batch->output->size);

    fail_unless (rd_tensor_download (batch->output, values, NULL));
    values[batch->output->n_elements - 1] = fault.value;
    rd_tensor_upload (batch->output, values);
  }
  return TRUE;
}

static void
setup (void)
{
  static RdDenoiserClass klass;

  rd_loop_setup ();
  memset (&fault, 0, sizeof fault);
  fault.at = G_MAXUINT;
  fault.inner = rd_loop_denoiser ()->klass;
  klass = *fault.inner;
  klass.evaluate = evaluate;
  rd_loop_denoiser ()->klass = &klass;
}

static RdTensor *
make_latent (float value)
{
  const gint64 dims[] = { 1, RD_LOOP_CHANNELS, RD_LOOP_SIDE, RD_LOOP_SIDE };
  g_autofree float *values = g_new0 (float, RD_LOOP_CHANNELS * RD_LOOP_CELLS);

  values[RD_LOOP_CELLS + 5] = value;
  return rd_tensor_new_from_host (rd_loop_stream (), RD_TYPE_F32, 4, dims,
      values);
}

static RdJob *
make_job (RdMode mode)
{
  static const RdLoopRegion region = {
    "euler", "normal", 2.0, {0, 0, RD_LOOP_SIDE * RD_LOOP_DOWNSCALE / 2,
        RD_LOOP_SIDE * RD_LOOP_DOWNSCALE}, 0.0, 1.0, 0, 0.0, 1.0
  };
  RdJob *job = rd_loop_job (mode, rd_loop_owner ("the base", "euler", "normal",
          -1.0), NULL);

  job->trace = NULL;
  rd_loop_add_region (job, &region);
  g_free (((RdOwner *) job->regions->pdata[0])->id);
  ((RdOwner *) job->regions->pdata[0])->id = g_strdup ("left");
  return job;
}

static void
assert_fails (RdJob * job, RdTensor * latent, const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RdTensor) result = rd_job_run (job, latent, NULL, NULL, &error);

  fail_unless (result == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_FAILED));
  for (; *words; words++)
    fail_unless (strstr (error->message, *words) != NULL, "no '%s' in: %s",
        *words, error->message);
}

/* In `parallel` and `fused` both owners are rows of one call; in the others each
 * has calls of its own. */
GST_START_TEST (test_who_is_named)
{
  static const struct
  {
    RdMode mode;
    guint at;
    float value;
    const char *words[6];
  } cases[] = {
    {RD_MODE_PARALLEL, 0, NAN, {"step 1 of 12", "left", "the network"}},
    {RD_MODE_PARALLEL, 11, INFINITY, {"step 12 of 12", "left", "sigma 0.0"}},
    {RD_MODE_FUSED, 4, -INFINITY, {"step 5 of 12", "for left"}},
    {RD_MODE_SEQUENTIAL, 6, NAN, {"step 4 of 12", "for the base"}},
    {RD_MODE_SEQUENTIAL, 7, NAN, {"step 4 of 12", "for left"}},
    {RD_MODE_IMPACT, 0, NAN, {"step 1 of 12", "for the base"}},
    {RD_MODE_IMPACT, 1, NAN, {"step 1 of 12", "for left"}},
  };
  g_autoptr (RdTensor) latent = make_latent (0.0f);
  RdJob *job = make_job (cases[__i__].mode);

  fault.at = cases[__i__].at;
  fault.value = cases[__i__].value;
  assert_fails (job, latent, cases[__i__].words);
  rd_job_free (job);
}

GST_END_TEST;

GST_START_TEST (test_half_precision)
{
  static const char *const words[] = {
    "step 3 of 12", "float16", "65504", "float32 export", NULL
  };
  g_autoptr (RdTensor) latent = make_latent (0.0f);
  RdJob *job = make_job (RD_MODE_SEQUENTIAL);
  RdOwner *left = job->regions->pdata[0];
  RdDenoiserClass klass = *rd_loop_denoiser ()->klass;
  g_autoptr (RdDenoiser) half =
      rd_analytic_new (rd_loop_denoiser ()->prediction, RD_LOOP_CHANNELS);

  /* a prediction that float16 has no number for */
  half->type = RD_TYPE_F16;
  rd_denoiser_unref (left->guide.denoiser);
  left->guide.denoiser = rd_denoiser_ref (half);
  fault.inner = half->klass;
  half->klass = &klass;
  fault.at = G_MAXUINT;
  rd_conditioning_unref (left->guide.positive);
  left->guide.positive = rd_analytic_prompt (rd_loop_stream (),
      RD_LOOP_CHANNELS, 1e9);
  assert_fails (job, latent, words + 1);
  rd_job_free (job);
}

GST_END_TEST;

GST_START_TEST (test_latent)
{
  static const char *const words[] = { "the latent to start from", NULL };
  static const float values[] = { NAN, INFINITY, -INFINITY };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    g_autoptr (RdTensor) latent = make_latent (values[i]);
    RdJob *job = make_job (RD_MODE_PARALLEL);

    assert_fails (job, latent, words);
    rd_job_free (job);
  }
}

GST_END_TEST;

/* On the way back to the VAE's scale, too. */
GST_START_TEST (test_scale)
{
  static const char *const words[] = { "the sampled latent", NULL };
  g_autoptr (RdTensor) latent = make_latent (0.0f);
  RdJob *job = make_job (RD_MODE_PARALLEL);

  job->scale = 1e-38;
  assert_fails (job, latent, words);
  rd_job_free (job);
}

GST_END_TEST;

/* The largest numbers are numbers: nothing is refused that is finite. */
GST_START_TEST (test_large_numbers)
{
  g_autoptr (RdTensor) latent = make_latent (1e30f);
  RdJob *job = make_job (RD_MODE_PARALLEL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RdTensor) result = rd_job_run (job, latent, NULL, NULL, &error);

  fail_unless (result != NULL, "%s", error ? error->message : "");
  rd_job_free (job);
}

GST_END_TEST;

static Suite *
finite_suite (void)
{
  Suite *suite = suite_create ("finite");
  TCase *chain = tcase_create ("finite");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, setup, rd_loop_teardown);
  tcase_add_loop_test (chain, test_who_is_named, 0, 7);
  tcase_add_test (chain, test_half_precision);
  tcase_add_test (chain, test_latent);
  tcase_add_test (chain, test_scale);
  tcase_add_test (chain, test_large_numbers);
  return suite;
}

GST_CHECK_MAIN (finite);
