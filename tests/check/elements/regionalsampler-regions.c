/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The ways by which regions reach regionalsampler give the same regions; what
 * they inherit; and what is wrong with them is said with its place. */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../launch.h"
#include "../rdtest.h"
#include "../samplertest.h"
#include "../scratch.h"

/* a text for a launch line: in quotes, its own quotes escaped */
static char *
quote (const char *text)
{
  g_autofree char *escaped = g_strescape (text, NULL);

  return g_strdup_printf ("\"%s\"", escaped);
}

static float *
run_json (const char *properties, const char *json)
{
  g_autofree char *quoted = quote (json);
  g_autofree char *all = g_strdup_printf ("%s regions=%s", properties, quoted);

  return sampler_run (all);
}

/* with a white left half on mask_0 */
static float *
run_masked (const char *properties, const char *pad_properties)
{
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, properties);
  sampler_test_add_mask (&test, pad_properties);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  return sampler_test_run (&test);
}

static float *
run_masked_json (const char *pad_properties, const char *json)
{
  g_autofree char *quoted = quote (json);
  g_autofree char *properties = g_strdup_printf ("regions=%s", quoted);

  return run_masked (properties, pad_properties);
}

GST_START_TEST (all_ways_are_one)
{
  g_autofree float *pad = run_masked ("", "prompt=red");
  g_autofree float *brief = sampler_run ("regions=\"red @0,0,0.5,1\"");
  g_autofree float *box =
      run_json ("", "[{\"prompt\": \"red\", \"box\": [0, 0, 0.5, 1]}]");
  g_autofree float *pixels = run_json ("", "{\"units\": \"px\", \"regions\": "
      "[{\"prompt\": \"red\", \"box\": [0, 0, 64, 128]}]}");
  g_autofree float *polygon = run_json ("", "[{\"prompt\": \"red\", "
      "\"polygon\": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}]");
  g_autofree float *named = run_masked_json ("",
      "[{\"prompt\": \"red\", \"mask\": {\"pad\": \"mask_0\"}}]");

  sampler_assert_equal (brief, pad);
  sampler_assert_equal (box, pad);
  sampler_assert_equal (pixels, pad);
  sampler_assert_equal (polygon, pad);
  sampler_assert_equal (named, pad);
}

GST_END_TEST;

GST_START_TEST (pads_come_first)
{
  g_autofree float *both = run_masked ("mode=impact regions=\"green @0.25,0,"
      "0.5,1\"", "prompt=red");
  g_autofree float *pad_first = sampler_run ("mode=impact regions=\"red @0,0,"
      "0.5,1 | green @0.25,0,0.5,1\"");
  g_autofree float *text_first = sampler_run ("mode=impact regions=\"green "
      "@0.25,0,0.5,1 | red @0,0,0.5,1\"");

  sampler_assert_equal (both, pad_first);
  sampler_assert_different (both, text_first);
}

GST_END_TEST;

/* A pad whose mask a document takes is a region only if it says something. */
GST_START_TEST (a_named_pad_may_be_a_region_too)
{
  const char *json = "[{\"prompt\": \"red\", \"z\": 1, "
      "\"mask\": {\"pad\": \"mask_0\"}}]";
  g_autofree float *named = run_masked_json ("", json);
  g_autofree float *both = run_masked_json ("prompt=green strength=0.5", json);
  g_autofree float *expected = run_json ("", "[{\"prompt\": \"green\", "
      "\"strength\": 0.5, \"box\": [0,0,0.5,1]}, {\"prompt\": \"red\", "
      "\"z\": 1, \"box\": [0,0,0.5,1]}]");
  g_autofree float *inverted = run_masked_json ("invert=true", json);
  g_autofree float *right = sampler_run ("regions=\"red @0.5,0,0.5,1\"");

  sampler_assert_equal (both, expected);
  sampler_assert_different (named, both);
  sampler_assert_equal (inverted, right);
}

GST_END_TEST;

/* for each: a pad's property, the element's that it overrides, JSON */
static const struct
{
  const char *pad;
  const char *element;
  const char *json;
} inherited[] = {
  {"negative-prompt=neg2", "negative-prompt=neg2",
      "\"negative-prompt\":\"neg2\""},
  {"cfg=3", "cfg=3", "\"cfg\":3"},
  {"sampler=heun", "sampler=heun", "\"sampler\":\"heun\""},
  {"scheduler=karras", "scheduler=karras", "\"scheduler\":\"karras\""},
  {"sigma-factor=0.75", "sigma-factor=0.75", "\"sigma-factor\":0.75"},
  {"overlap-factor=40", "overlap-factor=40", "\"overlap-factor\":40"},
  {"feather=48", "feather=48", "\"feather\":48"},
};

