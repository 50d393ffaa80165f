/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What is wrong with the links of our elements, and with what comes through
 * them: one error that says what to do. */

#include <glib/gstdio.h>
#include <gst/app/app.h>
#include <string.h>

#include "../launch.h"

#define SAMPLER "regionalsampler name=s model=MODELS/tiny device=DEVICE " \
    "threads=1 steps=1 "
#define LATENTS "latentsrc num-buffers=2 width=64 height=64 ! "

/* What is linked without a pad's name is meant for `sink`. */
GST_START_TEST (video_is_no_latent)
{
  static const char *const wrong[] = {
    "videotestsrc ! videoconvert ! %s ! fakesink",
    "videotestsrc ! videoconvert ! identity ! %s ! latentdecode ! fakesink",
    "videotestsrc ! video/x-raw,format=GRAY8 ! s.  latentsrc ! %s ! fakesink",
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_auto (GStrv) parts = g_strsplit (wrong[i], "%s", 2);
    g_autofree char *line =
        g_strconcat (parts[0], "regionalsampler name=s", parts[1], NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (GstElement) pipeline = gst_parse_launch_full (line, NULL,
        GST_PARSE_FLAG_FATAL_ERRORS, &error);

    fail_unless (pipeline == NULL, "%s", line);
    fail_unless (g_error_matches (error, GST_PARSE_ERROR,
            GST_PARSE_ERROR_LINK), "%s", error->message);
  }
}

GST_END_TEST;

/* Where links are made in a pipeline that is set up, as behind decodebin. */
GST_START_TEST (refused_links_are_told)
{
  GstElement *pipeline = launch_new ("regionalsampler name=s ! fakesink");
  GstElement *sampler = launch_get (pipeline, "s");
  GstElement *video = gst_element_factory_make ("videotestsrc", "video");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) warning = NULL;

  gst_bin_add (GST_BIN (GST_OBJECT_PARENT (sampler)), video);
  gst_element_set_state (pipeline, GST_STATE_READY);
  fail_if (gst_element_link (video, sampler));
  message = launch_wait (pipeline, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &warning, NULL);
  fail_unless (strstr (warning->message, "video:src is not linked to s: video "
          "is no latent; to paint over its pictures put latentencode between "
          "the two") != NULL, "%s", warning->message);
  fail_unless_equals_int (sampler->numsinkpads, 1);
  launch_free (pipeline);
}

GST_END_TEST;

/* GStreamer makes a ghost pad for such a link, whose target must not refuse. */
GST_START_TEST (links_into_bins)
{
  GstElement *pipeline = launch_new (SAMPLER "! fakesink");
  GstElement *video = gst_element_factory_make ("videotestsrc", "video");
  g_autofree char *text = NULL;

  gst_bin_add (GST_BIN (pipeline), video);
  fail_unless (gst_element_link (video, launch_get (pipeline, "s")));
  text = launch_fail (pipeline, GST_CORE_ERROR, GST_CORE_ERROR_PAD, NULL);
  fail_unless (strstr (text, "s: nothing is linked to the pad sink") != NULL
      && strstr (text, "put latentencode between the two") != NULL, "%s", text);
  launch_free (pipeline);
}

GST_END_TEST;

/* By its name a mask pad is linked whenever one likes, and without it when the
 * latents are. */
GST_START_TEST (masks_are_linked)
{
  const char *mask = "videotestsrc num-buffers=1 ! video/x-raw,format=GRAY8";

  launch_check_one_error (GST_CORE_ERROR, GST_CORE_ERROR_PAD,
      "c is linked to mask_0, as a mask: to paint over its pictures "
      "put latentencode between the two",
      "videotestsrc ! videoconvert name=c ! s.mask_0 " SAMPLER "! fakesink");
  launch_once ("%s ! s.mask_0 latentsrc num-buffers=1 width=64 height=64 ! "
      SAMPLER "! fakesink", mask);
  launch_once ("latentsrc num-buffers=1 width=64 height=64 ! " SAMPLER
      "! fakesink %s ! s.", mask);
}

GST_END_TEST;

GST_START_TEST (elements_without_a_source)
{
  static const char *const alone[] = {
    SAMPLER, "latentdecode name=s model=MODELS/tiny",
    "latentencode name=s model=MODELS/tiny", "regionmeta name=s",
    "safetensorsenc name=s", "safetensorsdec name=s",
  };

  for (guint i = 0; i < G_N_ELEMENTS (alone); i++) {
    g_autofree char *line = g_strconcat (alone[i], " ! fakesink", NULL);

    launch_check_one_error (GST_CORE_ERROR, GST_CORE_ERROR_PAD,
        "s: nothing is linked to the pad sink, so that no data can come", "%s",
        line);
  }
}

