/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a running job of regionalsampler ends, and what does not end it. Jobs
 * have so many steps that a test which waits for one runs into its bound. */

#include <gst/app/app.h>
#include <string.h>

#include "../launch.h"
#include "../samplertest.h"

#define ENDLESS "steps=10000"
#define RED "prompt=red"

/* what a cancelled job may take: one network node, on a busy machine */
static gint64
bound_us (void)
{
  const gchar *multiplier = g_getenv ("CK_TIMEOUT_MULTIPLIER");

  return 3 * G_USEC_PER_SEC * (multiplier ? atoi (multiplier) : 1);
}

#define assert_quick(since) G_STMT_START { \
  const gint64 took = g_get_monotonic_time () - (since); \
  fail_unless (took < bound_us (), "took %" G_GINT64_FORMAT " us", took); \
} G_STMT_END

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

static guint64
get_stat (GstElement * element, const gchar * name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value), "%s", name);
  return value;
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
    assert_quick (since);
    flush_stop (test.latents, i + 1);
  }
  fail_unless_equals_int (count_downstream (&test, GST_EVENT_FLUSH_START), 0);
  check_alive (&test);
  fail_unless_equals_uint64 (get_stat (test.element, "canceled"), 3);
}

GST_END_TEST
GST_START_TEST (flushing_all_pads_cancels)
{
  g_auto (SamplerTest) test = { NULL };
  const guint32 seqnum = gst_util_seqnum_next ();
  gint64 since;

  init_running (&test);
  since = g_get_monotonic_time ();
  flush_start (test.masks->pdata[0], seqnum);
  flush_start (test.latents, seqnum);
  assert_quick (since);
  wait_canceled (&test);
  flush_stop (test.masks->pdata[0], seqnum);
  flush_stop (test.latents, seqnum);
  fail_unless_equals_int (count_downstream (&test, GST_EVENT_FLUSH_STOP), 1);
  /* a source of one mask has nothing more to send than EOS */
  gst_harness_push_event (test.masks->pdata[0], gst_event_new_eos ());
  check_alive (&test);
}

GST_END_TEST
GST_START_TEST (flushing_a_mask_does_not_cancel)
{
  g_autofree float *expected = sampler_run ("steps=40 regions=\"red @0,0,0.5,1\"");
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

GST_END_TEST
GST_START_TEST (ready_cancels)
{
  g_auto (SamplerTest) test = { NULL };
  gint64 since;

  init_running (&test);
  since = g_get_monotonic_time ();
  fail_unless_equals_int (gst_element_set_state (test.element, GST_STATE_READY),
      GST_STATE_CHANGE_SUCCESS);
  assert_quick (since);
  wait_canceled (&test);

  gst_element_set_state (test.element, GST_STATE_PLAYING);
  gst_harness_set_src_caps_str (test.latents, SAMPLER_CAPS);
  gst_harness_push_event (test.masks->pdata[0],
      gst_event_new_stream_start ("again"));
  gst_harness_set_src_caps_str (test.masks->pdata[0], MASK_CAPS);
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  check_alive (&test);
}

GST_END_TEST
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

GST_END_TEST
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

GST_END_TEST
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
    canceled = get_stat (test.element, "canceled") == 1;
    fail_unless (g_get_monotonic_time () - since < 10 * bound_us ());
    g_usleep (1000);
  }
  flush_stop (test.latents, 1);
  check_alive (&test);
  gst_bus_set_sync_handler (test.bus, NULL, NULL, NULL);
}

GST_END_TEST
/* Pipelines, because a harness answers seeks oddly. Latents without end, because
 * a source of a number of buffers does not begin to count again at a seek. */
#define MODEL "model=DATA//tiny-sd device=cpu threads=1"
#define LATENTS "latentsrc width=128 height=128 ! " \
    "tensor/strided,framerate=(fraction)1/1 ! "

static void
wait_sampling (GstElement * pipeline)
{
  for (;;) {
    g_autoptr (GstMessage) message = launch_wait (pipeline,
        GST_MESSAGE_PROGRESS | GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
    g_autofree gchar *code = NULL;

    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_PROGRESS);
    gst_message_parse_progress (message, NULL, &code, NULL);
    if (g_str_equal (code, "sample"))
      return;
  }
}