GST_START_TEST (settings_are_inherited)
{
  const char *pad = inherited[__i__].pad;
  g_autofree char *own = g_strconcat ("prompt=red ", pad, NULL);
  g_autofree char *json = g_strdup_printf ("[{\"prompt\":\"red\",%s,\"box\":"
      "[0,0,0.5,1]}]", inherited[__i__].json);
  g_autofree char *base = g_strdup_printf ("{\"base\":{%s},\"regions\":"
      "[{\"prompt\":\"red\",\"box\":[0,0,0.5,1]}]}", inherited[__i__].json);
  g_autofree float *plain = run_masked ("steps=3", "prompt=red");
  g_autofree float *own_values = run_masked ("steps=3", own);
  g_autofree float *own_json = run_json ("steps=3", json);
  g_autofree char *element = g_strconcat ("steps=3 ", inherited[__i__].element,
      NULL);
  g_autofree float *all = run_masked (element, "prompt=red");
  g_autofree float *all_explicit = run_masked (element, own);
  g_autofree float *all_json = run_json ("steps=3", base);

  /* it does something; both notations mean the same */
  sampler_assert_different (own_values, plain);
  sampler_assert_equal (own_json, own_values);
  /* what the element has is inherited, and a document's base goes before it */
  sampler_assert_equal (all, all_explicit);
  sampler_assert_equal (all_json, all);
}

GST_END_TEST;

/* not inherited, but the same by pad and in JSON */
static const struct
{
  const char *pad;
  const char *json;
} own[] = {
  {"strength=0.5", "\"strength\":0.5"},
  {"start=0.5", "\"start\":0.5"},
  {"end=0.5", "\"end\":0.5"},
  {"variation-strength=0.5", "\"variation\":{\"strength\":0.5}"},
  {"variation-seed=7 variation-strength=0.5 variation-method=slerp",
      "\"variation\":{\"seed\":7,\"strength\":0.5,\"method\":\"slerp\"}"},
};

GST_START_TEST (settings_of_its_own)
{
  g_autofree char *pad = g_strconcat ("prompt=red ", own[__i__].pad, NULL);
  g_autofree char *json = g_strdup_printf ("[{\"prompt\":\"red\",%s,\"box\":"
      "[0,0,0.5,1]}]", own[__i__].json);
  g_autofree float *plain = run_masked ("steps=4", "prompt=red");
  g_autofree float *values = run_masked ("steps=4", pad);
  g_autofree float *of_json = run_json ("steps=4", json);

  sampler_assert_different (values, plain);
  sampler_assert_equal (of_json, values);
}

GST_END_TEST;

GST_START_TEST (higher_levels_cover_lower)
{
  g_autofree float *red = run_json ("", "[{\"prompt\":\"red\",\"z\":1,"
      "\"box\":[0,0,1,1]},{\"prompt\":\"green\",\"box\":[0,0,1,1]}]");
  g_autofree float *green = run_json ("", "[{\"prompt\":\"red\",\"z\":-1,"
      "\"box\":[0,0,1,1]},{\"prompt\":\"green\",\"box\":[0,0,1,1]}]");
  g_autofree float *all_red = sampler_run ("prompt=red");
  g_autofree float *all_green = sampler_run ("prompt=green");
  const MaskBox everywhere = { 0, 0, 128, 128 };

  fail_unless (sampler_distance (red, all_red, everywhere) < 1e-4);
  fail_unless (sampler_distance (green, all_green, everywhere) < 1e-4);
}

GST_END_TEST;

GST_START_TEST (prompts_may_be_empty_or_missing)
{
  g_autofree float *empty = run_masked ("", "prompt=");
  g_autofree float *empty_json =
      run_json ("", "[{\"prompt\":\"\",\"box\":[0,0,0.5,1]}]");
  g_autofree float *none = run_masked ("", "");
  g_autofree float *same = run_masked ("", "prompt=base");
  g_autofree float *all_empty = sampler_run ("prompt=\"\"");

  sampler_assert_equal (empty, empty_json);
  sampler_assert_equal (none, same);
  sampler_assert_different (empty, none);
  sampler_assert_different (all_empty, none);
}

GST_END_TEST;

GST_START_TEST (a_common_prompt_comes_first)
{
  g_autofree float *common = run_json ("", "{\"common\":{\"prompt\":\"gold\"},"
      "\"regions\":[{\"prompt\":\"red\",\"box\":[0,0,0.5,1]}]}");
  g_autofree float *joined =
      run_json ("", "[{\"prompt\":\"gold, red\",\"box\":[0,0,0.5,1]}]");

  sampler_assert_equal (common, joined);
}

