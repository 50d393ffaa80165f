/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pads of regionalsampler, and what passes from a latent to its result. */

#include <gst/base/gstaggregator.h>
#include <string.h>

#include "../samplertest.h"

#define RED "prompt=red"
#define GREEN "prompt=green"

GST_START_TEST (pads_are_named)
{
  g_autoptr (GstElement) element = sampler_element_new ("");
  g_autoptr (GstPad) mask_0 =
      gst_element_request_pad_simple (element, "mask_%u");
  g_autoptr (GstPad) mask_5 = gst_element_request_pad_simple (element, "mask_5");
  g_autoptr (GstPad) mask_6 = gst_element_request_pad_simple (element, "mask_%u");
  g_autoptr (GstPad) mask_1 =
      gst_element_request_pad_simple (element, "mask_1");
  g_autoptr (GObject) child = NULL;

  fail_unless_equals_string (GST_PAD_NAME (mask_0), "mask_0");
  fail_unless_equals_string (GST_PAD_NAME (mask_5), "mask_5");
  fail_unless_equals_string (GST_PAD_NAME (mask_6), "mask_6");
  fail_unless_equals_string (GST_PAD_NAME (mask_1), "mask_1");

  /* children are the mask pads, in the order of their numbers */
  fail_unless_equals_int (gst_child_proxy_get_children_count (GST_CHILD_PROXY
          (element)), 4);
  child = gst_child_proxy_get_child_by_index (GST_CHILD_PROXY (element), 1);
  fail_unless (child == G_OBJECT (mask_1));
  g_clear_object (&child);
  child = gst_child_proxy_get_child_by_name (GST_CHILD_PROXY (element),
      "mask_6");
  fail_unless (child == G_OBJECT (mask_6));
  g_clear_object (&child);
  fail_unless (gst_child_proxy_get_child_by_name (GST_CHILD_PROXY (element),
          "sink") == NULL);

  gst_element_release_request_pad (element, mask_5);
  fail_unless_equals_int (gst_child_proxy_get_children_count (GST_CHILD_PROXY
          (element)), 3);
  gst_element_release_request_pad (element, mask_0);
  gst_element_release_request_pad (element, mask_6);
  gst_element_release_request_pad (element, mask_1);
}

GST_END_TEST
static void
count (GstChildProxy * proxy, GObject * child, gchar * name, guint * counter)
{
  (*counter)++;
}

GST_START_TEST (children_come_and_go)
{
  g_autoptr (GstElement) element = sampler_element_new ("");
  g_autoptr (GstPad) pad = NULL;
  guint added = 0, removed = 0;

  g_signal_connect (element, "child-added", G_CALLBACK (count), &added);
  g_signal_connect (element, "child-removed", G_CALLBACK (count), &removed);
  pad = gst_element_request_pad_simple (element, "mask_%u");
  fail_unless_equals_int (added, 1);
  gst_element_release_request_pad (element, pad);
  fail_unless_equals_int (removed, 1);
}

GST_END_TEST
/* gst-launch sets mask_0::prompt before there is a pad. */
GST_START_TEST (pad_properties_can_come_first)
{
  g_autofree gchar *prompt = NULL;
  g_autoptr (GstElement) element =
      sampler_element_new ("mask_0::prompt=\"a red fox\" mask_0::cfg=5");
  g_autoptr (GstPad) pad = gst_element_request_pad_simple (element, "mask_0");
  gdouble cfg;

  g_object_get (pad, "prompt", &prompt, "cfg", &cfg, NULL);
  fail_unless_equals_string (prompt, "a red fox");
  fail_unless_equals_float (cfg, 5.0);
  gst_element_release_request_pad (element, pad);
}

GST_END_TEST
/* Latents and masks have nothing in common, so that a link that names no pad
 * finds the right one. */
