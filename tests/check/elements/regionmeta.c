/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Regions that come with buffers: how they get there, what they survive, and
 * what a sampler makes of them. */

#include <gst/check/gstharness.h>
#include <glib/gstdio.h>
#include <string.h>

#include <gst-regional/gstregionpromptmeta.h>

#include "../launch.h"
#include "../rdtest.h"
#include "../samplertest.h"
#include "../scratch.h"

#define LEFT "red @0,0,0.5,1"
#define PICTURES \
    "videotestsrc num-buffers=2 ! video/x-raw,width=64,height=64,framerate=10/1"

/* All documents of a buffer, each in a line. */
static char *
documents (GstBuffer * buffer)
{
  GString *all = g_string_new (NULL);
  gpointer state = NULL;
  const gchar *text;

  while ((text = gst_buffer_iterate_region_prompt_meta (buffer, &state)))
    g_string_append_printf (all, "%s\n", text);
  return g_string_free (all, FALSE);
}

/* What the last buffer has behind @elements. */
static char *
run (const char *elements)
{
  GstElement *pipeline = launch_new ("%s ! fakesink name=sink", elements);
  g_autoptr (GstSample) sample = NULL;
  char *text;

  g_ptr_array_unref (launch_run (pipeline));
  g_object_get (launch_get (pipeline, "sink"), "last-sample", &sample, NULL);
  text = documents (gst_sample_get_buffer (sample));
  launch_free (pipeline);
  return text;
}