GST_END_TEST;

GST_START_TEST (a_file_is_read_again_when_it_changes)
{
  g_autoptr (RdScratch) folder = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (folder, "regions.json", NULL);
  g_autofree char *properties =
      g_strdup_printf ("regions-location=\"%s\"", path);
  g_autofree float *red = sampler_run ("regions=\"red @0,0,0.5,1\"");
  g_autofree float *green = sampler_run ("regions=\"green @0,0,0.5,1\"");
  g_auto (SamplerTest) test = { NULL };

  rd_scratch_write (folder, "regions.json", "red @0,0,0.5,1\n");
  sampler_test_init (&test, properties);
  for (guint i = 0; i < 2; i++) {
    g_autofree float *values = sampler_test_run (&test);

    sampler_assert_equal (values, red);
  }
  rd_scratch_write (folder, "regions.json",
      "[{\"prompt\": \"green\", \"box\": [0, 0, 0.5, 1]}]\n");
  {
    g_autofree float *values = sampler_test_run (&test);

    sampler_assert_equal (values, green);
  }
  /* the property may change in between too */
  g_object_set (test.element, "regions-location", NULL, "regions",
      "red @0,0,0.5,1", NULL);
  {
    g_autofree float *values = sampler_test_run (&test);

    sampler_assert_equal (values, red);
  }
}

GST_END_TEST;

/* A picture of 128x128 with a left and a right half, 0xRRGGBBAA. */
static void
write_halves (const char *folder, const char *name, const char *encoder,
    guint32 left, guint32 right)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  GstElement *pipeline = launch_new ("appsrc name=source format=time caps="
      "video/x-raw,format=RGBA,width=128,height=128,framerate=1/1 ! "
      "videoconvert ! %s ! filesink location=\"%s\"", encoder, path);
  GstElement *source = launch_get (pipeline, "source");
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 4 * 128 * 128, NULL);
  GstFlowReturn flow;
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (guint i = 0; i < 128 * 128; i++)
    GST_WRITE_UINT32_BE (map.data + 4 * i, i % 128 < 64 ? left : right);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = 0;
  g_signal_emit_by_name (source, "push-buffer", buffer, &flow);
  gst_buffer_unref (buffer);
  g_signal_emit_by_name (source, "end-of-stream", &flow);
  g_ptr_array_unref (launch_run (pipeline));
  launch_free (pipeline);
}

/* The same of colors that are opaque, 0xRRGGBB. */
static void
write_picture (const char *folder, const char *name, const char *encoder,
    guint32 left, guint32 right)
{
  write_halves (folder, name, encoder, left << 8 | 0xff, right << 8 | 0xff);
}

static float *
run_file (const char *folder, const char *text)
{
  g_autofree char *path = g_build_filename (folder, "regions.json", NULL);
  g_autofree char *properties =
      g_strdup_printf ("regions-location=\"%s\"", path);

  rd_scratch_write (folder, "regions.json", text);
  return sampler_run (properties);
}

/* How many warnings are on the bus; @words are in the first. */
static guint
count_warnings (SamplerTest * test, const char *words)
{
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop_filtered (test->bus, GST_MESSAGE_WARNING))) {
    g_autoptr (GError) warning = NULL;

    gst_message_parse_warning (message, &warning, NULL);
    fail_unless (g_error_matches (warning, GST_RESOURCE_ERROR,
            GST_RESOURCE_ERROR_SETTINGS));
    if (n++ == 0)
      fail_unless (strstr (warning->message, words) != NULL, "no '%s' in: %s",
          words, warning->message);
    gst_message_unref (message);
  }
  return n;
}

