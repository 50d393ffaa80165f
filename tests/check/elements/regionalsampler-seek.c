/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Seeks through regionalsampler. */

#include <gst/app/app.h>

#include "../launch.h"
#include "../samplertest.h"

#define ENDLESS "steps=10000"

/* Pipelines, because a harness answers seeks oddly. Latents without end: a
 * source of a number of buffers does not begin to count again at a seek. */
#define MODEL "model=DATA/tiny-sd device=DEVICE threads=1"
#define LATENTS "latentsrc width=128 height=128 ! " \
    "tensor/strided,framerate=(fraction)1/1 ! "

static void
wait_sampling (GstElement * pipeline)
{
  for (;;) {
    g_autoptr (GstMessage) message = launch_wait (pipeline,
        GST_MESSAGE_PROGRESS | GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
    g_autofree gchar *code = NULL;

    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_PROGRESS);
    gst_message_parse_progress (message, NULL, &code, NULL);
    if (g_str_equal (code, "sample"))
      return;
  }
}

static void
wait_eos (GstElement * pipeline)
{
  g_autoptr (GstMessage) message =
      launch_wait (pipeline, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
}

static gboolean
seek (GstElement * pipeline)
{
  return gst_element_seek_simple (pipeline, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH, 0);
}

static GstBuffer *
pull (GstElement * sink)
{
  g_autoptr (GstSample) sample =
      gst_app_sink_try_pull_sample (GST_APP_SINK (sink),
      launch_usec (30.0) * GST_USECOND);

  fail_unless (sample != NULL, "nothing came");
  return gst_buffer_ref (gst_sample_get_buffer (sample));
}

/* Before anything is flushed: the pipeline stays as it is, and goes on. */
GST_START_TEST (a_reverse_seek_is_refused)
{
  GstElement *pipeline = launch_new (LATENTS "regionalsampler name=s " MODEL
      " steps=1 ! appsink name=sink sync=false max-buffers=1");
  GstElement *sink = launch_get (pipeline, "sink");

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
          launch_usec (30.0) * GST_USECOND), GST_STATE_CHANGE_SUCCESS);
  fail_if (gst_element_seek (pipeline, -1.0, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET,
          GST_SECOND));
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL, 0),
      GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GstBuffer) buffer = pull (sink);

    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), i * GST_SECOND);
  }
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (a_flushing_seek_cancels)
{
  GstElement *pipeline = launch_new (LATENTS "regionalsampler name=s " MODEL
      " " ENDLESS " ! appsink name=sink sync=false max-buffers=1 "
      "videotestsrc num-buffers=1 ! video/x-raw,format=GRAY8 ! s.mask_0");
  GstElement *element = launch_get (pipeline, "s");
  GstElement *sink = launch_get (pipeline, "sink");
  gint64 since;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 5; i++) {
    wait_sampling (pipeline);
    since = g_get_monotonic_time ();
    if (i == 4)
      g_object_set (element, "steps", 2, NULL);
    fail_unless (seek (pipeline));
    sampler_assert_quick (since);
  }
  /* the first latent behind the last seek is not lost to it */
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GstBuffer) latent = pull (sink);

    fail_unless_equals_uint64 (GST_BUFFER_PTS (latent), i * GST_SECOND);
  }
  launch_free (pipeline);
}

GST_END_TEST;

/* Latents flow again while the seek is still on its way back to who sent it. */
static GstPadEventFunction original_event;

static gboolean
linger (GstPad * pad, GstObject * parent, GstEvent * event)
{
  const gboolean is_seek = GST_EVENT_TYPE (event) == GST_EVENT_SEEK;
  const gboolean handled = original_event (pad, parent, event);

  if (is_seek)
    g_usleep (500000);
  return handled;
}

GST_START_TEST (a_slow_seek_loses_nothing)
{
  GstElement *pipeline = launch_new ("latentsrc name=latents width=128 "
      "height=128 ! tensor/strided,framerate=(fraction)1/1 ! "
      "regionalsampler name=s " MODEL " " ENDLESS " ! "
      "appsink name=sink sync=false max-buffers=1");
  GstElement *element = launch_get (pipeline, "s");
  GstElement *sink = launch_get (pipeline, "sink");
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (launch_get (pipeline, "latents"), "src");

  original_event = GST_PAD_EVENTFUNC (pad);
  gst_pad_set_event_function (pad, linger);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_sampling (pipeline);
  g_object_set (element, "steps", 2, NULL);
  fail_unless (seek (pipeline));
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstBuffer) latent = pull (sink);

    fail_unless_equals_uint64 (GST_BUFFER_PTS (latent), i * GST_SECOND);
  }
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (seeks_in_a_row_do_no_harm)
{
  GstElement *pipeline = launch_new (LATENTS "regionalsampler name=s " MODEL
      " " ENDLESS " ! appsink name=sink sync=false max-buffers=1");
  GstElement *element = launch_get (pipeline, "s");
  GstElement *sink = launch_get (pipeline, "sink");

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_sampling (pipeline);
  for (guint i = 0; i < 50; i++)
    fail_unless (seek (pipeline));
  g_object_set (element, "steps", 2, NULL);
  fail_unless (seek (pipeline));
  gst_buffer_unref (pull (sink));
  launch_free (pipeline);
}

