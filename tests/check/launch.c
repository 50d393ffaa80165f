/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "launch.h"

#include <string.h>

#include "rdtest.h"

/* no test waits longer for a message that must come */
#define PATIENCE 30

/**
 * launch_usec:
 * @seconds: a time
 *
 * Returns: how many microseconds that is where everything takes longer, as
 *   under valgrind
 */
gint64
launch_usec (double seconds)
{
  const char *multiplier = g_getenv ("CK_TIMEOUT_MULTIPLIER");

  return seconds * G_USEC_PER_SEC *
      (multiplier ? g_ascii_strtod (multiplier, NULL) : 1.0);
}

static GstElement *
G_GNUC_PRINTF (1, 0)
parse (const char *format, va_list args)
{
  g_autofree char *models = rd_test_model_path (G_DIR_SEPARATOR_S);
  g_autofree char *data = rd_test_path (G_DIR_SEPARATOR_S);
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline;

  g_string_append_vprintf (line, format, args);
  g_string_replace (line, "MODELS/", models, 0);
  g_string_replace (line, "DATA/", data, 0);
  g_string_replace (line, "DEVICE", rd_test_device_name (), 0);
  pipeline = gst_parse_launch_full (line->str, NULL,
      GST_PARSE_FLAG_PLACE_IN_BIN | GST_PARSE_FLAG_FATAL_ERRORS, &error);
  fail_unless (error == NULL, "%s: %s", line->str, error ? error->message : "");
  if (!GST_IS_PIPELINE (pipeline)) {
    GstElement *bin = pipeline;

    pipeline = gst_pipeline_new (NULL);
    gst_bin_add (GST_BIN (pipeline), bin);
  }
  return gst_object_ref_sink (pipeline);
}

/**
 * launch_new:
 * @format: a launch line, with MODELS/ and DATA/ for the two folders and DEVICE
 *   for the device under test
 * @...: its arguments
 *
 * Returns: (transfer full): a pipeline, to be freed with launch_free()
 */
GstElement *
launch_new (const char *format, ...)
{
  GstElement *pipeline;
  va_list args;

  va_start (args, format);
  pipeline = parse (format, args);
  va_end (args);
  return pipeline;
}

/**
 * launch_free:
 * @pipeline: (transfer full): a pipeline
 */
void
launch_free (GstElement * pipeline)
{
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (pipeline);
}

/**
 * launch_get:
 * @pipeline: a pipeline
 * @name: an element's name
 *
 * Returns: (transfer none): the element
 */
GstElement *
launch_get (GstElement * pipeline, const char *name)
{
  GstElement *element = NULL;
  GstIterator *all = gst_bin_iterate_recurse (GST_BIN (pipeline));
  GValue value = G_VALUE_INIT;

  while (gst_iterator_next (all, &value) == GST_ITERATOR_OK) {
    if (strcmp (GST_OBJECT_NAME (g_value_get_object (&value)), name) == 0)
      element = g_value_get_object (&value);
    g_value_reset (&value);
  }
  g_value_unset (&value);
  gst_iterator_free (all);
  fail_unless (element != NULL, "no element %s", name);
  return element;
}

/**
 * launch_wait:
 * @pipeline: a pipeline
 * @types: what to wait for
 *
 * Returns: (transfer full): the first message of one of @types
 */
GstMessage *
launch_wait (GstElement * pipeline, GstMessageType types)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus,
      launch_usec (PATIENCE) * GST_USECOND, types);

  fail_unless (message != NULL, "no message");
  return message;
}

/* Returns: all messages up to the one that ends the run, which is the last */
static GPtrArray *
run_to_end (GstElement * pipeline)
{
  GPtrArray *messages =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_message_unref);
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  do {
    message = launch_wait (pipeline, GST_MESSAGE_ANY);
    g_ptr_array_add (messages, message);
  } while (GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS
      && GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR);
  return messages;
}

/**
 * launch_run:
 * @pipeline: a pipeline
 *
 * Plays it to its end, and leaves it in PLAYING.
 *
 * Returns: (transfer full) (element-type GstMessage): all messages
 */
