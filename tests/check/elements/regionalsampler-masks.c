/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Masks on the pads of regionalsampler: how they come, last and go. */

#include <string.h>

#include "../rdtest.h"
#include "../samplertest.h"

/* two regions with names, for what only has to differ */
#define RED "prompt=red"
#define GREEN "prompt=green"

GST_START_TEST (a_mask_is_where_its_region_is)
{
  g_autofree float *base = sampler_run ("");
  g_autofree float *red = sampler_run ("prompt=red");
  g_autofree float *both = NULL;
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "overlap-factor=0");
  sampler_test_add_mask (&test, RED);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  both = sampler_test_run (&test);

  fail_unless (sampler_distance (both, base, MASK_RIGHT)
      < sampler_distance (both, red, MASK_RIGHT));
  fail_unless (sampler_distance (both, red, MASK_LEFT)
      < sampler_distance (both, base, MASK_LEFT));
}

GST_END_TEST;

GST_START_TEST (pads_work_in_the_order_of_their_numbers)
{
  g_autofree float *expected = sampler_run ("mode=impact regions=\"[{"
      "\\\"prompt\\\":\\\"red\\\",\\\"box\\\":[0,0,0.75,1]},{"
      "\\\"prompt\\\":\\\"green\\\",\\\"box\\\":[0.25,0,0.75,1]}]\"");
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *values = NULL;
  GstHarness *first, *second;

  sampler_test_init (&test, "mode=impact");
  second = gst_harness_new_with_element (test.element, "mask_1", NULL);
  first = gst_harness_new_with_element (test.element, "mask_0", NULL);
  gst_child_proxy_set (GST_CHILD_PROXY (test.element), "mask_0::prompt", "red",
      "mask_1::prompt", "green", NULL);
  gst_harness_set_src_caps_str (first, MASK_CAPS);
  gst_harness_set_src_caps_str (second, MASK_CAPS);
  gst_harness_push (first, sampler_mask_new (128, 128, (MaskBox) {
          0, 0, 96, 128}));
  gst_harness_push (second, sampler_mask_new (128, 128, (MaskBox) {
          32, 0, 96, 128}));
  values = sampler_test_run (&test);
  sampler_assert_equal (values, expected);
  gst_harness_teardown (first);
  gst_harness_teardown (second);
}

GST_END_TEST;

GST_START_TEST (a_mask_is_inverted)
{
  g_autofree float *expected = NULL, *values = NULL;

  {
    g_auto (SamplerTest) test = { NULL };

    sampler_test_init (&test, "");
    sampler_test_add_mask (&test, RED);
    sampler_test_push_mask (&test, 0, MASK_RIGHT);
    expected = sampler_test_run (&test);
  }
  {
    g_auto (SamplerTest) test = { NULL };

    sampler_test_init (&test, "");
    sampler_test_add_mask (&test, RED " invert=true");
    sampler_test_push_mask (&test, 0, MASK_LEFT);
    values = sampler_test_run (&test);
  }
  sampler_assert_equal (values, expected);
}

GST_END_TEST;

GST_START_TEST (a_still_mask_serves_every_latent)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *first = NULL;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  gst_harness_push_event (test.masks->pdata[0], gst_event_new_eos ());
  first = sampler_test_run (&test);
  for (guint i = 0; i < 3; i++) {
    g_autofree float *next = sampler_test_run (&test);

    sampler_assert_equal (next, first);
  }
}

GST_END_TEST;

GST_START_TEST (an_idle_mask_stalls_until_a_gap)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *first = NULL, *second = NULL;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  first = sampler_test_run (&test);

  gst_harness_push (test.latents, sampler_latent_new (0));
  fail_if (sampler_test_flows (&test), "the next mask was not waited for");
  gst_harness_push_event (test.masks->pdata[0],
      gst_event_new_gap (0, GST_SECOND));
  second = sampler_test_pull (&test);
  sampler_assert_equal (second, first);
}

GST_END_TEST;

GST_START_TEST (a_gap_is_no_first_mask)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *values = NULL, *expected = NULL;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED);
  gst_harness_push_event (test.masks->pdata[0],
      gst_event_new_gap (0, GST_SECOND));
  gst_harness_push (test.latents, sampler_latent_new (0));
  fail_if (sampler_test_flows (&test), "sampled without a mask");
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  values = sampler_test_pull (&test);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  expected = sampler_test_run (&test);
  sampler_assert_equal (values, expected);
}

GST_END_TEST;

