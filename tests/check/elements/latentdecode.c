/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Latents to pictures: what comes out, when, and what goes wrong. */

#include <glib/gstdio.h>
#include <gst/app/app.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <math.h>
#include <string.h>

#include "../launch.h"
#include "../rdtest.h"
#include "../scratch.h"

#define DECODE \
    "latentdecode name=decode device=DEVICE threads=1 model=DATA/tiny-sd"
#define ENCODE "latentencode device=DEVICE threads=1 model=DATA/tiny-sd"
#define LATENTS(dims, rest) \
    "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)float32," \
    "dims=(int)<" dims ">,dims-order=(string)row-major" rest

static GstHarness *
new_harness_of (const char *model)
{
  GstElement *element = gst_element_factory_make ("latentdecode", NULL);
  GstHarness *h;

  g_object_set (element, "model", model, "device", rd_test_device_name (),
      "threads", 1, NULL);
  h = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  return h;
}

static GstHarness *
new_harness (GstBus * bus)
{
  g_autofree char *model = rd_test_path ("tiny-sd");
  GstHarness *h = new_harness_of (model);

  gst_element_set_bus (h->element, bus);
  return h;
}

static void
teardown (GstHarness * h)
{
  gst_element_set_bus (h->element, NULL);
  gst_harness_teardown (h);
}

/* Latents with a pattern that differs from row to row. */
static GstBuffer *
new_latents (guint n, guint channels, guint height, guint width)
{
  const gsize size = (gsize) n * channels * height * width;
  float *values = g_new (float, size);

  for (gsize i = 0; i < size; i++)
    values[i] = 4.0f * sinf (0.37f * i) + i * n / (float) size;
  return gst_buffer_new_wrapped (values, size * sizeof (float));
}

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

/* Returns: (transfer full): the first sample of a pipeline's "sink" */
static GstSample *
first_sample (GstElement * pipeline)
{
  GstSample *sample;

  g_ptr_array_unref (launch_run (pipeline));
  sample = gst_app_sink_pull_sample (GST_APP_SINK (launch_get (pipeline,
              "sink")));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return sample;
}

#define APPSINK " ! appsink sync=false wait-on-eos=false name="

static double
psnr (GstBuffer * a, GstBuffer * b)
{
  GstMapInfo map_a, map_b;
  double sum = 0.0;

  fail_unless (gst_buffer_map (a, &map_a, GST_MAP_READ));
  fail_unless (gst_buffer_map (b, &map_b, GST_MAP_READ));
  fail_unless_equals_uint64 (map_a.size, map_b.size);
  for (gsize i = 0; i < map_a.size; i++)
    sum += pow ((double) map_a.data[i] - map_b.data[i], 2.0);
  sum /= map_a.size;
  gst_buffer_unmap (a, &map_a);
  gst_buffer_unmap (b, &map_b);
  return 10.0 * log10 (255.0 * 255.0 / sum);
}

/* The small model's autoencoder knows soft pictures to 30 dB and better, and
 * gives the wrong size or order of anything at once. */
