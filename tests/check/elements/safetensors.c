/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* safetensorsenc and safetensorsdec: files in pieces, files in a row, files of
 * others, and what is no file. */

#include <gst/check/gstharness.h>
#include <glib/gstdio.h>
#include <gst/base/gsttypefindhelper.h>
#include <string.h>

#include "../launch.h"

#define LATENTS(type, dims, rest) \
    "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)" type \
    ",dims=(int)<" dims ">,dims-order=(string)row-major" rest
#define SMALL LATENTS ("float32", "1,4,1,2", ",framerate=0/1")
#define FILE_CAPS "application/x-safetensors"
#define VERSION ",\"latent_format_version_0\":{\"dtype\":\"F32\"," \
    "\"shape\":[0],\"data_offsets\":[32,32]}}"
#define EIGHT "{\"latent_tensor\":{\"dtype\":\"F32\",\"shape\":[1,4,1,2]," \
    "\"data_offsets\":[0,32]}"

static const float eight[] = {
  1.0f, -2.0f, 0.5f, 0.0f, 3.25f, -0.125f, 100.0f, -1e-3f
};

static GstBuffer *
new_latents (gsize n_values)
{
  float *values = g_new (float, n_values);

  for (gsize i = 0; i < n_values; i++)
    values[i] = i * 0.25f - 3.0f;
  return gst_buffer_new_wrapped (values, n_values * sizeof (float));
}

/* A file that somebody else wrote. */
static GstBuffer *
new_file (const char *header)
{
  const guint64 size = GUINT64_TO_LE ((guint64) strlen (header));
  GstBuffer *file = gst_buffer_new_memdup (&size, sizeof size);

  file = gst_buffer_append (file, gst_buffer_new_memdup (header,
          strlen (header)));
  return gst_buffer_append (file, gst_buffer_new_memdup (eight, sizeof eight));
}

static GstHarness *
new_decoder (GstBus * bus)
{
  GstElement *element = gst_element_factory_make ("safetensorsdec", NULL);
  GstHarness *h;

  gst_element_set_bus (element, bus);
  h = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  return h;
}

static void
teardown (GstHarness * h)
{
  gst_element_set_bus (h->element, NULL);
  gst_harness_teardown (h);
}

static void
check_same (GstBuffer * a, GstBuffer * b)
{
  GstMapInfo map;

  fail_unless_equals_uint64 (gst_buffer_get_size (a), gst_buffer_get_size (b));
  fail_unless (gst_buffer_map (a, &map, GST_MAP_READ));
  fail_unless (gst_buffer_memcmp (b, 0, map.data, map.size) == 0);
  gst_buffer_unmap (a, &map);
}

static void
check_caps (GstHarness * h, const char *wanted)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (h->sinkpad);
  g_autoptr (GstCaps) want = gst_caps_from_string (wanted);
  g_autofree char *text = gst_caps_to_string (caps);

  fail_unless (gst_caps_is_equal (caps, want), "%s", text);
}

/* Returns: (transfer full): the file of a buffer of latents */
static GstBuffer *
encode (const char *caps, GstBuffer * latents)
{
  GstHarness *h = gst_harness_new ("safetensorsenc");
  GstBuffer *file;

  gst_harness_set_src_caps_str (h, caps);
  file = gst_harness_push_and_pull (h, latents);
  gst_harness_teardown (h);
  return file;
}

static void
check_round_trip (const char *caps, gsize n_values)
{
  GstHarness *h = new_decoder (NULL);
  g_autoptr (GstBuffer) latents = new_latents (n_values);
  g_autoptr (GstBuffer) again = NULL;

  gst_harness_set_src_caps_str (h, FILE_CAPS);
  again = gst_harness_push_and_pull (h, encode (caps,
          gst_buffer_ref (latents)));
  check_same (latents, again);
  check_caps (h, caps);
  teardown (h);
}