GST_START_TEST (a_held_mask_serves_without_eos)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *first = NULL, *second = NULL;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED " hold=true");
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  first = sampler_test_run (&test);
  second = sampler_test_run (&test);
  sampler_assert_equal (second, first);
}

GST_END_TEST;

/* The last mask counts, and a sender of many is not blocked. */
GST_START_TEST (a_held_mask_is_replaced)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *left = NULL, *right = NULL, *again = NULL;
  GstHarness *mask;

  sampler_test_init (&test, "");
  mask = sampler_test_add_mask (&test, RED " hold=true");
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  left = sampler_test_run (&test);
  for (guint i = 0; i < 5; i++)
    sampler_test_push_mask (&test, 0, MASK_RIGHT);
  right = sampler_test_run (&test);
  fail_unless (sampler_distance (left, right, MASK_RIGHT) > 0.0);

  /* also one of another size */
  gst_harness_set_src_caps_str (mask,
      "video/x-raw,format=GRAY8,width=16,height=16,framerate=0/1");
  gst_harness_push (mask, sampler_mask_new (16, 16, (MaskBox) {
          0, 0, 8, 16}
      ));
  again = sampler_test_run (&test);
  fail_unless (sampler_distance (again, left, MASK_LEFT)
      < sampler_distance (again, right, MASK_LEFT));

  /* what is not held any more goes on in order */
  gst_child_proxy_set (GST_CHILD_PROXY (test.element), "mask_0::hold", FALSE,
      NULL);
  gst_harness_push (test.latents, sampler_latent_new (0));
  g_free (sampler_test_pull (&test));
  gst_harness_push (test.latents, sampler_latent_new (0));
  fail_if (sampler_test_flows (&test));
}

GST_END_TEST;

GST_START_TEST (masks_without_times_go_one_by_one)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *left = NULL, *right = NULL, *again = NULL;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  left = sampler_test_run (&test);
  sampler_test_push_mask (&test, 0, MASK_RIGHT);
  right = sampler_test_run (&test);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  again = sampler_test_run (&test);
  sampler_assert_different (left, right);
  sampler_assert_equal (again, left);
}

GST_END_TEST;

static void
push_timed_mask (SamplerTest * test, guint index, guint seconds, MaskBox box)
{
  GstBuffer *mask = sampler_mask_new (128, 128, box);

  GST_BUFFER_PTS (mask) = seconds * GST_SECOND;
  GST_BUFFER_DURATION (mask) = GST_SECOND;
  fail_unless_equals_int (gst_harness_push (test->masks->pdata[index], mask),
      GST_FLOW_OK);
}

/* Which side of the latent at a time is red. */
static gboolean
is_left (SamplerTest * test, GstClockTime pts, const float *left,
    const float *right)
{
  g_autofree float *values = NULL;

  fail_unless_equals_int (gst_harness_push (test->latents,
          sampler_latent_new (pts)), GST_FLOW_OK);
  values = sampler_test_pull (test);
  if (sampler_distance (values, left, (MaskBox) {
          0, 0, 128, 128}
      ) == 0.0)
    return TRUE;
  sampler_assert_equal (values, right);
  return FALSE;
}

static gpointer
push_many_masks (gpointer user_data)
{
  for (guint i = 0; i < 8; i++)
    push_timed_mask (user_data, 0, i, i % 2 ? MASK_RIGHT : MASK_LEFT);
  return NULL;
}

GST_START_TEST (masks_with_times_go_along)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *left = sampler_run ("regions=\"red @0,0,0.5,1\" steps=2");
  g_autofree float *right =
      sampler_run ("regions=\"red @0.5,0,0.5,1\" steps=2");
  GThread *pusher;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED);
  pusher = g_thread_new ("masks", push_many_masks, &test);
  /* a mask lasts: two latents in the same second have the same */
  fail_unless (is_left (&test, 0, left, right));
  fail_unless (is_left (&test, GST_SECOND / 2, left, right));
  fail_if (is_left (&test, GST_SECOND, left, right));
  /* masks that no latent belongs to are passed over */
  fail_unless (is_left (&test, 4 * GST_SECOND, left, right));
  fail_if (is_left (&test, 7 * GST_SECOND, left, right));
  g_thread_join (pusher);
  /* after the last mask's end it waits for another one, until EOS */
  gst_harness_push (test.latents, sampler_latent_new (9 * GST_SECOND));
  fail_if (sampler_test_flows (&test));
  gst_harness_push_event (test.masks->pdata[0], gst_event_new_eos ());
  gst_buffer_unref (sampler_test_pull_buffer (&test));
}

