/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What detectors have said with GStreamer's analytics library becomes regions.
 */

#include <gst/analytics/analytics.h>
#include <string.h>

#include "../launch.h"
#include "../rdtest.h"
#include "../samplertest.h"

/* Puts metadata on the buffer of a picture of 128x128 pixels. */
typedef void (*Attach) (GstBuffer * buffer);

static GstAnalyticsODMtd
add_object (GstBuffer * buffer, const char *label, gint x, gint y, gint width,
    gint height, gfloat confidence)
{
  GstAnalyticsRelationMeta *meta =
      gst_buffer_add_analytics_relation_meta (buffer);
  GstAnalyticsODMtd object;

  fail_unless (gst_analytics_relation_meta_add_od_mtd (meta,
          g_quark_from_string (label), x, y, width, height, confidence,
          &object));
  return object;
}

static GstAnalyticsODMtd
add_left (GstBuffer * buffer, const char *label)
{
  return add_object (buffer, label, 0, 0, 64, 128, 0.8f);
}

static void
relate (GstAnalyticsMtd a, GstAnalyticsMtd b)
{
  fail_unless (gst_analytics_relation_meta_set_relation (a.meta,
          GST_ANALYTICS_REL_TYPE_RELATE_TO, a.id, b.id));
}

static GstAnalyticsClsMtd
add_classes (GstAnalyticsRelationMeta * meta, gsize n,
    const char *const *names, const gfloat * levels)
{
  GstAnalyticsClsMtd classes;
  GQuark quarks[8];
  gfloat copy[8];

  for (gsize i = 0; i < n; i++) {
    quarks[i] = g_quark_from_string (names[i]);
    copy[i] = levels[i];
  }
  fail_unless (gst_analytics_relation_meta_add_cls_mtd (meta, n, copy, quarks,
          &classes));
  return classes;
}

static float *
run (const char *properties, Attach attach)
{
  g_auto (SamplerTest) test = { NULL };
  GstBuffer *latent = sampler_latent_new (0);

  sampler_test_init (&test, properties);
  attach (latent);
  fail_unless_equals_int (gst_harness_push (test.latents, latent), GST_FLOW_OK);
  return sampler_test_pull (&test);
}

static void
face_and_cat (GstBuffer * buffer)
{
  add_left (buffer, "face");
  add_object (buffer, "cat", 64, 0, 64, 128, 0.4f);
}

static void
over_the_edge (GstBuffer * buffer)
{
  add_object (buffer, "face", -32, -10, 96, 500, 0.8f);
  add_object (buffer, "face", 128, 0, 10, 10, 0.8f);
  add_object (buffer, "face", 0, 0, 0, 10, 0.8f);
}

static void
unknown_confidence (GstBuffer * buffer)
{
  add_object (buffer, "face", 0, 0, 64, 128, -1.0f);
}

/* dlstreamer adds both, and the list of all classes that its network knows. */
static void
said_twice (GstBuffer * buffer)
{
  static const char *const names[] = { "dog", "face" };
  static const gfloat levels[] = { 0.0f, 0.0f };
  GstAnalyticsODMtd object = add_left (buffer, "face");

  gst_buffer_add_video_region_of_interest_meta (buffer, "face", 0, 0, 64,
      128)->id = object.id;
  relate (object, add_classes (object.meta, 2, names, levels));
}

/* Regions of interest have the id 0 where nobody gives them one. */
static void
two_things (GstBuffer * buffer)
{
  add_left (buffer, "face");
  gst_buffer_add_video_region_of_interest_meta (buffer, "face", 64, 0, 64, 128);
}

static void
classified (GstBuffer * buffer)
{
  static const char *const names[] = { "dog", "cat", "cow" };
  static const gfloat levels[] = { 0.2f, 0.7f, 0.1f };
  GstAnalyticsODMtd object = { 0 };
  GstAnalyticsRelationMeta *meta =
      gst_buffer_add_analytics_relation_meta (buffer);

  fail_unless (gst_analytics_relation_meta_add_od_mtd (meta, 0, 0, 0, 64, 128,
          0.8f, &object));
  relate (object, add_classes (meta, 3, names, levels));
}

/* A region takes the first of its class, and another what is left. */
#define FACE_BY_FACE "regions=\"[{\\\"prompt\\\":\\\"red\\\",\\\"match\\\":" \
    "{\\\"class\\\":\\\"face\\\",\\\"order\\\":\\\"left-right\\\"}}," \
    "{\\\"prompt\\\":\\\"green\\\",\\\"match\\\":{\\\"class\\\":" \
    "\\\"face\\\",\\\"order\\\":\\\"left-right\\\"}}]\""
