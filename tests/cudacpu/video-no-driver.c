/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* A driver that GStreamer's CUDA library cannot use: pictures are in system
 * memory, and all else is as ever. */

#include <gst/check/gstcheck.h>

#include "../check/launch.h"

static void
assert_no_cuda (GstElement * element, const char *name)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, name);
  g_autoptr (GstCaps) caps = gst_pad_query_caps (pad, NULL);
  g_autoptr (GstQuery) query = gst_query_new_context ("gst.cuda.context");
  g_autofree gchar *text = gst_caps_to_string (caps);

  fail_unless (!gst_caps_is_any (caps) && !gst_caps_is_empty (caps));
  fail_unless (strstr (text, "CUDAMemory") == NULL, "%s", text);
  fail_unless (!gst_pad_query (pad, query));
}

GST_START_TEST (test_pictures_in_system_memory)
{
  GstElement *pipeline = launch_new ("videotestsrc num-buffers=1 ! "
      "video/x-raw,width=64,height=64 ! videoconvert ! "
      "latentencode name=encode threads=1 model=DATA/tiny-sd ! "
      "tensor/strided(memory:LatentCUDA) ! "
      "latentdecode name=decode threads=1 model=DATA/tiny-sd ! fakesink");

  assert_no_cuda (launch_get (pipeline, "encode"), "sink");
  assert_no_cuda (launch_get (pipeline, "decode"), "src");
  g_ptr_array_unref (launch_run (pipeline));
  launch_free (pipeline);
}

GST_END_TEST;

static Suite *
video_no_driver_suite (void)
{
  Suite *suite = suite_create ("video-no-driver");
  TCase *chain = tcase_create ("general");

  suite_add_tcase (suite, chain);
  tcase_add_test (chain, test_pictures_in_system_memory);
  return suite;
}

GST_CHECK_MAIN (video_no_driver);
