/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Mask pads of regionalsampler that come, change and go while jobs run, in every
 * order that their threads make of it. */

#include <string.h>

#include "../launch.h"
#include "../rdtest.h"
#include "../samplertest.h"

#define SMALL_MASK_CAPS \
    "video/x-raw,format=GRAY8,width=32,height=16,framerate=0/1"

static void
assert_no_error (SamplerTest * test)
{
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (test->bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message)
    gst_message_parse_error (message, &error, NULL);
  fail_unless (message == NULL, "%s", error ? error->message : "");
}

/* As sampler_test_pull(), but an error is no long wait. */
static float *
pull (SamplerTest * test)
{
  const gint64 end = g_get_monotonic_time () + launch_usec (60.0);
  GstBuffer *buffer;

  while (!(buffer = gst_harness_try_pull (test->latents))) {
    assert_no_error (test);
    fail_unless (g_get_monotonic_time () < end, "no latent came");
    g_usleep (1000);
  }
  return sampler_values (buffer);
}

/* 0: latents, 1 and 2: masks */
static const guint orders[][3] = {
  {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0},
};

GST_START_TEST (streams_end_in_any_order)
{
  g_auto (SamplerTest) test = { NULL };
  GstHarness *harnesses[3];
  GstEvent *event;
  guint n_ends = 0;

  sampler_test_init (&test, "");
  harnesses[0] = test.latents;
  for (guint i = 0; i < 2; i++) {
    harnesses[1 + i] = sampler_test_add_mask (&test, "prompt=red");
    sampler_test_push_mask (&test, i, MASK_LEFT);
  }
  gst_harness_push (test.latents, sampler_latent_new (0));
  for (guint i = 0; i < 3; i++)
    gst_harness_push_event (harnesses[orders[__i__][i]], gst_event_new_eos ());
  g_free (pull (&test));
  while (n_ends == 0) {
    event = gst_harness_pull_event (test.latents);
    fail_unless (event != NULL, "no end");
    n_ends += GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
  fail_unless (gst_harness_try_pull_event (test.latents) == NULL);
  assert_no_error (&test);
}

GST_END_TEST;

/* Somebody who sends masks to pads of their own, one pad after the other. */
typedef struct
{
  GstElement *element;
  guint seed;
  guint n_cycles;
  gint *n_running;              /* atomic */
} Feeder;

static void
push_event (GstPad * pad, GstEvent * event)
{
  /* refused only where the stream has ended */
  gst_pad_push_event (pad, event);
}

static void
send_caps (GstPad * pad, gboolean small)
{
  g_autoptr (GstCaps) caps =
      gst_caps_from_string (small ? SMALL_MASK_CAPS : MASK_CAPS);

  push_event (pad, gst_event_new_caps (caps));
}

static void
send_segment (GstPad * pad)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  push_event (pad, gst_event_new_segment (&segment));
}

static void
send_mask (GstPad * pad, gboolean small)
{
  gst_pad_push (pad, small ? sampler_mask_new (32, 16, (MaskBox) {
          0, 0, 16, 16}) : sampler_mask_new (128, 128, MASK_LEFT));
}

static void
feed (GstPad * pad, GRand * random)
{
  gboolean small = g_rand_boolean (random);

  push_event (pad, gst_event_new_stream_start ("masks"));
  send_caps (pad, small);
  send_segment (pad);
  for (gint i = g_rand_int_range (random, 0, 4); i > 0; i--) {
    switch (g_rand_int_range (random, 0, 5)) {
      case 0:
        push_event (pad, gst_event_new_gap (0, GST_SECOND));
        break;
      case 1:
        push_event (pad, gst_event_new_flush_start ());
        push_event (pad, gst_event_new_flush_stop (TRUE));
        send_segment (pad);
        break;
      case 2:
        small = !small;
        send_caps (pad, small);
        break;
      default:
        send_mask (pad, small);
        break;
    }
    g_usleep (g_rand_int_range (random, 0, 2000));
  }
  /* a stream that ends without a mask is an error */
  if (g_rand_boolean (random)) {
    send_mask (pad, small);
    push_event (pad, gst_event_new_eos ());
  }
}

static gpointer
feeder_run (gpointer data)
{
  const Feeder *self = data;
  GRand *random = g_rand_new_with_seed (self->seed);

  for (guint i = 0; i < self->n_cycles; i++) {
    g_autoptr (GstPad) mask =
        gst_element_request_pad_simple (self->element, "mask_%u");
    g_autoptr (GstPad) pad = gst_object_ref_sink (gst_pad_new ("masks",
            GST_PAD_SRC));

    g_object_set (mask, "prompt", "red", "hold", g_rand_boolean (random),
        "invert", g_rand_boolean (random), NULL);
    gst_pad_set_active (pad, TRUE);
    fail_unless_equals_int (gst_pad_link (pad, mask), GST_PAD_LINK_OK);
    feed (pad, random);
    g_usleep (g_rand_int_range (random, 0, 2000));
    if (g_rand_boolean (random))
      gst_pad_unlink (pad, mask);
    gst_element_release_request_pad (self->element, mask);
    gst_pad_set_active (pad, FALSE);
  }
  g_rand_free (random);
  g_atomic_int_dec_and_test (self->n_running);
  return NULL;
}