GST_START_TEST (test_there_and_back)
{
  GstElement *pipeline = launch_new ("videotestsrc num-buffers=1 "
      "pattern=gradient ! video/x-raw,format=RGB,width=128,height=96 ! tee "
      "name=t ! queue ! latentencode device=DEVICE model=MODELS/tiny ! "
      "latentdecode device=DEVICE model=MODELS/tiny" APPSINK "sink t. ! queue"
      APPSINK "original");
  GstAppSink *sink = GST_APP_SINK (launch_get (pipeline, "sink"));
  GstAppSink *original = GST_APP_SINK (launch_get (pipeline, "original"));
  g_autoptr (GstSample) out = NULL;
  g_autoptr (GstSample) in = NULL;
  double quality;

  g_ptr_array_unref (launch_run (pipeline));
  out = gst_app_sink_pull_sample (sink);
  in = gst_app_sink_pull_sample (original);
  quality = psnr (gst_sample_get_buffer (in), gst_sample_get_buffer (out));
  fail_unless (quality > 25.0, "%.1f dB", quality);
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_plays_twice_alike)
{
  GstElement *pipeline = launch_new ("videotestsrc num-buffers=1 "
      "pattern=gradient ! video/x-raw,format=RGB,width=64,height=64 ! " ENCODE
      " ! " DECODE APPSINK "sink");
  g_autoptr (GstSample) first = first_sample (pipeline);
  g_autoptr (GstSample) second = first_sample (pipeline);

  check_equal (gst_sample_get_buffer (first), gst_sample_get_buffer (second),
      TRUE);
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_still_picture)
{
  g_autofree char *folder = g_dir_make_tmp ("rd-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "out.png", NULL);
  GstElement *pipeline;
  g_autoptr (GstSample) sample = NULL;
  GstStructure *s;
  gint width, height;

  launch_once ("latentsrc num-buffers=1 width=64 height=48 ! " DECODE
      " ! videoconvert ! pngenc ! filesink location=%s", path);
  pipeline = launch_new ("filesrc location=%s ! pngdec" APPSINK "sink", path);
  sample = first_sample (pipeline);
  s = gst_caps_get_structure (gst_sample_get_caps (sample), 0);
  fail_unless (gst_structure_get_int (s, "width", &width)
      && gst_structure_get_int (s, "height", &height));
  fail_unless (width == 64 && height == 48);
  launch_free (pipeline);
  g_remove (path);
  g_rmdir (folder);
}

GST_END_TEST;

/* N latents of one buffer are N pictures, which share its time. */
GST_START_TEST (test_batch)
{
  GstHarness *h = new_harness (NULL);
  GstBuffer *latents = new_latents (3, 4, 4, 8);
  GstBuffer *pictures[3];
  GstVideoInfo video;
  g_autoptr (GstCaps) caps = NULL;

  GST_BUFFER_PTS (latents) = 5 * GST_SECOND;
  GST_BUFFER_DURATION (latents) = GST_SECOND;
  gst_buffer_add_video_region_of_interest_meta (latents, "fox", 1, 2, 3, 4);
  gst_harness_set_src_caps_str (h, LATENTS ("3,4,4,8", ",framerate=1/1"));
  fail_unless_equals_int (gst_harness_push (h, latents), GST_FLOW_OK);
  fail_unless_equals_int (gst_harness_buffers_received (h), 3);

  caps = gst_pad_get_current_caps (h->sinkpad);
  fail_unless (gst_video_info_from_caps (&video, caps));
  fail_unless (video.width == 64 && video.height == 32);
  fail_unless (video.fps_n == 3 && video.fps_d == 1);
  for (guint i = 0; i < 3; i++) {
    pictures[i] = gst_harness_pull (h);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (pictures[i]),
        5 * GST_SECOND + i * GST_SECOND / 3);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (pictures[i]) +
        GST_BUFFER_DURATION (pictures[i]),
        5 * GST_SECOND + (i + 1) * GST_SECOND / 3);
    fail_unless_equals_int (gst_buffer_get_n_meta (pictures[i],
            GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE), 1);
  }
  check_equal (pictures[0], pictures[1], FALSE);
  check_equal (pictures[1], pictures[2], FALSE);

  /* each is what it is alone */
  gst_harness_set_src_caps_str (h, LATENTS ("1,4,4,8", ",framerate=1/1"));
  {
    g_autoptr (GstBuffer) batch = new_latents (3, 4, 4, 8);
    g_autoptr (GstBuffer) alone = gst_harness_push_and_pull (h,
        gst_buffer_copy_region (batch, GST_BUFFER_COPY_MEMORY, 512, 512));

    check_equal (pictures[1], alone, TRUE);
  }
  for (guint i = 0; i < 3; i++)
    gst_buffer_unref (pictures[i]);
  teardown (h);
}

GST_END_TEST;

static GstPadProbeReturn
propose (GstPad * pad, GstPadProbeInfo * info, gpointer pool)
{
  if (GST_QUERY_TYPE (info->data) != GST_QUERY_ALLOCATION)
    return GST_PAD_PROBE_OK;
  gst_query_add_allocation_pool (info->data, pool, 64 * 32 * 3, 0, 0);
  return GST_PAD_PROBE_HANDLED;
}

