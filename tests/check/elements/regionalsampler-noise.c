/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Which noise levels regionalsampler goes through, where they are the
 * application's own, and which noise it takes. */

#include "../rdtest.h"
#include "../samplertest.h"

#include <string.h>

/* those of scheduler `karras` in 4 steps, of a network as SD1 */
#define KARRAS "custom-sigmas=<14.61464119,3.16860307,0.44691821,0.02916716,0>"

static GstElement *
parse (const char *properties)
{
  g_autofree char *line = g_strconcat ("regionalsampler ", properties, NULL);
  GError *error = NULL;
  GstElement *element = gst_parse_launch (line, &error);

  g_assert_no_error (error);
  return gst_object_ref_sink (element);
}

static double
level (GstElement * element, guint i)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_ARRAY);
  g_object_get_property (G_OBJECT (element), "custom-sigmas", &value);
  fail_unless (i < gst_value_array_get_size (&value));
  return g_value_get_double (gst_value_array_get_value (&value, i));
}

/* However they are written: with a point or without, or as text. */
GST_START_TEST (levels_are_numbers_of_any_type)
{
  g_autoptr (GstElement) element =
      parse ("custom-sigmas=\"<14.5,7,(float)3.25,(int)1,0.0>\"");
  const double want[] = { 14.5, 7.0, 3.25, 1.0, 0.0 };
  g_auto (GValue) value = G_VALUE_INIT;

  for (guint i = 0; i < G_N_ELEMENTS (want); i++)
    fail_unless (level (element, i) == want[i], "%u: %g", i,
        level (element, i));

  /* none again */
  g_value_init (&value, GST_TYPE_ARRAY);
  g_object_set_property (G_OBJECT (element), "custom-sigmas", &value);
  g_object_get_property (G_OBJECT (element), "custom-sigmas", &value);
  fail_unless_equals_int (gst_value_array_get_size (&value), 0);
}

GST_END_TEST;

GST_START_TEST (levels_replace_the_scheduler)
{
  g_autofree float *karras = sampler_run ("steps=4 scheduler=karras");
  g_autofree float *normal = sampler_run ("steps=4");
  g_autofree float *custom = sampler_run ("steps=20 " KARRAS);
  g_autofree float *agreed = sampler_run ("steps=4 " KARRAS);

  sampler_assert_equal (agreed, custom);
  sampler_assert_different (custom, normal);
  fail_unless (sampler_distance (custom, karras, (MaskBox) {
          0, 0, SAMPLER_PICTURE, SAMPLER_PICTURE}) < 1e-4);
}

GST_END_TEST;

/* What excludes them, and what they must be; errors name place and remedy. */
static const struct
{
  const char *element;
  const char *pad;
  const char *parts[4];
} refused[] = {
  {"custom-sigmas=<9,5,6,0> steps=20", NULL,
      {"custom-sigmas[2] is 6 after 5"}},
  {"custom-sigmas=<9,red,0> steps=20", NULL, {"custom-sigmas[1] is nan"}},
  {"custom-sigmas=<9,-5,0> steps=20", NULL, {"custom-sigmas[1] is -5"}},
  {"custom-sigmas=<9,5,1> steps=20", NULL,
      {"custom-sigmas ends with 1", "end-at-step"}},
  {"custom-sigmas=<0> steps=20", NULL, {"custom-sigmas has 1 value"}},
  {"custom-sigmas=<9,5,0> steps=3", NULL, {"custom-sigmas", "3 steps"}},
  {"custom-sigmas=<9,5,0> steps=20 denoise=0.5", NULL,
      {"custom-sigmas", "denoise"}},
  {"custom-sigmas=<9,5,0> steps=20 scheduler=karras", NULL,
      {"base", "custom-sigmas", "karras"}},
  {"custom-sigmas=<9,5,0> steps=20", "scheduler=karras",
      {"mask_0", "custom-sigmas", "karras"}},
};