GST_END_TEST;

/* One pad that must wait takes nothing from the others. */
GST_START_TEST (masks_are_taken_together)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *values = NULL, *expected = NULL;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED);
  sampler_test_add_mask (&test, GREEN);
  sampler_test_push_mask (&test, 0, MASK_RIGHT);
  push_timed_mask (&test, 1, 0, MASK_RIGHT);
  gst_harness_push (test.latents, sampler_latent_new (3 * GST_SECOND));
  /* the second pad's mask is too old; the first's is for this latent */
  fail_if (sampler_test_flows (&test));
  push_timed_mask (&test, 1, 3, MASK_LEFT);
  values = sampler_test_pull (&test);

  sampler_test_push_mask (&test, 0, MASK_RIGHT);
  push_timed_mask (&test, 1, 3, MASK_LEFT);
  gst_harness_push (test.latents, sampler_latent_new (3 * GST_SECOND));
  expected = sampler_test_pull (&test);
  sampler_assert_equal (values, expected);
}

GST_END_TEST;

/* A gap says that nothing changes, and caps alone change nothing either. */
GST_START_TEST (other_caps_keep_a_mask)
{
  static const char *const sizes[] = { "128", "64" };
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *first = NULL, *moved = NULL;
  GstHarness *mask;

  sampler_test_init (&test, "");
  mask = sampler_test_add_mask (&test, RED);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  first = sampler_test_run (&test);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *caps = g_strdup_printf ("video/x-raw,format=GRAY8,"
        "width=%s,height=%s,framerate=0/1", sizes[i], sizes[i]);
    g_autofree float *next = NULL;

    gst_harness_set_src_caps_str (mask, caps);
    gst_harness_push_event (mask, gst_event_new_gap (0, GST_SECOND));
    next = sampler_test_run (&test);
    sampler_assert_equal (next, first);
  }
  gst_harness_push (mask, sampler_mask_new (64, 64, (MaskBox) {
          32, 0, 32, 64}));
  moved = sampler_test_run (&test);
  sampler_assert_different (moved, first);
}

GST_END_TEST;

GST_START_TEST (a_mask_needs_not_have_rows_in_one_piece)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *expected =
      sampler_run ("regions=\"red @0,0,0.5,1\" steps=2");
  g_autofree float *values = NULL;
  GstBuffer *buffer;
  gsize offset[GST_VIDEO_MAX_PLANES] = { 32 };
  gint stride[GST_VIDEO_MAX_PLANES] = { 200 };

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED);
  buffer = gst_buffer_new_allocate (NULL, 32 + 200 * 128, NULL);
  gst_buffer_memset (buffer, 0, 77, -1);
  for (guint y = 0; y < 128; y++) {
    gst_buffer_memset (buffer, 32 + y * 200, 255, 64);
    gst_buffer_memset (buffer, 32 + y * 200 + 64, 0, 64);
  }
  gst_buffer_add_video_meta_full (buffer, 0, GST_VIDEO_FORMAT_GRAY8, 128, 128,
      1, offset, stride);
  gst_harness_push (test.masks->pdata[0], buffer);
  values = sampler_test_run (&test);
  sampler_assert_equal (values, expected);
}

GST_END_TEST;

GST_START_TEST (masks_may_have_strides)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstCaps) caps = gst_caps_from_string (MASK_CAPS);
  g_autoptr (GstQuery) query = gst_query_new_allocation (caps, FALSE);
  GstHarness *mask;

  sampler_test_init (&test, "");
  mask = sampler_test_add_mask (&test, RED);
  fail_unless (gst_pad_peer_query (mask->srcpad, query));
  fail_unless (gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE,
          NULL));
}

GST_END_TEST;

GST_START_TEST (a_pad_without_mask_is_an_error)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree char *text = NULL;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED);
  gst_harness_push_event (test.masks->pdata[0], gst_event_new_eos ());
  gst_harness_push (test.latents, sampler_latent_new (0));
  text = sampler_test_error (&test, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT);
  fail_unless (strstr (text, "mask_0") && strstr (text, "ended without a mask"),
      "%s", text);
}

GST_END_TEST;

GST_START_TEST (an_empty_mask_is_an_error)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree char *text = NULL;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED);
  gst_harness_push (test.masks->pdata[0], gst_buffer_new ());
  gst_harness_push (test.latents, sampler_latent_new (0));
  text = sampler_test_error (&test, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT);
  fail_unless (strstr (text, "mask_0") && strstr (text, "0 bytes")
      && strstr (text, "128x128") && strstr (text, "16384"), "%s", text);
}