/* Pictures are where downstream wants them. */
GST_START_TEST (test_pool_of_downstream)
{
  g_autoptr (GstBufferPool) pool = gst_video_buffer_pool_new ();
  g_autoptr (GstBuffer) wanted = NULL;

  for (guint pooled = 0; pooled <= 1; pooled++) {
    GstHarness *h = new_harness (NULL);
    g_autoptr (GstBuffer) picture = NULL;

    if (pooled)
      gst_pad_add_probe (h->sinkpad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM,
          propose, pool, NULL);
    gst_harness_set_src_caps_str (h, LATENTS ("1,4,4,8", ",framerate=1/1"));
    picture = gst_harness_push_and_pull (h, new_latents (1, 4, 4, 8));
    fail_unless_equals_int (picture->pool == pool, pooled);
    if (pooled)
      check_equal (picture, wanted, TRUE);
    else
      wanted = g_steal_pointer (&picture);
    teardown (h);
  }
}

GST_END_TEST;

GST_START_TEST (test_batch_of_stills)
{
  GstHarness *h = new_harness (NULL);
  GstBuffer *latents = new_latents (2, 4, 4, 4);

  GST_BUFFER_PTS (latents) = 0;
  gst_harness_set_src_caps_str (h, LATENTS ("2,4,4,4", ",framerate=0/1"));
  fail_unless_equals_int (gst_harness_push (h, latents), GST_FLOW_OK);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstBuffer) picture = gst_harness_pull (h);

    fail_unless_equals_uint64 (GST_BUFFER_PTS (picture), 0);
    fail_if (GST_BUFFER_DURATION_IS_VALID (picture));
  }
  teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_float16)
{
  const guint16 ones[] = { 0x3c00, 0xbc00, 0x4000, 0x3800 };
  const float same[] = { 1.0f, -1.0f, 2.0f, 0.5f };
  GstHarness *h = new_harness (NULL);
  g_autoptr (GstBuffer) narrow = NULL;
  g_autoptr (GstBuffer) wide = NULL;

  gst_harness_set_src_caps_str (h,
      "tensor/strided,tensor-id=stable-diffusion-latent,"
      "type=(string)float16,dims=(int)<1,4,1,1>,dims-order=(string)row-major,"
      "framerate=0/1");
  narrow =
      gst_harness_push_and_pull (h, gst_buffer_new_memdup (ones, sizeof ones));
  gst_harness_set_src_caps_str (h, LATENTS ("1,4,1,1", ",framerate=0/1"));
  wide = gst_harness_push_and_pull (h, gst_buffer_new_memdup (same,
          sizeof same));
  check_equal (narrow, wide, TRUE);
  teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_progress)
{
  GstElement *pipeline = launch_new ("latentsrc num-buffers=1 batch-size=2 "
      "width=64 height=64 ! " DECODE " ! fakesink");
  g_autoptr (GPtrArray) messages = launch_run (pipeline);
  g_autofree char *list = launch_progress_list (messages);

  fail_unless_equals_string (list, "load-start load-complete decode-start "
      "decode-complete decode-start decode-complete");
  launch_free (pipeline);
}

GST_END_TEST;

