/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Regions of interest that detectors have left on a latent become regions. */

#include <string.h>

#include "../launch.h"
#include "../rdtest.h"
#include "../samplertest.h"

/* in pixels of the picture, which has 128x128 */
typedef struct
{
  const char *label;
  guint x, y, width, height;
  double confidence;            /* 0: not said */
} Roi;

#define LEFT {"face", 0, 0, 64, 128, 0}
#define RIGHT {"cat", 64, 0, 64, 128, 0}

static void
add_roi (GstBuffer * latent, const Roi * roi)
{
  GstVideoRegionOfInterestMeta *meta =
      gst_buffer_add_video_region_of_interest_meta (latent, roi->label, roi->x,
      roi->y, roi->width, roi->height);

  if (roi->confidence > 0.0)
    gst_video_region_of_interest_meta_add_param (meta,
        gst_structure_new ("detection", "confidence", G_TYPE_DOUBLE,
            roi->confidence, NULL));
}

static float *
run (const char *properties, guint n, const Roi * rois)
{
  g_auto (SamplerTest) test = { NULL };
  GstBuffer *latent = sampler_latent_new (0);

  sampler_test_init (&test, properties);
  for (guint i = 0; i < n; i++)
    add_roi (latent, &rois[i]);
  fail_unless_equals_int (gst_harness_push (test.latents, latent), GST_FLOW_OK);
  return sampler_test_pull (&test);
}

/* What a person would write by hand for the same picture. */
GST_START_TEST (test_ways)
{
  static const Roi both[] = { LEFT, RIGHT };
  static const struct
  {
    const char *properties;
    const char *by_hand;
  } ways[] = {
    {"", ""},
    {"class-prompts=\"face=red\"", "regions=\"red @0,0,0.5,1\""},
    {"class-prompts=\"face=red|cat=green\"",
        "regions=\"red @0,0,0.5,1 | green @0.5,0,0.5,1\""},
    {"class-prompts=\"dog=red\"", ""},
    {"class-prompts=\"*=red\"",
        "regions=\"red @0,0,0.5,1 | red @0.5,0,0.5,1\""},
    /* the class is the prompt where there is no other */
    {"class-prompts=cat", "regions=\"cat @0.5,0,0.5,1\""},
    {"class-prompts=\"{\\\"cat\\\":{\\\"prompt\\\":\\\"red\\\",\\\"cfg\\\":3}}\"",
        "regions=\"[{\\\"prompt\\\":\\\"red\\\",\\\"cfg\\\":3,\\\"box\\\":"
          "[0.5,0,0.5,1]}]\""},
    {"regions=\"[{\\\"prompt\\\":\\\"red\\\",\\\"match\\\":{\\\"class\\\":"
          "\\\"cat\\\"}}]\"", "regions=\"red @0.5,0,0.5,1\""},
    /* what a region has taken is no other's */
    {"class-prompts=\"*=green\" regions=\"[{\\\"prompt\\\":\\\"red\\\","
          "\\\"match\\\":{\\\"class\\\":\\\"cat\\\",\\\"order\\\":"
          "\\\"largest\\\"}}]\"",
        "regions=\"green @0,0,0.5,1 | red @0.5,0,0.5,1\""},
  };

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    g_autofree float *got = run (ways[i].properties, 2, both);
    g_autofree float *want = sampler_run (ways[i].by_hand);

    sampler_assert_equal (got, want);
  }
}

GST_END_TEST;

/* Boxes are cut off at the edge, and what is outside is nothing; confidence is
 * what a detector has said. */