#define SURE(label, confidence) "class-prompts=\"{\\\"" label "\\\":" \
    "{\\\"prompt\\\":\\\"red\\\",\\\"min-confidence\\\":" confidence "}}\""
#define LEFT_RED "regions=\"red @0,0,0.5,1\""
#define RIGHT_RED "regions=\"red @0.5,0,0.5,1\""
#define RED_AND_GREEN \
    "regions=\"red @0,0,0.5,1 | green @0.5,0,0.5,1\""

typedef struct
{
  Attach attach;
  const char *properties, *by_hand;
} Way;

/* What a person would write by hand for the same picture; the same as before
 * is sampled once. */
static void
check_ways (guint n, const Way * ways)
{
  g_autofree float *want = NULL;

  for (guint i = 0; i < n; i++) {
    g_autofree float *got = run (ways[i].properties, ways[i].attach);

    if (i == 0 || !g_str_equal (ways[i].by_hand, ways[i - 1].by_hand)) {
      g_free (want);
      want = sampler_run (ways[i].by_hand);
    }
    GST_INFO ("%s", ways[i].properties);
    sampler_assert_equal (got, want);
  }
}

GST_START_TEST (test_objects)
{
  static const Way ways[] = {
    {face_and_cat, "", ""},
    {face_and_cat, "class-prompts=dog", ""},
    {face_and_cat, SURE ("cat", "0.5"), ""},
    {said_twice, SURE ("face", "0.81"), ""},
    {said_twice, "class-prompts=dog", ""},
    {face_and_cat, SURE ("face", "0.8"), LEFT_RED},
    {face_and_cat, FACE_BY_FACE, LEFT_RED},
    {over_the_edge, "class-prompts=face=red", LEFT_RED},
    {unknown_confidence, SURE ("face", "1"), LEFT_RED},
    {said_twice, SURE ("face", "0.8"), LEFT_RED},
    {said_twice, FACE_BY_FACE, LEFT_RED},
    {classified, "class-prompts=\"dog=green|cat=red|cow=green\"", LEFT_RED},
    {face_and_cat, "class-prompts=\"face=red|cat=green\"", RED_AND_GREEN},
    {two_things, FACE_BY_FACE, RED_AND_GREEN},
  };

  check_ways (G_N_ELEMENTS (ways), ways);
}

GST_END_TEST;

static float *
run_tracked (guint64 track, gboolean towards)
{
  g_auto (SamplerTest) test = { NULL };
  GstBuffer *latent = sampler_latent_new (0);
  GstAnalyticsTrackingMtd tracking, other;
  GstAnalyticsODMtd object = add_left (latent, "face");

  /* one of a thing that is not in the picture */
  gst_analytics_relation_meta_add_tracking_mtd (object.meta, 99, 0, &other);
  gst_analytics_relation_meta_add_tracking_mtd (object.meta, track, 0,
      &tracking);
  if (towards)
    relate (object, tracking);
  else
    relate (tracking, object);
  sampler_test_init (&test, "class-prompts=\"{\\\"face\\\":{\\\"variation\\\":"
      "{\\\"strength\\\":0.8}}}\"");
  gst_harness_push (test.latents, latent);
  return sampler_test_pull (&test);
}

GST_START_TEST (test_noise_follows_tracks)
{
  g_autofree float *first = run_tracked (7, TRUE);
  g_autofree float *again = run_tracked (7, FALSE);
  g_autofree float *other = run_tracked (8, TRUE);

  sampler_assert_equal (first, again);
  sampler_assert_different (first, other);
}

GST_END_TEST;

static GstPadProbeReturn
attach_face (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  info->data = gst_buffer_make_writable (info->data);
  add_object (info->data, "face", 0, 0, 32, 64, 0.8f);
  return GST_PAD_PROBE_OK;
}

/* Runs @line, with @probe at the source pad of its identity.
 *
 * Returns: (transfer full): the last buffer */
static GstBuffer *
run_pipeline (const char *line, GstPadProbeCallback probe)
{
  GstElement *pipeline = launch_new ("%s", line);
  g_autoptr (GstSample) sample = NULL;
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (launch_get (pipeline, "i"), "src");
  GstBuffer *buffer;

  if (probe)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, probe, NULL, NULL);
  g_ptr_array_unref (launch_run (pipeline));
  g_object_get (launch_get (pipeline, "sink"), "last-sample", &sample, NULL);
  buffer = gst_buffer_ref (gst_sample_get_buffer (sample));
  launch_free (pipeline);
  return buffer;
}

