/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The modes of regionalsampler as a user meets them: what they evaluate, and
 * that a picture comes out. */

#include <math.h>

#include "../launch.h"
#include "../rdtest.h"
#include "../samplertest.h"

#define REGIONS "overlap-factor=0 regions=\"red @0,0,0.5,1 | " \
    "green @0.5,0.5,0.5,0.5\" "

static const struct
{
  const gchar *mode;
  guint64 evaluations, rows;    /* of two steps */
} modes[] = {
  {"sequential", 6, 12},
  {"parallel", 2, 8},
  {"fused", 2, 8},
};

GST_START_TEST (evaluations_are_batched)
{
  g_autofree gchar *properties = g_strdup_printf (REGIONS "mode=%s",
      modes[__i__].mode);
  g_autofree gchar *other = g_strdup_printf (REGIONS "mode=%s prompt=blue",
      modes[__i__].mode);
  g_autofree float *values = NULL, *changed = NULL;
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, properties);
  values = sampler_test_run (&test);
  fail_unless_equals_uint64 (sampler_stat (test.element, "evaluations"),
      modes[__i__].evaluations);
  fail_unless_equals_uint64 (sampler_stat (test.element, "rows"),
      modes[__i__].rows);

  /* another base prompt changes the base's corner most */
  changed = sampler_run (other);
  fail_unless (sampler_distance (values, changed, (MaskBox) {
          80, 16, 32, 32})
      > 2 * sampler_distance (values, changed, (MaskBox) {
          16, 32, 32, 64}));
}

GST_END_TEST;

/* A crop that spans everything shows everything. */
/* A latent that is not empty. */
static GstBuffer *
new_input (float *values)
{
  GstBuffer *buffer = sampler_latent_new (0);

  for (guint i = 0; i < SAMPLER_N; i++)
    values[i] = (i * 37 % 101) / 25.0f - 2.0f;
  gst_buffer_fill (buffer, 0, values, SAMPLER_N * sizeof (float));
  return buffer;
}

/* Whoever says it in whatever way: the left half is as it came in, to the bit, and
 * the right half is not. */
GST_START_TEST (some_is_kept)
{
  static const char *const ways[] = {
    "keep-base=true regions=\"red @0.5,0,0.5,1\"",
    "regions=\"{\\\"base\\\":{\\\"keep\\\":true},\\\"regions\\\":["
        "{\\\"prompt\\\":\\\"red\\\",\\\"box\\\":[0.5,0,0.5,1]}]}\"",
    "prompt=red regions=\"[{\\\"keep\\\":true,\\\"box\\\":[0,0,0.5,1]}]\"",
    "prompt=red keep-base=true regions=\"{\\\"base\\\":{\\\"keep\\\":false},"
        "\\\"regions\\\":[{\\\"keep\\\":true,\\\"box\\\":[0,0,0.5,1]}]}\"",
  };
  float input[SAMPLER_N];

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    g_autofree char *properties = g_strdup_printf ("mode=%s overlap-factor=0 "
        "steps=4 sampler=euler_ancestral denoise=0.7 %s", modes[__i__].mode,
        ways[i]);
    g_auto (SamplerTest) test = { NULL };
    g_autofree float *values = NULL;
    guint changed = 0;

    sampler_test_init (&test, properties);
    gst_harness_push (test.latents, new_input (input));
    values = sampler_test_pull (&test);
    for (guint k = 0; k < SAMPLER_N; k++) {
      if (k % SAMPLER_SIDE < SAMPLER_SIDE / 2)
        fail_unless (values[k] == input[k], "%s: cell %u", ways[i], k);
      else
        changed += values[k] != input[k];
    }
    fail_unless (changed > SAMPLER_N / 2 - 10, "%s: %u", ways[i], changed);
  }
}

GST_END_TEST;