/* What the application sees of a message: counters beside the text. */
GST_START_TEST (test_progress_fields)
{
  GstElement *pipeline = launch_new ("latentsrc num-buffers=1 width=64 "
      "height=64 ! " DECODE " ! fakesink");
  g_autoptr (GPtrArray) messages = launch_run (pipeline);
  guint n = 0;

  for (guint i = 0; i < messages->len; i++) {
    GstMessage *message = messages->pdata[i];
    const GstStructure *s = gst_message_get_structure (message);
    g_autofree char *text = NULL;
    guint64 elapsed, eta;
    GstProgressType type;
    gint percent;

    if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_PROGRESS)
      continue;
    gst_message_parse_progress (message, &type, NULL, &text);
    fail_unless (gst_structure_get_uint64 (s, "elapsed-ms", &elapsed));
    fail_unless (gst_structure_get_int (s, "percent", &percent));
    fail_unless_equals_int (percent, type == GST_PROGRESS_TYPE_START ? 0 : 100);
    if (type == GST_PROGRESS_TYPE_COMPLETE)
      fail_unless (gst_structure_get_uint64 (s, "eta-ms", &eta) && eta == 0);
    fail_if (gst_structure_has_field (s, "step"));
    fail_unless (strstr (text, n < 2 ? "loading the VAE decoder of" :
            "decoding 64x64 pixels") != NULL, "%s", text);
    n++;
  }
  fail_unless_equals_int (n, 4);
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_latents_that_do_not_fit)
{
  launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "latents have 16 channels, but the model",
      "latentsrc num-buffers=1 width=64 height=64 ! "
      "tensor/strided,dims=(int)<1,16,8,8> ! " DECODE " ! fakesink");
  launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "one cell per 4 picture pixels",
      "latentsrc num-buffers=1 width=64 height=64 ! "
      "tensor/strided,downscale=4 ! " DECODE " ! fakesink");
  launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "another VAE (scaling factor 0.13025",
      "latentsrc num-buffers=1 width=64 height=64 ! "
      "tensor/strided,scaling-factor=(double)0.13025 ! " DECODE " ! fakesink");
}

GST_END_TEST;

/* Although the source offers them more than once. */
GST_START_TEST (test_refused_only_once)
{
  GstElement *pipeline = launch_new ("latentsrc num-buffers=1 width=64 "
      "height=64 ! tensor/strided,downscale=4 ! " DECODE " ! fakesink");
  g_autoptr (GPtrArray) messages = NULL;
  g_autofree char *text G_GNUC_UNUSED = launch_fail (pipeline, GST_STREAM_ERROR,
      GST_STREAM_ERROR_FORMAT, &messages);
  guint n = 0;

  for (guint i = 0; i < messages->len; i++) {
    GstMessage *message = messages->pdata[i];

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
        && strcmp (GST_MESSAGE_SRC_NAME (message), "decode") == 0)
      n++;
  }
  fail_unless_equals_int (n, 1);
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_pictures_that_nobody_takes)
{
  launch_check_error (GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION,
      "downstream does not accept the output for these latents",
      "latentsrc num-buffers=1 width=64 height=64 ! " DECODE
      " ! video/x-raw,width=32 ! fakesink");
}

GST_END_TEST;

GST_START_TEST (test_wrong_buffer)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  GstHarness *h = new_harness (bus);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_harness_set_src_caps_str (h, LATENTS ("1,4,4,8", ",framerate=0/1"));
  fail_unless_equals_int (gst_harness_push (h, gst_buffer_new_allocate (NULL,
              100, NULL)), GST_FLOW_EOS);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_FORMAT));
  fail_unless (strstr (error->message, "has 100 bytes, but its caps require "
          "512"));
  teardown (h);
}

GST_END_TEST;

#define ROUND_TRIP "videotestsrc num-buffers=1 ! " \
    "video/x-raw,format=RGB,width=64,height=64 ! latentencode model=%s " \
    "device=DEVICE threads=1 ! latentdecode model=%s device=DEVICE threads=1 " \
    APPSINK "sink"

/* A VAE in a folder of its own serves as well as in its model's. */
GST_START_TEST (test_vae_alone)
{
  g_autofree char *model = rd_test_path ("tiny-sd");
  g_autoptr (RdScratch) folder = rd_scratch_new (model);
  static const char *const rest[] = {
    "model_index.json", "unet", "text_encoder", "tokenizer", "scheduler"
  };
  g_autoptr (GstSample) want = NULL, got = NULL;
  GstElement *pipeline;

  for (guint i = 0; i < G_N_ELEMENTS (rest); i++)
    rd_scratch_remove (folder, rest[i]);
  pipeline = launch_new (ROUND_TRIP, model, model);
  want = first_sample (pipeline);
  launch_free (pipeline);
  pipeline = launch_new (ROUND_TRIP, folder, folder);
  got = first_sample (pipeline);
  launch_free (pipeline);
  check_equal (gst_sample_get_buffer (got), gst_sample_get_buffer (want), TRUE);
  launch_check_one_error (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "is an autoencoder alone, which paints nothing", "latentsrc width=64 "
      "height=64 num-buffers=1 ! regionalsampler model=%s ! fakesink", folder);
}

