/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Empty latents: their caps, times and errors. */

#include <gst/app/app.h>
#include <string.h>

#include "../launch.h"

#define SIZE "width=64 height=32"

/* Returns: (transfer full): all that an appsink named "sink" got */
static GPtrArray *
collect (const char *line)
{
  GPtrArray *samples =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_sample_unref);
  GstElement *pipeline = launch_new ("%s ! appsink name=sink sync=false "
      "wait-on-eos=false", line);
  GstAppSink *sink = GST_APP_SINK (launch_get (pipeline, "sink"));
  GstSample *sample;

  g_ptr_array_unref (launch_run (pipeline));
  while ((sample = gst_app_sink_try_pull_sample (sink, 0)) != NULL)
    g_ptr_array_add (samples, sample);
  launch_free (pipeline);
  return samples;
}

static void
check_caps (GstSample * sample, const char *wanted)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (wanted);
  g_autofree char *text = gst_caps_to_string (gst_sample_get_caps (sample));

  fail_unless (gst_caps_is_equal (caps, gst_sample_get_caps (sample)), "%s",
      text);
}

#define LATENTS(dims, rest) \
    "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)float32," \
    "dims=(int)<" dims ">,dims-order=(string)row-major,framerate=1/1" rest
#define SD1 ",model-family=sd,downscale=8," \
    "scaling-factor=(double)0.18215,shift-factor=(double)0"

static void
check_first_caps (const char *line, const char *wanted)
{
  g_autoptr (GPtrArray) samples = collect (line);

  fail_unless (samples->len > 0);
  check_caps (g_ptr_array_index (samples, 0), wanted);
}

GST_START_TEST (test_default)
{
  g_autoptr (GPtrArray) samples = collect ("latentsrc num-buffers=1");
  GstSample *sample = g_ptr_array_index (samples, 0);
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  GstMapInfo map;

  fail_unless_equals_int (samples->len, 1);
  check_caps (sample, LATENTS ("1,4,64,64", ",downscale=8"));
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), 0);
  fail_unless_equals_uint64 (GST_BUFFER_DURATION (buffer), GST_SECOND);
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  fail_unless_equals_uint64 (map.size, 4 * 64 * 64 * sizeof (float));
  for (gsize i = 0; i < map.size; i++)
    fail_unless_equals_int (map.data[i], 0);
  gst_buffer_unmap (buffer, &map);
}

GST_END_TEST;

GST_START_TEST (test_shapes)
{
  check_first_caps ("latentsrc num-buffers=1 batch-size=3 " SIZE,
      LATENTS ("3,4,4,8", ",downscale=8"));
  check_first_caps ("latentsrc num-buffers=1 model=MODELS/tiny " SIZE,
      LATENTS ("1,4,4,8", SD1));
}

GST_END_TEST;

GST_START_TEST (test_downstream_decides)
{
  /* a query's way of saying what a model takes */
  check_first_caps ("latentsrc num-buffers=1 " SIZE " ! identity ! "
      "tensor/strided,channels=16,downscale=4,model-family=flow",
      LATENTS ("1,16,8,16", ",downscale=4,model-family=flow,channels=16"));
  check_first_caps ("latentsrc num-buffers=1 " SIZE " ! "
      "tensor/strided,dims=(int)<1,16,4,8>",
      LATENTS ("1,16,4,8", ",downscale=8"));
  check_first_caps ("latentsrc num-buffers=1 " SIZE " ! "
      "tensor/strided,type=float16",
      "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)float16,"
      "dims=(int)<1,4,4,8>,dims-order=(string)row-major,framerate=1/1,"
      "downscale=8");
}

GST_END_TEST;

/* An application that was written for the id that latents had before asks for
 * that, in front of any element. */
GST_START_TEST (test_old_id)
{
  const char *const old = "tensor/strided,tensor-id=latent";

  check_first_caps ("latentsrc num-buffers=1 " SIZE " ! identity ! "
      "tensor/strided,tensor-id=latent",
      "tensor/strided,tensor-id=latent,type=(string)float32,"
      "dims=(int)<1,4,4,8>,dims-order=(string)row-major,framerate=1/1,"
      "downscale=8");
  launch_once ("latentsrc num-buffers=1 " SIZE " ! %s ! "
      "latentdecode model=MODELS/tiny ! latentencode model=MODELS/tiny ! %s ! "
      "regionalsampler model=MODELS/tiny steps=1 ! %s ! safetensorsenc ! "
      "safetensorsdec ! %s ! fakesink", old, old, old, old);
  /* what comes under the old one goes on under the new one */
  launch_once ("latentsrc num-buffers=1 " SIZE " ! %s ! "
      "regionalsampler model=MODELS/tiny steps=1 ! "
      "tensor/strided,tensor-id=stable-diffusion-latent ! fakesink", old);
  check_first_caps ("latentsrc num-buffers=1 " SIZE " ! "
      "tensor/strided,tensor-id=latent ! "
      "regionalsampler model=MODELS/tiny steps=1 ! tensor/strided",
      LATENTS ("1,4,4,8", SD1));
}