/* What painting programs save, and editors of masks. */
GST_START_TEST (transparent_is_outside)
{
  static const struct
  {
    const char *file, *more;
    gboolean left;
    const char *warning;
  } cases[] = {
    /* white everywhere, the left half opaque */
    {"white.png", "", TRUE, NULL},
    {"white.png", ",\"channel\":\"alpha\"", TRUE, NULL},
    {"white.png", ",\"invert\":true", FALSE, NULL},
    {"white.png", ",\"color\":\"#ffffff\"", TRUE, NULL},
    /* grey, and erased where the region shall be */
    {"erased.png", ",\"channel\":\"alpha\",\"invert\":true", TRUE, NULL},
    {"erased.png", ",\"channel\":\"alpha\"", FALSE, NULL},
    /* transparent, where one does not look */
    {"hidden.png", ",\"channel\":\"luma\"", TRUE, NULL},
    {"hidden.png", "", FALSE, "hidden.png is black or transparent everywhere"},
  };
  g_autoptr (RdScratch) folder = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (folder, "regions.json", NULL);
  g_autofree float *left = sampler_run ("regions=\"red @0,0,0.5,1\"");
  g_autofree float *right = sampler_run ("regions=\"red @0.5,0,0.5,1\"");
  g_autofree float *base = sampler_run ("");

  write_halves (folder, "white.png", "pngenc", 0xffffffff, 0xffffff00);
  write_halves (folder, "erased.png", "pngenc", 0x78787800, 0x787878ff);
  write_halves (folder, "hidden.png", "pngenc", 0xffffff00, 0x00000000);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = g_strdup_printf ("[{\"prompt\":\"red\",\"mask\":"
        "{\"file\":\"%s\"%s}}]", cases[i].file, cases[i].more);
    g_auto (SamplerTest) test = { NULL };
    g_autofree float *values = NULL;

    rd_scratch_write (folder, "regions.json", text);
    sampler_test_init (&test, "");
    g_object_set (test.element, "regions-location", path, NULL);
    values = sampler_test_run (&test);
    sampler_assert_equal (values, cases[i].warning ? base : cases[i].left
        ? left : right);
    fail_unless_equals_int (count_warnings (&test, cases[i].warning),
        cases[i].warning != NULL);
  }
}

GST_END_TEST;

/* Where brightness and opacity say different things, people are asked. */
GST_START_TEST (an_ambiguous_mask_is_told)
{
  g_autoptr (RdScratch) folder = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (folder, "regions.json", NULL);
  static const struct
  {
    const char *file, *more, *warning;
  } cases[] = {
    {"erased.png", "", "regions[0]: the mask "},
    {"erased.png", "", "\"channel\": \"alpha\" or \"luma\""},
    {"opaque.png", ",\"channel\":\"alpha\"", "is opaque everywhere"},
  };

  write_halves (folder, "erased.png", "pngenc", 0x78787800, 0x787878ff);
  write_halves (folder, "opaque.png", "pngenc", 0x787878ff, 0x000000ff);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = g_strdup_printf ("[{\"prompt\":\"red\",\"mask\":"
        "{\"file\":\"%s\"%s}}]", cases[i].file, cases[i].more);
    g_auto (SamplerTest) test = { NULL };

    rd_scratch_write (folder, "regions.json", text);
    sampler_test_init (&test, "");
    g_object_set (test.element, "regions-location", path, NULL);
    g_free (sampler_test_run (&test));
    g_free (sampler_test_run (&test));
    fail_unless_equals_int (count_warnings (&test, cases[i].warning), 1);
  }
}

GST_END_TEST;

/* The EXIF data of a camera that was held upside down. */
static const guint8 exif_180[] = {
  0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
  0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0,
};

/* Viewers turn such a picture, and so people paint masks on it. */
GST_START_TEST (a_photograph_is_turned)
{
  g_autoptr (RdScratch) folder = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (folder, "white.jpg", NULL);
  g_autofree char *turned = g_build_filename (folder, "turned.jpg", NULL);
  g_autofree float *right = sampler_run ("regions=\"red @0.5,0,0.5,1\"");
  g_autofree float *values = NULL;
  g_autofree char *data = NULL;
  g_autoptr (GByteArray) with = g_byte_array_new ();
  gsize size;

  write_picture (folder, "white.jpg", "jpegenc quality=100", 0xffffff, 0);
  fail_unless (g_file_get_contents (path, &data, &size, NULL));
  g_byte_array_append (with, (guint8 *) data, 2);
  g_byte_array_append (with, exif_180, sizeof exif_180);
  g_byte_array_append (with, (guint8 *) data + 2, size - 2);
  fail_unless (g_file_set_contents (turned, (char *) with->data, with->len,
          NULL));
  values = run_file (folder,
      "[{\"prompt\": \"red\", \"mask\": {\"file\": \"turned.jpg\"}}]");
  fail_unless (sampler_distance (values, right, MASK_RIGHT) < 0.01);
}

GST_END_TEST;