GPtrArray *
launch_run (GstElement * pipeline)
{
  GPtrArray *messages = run_to_end (pipeline);
  GstMessage *last = g_ptr_array_index (messages, messages->len - 1);

  if (GST_MESSAGE_TYPE (last) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;
    g_autofree char *debug = NULL;

    gst_message_parse_error (last, &error, &debug);
    fail ("%s (%s)", error->message, debug);
  }
  return messages;
}

/**
 * launch_once:
 * @format: a launch line
 * @...: its arguments
 *
 * Plays a pipeline to its end.
 */
void
launch_once (const char *format, ...)
{
  GstElement *pipeline;
  va_list args;

  va_start (args, format);
  pipeline = parse (format, args);
  va_end (args);
  g_ptr_array_unref (launch_run (pipeline));
  launch_free (pipeline);
}

/**
 * launch_fail:
 * @pipeline: a pipeline
 * @domain: of the error that it must end with
 * @code: its code
 * @messages: (out) (optional): all messages up to a second after the error, as
 *   of launch_run()
 *
 * Returns: (transfer full): the error's text
 */
char *
launch_fail (GstElement * pipeline, GQuark domain, gint code,
    GPtrArray ** messages)
{
  g_autoptr (GPtrArray) all = run_to_end (pipeline);
  GstMessage *last = g_ptr_array_index (all, all->len - 1);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GError) error = NULL;
  char *text;

  fail_unless_equals_int (GST_MESSAGE_TYPE (last), GST_MESSAGE_ERROR);
  gst_message_parse_error (last, &error, NULL);
  fail_unless (g_error_matches (error, domain, code), "%s: %s, %d",
      error->message, g_quark_to_string (error->domain), error->code);
  while (messages != NULL
      && (last = gst_bus_timed_pop (bus, GST_SECOND)) != NULL)
    g_ptr_array_add (all, last);
  text = g_strdup (error->message);
  if (messages != NULL)
    *messages = g_steal_pointer (&all);
  return text;
}

/**
 * launch_check_error:
 * @domain: of the error that the pipeline must end with
 * @code: its code
 * @part: what its text must contain
 * @format: a launch line
 * @...: its arguments
 */
void
launch_check_error (GQuark domain, gint code, const char *part,
    const char *format, ...)
{
  g_autofree char *text = NULL;
  GstElement *pipeline;
  va_list args;

  va_start (args, format);
  pipeline = parse (format, args);
  va_end (args);
  text = launch_fail (pipeline, domain, code, NULL);
  launch_free (pipeline);
  fail_unless (strstr (text, part) != NULL, "%s", text);
}

/**
 * launch_check_one_error:
 * @domain: of the only error that the pipeline must post
 * @code: its code
 * @part: what its text must contain
 * @format: a launch line
 * @...: its arguments
 */
void
launch_check_one_error (GQuark domain, gint code, const char *part,
    const char *format, ...)
{
  g_autoptr (GPtrArray) messages = NULL;
  g_autofree char *text = NULL;
  GstElement *pipeline;
  guint n = 0;
  va_list args;

  va_start (args, format);
  pipeline = parse (format, args);
  va_end (args);
  text = launch_fail (pipeline, domain, code, &messages);
  for (guint i = 0; i < messages->len; i++)
    n += GST_MESSAGE_TYPE (messages->pdata[i]) == GST_MESSAGE_ERROR;
  fail_unless (strstr (text, part) != NULL, "%s: %s", format, text);
  fail_unless_equals_int (n, 1);
  launch_free (pipeline);
}

/**
 * launch_progress_list:
 * @messages: (element-type GstMessage): messages
 *
 * Returns: (transfer full): codes and types of the progress messages among
 *   them, and "ERROR" for error messages, as words
 */
char *
launch_progress_list (GPtrArray * messages)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < messages->len; i++) {
    GstMessage *message = g_ptr_array_index (messages, i);
    g_autofree char *code = NULL;
    GstProgressType type;

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      g_string_append (list, "ERROR ");
    if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_PROGRESS)
      continue;
    gst_message_parse_progress (message, &type, &code, NULL);
    g_string_append_printf (list, "%s-%s ", code,
        type == GST_PROGRESS_TYPE_START ? "start" :
        type == GST_PROGRESS_TYPE_CONTINUE ? "continue" :
        type == GST_PROGRESS_TYPE_COMPLETE ? "complete" :
        type == GST_PROGRESS_TYPE_CANCELED ? "canceled" : "error");
  }
  if (list->len > 0)
    g_string_truncate (list, list->len - 1);
  return g_string_free (g_steal_pointer (&list), FALSE);
}