GST_START_TEST (test_what_it_survives)
{
  static const struct
  {
    const char *elements;
    gboolean there;
  } ways[] = {
    {"identity", TRUE},
    {"queue ! tee ! queue", TRUE},
    {"videoscale ! video/x-raw,width=32,height=48", TRUE},
    {"videoconvert ! video/x-raw,format=GRAY8", TRUE},
    {"videoconvert ! jpegenc ! jpegdec ! videoconvert", TRUE},
    {"videorate ! video/x-raw,framerate=5/1", TRUE},
    {"videoconvert ! latentencode device=DEVICE model=DATA/tiny-sd", TRUE},
    {"videoconvert ! latentencode device=DEVICE model=DATA/tiny-sd ! "
          "latentdecode device=DEVICE model=DATA/tiny-sd", TRUE},
    {"videocrop left=8", FALSE},
    /* pixels that are moved under the regions */
    {"videoflip video-direction=horiz", FALSE},
    {"videoflip video-direction=vert", FALSE},
    {"videoflip video-direction=180", FALSE},
    {"videoscale ! video/x-raw,width=64,height=48 ! videoflip "
          "video-direction=90r", FALSE},
    {"videoscale ! video/x-raw,width=64,height=48 ! videoflip "
          "video-direction=ul-lr", FALSE},
    {"videoflip video-direction=horiz ! videoconvert ! "
          "video/x-raw,format=GRAY8 ! videoscale ! video/x-raw,width=32",
        FALSE},
    {"videoscale ! video/x-raw,width=64,height=32,pixel-aspect-ratio=1/1",
        FALSE},
    {"videoscale ! video/x-raw,width=33,height=33,pixel-aspect-ratio=1/1",
        TRUE},
    {"videoscale ! video/x-raw,width=17,height=31", TRUE},
    /* width and height exchanged, but not the shape */
    {"videoscale ! video/x-raw,width=64,height=48 ! videoscale ! "
          "video/x-raw,width=48,height=64", TRUE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    g_autofree char *line = g_strdup_printf (PICTURES
        " ! regionmeta regions=\"" LEFT "\" ! %s", ways[i].elements);
    g_autofree char *text = run (line);

    fail_unless (g_str_equal (text, ways[i].there ? LEFT "\n" : ""),
        "%s: %s", ways[i].elements, text);
  }
}

GST_END_TEST;

/* The sampler tells once which regions it does not have, and why. */
GST_START_TEST (test_moved_pictures_are_told)
{
  static const struct
  {
    const char *element, *part;
  } cases[] = {
    {"videoflip video-direction=horiz", "dropped on the way"},
    {"videocrop left=32", "dropped on the way"},
    {"videoscale ! video/x-raw,width=64,height=32,pixel-aspect-ratio=1/1",
        "was given bars or stretched, from 64x64 to 64x32"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstElement *pipeline = launch_new (PICTURES " ! regionmeta regions=\"" LEFT
        "\" ! %s ! videoconvert ! latentencode device=DEVICE "
        "model=DATA/tiny-sd ! regionalsampler device=DEVICE "
        "model=DATA/tiny-sd steps=1 ! fakesink", cases[i].element);
    g_autoptr (GPtrArray) messages = launch_run (pipeline);
    guint n = 0;

    for (guint k = 0; k < messages->len; k++) {
      g_autoptr (GError) warning = NULL;

      if (GST_MESSAGE_TYPE (messages->pdata[k]) != GST_MESSAGE_WARNING)
        continue;
      gst_message_parse_warning (messages->pdata[k], &warning, NULL);
      fail_unless (strstr (warning->message, cases[i].part) != NULL, "%s",
          warning->message);
      n++;
    }
    fail_unless_equals_int (n, 1);
    launch_free (pipeline);
  }
}

GST_END_TEST;

GST_START_TEST (test_they_add_up)
{
  g_autofree char *text = run (PICTURES " ! regionmeta regions=\"" LEFT "\" ! "
      "regionmeta ! regionmeta regions=\"green @0.5,0,0.5,1\"");

  fail_unless_equals_string (text, LEFT "\ngreen @0.5,0,0.5,1\n");
}

GST_END_TEST;

static GstHarness *
harness_new (const char *property, const char *value)
{
  GstHarness *h = gst_harness_new ("regionmeta");

  g_object_set (h->element, property, value, NULL);
  gst_harness_set_src_caps_str (h, "anything/at-all");
  return h;
}

static char *
push (GstHarness * h, GstClockTime pts)
{
  GstBuffer *buffer = gst_buffer_new ();

  GST_BUFFER_PTS (buffer) = pts;
  buffer = gst_harness_push_and_pull (h, buffer);
  fail_unless (buffer != NULL);
  {
    char *text = documents (buffer);

    gst_buffer_unref (buffer);
    return text;
  }
}

/* A document is there from its time up to that of the next. */
GST_START_TEST (test_lines_by_time)
{
  static const char lines[] =
      "{\"time\": 0.5, \"regions\": []}\n\n"
      "{\"time\": 1, \"regions\": [{\"id\":\"a\",\"box\":[0,0,1,1]}]}\n"
      "{\"regions\": [{\"id\":\"b\",\"box\":[0,0,1,1]}], \"time\": 2.25}\n";
  static const struct
  {
    guint ms;
    const char *part;
  } cases[] = {
    {0, ""}, {499, ""}, {500, "\"regions\":[]"}, {999, "\"regions\":[]"},
    {1000, "\"id\":\"a\""}, {2249, "\"id\":\"a\""}, {2250, "\"id\":\"b\""},
    {900000, "\"id\":\"b\""}, {1500, "\"id\":\"a\""},
  };
  g_autoptr (RdScratch) folder = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (folder, "moves.jsonl", NULL);
  GstHarness *h;

  fail_unless (g_file_set_contents (path, lines, -1, NULL));
  h = harness_new ("regions-location", path);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = push (h, cases[i].ms * GST_MSECOND);

    fail_unless (*cases[i].part ? strstr (text, cases[i].part) != NULL
        : *text == '\0', "%u ms: %s", cases[i].ms, text);
    fail_unless (strstr (text, "time") == NULL);
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

/* From the next buffer on. */
GST_START_TEST (test_changes_while_playing)
{
  GstHarness *h = harness_new ("regions", LEFT);
  g_autofree char *before = push (h, 0), *after = NULL, *none = NULL;

  g_object_set (h->element, "regions", "green @0,0,1,1", NULL);
  after = push (h, 1);
  g_object_set (h->element, "regions", NULL, NULL);
  none = push (h, 2);
  fail_unless_equals_string (before, LEFT "\n");
  fail_unless_equals_string (after, "green @0,0,1,1\n");
  fail_unless_equals_string (none, "");
  gst_harness_teardown (h);
}

GST_END_TEST;

/* A text that is wrong is said once, and the last one stays. */
GST_START_TEST (test_a_wrong_text_while_playing)
{
  GstHarness *h = harness_new ("regions", LEFT);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autofree char *before = push (h, 0);
  g_autofree char *kept = NULL, *again = NULL, *after = NULL;
  GstMessage *message;
  guint n = 0;

  gst_element_set_bus (h->element, bus);
  g_object_set (h->element, "regions", "red @0,0,1", NULL);
  kept = push (h, 1);
  again = push (h, 2);
  fail_unless_equals_string (before, LEFT "\n");
  fail_unless_equals_string (kept, LEFT "\n");
  fail_unless_equals_string (again, LEFT "\n");
  while ((message = gst_bus_pop_filtered (bus,
              GST_MESSAGE_WARNING | GST_MESSAGE_ERROR))) {
    g_autoptr (GError) error = NULL;

    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_WARNING);
    gst_message_parse_warning (message, &error, NULL);
    fail_unless (g_str_has_prefix (error->message, "property regions: "), "%s",
        error->message);
    gst_message_unref (message);
    n++;
  }
  fail_unless_equals_int (n, 1);

  g_object_set (h->element, "regions", "green @0,0,1,1", NULL);
  after = push (h, 3);
  fail_unless_equals_string (after, "green @0,0,1,1\n");
  gst_element_set_bus (h->element, NULL);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_errors)
{
  static const struct
  {
    const char *property, *text, *part;
    gboolean no_file;
  } cases[] = {
    {"regions", "red @0,0,0.5", "property regions: region 1, column"},
    {"regions", "{\\\"units\\\":\\\"px\\\",\\\"regions\\\":[{\\\"box\\\":"
          "[0,0,8,8]}]}",
        "regions[0]: coordinates must be fractions of the picture"},
    {"regions", "[{\\\"mask\\\":{\\\"file\\\":\\\"m.png\\\"}}]",
        "must be absolute"},
    {"regions", "snow @0,0,64,128", "coordinates are fractions of the picture"},
    {"regions-location", "no/such/file", "no/such/file", TRUE},
    {"regions-location", "/dev/zero", "/dev/zero: is a device"},
    {"regions-location", "/dev/urandom", "/dev/urandom: is a device"},
    {"regions-location", "/dev", "/dev: is a folder"},
  };
  static const struct
  {
    const char *lines, *part;
  } files[] = {
    {"{\"regions\":[]}", ".jsonl:1: time: is missing"},
    {"{\"time\":1}\n{\"time\":1}", ".jsonl:2: time: is 1, must be greater"},
    {"{\"time\":-1}", ".jsonl:1: time: must be"},
    {"\n[]", ".jsonl:2: line: must be"},
    {"{\"time\":0,\"regions\":[{\"box\":[0,0,1]}]}",
        ".jsonl:1: regions[0].box: must be [x,y,width,height]"},
    {"{\"time\":0,\"region\":[]}", ".jsonl:1: document: unknown key"},
    {"{\"time\":0,", ".jsonl:1: line:1:"},
    {"{\"time\":0,\"units\":\"px\",\"regions\":[{\"box\":[0,0,8,8]}]}",
        ".jsonl:1: regions[0]: coordinates must be fractions of the picture"},
  };
  g_autoptr (RdScratch) folder = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (folder, "moves.jsonl", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstElement *pipeline = launch_new (PICTURES " ! regionmeta %s=\"%s\" ! "
        "fakesink", cases[i].property, cases[i].text);
    g_autofree char *message = cases[i].no_file
        ? launch_fail (pipeline, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_NOT_FOUND, NULL)
        : launch_fail (pipeline, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT,
        NULL);

    fail_unless (strstr (message, cases[i].part) != NULL, "%s", message);
    launch_free (pipeline);
  }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    GstElement *pipeline = launch_new (PICTURES " ! regionmeta "
        "regions-location=\"%s\" ! fakesink", path);
    g_autofree char *message = NULL;

    fail_unless (g_file_set_contents (path, files[i].lines, -1, NULL));
    message = launch_fail (pipeline, GST_LIBRARY_ERROR,
        GST_LIBRARY_ERROR_INIT, NULL);
    fail_unless (strstr (message, files[i].part) != NULL, "%s", message);
    launch_free (pipeline);
  }
}

GST_END_TEST;

/* What follows a NUL would be lost. */
GST_START_TEST (test_a_file_with_a_nul)
{
  static const char text[] = LEFT "\nblue\0green @0,0,1,1\n";
  static const char *const names[] = { "moves.jsonl", "regions.txt" };
  g_autoptr (RdScratch) folder = rd_scratch_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (folder, names[i], NULL);
    GstElement *pipeline = launch_new (PICTURES " ! regionmeta "
        "regions-location=\"%s\" ! fakesink", path);
    g_autofree char *place = g_strconcat (names[i], ": line 2: contains a NUL",
        NULL);
    g_autofree char *message = NULL;

    fail_unless (g_file_set_contents (path, text, sizeof text - 1, NULL));
    message = launch_fail (pipeline, GST_LIBRARY_ERROR,
        GST_LIBRARY_ERROR_INIT, NULL);
    fail_unless (strstr (message, place) != NULL, "%s", message);
    launch_free (pipeline);
  }
}

