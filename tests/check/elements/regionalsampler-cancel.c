/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* How a running job of regionalsampler ends, and what does not end it. Jobs
 * have so many steps that a test which waits for one runs into its bound. */


#include "../rdtest.h"
#include "../samplertest.h"

#define ENDLESS "steps=10000"
#define RED "prompt=red"

static GstEvent *
with_seqnum (GstEvent * event, guint32 seqnum)
{
  gst_event_set_seqnum (event, seqnum);
  return event;
}

static void
flush_start (GstHarness * harness, guint32 seqnum)
{
  gst_harness_push_event (harness, with_seqnum (gst_event_new_flush_start (),
          seqnum));
}

static void
flush_stop (GstHarness * harness, guint32 seqnum)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, with_seqnum (gst_event_new_flush_stop (TRUE),
          seqnum));
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
}

static void
flush (GstHarness * harness)
{
  const guint32 seqnum = gst_util_seqnum_next ();

  flush_start (harness, seqnum);
  flush_stop (harness, seqnum);
}

/* Waits for how the `sample` progress is closed. */
static void
wait_canceled (SamplerTest * test)
{
  for (;;) {
    g_autoptr (GstMessage) message =
        sampler_test_wait (test, GST_MESSAGE_PROGRESS);
    GstProgressType type;

    gst_message_parse_progress (message, &type, NULL, NULL);
    fail_if (type == GST_PROGRESS_TYPE_COMPLETE
        || type == GST_PROGRESS_TYPE_ERROR);
    if (type == GST_PROGRESS_TYPE_CANCELED)
      return;
  }
}

/* A test with a mask that has come, and a job that runs. */
static void
init_running (SamplerTest * test)
{
  sampler_test_init (test, ENDLESS);
  sampler_test_add_mask (test, RED);
  sampler_test_push_mask (test, 0, MASK_LEFT);
  gst_harness_push_event (test->masks->pdata[0], gst_event_new_eos ());
  gst_harness_push (test->latents, sampler_latent_new (0));
  sampler_test_wait_start (test);
}

/* With two steps it is what it always was: the mask has lasted. */
static void
check_alive (SamplerTest * test)
{
  g_autofree float *expected = sampler_run ("regions=\"red @0,0,0.5,1\"");
  g_autofree float *values = NULL;

  g_object_set (test->element, "steps", 2, NULL);
  values = sampler_test_run (test);
  sampler_assert_equal (values, expected);
}

static guint
count_downstream (SamplerTest * test, GstEventType type)
{
  GstEvent *event;
  guint n = 0;

  while ((event = gst_harness_try_pull_event (test->latents))) {
    n += GST_EVENT_TYPE (event) == type;
    gst_event_unref (event);
  }
  return n;
}

/* The base class does not forward such a flush, nor start its task again. */
GST_START_TEST (flushing_latents_alone_cancels)
{
  g_auto (SamplerTest) test = { NULL };

  init_running (&test);
  for (guint i = 0; i < 3; i++) {
    const gint64 since = g_get_monotonic_time ();

    if (i > 0) {
      gst_harness_push (test.latents, sampler_latent_new (0));
      sampler_test_wait_start (&test);
    }
    flush_start (test.latents, i + 1);
    wait_canceled (&test);
    sampler_assert_quick (since);
    flush_stop (test.latents, i + 1);
  }
  fail_unless_equals_int (count_downstream (&test, GST_EVENT_FLUSH_START), 0);
  check_alive (&test);
  fail_unless_equals_uint64 (sampler_stat (test.element, "canceled"), 3);
}

GST_END_TEST;

GST_START_TEST (flushing_all_pads_cancels)
{
  g_auto (SamplerTest) test = { NULL };
  const guint32 seqnum = gst_util_seqnum_next ();
  gint64 since;

  init_running (&test);
  since = g_get_monotonic_time ();
  flush_start (test.masks->pdata[0], seqnum);
  flush_start (test.latents, seqnum);
  sampler_assert_quick (since);
  wait_canceled (&test);
  flush_stop (test.masks->pdata[0], seqnum);
  flush_stop (test.latents, seqnum);
  fail_unless_equals_int (count_downstream (&test, GST_EVENT_FLUSH_STOP), 1);
  /* a source of one mask has nothing more to send than EOS */
  gst_harness_push_event (test.masks->pdata[0], gst_event_new_eos ());
  check_alive (&test);
}