#define PICTURES \
    "videotestsrc num-buffers=1 ! video/x-raw,width=64,height=64 ! " \
    "identity name=i ! videoscale ! video/x-raw,width=128,height=128 ! " \
    "videoconvert ! latentencode device=DEVICE threads=1 model=DATA/tiny-sd ! "
#define SAMPLER \
    "regionalsampler device=DEVICE threads=1 steps=2 model=DATA/tiny-sd "

/* Through a scaler and the encoder: the box is where the thing is. */
GST_START_TEST (test_through_a_pipeline)
{
  g_autofree float *got = sampler_values (run_pipeline (PICTURES SAMPLER
          "class-prompts=face=red ! fakesink name=sink", attach_face));
  g_autofree float *want = sampler_values (run_pipeline (PICTURES SAMPLER
          LEFT_RED " ! fakesink name=sink", NULL));

  sampler_assert_equal (got, want);
}

GST_END_TEST;

/* They stay on the pictures that come out. */
GST_START_TEST (test_stay_on_pictures)
{
  g_autoptr (GstBuffer) buffer = run_pipeline (PICTURES SAMPLER
      "! latentdecode device=DEVICE threads=1 model=DATA/tiny-sd ! "
      "fakesink name=sink", attach_face);
  GstAnalyticsRelationMeta *meta =
      gst_buffer_get_analytics_relation_meta (buffer);
  GstAnalyticsODMtd object;
  gint x, y, width, height;
  gfloat confidence;

  fail_unless (meta != NULL);
  fail_unless (gst_analytics_relation_meta_get_od_mtd (meta, 0, &object));
  gst_analytics_od_mtd_get_location (&object, &x, &y, &width, &height,
      &confidence);
  fail_unless (x == 0 && y == 0 && width == 64 && height == 128);
  fail_unless (confidence == 0.8f);
}

GST_END_TEST;

#if GST_CHECK_VERSION (1, 26, 0)

/* A map of @width columns and 128 rows, of whose columns the first @n_left are
 * @left and the others @right. */
static GstBuffer *
new_mask (guint width, guint n_left, guint8 left, guint8 right)
{
  const gsize stride = GST_ROUND_UP_4 (width);
  GstBuffer *mask = gst_buffer_new_allocate (NULL, 128 * stride, NULL);

  for (guint y = 0; y < 128; y++) {
    gst_buffer_memset (mask, y * stride, left, n_left);
    gst_buffer_memset (mask, y * stride + n_left, right, width - n_left);
  }
  gst_buffer_add_video_meta (mask, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_FORMAT_GRAY8, width, 128);
  return mask;
}

static GstAnalyticsSegmentationMtd
add_segmentation (GstBuffer * buffer, GstBuffer * mask, gsize n, guint * ids,
    gint x, guint width)
{
  GstAnalyticsSegmentationMtd segmentation;

  fail_unless (gst_analytics_relation_meta_add_segmentation_mtd
      (gst_buffer_add_analytics_relation_meta (buffer), mask,
          GST_SEGMENTATION_TYPE_INSTANCE, n, ids, x, 0, width, 128,
          &segmentation));
  return segmentation;
}

/* A region of interest cannot be turned. */
static void
turned (GstBuffer * buffer)
{
  GstAnalyticsODMtd object;

  fail_unless (gst_analytics_relation_meta_add_oriented_od_mtd
      (gst_buffer_add_analytics_relation_meta (buffer),
          g_quark_from_string ("face"), 0, 32, 128, 64, (gfloat) G_PI_2, 0.8f,
          &object));
  gst_buffer_add_video_region_of_interest_meta (buffer, "face", 0, 32, 128, 64);
}

/* As GStreamer's decoder of YOLO networks does: the ids do not name the
 * object. */
static void
outlined (GstBuffer * buffer)
{
  guint ids[] = { 0 };
  GstAnalyticsODMtd object = add_object (buffer, "cat", 0, 0, 128, 128, 0.8f);
  GstAnalyticsSegmentationMtd segmentation = add_segmentation (buffer,
      new_mask (128, 64, 3, 0), 1, ids, 0, 128);

  relate (object, segmentation);
  relate (segmentation, object);
}

