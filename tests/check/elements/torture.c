/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Every element in a pipeline that loops, that ends on request, and that changes
 * its state at random while another thread seeks, asks and sets properties.
 * Nothing may be said on the bus but what is said in peace, nobody may wait for
 * ever, and it works afterwards. */

#include "../launch.h"
#include "../rdtest.h"

#define MODEL "model=DATA/tiny-sd device=DEVICE threads=1 "
#define LATENTS "latentsrc width=64 height=64 ! " \
    "tensor/strided,framerate=(fraction)10/1 ! "
#define PICTURES(format) "videotestsrc ! video/x-raw,format=" format "," \
    "width=64,height=64,framerate=10/1 "
#define SINK "fakesink name=sink"

static const struct
{
  const char *line;
  /* another value for a property of "it", while it runs */
  const char *property;
  const char *values[2];
} pipelines[] = {
  {LATENTS SINK},
  {LATENTS "safetensorsenc ! safetensorsdec ! " SINK},
  {LATENTS "latentdecode " MODEL "! " SINK},
  {PICTURES ("RGB") "! regionmeta name=it regions=\"red @0,0,1,1\" ! "
        "latentencode " MODEL "! " SINK,
        "regions", {"green @0,0,1,1",
          "[{\"prompt\":\"blue\",\"box\":[0,0,1,1]}]"}},
  {LATENTS "regionalsampler name=it " MODEL "steps=2 preview-interval=1 ! "
        SINK, "regions", {"green @0,0,0.5,1", "red @0,0,1,1"}},
  {LATENTS "regionalsampler name=it mask_0::prompt=red " MODEL "steps=2 "
        "qos=true ! latentdecode " MODEL "! " SINK " " PICTURES ("GRAY8")
      "! it.mask_0", "prompt", {"green", "blue"}},
  {LATENTS "regionalsampler name=it feedback=0.5 " MODEL "steps=3 ! tee name=t "
        "! queue ! fakesink t. ! queue ! " SINK, "mode", {"fused", "parallel"}},
};

typedef struct
{
  GstElement *pipeline;
  GstElement *it;
  guint i;
  guint seed;
  gint stop;                    /* atomic */
} Disturber;

static void
ask (GstElement * pipeline)
{
  g_autoptr (GstQuery) latency = gst_query_new_latency ();
  g_autoptr (GstQuery) seeking = gst_query_new_seeking (GST_FORMAT_TIME);
  gint64 position;

  gst_element_query (pipeline, latency);
  gst_element_query (pipeline, seeking);
  gst_element_query_position (pipeline, GST_FORMAT_TIME, &position);
}

static gpointer
disturb (gpointer data)
{
  Disturber *self = data;
  GRand *random = g_rand_new_with_seed (self->seed);

  while (!g_atomic_int_get (&self->stop)) {
    switch (g_rand_int_range (random, 0, 3)) {
      case 0:
        /* one that does not flush would wait in PAUSED, and with it whoever
         * changes the state */
        gst_element_seek_simple (self->pipeline, GST_FORMAT_TIME,
            GST_SEEK_FLAG_FLUSH,
            g_rand_int_range (random, 0, 10) * 100 * GST_MSECOND);
        break;
      case 1:
        ask (self->pipeline);
        break;
      default:
        if (self->it)
          gst_util_set_object_arg (G_OBJECT (self->it),
              pipelines[self->i].property,
              pipelines[self->i].values[g_rand_boolean (random)]);
        break;
    }
    g_usleep (g_rand_int_range (random, 0, 2000));
  }
  g_rand_free (random);
  return NULL;
}

/* @stopping: while elements stop one after the other. A source that a seek has
 * just woken may then send an event through one whose source pad is closed
 * already, and its sink pad not yet. GStreamer's base classes call that an
 * error, and only the source says so. */
static void
check_bus (GstElement * pipeline, gboolean stopping)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  while ((message = gst_bus_pop (bus))) {
    g_autoptr (GError) error = NULL;
    g_autofree char *debug = NULL;

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      gst_message_parse_error (message, &error, &debug);
    else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
      gst_message_parse_warning (message, &error, &debug);
    if (stopping && GST_OBJECT_FLAG_IS_SET (GST_MESSAGE_SRC (message),
            GST_ELEMENT_FLAG_SOURCE)
        && g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED))
      g_clear_error (&error);
    fail_unless (error == NULL, "%s: %s (%s)",
        GST_OBJECT_NAME (GST_MESSAGE_SRC (message)),
        error ? error->message : "", debug);
    gst_message_unref (message);
  }
}

/* Buffers arrive that have not been there before. */
static void
check_alive (GstElement * pipeline)
{
  GstElement *sink = launch_get (pipeline, "sink");
  const gint64 end = g_get_monotonic_time () + launch_usec (30.0);
  guint64 rendered = 0;

  gst_element_set_state (pipeline, GST_STATE_READY);
  check_bus (pipeline, TRUE);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (rendered < 3) {
    g_autoptr (GstStructure) stats = NULL;

    g_object_get (sink, "stats", &stats, NULL);
    fail_unless (gst_structure_get_uint64 (stats, "rendered", &rendered));
    check_bus (pipeline, FALSE);
    fail_unless (g_get_monotonic_time () < end, "nothing flows");
    g_usleep (1000);
  }
}

