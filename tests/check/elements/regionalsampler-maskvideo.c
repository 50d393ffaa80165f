/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Videos of masks on the pads of regionalsampler: of other rates and sizes than
 * the latents, late, early and short ones, and pads that come and go. */

#include "../rdtest.h"
#include "../samplertest.h"

#define RED "prompt=red"
#define STEPS "steps=2"

/* What a latent looks like whose region is red on one side, or that has none. */
typedef struct
{
  float *left, *right, *none;
} Looks;

static void
looks_init (Looks * looks)
{
  looks->left = sampler_run ("regions=\"red @0,0,0.5,1\" " STEPS);
  looks->right = sampler_run ("regions=\"red @0.5,0,0.5,1\" " STEPS);
  looks->none = sampler_run (STEPS);
}

static void
looks_clear (Looks * looks)
{
  g_free (looks->left);
  g_free (looks->right);
  g_free (looks->none);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Looks, looks_clear);

static void
set_caps (GstHarness * mask, guint width, guint height, const char *framerate)
{
  g_autofree char *caps = g_strdup_printf ("video/x-raw,format=GRAY8,width=%u,"
      "height=%u,framerate=%s", width, height, framerate);

  gst_harness_set_src_caps_str (mask, caps);
}

/* One half white. */
static void
push_mask (GstHarness * harness, guint width, guint height, char side,
    GstClockTime pts, GstClockTime duration)
{
  GstBuffer *mask = sampler_mask_new (width, height, (MaskBox) {
        side == 'l' ? 0 : width / 2, 0, width / 2, height
      });

  GST_BUFFER_PTS (mask) = pts;
  GST_BUFFER_DURATION (mask) = duration;
  fail_unless_equals_int (gst_harness_push (harness, mask), GST_FLOW_OK);
}

static void
push_latent (SamplerTest * test, double seconds)
{
  fail_unless_equals_int (gst_harness_push (test->latents,
          sampler_latent_new ((GstClockTime) (seconds * GST_SECOND))),
      GST_FLOW_OK);
}

/* 'l', 'r', or '-' for no region: what it is nearest to, as a mask of another
 * size has a softer edge. */
static char
pull_side (SamplerTest * test, const Looks * looks)
{
  const MaskBox all = { 0, 0, SAMPLER_PICTURE, SAMPLER_PICTURE };
  g_autofree float *values = sampler_test_pull (test);
  const double left = sampler_distance (values, looks->left, all);
  const double right = sampler_distance (values, looks->right, all);
  const double none = sampler_distance (values, looks->none, all);

  if (none < left && none < right)
    return '-';
  return left < right ? 'l' : 'r';
}

static char
side_at (SamplerTest * test, const Looks * looks, double seconds)
{
  push_latent (test, seconds);
  return pull_side (test, looks);
}

typedef struct
{
  GstHarness *mask;
  const char *sides;            /* of which there is one each second */
  const guint *sizes;           /* of each, or NULL */
  GstClockTime duration;
} Video;

/* Blocks at times, as its sender would: the pad's queue has room for one. */
static gpointer
push_video (gpointer data)
{
  const Video *video = data;
  guint size = SAMPLER_PICTURE;

  for (guint i = 0; video->sides[i]; i++) {
    if (video->sizes && video->sizes[i] != size) {
      size = video->sizes[i];
      set_caps (video->mask, size, size, i % 2 ? "1/1" : "0/1");
    }
    push_mask (video->mask, size, size, video->sides[i], i * GST_SECOND,
        video->duration);
  }
  gst_harness_push_event (video->mask, gst_event_new_eos ());
  return NULL;
}