GST_START_TEST (masks_come_and_go_while_jobs_run)
{
  g_autofree float *expected = sampler_run ("steps=1");
  g_autofree float *values = NULL;
  g_auto (SamplerTest) test = { NULL };
  gint n_running = 2;
  const guint n_cycles = rd_test_cycles (150) / n_running;
  const guint32 seed = rd_test_seed ();
  Feeder feeders[2];
  GThread *threads[2];
  guint n_jobs = 0;

  sampler_test_init (&test, "steps=1");
  for (guint i = 0; i < G_N_ELEMENTS (feeders); i++) {
    feeders[i] = (Feeder) {
    test.element, seed + i, n_cycles, &n_running};
    threads[i] = g_thread_new ("feeder", feeder_run, &feeders[i]);
  }
  while (g_atomic_int_get (&n_running) > 0) {
    gst_harness_push (test.latents, sampler_latent_new (0));
    g_free (pull (&test));
    n_jobs++;
  }
  for (guint i = 0; i < G_N_ELEMENTS (feeders); i++)
    g_thread_join (threads[i]);
  g_print ("%u jobs beside %u mask pads\n", n_jobs, 2 * n_cycles);

  fail_unless_equals_int (gst_child_proxy_get_children_count (GST_CHILD_PROXY
          (test.element)), 0);
  values = sampler_test_run (&test);
  sampler_assert_equal (values, expected);
}

GST_END_TEST;

/* What happens to the mask of one pad when that of another is just taken. */
typedef struct
{
  GstElement *element;
  GstPad *from, *mask;
  gboolean release;
} Interruption;

static gpointer
vanish (gpointer data)
{
  Interruption *self = data;

  if (self->release) {
    gst_element_release_request_pad (self->element, self->mask);
  } else {
    push_event (self->from, gst_event_new_flush_start ());
    push_event (self->from, gst_event_new_flush_stop (TRUE));
  }
  return NULL;
}

/* In a thread without locks, as an application's would be. */
static void
interrupt (GstPad * taken, GstBuffer * buffer, Interruption * self)
{
  g_thread_join (g_thread_new ("vanish", vanish, self));
}

/* A released pad is no region; a flush comes too late. */
GST_START_TEST (a_mask_may_vanish_while_others_are_taken)
{
  const gboolean release = __i__;
  g_autofree float *expected =
      sampler_run (release ? "regions=\"red @0,0,0.5,1\"" :
      "regions=\"red @0,0,0.5,1 | green @0,0,0.5,1\"");
  g_autofree float *values = NULL;
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstPad) taken = NULL, mask = NULL, from = NULL;
  Interruption interruption;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, "prompt=red");
  taken = gst_element_get_static_pad (test.element, "mask_0");
  mask = gst_element_request_pad_simple (test.element, "mask_1");
  from = gst_object_ref_sink (gst_pad_new ("masks", GST_PAD_SRC));
  interruption = (Interruption) {
  test.element, from, mask, release};
  g_object_set (taken, "emit-signals", TRUE, NULL);
  g_signal_connect (taken, "buffer-consumed", G_CALLBACK (interrupt),
      &interruption);
  g_object_set (mask, "prompt", "green", NULL);
  gst_pad_set_active (from, TRUE);
  fail_unless_equals_int (gst_pad_link (from, mask), GST_PAD_LINK_OK);

  push_event (from, gst_event_new_stream_start ("masks"));
  send_caps (from, FALSE);
  send_segment (from);
  send_mask (from, FALSE);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  gst_harness_push (test.latents, sampler_latent_new (0));
  values = pull (&test);
  sampler_assert_equal (values, expected);
  if (!release)
    gst_element_release_request_pad (test.element, mask);
  gst_pad_set_active (from, FALSE);
}

GST_END_TEST;

/* As everywhere: what it is cannot be known. */
GST_START_TEST (masks_need_caps)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree char *text = NULL;
  GstHarness *mask;
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  sampler_test_init (&test, "");
  mask = gst_harness_new_with_element (test.element, "mask_0", NULL);
  gst_harness_push_event (mask, gst_event_new_stream_start ("masks"));
  gst_harness_push_event (mask, gst_event_new_segment (&segment));
  gst_harness_push (mask, sampler_mask_new (128, 128, MASK_LEFT));
  gst_harness_push (test.latents, sampler_latent_new (0));
  text = sampler_test_error (&test, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT);
  fail_unless (strstr (text, "mask_0") && strstr (text, "caps"), "%s", text);
  gst_harness_teardown (mask);
}

GST_END_TEST;

static Suite *
regionalsampler_torture_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-torture");
  TCase *masks = tcase_create ("masks");

  suite_add_tcase (suite, masks);
  tcase_set_timeout (masks, 120);
  tcase_add_loop_test (masks, streams_end_in_any_order, 0,
      G_N_ELEMENTS (orders));
  tcase_add_test (masks, masks_come_and_go_while_jobs_run);
  tcase_add_loop_test (masks, a_mask_may_vanish_while_others_are_taken, 0, 2);
  tcase_add_test (masks, masks_need_caps);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_torture);