GST_END_TEST;

GST_START_TEST (a_released_pad_is_no_region)
{
  g_autofree float *plain = sampler_run ("");
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *with = NULL, *without = NULL;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  with = sampler_test_run (&test);
  sampler_assert_different (with, plain);
  g_ptr_array_set_size (test.masks, 0);
  without = sampler_test_run (&test);
  sampler_assert_equal (without, plain);
}

GST_END_TEST;

/* Stopping forgets masks; everything else starts anew too. */
GST_START_TEST (it_plays_twice)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *first = NULL, *second = NULL;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, RED);
  for (guint i = 0; i < 2; i++) {
    GstHarness *mask = test.masks->pdata[0];
    float **values = i ? &second : &first;

    if (i > 0) {
      gst_element_set_state (test.element, GST_STATE_READY);
      gst_element_set_state (test.element, GST_STATE_PLAYING);
      gst_harness_set_src_caps_str (test.latents, SAMPLER_CAPS);
      gst_harness_set_src_caps_str (mask, MASK_CAPS);
      /* would do if there were a mask */
      gst_harness_push_event (mask, gst_event_new_gap (0, GST_SECOND));
      gst_harness_push (test.latents, sampler_latent_new (0));
      fail_if (sampler_test_flows (&test), "a mask from before the stop");
      sampler_test_push_mask (&test, 0, MASK_LEFT);
      *values = sampler_test_pull (&test);
    } else {
      sampler_test_push_mask (&test, 0, MASK_LEFT);
      *values = sampler_test_run (&test);
    }
  }
  sampler_assert_equal (second, first);
}

GST_END_TEST;

/* A picture whose left half is white, or opaque on the left and white all
 * over: bytes of a pixel inside and outside, in the planes of @format. */
typedef struct
{
  const char *format;
  guint8 inside[8], outside[8];
} Picture;

static const Picture pictures[] = {
  {"GRAY8", {255}, {0}},
  {"GRAY16_LE", {255, 255}, {0, 0}},
  {"GRAY16_BE", {255, 255}, {0, 0}},
  {"RGB", {255, 255, 255}, {0, 0, 0}},
  {"BGR", {255, 255, 255}, {0, 0, 0}},
  {"RGBx", {255, 255, 255, 7}, {0, 0, 0, 7}},
  {"RGBA", {255, 255, 255, 255}, {0, 0, 0, 255}},
  {"RGBA", {255, 255, 255, 255}, {255, 255, 255, 0}},
  {"ARGB", {255, 255, 255, 255}, {0, 255, 255, 255}},
  {"I420", {235, 128, 128}, {16, 128, 128}},
};

static void
fill_component (GstVideoFrame * frame, guint component, const Picture * picture)
{
  const GstVideoFormatInfo *finfo = frame->info.finfo;
  const gboolean planar = GST_VIDEO_FRAME_N_PLANES (frame) > 1;
  const guint stride = GST_VIDEO_FRAME_COMP_STRIDE (frame, component);
  const gint width = GST_VIDEO_FRAME_COMP_WIDTH (frame, component);
  guint8 *data = GST_VIDEO_FRAME_PLANE_DATA (frame,
      GST_VIDEO_FORMAT_INFO_PLANE (finfo, component));
  const guint bytes = GST_VIDEO_FRAME_COMP_PSTRIDE (frame, component);

  for (gint y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT (frame, component); y++) {
    for (gint x = 0; x < width; x++) {
      const guint8 *pixel = x < width / 2 ? picture->inside : picture->outside;

      memcpy (data + y * stride + x * bytes, pixel + (planar ? component : 0),
          bytes);
    }
  }
}

static GstBuffer *
picture_new (const GstVideoInfo * info, const Picture * picture)
{
  GstBuffer *buffer =
      gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (info), NULL);
  GstVideoFrame frame;

  fail_unless (gst_video_frame_map (&frame, info, buffer, GST_MAP_WRITE));
  for (guint i = 0; i < GST_VIDEO_FRAME_N_COMPONENTS (&frame); i++)
    fill_component (&frame, i, picture);
  gst_video_frame_unmap (&frame);
  return buffer;
}

