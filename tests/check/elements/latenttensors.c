/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Latents as `other/tensors` between elements: the same bytes in the same
 * places as `tensor/strided`, which ours prefer among themselves. */

#include <gst/app/app.h>
#include <gst/check/gstharness.h>
#include <string.h>

#include "../launch.h"
#include "../rdtest.h"

#define OF_MODEL "device=DEVICE threads=1 model=DATA/tiny-sd"
#define ENCODE "latentencode name=encode " OF_MODEL
#define SAMPLE "regionalsampler name=sample steps=2 prompt=base " OF_MODEL
#define DECODE "latentdecode name=decode " OF_MODEL
#define SOURCE "latentsrc name=src num-buffers=1 width=64 height=32 "
#define PICTURE "videotestsrc num-buffers=1 pattern=ball ! " \
    "video/x-raw,format=RGB,width=64,height=32,framerate=5/1 ! "
#define STRIDED(type, dims) \
    "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)" type \
    ",dims=(int)<" dims ">,dims-order=(string)row-major,framerate=0/1"
#define TENSORS(type, dimensions) \
    "other/tensors,format=(string)static,num_tensors=(int)1," \
    "types=(string)" type ",dimensions=(string)" dimensions ",framerate=0/1"

/* Returns: (transfer full): what a pipeline gives that ends in an appsink */
static GstSample *
G_GNUC_PRINTF (1, 2)
get_sample (const char *format, ...)
{
  GstElement *pipeline;
  GstSample *sample;
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  pipeline = launch_new ("%s ! appsink name=sink sync=false wait-on-eos=false",
      line);
  g_ptr_array_unref (launch_run (pipeline));
  sample = gst_app_sink_pull_sample (GST_APP_SINK (launch_get (pipeline,
              "sink")));
  launch_free (pipeline);
  fail_unless (sample != NULL, "%s: nothing", line);
  return sample;
}

static void
check_equal (GstBuffer * a, GstBuffer * b)
{
  GstMapInfo map;

  fail_unless_equals_uint64 (gst_buffer_get_size (a), gst_buffer_get_size (b));
  fail_unless (gst_buffer_map (a, &map, GST_MAP_READ));
  fail_unless (gst_buffer_memcmp (b, 0, map.data, map.size) == 0);
  gst_buffer_unmap (a, &map);
}

static void
check_dimensions (GstCaps * caps, const char *type, const char *dimensions)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  g_autofree char *text = gst_caps_to_string (caps);
  gint n;

  fail_unless (gst_structure_has_name (s, "other/tensors"), "%s", text);
  fail_unless (gst_structure_get_int (s, "num_tensors", &n) && n == 1);
  fail_unless_equals_string (gst_structure_get_string (s, "format"), "static");
  fail_unless_equals_string (gst_structure_get_string (s, "types"), type);
  fail_unless_equals_string (gst_structure_get_string (s, "dimensions"),
      dimensions);
  fail_unless (gst_structure_has_field (s, "framerate"));
  fail_unless_equals_int (gst_structure_n_fields (s), 5);
}

/* What each element gives is in one memory, and its bytes are the same whatever
 * the caps. */
GST_START_TEST (test_sources)
{
  const struct
  {
    const char *line, *type, *dimensions;
  } cases[] = {
    {SOURCE, "float32", "8:4:4:1"},
    {SOURCE, "float16", "8:4:4:1"},
    {SOURCE "batch-size=3", "float32", "8:4:4:3"},
    {PICTURE ENCODE, "float32", "8:4:4:1"},
    {PICTURE ENCODE, "float16", "8:4:4:1"},
    {SOURCE "! " SAMPLE, "float32", "8:4:4:1"},
    {SOURCE "batch-size=2 ! " SAMPLE, "float16", "8:4:4:2"},
    {PICTURE ENCODE " ! safetensorsenc ! safetensorsdec", "float32",
        "8:4:4:1"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstSample) strided = get_sample ("%s ! tensor/strided,type=%s",
        cases[i].line, cases[i].type);
    g_autoptr (GstSample) tensors = get_sample ("%s ! other/tensors,types=%s",
        cases[i].line, cases[i].type);
    GstBuffer *buffer = gst_sample_get_buffer (tensors);

    check_dimensions (gst_sample_get_caps (tensors), cases[i].type,
        cases[i].dimensions);
    fail_unless_equals_int (gst_buffer_n_memory (buffer), 1);
    check_equal (buffer, gst_sample_get_buffer (strided));
  }
}

