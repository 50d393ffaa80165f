/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What every element does with the events around its buffers: gaps, the end of
 * a stream and the beginning of the next, other caps, flushes, a second run. */

#include <gst/check/gstharness.h>
#include <string.h>

#include "../launch.h"
#include "../rdtest.h"

#define LATENTS(dims) \
    "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)float32," \
    "dims=(int)<" dims ">,dims-order=(string)row-major,framerate=10/1"
#define PICTURES(width) \
    "video/x-raw,format=RGB,width=" width ",height=64,framerate=10/1"
#define FILES "application/x-safetensors,framerate=10/1"

typedef struct
{
  const char *element;
  const char *caps[2];          /* first and later */
  gsize size[2];                /* of buffers of these caps */
  GstFlowReturn without_caps;   /* what a buffer gets then */
} Subject;

static const Subject subjects[] = {
  {"latentencode", {PICTURES ("64"), PICTURES ("128")}, {64 * 64 * 3,
          128 * 64 * 3}, GST_FLOW_NOT_NEGOTIATED},
  {"latentdecode", {LATENTS ("1,4,8,8"), LATENTS ("1,4,8,16")}, {1024, 2048},
      GST_FLOW_NOT_NEGOTIATED},
  {"regionalsampler", {LATENTS ("1,4,8,8"), LATENTS ("1,4,8,16")}, {1024,
          2048}, GST_FLOW_ERROR},
  {"regionmeta", {PICTURES ("64"), PICTURES ("128")}, {64 * 64 * 3,
          128 * 64 * 3}, GST_FLOW_OK},
  {"safetensorsenc", {LATENTS ("1,4,8,8"), LATENTS ("1,4,8,16")}, {1024, 2048},
      GST_FLOW_NOT_NEGOTIATED},
  /* what latents a file has it says itself */
  {"safetensorsdec", {FILES, FILES}, {1024, 2048}, GST_FLOW_OK},
};

typedef struct
{
  const Subject *subject;
  GstBus *bus;
  GstHarness *h;
} Manners;

static void
manners_init (Manners * m, guint i)
{
  GstElement *element = gst_element_factory_make (subjects[i].element, NULL);
  GObjectClass *klass = G_OBJECT_GET_CLASS (element);

  m->subject = &subjects[i];
  m->bus = gst_bus_new ();
  if (g_object_class_find_property (klass, "model")) {
    g_autofree char *model = rd_test_path ("tiny-sd");

    g_object_set (element, "model", model, "device", rd_test_device_name (),
        "threads", 1, NULL);
  }
  if (g_object_class_find_property (klass, "steps"))
    g_object_set (element, "steps", 2, "prompt", "red", NULL);
  if (g_str_equal (m->subject->element, "regionmeta"))
    g_object_set (element, "regions", "red @0,0,1,1", NULL);
  gst_element_set_bus (element, m->bus);
  m->h = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
}

static void
manners_clear (Manners * m)
{
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (m->bus, GST_MESSAGE_ERROR);

  fail_unless (message == NULL, "%s: an error", m->subject->element);
  gst_element_set_bus (m->h->element, NULL);
  gst_harness_teardown (m->h);
  gst_object_unref (m->bus);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Manners, manners_clear);

/* A file as safetensorsenc writes it. */
static GstBuffer *
new_file (gsize size)
{
  g_autofree char *header =
      g_strdup_printf ("{\"latent_format_version_0\":{\"dtype\":\"F32\","
      "\"shape\":[0],\"data_offsets\":[0,0]},\"latent_tensor\":{\"dtype\":"
      "\"F32\",\"shape\":[1,4,8,%u],\"data_offsets\":[0,%u]}}",
      (guint) size / 128, (guint) size);
  const guint64 length = GUINT64_TO_LE ((guint64) strlen (header));
  GstBuffer *file = gst_buffer_new_memdup (&length, sizeof length);
  GstBuffer *data = gst_buffer_new_allocate (NULL, size, NULL);

  gst_buffer_memset (data, 0, 0, size);
  file = gst_buffer_append (file, gst_buffer_new_memdup (header,
          strlen (header)));
  return gst_buffer_append (file, data);
}

static GstBuffer *
new_buffer (Manners * m, guint which, GstClockTime time)
{
  const gsize size = m->subject->size[which];
  GstBuffer *buffer;

  if (g_str_equal (m->subject->element, "safetensorsdec")) {
    buffer = new_file (size);
  } else {
    buffer = gst_buffer_new_allocate (NULL, size, NULL);
    gst_buffer_memset (buffer, 0, 0, size);
  }
  GST_BUFFER_PTS (buffer) = time;
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 10;
  return buffer;
}

