/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What passes through regionalsampler, from a latent to its result. */

#include <gst/base/gstaggregator.h>
#include <string.h>

#include <math.h>

#include "../samplertest.h"

#define RED "prompt=red"
#define GREEN "prompt=green"

GST_START_TEST (times_flags_and_metas_pass)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstBuffer) output = NULL;
  GstBuffer *latent = sampler_latent_new (3 * GST_SECOND);

  sampler_test_init (&test, "");
  GST_BUFFER_DTS (latent) = 2 * GST_SECOND;
  GST_BUFFER_DURATION (latent) = GST_SECOND;
  GST_BUFFER_OFFSET (latent) = 17;
  GST_BUFFER_FLAG_SET (latent, GST_BUFFER_FLAG_MARKER);
  gst_buffer_add_video_region_of_interest_meta (latent, "face", 1, 2, 3, 4);
  gst_harness_push (test.latents, latent);
  output = sampler_test_pull_buffer (&test);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (output), 3 * GST_SECOND);
  fail_unless_equals_uint64 (GST_BUFFER_DTS (output), 2 * GST_SECOND);
  fail_unless_equals_uint64 (GST_BUFFER_DURATION (output), GST_SECOND);
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (output), 17);
  fail_unless (GST_BUFFER_FLAG_IS_SET (output, GST_BUFFER_FLAG_MARKER));
  fail_unless_equals_int (gst_buffer_get_n_meta (output,
          GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE), 1);
}

GST_END_TEST;

static const GstSegment *
last_segment (SamplerTest * test)
{
  static GstSegment segment;
  g_autoptr (GstEvent) event =
      gst_pad_get_sticky_event (test->latents->sinkpad, GST_EVENT_SEGMENT, 0);

  fail_unless (event != NULL);
  gst_event_copy_segment (event, &segment);
  return &segment;
}

GST_START_TEST (the_segment_passes)
{
  g_auto (SamplerTest) test = { NULL };
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment.time = 5 * GST_SECOND;
  segment.stop = 9 * GST_SECOND;
  segment.rate = segment.applied_rate = 1.0;

  sampler_test_init (&test, "");
  g_free (sampler_test_run (&test));
  gst_harness_push_event (test.latents, gst_event_new_segment (&segment));
  gst_harness_push (test.latents, sampler_latent_new (6 * GST_SECOND));
  g_free (sampler_test_pull (&test));
  fail_unless_equals_uint64 (last_segment (&test)->start, 5 * GST_SECOND);
  fail_unless_equals_uint64 (last_segment (&test)->stop, 9 * GST_SECOND);
}

GST_END_TEST;

/* Also as the first thing of all, behind a segment. */
GST_START_TEST (a_gap_of_latents_passes)
{
  g_auto (SamplerTest) test = { NULL };
  GstClockTime time = GST_CLOCK_TIME_NONE, duration;
  gboolean found = FALSE;

  sampler_test_init (&test, "");
  gst_harness_push_event (test.latents, gst_event_new_gap (GST_SECOND,
          2 * GST_SECOND));
  while (!found) {
    g_autoptr (GstEvent) event = gst_harness_pull_event (test.latents);

    fail_unless (event != NULL, "no gap came");
    found = GST_EVENT_TYPE (event) == GST_EVENT_GAP;
    if (found)
      gst_event_parse_gap (event, &time, &duration);
  }
  fail_unless_equals_uint64 (time, GST_SECOND);
  fail_unless_equals_uint64 (duration, 2 * GST_SECOND);
  fail_unless_equals_int (last_segment (&test)->format, GST_FORMAT_TIME);
  g_free (sampler_test_run (&test));
}

GST_END_TEST;

GST_START_TEST (the_end_of_latents_is_the_end)
{
  g_auto (SamplerTest) test = { NULL };
  gboolean eos = FALSE;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  gst_harness_push (test.latents, sampler_latent_new (0));
  gst_harness_push_event (test.latents, gst_event_new_eos ());
  /* the queued latent is sampled first; of masks no more are wanted */
  g_free (sampler_test_pull (&test));
  gst_harness_push_event (test.masks->pdata[0], gst_event_new_eos ());
  while (!eos) {
    g_autoptr (GstEvent) event = gst_harness_pull_event (test.latents);

    fail_unless (event != NULL, "no EOS came");
    eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
  }
}