GST_END_TEST;

#define N 2
#define C 4
#define H 3
#define W 5

/* The number at n, c, h, w says where it belongs; it lies where NNStreamer's
 * documentation has it: in an array [N][C][H][W] for "W:H:C:N". */
static GstBuffer *
new_numbers (guint n)
{
  float (*values)[C][H][W] = g_malloc (n * sizeof *values);

  for (guint i = 0; i < n * C * H * W; i++)
    values[i / (C * H * W)][i / (H * W) % C][i / W % H][i % W] =
        1000 * (i / (C * H * W)) + 100 * (i / (H * W) % C) + 10 * (i / W % H) +
        i % W;
  return gst_buffer_new_wrapped (values, n * sizeof *values);
}

static GstBuffer *
save (const char *caps, GstBuffer * latents)
{
  GstHarness *h = gst_harness_new ("safetensorsenc");
  GstBuffer *file;

  gst_harness_set_src_caps_str (h, caps);
  file = gst_harness_push_and_pull (h, latents);
  gst_harness_teardown (h);
  return file;
}

/* The file says the shape by itself, outermost first. */
GST_START_TEST (test_layout)
{
  g_autoptr (GstBuffer) latents = new_numbers (N);
  g_autoptr (GstBuffer) file = save (TENSORS ("float32", "5:3:4:2"),
      gst_buffer_ref (latents));
  const gsize header = gst_buffer_get_size (file) - N * C * H * W * 4;
  const struct
  {
    gsize offset;
    float value;
  } cases[] = {
    {0, 0}, {4, 1}, {4 * 4, 4}, {5 * 4, 10}, {14 * 4, 24}, {15 * 4, 100},
    {59 * 4, 324}, {60 * 4, 1000}, {(60 + 2 * 15 + 1 * 5 + 3) * 4, 1213},
    {119 * 4, 1324},
  };
  GstMapInfo map;
  float value;

  fail_unless (gst_buffer_map (file, &map, GST_MAP_READ));
  fail_unless (g_strstr_len ((char *) map.data + 8, header - 8,
          "\"shape\":[2,4,3,5]") != NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    memcpy (&value, map.data + header + cases[i].offset, sizeof value);
    fail_unless_equals_float (value, cases[i].value);
  }
  gst_buffer_unmap (file, &map);
}

GST_END_TEST;

/* Files of a latent are the same however its caps were written. */
GST_START_TEST (test_saving)
{
  const char *const dimensions[] = {
    "5:3:4", "5:3:4:1", "5:3:4:1:1", "5:3:4:1:1:1:1:1:1:1:1:1:1:1:1:1",
  };
  g_autoptr (GstBuffer) strided = save (STRIDED ("float32", "1,4,3,5"),
      new_numbers (1));

  for (guint i = 0; i < G_N_ELEMENTS (dimensions); i++) {
    g_autofree char *caps = g_strdup_printf (TENSORS ("float32", "%s"),
        dimensions[i]);
    g_autoptr (GstBuffer) tensors = save (caps, new_numbers (1));

    check_equal (strided, tensors);
  }
}

GST_END_TEST;

static GstHarness *
new_harness (const char *line, GstBus * bus)
{
  g_autofree char *folder = rd_test_path (G_DIR_SEPARATOR_S);
  g_autoptr (GString) full = g_string_new (line);
  g_autoptr (GError) error = NULL;
  GstElement *element;
  GstHarness *h;

  g_string_replace (full, "DATA/", folder, 0);
  g_string_replace (full, "DEVICE", rd_test_device_name (), 0);
  element = gst_object_ref_sink (gst_parse_launch (full->str, &error));
  fail_unless (error == NULL, "%s", error ? error->message : "");
  gst_element_set_bus (element, bus);
  h = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  gst_harness_set_live (h, FALSE);
  return h;
}

static void
free_harness (GstHarness * h)
{
  gst_element_set_bus (h->element, NULL);
  gst_harness_teardown (h);
}