static void
send_caps (Manners * m, guint which)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (m->subject->caps[which]);

  fail_unless (gst_harness_push_event (m->h, gst_event_new_caps (caps)));
}

static void
send_segment (Manners * m, gdouble rate)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.rate = rate;
  segment.stop = 10 * GST_SECOND;
  fail_unless (gst_harness_push_event (m->h, gst_event_new_segment (&segment)));
}

static void
begin (Manners * m, guint which)
{
  static guint n;
  g_autofree char *id = g_strdup_printf ("stream-%u", n++);

  fail_unless (gst_harness_push_event (m->h, gst_event_new_stream_start (id)));
  send_caps (m, which);
  send_segment (m, 1.0);
}

static GstBuffer *
pass (Manners * m, guint which, GstClockTime time)
{
  GstBuffer *buffer;

  fail_unless_equals_int (gst_harness_push (m->h, new_buffer (m, which, time)),
      GST_FLOW_OK);
  buffer = gst_harness_pull (m->h);
  fail_unless (buffer != NULL, "%s: nothing came", m->subject->element);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), time);
  return buffer;
}

#define pass_one(m) gst_buffer_unref (pass (m, 0, 0))

/* Drops what comes before the event, of which one must come. */
static GstEvent *
wait_event (Manners * m, GstEventType type)
{
  GstEvent *event;

  while ((event = gst_harness_pull_event (m->h))) {
    if (GST_EVENT_TYPE (event) == type)
      return event;
    gst_event_unref (event);
  }
  fail ("%s: no %s", m->subject->element, gst_event_type_get_name (type));
  return NULL;
}

static guint
count_events (Manners * m, GstEventType type)
{
  GstEvent *event;
  guint n = 0;

  while ((event = gst_harness_try_pull_event (m->h))) {
    n += GST_EVENT_TYPE (event) == type;
    gst_event_unref (event);
  }
  return n;
}

GST_START_TEST (gaps_pass)
{
  g_auto (Manners) m = { NULL };
  g_autoptr (GstEvent) before = NULL, behind = NULL;
  GstClockTime time, duration;

  manners_init (&m, __i__);
  begin (&m, 0);
  fail_unless (gst_harness_push_event (m.h, gst_event_new_gap (GST_SECOND,
              GST_SECOND)));
  gst_buffer_unref (pass (&m, 0, 2 * GST_SECOND));
  fail_unless (gst_harness_push_event (m.h, gst_event_new_gap (3 * GST_SECOND,
              GST_SECOND)));
  before = wait_event (&m, GST_EVENT_GAP);
  gst_event_parse_gap (before, &time, &duration);
  fail_unless_equals_uint64 (time, GST_SECOND);
  behind = wait_event (&m, GST_EVENT_GAP);
  gst_event_parse_gap (behind, &time, &duration);
  fail_unless_equals_uint64 (time, 3 * GST_SECOND);
  fail_unless_equals_uint64 (duration, GST_SECOND);
}

GST_END_TEST;

/* GstAggregator has been able to since 1.24; before, a flush or another run is
 * needed. */
static gboolean
ends_for_good (Manners * m)
{
  return g_str_equal (m->subject->element, "regionalsampler")
      && !GST_CHECK_VERSION (1, 24, 0);
}

GST_START_TEST (streams_follow_each_other)
{
  g_auto (Manners) m = { NULL };

  manners_init (&m, __i__);
  if (ends_for_good (&m))
    return;
  for (guint i = 0; i < 4; i++) {
    begin (&m, 0);
    pass_one (&m);
    fail_unless (gst_harness_push_event (m.h, gst_event_new_eos ()));
    gst_event_unref (wait_event (&m, GST_EVENT_EOS));
    fail_unless_equals_int (gst_harness_push (m.h, new_buffer (&m, 0, 0)),
        GST_FLOW_EOS);
  }
}

GST_END_TEST;

GST_START_TEST (an_end_comes_once)
{
  g_auto (Manners) m = { NULL };

  manners_init (&m, __i__);
  begin (&m, 0);
  pass_one (&m);
  for (guint i = 0; i < 3; i++)
    gst_harness_push_event (m.h, gst_event_new_eos ());
  gst_event_unref (wait_event (&m, GST_EVENT_EOS));
  fail_unless_equals_int (count_events (&m, GST_EVENT_EOS), 0);
}

GST_END_TEST;

GST_START_TEST (other_caps_count_from_the_next_buffer_on)
{
  g_auto (Manners) m = { NULL };
  gsize sizes[2] = { 0, 0 };

  manners_init (&m, __i__);
  begin (&m, 0);
  for (guint i = 0; i < 6; i++) {
    const guint which = i / 2 % 2;
    g_autoptr (GstBuffer) buffer = NULL;

    send_caps (&m, which);
    buffer = pass (&m, which, i * GST_SECOND / 10);
    if (sizes[which] == 0)
      sizes[which] = gst_buffer_get_size (buffer);
    fail_unless_equals_uint64 (gst_buffer_get_size (buffer), sizes[which]);
  }
  fail_if (sizes[0] == sizes[1]);
}

