/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What must not end a stream that is playing: masks that stay away, and texts
 * that are wrong. */

#include <gst/app/app.h>
#include <string.h>

#include "../launch.h"
#include "../rdtest.h"
#include "../samplertest.h"
#include "../scratch.h"

#define MASKS "video/x-raw,format=GRAY8,width=16,height=16,framerate=20/1"
#define FRAME (GST_SECOND / 20)

/* A live pipeline of latents and masks, which a test pushes. */
static GstElement *
live_new (const char *pad)
{
  return launch_new ("appsrc name=latents format=time is-live=true caps=\"%s\" "
      "! regionalsampler name=s model=DATA/tiny-sd device=DEVICE threads=1 "
      "steps=1 mask_0::prompt=red %s ! appsink name=sink sync=false appsrc "
      "name=masks format=time is-live=true caps=" MASKS " ! s.mask_0",
      SAMPLER_CAPS, pad);
}

static void
push (GstElement * pipeline, const char *name, GstBuffer * buffer, guint i)
{
  GST_BUFFER_PTS (buffer) = i * FRAME;
  GST_BUFFER_DURATION (buffer) = FRAME;
  fail_unless_equals_int (gst_app_src_push_buffer (GST_APP_SRC (launch_get
              (pipeline, name)), buffer), GST_FLOW_OK);
}

static void
push_latent (GstElement * pipeline, guint i)
{
  push (pipeline, "latents", sampler_latent_new (0), i);
}

static void
push_live_mask (GstElement * pipeline, guint i)
{
  push (pipeline, "masks", sampler_mask_new (16, 16, (MaskBox) {
          0, 0, 8, 16}), i);
}

static float *
pull_latent (GstElement * pipeline)
{
  g_autoptr (GstSample) sample =
      gst_app_sink_try_pull_sample (GST_APP_SINK (launch_get (pipeline,
              "sink")), launch_usec (30.0) * GST_USECOND);

  fail_unless (sample != NULL, "nothing came");
  return sampler_values (gst_buffer_ref (gst_sample_get_buffer (sample)));
}

/* The number of warnings on the bus; the last one's text. */
static guint
count_warnings (GstElement * pipeline, char **text)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop_filtered (bus,
              GST_MESSAGE_WARNING | GST_MESSAGE_ERROR))) {
    g_autoptr (GError) error = NULL;

    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_WARNING);
    gst_message_parse_warning (message, &error, NULL);
    g_free (*text);
    *text = g_strdup (error->message);
    n++;
    gst_message_unref (message);
  }
  return n;
}