GST_END_TEST;

/* A job may also come to its end while a seek is on its way. */
GST_START_TEST (seeks_and_short_jobs_do_no_harm)
{
  GstElement *pipeline = launch_new (LATENTS "regionalsampler name=s " MODEL
      " steps=1 ! fakesink");
  GRand *random = g_rand_new_with_seed (1);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_sampling (pipeline);
  for (guint i = 0; i < 50; i++) {
    g_usleep (g_rand_int_range (random, 0, 20000));
    fail_unless (seek (pipeline));
  }
  wait_sampling (pipeline);
  g_rand_free (random);
  launch_free (pipeline);
}

GST_END_TEST;

/* Such a seek would stop the base class's task for ever. */
GST_START_TEST (latents_that_cannot_seek_refuse)
{
  GstElement *pipeline = launch_new ("appsrc name=latents format=time caps=\""
      SAMPLER_CAPS "\" ! regionalsampler name=s " MODEL " steps=2 ! "
      "appsink name=sink sync=false");
  GstAppSrc *source = GST_APP_SRC (launch_get (pipeline, "latents"));
  GstElement *sink = launch_get (pipeline, "sink");

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 3; i++) {
    gst_app_src_push_buffer (source, sampler_latent_new (0));
    gst_buffer_unref (pull (sink));
    fail_if (seek (pipeline), "seeked what cannot");
  }
  launch_free (pipeline);
}

GST_END_TEST;

static void
wait_mask_eos (GstElement * element)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "mask_0");

  while (!GST_PAD_IS_EOS (pad))
    g_usleep (1000);
}

/* A still picture from a file: it does not seek, and it need not. */
GST_START_TEST (an_ended_mask_need_not_seek)
{
  GstElement *pipeline = launch_new (LATENTS
      "regionalsampler name=s mask_0::prompt=red " MODEL
      " steps=2 ! tee name=t ! queue ! fakesink t. ! queue ! "
      "appsink name=sink sync=false max-buffers=1 "
      "appsrc name=masks format=time caps=\"" MASK_CAPS "\" ! s.mask_0");
  GstElement *element = launch_get (pipeline, "s");
  GstElement *sink = launch_get (pipeline, "sink");
  GstAppSrc *masks = GST_APP_SRC (launch_get (pipeline, "masks"));
  g_autofree float *expected = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_app_src_push_buffer (masks, sampler_mask_new (128, 128, MASK_LEFT));
  gst_app_src_end_of_stream (masks);
  expected = sampler_values (pull (sink));
  wait_mask_eos (element);
  for (guint i = 0; i < 5; i++) {
    g_autofree float *values = NULL;

    /* both sinks send it on */
    fail_unless (seek (pipeline));
    values = sampler_values (pull (sink));
    sampler_assert_equal (values, expected);
    fail_unless (seek (pipeline) && seek (pipeline));
    gst_buffer_unref (pull (sink));
  }
  launch_free (pipeline);
}

GST_END_TEST;

/* More masks may come, at times that upstream would not go back to. */
GST_START_TEST (a_running_mask_that_cannot_seek_refuses)
{
  GstElement *pipeline = launch_new (LATENTS
      "regionalsampler name=s mask_0::prompt=red mask_0::hold=true " MODEL
      " steps=2 ! appsink name=sink sync=false max-buffers=1 "
      "appsrc name=masks format=time caps=\"" MASK_CAPS "\" ! s.mask_0");
  GstElement *sink = launch_get (pipeline, "sink");
  GstAppSrc *masks = GST_APP_SRC (launch_get (pipeline, "masks"));

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_app_src_push_buffer (masks, sampler_mask_new (128, 128, MASK_LEFT));
  for (guint i = 0; i < 3; i++) {
    gst_buffer_unref (pull (sink));
    fail_if (seek (pipeline));
  }
  launch_free (pipeline);
}

GST_END_TEST;

/* A sampler behind a sampler asks it. */
GST_START_TEST (two_in_a_row_seek)
{
  GstElement *pipeline = launch_new ("latentsrc num-buffers=1 width=128 "
      "height=128 ! regionalsampler name=s " MODEL " steps=4 end-at-step=2 "
      "return-with-leftover-noise=true ! regionalsampler " MODEL " steps=4 "
      "start-at-step=2 add-noise=false ! fakesink");

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_eos (pipeline);
  fail_unless (seek (pipeline));
  wait_eos (pipeline);
  launch_free (pipeline);
}

GST_END_TEST;

static Suite *
regionalsampler_seek_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-seek");
  TCase *seeks = tcase_create ("seeks");

  suite_add_tcase (suite, seeks);
  tcase_add_test (seeks, a_reverse_seek_is_refused);
  tcase_add_test (seeks, a_flushing_seek_cancels);
  tcase_add_test (seeks, a_slow_seek_loses_nothing);
  tcase_add_test (seeks, seeks_in_a_row_do_no_harm);
  tcase_add_test (seeks, seeks_and_short_jobs_do_no_harm);
  tcase_add_test (seeks, latents_that_cannot_seek_refuse);
  tcase_add_test (seeks, an_ended_mask_need_not_seek);
  tcase_add_test (seeks, a_running_mask_that_cannot_seek_refuses);
  tcase_add_test (seeks, two_in_a_row_seek);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_seek);
