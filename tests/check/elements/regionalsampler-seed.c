/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The second seed of mode `impact-simple`, from job to job: what it is, and that
 * it is told so that a picture can be made again. */

#include "../rdtest.h"
#include "../samplertest.h"

#define SIMPLE "mode=impact-simple base-only-steps=1 noise-seed=5 " \
    "regions=\"[{\\\"prompt\\\":\\\"red\\\",\\\"box\\\":[0,0,0.5,1]}]\" "

typedef struct
{
  gboolean told;
  guint64 job, noise_seed, seed_2nd;
  GstClockTime pts;
} Seed;

/* Runs a job and takes what is told of its seed, before anything of the job. */
static float *
next (SamplerTest * test, GstClockTime pts, Seed * seed)
{
  float *values;
  GstMessage *message;
  gboolean sampling = FALSE;

  *seed = (Seed) {
  FALSE};
  gst_harness_push (test->latents, sampler_latent_new (pts));
  values = sampler_test_pull (test);
  while ((message = gst_bus_pop_filtered (test->bus,
              GST_MESSAGE_ELEMENT | GST_MESSAGE_PROGRESS))) {
    const GstStructure *s = gst_message_get_structure (message);

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_PROGRESS) {
      gchar *code;

      gst_message_parse_progress (message, NULL, &code, NULL);
      sampling |= g_str_equal (code, "sample");
      g_free (code);
    } else if (gst_structure_has_name (s, "regionalsampler-seed")) {
      fail_if (seed->told || sampling);
      seed->told = TRUE;
      fail_unless (gst_structure_get (s, "job", G_TYPE_UINT64, &seed->job,
              "noise-seed", G_TYPE_UINT64, &seed->noise_seed,
              "seed-2nd", G_TYPE_UINT64, &seed->seed_2nd,
              "pts", GST_TYPE_CLOCK_TIME, &seed->pts, NULL));
    }
    gst_message_unref (message);
  }
  return values;
}

static void
check_series (const char *mode, guint64 of_first, guint64 of_second)
{
  g_autofree char *properties = g_strdup_printf (SIMPLE "seed-2nd=7 "
      "seed-2nd-mode=%s", mode);
  const guint64 want[] = { of_first, of_second };
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, properties);
  for (guint i = 0; i < G_N_ELEMENTS (want); i++) {
    Seed seed;

    g_free (next (&test, i * GST_SECOND, &seed));
    fail_unless (seed.told);
    fail_unless_equals_uint64 (seed.job, i + 1);
    fail_unless_equals_uint64 (seed.noise_seed, 5);
    fail_unless_equals_uint64 (seed.seed_2nd, want[i]);
    fail_unless_equals_uint64 (seed.pts, i * GST_SECOND);
  }
}

GST_START_TEST (seeds_count_up_and_down)
{
  check_series ("increment", 7, 8);
  check_series ("decrement", 7, 6);
}

GST_END_TEST;

/* A random seed makes the picture that the told one makes. */
GST_START_TEST (random_seeds_are_told)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *before = NULL, *values = NULL, *again = NULL;
  g_autofree char *fixed = NULL;
  Seed earlier, seed;

  sampler_test_init (&test, SIMPLE "seed-2nd=7 seed-2nd-mode=randomize");
  before = next (&test, 0, &earlier);
  values = next (&test, GST_SECOND, &seed);
  fail_unless (earlier.told && seed.told);
  fail_unless (seed.seed_2nd != earlier.seed_2nd);
  sampler_assert_different (values, before);

  fixed = g_strdup_printf (SIMPLE "seed-2nd-mode=fixed seed-2nd=%"
      G_GUINT64_FORMAT, seed.seed_2nd);
  again = sampler_run (fixed);
  sampler_assert_equal (again, values);
}

GST_END_TEST;

/* What the settings say needs no telling. */
GST_START_TEST (other_seeds_are_not_told)
{
  static const char *const modes[] = {
    "ignore", "fixed", "seed+seed-2nd", "seed-seed-2nd",
  };
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, SIMPLE "seed-2nd=3");
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    Seed seed;

    gst_util_set_object_arg (G_OBJECT (test.element), "seed-2nd-mode",
        modes[i]);
    g_free (next (&test, i * GST_SECOND, &seed));
    fail_if (seed.told, "%s", modes[i]);
  }
}

GST_END_TEST;

/* One more with every latent is what a setting for each would be. */
GST_START_TEST (noise_seeds_count_up)
{
  g_auto (SamplerTest) test = { NULL };
  float *wanted[] = { sampler_run ("noise-seed=5"),
    sampler_run ("noise-seed=6"), sampler_run ("noise-seed=7")
  };

  sampler_test_init (&test, "noise-seed=5 seed-mode=increment");
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    Seed seed;
    g_autofree float *values = next (&test, i * GST_SECOND, &seed);

    sampler_assert_equal (values, wanted[i]);
    fail_unless_equals_int (seed.told, i > 0);
    fail_unless (!seed.told || seed.noise_seed == 5 + i);
    g_clear_pointer (&wanted[i], g_free);
  }
}

GST_END_TEST;

GST_START_TEST (random_noise_seeds_are_told)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *before = NULL, *values = NULL, *again = NULL;
  g_autofree char *fixed = NULL;
  Seed earlier, seed;

  sampler_test_init (&test, "noise-seed=5 seed-mode=random");
  before = next (&test, 0, &earlier);
  values = next (&test, GST_SECOND, &seed);
  fail_unless (earlier.told && seed.told);
  fail_unless (seed.noise_seed != earlier.noise_seed);
  sampler_assert_different (values, before);

  fixed = g_strdup_printf ("noise-seed=%" G_GUINT64_FORMAT, seed.noise_seed);
  again = sampler_run (fixed);
  sampler_assert_equal (again, values);
}

GST_END_TEST;

static Suite *
regionalsampler_seed_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-seed");
  TCase *chain = tcase_create ("seed");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, rd_test_hold_model, rd_test_release_model);
  tcase_add_test (chain, seeds_count_up_and_down);
  tcase_add_test (chain, random_seeds_are_told);
  tcase_add_test (chain, other_seeds_are_not_told);
  tcase_add_test (chain, noise_seeds_count_up);
  tcase_add_test (chain, random_noise_seeds_are_told);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_seed);