/* A mask need not be grey; what is transparent is no part of it. */
GST_START_TEST (masks_of_other_formats)
{
  const Picture *picture = &pictures[__i__];
  const MaskBox all = { 0, 0, 128, 128 };
  g_autofree float *expected = sampler_run ("regions=\"red @0,0,0.5,1\"");
  g_autofree float *values = NULL;
  g_autoptr (GstCaps) caps = NULL;
  g_auto (SamplerTest) test = { NULL };
  GstVideoInfo info;
  GstHarness *mask;

  gst_video_info_set_format (&info,
      gst_video_format_from_string (picture->format), 128, 128);
  caps = gst_video_info_to_caps (&info);
  sampler_test_init (&test, "");
  mask = sampler_test_add_mask (&test, "prompt=red");
  gst_harness_set_src_caps (mask, gst_caps_ref (caps));
  fail_unless_equals_int (gst_harness_push (mask, picture_new (&info,
              picture)), GST_FLOW_OK);
  values = sampler_test_run (&test);
  /* GStreamer converts the white of YUV to 254 of 255 */
  if (GST_VIDEO_INFO_IS_YUV (&info)) {
    const double distance = sampler_distance (values, expected, all);

    fail_unless (distance < 0.25, "%g", distance);
  } else {
    sampler_assert_equal (values, expected);
  }
}

GST_END_TEST;

static void
flush (GstHarness * h)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
}

static void
flush_both (SamplerTest * test, GstHarness * mask)
{
  flush (mask);
  flush (test->latents);
}

/* One error, which names pad, format and remedy; upstream is told of a flush, so
 * that it posts none of its own. */
GST_START_TEST (other_video_is_refused)
{
  g_auto (SamplerTest) test = { NULL };
  GstHarness *mask;
  g_autofree char *text = NULL;

  sampler_test_init (&test, "");
  mask = sampler_test_add_mask (&test, "prompt=red");
  gst_harness_set_src_caps_str (mask,
      "video/x-raw,format=RGB15,width=128,height=128,framerate=0/1");
  text = sampler_test_error (&test, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT);
  fail_unless_equals_string (text, "mask_0: takes video in system memory as "
      "GRAY8, RGB, RGBA or another common format, not video/x-raw of format "
      "RGB15; put videoconvert before it");
  fail_unless_equals_int (gst_harness_push (mask,
          gst_buffer_new_allocate (NULL, 128 * 128 * 2, NULL)), GST_FLOW_EOS);
  fail_unless (gst_bus_pop_filtered (test.bus, GST_MESSAGE_ERROR) == NULL);

  /* it is told again after a flush, and over when the video is another */
  flush_both (&test, mask);
  g_free (text);
  text = sampler_test_error (&test, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT);
  fail_unless (g_str_has_prefix (text, "mask_0: takes video"), "%s", text);
  gst_harness_set_src_caps_str (mask,
      "video/x-raw,format=GRAY8,width=128,height=128,framerate=0/1");
  flush_both (&test, mask);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  g_free (sampler_test_run (&test));
}

GST_END_TEST;

static Suite *
regionalsampler_masks_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-masks");
  TCase *masks = tcase_create ("masks");

  suite_add_tcase (suite, masks);
  tcase_add_checked_fixture (masks, rd_test_hold_model, rd_test_release_model);
  tcase_add_test (masks, a_mask_is_where_its_region_is);
  tcase_add_test (masks, pads_work_in_the_order_of_their_numbers);
  tcase_add_test (masks, a_mask_is_inverted);
  tcase_add_test (masks, a_still_mask_serves_every_latent);
  tcase_add_test (masks, an_idle_mask_stalls_until_a_gap);
  tcase_add_test (masks, a_gap_is_no_first_mask);
  tcase_add_test (masks, a_held_mask_serves_without_eos);
  tcase_add_test (masks, a_held_mask_is_replaced);
  tcase_add_test (masks, masks_without_times_go_one_by_one);
  tcase_add_test (masks, masks_with_times_go_along);
  tcase_add_test (masks, masks_are_taken_together);
  tcase_add_test (masks, other_caps_keep_a_mask);
  tcase_add_test (masks, a_mask_needs_not_have_rows_in_one_piece);
  tcase_add_test (masks, masks_may_have_strides);
  tcase_add_test (masks, a_pad_without_mask_is_an_error);
  tcase_add_test (masks, an_empty_mask_is_an_error);
  tcase_add_test (masks, a_released_pad_is_no_region);
  tcase_add_test (masks, it_plays_twice);
  tcase_add_loop_test (masks, masks_of_other_formats, 0,
      G_N_ELEMENTS (pictures));
  tcase_add_test (masks, other_video_is_refused);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_masks);