static GstBuffer *
run (const char *line, const char *caps)
{
  GstHarness *h = new_harness (line, NULL);
  GstBuffer *latents = new_numbers (2);
  GstBuffer *result;

  gst_buffer_resize (latents, 0, 2 * 4 * 4 * 2 * 4);
  gst_harness_set_src_caps_str (h, caps);
  result = gst_harness_push_and_pull (h, latents);
  fail_unless (result != NULL, "%s: nothing", caps);
  free_harness (h);
  return result;
}

/* Neither work on a batch nor its result depends on what the caps are. */
GST_START_TEST (test_sinks)
{
  const char *const lines[] = { SAMPLE " denoise=0.5", DECODE };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (GstBuffer) strided = run (lines[i], STRIDED ("float32",
            "2,4,4,2"));
    g_autoptr (GstBuffer) tensors = run (lines[i], TENSORS ("float32",
            "2:4:4:2"));

    check_equal (strided, tensors);
  }
}

GST_END_TEST;

static void
check_media_type (GstElement * pipeline, const char *element,
    const char *wanted)
{
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (launch_get (pipeline, element), "src");
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  fail_unless_equals_string (gst_structure_get_name (gst_caps_get_structure
          (caps, 0)), wanted);
}

/* Unless somebody asks for less. */
GST_START_TEST (test_strided_is_preferred)
{
  GstElement *ours = launch_new (SOURCE "! " SAMPLE " ! " DECODE " ! fakesink");
  GstElement *half = launch_new (SOURCE "! other/tensors ! " SAMPLE " ! "
      DECODE " ! fakesink");
  GstElement *encoded = launch_new (PICTURE ENCODE " ! safetensorsenc ! "
      "safetensorsdec name=dec ! " DECODE " ! fakesink");

  g_ptr_array_unref (launch_run (ours));
  check_media_type (ours, "src", "tensor/strided");
  check_media_type (ours, "sample", "tensor/strided");
  launch_free (ours);
  g_ptr_array_unref (launch_run (half));
  check_media_type (half, "src", "other/tensors");
  check_media_type (half, "sample", "tensor/strided");
  launch_free (half);
  g_ptr_array_unref (launch_run (encoded));
  check_media_type (encoded, "encode", "tensor/strided");
  check_media_type (encoded, "dec", "tensor/strided");
  launch_free (encoded);
}

GST_END_TEST;

/* The model's fields are not missed. */
GST_START_TEST (test_all_the_way)
{
  g_autoptr (GstSample) strided = get_sample (PICTURE ENCODE " ! " SAMPLE
      " denoise=0.5 ! " DECODE);
  g_autoptr (GstSample) tensors = get_sample (PICTURE ENCODE
      " ! other/tensors ! " SAMPLE " denoise=0.5 ! other/tensors ! " DECODE);
  g_autoptr (GstSample) from_nothing = get_sample (SOURCE
      "! other/tensors ! " SAMPLE " ! other/tensors ! " DECODE);

  fail_unless (gst_caps_is_equal (gst_sample_get_caps (strided),
          gst_sample_get_caps (tensors)));
  check_equal (gst_sample_get_buffer (strided),
      gst_sample_get_buffer (tensors));
  fail_unless_equals_uint64 (gst_buffer_get_size (gst_sample_get_buffer
          (from_nothing)), 64 * 32 * 3);
}

GST_END_TEST;

/* Downstream's way of writing is taken over. */
GST_START_TEST (test_ranks)
{
  const struct
  {
    const char *line, *dimensions;
  } cases[] = {
    {SOURCE, "8:4:4"},
    {SOURCE, "8:4:16:1"},
    {SOURCE, "8:4:4:1:1"},
    {SOURCE "batch-size=2", "8:4:4:2:1"},
    {SOURCE "! " SAMPLE, "8:4:4"},
    {SOURCE "! " SAMPLE, "8:4:4:1:1:1"},
    {PICTURE ENCODE, "8:4:4"},
    {PICTURE ENCODE, "8:4:4:1"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstSample) sample = get_sample ("%s ! "
        "other/tensors,dimensions=(string)%s", cases[i].line,
        cases[i].dimensions);

    check_dimensions (gst_sample_get_caps (sample), "float32",
        cases[i].dimensions);
  }
}

