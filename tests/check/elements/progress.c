/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Progress messages, cancellation and error messages, as elements use them. */

#include <string.h>

#include "common/gstlatentcanceltoken.h"
#include "common/gstlatenterror.h"
#include "common/gstlatentprogress.h"
#include "../launch.h"

static GstElement *
new_element (GstBus ** bus)
{
  GstElement *element = gst_element_factory_make ("identity", NULL);

  *bus = gst_bus_new ();
  gst_element_set_bus (element, *bus);
  return element;
}

static void
free_element (GstElement * element, GstBus * bus)
{
  gst_element_set_bus (element, NULL);
  gst_object_unref (element);
  gst_object_unref (bus);
}

/* Returns: (transfer full): as of launch_progress_list(), of all on @bus */
static char *
take_list (GstBus * bus)
{
  g_autoptr (GPtrArray) messages =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_message_unref);
  GstMessage *message;

  while ((message = gst_bus_pop (bus)) != NULL)
    g_ptr_array_add (messages, message);
  return launch_progress_list (messages);
}

static void
check_list (GstBus * bus, const char *wanted)
{
  g_autofree char *list = take_list (bus);

  fail_unless_equals_string (list, wanted);
}

static RdProgress
at (guint step, guint region, double fraction)
{
  return (RdProgress) {
  step, 20, region, 3, fraction, 14.5 - step};
}

GST_START_TEST (test_fields)
{
  GstBus *bus;
  GstElement *element = new_element (&bus);
  GstLatentProgress progress = GST_LATENT_PROGRESS_INIT;
  const RdProgress begin = at (0, 0, 0.0), middle = at (12, 2, 0.625);
  g_autoptr (GstMessage) start = NULL;
  g_autoptr (GstMessage) message = NULL;
  const GstStructure *s;
  g_autofree char *text = NULL;
  GstProgressType type;
  guint step, steps, region, regions;
  guint64 job, elapsed, eta;
  GstClockTime pts;
  double sigma;
  gint percent;

  gst_latent_progress_begin_job (&progress, element, "sample", 40 * GST_MSECOND,
      7, 0, &begin);
  g_usleep (20000);
  gst_latent_progress_update (&progress, &middle);
  gst_latent_progress_complete (&progress);

  start = gst_bus_pop_filtered (bus, GST_MESSAGE_PROGRESS);
  /* nothing is known of when it will end */
  fail_if (gst_structure_has_field (gst_message_get_structure (start),
          "eta-ms"));
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_PROGRESS);
  gst_message_parse_progress (message, &type, NULL, &text);
  fail_unless_equals_int (type, GST_PROGRESS_TYPE_CONTINUE);
  fail_unless_equals_string (text, "step 12/20, region 2/3");
  s = gst_message_get_structure (message);
  fail_unless (gst_structure_get (s, "percent", G_TYPE_INT, &percent,
          "step", G_TYPE_UINT, &step, "steps", G_TYPE_UINT, &steps,
          "region", G_TYPE_UINT, &region, "regions", G_TYPE_UINT, &regions,
          "sigma", G_TYPE_DOUBLE, &sigma, "job", G_TYPE_UINT64, &job,
          "pts", GST_TYPE_CLOCK_TIME, &pts,
          "elapsed-ms", G_TYPE_UINT64, &elapsed,
          "eta-ms", G_TYPE_UINT64, &eta, NULL));
  fail_unless (percent == 62 && step == 12 && steps == 20 && region == 2
      && regions == 3 && sigma == 2.5 && job == 7 && pts == 40 * GST_MSECOND);
  fail_unless (elapsed >= 20 && eta * 5 >= elapsed * 2
      && eta * 5 <= (elapsed + 1) * 3 + 5);
  free_element (element, bus);
}

GST_END_TEST;

GST_START_TEST (test_interval)
{
  GstBus *bus;
  GstElement *element = new_element (&bus);
  GstLatentProgress progress = GST_LATENT_PROGRESS_INIT;
  const RdProgress begin = at (0, 0, 0.0), last = at (20, 0, 1.0);

  /* only what must never be dropped */
  gst_latent_progress_begin_job (&progress, element, "sample",
      GST_CLOCK_TIME_NONE, 0, G_MAXINT, &begin);
  for (guint i = 1; i < 20; i++) {
    const RdProgress counters = at (i, 0, i / 20.0);

    gst_latent_progress_update (&progress, &counters);
  }
  gst_latent_progress_update (&progress, &last);
  gst_latent_progress_update (&progress, &last);
  gst_latent_progress_complete (&progress);
  check_list (bus, "sample-start sample-continue sample-complete");

  /* the first that comes after the interval */
  gst_latent_progress_begin_job (&progress, element, "sample",
      GST_CLOCK_TIME_NONE, 0, 50, &begin);
  for (guint i = 1; i < 20; i++) {
    const RdProgress counters = at (i, 0, i / 20.0);

    if (i == 10)
      g_usleep (60000);
    gst_latent_progress_update (&progress, &counters);
  }
  gst_latent_progress_complete (&progress);
  check_list (bus, "sample-start sample-continue sample-complete");
  free_element (element, bus);
}

