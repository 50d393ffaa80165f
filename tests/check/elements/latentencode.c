/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Pictures to latents: metadata, errors, and work that is called off. */

#include <gst/check/gstharness.h>
#include <glib/gstdio.h>
#include <gst/video/video.h>
#include <string.h>

#include "../launch.h"
#include "../rdtest.h"
#include "../scratch.h"

#define PICTURE_CAPS "video/x-raw,format=RGB,width=64,height=32,framerate=10/1"
#define PICTURE_SIZE (64 * 32 * 3)
#define ENCODE \
    "latentencode name=encode device=DEVICE threads=1 model=DATA/tiny-sd"

static GstHarness *
new_harness (void)
{
  g_autofree char *model = rd_test_path ("tiny-sd");
  GstElement *element = gst_element_factory_make ("latentencode", NULL);
  GstHarness *h;

  g_object_set (element, "model", model, "device", rd_test_device_name (),
      "threads", 1, NULL);
  h = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  return h;
}

static GstBuffer *
new_picture (void)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, PICTURE_SIZE, NULL);
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (gsize i = 0; i < map.size; i++)
    map.data[i] = (i * 7 + i / 192 * 5) % 256;
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = GST_SECOND;
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 10;
  return buffer;
}

GST_START_TEST (test_caps_and_times)
{
  GstHarness *h = new_harness ();
  g_autoptr (GstBuffer) latent = NULL;
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstCaps) wanted = gst_caps_from_string ("tensor/strided,"
      "tensor-id=stable-diffusion-latent,"
      "type=(string)float32,dims=(int)<1,4,4,8>,"
      "dims-order=(string)row-major,framerate=10/1,channels=4,model-family=sd,"
      "downscale=8,scaling-factor=(double)0.18215,shift-factor=(double)0");

  if (g_str_equal (rd_test_device_name (), "cuda"))
    gst_caps_set_features_simple (wanted,
        gst_caps_features_from_string ("memory:LatentCUDA"));
  gst_harness_set_src_caps_str (h, PICTURE_CAPS);
  latent = gst_harness_push_and_pull (h, new_picture ());
  caps = gst_pad_get_current_caps (h->sinkpad);
  fail_unless (gst_caps_is_equal (caps, wanted), "%s",
      gst_caps_to_string (caps));
  fail_unless_equals_uint64 (gst_buffer_get_size (latent), 4 * 4 * 8 * 4);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (latent), GST_SECOND);
  fail_unless_equals_uint64 (GST_BUFFER_DURATION (latent), GST_SECOND / 10);
  gst_harness_teardown (h);
}

GST_END_TEST;

static void
check_equal (GstBuffer * a, GstBuffer * b, gboolean equal)
{
  GstMapInfo map;

  fail_unless_equals_uint64 (gst_buffer_get_size (a), gst_buffer_get_size (b));
  fail_unless (gst_buffer_map (a, &map, GST_MAP_READ));
  fail_unless_equals_int (gst_buffer_memcmp (b, 0, map.data, map.size) == 0,
      equal);
  gst_buffer_unmap (a, &map);
}

/* The same picture, but with rows that are apart, and not at the start. */
static GstBuffer *
new_padded_picture (void)
{
  gsize offset[GST_VIDEO_MAX_PLANES] = { 100 };
  gint stride[GST_VIDEO_MAX_PLANES] = { 256 };
  g_autoptr (GstBuffer) plain = new_picture ();
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 100 + 32 * 256, NULL);
  GstMapInfo map;

  gst_buffer_memset (buffer, 0, 255, -1);
  fail_unless (gst_buffer_map (plain, &map, GST_MAP_READ));
  for (guint y = 0; y < 32; y++)
    gst_buffer_fill (buffer, 100 + y * 256, map.data + y * 192, 192);
  gst_buffer_unmap (plain, &map);
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_FORMAT_RGB, 64, 32, 1, offset, stride);
  return buffer;
}