static void
add_halves (GstBuffer * buffer, const char *left, const char *right,
    guint8 left_id)
{
  guint ids[] = { left_id, 12, 31 };
  const char *const names[] = { left, right, "leaf" };
  const gfloat levels[] = { -1.0f, 0.6f, 0.9f };
  GstAnalyticsSegmentationMtd segmentation = add_segmentation (buffer,
      new_mask (128, 64, left_id, 12), 3, ids, 0, 128);

  if (left)
    gst_analytics_relation_meta_set_relation (segmentation.meta,
        GST_ANALYTICS_REL_TYPE_N_TO_N, segmentation.id,
        add_classes (segmentation.meta, 3, names, levels).id);
}

static void
two_regions (GstBuffer * buffer)
{
  add_halves (buffer, "apple", "strawberry", 7);
}

static void
with_background (GstBuffer * buffer)
{
  add_halves (buffer, "background", "strawberry", 0);
}

static void
first_of_classes (GstBuffer * buffer)
{
  add_halves (buffer, "road", "strawberry", 0);
}

static void
without_classes (GstBuffer * buffer)
{
  add_halves (buffer, NULL, NULL, 0);
}

/* What belongs to a part of the picture, and an id that no pixel can have. */
static void
in_a_part (GstBuffer * buffer)
{
  guint ids[] = { 12, G_MAXUINT };

  add_segmentation (buffer, new_mask (66, 2, 0, 12), 2, ids, 62, 66);
}

/* One of several objects: whose pixels are whose is not said. */
static void
of_many_objects (GstBuffer * buffer)
{
  guint ids[] = { 7 };
  GstAnalyticsSegmentationMtd segmentation = add_segmentation (buffer,
      new_mask (128, 64, 7, 0), 1, ids, 0, 128);

  relate (add_object (buffer, "face", 0, 0, 16, 16, 1.0f), segmentation);
  relate (add_object (buffer, "face", 64, 0, 16, 16, 1.0f), segmentation);
}

/* Where there is nothing to see of a mask, its object is a box. */
static void
empty_masks (GstBuffer * buffer)
{
  guint ids[] = { 1 };
  GstBuffer *none = new_mask (128, 64, 1, 0);

  gst_buffer_get_video_meta (none)->width = 0;
  relate (add_left (buffer, "face"), add_segmentation (buffer, none, 1, ids, 0,
          128));
  add_segmentation (buffer, new_mask (128, 64, 1, 1), 1, ids, 128, 128);
  add_segmentation (buffer, new_mask (128, 64, 1, 1), 1, ids, 0, 0);
}

GST_START_TEST (test_turned_boxes)
{
  static const Way ways[] = {
    {turned, FACE_BY_FACE, "regions=\"red @0.25,0,0.5,1\""},
  };

  check_ways (G_N_ELEMENTS (ways), ways);
}

GST_END_TEST;

GST_START_TEST (test_segmentations)
{
  static const Way ways[] = {
    {two_regions, SURE ("strawberry", "0.7"), ""},
    {two_regions, "class-prompts=leaf=red", ""},
    {in_a_part, "class-prompts=4294967295=red", ""},
    {two_regions, SURE ("apple", "1"), LEFT_RED},
    {outlined, "class-prompts=cat=red", LEFT_RED},
    {outlined, "class-prompts=*=red", LEFT_RED},
    {first_of_classes, "class-prompts=road=red", LEFT_RED},
    {of_many_objects, "class-prompts=7=red", LEFT_RED},
    {empty_masks, "class-prompts=*=red", LEFT_RED},
    {two_regions, SURE ("strawberry", "0.6"), RIGHT_RED},
    {with_background, "class-prompts=*=red", RIGHT_RED},
    {without_classes, "class-prompts=12=red", RIGHT_RED},
    {without_classes, "class-prompts=*=red", RIGHT_RED},
    {in_a_part, "class-prompts=12=red", RIGHT_RED},
    {two_regions, "class-prompts=\"strawberry=green|apple=red\"",
        RED_AND_GREEN},
  };

  check_ways (G_N_ELEMENTS (ways), ways);
}

GST_END_TEST;

static GstPadProbeReturn
attach_mask (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  guint ids[] = { 12 };
  GstAnalyticsSegmentationMtd mtd;

  info->data = gst_buffer_make_writable (info->data);
  fail_unless (gst_analytics_relation_meta_add_segmentation_mtd
      (gst_buffer_add_analytics_relation_meta (info->data), new_mask (128, 64,
              12, 0), GST_SEGMENTATION_TYPE_SEMANTIC, 1, ids, 0, 0, 64, 64,
          &mtd));
  return GST_PAD_PROBE_OK;
}