GST_START_TEST (levels_that_cannot_be_are_refused)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_auto (SamplerTest) test = { NULL };
    g_autofree char *text = NULL;

    sampler_test_init (&test, refused[i].element);
    if (refused[i].pad) {
      sampler_test_add_mask (&test, refused[i].pad);
      sampler_test_push_mask (&test, 0, MASK_LEFT);
    }
    gst_harness_push (test.latents, sampler_latent_new (0));
    text = sampler_test_error (&test, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_SETTINGS);
    for (guint k = 0; refused[i].parts[k]; k++)
      fail_unless (strstr (text, refused[i].parts[k]), "no '%s' in: %s",
          refused[i].parts[k], text);
  }
}

GST_END_TEST;

#define REGION "regions=\"[{\\\"prompt\\\":\\\"red\\\"," \
    "\\\"variation\\\":{\\\"seed\\\":5,\\\"strength\\\":0.5}," \
    "\\\"box\\\":[0,0,0.5,1]}]\""

/* Start, added noise and variation, each by itself; in either mode. */
static const char *const noises[] = {
  "steps=2",
  "steps=3 sampler=euler_ancestral add-noise=false",
  "steps=3 sampler=dpmpp_2m_sde add-noise=false",
  "steps=3 mode=impact restore-latent=false " REGION,
};

GST_START_TEST (noise_comes_from_either_source)
{
  g_autofree char *torch = g_strconcat (noises[__i__],
      " noise-seed=3 noise-source=torch", NULL);
  g_autofree char *device = g_strconcat (noises[__i__],
      " noise-seed=3 noise-source=device", NULL);
  g_autofree char *other = g_strconcat (noises[__i__],
      " noise-seed=4 noise-source=device", NULL);
  g_autofree float *a = sampler_run (torch);
  g_autofree float *b = sampler_run (device);
  g_autofree float *again = sampler_run (device);
  g_autofree float *c = sampler_run (other);

  sampler_assert_different (a, b);
  sampler_assert_equal (b, again);
  sampler_assert_different (b, c);
}

GST_END_TEST;

/* The same settings, the same picture: again, and on any number of threads. All
 * that is ours is the same to the bit; ONNX Runtime may cut a network's sums
 * into other parts, which shows in the last digits. */
GST_START_TEST (pictures_do_not_depend_on_threads)
{
  const char *settings = "steps=6 sampler=dpmpp_2m_sde noise-seed=3 "
      "regions=\"red @0,0,0.5,1\"";
  g_autofree char *one = g_strconcat (settings, " threads=1", NULL);
  g_autofree char *two = g_strconcat (settings, " threads=2", NULL);
  g_autofree float *first = sampler_run (one);
  g_autofree float *again = sampler_run (one);
  g_autofree float *other = sampler_run (two);
  g_autofree float *other_again = sampler_run (two);
  const MaskBox all = { 0, 0, SAMPLER_PICTURE, SAMPLER_PICTURE };

  sampler_assert_equal (first, again);
  sampler_assert_equal (other, other_again);
  g_print ("1 and 2 threads differ by %.1e at most\n",
      sampler_distance (first, other, all));
  fail_unless (sampler_distance (first, other, all) < 1e-3);
}

GST_END_TEST;

static Suite *
regionalsampler_noise_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-noise");
  TCase *levels = tcase_create ("levels"), *noise = tcase_create ("noise");

  suite_add_tcase (suite, levels);
  tcase_add_checked_fixture (levels, rd_test_hold_model, rd_test_release_model);
  tcase_add_test (levels, levels_are_numbers_of_any_type);
  tcase_add_test (levels, levels_replace_the_scheduler);
  tcase_add_test (levels, levels_that_cannot_be_are_refused);
  suite_add_tcase (suite, noise);
  tcase_add_checked_fixture (noise, rd_test_hold_model, rd_test_release_model);
  tcase_add_loop_test (noise, noise_comes_from_either_source, 0,
      G_N_ELEMENTS (noises));
  tcase_add_test (noise, pictures_do_not_depend_on_threads);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_noise);