GST_END_TEST;

GST_START_TEST (flushing_a_mask_does_not_cancel)
{
  g_autofree float *expected =
      sampler_run ("steps=40 regions=\"red @0,0,0.5,1\"");
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *values = NULL;

  sampler_test_init (&test, "steps=40");
  sampler_test_add_mask (&test, RED);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  gst_harness_push (test.latents, sampler_latent_new (0));
  sampler_test_wait_start (&test);
  flush (test.masks->pdata[0]);
  values = sampler_test_pull (&test);
  sampler_assert_equal (values, expected);
}

GST_END_TEST;

GST_START_TEST (ready_cancels)
{
  g_auto (SamplerTest) test = { NULL };
  gint64 since;

  init_running (&test);
  since = g_get_monotonic_time ();
  fail_unless_equals_int (gst_element_set_state (test.element, GST_STATE_READY),
      GST_STATE_CHANGE_SUCCESS);
  sampler_assert_quick (since);
  wait_canceled (&test);

  gst_element_set_state (test.element, GST_STATE_PLAYING);
  gst_harness_set_src_caps_str (test.latents, SAMPLER_CAPS);
  gst_harness_push_event (test.masks->pdata[0],
      gst_event_new_stream_start ("again"));
  gst_harness_set_src_caps_str (test.masks->pdata[0], MASK_CAPS);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  check_alive (&test);
}

GST_END_TEST;

/* Preroll needs the job. */
GST_START_TEST (paused_does_not_cancel)
{
  g_autofree float *expected = sampler_run ("steps=40");
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *values = NULL;

  sampler_test_init (&test, "steps=40");
  gst_harness_push (test.latents, sampler_latent_new (0));
  sampler_test_wait_start (&test);
  gst_element_set_state (test.element, GST_STATE_PAUSED);
  values = sampler_test_pull (&test);
  sampler_assert_equal (values, expected);
}

GST_END_TEST;

/* The job has a snapshot of all of it. */
GST_START_TEST (changes_wait_for_the_next_job)
{
  g_autofree float *expected =
      sampler_run ("steps=40 regions=\"red @0,0,0.5,1\"");
  g_autofree float *plain = sampler_run ("steps=3 prompt=gold");
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *values = NULL, *next = NULL;

  sampler_test_init (&test, "steps=40");
  sampler_test_add_mask (&test, RED);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  gst_harness_push (test.latents, sampler_latent_new (0));
  sampler_test_wait_start (&test);
  gst_child_proxy_set (GST_CHILD_PROXY (test.element), "mask_0::prompt", "blue",
      "mask_0::cfg", 1.0, NULL);
  g_object_set (test.element, "prompt", "gold", "steps", 3, NULL);
  g_ptr_array_set_size (test.masks, 0);
  fail_unless_equals_int (gst_child_proxy_get_children_count (GST_CHILD_PROXY
          (test.element)), 0);
  values = sampler_test_pull (&test);
  sampler_assert_equal (values, expected);
  next = sampler_test_run (&test);
  sampler_assert_equal (next, plain);
}

GST_END_TEST;

/* A flush that is sent by the thread that works, when it says so. */
typedef struct
{
  SamplerTest *test;
  const gchar *code;
  GstProgressType type;
  gboolean flushed;
} FlushAt;

static GstBusSyncReply
flush_at (GstBus * bus, GstMessage * message, gpointer user_data)
{
  FlushAt *at = user_data;
  g_autofree gchar *code = NULL;
  GstProgressType type;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_PROGRESS || at->flushed)
    return GST_BUS_PASS;
  gst_message_parse_progress (message, &type, &code, NULL);
  if (type == at->type && g_str_equal (code, at->code)) {
    at->flushed = TRUE;
    flush_start (at->test->latents, 1);
  }
  return GST_BUS_PASS;
}

static const struct
{
  const gchar *code;
  GstProgressType type;
} moments[] = {
  {"load", GST_PROGRESS_TYPE_START},
  {"load", GST_PROGRESS_TYPE_COMPLETE},
  {"sample", GST_PROGRESS_TYPE_START},
  {"sample", GST_PROGRESS_TYPE_CONTINUE},
};