GST_END_TEST;

GST_START_TEST (test_follows_an_element)
{
  GstElement *pipeline = launch_new ("latentsrc name=src num-buffers=1 " SIZE
      " ! latentdecode model=MODELS/tiny ! fakesink");
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstCaps) wanted = gst_caps_from_string (LATENTS ("1,4,4,8",
          ",channels=4" SD1));

  g_ptr_array_unref (launch_run (pipeline));
  pad = gst_element_get_static_pad (launch_get (pipeline, "src"), "src");
  caps = gst_pad_get_current_caps (pad);
  gst_caps_set_simple (wanted, "channels", G_TYPE_INT, 4, NULL);
  fail_unless (gst_caps_can_intersect (caps, wanted));
  fail_unless (gst_structure_has_field (gst_caps_get_structure (caps, 0),
          "scaling-factor"));
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_times)
{
  g_autoptr (GPtrArray) timed = collect ("latentsrc num-buffers=3 " SIZE
      " ! tensor/strided,framerate=3/1");
  g_autoptr (GPtrArray) untimed =
      collect ("latentsrc num-buffers=3 framerate=0/1 " SIZE);
  g_autoptr (GPtrArray) slow =
      collect ("latentsrc num-buffers=3 framerate=1/2 " SIZE);

  fail_unless_equals_int (timed->len, 3);
  fail_unless_equals_int (slow->len, 3);
  fail_unless_equals_int (untimed->len, 3);
  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer = gst_sample_get_buffer (timed->pdata[i]);
    const GstClockTime begin = i * GST_SECOND / 3;
    const GstClockTime end = (i + 1) * GST_SECOND / 3;

    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), begin);
    fail_unless_equals_uint64 (GST_BUFFER_DURATION (buffer), end - begin);
    buffer = gst_sample_get_buffer (untimed->pdata[i]);
    fail_unless_equals_int (GST_BUFFER_PTS_IS_VALID (buffer), i == 0);
    buffer = gst_sample_get_buffer (slow->pdata[i]);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), 2 * i * GST_SECOND);
    fail_unless_equals_uint64 (GST_BUFFER_DURATION (buffer), 2 * GST_SECOND);
  }
}

GST_END_TEST;

GST_START_TEST (test_seek)
{
  GstElement *pipeline = launch_new ("latentsrc name=src " SIZE
      " ! tensor/strided,framerate=10/1 ! appsink name=sink sync=false "
      "max-buffers=1");
  GstAppSink *sink = GST_APP_SINK (launch_get (pipeline, "sink"));
  GstSample *sample;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
          GST_CLOCK_TIME_NONE), GST_STATE_CHANGE_SUCCESS);
  fail_unless (gst_element_seek (pipeline, 1.0, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 250 * GST_MSECOND,
          GST_SEEK_TYPE_SET, 500 * GST_MSECOND));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 2; i < 5; i++) {
    sample = gst_app_sink_pull_sample (sink);
    fail_unless (sample != NULL);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (gst_sample_get_buffer (sample)),
        i * 100 * GST_MSECOND);
    gst_sample_unref (sample);
  }
  /* the segment's stop is the end */
  fail_unless (gst_app_sink_pull_sample (sink) == NULL);
  fail_unless (gst_app_sink_is_eos (sink));
  fail_if (gst_element_seek (pipeline, -1.0, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET,
          GST_SECOND));
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_play_twice)
{
  GstElement *pipeline = launch_new ("latentsrc num-buffers=2 " SIZE
      " ! appsink name=sink sync=false wait-on-eos=false");
  GstAppSink *sink = GST_APP_SINK (launch_get (pipeline, "sink"));

  for (guint run = 0; run < 2; run++) {
    GstSample *sample;

    g_ptr_array_unref (launch_run (pipeline));
    sample = gst_app_sink_pull_sample (sink);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (gst_sample_get_buffer (sample)),
        0);
    gst_sample_unref (sample);
    gst_element_set_state (pipeline, GST_STATE_NULL);
  }
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_sizes_that_do_not_fit)
{
  launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "width 500 is not a multiple of 8, use 496 or 504",
      "latentsrc width=500 ! fakesink");
  launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "height 4 is not a multiple of 8, use 8",
      "latentsrc height=4 model=MODELS/tiny ! fakesink");
  launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "exceed the 2147483647 bytes that a latent can have",
      "latentsrc width=800000 height=800000 ! fakesink");
}

