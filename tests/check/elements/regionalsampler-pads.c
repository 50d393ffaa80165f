/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Pads of regionalsampler: their names, and settings that come before them. */

#include "../samplertest.h"

#define RED "prompt=red"

GST_START_TEST (pads_are_named)
{
  g_autoptr (GstElement) element = sampler_element_new ("");
  g_autoptr (GstPad) mask_0 =
      gst_element_request_pad_simple (element, "mask_%u");
  g_autoptr (GstPad) mask_5 =
      gst_element_request_pad_simple (element, "mask_5");
  g_autoptr (GstPad) mask_6 =
      gst_element_request_pad_simple (element, "mask_%u");
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

GST_END_TEST;

/* A number that is not written as it is printed would be another pad's. */
GST_START_TEST (odd_names_are_refused)
{
  g_autoptr (GstElement) element = sampler_element_new ("");
  GstPadTemplate *template =
      gst_element_class_get_pad_template (GST_ELEMENT_GET_CLASS (element),
      "mask_%u");
  static const gchar *const odd[] = { "mask_01", "mask_+1", "mask_4294967296",
    "mask_99999999999"
  };
  g_autoptr (GstPad) largest =
      gst_element_request_pad_simple (element, "mask_4294967295");
  g_autoptr (GstPad) free_pad = NULL;

  fail_unless_equals_string (GST_PAD_NAME (largest), "mask_4294967295");
  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    fail_unless (GST_ELEMENT_GET_CLASS (element)->request_new_pad (element,
            template, odd[i], NULL) == NULL, "%s", odd[i]);
  fail_unless (GST_ELEMENT_GET_CLASS (element)->request_new_pad (element,
          template, "mask_4294967295", NULL) == NULL);

  /* there is no number after the largest */
  free_pad = gst_element_request_pad_simple (element, "mask_%u");
  fail_unless_equals_string (GST_PAD_NAME (free_pad), "mask_0");
  gst_element_release_request_pad (element, largest);
  gst_element_release_request_pad (element, free_pad);
}

GST_END_TEST;

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

GST_END_TEST;

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

GST_END_TEST;

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

GST_END_TEST;

/* Such a warning comes before all that a job says. */
static void
assert_warning (SamplerTest * test, const char *beginning)
{
  g_autoptr (GstMessage) message =
      sampler_test_wait (test, GST_MESSAGE_WARNING | GST_MESSAGE_PROGRESS);
  g_autoptr (GError) error = NULL;

  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_SETTINGS));
  fail_unless (g_str_has_prefix (error->message, beginning), "%s",
      error->message);
}

GST_START_TEST (settings_without_a_pad_are_warned_of)
{
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "mask0::hold=true mask_7::cfg=5 mask_7::prompt=red "
      "mask_0::prompt=red");
  sampler_test_add_mask (&test, "");
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  gst_harness_push_event (test.masks->pdata[0], gst_event_new_eos ());
  g_free (sampler_test_run (&test));
  assert_warning (&test, "mask_7: ");
  assert_warning (&test, "mask0: ");

  /* once */
  g_free (sampler_test_run (&test));
  fail_unless (gst_bus_pop_filtered (test.bus, GST_MESSAGE_WARNING) == NULL);
}

GST_END_TEST;

/* A pad that is requested while playing has what was set before. */
GST_START_TEST (settings_wait_for_a_late_pad)
{
  g_autofree float *expected = sampler_run ("regions=\"red @0,0,0.5,1\"");
  g_autofree float *values = NULL;
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "mask_0::prompt=red");
  g_free (sampler_test_run (&test));
  assert_warning (&test, "mask_0: ");

  sampler_test_add_mask (&test, "");
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  values = sampler_test_run (&test);
  sampler_assert_equal (values, expected);
}

GST_END_TEST;

static Suite *
regionalsampler_pads_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-pads");
  TCase *names = tcase_create ("names");
  TCase *early = tcase_create ("early");

  suite_add_tcase (suite, names);
  tcase_add_test (names, pads_are_named);
  tcase_add_test (names, odd_names_are_refused);
  tcase_add_test (names, children_come_and_go);
  tcase_add_test (names, links_find_the_right_pad);
  suite_add_tcase (suite, early);
  tcase_add_test (early, pad_properties_can_come_first);
  tcase_add_test (early, settings_without_a_pad_are_warned_of);
  tcase_add_test (early, settings_wait_for_a_late_pad);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_pads);