GST_END_TEST;

/* The limit is on all of a picture's regions. */
GST_START_TEST (test_too_many_regions)
{
  g_autoptr (GString) many = g_string_new (NULL);
  g_auto (SamplerTest) test = { NULL };
  g_autofree char *message = NULL;
  GstBuffer *latent = sampler_latent_new (0);

  for (guint i = 0; i < 100; i++)
    g_string_append (many, LEFT "\n");
  sampler_test_init (&test, "");
  for (guint i = 0; i < 5; i++)
    gst_buffer_add_region_prompt_meta (latent, many->str);
  gst_harness_push (test.latents, latent);
  message = sampler_test_error (&test, GST_LIBRARY_ERROR,
      GST_LIBRARY_ERROR_INIT);
  fail_unless (strstr (message, "region metadata: 300 regions are too many, a "
          "picture has up to 256") != NULL, "%s", message);
}

GST_END_TEST;

static float *
sample_with (const char *properties, const char *one, const char *other)
{
  g_auto (SamplerTest) test = { NULL };
  GstBuffer *latent = sampler_latent_new (0);

  sampler_test_init (&test, properties);
  gst_buffer_add_region_prompt_meta (latent, one);
  if (other)
    gst_buffer_add_region_prompt_meta (latent, other);
  fail_unless_equals_int (gst_harness_push (test.latents, latent), GST_FLOW_OK);
  return sampler_test_pull (&test);
}