GST_START_TEST (test_round_trip)
{
  check_round_trip (SMALL, 8);
  check_round_trip (LATENTS ("float32", "3,16,5,7", ",framerate=0/1,"
          "model-family=sdxl,downscale=8,scaling-factor=(double)0.13025,"
          "shift-factor=(double)-0.5"), 3 * 16 * 5 * 7);
}

GST_END_TEST;

GST_START_TEST (test_float16)
{
  const guint16 narrow[] = { 0x3c00, 0xc000, 0x3800, 0x0000 };
  const float wide[] = { 1.0f, -2.0f, 0.5f, 0.0f };
  GstHarness *h = new_decoder (NULL);
  g_autoptr (GstBuffer) want = gst_buffer_new_memdup (wide, sizeof wide);
  g_autoptr (GstBuffer) got = NULL;

  gst_harness_set_src_caps_str (h, FILE_CAPS);
  got = gst_harness_push_and_pull (h, encode (LATENTS ("float16", "1,4,1,1",
              ",framerate=0/1"), gst_buffer_new_memdup (narrow,
              sizeof narrow)));
  check_same (want, got);
  check_caps (h, LATENTS ("float32", "1,4,1,1", ",framerate=0/1"));
  teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_pieces)
{
  const gsize pieces[] = { 1, 3, 7, 8, 9, 100, 199, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++) {
    GstHarness *h = new_decoder (NULL);
    g_autoptr (GstBuffer) latents = new_latents (8);
    /* two files, one behind the other */
    g_autoptr (GstBuffer) files =
        gst_buffer_append (encode (SMALL, gst_buffer_ref (latents)),
        encode (SMALL, gst_buffer_ref (latents)));
    const gsize size = gst_buffer_get_size (files);

    gst_harness_set_src_caps_str (h, FILE_CAPS);
    for (gsize at = 0; at < size; at += pieces[i])
      fail_unless_equals_int (gst_harness_push (h, gst_buffer_copy_region
              (files, GST_BUFFER_COPY_MEMORY, at, MIN (pieces[i], size - at))),
          GST_FLOW_OK);
    fail_unless_equals_int (gst_harness_buffers_received (h), 2);
    for (guint n = 0; n < 2; n++) {
      g_autoptr (GstBuffer) again = gst_harness_pull (h);

      check_same (latents, again);
    }
    fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
    teardown (h);
  }
}

GST_END_TEST;

/* Also one that LoadLatent scales, and tensors in another order. */
GST_START_TEST (test_files_of_others)
{
  GstHarness *h = new_decoder (NULL);
  g_autoptr (GstBuffer) want = gst_buffer_new_memdup (eight, sizeof eight);
  g_autoptr (GstBuffer) same = NULL;
  g_autoptr (GstBuffer) scaled = NULL;
  GstMapInfo map;

  gst_harness_set_src_caps_str (h, FILE_CAPS);
  same = gst_harness_push_and_pull (h, new_file (EIGHT VERSION "   "));
  check_same (want, same);

  scaled = gst_harness_push_and_pull (h, new_file (EIGHT "}"));
  fail_unless (gst_buffer_map (scaled, &map, GST_MAP_READ));
  for (guint i = 0; i < G_N_ELEMENTS (eight); i++)
    fail_unless (((float *) map.data)[i] == (float) (1.0 / 0.18215) * eight[i]);
  gst_buffer_unmap (scaled, &map);
  teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_tensor_behind_another)
{
  GstHarness *h = new_decoder (NULL);
  g_autoptr (GstBuffer) want = gst_buffer_new_memdup (eight + 4,
      4 * sizeof (float));
  g_autoptr (GstBuffer) got = NULL;

  gst_harness_set_src_caps_str (h, FILE_CAPS);
  got = gst_harness_push_and_pull (h, new_file ("{\"latent_tensor\":{\"dtype\":"
          "\"F32\",\"shape\":[1,4,1,1],\"data_offsets\":[16,32]},"
          "\"latent_format_version_0\":{\"dtype\":\"F32\",\"shape\":[4],"
          "\"data_offsets\":[0,16]}}"));
  check_same (want, got);
  teardown (h);
}

