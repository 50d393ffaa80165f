/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What came out last goes into what comes next, as far as it is told. */

#include <math.h>
#include <string.h>

#include "../rdtest.h"
#include "../samplertest.h"

#define SHARE 0.25f

/* A latent whose values are @level and rise a little. */
static GstBuffer *
new_latent (float level, const float *values)
{
  GstBuffer *buffer =
      gst_buffer_new_allocate (NULL, SAMPLER_N * sizeof (float), NULL);
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (guint i = 0; i < SAMPLER_N; i++)
    ((float *) map.data)[i] = values ? values[i] : level + i * 1e-3f;
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = 0;
  return buffer;
}

static float *
next (SamplerTest * test, GstBuffer * latent)
{
  fail_unless_equals_int (gst_harness_push (test->latents, latent),
      GST_FLOW_OK);
  return sampler_test_pull (test);
}

/* What one job makes of a latent. */
static float *
alone (GstBuffer * latent)
{
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "denoise=0.5");
  return next (&test, latent);
}

static float *
mixed (float level, const float *previous)
{
  float *values = g_new (float, SAMPLER_N);

  for (guint i = 0; i < SAMPLER_N; i++)
    values[i] = fmaf (SHARE, previous[i], (1.0f - SHARE)
        * (level + i * 1e-3f));
  return values;
}

GST_START_TEST (the_second_begins_with_some_of_the_first)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *first = NULL, *second = NULL, *third = NULL;
  g_autofree float *want_first = alone (new_latent (1, NULL));
  g_autofree float *input = NULL, *want_second = NULL;
  g_autofree float *want_third = alone (new_latent (3, NULL));

  sampler_test_init (&test, "denoise=0.5 feedback=0.25");
  first = next (&test, new_latent (1, NULL));
  second = next (&test, new_latent (2, NULL));
  sampler_assert_equal (first, want_first);
  input = mixed (2, first);
  want_second = alone (new_latent (0, input));
  sampler_assert_equal (second, want_second);

  /* without it, nothing of it is left */
  g_object_set (test.element, "feedback", 0.0, NULL);
  third = next (&test, new_latent (3, NULL));
  sampler_assert_equal (third, want_third);
}

GST_END_TEST;

/* What comes after a flush is no successor. */
GST_START_TEST (a_flush_ends_it)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *second = NULL;
  g_autofree float *want = alone (new_latent (2, NULL));
  GstSegment segment;

  sampler_test_init (&test, "denoise=0.5 feedback=0.25");
  g_free (next (&test, new_latent (1, NULL)));
  fail_unless (gst_harness_push_event (test.latents,
          gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (test.latents,
          gst_event_new_flush_stop (TRUE)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (test.latents,
          gst_event_new_segment (&segment)));
  second = next (&test, new_latent (2, NULL));
  sampler_assert_equal (second, want);
}

GST_END_TEST;

/* Latents of another size are no successors either. */
GST_START_TEST (another_size_ends_it)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *want = alone (new_latent (2, NULL));
  g_autofree float *last = NULL;

  sampler_test_init (&test, "denoise=0.5 feedback=0.25");
  gst_harness_set_src_caps_str (test.latents,
      "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)float32,"
      "dims=(int)<1,4,8,8>,dims-order=(string)row-major,framerate=0/1");
  gst_harness_push (test.latents, gst_buffer_new_memdup ((float[256]) { 1 },
          256 * sizeof (float)));
  gst_buffer_unref (sampler_test_pull_buffer (&test));
  gst_harness_set_src_caps_str (test.latents, SAMPLER_CAPS);
  last = next (&test, new_latent (2, NULL));
  sampler_assert_equal (last, want);
}

GST_END_TEST;

static Suite *
feedback_suite (void)
{
  Suite *suite = suite_create ("feedback");
  TCase *chain = tcase_create ("feedback");

  suite_add_tcase (suite, chain);
  tcase_add_test (chain, the_second_begins_with_some_of_the_first);
  tcase_add_test (chain, a_flush_ends_it);
  tcase_add_test (chain, another_size_ends_it);
  return suite;
}

GST_CHECK_MAIN (feedback);