GST_END_TEST;

GST_START_TEST (caps_may_come_late)
{
  g_auto (Manners) m = { NULL };
  const GstFlowReturn wanted = subjects[__i__].without_caps;
  GstFlowReturn flow;

  manners_init (&m, __i__);
  fail_unless (gst_harness_push_event (m.h, gst_event_new_stream_start ("a")));
  send_segment (&m, 1.0);
  flow = gst_harness_push (m.h, new_buffer (&m, 0, 0));
  if (wanted == GST_FLOW_OK) {
    fail_unless_equals_int (flow, GST_FLOW_OK);
    gst_buffer_unref (gst_harness_pull (m.h));
  } else if (wanted == GST_FLOW_ERROR) {
    /* said by the task that works */
    gst_message_unref (gst_bus_timed_pop_filtered (m.bus,
            launch_usec (30.0) * GST_USECOND, GST_MESSAGE_ERROR));
  } else {
    fail_unless_equals_int (flow, wanted);
  }
  gst_bus_set_flushing (m.bus, TRUE);
  gst_bus_set_flushing (m.bus, FALSE);
  gst_element_set_state (m.h->element, GST_STATE_READY);
  gst_element_set_state (m.h->element, GST_STATE_PLAYING);
  /* both ends forget the segment that was there before the caps */
  gst_pad_set_active (m.h->srcpad, FALSE);
  gst_pad_set_active (m.h->srcpad, TRUE);
  gst_pad_set_active (m.h->sinkpad, FALSE);
  gst_pad_set_active (m.h->sinkpad, TRUE);
  begin (&m, 0);
  pass_one (&m);
}

GST_END_TEST;

GST_START_TEST (a_second_run_is_like_the_first)
{
  g_auto (Manners) m = { NULL };
  g_autoptr (GstBuffer) expected = NULL;
  GstMapInfo map;

  manners_init (&m, __i__);
  begin (&m, 0);
  expected = pass (&m, 0, 0);
  fail_unless (gst_buffer_map (expected, &map, GST_MAP_READ));
  for (guint i = 0; i < 4; i++) {
    g_autoptr (GstBuffer) again = NULL;

    /* what is between has no part in it */
    send_caps (&m, 1);
    gst_buffer_unref (pass (&m, 1, GST_SECOND));
    gst_element_set_state (m.h->element, i % 2 ? GST_STATE_READY :
        GST_STATE_NULL);
    gst_element_set_state (m.h->element, GST_STATE_PLAYING);
    begin (&m, 0);
    again = pass (&m, 0, 0);
    fail_unless_equals_uint64 (gst_buffer_get_size (again), map.size);
    fail_unless (gst_buffer_memcmp (again, 0, map.data, map.size) == 0);
  }
  gst_buffer_unmap (expected, &map);
}

GST_END_TEST;

GST_START_TEST (segments_pass)
{
  g_auto (Manners) m = { NULL };
  const gdouble rates[] = { 1.0, -1.0, 2.0 };

  manners_init (&m, __i__);
  begin (&m, 0);
  for (guint i = 0; i < G_N_ELEMENTS (rates); i++) {
    const GstSegment *segment;
    g_autoptr (GstEvent) event = NULL;

    send_segment (&m, rates[i]);
    gst_buffer_unref (pass (&m, 0, GST_SECOND));
    event = gst_pad_get_sticky_event (m.h->sinkpad, GST_EVENT_SEGMENT, 0);
    gst_event_parse_segment (event, &segment);
    fail_unless_equals_float (segment->rate, rates[i]);
    fail_unless_equals_uint64 (segment->stop, 10 * GST_SECOND);
  }
}

GST_END_TEST;