/* Holds the thread that posts a certain progress message, so that a test can do
 * something while an element is at work. */
typedef struct
{
  const char *code;
  GMutex lock;
  GCond cond;
  gboolean reached;
  gboolean released;
} Hold;

static GstBusSyncReply
on_message (GstBus * bus, GstMessage * message, gpointer data)
{
  Hold *hold = data;
  g_autofree char *code = NULL;
  GstProgressType type;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_PROGRESS)
    return GST_BUS_PASS;
  gst_message_parse_progress (message, &type, &code, NULL);
  if (type != GST_PROGRESS_TYPE_START || strcmp (code, hold->code) != 0)
    return GST_BUS_PASS;
  g_mutex_lock (&hold->lock);
  hold->reached = TRUE;
  g_cond_broadcast (&hold->cond);
  while (!hold->released)
    g_cond_wait (&hold->cond, &hold->lock);
  g_mutex_unlock (&hold->lock);
  return GST_BUS_PASS;
}

static void
hold_wait (Hold * hold)
{
  const gint64 end = g_get_monotonic_time () + launch_usec (PATIENCE);

  g_mutex_lock (&hold->lock);
  while (!hold->reached)
    fail_unless (g_cond_wait_until (&hold->cond, &hold->lock, end),
        "nobody began to %s", hold->code);
  g_mutex_unlock (&hold->lock);
}

static gpointer
hold_release (gpointer data)
{
  Hold *hold = data;

  /* by now the caller waits for the one who is held */
  g_usleep (50000);
  g_mutex_lock (&hold->lock);
  hold->released = TRUE;
  g_cond_broadcast (&hold->cond);
  g_mutex_unlock (&hold->lock);
  return NULL;
}

/**
 * launch_check_cancel:
 * @element: the name of a filter in the pipeline
 * @code: of the progress message that begins what is called off
 * @stop: by setting the element to READY, instead of flushing it
 * @expected: what launch_progress_list() must begin with
 * @format: a launch line
 * @...: its arguments
 *
 * Has a filter begin some work, and calls it off before any is done. The filter
 * must give up at once, and close its progress.
 */
void
launch_check_cancel (const char *element, const char *code, gboolean stop,
    const char *expected, const char *format, ...)
{
  g_autoptr (GPtrArray) messages =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_message_unref);
  Hold hold = { code };
  GstElement *pipeline, *filter;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autofree char *list = NULL;
  GstMessage *message;
  GThread *thread;
  gint64 begin;
  va_list args;

  va_start (args, format);
  pipeline = parse (format, args);
  va_end (args);
  filter = launch_get (pipeline, element);
  pad = gst_element_get_static_pad (filter, "sink");
  bus = gst_element_get_bus (pipeline);
  g_mutex_init (&hold.lock);
  g_cond_init (&hold.cond);
  gst_bus_set_sync_handler (bus, on_message, &hold, NULL);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  hold_wait (&hold);
  thread = g_thread_new ("release", hold_release, &hold);
  begin = g_get_monotonic_time ();
  if (stop) {
    gst_element_set_locked_state (filter, TRUE);
    gst_element_set_state (filter, GST_STATE_READY);
  } else {
    fail_unless (gst_pad_send_event (pad, gst_event_new_flush_start ()));
    fail_unless (gst_pad_send_event (pad, gst_event_new_flush_stop (TRUE)));
  }
  fail_unless (g_get_monotonic_time () - begin < launch_usec (1.0));
  g_thread_join (thread);
  gst_element_set_locked_state (filter, FALSE);

  while ((message = gst_bus_pop (bus)) != NULL)
    g_ptr_array_add (messages, message);
  list = launch_progress_list (messages);
  fail_unless (g_str_has_prefix (list, expected), "%s", list);
  launch_free (pipeline);
  gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
  g_mutex_clear (&hold.lock);
  g_cond_clear (&hold.cond);
}