GST_START_TEST (states_at_random)
{
  static const GstState states[] = { GST_STATE_READY, GST_STATE_PAUSED,
    GST_STATE_PLAYING, GST_STATE_PLAYING
  };
  GstElement *pipeline = launch_new ("%s", pipelines[__i__].line);
  const guint n = rd_test_cycles (100);
  const guint32 seed = rd_test_seed ();
  GRand *random = g_rand_new_with_seed (seed);
  Disturber disturber = { pipeline, NULL, __i__, seed + 1000, FALSE };
  GThread *thread;

  if (pipelines[__i__].property)
    disturber.it = launch_get (pipeline, "it");
  thread = g_thread_new ("disturb", disturb, &disturber);
  for (guint i = 0; i < n; i++) {
    const GstState state = g_rand_int_range (random, 0, 16) == 0 ?
        GST_STATE_NULL : states[g_rand_int_range (random, 0, 4)];

    check_bus (pipeline, FALSE);
    fail_if (gst_element_set_state (pipeline, state) ==
        GST_STATE_CHANGE_FAILURE);
    check_bus (pipeline, state <= GST_STATE_READY);
    g_usleep (g_rand_int_range (random, 0, 4) ?
        g_rand_int_range (random, 0, 2000) :
        g_rand_int_range (random, 0, 30000));
  }
  g_atomic_int_set (&disturber.stop, TRUE);
  g_thread_join (thread);
  g_rand_free (random);
  check_alive (pipeline);
  launch_free (pipeline);
}

GST_END_TEST;

static void
wait_for (GstElement * pipeline, GstMessageType type)
{
  g_autoptr (GstMessage) message =
      launch_wait (pipeline, type | GST_MESSAGE_ERROR);

  fail_unless_equals_string (GST_MESSAGE_TYPE_NAME (message),
      gst_message_type_get_name (type));
}

/* As players do: the first seek flushes, the next ones follow without a gap. */
GST_START_TEST (segments_can_loop)
{
  GstElement *pipeline = launch_new ("%s", pipelines[__i__].line);
  GstSeekFlags flags = GST_SEEK_FLAG_SEGMENT | GST_SEEK_FLAG_FLUSH;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  wait_for (pipeline, GST_MESSAGE_ASYNC_DONE);
  for (guint i = 0; i < 4; i++) {
    fail_unless (gst_element_seek (pipeline, 1.0, GST_FORMAT_TIME, flags,
            GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET, 300 * GST_MSECOND));
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    wait_for (pipeline, GST_MESSAGE_SEGMENT_DONE);
    flags = GST_SEEK_FLAG_SEGMENT;
  }
  check_bus (pipeline, FALSE);
  launch_free (pipeline);
}

GST_END_TEST;

GST_START_TEST (it_ends_on_request)
{
  GstElement *pipeline = launch_new ("%s", pipelines[__i__].line);

  for (guint i = 0; i < 3; i++) {
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    /* one that still prerolls would wait for itself */
    fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
            launch_usec (30.0) * GST_USECOND), GST_STATE_CHANGE_SUCCESS);
    fail_unless (gst_element_send_event (pipeline, gst_event_new_eos ()));
    wait_for (pipeline, GST_MESSAGE_EOS);
    gst_element_set_state (pipeline, i == 1 ? GST_STATE_NULL : GST_STATE_READY);
  }
  launch_free (pipeline);
}

GST_END_TEST;

static void
ask_for_memory (const GValue * item, gpointer data)
{
  GstPad *pad = g_value_get_object (item);
  g_autoptr (GstQuery) query = gst_query_new_allocation (data, TRUE);

  gst_pad_query (pad, query);
}

static void
ask_sink_pads (const GValue * item, gpointer data)
{
  g_autoptr (GstIterator) pads =
      gst_element_iterate_sink_pads (g_value_get_object (item));

  gst_iterator_foreach (pads, ask_for_memory, data);
}

/* Queries come through where buffers do not: a source that is stopped last may
 * ask elements that were stopped before it. */
GST_START_TEST (it_may_be_asked_when_stopped)
{
  GstElement *pipeline = launch_new ("%s", pipelines[__i__].line);
  const GstState states[] = { GST_STATE_READY, GST_STATE_NULL };
  g_autoptr (GstCaps) caps = gst_caps_from_string ("video/x-raw,"
      "format=RGB,width=64,height=64,framerate=10/1");

  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    g_autoptr (GstIterator) elements =
        gst_bin_iterate_recurse (GST_BIN (pipeline));

    gst_element_set_state (pipeline, GST_STATE_PAUSED);
    wait_for (pipeline, GST_MESSAGE_ASYNC_DONE);
    gst_element_set_state (pipeline, states[i]);
    gst_iterator_foreach (elements, ask_sink_pads, caps);
    check_bus (pipeline, FALSE);
  }
  check_alive (pipeline);
  launch_free (pipeline);
}

GST_END_TEST;

static Suite *
torture_suite (void)
{
  Suite *suite = suite_create ("torture");
  TCase *peace = tcase_create ("peace");
  TCase *states = tcase_create ("states");

  suite_add_tcase (suite, peace);
  tcase_add_loop_test (peace, segments_can_loop, 0, G_N_ELEMENTS (pipelines));
  tcase_add_loop_test (peace, it_ends_on_request, 0, G_N_ELEMENTS (pipelines));
  tcase_add_loop_test (peace, it_may_be_asked_when_stopped, 0,
      G_N_ELEMENTS (pipelines));
  suite_add_tcase (suite, states);
  tcase_set_timeout (states, 120);
  tcase_add_loop_test (states, states_at_random, 0, G_N_ELEMENTS (pipelines));
  return suite;
}

GST_CHECK_MAIN (torture);