/* A region that covers nothing is told once, and the picture is the base's. */
GST_START_TEST (a_region_of_nothing_is_told)
{
  static const struct
  {
    const char *text, *warning;
  } cases[] = {
    {"[{\"id\":\"sky\",\"prompt\":\"red\",\"mask\":{\"file\":\"black.png\"}}]",
        "sky: the region covers nothing: the mask "},
    {"[{\"id\":\"sky\",\"prompt\":\"red\",\"mask\":{\"file\":\"black.png\"}}]",
        "black.png is black or transparent everywhere"},
    {"[{\"id\":\"sky\",\"prompt\":\"red\",\"mask\":{\"file\":\"map.png\","
          "\"color\":\"#ff0000\"}}]",
        "map.png has no pixel of the color #ff0000, the nearest one there is "
          "#fd0001"},
    {"{\"units\":\"px\",\"regions\":[{\"prompt\":\"red\",\"box\":"
          "[128,0,20,20]}]}", "regions[0]: the region covers nothing: its box "
          "has no pixel of the picture of 128x128"},
    {"[{\"prompt\":\"red\",\"units\":\"px\",\"polygon\":"
          "[[130,0],[150,0],[150,9]]}]",
        "its polygon has no pixel of the picture of 128x128"},
  };
  g_autoptr (RdScratch) folder = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (folder, "regions.json", NULL);
  g_autofree float *base = sampler_run ("");

  write_picture (folder, "black.png", "pngenc", 0, 0);
  write_picture (folder, "map.png", "pngenc", 0x00ff00, 0xfd0001);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (SamplerTest) test = { NULL };
    g_autofree float *values = NULL, *again = NULL;

    rd_scratch_write (folder, "regions.json", cases[i].text);
    sampler_test_init (&test, "");
    g_object_set (test.element, "regions-location", path, NULL);
    values = sampler_test_run (&test);
    again = sampler_test_run (&test);
    sampler_assert_equal (values, base);
    fail_unless_equals_int (count_warnings (&test, cases[i].warning), 1);
  }
}

GST_END_TEST;

GST_START_TEST (a_region_of_something_is_not_told)
{
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "regions=\"red @-0.5,-0.5,0.51,0.51\"");
  g_free (sampler_test_run (&test));
  fail_unless_equals_int (count_warnings (&test, ""), 0);
}

GST_END_TEST;

/* A mask of a video is black at times. */
GST_START_TEST (a_black_pad_is_told_once)
{
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, "prompt=red");
  sampler_test_add_mask (&test, "prompt=green invert=true");
  for (guint i = 0; i < 2; i++) {
    sampler_test_push_mask (&test, 0, (MaskBox) {
        0, 0, 0, 0}
    );
    sampler_test_push_mask (&test, 1, (MaskBox) {
        0, 0, 128, 128}
    );
    g_free (sampler_test_run (&test));
  }
  fail_unless_equals_int (count_warnings (&test, "mask_0: the region covers "
          "nothing: the mask of the pad mask_0 is black"), 2);
}

GST_END_TEST;

/* Paths are relative to the document's folder. */
GST_START_TEST (masks_come_from_files)
{
  g_autoptr (RdScratch) folder = rd_scratch_new (NULL);
  g_autofree float *expected = sampler_run ("regions=\"red @0,0,0.5,1\"");
  g_autofree float *bright = NULL, *color = NULL, *jpeg = NULL, *other = NULL;

  write_picture (folder, "white.png", "pngenc", 0xffffff, 0x000000);
  write_picture (folder, "map.png", "pngenc", 0x12a0fe, 0x12a0ff);
  write_picture (folder, "white.jpg", "jpegenc quality=100", 0xffffff, 0);

  bright = run_file (folder,
      "[{\"prompt\": \"red\", \"mask\": {\"file\": \"white.png\"}}]");
  sampler_assert_equal (bright, expected);
  color = run_file (folder, "[{\"prompt\": \"red\", \"mask\": "
      "{\"file\": \"map.png\", \"color\": \"#12a0fe\"}}]");
  sampler_assert_equal (color, expected);
  other = run_file (folder, "[{\"prompt\": \"red\", \"mask\": "
      "{\"file\": \"map.png\", \"color\": \"#12A0FF\"}}]");
  sampler_assert_different (other, expected);
  jpeg = run_file (folder,
      "[{\"prompt\": \"red\", \"mask\": {\"file\": \"white.jpg\"}}]");
  fail_unless (sampler_distance (jpeg, expected, MASK_LEFT) < 0.01);
}

GST_END_TEST;