GST_END_TEST;

GST_START_TEST (test_caps_that_do_not_fit)
{
  launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "downstream does not accept a batch of 1 latents of 64x32 pixels with 4 "
      "channels", "latentsrc " SIZE
      " ! tensor/strided,dims=(int)<1,4,64,64> ! fakesink");
  launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "with 4 channels", "latentsrc model=MODELS/tiny " SIZE
      " ! tensor/strided,channels=16,dims=(int)<1,16,4,8> ! fakesink");
}

GST_END_TEST;

GST_START_TEST (test_no_model)
{
  launch_check_error (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
      "/nowhere/model", "latentsrc model=/nowhere/model ! fakesink");
}

GST_END_TEST;

GST_START_TEST (test_one_fault_is_one_error)
{
  launch_check_one_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "width 500", "latentsrc width=500 ! fakesink");
  launch_check_one_error (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
      "/nowhere/model", "latentsrc model=/nowhere/model ! fakesink");
}

GST_END_TEST;

/* Caps that somebody behind other elements does not take. */
GST_START_TEST (test_refused_caps_are_named)
{
  launch_check_one_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
      "m:video_0 does not accept the caps of j:src, which are image/jpeg",
      "latentsrc framerate=0/1 " SIZE " ! identity ! latentdecode "
      "model=MODELS/tiny ! videoconvert ! jpegenc name=j ! avimux name=m ! "
      "fakesink");
}

GST_END_TEST;

/* Neither through the pad nor to the element itself; nothing is flushed. */
GST_START_TEST (test_reverse_seek)
{
  GstElement *pipeline = launch_new ("latentsrc name=src " SIZE
      " ! appsink name=sink sync=false max-buffers=1");
  GstAppSink *sink = GST_APP_SINK (launch_get (pipeline, "sink"));
  GstElement *targets[] = { pipeline, launch_get (pipeline, "src") };

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 6; i++) {
    g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);

    fail_unless_equals_uint64 (GST_BUFFER_PTS (gst_sample_get_buffer (sample)),
        i * GST_SECOND);
    fail_if (gst_element_seek (targets[i % 2], -1.0, GST_FORMAT_TIME,
            GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET,
            GST_SECOND));
  }
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_properties)
{
  GstElement *pipeline = launch_new ("latentsrc name=src width=72 height=80 "
      "batch-size=5 framerate=30000/1001 model=here ! fakesink");
  GstElement *src = launch_get (pipeline, "src");
  g_autofree char *model = NULL;
  guint width, height, batch_size;
  gint fps_n, fps_d;

  g_object_get (src, "width", &width, "height", &height, "batch-size",
      &batch_size, "framerate", &fps_n, &fps_d, "model", &model, NULL);
  fail_unless (fps_n == 30000 && fps_d == 1001);
  fail_unless (width == 72 && height == 80 && batch_size == 5);
  fail_unless_equals_string (model, "here");
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_states)
{
  GstElement *pipeline = launch_new ("latentsrc model=MODELS/tiny " SIZE
      " ! fakesink");

  for (guint i = 0; i < 40; i++) {
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    gst_element_set_state (pipeline, i % 2 ? GST_STATE_READY : GST_STATE_NULL);
  }
  launch_free (pipeline);
}

GST_END_TEST;

static Suite *
latentsrc_suite (void)
{
  Suite *s = suite_create ("latentsrc");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_default);
  tcase_add_test (tc, test_shapes);
  tcase_add_test (tc, test_downstream_decides);
  tcase_add_test (tc, test_old_id);
  tcase_add_test (tc, test_follows_an_element);
  tcase_add_test (tc, test_times);
  tcase_add_test (tc, test_seek);
  tcase_add_test (tc, test_play_twice);
  tcase_add_test (tc, test_sizes_that_do_not_fit);
  tcase_add_test (tc, test_caps_that_do_not_fit);
  tcase_add_test (tc, test_no_model);
  tcase_add_test (tc, test_one_fault_is_one_error);
  tcase_add_test (tc, test_refused_caps_are_named);
  tcase_add_test (tc, test_reverse_seek);
  tcase_add_test (tc, test_properties);
  tcase_add_test (tc, test_states);
  return s;
}

GST_CHECK_MAIN (latentsrc);