GST_END_TEST;

static void
check_refused (GstBuffer * file, gboolean at_end, const char *part)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  GstHarness *h = new_decoder (bus);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_harness_set_src_caps_str (h, FILE_CAPS);
  if (file != NULL)
    fail_unless_equals_int (gst_harness_push (h, file),
        at_end ? GST_FLOW_OK : GST_FLOW_EOS);
  gst_harness_push_event (h, gst_event_new_eos ());
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_DECODE), "%s", error->message);
  fail_unless (strstr (error->message, part) != NULL, "%s", error->message);
  fail_unless_equals_int (gst_harness_buffers_received (h), 0);
  /* one fault, one error */
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  teardown (h);
}

GST_START_TEST (test_no_file)
{
  g_autoptr (GstBuffer) file = new_file (EIGHT VERSION);
  g_autofree char *junk = g_strnfill (100, 'x');

  check_refused (NULL, TRUE, "ended without a file");
  check_refused (gst_buffer_copy_region (file, GST_BUFFER_COPY_MEMORY, 0, 5),
      TRUE, "truncated after 5 bytes");
  check_refused (gst_buffer_copy_region (file, GST_BUFFER_COPY_MEMORY, 0, 20),
      TRUE, "truncated after 20 bytes");
  check_refused (gst_buffer_copy_region (file, GST_BUFFER_COPY_MEMORY, 0,
          gst_buffer_get_size (file) - 1), TRUE, "truncated after");
  check_refused (gst_buffer_new_memdup (junk, 100), FALSE,
      "not a .safetensors file");
  check_refused (new_file ("{\"a\":{\"dtype\":\"F32\",\"shape\":[8],"
          "\"data_offsets\":[0,32]}}"), FALSE, "no tensor \"latent_tensor\"");
  check_refused (new_file ("{\"latent_tensor\":{\"dtype\":\"F32\","
          "\"shape\":[1,4,2],\"data_offsets\":[0,32]}}"), FALSE,
      "has 3 dimensions");
  check_refused (new_file ("{\"__metadata__\":{\"downscale\":\"x\"},"
          "\"latent_tensor\":{\"dtype\":\"F32\",\"shape\":[1,4,1,2],"
          "\"data_offsets\":[0,32]}}"), FALSE,
      "__metadata__.downscale is \"x\", must be");
  check_refused (new_file ("{\"__metadata__\":{\"scaling-factor\":\"nan\"},"
          "\"latent_tensor\":{\"dtype\":\"F32\",\"shape\":[1,4,1,2],"
          "\"data_offsets\":[0,32]}}"), FALSE, "__metadata__.scaling-factor");
}

GST_END_TEST;

/* Before any of its data is there. */
GST_START_TEST (test_too_large)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  GstHarness *h = new_decoder (bus);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_harness_set_src_caps_str (h, FILE_CAPS);
  fail_unless_equals_int (gst_harness_push (h, new_file ("{\"latent_tensor\":{"
              "\"dtype\":\"F32\",\"shape\":[1,4,65536,65536],"
              "\"data_offsets\":[0,68719476736]}}")), GST_FLOW_EOS);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (strstr (error->message, "exceed the 2147483647 bytes") != NULL);
  teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_flush)
{
  GstHarness *h = new_decoder (NULL);
  g_autoptr (GstBuffer) file = new_file (EIGHT VERSION);
  g_autoptr (GstBuffer) want = gst_buffer_new_memdup (eight, sizeof eight);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_harness_set_src_caps_str (h, FILE_CAPS);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GstBuffer) got = NULL;

    /* half a file is forgotten */
    fail_unless_equals_int (gst_harness_push (h, gst_buffer_copy_region (file,
                GST_BUFFER_COPY_MEMORY, 0, 50 + i * 50)), GST_FLOW_OK);
    fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
    fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
    fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
    got = gst_harness_push_and_pull (h, gst_buffer_ref (file));
    check_same (want, got);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (got), 0);
  }
  teardown (h);
}