GST_END_TEST;

GST_START_TEST (test_never_falls)
{
  GstBus *bus;
  GstElement *element = new_element (&bus);
  GstLatentProgress progress = GST_LATENT_PROGRESS_INIT;
  const double fractions[] = { 0.5, 0.25, 2.0, -1.0 };
  const gint wanted[] = { 0, 50, 50, 100, 100, 100 };
  const RdProgress begin = at (0, 0, 0.0);
  guint i;

  gst_latent_progress_begin_job (&progress, element, "sample",
      GST_CLOCK_TIME_NONE, 0, 0, &begin);
  for (i = 0; i < G_N_ELEMENTS (fractions); i++) {
    const RdProgress counters = at (1, 0, fractions[i]);

    gst_latent_progress_update (&progress, &counters);
  }
  gst_latent_progress_complete (&progress);
  for (i = 0; i < G_N_ELEMENTS (wanted); i++) {
    g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus,
        GST_MESSAGE_PROGRESS);
    gint percent;

    fail_unless (gst_structure_get_int (gst_message_get_structure (message),
            "percent", &percent));
    fail_unless_equals_int (percent, wanted[i]);
  }
  free_element (element, bus);
}

GST_END_TEST;

static GstFlowReturn
work (GstElement * element, const GError * error)
{
  g_auto (GstLatentProgress) progress = GST_LATENT_PROGRESS_INIT;

  gst_latent_progress_begin (&progress, element, "load", "loading %d", 3);
  return gst_latent_progress_end (&progress, error);
}

static void
forget (GstElement * element)
{
  g_auto (GstLatentProgress) progress = GST_LATENT_PROGRESS_INIT;

  gst_latent_progress_begin (&progress, element, "load", "loading");
}

GST_START_TEST (test_ends)
{
  GstBus *bus;
  GstElement *element = new_element (&bus);
  g_autoptr (GError) cancelled = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, "cancelled");
  g_autoptr (GError) failed = g_error_new_literal (RD_ERROR, RD_ERROR_SHAPE,
      "too large");

  fail_unless_equals_int (work (element, NULL), GST_FLOW_OK);
  check_list (bus, "load-start load-complete");
  fail_unless_equals_int (work (element, cancelled), GST_FLOW_FLUSHING);
  check_list (bus, "load-start load-canceled");
  fail_unless_equals_int (work (element, failed), GST_FLOW_EOS);
  check_list (bus, "load-start ERROR load-error");
  forget (element);
  check_list (bus, "load-start load-canceled");
  free_element (element, bus);
}

GST_END_TEST;

GST_START_TEST (test_errors)
{
  const struct
  {
    GQuark domain;
    gint code;
    GQuark gst_domain;
    gint gst_code;
  } cases[] = {
    {RD_ERROR, RD_ERROR_FAILED, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED},
    {RD_ERROR, RD_ERROR_INVALID, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT},
    {RD_ERROR, RD_ERROR_NOT_FOUND, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_NOT_FOUND},
    {RD_ERROR, RD_ERROR_SETTINGS, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_SETTINGS},
    {RD_ERROR, RD_ERROR_SHAPE, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT},
    {RD_ERROR, RD_ERROR_NO_MEMORY, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_NO_SPACE_LEFT},
    {G_FILE_ERROR, G_FILE_ERROR_NOENT, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_NOT_FOUND},
    {G_FILE_ERROR, G_FILE_ERROR_ACCES, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_READ},
    {G_IO_ERROR, G_IO_ERROR_FAILED, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_READ},
    {G_MARKUP_ERROR, 0, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED},
  };
  GstBus *bus;
  GstElement *element = new_element (&bus);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = g_error_new_literal (cases[i].domain,
        cases[i].code, "50% of it");
    g_autoptr (GError) posted = NULL;
    g_autoptr (GstMessage) message = NULL;
    g_autofree char *debug = NULL;
    g_autofree char *code = g_strdup_printf ("%s, code %d;",
        g_quark_to_string (cases[i].domain), cases[i].code);

    fail_unless_equals_int (gst_latent_error_flow (element, error),
        GST_FLOW_EOS);
    message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
    gst_message_parse_error (message, &posted, &debug);
    fail_unless (strstr (debug, code) != NULL, "%s", debug);
    fail_unless (g_error_matches (posted, cases[i].gst_domain,
            cases[i].gst_code), "%u", i);
    fail_unless_equals_string (posted->message, "50% of it");
  }
  free_element (element, bus);
}

GST_END_TEST;

/* Returns: (transfer full): the debug text of the error or warning on @bus */
static char *
take_debug (GstBus * bus)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus,
      GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
  char *debug = NULL;

  fail_unless (message != NULL);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, NULL, &debug);
  else
    gst_message_parse_warning (message, NULL, &debug);
  return debug;
}

static void
check_text (const char *debug, const char *function, int line, const char *part)
{
  g_autofree char *place = g_strdup_printf ("progress.c(%d): %s ():", line,
      function);

  fail_unless (strstr (debug, place) != NULL, "%s: no %s", debug, place);
  fail_unless (strstr (debug, part) != NULL, "%s: no %s", debug, part);
}