static void
wait_eos (GstElement * pipeline)
{
  g_autoptr (GstMessage) message =
      launch_wait (pipeline, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
}

static gboolean
seek (GstElement * pipeline)
{
  return gst_element_seek_simple (pipeline, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH, 0);
}

static GstBuffer *
pull (GstElement * sink)
{
  g_autoptr (GstSample) sample =
      gst_app_sink_try_pull_sample (GST_APP_SINK (sink), 30 * GST_SECOND);

  fail_unless (sample != NULL, "nothing came");
  return gst_buffer_ref (gst_sample_get_buffer (sample));
}

GST_START_TEST (a_flushing_seek_cancels)
{
  GstElement *pipeline = launch_new (LATENTS "regionalsampler name=s " MODEL
      " " ENDLESS " ! appsink name=sink sync=false max-buffers=1 "
      "videotestsrc num-buffers=1 ! video/x-raw,format=GRAY8 ! s.mask_0");
  GstElement *element = launch_get (pipeline, "s");
  GstElement *sink = launch_get (pipeline, "sink");
  gint64 since;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 5; i++) {
    wait_sampling (pipeline);
    since = g_get_monotonic_time ();
    if (i == 4)
      g_object_set (element, "steps", 2, NULL);
    fail_unless (seek (pipeline));
    assert_quick (since);
  }
  /* the first latent behind the last seek is not lost to it */
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GstBuffer) latent = pull (sink);

    fail_unless_equals_uint64 (GST_BUFFER_PTS (latent), i * GST_SECOND);
  }
  launch_free (pipeline);
}

GST_END_TEST
/* Latents flow again while the seek is still on its way back to who sent it. */
static GstPadEventFunction original_event;

static gboolean
linger (GstPad * pad, GstObject * parent, GstEvent * event)
{
  const gboolean is_seek = GST_EVENT_TYPE (event) == GST_EVENT_SEEK;
  const gboolean handled = original_event (pad, parent, event);

  if (is_seek)
    g_usleep (500000);
  return handled;
}

GST_START_TEST (a_slow_seek_loses_nothing)
{
  GstElement *pipeline = launch_new ("latentsrc name=latents width=128 "
      "height=128 ! tensor/strided,framerate=(fraction)1/1 ! "
      "regionalsampler name=s " MODEL " " ENDLESS " ! "
      "appsink name=sink sync=false max-buffers=1");
  GstElement *element = launch_get (pipeline, "s");
  GstElement *sink = launch_get (pipeline, "sink");
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (launch_get (pipeline, "latents"), "src");

  original_event = GST_PAD_EVENTFUNC (pad);
  gst_pad_set_event_function (pad, linger);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_sampling (pipeline);
  g_object_set (element, "steps", 2, NULL);
  fail_unless (seek (pipeline));
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstBuffer) latent = pull (sink);

    fail_unless_equals_uint64 (GST_BUFFER_PTS (latent), i * GST_SECOND);
  }
  launch_free (pipeline);
}

GST_END_TEST
GST_START_TEST (seeks_in_a_row_do_no_harm)
{
  GstElement *pipeline = launch_new (LATENTS "regionalsampler name=s " MODEL
      " " ENDLESS " ! appsink name=sink sync=false max-buffers=1");
  GstElement *element = launch_get (pipeline, "s");
  GstElement *sink = launch_get (pipeline, "sink");

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_sampling (pipeline);
  for (guint i = 0; i < 50; i++)
    fail_unless (seek (pipeline));
  g_object_set (element, "steps", 2, NULL);
  fail_unless (seek (pipeline));
  gst_buffer_unref (pull (sink));
  launch_free (pipeline);
}

GST_END_TEST
/* A job may also come to its end while a seek is on its way. */
GST_START_TEST (seeks_and_short_jobs_do_no_harm)
{
  GstElement *pipeline = launch_new (LATENTS "regionalsampler name=s " MODEL
      " steps=1 ! fakesink");
  GRand *random = g_rand_new_with_seed (1);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_sampling (pipeline);
  for (guint i = 0; i < 50; i++) {
    g_usleep (g_rand_int_range (random, 0, 20000));
    fail_unless (seek (pipeline));
  }
  wait_sampling (pipeline);
  g_rand_free (random);
  launch_free (pipeline);
}

GST_END_TEST
/* Such a seek would stop the base class's task for ever. */
GST_START_TEST (latents_that_cannot_seek_refuse)
{
  GstElement *pipeline = launch_new ("appsrc name=latents format=time caps=\""
      SAMPLER_CAPS "\" ! regionalsampler name=s " MODEL " steps=2 ! "
      "appsink name=sink sync=false");
  GstAppSrc *source = GST_APP_SRC (launch_get (pipeline, "latents"));
  GstElement *sink = launch_get (pipeline, "sink");

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 3; i++) {
    gst_app_src_push_buffer (source, sampler_latent_new (0));
    gst_buffer_unref (pull (sink));
    fail_if (seek (pipeline), "seeked what cannot");
  }
  launch_free (pipeline);
}