/* A mask of another size does not end the one before ahead of its time. */
GST_START_TEST (sizes_may_change)
{
  static const guint sizes[] = { 128, 64, 64, 16, 128 };
  g_auto (Looks) looks = { NULL };
  g_auto (SamplerTest) test = { NULL };
  Video video = { NULL, "lrlrl", sizes, GST_SECOND };
  GThread *pusher;

  looks_init (&looks);
  sampler_test_init (&test, "");
  video.mask = sampler_test_add_mask (&test, RED);
  pusher = g_thread_new ("masks", push_video, &video);
  for (guint half = 0; half < 10; half++) {
    const char side = side_at (&test, &looks, half / 2.0);

    fail_unless (side == video.sides[half / 2], "at %u/2 s: %c", half, side);
  }
  g_thread_join (pusher);
}

GST_END_TEST;

/* The caps' rate says how long a mask lasts whose buffer does not. */
GST_START_TEST (rates_are_durations)
{
  static const double times[] = { 0.0, 0.9, 3.0, 3.5, 5.0 };
  g_auto (Looks) looks = { NULL };
  g_auto (SamplerTest) test = { NULL };
  Video video = { NULL, "lrlrlr", NULL, GST_CLOCK_TIME_NONE };
  GThread *pusher;

  looks_init (&looks);
  sampler_test_init (&test, "");
  video.mask = sampler_test_add_mask (&test, RED);
  set_caps (video.mask, SAMPLER_PICTURE, SAMPLER_PICTURE, "1/1");
  pusher = g_thread_new ("masks", push_video, &video);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    const char side = side_at (&test, &looks, times[i]);

    fail_unless (side == video.sides[(guint) times[i]], "at %g s: %c",
        times[i], side);
  }
  g_thread_join (pusher);
}

GST_END_TEST;

/* A video that begins later than the latents: its first mask serves until the
 * second one's time; one that ends earlier: its last one does. */
GST_START_TEST (videos_may_begin_late_and_end_early)
{
  g_auto (Looks) looks = { NULL };
  g_auto (SamplerTest) test = { NULL };
  GstHarness *mask;

  looks_init (&looks);
  sampler_test_init (&test, "");
  mask = sampler_test_add_mask (&test, RED);
  push_latent (&test, 0);
  fail_if (sampler_test_flows (&test), "sampled without a mask");
  push_mask (mask, 128, 128, 'l', 2 * GST_SECOND, GST_SECOND);
  fail_unless_equals_int (pull_side (&test, &looks), 'l');
  push_mask (mask, 128, 128, 'r', 3 * GST_SECOND, GST_SECOND);
  fail_unless_equals_int (side_at (&test, &looks, 1), 'l');
  fail_unless_equals_int (side_at (&test, &looks, 2.9), 'l');
  fail_unless_equals_int (side_at (&test, &looks, 3), 'r');
  gst_harness_push_event (mask, gst_event_new_eos ());
  fail_unless_equals_int (side_at (&test, &looks, 3.5), 'r');
  fail_unless_equals_int (side_at (&test, &looks, 100), 'r');
}

GST_END_TEST;

/* Between two masks with a hole between them the first one stays. */
GST_START_TEST (a_hole_is_filled)
{
  g_auto (Looks) looks = { NULL };
  g_auto (SamplerTest) test = { NULL };
  GstHarness *mask;

  looks_init (&looks);
  sampler_test_init (&test, "");
  mask = sampler_test_add_mask (&test, RED);
  push_mask (mask, 128, 128, 'l', 0, GST_SECOND);
  fail_unless_equals_int (side_at (&test, &looks, 0), 'l');
  /* as a source does that has nothing to say for a while */
  gst_harness_push_event (mask, gst_event_new_gap (GST_SECOND, GST_SECOND));
  fail_unless_equals_int (side_at (&test, &looks, 1), 'l');
  push_mask (mask, 128, 128, 'r', 5 * GST_SECOND, GST_SECOND);
  fail_unless_equals_int (side_at (&test, &looks, 2), 'l');
  fail_unless_equals_int (side_at (&test, &looks, 4.9), 'l');
  fail_unless_equals_int (side_at (&test, &looks, 5), 'r');
}

GST_END_TEST;