GST_START_TEST (test_masks_through_a_pipeline)
{
  g_autofree float *got = sampler_values (run_pipeline (PICTURES SAMPLER
          "class-prompts=12=red ! fakesink name=sink", attach_mask));
  g_autofree float *want = sampler_values (run_pipeline (PICTURES SAMPLER
          LEFT_RED " ! fakesink name=sink", NULL));

  sampler_assert_equal (got, want);
}

GST_END_TEST;

/* What cannot be read stops the job, with its place. */
GST_START_TEST (test_errors)
{
  static const struct
  {
    guint height;
    GstVideoFormat format;
    const char *message;
  } cases[] = {
    {129, GST_VIDEO_FORMAT_GRAY8, "analytics metadata, segmentation 1: a map "
          "of 128x129 ids of 1 bytes, with 128 bytes a row from byte 0 on, does "
          "not fit its 16384 bytes"},
    {128, GST_VIDEO_FORMAT_RGB, "analytics metadata, segmentation 1: its mask "
          "must be GRAY8 or GRAY16, not RGB"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (SamplerTest) test = { NULL };
    GstBuffer *latent = sampler_latent_new (0);
    GstBuffer *mask = new_mask (128, 64, 12, 0);
    GstVideoMeta *video = gst_buffer_get_video_meta (mask);
    guint ids[] = { 12 };
    g_autofree char *message = NULL;

    add_left (latent, "face");
    add_segmentation (latent, mask, 1, ids, 0, 128);
    video->height = cases[i].height;
    video->format = cases[i].format;
    sampler_test_init (&test, "");
    gst_harness_push (test.latents, latent);
    message = sampler_test_error (&test, GST_LIBRARY_ERROR,
        GST_LIBRARY_ERROR_INIT);
    fail_unless (strstr (message, cases[i].message) != NULL, "%s", message);
  }
}

GST_END_TEST;

#endif

static void
all_outside (GstBuffer * buffer)
{
  add_object (buffer, "face", 128, 0, 20, 20, 0.8f);
  add_object (buffer, "face", 0, 500, 20, 20, 0.8f);
  add_object (buffer, "dog", 200, 0, 9, 9, 0.8f);
#if GST_CHECK_VERSION (1, 26, 0)
  guint ids[] = { 1, 2, 3 };

  /* 3 has no pixel */
  add_segmentation (buffer, new_mask (128, 64, 1, 2), 3, ids, 128, 128);
#endif
}

/* What leaves the picture is told once for its class, if it was to be a region. */
GST_START_TEST (test_outside_of_the_picture)
{
  static const char *const labels[] = { "face", "1", "2" };
  const guint n = GST_CHECK_VERSION (1, 26, 0) ? 3 : 1;
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "class-prompts=\"face=red|1=red|2=red|3=red\"");
  for (guint k = 0; k < 2; k++) {
    GstBuffer *latent = sampler_latent_new (0);

    all_outside (latent);
    gst_harness_push (test.latents, latent);
    g_free (sampler_test_pull (&test));
  }
  for (guint i = 0; i < n; i++) {
    g_autoptr (GstMessage) message =
        sampler_test_wait (&test, GST_MESSAGE_WARNING);
    g_autofree char *part = g_strdup_printf ("an object of class %s was "
        "detected outside of the picture of 128x128", labels[i]);
    g_autoptr (GError) error = NULL;

    gst_message_parse_warning (message, &error, NULL);
    fail_unless (strstr (error->message, part) != NULL, "%s", error->message);
  }
  fail_unless (gst_bus_poll (test.bus, GST_MESSAGE_WARNING, 0) == NULL);
}

GST_END_TEST;

static Suite *
analytics_suite (void)
{
  Suite *suite = suite_create ("analytics");
  TCase *chain = tcase_create ("analytics");

  suite_add_tcase (suite, chain);
  tcase_add_test (chain, test_objects);
  tcase_add_test (chain, test_outside_of_the_picture);
  tcase_add_test (chain, test_noise_follows_tracks);
  tcase_add_test (chain, test_through_a_pipeline);
  tcase_add_test (chain, test_stay_on_pictures);
#if GST_CHECK_VERSION (1, 26, 0)
  tcase_add_test (chain, test_turned_boxes);
  tcase_add_test (chain, test_segmentations);
  tcase_add_test (chain, test_masks_through_a_pipeline);
  tcase_add_test (chain, test_errors);
#endif
  return suite;
}

GST_CHECK_MAIN (analytics);