/* Also if they came before anything could pass. */
GST_START_TEST (tags_pass)
{
  g_auto (Manners) m = { NULL };
  g_autoptr (GstEvent) event = NULL;
  g_autofree gchar *title = NULL;
  GstTagList *tags;

  manners_init (&m, __i__);
  begin (&m, 0);
  fail_unless (gst_harness_push_event (m.h, gst_event_new_tag
          (gst_tag_list_new (GST_TAG_TITLE, "a title", NULL))));
  fail_unless (gst_harness_push_event (m.h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (m.h, gst_event_new_flush_stop (TRUE)));
  send_segment (&m, 1.0);
  pass_one (&m);
  event = gst_pad_get_sticky_event (m.h->sinkpad, GST_EVENT_TAG, 0);
  fail_unless (event != NULL);
  gst_event_parse_tag (event, &tags);
  fail_unless (gst_tag_list_get_string (tags, GST_TAG_TITLE, &title));
  fail_unless_equals_string (title, "a title");
}

GST_END_TEST;

GST_START_TEST (it_goes_on_after_a_flush)
{
  g_auto (Manners) m = { NULL };

  manners_init (&m, __i__);
  begin (&m, 0);
  for (guint i = 0; i < 4; i++) {
    pass_one (&m);
    /* also behind an end */
    if (i % 2)
      fail_unless (gst_harness_push_event (m.h, gst_event_new_eos ()));
    fail_unless (gst_harness_push_event (m.h, gst_event_new_flush_start ()));
    fail_unless_equals_int (gst_harness_push (m.h, new_buffer (&m, 0, 0)),
        GST_FLOW_FLUSHING);
    fail_unless (gst_harness_push_event (m.h, gst_event_new_flush_stop (TRUE)));
    send_segment (&m, 1.0);
  }
  fail_unless_equals_int (count_events (&m, GST_EVENT_FLUSH_STOP), 4);
  pass_one (&m);
}

GST_END_TEST;

static gboolean
accepts (GstPad * pad, const char *text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  return gst_pad_query_accept_caps (pad, caps);
}

/* Before and after anything has passed: what can come and what cannot. */
GST_START_TEST (caps_queries_are_answered)
{
  g_auto (Manners) m = { NULL };
  const char *names[] = { "sink", "src" };
  g_autoptr (GstPad) sink = NULL;

  manners_init (&m, __i__);
  sink = gst_element_get_static_pad (m.h->element, "sink");
  for (guint i = 0; i < 2; i++) {
    for (guint j = 0; j < G_N_ELEMENTS (names); j++) {
      g_autoptr (GstPad) pad =
          gst_element_get_static_pad (m.h->element, names[j]);
      g_autoptr (GstCaps) all = gst_pad_get_pad_template_caps (pad);
      g_autoptr (GstCaps) caps = gst_pad_query_caps (pad, NULL);
      g_autoptr (GstCaps) none = gst_caps_new_empty_simple ("text/x-raw");
      g_autoptr (GstCaps) filtered = gst_pad_query_caps (pad, none);

      fail_if (gst_caps_is_empty (caps));
      fail_unless (gst_caps_is_subset (caps, all));
      fail_unless_equals_int (gst_caps_is_empty (filtered),
          !gst_caps_is_any (all));
    }
    fail_unless (accepts (sink, m.subject->caps[0]));
    fail_unless (accepts (sink, m.subject->caps[1]));
    fail_unless_equals_int (accepts (sink, "text/x-raw"),
        g_str_equal (m.subject->element, "regionmeta"));
    begin (&m, i);
    gst_buffer_unref (pass (&m, i, 0));
  }
}

GST_END_TEST;

/* And that something else may be taken now does no harm. */
GST_START_TEST (events_go_upstream)
{
  g_auto (Manners) m = { NULL };
  GstEvent *event;
  gboolean found = FALSE;

  manners_init (&m, __i__);
  begin (&m, 0);
  for (guint i = 0; i < 3; i++) {
    pass_one (&m);
    gst_harness_push_upstream_event (m.h, gst_event_new_reconfigure ());
  }
  pass_one (&m);
  fail_unless (gst_harness_push_upstream_event (m.h,
          gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
              gst_structure_new_empty ("hello"))));
  while (!found && (event = gst_harness_try_pull_upstream_event (m.h))) {
    found = gst_event_has_name (event, "hello");
    gst_event_unref (event);
  }
  fail_unless (found);
}

GST_END_TEST;

static Suite *
manners_suite (void)
{
  Suite *suite = suite_create ("manners");
  TCase *events = tcase_create ("events");
  const int n = G_N_ELEMENTS (subjects);

  suite_add_tcase (suite, events);
  tcase_add_loop_test (events, gaps_pass, 0, n);
  tcase_add_loop_test (events, streams_follow_each_other, 0, n);
  tcase_add_loop_test (events, an_end_comes_once, 0, n);
  tcase_add_loop_test (events, other_caps_count_from_the_next_buffer_on, 0, n);
  tcase_add_loop_test (events, caps_may_come_late, 0, n);
  tcase_add_loop_test (events, a_second_run_is_like_the_first, 0, n);
  tcase_add_loop_test (events, segments_pass, 0, n);
  tcase_add_loop_test (events, tags_pass, 0, n);
  tcase_add_loop_test (events, caps_queries_are_answered, 0, n);
  tcase_add_loop_test (events, events_go_upstream, 0, n);
  tcase_add_loop_test (events, it_goes_on_after_a_flush, 0, n);
  return suite;
}

GST_CHECK_MAIN (manners);