GST_END_TEST;

/* Events keep their order although caps are not known before the first file. */
GST_START_TEST (test_events)
{
  GstHarness *h = new_decoder (NULL);
  GstSegment segment;
  const GstEventType order[] = {
    GST_EVENT_STREAM_START, GST_EVENT_CAPS, GST_EVENT_SEGMENT, GST_EVENT_TAG,
  };

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  fail_unless (gst_harness_push_event (h, gst_event_new_stream_start ("s")));
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
  fail_unless (gst_harness_push_event (h, gst_event_new_tag (gst_tag_list_new
              (GST_TAG_TITLE, "title", NULL))));
  gst_buffer_unref (gst_harness_push_and_pull (h, new_file (EIGHT VERSION)));
  for (guint i = 0; i < G_N_ELEMENTS (order); i++) {
    g_autoptr (GstEvent) event = gst_harness_pull_event (h);

    fail_unless_equals_int (GST_EVENT_TYPE (event), order[i]);
    if (order[i] == GST_EVENT_SEGMENT) {
      const GstSegment *out;

      gst_event_parse_segment (event, &out);
      fail_unless_equals_int (out->format, GST_FORMAT_TIME);
    }
  }
  teardown (h);
}

GST_END_TEST;

/* A segment in time keeps the time of each file's first byte. */
GST_START_TEST (test_times)
{
  GstHarness *h = new_decoder (NULL);

  gst_harness_set_src_caps_str (h, FILE_CAPS ",framerate=4/1");
  for (guint i = 0; i < 3; i++) {
    GstBuffer *file = new_file (EIGHT VERSION);
    g_autoptr (GstBuffer) got = NULL;

    GST_BUFFER_PTS (file) = (3 + i) * GST_SECOND / 4;
    got = gst_harness_push_and_pull (h, file);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (got), (3 + i) * GST_SECOND / 4);
    fail_unless_equals_uint64 (GST_BUFFER_DURATION (got), GST_SECOND / 4);
  }
  check_caps (h, LATENTS ("float32", "1,4,1,2", ",framerate=4/1"));
  teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_one_file_each)
{
  GstHarness *h = gst_harness_new ("safetensorsenc");

  gst_harness_set_src_caps_str (h, SMALL);
  for (guint i = 0; i < 3; i++) {
    GstBuffer *latents = new_latents (8);
    g_autoptr (GstBuffer) file = NULL;
    guint64 header_size;

    GST_BUFFER_PTS (latents) = i;
    file = gst_harness_push_and_pull (h, latents);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (file), i);
    gst_buffer_extract (file, 0, &header_size, sizeof header_size);
    fail_unless_equals_uint64 (gst_buffer_get_size (file),
        8 + GUINT64_FROM_LE (header_size) + 32);
    /* the data begins where any reader can map it */
    fail_unless_equals_int (GUINT64_FROM_LE (header_size) % 8, 0);
  }
  fail_unless_equals_int (gst_harness_push (h, new_latents (7)), GST_FLOW_EOS);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_snapshot)
{
  GstElement *pipeline = launch_new ("latentsrc width=64 height=64 ! "
      "safetensorsenc snapshot=true ! fakesink name=sink");
  GstElement *sink = launch_get (pipeline, "sink");

  for (guint run = 0; run < 2; run++) {
    g_autoptr (GstStructure) stats = NULL;
    guint64 rendered;

    g_ptr_array_unref (launch_run (pipeline));
    g_object_get (sink, "stats", &stats, NULL);
    fail_unless (gst_structure_get_uint64 (stats, "rendered", &rendered));
    fail_unless_equals_uint64 (rendered, 1);
    gst_element_set_state (pipeline, GST_STATE_NULL);
  }
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_states)
{
  GstElement *pipeline = launch_new ("latentsrc width=64 height=64 ! "
      "safetensorsenc ! safetensorsdec ! fakesink");

  for (guint i = 0; i < 40; i++) {
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    g_usleep (i * 100);
    gst_element_set_state (pipeline, i % 2 ? GST_STATE_READY : GST_STATE_NULL);
  }
  launch_free (pipeline);
}