GST_END_TEST;

/* A small autoencoder takes what the UNet sees, of whatever model. */
GST_START_TEST (test_small_autoencoder)
{
  g_autofree char *model = rd_test_path ("tiny-sd");
  g_autoptr (RdScratch) folder = rd_scratch_new (model);
  static const char *const rest[] = {
    "model_index.json", "unet", "text_encoder", "tokenizer", "scheduler"
  };
  GstBuffer *latents = new_latents (1, 4, 8, 8), *scaled = NULL;
  g_autoptr (GstBuffer) want = NULL, got = NULL;
  GstMapInfo from, to;
  GstHarness *h;

  for (guint i = 0; i < G_N_ELEMENTS (rest); i++)
    rd_scratch_remove (folder, rest[i]);
  scaled = gst_buffer_copy_deep (latents);
  gst_buffer_map (latents, &from, GST_MAP_READ);
  gst_buffer_map (scaled, &to, GST_MAP_WRITE);
  for (gsize i = 0; i < from.size / sizeof (float); i++)
    ((float *) to.data)[i] = ((float *) from.data)[i] * 0.5f - 0.125f;
  gst_buffer_unmap (latents, &from);
  gst_buffer_unmap (scaled, &to);

  h = new_harness_of (folder);
  gst_harness_set_src_caps_str (h, LATENTS ("1,4,8,8", ",framerate=0/1"));
  gst_harness_push (h, scaled);
  want = gst_harness_pull (h);
  teardown (h);

  rd_scratch_replace (folder, "vae_decoder/config.json", "AutoencoderKL",
      "AutoencoderTiny");
  rd_scratch_replace (folder, "vae_decoder/config.json",
      "\"scaling_factor\": 0.18215,", "");
  rd_scratch_replace (folder, "vae_decoder/config.json",
      "\"block_out_channels\"", "\"decoder_block_out_channels\"");
  h = new_harness_of (folder);
  gst_harness_set_src_caps_str (h, LATENTS ("1,4,8,8",
          ",framerate=0/1,scaling-factor=0.5,shift-factor=0.25"));
  gst_harness_push (h, latents);
  got = gst_harness_pull (h);
  teardown (h);
  check_equal (got, want, TRUE);

  launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "do not say which model's they are", "latentsrc width=64 height=64 "
      "num-buffers=1 ! latentdecode model=%s device=DEVICE ! fakesink", folder);
  launch_check_error (GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT,
      "encode with that model's own VAE", "videotestsrc num-buffers=1 ! "
      "video/x-raw,format=RGB,width=64,height=64 ! latentencode model=%s "
      "device=DEVICE ! fakesink", folder);
}

GST_END_TEST;

/* A latent that is not finite is no picture, grey or otherwise; the next is one. */
GST_START_TEST (test_not_finite)
{
  static const float wrong[] = { NAN, INFINITY, -INFINITY };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GstBus) bus = gst_bus_new ();
    GstHarness *h = new_harness (bus);
    GstBuffer *latents = new_latents (1, 4, 4, 8);
    g_autoptr (GstMessage) message = NULL;
    g_autoptr (GError) error = NULL;

    gst_harness_set_src_caps_str (h, LATENTS ("1,4,4,8", ",framerate=0/1"));
    gst_buffer_fill (latents, 41 * sizeof (float), &wrong[i], sizeof (float));
    fail_unless_equals_int (gst_harness_push (h, latents), GST_FLOW_EOS);
    fail_unless (gst_harness_try_pull (h) == NULL);
    message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
    gst_message_parse_error (message, &error, NULL);
    fail_unless (strstr (error->message, "the latent has elements that are "
            "infinite or not a number"), "%s", error->message);
    fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
    teardown (h);
  }
}

GST_END_TEST;

GST_START_TEST (test_no_model)
{
  launch_check_error (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "decode: the property model is not set",
      "latentsrc ! latentdecode name=decode ! fakesink");
  launch_check_error (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
      "/nowhere/model", "latentsrc ! latentdecode model=/nowhere/model ! "
      "fakesink");
}