/* Region metadata is what the property would be, and adds up with it and with
 * itself; it comes before the property. */
GST_START_TEST (test_sampler_takes_them)
{
  g_autofree float *property = sampler_run ("regions=\"" LEFT "\"");
  g_autofree float *meta = sample_with ("", LEFT, NULL);
  g_autofree float *two = sample_with ("", LEFT, "green @0.5,0,0.5,1");
  g_autofree float *both =
      sample_with ("regions=\"green @0.5,0,0.5,1\"", LEFT, NULL);
  g_autofree float *text =
      sampler_run ("regions=\"" LEFT " | green @0.5,0,0.5,1\"");
  g_autofree float *first = sample_with ("mode=impact regions=\"green "
      "@0.25,0,0.5,1\"", LEFT, NULL);
  g_autofree float *in_order = sampler_run ("mode=impact regions=\"" LEFT
      " | green @0.25,0,0.5,1\"");
  g_autofree float *base = sample_with ("", "{\"base\":{\"prompt\":\"green\"},"
      "\"regions\":[{\"prompt\":\"red\",\"box\":[0,0,0.5,1]}]}", NULL);
  g_autofree float *base_text =
      sampler_run ("prompt=green regions=\"" LEFT "\"");

  sampler_assert_equal (meta, property);
  sampler_assert_equal (two, text);
  sampler_assert_equal (both, text);
  sampler_assert_equal (first, in_order);
  sampler_assert_equal (base, base_text);
}