GST_START_TEST (the_last_mask_stays)
{
  GstElement *pipeline = live_new ("");
  g_autofree float *expected = NULL;
  g_autofree char *text = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  push_live_mask (pipeline, 0);
  push_latent (pipeline, 0);
  expected = pull_latent (pipeline);
  for (guint i = 1; i < 5; i++) {
    g_autofree float *values = NULL;

    push_latent (pipeline, i);
    values = pull_latent (pipeline);
    sampler_assert_equal (values, expected);
  }
  fail_unless_equals_int (count_warnings (pipeline, &text), 1);
  fail_unless (g_str_has_prefix (text, "mask_0: no mask has come in time"),
      "%s", text);
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (hold_asks_for_that)
{
  GstElement *pipeline = live_new ("mask_0::hold=true");
  g_autofree char *text = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  push_live_mask (pipeline, 0);
  for (guint i = 0; i < 4; i++) {
    push_latent (pipeline, i);
    g_free (pull_latent (pipeline));
  }
  fail_unless_equals_int (count_warnings (pipeline, &text), 0);
  launch_free (pipeline);
}

GST_END_TEST;

/* Without any mask the pictures wait, and it is said for what. */
GST_START_TEST (the_first_mask_is_awaited)
{
  GstElement *pipeline = live_new ("");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  push_latent (pipeline, 0);
  message = launch_wait (pipeline, GST_MESSAGE_WARNING | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (g_str_has_prefix (error->message,
          "mask_0: no mask has come yet"), "%s", error->message);
  fail_unless (gst_app_sink_try_pull_sample (GST_APP_SINK (launch_get (pipeline,
                  "sink")), 0) == NULL);
  push_live_mask (pipeline, 0);
  g_free (pull_latent (pipeline));
  launch_free (pipeline);
}

GST_END_TEST;

/* Latents without masks do not go on in a pipeline that is not live. */
GST_START_TEST (others_wait)
{
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, "");
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  g_free (sampler_test_run (&test));
  fail_unless_equals_int (gst_harness_push (test.latents,
          sampler_latent_new (GST_SECOND)), GST_FLOW_OK);
  fail_if (sampler_test_flows (&test));
}

GST_END_TEST;

/* The next warning before a job's end, as a text; none is NULL. */
static char *
get_warning (SamplerTest * test)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (test->bus,
      GST_MESSAGE_WARNING | GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (!message)
    return NULL;
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  return g_strdup (error->message);
}

static const struct
{
  const char *property, *good, *wrong, *part;
} texts[] = {
  {"regions", "red @0,0,0.5,1", "red @0,0,0.5", "property regions: "},
  {"regions", "red @0,0,0.5,1", "[{\"prompt\":\"red\",\"box\":[0,0,-1,1]}]",
      "regions[0].box"},
  {"class-prompts", "cat=red", "{\"cat\":", "property class-prompts: "},
  {"regions-location", NULL, "/nowhere/regions.json", "regions-location"},
};

GST_START_TEST (a_wrong_text_is_warned_of)
{
  const char *property = texts[__i__].property;
  g_autofree float *expected = NULL;
  g_autofree float *kept = NULL, *again = NULL, *other = NULL, *back = NULL;
  g_autofree char *warning = NULL, *repeated = NULL;
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "");
  g_object_set (test.element, property, texts[__i__].good, NULL);
  expected = sampler_test_run (&test);
  g_object_set (test.element, property, texts[__i__].wrong, NULL);
  kept = sampler_test_run (&test);
  sampler_assert_equal (kept, expected);
  warning = get_warning (&test);
  fail_unless (warning && strstr (warning, texts[__i__].part) != NULL, "%s",
      warning);
  fail_unless (strstr (warning, "what was set before stays in use"), "%s",
      warning);

  /* the same fault once; other settings are taken meanwhile */
  again = sampler_test_run (&test);
  sampler_assert_equal (again, expected);
  fail_unless ((repeated = get_warning (&test)) == NULL, "%s", repeated);
  g_object_set (test.element, "noise-seed", (guint64) 7, NULL);
  other = sampler_test_run (&test);
  sampler_assert_different (other, expected);

  /* what is corrected is taken */
  g_object_set (test.element, "noise-seed", (guint64) 0, property,
      texts[__i__].good, NULL);
  back = sampler_test_run (&test);
  sampler_assert_equal (back, expected);
  g_object_set (test.element, property, texts[__i__].wrong, NULL);
  g_free (sampler_test_run (&test));
  fail_unless ((repeated = get_warning (&test)) != NULL);
}

GST_END_TEST;

/* Settings that are no texts, and a model that is not there. */
GST_START_TEST (a_wrong_setting_is_warned_of)
{
  static const struct
  {
    const char *property, *value;
  } wrong[] = {
    {"model", "/nowhere/model"},
    {"custom-sigmas", "<1.0,2.0>"},
  };
  g_autofree float *expected = NULL;
  g_autofree float *kept = NULL;
  g_autofree char *warning = NULL;
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "regions=\"red @0,0,0.5,1\"");
  expected = sampler_test_run (&test);
  gst_util_set_object_arg (G_OBJECT (test.element), wrong[__i__].property,
      wrong[__i__].value);
  kept = sampler_test_run (&test);
  sampler_assert_equal (kept, expected);
  warning = get_warning (&test);
  fail_unless (warning != NULL);
}

GST_END_TEST;