/* The shape of a painted picture, by way of a pad. */
GST_START_TEST (a_painted_mask_gives_the_shape)
{
  g_autoptr (RdScratch) folder = rd_scratch_new (NULL);
  g_autofree float *expected = sampler_run ("regions=\"red @0,0,0.5,1\"");
  g_autofree float *values = NULL;
  g_autofree char *path = g_build_filename (folder, "mask.png", NULL);
  g_autoptr (GstSample) sample = NULL;
  GstElement *pipeline;

  write_picture (folder, "mask.png", "pngenc", 0xffffff, 0x000000);
  pipeline = launch_new ("latentsrc num-buffers=1 width=128 height=128 ! "
      "regionalsampler name=s device=DEVICE threads=1 prompt=base steps=2 "
      "model=DATA/tiny-sd mask_0::prompt=red ! fakesink name=sink "
      "filesrc location=\"%s\" ! pngdec ! videoconvert ! "
      "video/x-raw,format=GRAY8 ! s.mask_0", path);
  g_ptr_array_unref (launch_run (pipeline));
  g_object_get (launch_get (pipeline, "sink"), "last-sample", &sample, NULL);
  values = sampler_values (gst_buffer_ref (gst_sample_get_buffer (sample)));
  sampler_assert_equal (values, expected);
  launch_free (pipeline);
}

GST_END_TEST;

/* Another model is another network, with prompts of its own. */
GST_START_TEST (a_region_may_have_another_model)
{
  g_autofree char *model = rd_test_path ("tiny-sd");
  g_autoptr (RdScratch) twin = rd_scratch_new (model);
  g_autofree char *pad = g_strdup_printf ("prompt=red model=%s", twin);
  g_autofree float *expected = run_masked ("", "prompt=red");
  g_autofree float *values = run_masked ("", pad);
  g_auto (SamplerTest) test = { NULL };
  guint loads = 0, jobs = 0;

  sampler_assert_equal (values, expected);

  /* both stay loaded from job to job */
  sampler_test_init (&test, "progress-interval=100000");
  sampler_test_add_mask (&test, pad);
  for (guint i = 0; i < 3; i++) {
    sampler_test_push_mask (&test, 0, MASK_LEFT);
    g_free (sampler_test_run (&test));
  }
  while (jobs < 3) {
    g_autoptr (GstMessage) message =
        sampler_test_wait (&test, GST_MESSAGE_PROGRESS);
    g_autofree char *code = NULL;
    GstProgressType type;

    gst_message_parse_progress (message, &type, &code, NULL);
    if (type != GST_PROGRESS_TYPE_COMPLETE)
      continue;
    loads += g_str_equal (code, "load");
    jobs += g_str_equal (code, "sample");
  }
  fail_unless_equals_int (loads, 4);
}

GST_END_TEST;

static const struct
{
  const char *json;
  const char *parts[3];
} wrong[] = {
  {"[{\"prompt\": \"x\", \"box\": [0,0,1,1]},{\"prompt\": \"x\", \"box\": "
        "[0,0,0,1]}]", {"property regions", "regions[1].box", "width"}},
  {"[{\"promt\": \"x\", \"box\": [0,0,1,1]}]",
      {"regions[0]", "promt", "prompt"}},
  {"[{\"sampler\": \"eulr\", \"box\": [0,0,1,1]}]",
      {"regions[0].sampler", "eulr", "known are: euler"}},
  {"[{\"scheduler\": \"x\", \"box\": [0,0,1,1]}]",
      {"regions[0].scheduler", "'x'", "karras"}},
  {"[{\"prompt\": \"x\"}]", {"regions[0]", "box", "polygon"}},
  {"[{\"prompt\": \"x\",", {"property regions", "1", ""}},
  {"snow @0,0,64,128", {"property regions", "region 1", "\"px\""}},
  {"lava @0,0,0.5", {"property regions", "region 1", ""}},
  {"[{\"mask\": {\"file\": \"/nowhere.png\"}}]",
      {"regions[0]", "/nowhere.png", ""}},
};

GST_START_TEST (a_wrong_document_names_the_place)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_auto (SamplerTest) test = { NULL };
    g_autoptr (GstMessage) message = NULL;
    g_autoptr (GError) error = NULL;

    sampler_test_init (&test, "");
    g_object_set (test.element, "regions", wrong[i].json, NULL);
    gst_harness_push (test.latents, sampler_latent_new (0));
    message = sampler_test_wait (&test, GST_MESSAGE_ERROR);
    gst_message_parse_error (message, &error, NULL);
    for (guint k = 0; k < 3; k++)
      fail_unless (strstr (error->message, wrong[i].parts[k]) != NULL,
          "no '%s' in: %s", wrong[i].parts[k], error->message);
  }
}

GST_END_TEST;

static void
check_error (SamplerTest * test, GQuark domain, gint code, const char *part,
    const char *other)
{
  g_autofree char *text = NULL;

  gst_harness_push (test->latents, sampler_latent_new (0));
  text = sampler_test_error (test, domain, code);
  fail_unless (strstr (text, part) && strstr (text, other), "%s", text);
}