GST_END_TEST;

/* The file is named, and bytes behind it are called what they are. */
GST_START_TEST (test_errors_name_the_file)
{
  static const struct
  {
    gsize size;
    const char *part;
  } cases[] = {
    {5, "truncated after 5 bytes"},
    {4, "3 bytes follow the last tensor"},
  };
  g_autoptr (GstBuffer) file = new_file (EIGHT VERSION);
  g_autofree char *path = g_build_filename (g_get_tmp_dir (),
      "gst-regional-test.latent", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *line = g_strdup_printf ("filesrc location=%s ! "
        "safetensorsdec ! fakesink", path);
    g_autofree guint8 *bytes = g_malloc0 (gst_buffer_get_size (file) + 3);
    g_autoptr (GError) error = NULL;
    g_autoptr (GstMessage) message = NULL;
    g_autoptr (GstBus) bus = NULL;
    GstElement *pipeline;

    gst_buffer_extract (file, 0, bytes, gst_buffer_get_size (file));
    fail_unless (g_file_set_contents (path, (char *) bytes,
            i == 0 ? cases[i].size : gst_buffer_get_size (file) + 3, NULL));
    pipeline = gst_parse_launch (line, NULL);
    bus = gst_element_get_bus (pipeline);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
        GST_MESSAGE_ERROR);
    gst_message_parse_error (message, &error, NULL);
    fail_unless (strstr (error->message, path) != NULL
        && strstr (error->message, cases[i].part) != NULL, "%s",
        error->message);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    gst_object_unref (pipeline);
  }
  g_remove (path);
}

GST_END_TEST;

/* By its content and by its name; other files stay what they are. */
GST_START_TEST (test_type)
{
  static const struct
  {
    const char *data;
    gsize size;
    gboolean found;
  } cases[] = {
    {"\x10\0\0\0\0\0\0\0{\"a\":", 13, TRUE},
    {"\x02\0\0\0\0\0\0\0{}", 10, TRUE},
    {"\x02\0\0\0\0\0\0\0", 8, FALSE},
    {"\x02\0\0\0\0\0\0\0[]", 10, FALSE},
    {"{\"a\": 1, \"b\": 2}", 16, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstCaps) caps = gst_type_find_helper_for_data (NULL,
        (const guint8 *) cases[i].data, cases[i].size, NULL);

    fail_unless_equals_int (caps != NULL
        && gst_structure_has_name (gst_caps_get_structure (caps, 0),
            "application/x-safetensors"), cases[i].found);
  }
}

GST_END_TEST;

static Suite *
safetensors_suite (void)
{
  Suite *s = suite_create ("safetensors");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_round_trip);
  tcase_add_test (tc, test_float16);
  tcase_add_test (tc, test_pieces);
  tcase_add_test (tc, test_files_of_others);
  tcase_add_test (tc, test_tensor_behind_another);
  tcase_add_test (tc, test_no_file);
  tcase_add_test (tc, test_errors_name_the_file);
  tcase_add_test (tc, test_type);
  tcase_add_test (tc, test_too_large);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_events);
  tcase_add_test (tc, test_times);
  tcase_add_test (tc, test_one_file_each);
  tcase_add_test (tc, test_snapshot);
  tcase_add_test (tc, test_states);
  return s;
}

GST_CHECK_MAIN (safetensors);