/* With nothing to paint nothing is evaluated. */
GST_START_TEST (all_is_kept)
{
  static const char *const ways[] = {
    "keep-base=true",
    "keep-base=true regions=\"red @0,0,1,1\" base-only-steps=4",
    "regions=\"[{\\\"keep\\\":true,\\\"box\\\":[0,0,1,1]}]\"",
  };
  float input[SAMPLER_N];

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    g_autofree char *properties = g_strdup_printf ("mode=%s steps=4 %s",
        modes[__i__].mode, ways[i]);
    g_auto (SamplerTest) test = { NULL };
    g_autofree float *values = NULL;

    sampler_test_init (&test, properties);
    gst_harness_push (test.latents, new_input (input));
    values = sampler_test_pull (&test);
    sampler_assert_equal (values, input);
    fail_unless_equals_uint64 (sampler_stat (test.element, "rows"), 0);
  }
}

GST_END_TEST;

/* The reference has nothing of the kind. */
GST_START_TEST (impact_keeps_nothing)
{
  static const struct
  {
    const char *way, *text;
  } wrong[] = {
    {"keep-base=true regions=\"red @0,0,0.5,1\"", "'keep-base' has no effect"},
    {"keep-softness=blend", "'keep-softness' has no effect"},
    {"regions=\"[{\\\"keep\\\":true,\\\"box\\\":[0,0,0.5,1]}]\"",
        "regions[0]: 'keep' has no effect in mode 'impact'"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree char *properties =
        g_strdup_printf ("mode=impact %s", wrong[i].way);
    g_auto (SamplerTest) test = { NULL };
    g_autofree char *text = NULL;

    sampler_test_init (&test, properties);
    gst_harness_push (test.latents, sampler_latent_new (0));
    text = sampler_test_error (&test, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_SETTINGS);
    fail_unless (strstr (text, wrong[i].text), "%s", text);
  }
}

GST_END_TEST;

/* Four boxes of one prompt cost what one region over all of them costs, and paint
 * the same. */
GST_START_TEST (equal_prompts_are_one_row)
{
  static const char *const regions[] = {
    "regions=\"red @0,0,1,0.5\"",
    "regions=\"red @0,0,0.25,0.5 | red @0.25,0,0.25,0.5 | red @0.5,0,0.25,0.5 "
        "| red @0.75,0,0.25,0.5\"",
  };
  static const char *const names[] = { "parallel", "fused" };

  for (guint m = 0; m < G_N_ELEMENTS (names); m++) {
    float *pictures[G_N_ELEMENTS (regions)];

    for (guint i = 0; i < G_N_ELEMENTS (regions); i++) {
      g_auto (SamplerTest) test = { NULL };
      g_autofree char *properties = g_strdup_printf ("mode=%s prompt=blue "
          "steps=4 overlap-factor=0 %s", names[m], regions[i]);

      sampler_test_init (&test, properties);
      pictures[i] = sampler_test_run (&test);
      fail_unless_equals_uint64 (sampler_stat (test.element, "rows"), 12);
    }
    sampler_assert_equal (pictures[0], pictures[1]);
    for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
      g_free (pictures[i]);
  }
}

GST_END_TEST;

GST_START_TEST (crops_as_large_as_the_picture_change_nothing)
{
  g_autofree gchar *whole = g_strdup_printf (REGIONS "mode=%s",
      modes[__i__].mode);
  g_autofree gchar *wide = g_strdup_printf (REGIONS "mode=%s region-crop=128",
      modes[__i__].mode);
  g_autofree gchar *narrow = g_strdup_printf (REGIONS "mode=%s region-crop=16",
      modes[__i__].mode);
  g_autofree float *a = sampler_run (whole), *b = sampler_run (wide);
  g_autofree float *c = sampler_run (narrow);

  sampler_assert_equal (a, b);
  sampler_assert_different (a, c);
}

GST_END_TEST;

/* 13x9 cells, which this UNet cannot halve twice */
GST_START_TEST (odd_sizes_are_painted)
{
  launch_once ("latentsrc num-buffers=1 width=104 height=72 batch-size=2 ! "
      "regionalsampler model=MODELS/tiny threads=1 steps=2 mode=%s "
      "prompt=snow regions=\"lava @0,0,0.5,1\" ! latentdecode "
      "model=MODELS/tiny threads=1 ! video/x-raw,width=104,height=72 ! "
      "fakesink", __i__ < (int) G_N_ELEMENTS (modes) ? modes[__i__].mode
      : "impact");
}

GST_END_TEST;

static void
run_from (GstBuffer * latent, const gchar * properties, GstBuffer ** output)
{
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, properties);
  gst_harness_push (test.latents, latent);
  *output = sampler_test_pull_buffer (&test);
}