GST_END_TEST;

/* A size that is asked for behind the sampler is known in front of it. */
GST_START_TEST (test_sizes_that_do_not_fit)
{
  const char *const asked[] = { "8:8:4:1", "4:8:4:1", "8:4:4:2" };

  for (guint i = 0; i < G_N_ELEMENTS (asked); i++) {
    launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
        "downstream does not accept a batch of 1 latents of 64x32 pixels with "
        "4 channels", SOURCE "! other/tensors,dimensions=(string)%s ! "
        "fakesink", asked[i]);
    launch_check_error (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
        "downstream does not accept", SOURCE "! " SAMPLE
        " ! other/tensors,dimensions=(string)%s ! fakesink", asked[i]);
  }
}

GST_END_TEST;

#define SAVE "safetensorsenc"

/* What the templates name is refused when elements are linked. */
GST_START_TEST (test_other_tensors_do_not_link)
{
  const char *const sinks[] = { SAMPLE, DECODE, SAVE };
  const char *const others[] = {
    "other/tensors,format=static,num_tensors=2,"
        "types=(string)\"float32,float32\","
        "dimensions=(string)\"8:8:4:1,8:8:4:1\",framerate=0/1",
    "other/tensors,format=flexible,framerate=0/1",
    "other/tensors,format=sparse,framerate=0/1",
    TENSORS ("uint8", "8:8:4:1"),
    TENSORS ("float64", "8:8:4:1"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (sinks); i++) {
    GstHarness *h = new_harness (sinks[i], NULL);
    g_autoptr (GstPad) pad = gst_element_get_static_pad (h->element, "sink");

    for (guint j = 0; j < G_N_ELEMENTS (others); j++) {
      g_autoptr (GstCaps) caps = gst_caps_from_string (others[j]);
      g_autoptr (GstCaps) template = gst_pad_get_pad_template_caps (pad);

      fail_if (gst_caps_can_intersect (caps, template), "%s", others[j]);
      fail_if (gst_pad_query_accept_caps (pad, caps), "%s", others[j]);
    }
    free_harness (h);
  }
}

GST_END_TEST;

static void
check_refusal (const char *line, const char *dimensions, const char *wanted)
{
  g_autofree char *caps = g_strdup_printf (TENSORS ("float32", "%s"),
      dimensions);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  GstHarness *h = new_harness (line, bus);

  gst_harness_set_src_caps_str (h, caps);
  gst_harness_push (h, new_numbers (1));
  message = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND,
      GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "%s: no error", caps);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_FORMAT), "%s", error->message);
  fail_unless (strstr (error->message, wanted) != NULL, "%s", error->message);
  free_harness (h);
}

/* What only the string says, the element says. */
GST_START_TEST (test_wrong_dimensions)
{
  const char *const sinks[] = { SAMPLE, DECODE, SAVE };
  const struct
  {
    const char *dimensions, *message;
  } cases[] = {
    {"64:x:4", "dimensions of other/tensors is 64:x:4, must be (string) "
          "W:H:C:N"},
    {"8:8", "is 8:8, must be"},
    {"8:8:4:1:2", "is 8:8:4:1:2, must be"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (sinks); i++) {
    for (guint j = 0; j < G_N_ELEMENTS (cases); j++)
      check_refusal (sinks[i], cases[j].dimensions, cases[j].message);
  }
  check_refusal (SAMPLE, "5:3:16:1", "latents have 16 channels, but the model");
  check_refusal (DECODE, "5:3:16:1", "latents have 16 channels, but the model");
}

GST_END_TEST;

static Suite *
latenttensors_suite (void)
{
  Suite *s = suite_create ("latenttensors");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_sources);
  tcase_add_test (tc, test_layout);
  tcase_add_test (tc, test_saving);
  tcase_add_test (tc, test_sinks);
  tcase_add_test (tc, test_strided_is_preferred);
  tcase_add_test (tc, test_all_the_way);
  tcase_add_test (tc, test_ranks);
  tcase_add_test (tc, test_sizes_that_do_not_fit);
  tcase_add_test (tc, test_other_tensors_do_not_link);
  tcase_add_test (tc, test_wrong_dimensions);
  return s;
}

GST_CHECK_MAIN (latenttensors);