GST_START_TEST (a_pad_that_is_missing_is_named)
{
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "");
  g_object_set (test.element, "regions",
      "[{\"id\":\"sky\",\"mask\":{\"pad\":\"mask_7\"}}]", NULL);
  check_error (&test, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, "sky",
      "mask_7");
}

GST_END_TEST;

GST_START_TEST (a_file_that_is_wrong_is_named)
{
  g_autoptr (RdScratch) folder = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (folder, "regions.json", NULL);

  {
    g_auto (SamplerTest) test = { NULL };

    sampler_test_init (&test, "");
    g_object_set (test.element, "regions-location", path, NULL);
    check_error (&test, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
        "regions-location", path);
  }
  {
    g_auto (SamplerTest) test = { NULL };

    rd_scratch_write (folder, "regions.json", "[{\"box\": [1]}]");
    sampler_test_init (&test, "");
    g_object_set (test.element, "regions-location", path, NULL);
    check_error (&test, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT, path,
        "regions[0].box");
  }
  {
    g_auto (SamplerTest) test = { NULL };

    rd_scratch_write (folder, "no.png", "\x89PNG and no more");
    rd_scratch_write (folder, "regions.json",
        "[{\"mask\": {\"file\": \"no.png\"}}]");
    sampler_test_init (&test, "");
    g_object_set (test.element, "regions-location", path, NULL);
    check_error (&test, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT, path,
        "no.png");
  }
  {
    g_auto (SamplerTest) test = { NULL };

    fail_unless (g_file_set_contents (path, "red @0,0,1,1\0green @0,0,1,1", 28,
            NULL));
    sampler_test_init (&test, "");
    g_object_set (test.element, "regions-location", path, NULL);
    check_error (&test, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT, path,
        "line 1: contains a NUL");
    rd_scratch_write (folder, "regions.json",
        "[{\"mask\": {\"file\": \"no.png\"}}]");
  }
  {
    g_auto (SamplerTest) test = { NULL };

    rd_scratch_write (folder, "no.png", "text");
    sampler_test_init (&test, "");
    g_object_set (test.element, "regions-location", path, NULL);
    check_error (&test, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT, "no.png",
        "PNG");
  }
  {
    static const guint8 webp[] = {
      'R', 'I', 'F', 'F', 42, 0, 0, 0, 'W', 'E', 'B', 'P', 'V', 'P', '8', 'L',
      29, 0, 0, 0, 0x2f, 0, 0, 0, 0, 0,
    };
    g_autofree char *mask = g_build_filename (folder, "m.webp", NULL);
    g_auto (SamplerTest) test = { NULL };

    fail_unless (g_file_set_contents (mask, (const char *) webp, sizeof webp,
            NULL));
    rd_scratch_write (folder, "regions.json",
        "[{\"mask\": {\"file\": \"m.webp\"}}]");
    sampler_test_init (&test, "");
    g_object_set (test.element, "regions-location", path, NULL);
    check_error (&test, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT,
        "m.webp cannot be decoded: no image/webp decoder is installed; PNG and JPEG "
        "are read here", "save the file as PNG");
  }
  {
    g_auto (SamplerTest) test = { NULL };

    sampler_test_init (&test, "");
    g_object_set (test.element, "regions-location", path, "regions", "", NULL);
    check_error (&test, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
        "regions-location", "one of them");
  }
}

GST_END_TEST;

/* Each of them would be waited for, or read, for ever. */
GST_START_TEST (a_file_without_an_end_is_refused)
{
  static const char *const masks[] = { "fifo", "/dev/zero", "/dev" };
  g_autoptr (RdScratch) folder = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (folder, "regions.json", NULL);
  g_autofree char *fifo = g_build_filename (folder, "fifo", NULL);
  const char *const locations[] = { fifo, "/dev/urandom", folder };

  fail_unless (mkfifo (fifo, 0600) == 0);
  for (guint i = 0; i < G_N_ELEMENTS (locations); i++) {
    g_auto (SamplerTest) test = { NULL };

    sampler_test_init (&test, "");
    g_object_set (test.element, "regions-location", locations[i], NULL);
    check_error (&test, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT,
        locations[i], "regular file");
  }
  for (guint i = 0; i < G_N_ELEMENTS (masks); i++) {
    g_autofree char *text =
        g_strdup_printf ("[{\"mask\": {\"file\": \"%s\"}}]", masks[i]);
    g_auto (SamplerTest) test = { NULL };

    rd_scratch_write (folder, "regions.json", text);
    sampler_test_init (&test, "");
    g_object_set (test.element, "regions-location", path, NULL);
    check_error (&test, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT, masks[i],
        "regular file");
  }
}

