/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Pipelines in which latents stay in device memory, and ones in which they
 * cannot. */

#include <gst/check/gstcheck.h>
#include <string.h>

#include "../check/launch.h"

#define PICTURES "videotestsrc num-buffers=2 ! video/x-raw,width=64,height=64 "
#define ENCODE "latentencode threads=1 model=DATA/tiny-sd "
#define SAMPLE "regionalsampler name=s threads=1 model=DATA/tiny-sd " \
    "prompt=base steps=2 denoise=0.5 regions=\"red @0,0,0.5,1\" "
#define DECODE "latentdecode threads=1 model=DATA/tiny-sd "
#define SINK "fakesink name=sink"

/* The bytes of the last buffer. */
static GBytes *
run (const char *elements)
{
  GstElement *pipeline = launch_new ("%s", elements);
  g_autoptr (GstSample) sample = NULL;
  gpointer data;
  gsize size;

  g_ptr_array_unref (launch_run (pipeline));
  g_object_get (launch_get (pipeline, "sink"), "last-sample", &sample, NULL);
  fail_unless (sample != NULL);
  gst_buffer_extract_dup (gst_sample_get_buffer (sample), 0, -1, &data, &size);
  launch_free (pipeline);
  return g_bytes_new_take (data, size);
}

static GstPadProbeReturn
check_memory (GstPad * pad, GstPadProbeInfo * info, gpointer n)
{
  GstMemory *memory = gst_buffer_peek_memory (info->data, 0);

  fail_unless (gst_memory_is_type (memory, "LatentCUDAMemory"));
  g_atomic_int_inc ((gint *) n);
  return GST_PAD_PROBE_OK;
}

static void
assert_device_caps (GstPad * pad)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  g_autofree gchar *text = gst_caps_to_string (caps);

  fail_unless (gst_caps_features_contains (gst_caps_get_features (caps, 0),
          "memory:LatentCUDA"), "%s", text);
}

/* What `auto` is, and all there is between pictures and pictures. */
GST_START_TEST (test_latents_stay_on_the_device)
{
  GstElement *pipeline = launch_new (PICTURES "! videoconvert ! " ENCODE
      "name=e ! queue ! " SAMPLE "! queue ! " DECODE "! " SINK);
  g_autoptr (GstPad) encoded =
      gst_element_get_static_pad (launch_get (pipeline, "e"), "src");
  g_autoptr (GstPad) sampled =
      gst_element_get_static_pad (launch_get (pipeline, "s"), "src");
  gint n = 0;

  gst_pad_add_probe (encoded, GST_PAD_PROBE_TYPE_BUFFER, check_memory, &n,
      NULL);
  gst_pad_add_probe (sampled, GST_PAD_PROBE_TYPE_BUFFER, check_memory, &n,
      NULL);
  g_ptr_array_unref (launch_run (pipeline));
  assert_device_caps (encoded);
  assert_device_caps (sampled);
  fail_unless_equals_int (n, 4);
  launch_free (pipeline);
}

GST_END_TEST;

/* The same pictures whatever memory latents are in between, and whichever
 * device an element is on. */
GST_START_TEST (test_ways)
{
  static const char *const ways[] = {
    PICTURES "! videoconvert ! " ENCODE "! tensor/strided ! " SAMPLE "! "
        "tensor/strided ! " DECODE "! " SINK,
    PICTURES "! videoconvert ! " ENCODE "! identity dump=true ! " SAMPLE
        "! tee name=t ! queue ! " DECODE "! " SINK " t. ! queue ! "
        "fakesink dump=true async=false",
    PICTURES "! videoconvert ! " ENCODE "device=cpu ! " SAMPLE "! " DECODE "! "
        SINK,
    PICTURES "! videoconvert ! " ENCODE "! " SAMPLE "device=cpu ! " DECODE "! "
        SINK,
    PICTURES "! videoconvert ! " ENCODE "! " SAMPLE "! " DECODE "device=cpu ! "
        SINK,
    PICTURES "! videoconvert ! " ENCODE "device=cuda ! "
        "tensor/strided(memory:LatentCUDA) ! " SAMPLE "device=cuda:0 ! "
        DECODE "device=cuda ! " SINK,
    PICTURES "! videoconvert ! " ENCODE "! " SAMPLE "! safetensorsenc ! "
        "safetensorsdec ! " DECODE "! " SINK,
  };
  g_autoptr (GBytes) wanted = run (PICTURES "! videoconvert ! " ENCODE "! "
      SAMPLE "! " DECODE "! " SINK);

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    g_autoptr (GBytes) got = run (ways[i]);

    fail_unless (g_bytes_equal (got, wanted), "%s", ways[i]);
  }
}

GST_END_TEST;

static Suite *
pipelines_suite (void)
{
  Suite *suite = suite_create ("pipelines");
  TCase *chain = tcase_create ("pipelines");

  suite_add_tcase (suite, chain);
  tcase_add_test (chain, test_latents_stay_on_the_device);
  tcase_add_test (chain, test_ways);
  return suite;
}

GST_CHECK_MAIN (pipelines);