GST_END_TEST;

GST_START_TEST (a_batch_goes_as_one)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *single = sampler_run ("");
  g_autoptr (GstBuffer) output = NULL;
  GstBuffer *batch =
      gst_buffer_new_allocate (NULL, 2 * SAMPLER_N * sizeof (float), NULL);
  float values[2 * SAMPLER_N];

  sampler_test_init (&test, "");
  gst_harness_set_src_caps_str (test.latents,
      "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)float32,"
      "dims=(int)<2,4,16,16>,dims-order=(string)row-major,framerate=0/1");
  gst_buffer_memset (batch, 0, 0, -1);
  gst_harness_push (test.latents, batch);
  output = sampler_test_pull_buffer (&test);
  fail_unless_equals_uint64 (gst_buffer_extract (output, 0, values,
          sizeof values), sizeof values);
  /* noise is drawn for the whole batch, so its first is the single one */
  fail_unless (sampler_distance (values, single, (MaskBox) {
          0, 0, 128, 128}
      ) < 1e-4);
  sampler_assert_different (values, values + SAMPLER_N);
}

GST_END_TEST;

GST_START_TEST (half_precision_goes_through)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstBuffer) output = NULL;
  GstBuffer *latent = gst_buffer_new_allocate (NULL, 2 * SAMPLER_N, NULL);

  sampler_test_init (&test, "");
  gst_harness_set_src_caps_str (test.latents,
      "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)float16,"
      "dims=(int)<1,4,16,16>,dims-order=(string)row-major,framerate=0/1");
  gst_buffer_memset (latent, 0, 0, -1);
  gst_harness_push (test.latents, latent);
  output = sampler_test_pull_buffer (&test);
  fail_unless_equals_uint64 (gst_buffer_get_size (output), 2 * SAMPLER_N);
}

GST_END_TEST;

/* Numbers that are no picture are an error, and nothing is pushed; with feedback
 * they do not reach the next picture. */
GST_START_TEST (what_is_not_finite_is_an_error)
{
  static const float wrong[] = { NAN, INFINITY };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_auto (SamplerTest) test = { NULL };
    g_autofree char *text = NULL;
    GstBuffer *latent = sampler_latent_new (0);

    sampler_test_init (&test, "feedback=0.5");
    gst_buffer_fill (latent, 77 * sizeof (float), &wrong[i], sizeof (float));
    gst_harness_push (test.latents, latent);
    text = sampler_test_error (&test, GST_LIBRARY_ERROR,
        GST_LIBRARY_ERROR_FAILED);
    fail_unless (strstr (text, "the latent to start from has elements that are "
            "infinite or not a number"), "%s", text);
    fail_unless (gst_harness_try_pull (test.latents) == NULL);
  }
}

GST_END_TEST;

/* What the model says goes into the caps. */
GST_START_TEST (caps_tell_the_model)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstCaps) caps = NULL;
  const GstStructure *s;
  gdouble scaling;
  gint downscale;

  sampler_test_init (&test, "");
  g_free (sampler_test_run (&test));
  caps = gst_pad_get_current_caps (test.latents->sinkpad);
  s = gst_caps_get_structure (caps, 0);
  fail_unless (gst_structure_get_int (s, "downscale", &downscale));
  fail_unless_equals_int (downscale, 8);
  fail_unless (gst_structure_get_double (s, "scaling-factor", &scaling));
  fail_unless_equals_float (scaling, 0.18215);
}

GST_END_TEST;