GST_START_TEST (test_strides)
{
  GstHarness *h = new_harness ();
  g_autoptr (GstBuffer) plain = NULL;
  g_autoptr (GstBuffer) padded = NULL;
  g_autoptr (GstBuffer) white = gst_buffer_new_allocate (NULL, PICTURE_SIZE,
      NULL);
  g_autoptr (GstBuffer) other = NULL;

  gst_harness_set_src_caps_str (h, PICTURE_CAPS);
  plain = gst_harness_push_and_pull (h, new_picture ());
  padded = gst_harness_push_and_pull (h, new_padded_picture ());
  check_equal (plain, padded, TRUE);
  gst_buffer_memset (white, 0, 255, -1);
  other = gst_harness_push_and_pull (h, g_steal_pointer (&white));
  check_equal (plain, other, FALSE);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Regions stay in picture pixels, with what a detector wrote into them. */
GST_START_TEST (test_metas)
{
  GstHarness *h = new_harness ();
  GstBuffer *picture = new_padded_picture ();
  g_autoptr (GstBuffer) latent = NULL;
  GstVideoRegionOfInterestMeta *roi;
  GstStructure *param;
  double confidence;

  roi = gst_buffer_add_video_region_of_interest_meta (picture, "fox", 8, 4, 30,
      20);
  roi->id = 17;
  gst_video_region_of_interest_meta_add_param (roi,
      gst_structure_new ("detection", "confidence", G_TYPE_DOUBLE, 0.75, NULL));
  gst_buffer_add_video_crop_meta (picture);
  gst_harness_set_src_caps_str (h, PICTURE_CAPS);
  latent = gst_harness_push_and_pull (h, picture);

  roi = gst_buffer_get_video_region_of_interest_meta_id (latent, 17);
  fail_unless (roi != NULL);
  fail_unless_equals_string (g_quark_to_string (roi->roi_type), "fox");
  fail_unless (roi->x == 8 && roi->y == 4 && roi->w == 30 && roi->h == 20);
  param = gst_video_region_of_interest_meta_get_param (roi, "detection");
  fail_unless (gst_structure_get_double (param, "confidence", &confidence));
  fail_unless_equals_float (confidence, 0.75);
  /* these speak of bytes that are no more */
  fail_unless (gst_buffer_get_video_meta (latent) == NULL);
  fail_unless (gst_buffer_get_video_crop_meta (latent) == NULL);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_float16)
{
  GstHarness *h = new_harness ();
  g_autoptr (GstBuffer) latent = NULL;

  gst_harness_set_sink_caps_str (h, "tensor/strided,type=float16");
  gst_harness_set_src_caps_str (h, PICTURE_CAPS);
  latent = gst_harness_push_and_pull (h, new_picture ());
  fail_unless_equals_uint64 (gst_buffer_get_size (latent), 4 * 4 * 8 * 2);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_progress)
{
  GstElement *pipeline = launch_new ("videotestsrc num-buffers=2 ! "
      PICTURE_CAPS " ! " ENCODE " ! fakesink");
  g_autoptr (GPtrArray) messages = launch_run (pipeline);
  g_autofree char *list = launch_progress_list (messages);

  fail_unless_equals_string (list, "load-start load-complete encode-start "
      "encode-complete encode-start encode-complete");
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_sizes_that_do_not_fit)
{
  launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "height 44 is not a multiple of 8, use 40 or 48",
      "videotestsrc ! video/x-raw,width=64,height=44 ! videoconvert ! " ENCODE
      " ! fakesink");
  launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "width 7 is not a multiple of 8, use 8",
      "videotestsrc ! video/x-raw,width=7,height=8 ! videoconvert ! " ENCODE
      " ! fakesink");
}

GST_END_TEST;

/* A decoder cannot choose its size: it must come to us to be refused. */
GST_START_TEST (test_decoded_size_that_does_not_fit)
{
  g_autofree char *folder = g_dir_make_tmp ("rd-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "odd.png", NULL);

  launch_once ("videotestsrc num-buffers=1 ! video/x-raw,width=65,height=64 ! "
      "videoconvert ! pngenc ! filesink location=%s", path);
  launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "width 65 is not a multiple of 8, use 64 or 72",
      "filesrc location=%s ! pngdec ! videoconvert ! " ENCODE " ! fakesink",
      path);
  g_remove (path);
  g_rmdir (folder);
}

GST_END_TEST;