GST_START_TEST (test_boxes)
{
  static const Roi over = { "face", 96, 0, 640, 480, 0 };
  static const Roi outside = { "face", 128, 0, 10, 10, 0 };
  static const Roi empty = { "face", 0, 0, 0, 10, 0 };
  static const Roi sure = { "face", 0, 0, 64, 128, 0.9 };
  static const Roi unsure = { "face", 0, 0, 64, 128, 0.4 };
  static const char *const when = "class-prompts=\"{\\\"face\\\":{\\\"prompt"
      "\\\":\\\"red\\\",\\\"min-confidence\\\":0.5}}\"";
  g_autofree float *none = sampler_run ("");
  g_autofree float *left = sampler_run ("regions=\"red @0,0,0.5,1\"");
  g_autofree float *edge = sampler_run ("regions=\"red @0.75,0,0.25,1\"");
  g_autofree float *got_over = run ("class-prompts=\"face=red\"", 1, &over);
  g_autofree float *got_outside =
      run ("class-prompts=\"face=red\"", 1, &outside);
  g_autofree float *got_empty = run ("class-prompts=\"face=red\"", 1, &empty);
  g_autofree float *got_sure = run (when, 1, &sure);
  g_autofree float *got_unsure = run (when, 1, &unsure);

  sampler_assert_equal (got_over, edge);
  sampler_assert_equal (got_outside, none);
  sampler_assert_equal (got_empty, none);
  sampler_assert_equal (got_sure, left);
  sampler_assert_equal (got_unsure, none);
}

GST_END_TEST;

static float *
run_tracked (gint track, gint cell)
{
  g_auto (SamplerTest) test = { NULL };
  GstBuffer *latent = sampler_latent_new (0);
  GstVideoRegionOfInterestMeta *meta =
      gst_buffer_add_video_region_of_interest_meta (latent, "face", 0, 0, 64,
      128);

  gst_video_region_of_interest_meta_add_param (meta,
      gst_structure_new ("object_id", "id", G_TYPE_INT, track, NULL));
  meta->id = cell;
  sampler_test_init (&test, "class-prompts=\"{\\\"face\\\":{\\\"variation\\\":"
      "{\\\"strength\\\":0.8}}}\"");
  gst_harness_push (test.latents, latent);
  return sampler_test_pull (&test);
}

GST_START_TEST (test_noise_follows_tracks)
{
  g_autofree float *first = run_tracked (7, 1), *again = run_tracked (7, 2);
  g_autofree float *other = run_tracked (8, 1);

  sampler_assert_equal (first, again);
  sampler_assert_different (first, other);
}

GST_END_TEST;