GST_END_TEST;

/* Each latent has its own, also none, and what is wrong is said. */
GST_START_TEST (test_from_latent_to_latent)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *left = sampler_run ("regions=\"" LEFT "\"");
  g_autofree float *none = sampler_run ("");
  g_autofree float *got[4] = { NULL };
  g_autoptr (GstMessage) warning = NULL;
  g_autoptr (GError) error = NULL;

  sampler_test_init (&test, "");
  for (guint i = 0; i < 4; i++) {
    GstBuffer *latent = sampler_latent_new (i);

    if (i != 1)
      gst_buffer_add_region_prompt_meta (latent, i == 3 ? "red @0,0,1" : LEFT);
    gst_harness_push (test.latents, latent);
    got[i] = sampler_test_pull (&test);
  }
  sampler_assert_equal (got[0], left);
  sampler_assert_equal (got[1], none);
  sampler_assert_equal (got[2], left);
  /* the last good regions stay where the next ones are wrong */
  sampler_assert_equal (got[3], left);
  for (guint i = 0; i < 4; i++)
    g_free (g_steal_pointer (&got[i]));
  warning = sampler_test_wait (&test, GST_MESSAGE_WARNING | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (warning), GST_MESSAGE_WARNING);
  gst_message_parse_warning (warning, &error, NULL);
  fail_unless (strstr (error->message, "region metadata: region 1, column"),
      "%s", error->message);
}

GST_END_TEST;

/* Whatever way regions came, their text makes the same picture, and is its own
 * text then. */
GST_START_TEST (test_they_can_be_read_back)
{
  static const char *const texts[] = {
    LEFT, "{\"common\":{\"prompt\":\"c\"},\"base\":{\"cfg\":3,"
        "\"sampler\":\"heun\"},\"regions\":[{\"prompt\":\"red\",\"z\":1,"
        "\"feather\":8,\"strength\":0.7,\"box\":[0.1,0.2,0.3,0.4]},"
        "{\"box\":[0.5,0,0.5,1]}]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_auto (SamplerTest) test = { NULL };
    g_auto (SamplerTest) again = { NULL };
    g_autofree float *got = NULL, *want = NULL;
    g_autofree char *regions = NULL, *same = NULL;
    GstBuffer *latent = sampler_latent_new (0);

    sampler_test_init (&test, "prompt=base class-prompts=cat");
    sampler_test_init (&again, "");
    g_object_get (test.element, "current-regions", &regions, NULL);
    fail_unless (regions == NULL);
    gst_buffer_add_region_prompt_meta (latent, texts[i]);
    gst_buffer_add_video_region_of_interest_meta (latent, "cat", 64, 0, 32, 32);
    gst_harness_push (test.latents, latent);
    want = sampler_test_pull (&test);
    g_object_get (test.element, "current-regions", &regions, NULL);
    g_object_set (again.element, "regions", regions, NULL);
    got = sampler_test_run (&again);
    sampler_assert_equal (got, want);
    g_object_get (again.element, "current-regions", &same, NULL);
    fail_unless_equals_string (same, regions);
  }
}

GST_END_TEST;

static Suite *
regionmeta_suite (void)
{
  Suite *suite = suite_create ("regionmeta");
  TCase *chain = tcase_create ("regionmeta");

  suite_add_tcase (suite, chain);
  tcase_add_test (chain, test_what_it_survives);
  tcase_add_test (chain, test_moved_pictures_are_told);
  tcase_add_test (chain, test_they_add_up);
  tcase_add_test (chain, test_lines_by_time);
  tcase_add_test (chain, test_changes_while_playing);
  tcase_add_test (chain, test_a_wrong_text_while_playing);
  tcase_add_test (chain, test_errors);
  tcase_add_test (chain, test_a_file_with_a_nul);
  tcase_add_test (chain, test_too_many_regions);
  tcase_add_test (chain, test_sampler_takes_them);
  tcase_add_test (chain, test_from_latent_to_latent);
  tcase_add_test (chain, test_they_can_be_read_back);
  return suite;
}

GST_CHECK_MAIN (regionmeta);