GST_START_TEST (links_find_the_right_pad)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline =
      gst_parse_launch ("regionalsampler name=s ! fakesink latentsrc ! s. "
      "videotestsrc ! video/x-raw,format=GRAY8 ! s. "
      "videotestsrc ! videoconvert ! s.", &error);
  g_autoptr (GstElement) element = NULL;
  const gchar *names[] = { "sink", "mask_0", "mask_1" };

  fail_unless (error == NULL, "%s", error ? error->message : "");
  element = gst_bin_get_by_name (GST_BIN (pipeline), "s");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GstPad) pad = gst_element_get_static_pad (element, names[i]);

    fail_unless (pad != NULL && gst_pad_is_linked (pad), "%s", names[i]);
  }
}

GST_END_TEST
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

GST_END_TEST
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

GST_END_TEST
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

GST_END_TEST
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

GST_END_TEST
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
      "tensor/strided,tensor-id=(string)latent,type=(string)float32,"
      "dims=(int)<2,4,16,16>,dims-order=(string)row-major,framerate=0/1");
  gst_buffer_memset (batch, 0, 0, -1);
  gst_harness_push (test.latents, batch);
  output = sampler_test_pull_buffer (&test);
  fail_unless_equals_uint64 (gst_buffer_extract (output, 0, values,
          sizeof values), sizeof values);
  /* noise is drawn for the whole batch, so its first is the single one */
  fail_unless (sampler_distance (values, single, (MaskBox) {
          0, 0, 128, 128}) < 1e-4);
  sampler_assert_different (values, values + SAMPLER_N);
}

GST_END_TEST
GST_START_TEST (half_precision_goes_through)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstBuffer) output = NULL;
  GstBuffer *latent = gst_buffer_new_allocate (NULL, 2 * SAMPLER_N, NULL);

  sampler_test_init (&test, "");
  gst_harness_set_src_caps_str (test.latents,
      "tensor/strided,tensor-id=(string)latent,type=(string)float16,"
      "dims=(int)<1,4,16,16>,dims-order=(string)row-major,framerate=0/1");
  gst_buffer_memset (latent, 0, 0, -1);
  gst_harness_push (test.latents, latent);
  output = sampler_test_pull_buffer (&test);
  fail_unless_equals_uint64 (gst_buffer_get_size (output), 2 * SAMPLER_N);
}

GST_END_TEST
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

GST_END_TEST
/* Handlers see what goes into the job, and may still change its settings. */
static void
look (GstAggregator * aggregator, GstSegment * segment, GstClockTime pts,
    GstClockTime dts, GstClockTime duration, GstStructure * info,
    guint * sizes)
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
  g_signal_connect (test.element, "samples-selected", G_CALLBACK (look),
      sizes);
  sampler_test_add_mask (&test, GREEN);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  values = sampler_test_run (&test);
  fail_unless_equals_int (sizes[0], SAMPLER_N * sizeof (float));
  fail_unless_equals_int (sizes[1], SAMPLER_PICTURE * SAMPLER_PICTURE);
  sampler_assert_equal (values, expected);
}

GST_END_TEST
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
  TCase *names = tcase_create ("names");
  TCase *latents = tcase_create ("latents");

  suite_add_tcase (suite, names);
  tcase_add_test (names, pads_are_named);
  tcase_add_test (names, children_come_and_go);
  tcase_add_test (names, pad_properties_can_come_first);
  tcase_add_test (names, links_find_the_right_pad);
  suite_add_tcase (suite, latents);
  tcase_add_test (latents, times_flags_and_metas_pass);
  tcase_add_test (latents, the_segment_passes);
  tcase_add_test (latents, a_gap_of_latents_passes);
  tcase_add_test (latents, the_end_of_latents_is_the_end);
  tcase_add_test (latents, a_batch_goes_as_one);
  tcase_add_test (latents, half_precision_goes_through);
  tcase_add_test (latents, caps_tell_the_model);
  tcase_add_test (latents, samples_can_be_peeked);
  tcase_add_test (latents, prompts_are_encoded_ahead);
  return suite;
}

GST_CHECK_MAIN (regionalsampler);