/* A class that never came is told of once, at the end. */
GST_START_TEST (test_a_class_that_never_comes)
{
  static const Roi both[] = { LEFT, RIGHT };
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  sampler_test_init (&test, "class-prompts=\"cat=red|fcae=fox\"");
  for (guint i = 0; i < 2; i++) {
    GstBuffer *latent = sampler_latent_new (i);

    add_roi (latent, &both[0]);
    add_roi (latent, &both[1]);
    gst_harness_push (test.latents, latent);
    g_free (sampler_test_pull (&test));
  }
  gst_harness_push_event (test.latents, gst_event_new_eos ());
  message = sampler_test_wait (&test, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless_equals_string (error->message, "no object of class fcae was "
      "detected; the detected classes were cat, face");
  fail_unless (gst_bus_poll (test.bus, GST_MESSAGE_WARNING, 0) == NULL);
}

GST_END_TEST;

/* An object that leaves the picture is told once, if it was to be a region. */
GST_START_TEST (test_outside_of_the_picture)
{
  static const Roi rois[] = {
    {"face", 128, 0, 20, 20, 0}, {"face", 0, 500, 20, 20, 0}, {"dog", 200, 0, 9,
        9, 0},
  };
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  sampler_test_init (&test, "class-prompts=\"face=red\"");
  for (guint k = 0; k < 2; k++) {
    GstBuffer *latent = sampler_latent_new (0);

    for (guint i = 0; i < G_N_ELEMENTS (rois); i++)
      add_roi (latent, &rois[i]);
    gst_harness_push (test.latents, latent);
    g_free (sampler_test_pull (&test));
  }
  message = sampler_test_wait (&test, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless_equals_string (error->message, "an object of class face was "
      "detected outside of the picture of 128x128, where it is no region");
  fail_unless (gst_bus_poll (test.bus, GST_MESSAGE_WARNING, 0) == NULL);
}

GST_END_TEST;

/* A detector that goes wild ends the run at once. */
GST_START_TEST (test_too_many)
{
  const Roi roi = LEFT;
  g_auto (SamplerTest) test = { NULL };
  g_autofree char *text = NULL;
  GstBuffer *latent = sampler_latent_new (0);

  for (guint i = 0; i < 10000; i++)
    add_roi (latent, &roi);
  sampler_test_init (&test, "regions=\"[{\\\"match\\\":{\\\"class\\\":"
      "\\\"face\\\"}}]\"");
  gst_harness_push (test.latents, latent);
  text = sampler_test_error (&test, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT);
  fail_unless (strstr (text, "10000 regions are too many, a picture has up to "
          "256") != NULL, "%s", text);
}

GST_END_TEST;

GST_START_TEST (test_errors)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree char *message = NULL;

  sampler_test_init (&test, "class-prompts=\"face=a|=b\"");
  gst_harness_push (test.latents, sampler_latent_new (0));
  message = sampler_test_error (&test, GST_LIBRARY_ERROR,
      GST_LIBRARY_ERROR_INIT);
  fail_unless (strstr (message, "property class-prompts: class 2: no name")
      != NULL, "%s", message);
}

GST_END_TEST;

static GstPadProbeReturn
add_face (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  info->data = gst_buffer_make_writable (info->data);
  gst_buffer_add_video_region_of_interest_meta (info->data, "face", 0, 0, 32,
      64);
  return GST_PAD_PROBE_OK;
}

/* Through the encoder and a scaler: the box is where the thing is. */
GST_START_TEST (test_through_a_pipeline)
{
  static const char *const lines[] = {
    "videotestsrc num-buffers=1 ! video/x-raw,width=64,height=64 ! "
        "identity name=i ! videoscale ! video/x-raw,width=128,height=128 ! "
        "videoconvert ! latentencode device=DEVICE threads=1 "
        "model=DATA/tiny-sd ! regionalsampler device=DEVICE threads=1 steps=2 "
        "model=DATA/tiny-sd class-prompts=face=red ! fakesink name=sink",
    "videotestsrc num-buffers=1 ! video/x-raw,width=64,height=64 ! "
        "identity name=i ! videoscale ! video/x-raw,width=128,height=128 ! "
        "videoconvert ! latentencode device=DEVICE threads=1 "
        "model=DATA/tiny-sd ! regionalsampler device=DEVICE threads=1 steps=2 "
        "model=DATA/tiny-sd regions=\"red @0,0,0.5,1\" ! fakesink name=sink",
  };
  float *values[2];

  for (guint i = 0; i < 2; i++) {
    GstElement *pipeline = launch_new ("%s", lines[i]);
    g_autoptr (GstSample) sample = NULL;
    GstElement *identity = launch_get (pipeline, "i");
    g_autoptr (GstPad) pad = gst_element_get_static_pad (identity, "src");

    if (i == 0)
      gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, add_face, NULL, NULL);
    g_ptr_array_unref (launch_run (pipeline));
    g_object_get (launch_get (pipeline, "sink"), "last-sample", &sample, NULL);
    values[i] = sampler_values (gst_buffer_ref (gst_sample_get_buffer
            (sample)));
    launch_free (pipeline);
  }
  sampler_assert_equal (values[0], values[1]);
  g_free (values[0]);
  g_free (values[1]);
}

GST_END_TEST;

static Suite *
detections_suite (void)
{
  Suite *suite = suite_create ("detections");
  TCase *chain = tcase_create ("detections");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, rd_test_hold_model, rd_test_release_model);
  tcase_add_test (chain, test_ways);
  tcase_add_test (chain, test_boxes);
  tcase_add_test (chain, test_noise_follows_tracks);
  tcase_add_test (chain, test_a_class_that_never_comes);
  tcase_add_test (chain, test_outside_of_the_picture);
  tcase_add_test (chain, test_too_many);
  tcase_add_test (chain, test_errors);
  tcase_add_test (chain, test_through_a_pipeline);
  return suite;
}

GST_CHECK_MAIN (detections);