/* Handlers see what goes into the job, and may still change its settings. */
static void
look (GstAggregator * aggregator, GstSegment * segment, GstClockTime pts,
    GstClockTime dts, GstClockTime duration, GstStructure * info, guint * sizes)
{
  const gchar *names[] = { "sink", "mask_0" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GstPad) pad =
        gst_element_get_static_pad (GST_ELEMENT (aggregator), names[i]);
    g_autoptr (GstSample) sample =
        gst_aggregator_peek_next_sample (aggregator, GST_AGGREGATOR_PAD (pad));

    fail_unless (sample != NULL && gst_sample_get_caps (sample) != NULL);
    sizes[i] = gst_buffer_get_size (gst_sample_get_buffer (sample));
  }
  fail_unless_equals_uint64 (pts, 0);
  g_object_set (aggregator, "prompt", "red", NULL);
}

GST_START_TEST (samples_can_be_peeked)
{
  g_autofree float *expected =
      sampler_run ("prompt=red regions=\"green @0,0,0.5,1\"");
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *values = NULL;
  guint sizes[2] = { 0, 0 };

  sampler_test_init (&test, "emit-signals=true");
  g_signal_connect (test.element, "samples-selected", G_CALLBACK (look), sizes);
  sampler_test_add_mask (&test, GREEN);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  values = sampler_test_run (&test);
  fail_unless_equals_int (sizes[0], SAMPLER_N * sizeof (float));
  fail_unless_equals_int (sizes[1], SAMPLER_PICTURE * SAMPLER_PICTURE);
  sampler_assert_equal (values, expected);
}

GST_END_TEST;

/* Prompts that are set between two latents are encoded before the second comes;
 * what it makes of them is the same. */
GST_START_TEST (prompts_are_encoded_ahead)
{
  static const struct
  {
    const char *property, *text;
    guint n_prompts;
  } sets[] = {
    {"prompt", "green", 1},
    {"negative-prompt", "blue", 1},
    {"regions", "[{\"prompt\":\"red\",\"negative-prompt\":\"n\",\"box\":"
          "[0,0,0.5,1]}]", 2},
    {"class-prompts", "face=fox|cat", 2},
    {"regions", "no text about regions", 0},
    {"regions", "red @0,0,0.5,1", 1},
  };
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *values = NULL;
  g_autofree float *want = sampler_run ("prompt=green negative-prompt=blue "
      "regions=\"red @0,0,0.5,1\"");
  guint64 n = 0;

  sampler_test_init (&test, "prompt=base");
  g_object_set (test.element, "prompt", "nothing is loaded yet", NULL);
  g_free (sampler_test_run (&test));
  fail_unless_equals_uint64 (sampler_stat (test.element, "prefetched"), 0);

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++) {
    g_object_set (test.element, sets[i].property, sets[i].text, NULL);
    n += sets[i].n_prompts;
    while (sampler_stat (test.element, "prefetched") < n)
      g_usleep (1000);
    fail_unless_equals_uint64 (sampler_stat (test.element, "prefetched"), n);
  }
  values = sampler_test_run (&test);
  sampler_assert_equal (values, want);

  /* and on a pad; whatever is under way ends with the element */
  sampler_test_add_mask (&test, "");
  for (guint i = 0; i < 100; i++) {
    g_autofree char *text = g_strdup_printf ("prompt %u", i);

    gst_child_proxy_set (GST_CHILD_PROXY (test.element), "mask_0::prompt",
        text, NULL);
  }
  while (sampler_stat (test.element, "prefetched") < n + 1)
    g_usleep (1000);
}

GST_END_TEST;

static Suite *
regionalsampler_suite (void)
{
  Suite *suite = suite_create ("regionalsampler");
  TCase *latents = tcase_create ("latents");

  suite_add_tcase (suite, latents);
  tcase_add_test (latents, times_flags_and_metas_pass);
  tcase_add_test (latents, the_segment_passes);
  tcase_add_test (latents, a_gap_of_latents_passes);
  tcase_add_test (latents, the_end_of_latents_is_the_end);
  tcase_add_test (latents, a_batch_goes_as_one);
  tcase_add_test (latents, half_precision_goes_through);
  tcase_add_test (latents, what_is_not_finite_is_an_error);
  tcase_add_test (latents, caps_tell_the_model);
  tcase_add_test (latents, samples_can_be_peeked);
  tcase_add_test (latents, prompts_are_encoded_ahead);
  return suite;
}

GST_CHECK_MAIN (regionalsampler);