GST_END_TEST
static void
wait_mask_eos (GstElement * element)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "mask_0");

  while (!GST_PAD_IS_EOS (pad))
    g_usleep (1000);
}

/* A still picture from a file: it does not seek, and it need not. */
GST_START_TEST (an_ended_mask_need_not_seek)
{
  GstElement *pipeline = launch_new (LATENTS
      "regionalsampler name=s mask_0::prompt=red " MODEL
      " steps=2 ! tee name=t ! queue ! fakesink t. ! queue ! "
      "appsink name=sink sync=false max-buffers=1 "
      "appsrc name=masks format=time caps=\"" MASK_CAPS "\" ! s.mask_0");
  GstElement *element = launch_get (pipeline, "s");
  GstElement *sink = launch_get (pipeline, "sink");
  GstAppSrc *masks = GST_APP_SRC (launch_get (pipeline, "masks"));
  g_autofree float *expected = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_app_src_push_buffer (masks, sampler_mask_new (128, 128, MASK_LEFT));
  gst_app_src_end_of_stream (masks);
  expected = sampler_values (pull (sink));
  wait_mask_eos (element);
  for (guint i = 0; i < 5; i++) {
    g_autofree float *values = NULL;

    /* both sinks send it on */
    fail_unless (seek (pipeline));
    values = sampler_values (pull (sink));
    sampler_assert_equal (values, expected);
    fail_unless (seek (pipeline) && seek (pipeline));
    gst_buffer_unref (pull (sink));
  }
  launch_free (pipeline);
}

GST_END_TEST
/* More masks may come, at times that upstream would not go back to. */
GST_START_TEST (a_running_mask_that_cannot_seek_refuses)
{
  GstElement *pipeline = launch_new (LATENTS "regionalsampler name=s mask_0::prompt=red mask_0::hold=true "
      MODEL " steps=2 ! appsink name=sink sync=false max-buffers=1 "
      "appsrc name=masks format=time caps=\"" MASK_CAPS "\" ! s.mask_0");
  GstElement *sink = launch_get (pipeline, "sink");
  GstAppSrc *masks = GST_APP_SRC (launch_get (pipeline, "masks"));

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_app_src_push_buffer (masks, sampler_mask_new (128, 128, MASK_LEFT));
  for (guint i = 0; i < 3; i++) {
    gst_buffer_unref (pull (sink));
    fail_if (seek (pipeline));
  }
  launch_free (pipeline);
}

GST_END_TEST
/* A sampler behind a sampler asks it. */
GST_START_TEST (two_in_a_row_seek)
{
  GstElement *pipeline = launch_new ("latentsrc num-buffers=1 width=128 "
      "height=128 ! regionalsampler name=s " MODEL " steps=4 end-at-step=2 "
      "return-with-leftover-noise=true ! regionalsampler " MODEL " steps=4 "
      "start-at-step=2 add-noise=false ! fakesink");

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_eos (pipeline);
  fail_unless (seek (pipeline));
  wait_eos (pipeline);
  launch_free (pipeline);
}

GST_END_TEST
/* Start, flush and stop at moments that differ. */
GST_START_TEST (it_survives_many_cycles)
{
  const gchar *wanted = g_getenv ("RD_TEST_CYCLES");
  const guint n = wanted ? atoi (wanted) : 200;
  g_auto (SamplerTest) test = { NULL };
  GRand *random = g_rand_new_with_seed (42);

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

GST_END_TEST
static Suite *
regionalsampler_cancel_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-cancel");
  TCase *flushes = tcase_create ("flushes");
  TCase *states = tcase_create ("states");
  TCase *seeks = tcase_create ("seeks");
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
  suite_add_tcase (suite, seeks);
  tcase_add_test (seeks, a_flushing_seek_cancels);
  tcase_add_test (seeks, a_slow_seek_loses_nothing);
  tcase_add_test (seeks, seeks_in_a_row_do_no_harm);
  tcase_add_test (seeks, seeks_and_short_jobs_do_no_harm);
  tcase_add_test (seeks, latents_that_cannot_seek_refuse);
  tcase_add_test (seeks, an_ended_mask_need_not_seek);
  tcase_add_test (seeks, a_running_mask_that_cannot_seek_refuses);
  tcase_add_test (seeks, two_in_a_row_seek);
  suite_add_tcase (suite, cycles);
  tcase_set_timeout (cycles, 240);
  tcase_add_test (cycles, it_survives_many_cycles);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_cancel);