GST_END_TEST;

GST_START_TEST (a_network_that_is_a_fifo_is_refused)
{
  static const char *const networks[] = {
    "unet/model.onnx", "text_encoder/model.onnx",
  };
  g_autofree char *model = rd_test_path ("tiny-sd");

  for (guint i = 0; i < G_N_ELEMENTS (networks); i++) {
    g_autoptr (RdScratch) folder = rd_scratch_new (model);
    g_autofree char *fifo = g_build_filename (folder, networks[i], NULL);
    g_autofree char *properties = g_strdup_printf ("model=\"%s\"", folder);
    g_auto (SamplerTest) test = { NULL };

    rd_scratch_remove (folder, networks[i]);
    fail_unless (mkfifo (fifo, 0600) == 0);
    sampler_test_init (&test, properties);
    check_error (&test, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT, networks[i],
        "is a FIFO");
  }
}

GST_END_TEST;

GST_START_TEST (a_model_of_other_latents_is_refused)
{
  g_autofree char *model = rd_test_path ("tiny-sd");
  g_autoptr (RdScratch) other = rd_scratch_new (model);
  g_autofree char *pad = g_strdup_printf ("model=%s", other);
  g_auto (SamplerTest) test = { NULL };

  rd_scratch_replace (other, "vae_decoder/config.json", "0.18215", "0.13025");
  rd_scratch_replace (other, "vae_encoder/config.json", "0.18215", "0.13025");
  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, pad);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  check_error (&test, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "mask_0", "0.13025");
}

GST_END_TEST;

GST_START_TEST (a_model_that_is_missing_is_refused)
{
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, "model=/nowhere");
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  check_error (&test, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
      "mask_0", "/nowhere");
}

GST_END_TEST;

static Suite *
regionalsampler_regions_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-regions");
  TCase *ways = tcase_create ("ways");
  TCase *settings = tcase_create ("settings");
  TCase *models = tcase_create ("models");
  TCase *files = tcase_create ("files");
  TCase *errors = tcase_create ("errors");

  suite_add_tcase (suite, ways);
  tcase_add_checked_fixture (ways, rd_test_hold_model, rd_test_release_model);
  tcase_add_test (ways, all_ways_are_one);
  tcase_add_test (ways, pads_come_first);
  tcase_add_test (ways, a_named_pad_may_be_a_region_too);
  suite_add_tcase (suite, settings);
  tcase_add_checked_fixture (settings, rd_test_hold_model,
      rd_test_release_model);
  tcase_add_loop_test (settings, settings_are_inherited, 0,
      G_N_ELEMENTS (inherited));
  tcase_add_loop_test (settings, settings_of_its_own, 0, G_N_ELEMENTS (own));
  tcase_add_test (settings, higher_levels_cover_lower);
  tcase_add_test (settings, prompts_may_be_empty_or_missing);
  tcase_add_test (settings, a_common_prompt_comes_first);
  suite_add_tcase (suite, models);
  tcase_add_test (models, a_region_may_have_another_model);
  suite_add_tcase (suite, files);
  tcase_add_checked_fixture (files, rd_test_hold_model, rd_test_release_model);
  tcase_add_test (files, a_file_is_read_again_when_it_changes);
  tcase_add_test (files, masks_come_from_files);
  tcase_add_test (files, a_region_of_nothing_is_told);
  tcase_add_test (files, a_region_of_something_is_not_told);
  tcase_add_test (files, a_black_pad_is_told_once);
  tcase_add_test (files, transparent_is_outside);
  tcase_add_test (files, an_ambiguous_mask_is_told);
  tcase_add_test (files, a_photograph_is_turned);
  tcase_add_test (files, a_painted_mask_gives_the_shape);
  suite_add_tcase (suite, errors);
  tcase_add_checked_fixture (errors, rd_test_hold_model, rd_test_release_model);
  tcase_add_test (errors, a_wrong_document_names_the_place);
  tcase_add_test (errors, a_pad_that_is_missing_is_named);
  tcase_add_test (errors, a_file_that_is_wrong_is_named);
  tcase_add_test (errors, a_file_without_an_end_is_refused);
  tcase_add_test (errors, a_network_that_is_a_fifo_is_refused);
  tcase_add_test (errors, a_model_of_other_latents_is_refused);
  tcase_add_test (errors, a_model_that_is_missing_is_refused);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_regions);