/* Running time counts, not timestamps. */
GST_START_TEST (segments_are_applied)
{
  g_auto (Looks) looks = { NULL };
  g_auto (SamplerTest) test = { NULL };
  GstHarness *mask;
  GstSegment segment;

  looks_init (&looks);
  sampler_test_init (&test, "");
  mask = sampler_test_add_mask (&test, RED);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment.time = 100 * GST_SECOND;
  gst_harness_push_event (mask, gst_event_new_segment (&segment));
  push_mask (mask, 128, 128, 'l', 100 * GST_SECOND, GST_SECOND);
  fail_unless_equals_int (side_at (&test, &looks, 0), 'l');
  push_mask (mask, 128, 128, 'r', 101 * GST_SECOND, GST_SECOND);
  fail_unless_equals_int (side_at (&test, &looks, 0.5), 'l');
  fail_unless_equals_int (side_at (&test, &looks, 1), 'r');
}

GST_END_TEST;

/* Held, the newest mask counts whatever its time. */
GST_START_TEST (a_held_video_does_not_wait)
{
  g_auto (Looks) looks = { NULL };
  g_auto (SamplerTest) test = { NULL };
  GstHarness *mask;

  looks_init (&looks);
  sampler_test_init (&test, "");
  mask = sampler_test_add_mask (&test, RED " hold=true");
  push_mask (mask, 128, 128, 'l', 7 * GST_SECOND, GST_SECOND);
  fail_unless_equals_int (side_at (&test, &looks, 0), 'l');
  set_caps (mask, 32, 32, "25/1");
  push_mask (mask, 32, 32, 'r', GST_SECOND, GST_SECOND);
  fail_unless_equals_int (side_at (&test, &looks, 1), 'r');
  fail_unless_equals_int (side_at (&test, &looks, 2), 'r');
  gst_harness_push_event (mask, gst_event_new_eos ());
  fail_unless_equals_int (side_at (&test, &looks, 3), 'r');
}

GST_END_TEST;

/* Between two latents, and while one waits for the mask that never comes. */
GST_START_TEST (pads_come_and_go)
{
  g_auto (Looks) looks = { NULL };
  g_auto (SamplerTest) test = { NULL };
  GstHarness *mask;

  looks_init (&looks);
  sampler_test_init (&test, "");
  fail_unless_equals_int (side_at (&test, &looks, 0), '-');

  mask = sampler_test_add_mask (&test, RED);
  push_mask (mask, 128, 128, 'l', GST_SECOND, GST_SECOND);
  fail_unless_equals_int (side_at (&test, &looks, 1), 'l');

  push_latent (&test, 2);
  fail_if (sampler_test_flows (&test), "the next mask was not waited for");
  g_ptr_array_set_size (test.masks, 0);
  fail_unless_equals_int (pull_side (&test, &looks), '-');

  /* its name is free again, and what it was is forgotten */
  mask = sampler_test_add_mask (&test, RED);
  push_latent (&test, 3);
  fail_if (sampler_test_flows (&test), "a mask of the pad that is gone");
  push_mask (mask, 128, 128, 'r', 3 * GST_SECOND, GST_SECOND);
  fail_unless_equals_int (pull_side (&test, &looks), 'r');
}

GST_END_TEST;

static Suite *
regionalsampler_maskvideo_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-maskvideo");
  TCase *videos = tcase_create ("videos");

  suite_add_tcase (suite, videos);
  tcase_add_checked_fixture (videos, rd_test_hold_model, rd_test_release_model);
  tcase_add_test (videos, sizes_may_change);
  tcase_add_test (videos, rates_are_durations);
  tcase_add_test (videos, videos_may_begin_late_and_end_early);
  tcase_add_test (videos, a_hole_is_filled);
  tcase_add_test (videos, segments_are_applied);
  tcase_add_test (videos, a_held_video_does_not_wait);
  tcase_add_test (videos, pads_come_and_go);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_maskvideo);