GST_END_TEST;

#define TYPE_LATE_SOURCE (late_source_get_type ())
G_DECLARE_FINAL_TYPE (LateSource, late_source, LATE, SOURCE, GstBin);

/* A bin that has its pad from READY to PAUSED on, as decodebin. */
struct _LateSource
{
  GstBin parent;
};

G_DEFINE_TYPE (LateSource, late_source, GST_TYPE_BIN);

static GstStaticPadTemplate late_template = GST_STATIC_PAD_TEMPLATE ("src_%u",
    GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS_ANY);

static void
late_source_class_init (LateSourceClass * klass)
{
  gst_element_class_add_static_pad_template (GST_ELEMENT_CLASS (klass),
      &late_template);
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass), "late",
      "Source", "late", "late");
}

static void
late_source_init (LateSource * self)
{
}

/* Where somebody will add a pad, nothing is wrong yet. */
GST_START_TEST (links_may_come_later)
{
  GstElement *pipeline = launch_new (SAMPLER "! fakesink async=false");
  GstElement *late = g_object_new (TYPE_LATE_SOURCE, NULL);
  GstElement *source = gst_element_factory_make ("latentsrc", NULL);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GstPad) pad = NULL;
  GstPad *ghost;

  g_object_set (source, "num-buffers", 1, "width", 64, "height", 64, NULL);
  /* it must not push before its pad is linked */
  gst_element_set_locked_state (source, TRUE);
  gst_bin_add (GST_BIN (late), source);
  gst_bin_add (GST_BIN (pipeline), late);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);

  pad = gst_element_get_static_pad (source, "src");
  ghost = gst_ghost_pad_new ("src_0", pad);
  gst_pad_set_active (ghost, TRUE);
  gst_element_add_pad (late, ghost);
  fail_unless (gst_element_link (late, launch_get (pipeline, "s")));
  gst_element_set_locked_state (source, FALSE);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = launch_wait (pipeline, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  launch_free (pipeline);
}

GST_END_TEST;

/* What appsrc sends unless it is told better. */
GST_START_TEST (segments_are_in_time)
{
  static const struct
  {
    const char *pad, *line;
  } wrong[] = {
    {"sink", "appsrc name=in ! latentdecode model=MODELS/tiny ! fakesink"},
    {"sink", "appsrc name=in ! safetensorsenc ! fakesink"},
    {"sink", "appsrc name=in ! " SAMPLER "! fakesink"},
  };
  g_autoptr (GstCaps) caps = gst_caps_from_string ("tensor/strided,"
      "tensor-id=stable-diffusion-latent,type=(string)float32,"
      "dims=(int)<1,4,8,8>,dims-order=(string)row-major,framerate=0/1");

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    GstElement *pipeline = launch_new ("%s", wrong[i].line);
    GstElement *source = launch_get (pipeline, "in");
    g_autoptr (GPtrArray) messages = NULL;
    g_autofree char *text = NULL;
    guint n = 0;

    g_object_set (source, "caps", caps, NULL);
    for (guint j = 0; j < 3; j++)
      gst_app_src_push_buffer (GST_APP_SRC (source),
          gst_buffer_new_allocate (NULL, 4 * 8 * 8 * sizeof (float), NULL));
    gst_app_src_end_of_stream (GST_APP_SRC (source));
    text = launch_fail (pipeline, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
        &messages);
    fail_unless (strstr (text, "sink: the stream is in bytes, not in time; set "
            "format=time on appsrc") != NULL, "%s", text);
    for (guint j = 0; j < messages->len; j++)
      n += GST_MESSAGE_TYPE (messages->pdata[j]) == GST_MESSAGE_ERROR;
    fail_unless_equals_int (n, 1);
    launch_free (pipeline);
  }
}

GST_END_TEST;

GST_START_TEST (segments_of_masks_are_in_time)
{
  GstElement *pipeline =
      launch_new (LATENTS SAMPLER "! fakesink appsrc name=in "
      "caps=video/x-raw,format=GRAY8,width=8,height=8,framerate=1/1 ! "
      "s.mask_0");
  GstElement *source = launch_get (pipeline, "in");
  g_autofree char *text = NULL;

  gst_app_src_push_buffer (GST_APP_SRC (source),
      gst_buffer_new_allocate (NULL, 64, NULL));
  text =
      launch_fail (pipeline, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT, NULL);
  fail_unless (g_str_has_prefix (text, "mask_0: the stream is in bytes"), "%s",
      text);
  launch_free (pipeline);
}

GST_END_TEST;