/* Where a message was posted, what was being done, and which settings of the
 * element are not at their defaults. */
GST_START_TEST (test_debug_texts)
{
  GstBus *bus;
  GstElement *element = new_element (&bus);
  GstLatentProgress progress = GST_LATENT_PROGRESS_INIT;
  const RdProgress middle = at (12, 2, 0.625);
  g_autoptr (GError) error = g_error_new_literal (RD_ERROR, RD_ERROR_SHAPE,
      "too large");
  g_autofree char *plain = NULL;
  g_autofree char *set = NULL;
  g_autofree char *failed = NULL;
  g_autofree char *ended = NULL;
  g_autofree char *without = NULL;
  int line;

  line = __LINE__ + 1;
  gst_latent_error_post (element, error);
  plain = take_debug (bus);
  check_text (plain, __func__, line, "settings: all at their defaults");

  g_object_set (element, "sleep-time", 5, "silent", FALSE, NULL);
  line = __LINE__ + 1;
  gst_latent_error_flow (element, error);
  set = take_debug (bus);
  check_text (set, __func__, line, "settings: ");
  fail_unless (strstr (set, "sleep-time=5") && strstr (set, "silent=false"),
      "%s", set);
  fail_if (strstr (set, "name="), "%s", set);

  gst_latent_progress_begin_job (&progress, element, "sample",
      40 * GST_MSECOND, 7, 0, &middle);
  line = __LINE__ + 1;
  gst_latent_progress_fail (&progress, error);
  failed = take_debug (bus);
  check_text (failed, __func__, line, "; while sample of job 7, step 12 of "
      "20, pts 0:00:00.040000000; ");

  gst_latent_progress_begin (&progress, element, "load", "loading %d", 3);
  line = __LINE__ + 1;
  gst_latent_progress_end (&progress, error);
  ended = take_debug (bus);
  check_text (ended, __func__, line, "; while load (loading 3); ");

  gst_latent_progress_begin (&progress, element, "preview", "loading");
  line = __LINE__ + 1;
  gst_latent_progress_do_without (&progress, error, "no %s", "previews");
  without = take_debug (bus);
  check_text (without, __func__, line, "; while preview (loading); ");
  free_element (element, bus);
}

GST_END_TEST;

/* A setting of any length is cut, between letters. */
GST_START_TEST (test_long_settings)
{
  GstElement *element = gst_element_factory_make ("filesrc", NULL);
  g_autoptr (GString) location = g_string_new ("/");
  g_autoptr (GError) error = g_error_new_literal (RD_ERROR, RD_ERROR_SHAPE,
      "too large");
  g_autofree char *debug = NULL;

  for (guint i = 0; i < 500; i++)
    g_string_append (location, "\303\244");
  g_object_set (element, "location", location->str, NULL);
  debug = gst_latent_error_describe (element, error, NULL);
  fail_unless (strlen (debug) < 400 && g_str_has_suffix (debug, "..."), "%s",
      debug);
  fail_unless (g_utf8_validate (debug, -1, NULL));
  gst_object_unref (element);
}

GST_END_TEST;

GST_START_TEST (test_cancel_token)
{
  GstLatentCancelToken token;
  GCancellable *first, *second;

  gst_latent_cancel_token_init (&token);
  first = gst_latent_cancel_token_get (&token);
  fail_if (g_cancellable_is_cancelled (first));

  /* until both reasons are gone */
  gst_latent_cancel_token_set (&token, GST_LATENT_CANCEL_FLUSH);
  gst_latent_cancel_token_set (&token, GST_LATENT_CANCEL_INACTIVE);
  fail_unless (g_cancellable_is_cancelled (first));
  gst_latent_cancel_token_unset (&token, GST_LATENT_CANCEL_FLUSH);
  second = gst_latent_cancel_token_get (&token);
  fail_unless (g_cancellable_is_cancelled (second));
  g_object_unref (second);
  gst_latent_cancel_token_unset (&token, GST_LATENT_CANCEL_INACTIVE);

  /* what was cancelled stays so */
  second = gst_latent_cancel_token_get (&token);
  fail_if (g_cancellable_is_cancelled (second));
  fail_unless (g_cancellable_is_cancelled (first));

  /* a reason that is not there can go */
  gst_latent_cancel_token_unset (&token, GST_LATENT_CANCEL_SEEK);
  fail_if (g_cancellable_is_cancelled (second));
  g_object_unref (first);
  first = gst_latent_cancel_token_get (&token);
  fail_unless (first == second);
  g_object_unref (first);
  g_object_unref (second);
  gst_latent_cancel_token_clear (&token);
}

GST_END_TEST;

static Suite *
progress_suite (void)
{
  Suite *s = suite_create ("progress");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_fields);
  tcase_add_test (tc, test_interval);
  tcase_add_test (tc, test_never_falls);
  tcase_add_test (tc, test_ends);
  tcase_add_test (tc, test_errors);
  tcase_add_test (tc, test_debug_texts);
  tcase_add_test (tc, test_long_settings);
  tcase_add_test (tc, test_cancel_token);
  return s;
}

GST_CHECK_MAIN (progress);