/* Half of the steps in one element, half in another, is the whole. */
GST_START_TEST (a_run_is_continued_in_a_second_element)
{
  g_autofree gchar *whole = g_strdup_printf (REGIONS "mode=%s steps=4 "
      "sampler=heun", modes[__i__].mode);
  g_autofree gchar *first = g_strdup_printf ("%s end-at-step=2 "
      "return-with-leftover-noise=true", whole);
  g_autofree gchar *second = g_strdup_printf ("%s start-at-step=2 "
      "add-noise=false", whole);
  g_autofree float *want = sampler_run (whole), *got = NULL;
  g_autoptr (GstBuffer) half = NULL, result = NULL;

  run_from (sampler_latent_new (0), first, &half);
  run_from (gst_buffer_ref (half), second, &result);
  got = sampler_values (gst_buffer_ref (result));
  for (guint i = 0; i < SAMPLER_N; i++)
    fail_unless (fabsf (want[i] - got[i]) < 1e-3f, "value %u: %g, in two runs "
        "%g", i, want[i], got[i]);
}

GST_END_TEST;

/* Below 1, what came in shows through; at 0 it is what comes out. */
GST_START_TEST (denoise_keeps_of_the_input)
{
  static const gchar *const settings[] = { "denoise=0", "denoise=0.3",
    "denoise=1"
  };
  double distance[G_N_ELEMENTS (settings)];
  g_autofree gchar *paint = g_strdup_printf ("mode=%s prompt=blue "
      "noise-seed=7 steps=8", modes[__i__].mode);
  g_autoptr (GstBuffer) input = NULL;
  g_autofree float *values = NULL;

  run_from (sampler_latent_new (0), paint, &input);
  values = sampler_values (gst_buffer_ref (input));
  for (guint k = 0; k < G_N_ELEMENTS (settings); k++) {
    g_autofree gchar *properties = g_strdup_printf (REGIONS "mode=%s steps=3 "
        "%s", modes[__i__].mode, settings[k]);
    g_autoptr (GstBuffer) output = NULL;
    g_autofree float *result = NULL;

    run_from (gst_buffer_ref (input), properties, &output);
    result = sampler_values (gst_buffer_ref (output));
    distance[k] = sampler_distance (values, result, (MaskBox) {
        0, 0, 128, 128});
  }
  fail_unless (distance[0] < 1e-5, "%g", distance[0]);
  fail_unless (distance[1] > 10 * distance[0] && distance[1] < distance[2],
      "%g, %g", distance[1], distance[2]);
}

GST_END_TEST;

static Suite *
regionalsampler_modes_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-modes");
  TCase *chain = tcase_create ("modes");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, rd_test_hold_model, rd_test_release_model);
  tcase_add_loop_test (chain, evaluations_are_batched, 0, G_N_ELEMENTS (modes));
  tcase_add_loop_test (chain, some_is_kept, 0, G_N_ELEMENTS (modes));
  tcase_add_loop_test (chain, all_is_kept, 0, G_N_ELEMENTS (modes));
  tcase_add_test (chain, impact_keeps_nothing);
  tcase_add_test (chain, equal_prompts_are_one_row);
  tcase_add_loop_test (chain, crops_as_large_as_the_picture_change_nothing, 0,
      G_N_ELEMENTS (modes));
  tcase_add_loop_test (chain, a_run_is_continued_in_a_second_element, 0,
      G_N_ELEMENTS (modes));
  tcase_add_loop_test (chain, denoise_keeps_of_the_input, 0,
      G_N_ELEMENTS (modes));
  tcase_add_loop_test (chain, odd_sizes_are_painted, 0,
      G_N_ELEMENTS (modes) + 1);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_modes);