GST_START_TEST (test_wrong_buffer)
{
  GstHarness *h = new_harness ();
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_element_set_bus (h->element, bus);
  gst_harness_set_src_caps_str (h, PICTURE_CAPS);
  fail_unless_equals_int (gst_harness_push (h, gst_buffer_new_allocate (NULL,
              100, NULL)), GST_FLOW_EOS);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (strstr (error->message, "buffer of 100 bytes does not contain "
          "the picture of 64x32 pixels") != NULL, "%s", error->message);
  gst_element_set_bus (h->element, NULL);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_models)
{
  g_autofree char *tiny = rd_test_path ("tiny-sd");
  g_autoptr (RdScratch) no_encoder = rd_scratch_new (tiny);
  g_autoptr (RdScratch) corrupt = rd_scratch_new (tiny);
  GstElement *pipeline;
  g_autoptr (GPtrArray) messages = NULL;
  g_autofree char *text = NULL;
  g_autofree char *list = NULL;

  launch_check_error (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "encode: the property model is not set",
      "videotestsrc ! latentencode name=encode ! fakesink");
  launch_check_error (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
      "/nowhere/model",
      "videotestsrc ! latentencode model=/nowhere/model ! fakesink");
  rd_scratch_remove (no_encoder, "vae_encoder/model.onnx");
  launch_check_error (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
      "vae_encoder", "videotestsrc ! latentencode model=%s ! fakesink",
      no_encoder);

  /* found out by the load, whose progress ends after the error */
  rd_scratch_truncate (corrupt, "vae_encoder/model.onnx", 100);
  pipeline = launch_new ("videotestsrc ! " PICTURE_CAPS
      " ! latentencode model=%s ! fakesink", corrupt);
  text = launch_fail (pipeline, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT,
      &messages);
  list = launch_progress_list (messages);
  fail_unless (strstr (text, "vae_encoder") != NULL, "%s", text);
  fail_unless (g_str_has_prefix (list, "load-start ERROR load-error"), "%s",
      list);
  launch_free (pipeline);
}

GST_END_TEST;

#define RUNNING "videotestsrc ! " PICTURE_CAPS " ! " ENCODE " ! fakesink"

GST_START_TEST (test_cancel)
{
  for (guint stop = 0; stop < 2; stop++) {
    launch_check_cancel ("encode", "load", stop, "load-start load-canceled",
        RUNNING);
    launch_check_cancel ("encode", "encode", stop, "load-start load-complete "
        "encode-start encode-canceled", RUNNING);
  }
}

GST_END_TEST;

GST_START_TEST (test_flush_and_go_on)
{
  GstHarness *h = new_harness ();

  gst_harness_set_src_caps_str (h, PICTURE_CAPS);
  for (guint i = 0; i < 5; i++) {
    GstSegment segment;

    gst_buffer_unref (gst_harness_push_and_pull (h, new_picture ()));
    fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
    fail_unless_equals_int (gst_harness_push (h, new_picture ()),
        GST_FLOW_FLUSHING);
    fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
    gst_segment_init (&segment, GST_FORMAT_TIME);
    fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_new_caps)
{
  GstHarness *h = new_harness ();
  GstBuffer *latent;

  gst_harness_set_src_caps_str (h, PICTURE_CAPS);
  gst_buffer_unref (gst_harness_push_and_pull (h, new_picture ()));
  gst_harness_set_src_caps_str (h,
      "video/x-raw,format=RGB,width=32,height=64,framerate=0/1");
  latent = gst_harness_push_and_pull (h, new_picture ());
  fail_unless_equals_uint64 (gst_buffer_get_size (latent), 4 * 4 * 8 * 4);
  gst_buffer_unref (latent);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_states)
{
  GstElement *pipeline = launch_new ("videotestsrc ! " PICTURE_CAPS " ! "
      ENCODE " ! fakesink sync=false");

  for (guint i = 0; i < 40; i++) {
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    g_usleep (i * 1000);
    gst_element_set_state (pipeline, i % 2 ? GST_STATE_READY : GST_STATE_NULL);
  }
  launch_free (pipeline);
}

GST_END_TEST;

static Suite *
latentencode_suite (void)
{
  Suite *s = suite_create ("latentencode");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_caps_and_times);
  tcase_add_test (tc, test_strides);
  tcase_add_test (tc, test_metas);
  tcase_add_test (tc, test_float16);
  tcase_add_test (tc, test_progress);
  tcase_add_test (tc, test_sizes_that_do_not_fit);
  tcase_add_test (tc, test_decoded_size_that_does_not_fit);
  tcase_add_test (tc, test_wrong_buffer);
  tcase_add_test (tc, test_models);
  tcase_add_test (tc, test_cancel);
  tcase_add_test (tc, test_flush_and_go_on);
  tcase_add_test (tc, test_new_caps);
  tcase_add_test (tc, test_states);
  return s;
}

GST_CHECK_MAIN (latentencode);