GST_END_TEST;

#define RUNNING "latentsrc width=64 height=64 ! " DECODE " ! fakesink"

GST_START_TEST (test_cancel)
{
  for (guint stop = 0; stop < 2; stop++) {
    launch_check_cancel ("decode", "load", stop, "load-start load-canceled",
        RUNNING);
    launch_check_cancel ("decode", "decode", stop, "load-start load-complete "
        "decode-start decode-canceled", RUNNING);
  }
}

GST_END_TEST;

/* In the middle of a network that takes its time. */
GST_START_TEST (test_cancel_in_the_middle)
{
  GstElement *pipeline = launch_new ("latentsrc width=1024 height=1024 ! "
      "latentdecode device=DEVICE threads=1 model=MODELS/tiny ! fakesink");
  g_autofree char *code = NULL;
  gint64 begin;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (g_strcmp0 (code, "decode") != 0) {
    g_autoptr (GstMessage) message = launch_wait (pipeline,
        GST_MESSAGE_PROGRESS);

    g_clear_pointer (&code, g_free);
    gst_message_parse_progress (message, NULL, &code, NULL);
  }
  g_usleep (100000);
  begin = g_get_monotonic_time ();
  gst_element_set_state (pipeline, GST_STATE_READY);
  GST_INFO ("stopped within %" G_GINT64_FORMAT " us",
      g_get_monotonic_time () - begin);
  /* within one node of the network; the whole takes much longer */
  fail_unless (g_get_monotonic_time () - begin < launch_usec (2.0));
  launch_free (pipeline);
}

GST_END_TEST;

/* A seek of the pipeline flushes from the source on, and work goes on. */
GST_START_TEST (test_seek)
{
  GstElement *pipeline = launch_new ("latentsrc width=256 height=256 ! "
      "tensor/strided,framerate=10/1 ! " DECODE " ! appsink name=sink "
      "sync=false max-buffers=1");
  GstAppSink *sink = GST_APP_SINK (launch_get (pipeline, "sink"));

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 1; i <= 5; i++) {
    g_autoptr (GstSample) sample = NULL;

    fail_unless (gst_element_seek_simple (pipeline, GST_FORMAT_TIME,
            GST_SEEK_FLAG_FLUSH, i * GST_SECOND));
    sample = gst_app_sink_pull_sample (sink);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (gst_sample_get_buffer (sample)),
        i * GST_SECOND);
  }
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_states)
{
  GstElement *pipeline = launch_new (RUNNING);

  for (guint i = 0; i < 40; i++) {
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    g_usleep (i * 1000);
    gst_element_set_state (pipeline, i % 2 ? GST_STATE_READY : GST_STATE_NULL);
  }
  launch_free (pipeline);
}

GST_END_TEST;

static Suite *
latentdecode_suite (void)
{
  Suite *s = suite_create ("latentdecode");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_there_and_back);
  tcase_add_test (tc, test_plays_twice_alike);
  tcase_add_test (tc, test_still_picture);
  tcase_add_test (tc, test_batch);
  tcase_add_test (tc, test_pool_of_downstream);
  tcase_add_test (tc, test_batch_of_stills);
  tcase_add_test (tc, test_float16);
  tcase_add_test (tc, test_progress);
  tcase_add_test (tc, test_progress_fields);
  tcase_add_test (tc, test_latents_that_do_not_fit);
  tcase_add_test (tc, test_refused_only_once);
  tcase_add_test (tc, test_pictures_that_nobody_takes);
  tcase_add_test (tc, test_wrong_buffer);
  tcase_add_test (tc, test_vae_alone);
  tcase_add_test (tc, test_small_autoencoder);
  tcase_add_test (tc, test_not_finite);
  tcase_add_test (tc, test_no_model);
  tcase_add_test (tc, test_cancel);
  tcase_add_test (tc, test_cancel_in_the_middle);
  tcase_add_test (tc, test_seek);
  tcase_add_test (tc, test_states);
  return s;
}

GST_CHECK_MAIN (latentdecode);