GST_START_TEST (it_can_be_cancelled_at_any_moment)
{
  g_auto (SamplerTest) test = { NULL };
  FlushAt at = { &test, moments[__i__].code, moments[__i__].type, FALSE };
  const gint64 since = g_get_monotonic_time ();
  gboolean canceled = FALSE;

  sampler_test_init (&test, ENDLESS " progress-interval=0");
  sampler_test_add_mask (&test, RED);
  gst_bus_set_sync_handler (test.bus, flush_at, &at, NULL);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  gst_harness_push_event (test.masks->pdata[0], gst_event_new_eos ());
  gst_harness_push (test.latents, sampler_latent_new (0));
  while (!canceled) {
    canceled = sampler_stat (test.element, "canceled") == 1;
    fail_unless (g_get_monotonic_time () - since < 10 * sampler_bound_us ());
    g_usleep (1000);
  }
  flush_stop (test.latents, 1);
  check_alive (&test);
  gst_bus_set_sync_handler (test.bus, NULL, NULL, NULL);
}

GST_END_TEST;

/* Start, flush and stop at moments that differ. */
GST_START_TEST (it_survives_many_cycles)
{
  const guint n = rd_test_cycles (60);
  g_auto (SamplerTest) test = { NULL };
  GRand *random = g_rand_new_with_seed (rd_test_seed ());

  sampler_test_init (&test, ENDLESS " progress-interval=0");
  sampler_test_add_mask (&test, RED " hold=true");
  for (guint i = 0; i < n; i++) {
    GstHarness *mask = test.masks->pdata[0];

    gst_element_set_state (test.element, GST_STATE_PLAYING);
    gst_harness_set_src_caps_str (test.latents, SAMPLER_CAPS);
    gst_harness_set_src_caps_str (mask, MASK_CAPS);
    sampler_test_push_mask (&test, 0, MASK_LEFT);
    gst_harness_push (test.latents, sampler_latent_new (0));
    g_usleep (g_rand_int_range (random, 0, 15000));
    if (i % 3 == 0) {
      flush (test.latents);
      gst_harness_push (test.latents, sampler_latent_new (0));
    } else if (i % 3 == 1) {
      const guint32 seqnum = gst_util_seqnum_next ();

      flush_start (test.latents, seqnum);
      flush_start (mask, seqnum);
      flush_stop (mask, seqnum);
      flush_stop (test.latents, seqnum);
      gst_harness_push (test.latents, sampler_latent_new (0));
    }
    g_usleep (g_rand_int_range (random, 0, 5000));
    gst_element_set_state (test.element, i % 5 ? GST_STATE_READY :
        GST_STATE_NULL);
    gst_bus_set_flushing (test.bus, TRUE);
    gst_bus_set_flushing (test.bus, FALSE);
  }
  g_rand_free (random);

  gst_element_set_state (test.element, GST_STATE_PLAYING);
  gst_harness_set_src_caps_str (test.latents, SAMPLER_CAPS);
  gst_harness_set_src_caps_str (test.masks->pdata[0], MASK_CAPS);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  check_alive (&test);
}

GST_END_TEST;

static Suite *
regionalsampler_cancel_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-cancel");
  TCase *flushes = tcase_create ("flushes");
  TCase *states = tcase_create ("states");
  TCase *cycles = tcase_create ("cycles");

  suite_add_tcase (suite, flushes);
  tcase_add_test (flushes, flushing_latents_alone_cancels);
  tcase_add_test (flushes, flushing_all_pads_cancels);
  tcase_add_test (flushes, flushing_a_mask_does_not_cancel);
  tcase_add_loop_test (flushes, it_can_be_cancelled_at_any_moment, 0,
      G_N_ELEMENTS (moments));
  suite_add_tcase (suite, states);
  tcase_add_test (states, ready_cancels);
  tcase_add_test (states, paused_does_not_cancel);
  tcase_add_test (states, changes_wait_for_the_next_job);
  suite_add_tcase (suite, cycles);
  tcase_set_timeout (cycles, 240);
  tcase_add_test (cycles, it_survives_many_cycles);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_cancel);