/* Its JSON files are right. */
GST_START_TEST (a_model_that_cannot_be_loaded_is_warned_of)
{
  static const char *const files[] = { "unet/model.onnx",
    "text_encoder/model.onnx"
  };
  g_autofree char *right = rd_test_path ("tiny-sd");
  g_autoptr (RdScratch) wrong = rd_scratch_new (right);
  g_autofree float *expected = NULL;
  g_autofree float *kept = NULL, *again = NULL, *other = NULL;
  g_autofree char *warning = NULL, *repeated = NULL;
  g_auto (SamplerTest) test = { NULL };

  rd_scratch_truncate (wrong, files[__i__], 100);
  sampler_test_init (&test, "regions=\"red @0,0,0.5,1\"");
  expected = sampler_test_run (&test);
  g_object_set (test.element, "model", wrong, NULL);
  kept = sampler_test_run (&test);
  sampler_assert_equal (kept, expected);
  warning = get_warning (&test);
  fail_unless (warning && strstr (warning, files[__i__]) != NULL
      && strstr (warning, "what was set before stays in use"), "%s", warning);

  again = sampler_test_run (&test);
  sampler_assert_equal (again, expected);
  fail_unless ((repeated = get_warning (&test)) == NULL, "%s", repeated);
  g_object_set (test.element, "model", right, "noise-seed", (guint64) 7, NULL);
  other = sampler_test_run (&test);
  sampler_assert_different (other, expected);
}

GST_END_TEST;

/* The settings of a pad, whose mask stays. */
GST_START_TEST (a_wrong_pad_is_warned_of)
{
  g_autofree float *expected = NULL;
  g_autofree float *kept = NULL;
  g_autofree char *warning = NULL;
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, "prompt=red hold=true");
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  expected = sampler_test_run (&test);
  gst_child_proxy_set (GST_CHILD_PROXY (test.element), "mask_0::model",
      "/nowhere/model", NULL);
  kept = sampler_test_run (&test);
  sampler_assert_equal (kept, expected);
  warning = get_warning (&test);
  fail_unless (warning && strstr (warning, "/nowhere/model"), "%s", warning);
}

GST_END_TEST;

GST_START_TEST (a_wrong_text_at_the_start_is_an_error)
{
  const char *property = texts[__i__].property;
  g_autoptr (GstMessage) message = NULL;
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "");
  g_object_set (test.element, property, texts[__i__].wrong, NULL);
  fail_unless_equals_int (gst_harness_push (test.latents,
          sampler_latent_new (0)), GST_FLOW_OK);
  message = sampler_test_wait (&test, GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_ERROR);
}

GST_END_TEST;

/* What comes with a latent may be wrong, too. */
GST_START_TEST (wrong_metadata_is_warned_of)
{
  static const char *const docs[] = { "red @0,0,0.5,1", "red @0,0,0.5" };
  float *values[4];
  g_autofree char *warning = NULL, *repeated = NULL;
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "");
  for (guint i = 0; i < 4; i++) {
    GstBuffer *latent = sampler_latent_new (0);
    GstCustomMeta *meta =
        gst_buffer_add_custom_meta (latent, "GstRegionPromptMeta");

    gst_structure_set (gst_custom_meta_get_structure (meta), "regions",
        G_TYPE_STRING, docs[i == 1 || i == 2], NULL);
    fail_unless_equals_int (gst_harness_push (test.latents, latent),
        GST_FLOW_OK);
    values[i] = sampler_test_pull (&test);
    sampler_assert_equal (values[i], values[0]);
  }
  warning = get_warning (&test);
  fail_unless (warning && strstr (warning, "region metadata: "), "%s", warning);
  fail_unless ((repeated = get_warning (&test)) == NULL, "%s", repeated);
  for (guint i = 0; i < 4; i++)
    g_free (values[i]);
}

GST_END_TEST;

static Suite *
regionalsampler_live_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-live");
  TCase *masks = tcase_create ("masks");
  TCase *wrong = tcase_create ("texts");

  suite_add_tcase (suite, masks);
  tcase_add_test (masks, the_last_mask_stays);
  tcase_add_test (masks, hold_asks_for_that);
  tcase_add_test (masks, the_first_mask_is_awaited);
  tcase_add_test (masks, others_wait);
  suite_add_tcase (suite, wrong);
  tcase_add_loop_test (wrong, a_wrong_text_is_warned_of, 0,
      G_N_ELEMENTS (texts));
  tcase_add_loop_test (wrong, a_wrong_setting_is_warned_of, 0, 2);
  tcase_add_loop_test (wrong, a_model_that_cannot_be_loaded_is_warned_of, 0, 2);
  tcase_add_test (wrong, a_wrong_pad_is_warned_of);
  tcase_add_loop_test (wrong, a_wrong_text_at_the_start_is_an_error, 0,
      G_N_ELEMENTS (texts));
  tcase_add_test (wrong, wrong_metadata_is_warned_of);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_live);