/* An error in what is behind the sampler, which nobody else would post. */
GST_START_TEST (refused_caps_are_named)
{
  launch_check_one_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
      "m:video_0 does not accept the caps of j:src, which are image/jpeg",
      "latentsrc num-buffers=1 framerate=0/1 width=64 height=64 ! " SAMPLER
      "! latentdecode model=MODELS/tiny ! videoconvert ! jpegenc name=j ! avimux name=m "
      "! fakesink");
  launch_check_one_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
      "m:video_0 does not accept the caps of j:src",
      "latentsrc framerate=0/1 width=64 height=64 ! " SAMPLER
      "! latentdecode model=MODELS/tiny ! videoconvert ! jpegenc name=j ! avimux name=m "
      "! fakesink");
}

GST_END_TEST;

static GstPadProbeReturn
fail_flow (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  gst_mini_object_unref (info->data);
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GPOINTER_TO_INT (user_data);
  return GST_PAD_PROBE_HANDLED;
}

GST_START_TEST (flow_errors_are_posted)
{
  const GstFlowReturn flows[] = { GST_FLOW_NOT_LINKED, GST_FLOW_ERROR,
    GST_FLOW_NOT_NEGOTIATED, GST_FLOW_CUSTOM_ERROR
  };

  for (guint i = 0; i < G_N_ELEMENTS (flows); i++) {
    GstElement *pipeline = launch_new (LATENTS SAMPLER "! fakesink name=out");
    g_autoptr (GstPad) pad =
        gst_element_get_static_pad (launch_get (pipeline, "out"), "sink");
    g_autofree char *text = NULL;

    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, fail_flow,
        GINT_TO_POINTER (flows[i]), NULL);
    text = launch_fail (pipeline, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
        NULL);
    fail_unless (strstr (text, gst_flow_get_name (flows[i])) != NULL, "%s",
        text);
    launch_free (pipeline);
  }
}

GST_END_TEST;

/* A muxer of files keeps what has a time. */
GST_START_TEST (videos_are_whole)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  const int fd = g_file_open_tmp ("links-XXXXXX.avi", &path, &error);
  GstElement *pipeline;
  GstAppSink *sink;
  GstSample *sample;
  guint n = 0;

  fail_unless (fd >= 0, "%s", error ? error->message : "");
  g_close (fd, NULL);
  launch_once ("latentsrc num-buffers=3 width=64 height=64 ! " SAMPLER
      "! latentdecode model=MODELS/tiny ! videoconvert ! jpegenc ! avimux ! "
      "filesink location=%s", path);

  pipeline = launch_new ("filesrc location=%s ! avidemux ! jpegdec ! "
      "appsink name=sink sync=false wait-on-eos=false", path);
  sink = GST_APP_SINK (launch_get (pipeline, "sink"));
  g_ptr_array_unref (launch_run (pipeline));
  while ((sample = gst_app_sink_try_pull_sample (sink, 0)) != NULL) {
    fail_unless_equals_uint64 (GST_BUFFER_PTS (gst_sample_get_buffer (sample)),
        n * GST_SECOND);
    gst_sample_unref (sample);
    n++;
  }
  fail_unless_equals_int (n, 3);
  launch_free (pipeline);
  g_remove (path);
}

GST_END_TEST;

/* What gst-launch-1.0 -e does on Ctrl-C, while it waits for the first picture. */
GST_START_TEST (eos_in_the_first_picture)
{
  GstElement *pipeline = launch_new ("latentsrc width=64 height=64 ! " SAMPLER
      "! fakesink name=out");
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  gst_message_unref (launch_wait (pipeline, GST_MESSAGE_PROGRESS));
  fail_unless (gst_element_send_event (pipeline, gst_event_new_eos ()));
  gst_message_unref (launch_wait (pipeline, GST_MESSAGE_ASYNC_DONE));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = launch_wait (pipeline, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  launch_free (pipeline);
}

GST_END_TEST;

static Suite *
links_suite (void)
{
  Suite *suite = suite_create ("links");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, video_is_no_latent);
  tcase_add_test (tc, refused_links_are_told);
  tcase_add_test (tc, links_into_bins);
  tcase_add_test (tc, masks_are_linked);
  tcase_add_test (tc, elements_without_a_source);
  tcase_add_test (tc, links_may_come_later);
  tcase_add_test (tc, segments_are_in_time);
  tcase_add_test (tc, segments_of_masks_are_in_time);
  tcase_add_test (tc, refused_caps_are_named);
  tcase_add_test (tc, flow_errors_are_posted);
  tcase_add_test (tc, videos_are_whole);
  tcase_add_test (tc, eos_in_the_first_picture);
  return suite;
}

GST_CHECK_MAIN (links);
