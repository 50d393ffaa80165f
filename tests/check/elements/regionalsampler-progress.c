/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What regionalsampler says while it works. */

#include <string.h>

#include "../samplertest.h"

typedef struct
{
  GstProgressType type;
  char *code;
  char *text;
  GstStructure *fields;
} Report;

static void
report_free (Report * report)
{
  g_free (report->code);
  g_free (report->text);
  gst_structure_free (report->fields);
  g_free (report);
}

/* Collects what is posted, as it is posted. */
static GstBusSyncReply
collect (GstBus * bus, GstMessage * message, gpointer user_data)
{
  Report *report;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_PROGRESS)
    return GST_BUS_PASS;
  report = g_new0 (Report, 1);
  gst_message_parse_progress (message, &report->type, &report->code,
      &report->text);
  report->fields = gst_structure_copy (gst_message_get_structure (message));
  g_ptr_array_add (user_data, report);
  return GST_BUS_PASS;
}

static GPtrArray *
collector_new (SamplerTest * test)
{
  GPtrArray *reports =
      g_ptr_array_new_with_free_func ((GDestroyNotify) report_free);

  gst_bus_set_sync_handler (test->bus, collect, reports, NULL);
  return reports;
}

static guint
get_uint (const Report * report, const char *field)
{
  guint value = 0;

  fail_unless (gst_structure_get_uint (report->fields, field, &value), "%s",
      field);
  return value;
}

static guint64
get_uint64 (const Report * report, const char *field)
{
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (report->fields, field, &value), "%s",
      field);
  return value;
}

static gint
get_percent (const Report * report)
{
  gint value = -1;

  fail_unless (gst_structure_get_int (report->fields, "percent", &value));
  return value;
}

static guint
count (GPtrArray * reports, const char *code, GstProgressType type)
{
  guint n = 0;

  for (guint i = 0; i < reports->len; i++) {
    const Report *report = reports->pdata[i];

    n += report->type == type && g_str_equal (report->code, code);
  }
  return n;
}

/* Every START is closed before the next, or gst-launch hangs. */
static void
check_closed (GPtrArray * reports)
{
  const Report *open = NULL;

  for (guint i = 0; i < reports->len; i++) {
    const Report *report = reports->pdata[i];

    if (report->type == GST_PROGRESS_TYPE_START) {
      fail_unless (open == NULL, "%s inside %s", report->text,
          open ? open->text : "");
      open = report;
      continue;
    }
    fail_unless (open != NULL && g_str_equal (open->code, report->code),
        "%s", report->text);
    if (report->type != GST_PROGRESS_TYPE_CONTINUE)
      open = NULL;
  }
  fail_unless (open == NULL);
}

#define TWO_REGIONS "regions=\"red @0,0,0.5,1 | green @0.75,0.5,0.25,0.5\""

GST_START_TEST (every_pass_is_reported)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GPtrArray) reports = NULL;
  gboolean seen = FALSE;
  guint last_step = 0;
  gint last_percent = 0;
  gdouble last_sigma = G_MAXDOUBLE;
  guint64 last_elapsed = 0;

  sampler_test_init (&test, "mode=sequential steps=3 progress-interval=0 "
      TWO_REGIONS);
  reports = collector_new (&test);
  gst_harness_push (test.latents, sampler_latent_new (5 * GST_SECOND));
  g_free (sampler_test_pull (&test));
  check_closed (reports);
  fail_unless_equals_int (count (reports, "sample", GST_PROGRESS_TYPE_START),
      1);
  /* base and two regions, in three steps, and the end */
  fail_unless_equals_int (count (reports, "sample",
          GST_PROGRESS_TYPE_CONTINUE), 10);
  fail_unless_equals_int (count (reports, "sample",
          GST_PROGRESS_TYPE_COMPLETE), 1);

  for (guint i = 0; i < reports->len; i++) {
    const Report *report = reports->pdata[i];
    guint64 pts = 0;
    gdouble sigma;

    if (!g_str_equal (report->code, "sample"))
      continue;
    fail_unless_equals_int (get_uint (report, "steps"), 3);
    fail_unless_equals_int (get_uint (report, "regions"), 2);
    fail_unless_equals_uint64 (get_uint64 (report, "job"), 1);
    fail_unless (gst_structure_get_clock_time (report->fields, "pts", &pts));
    fail_unless_equals_uint64 (pts, 5 * GST_SECOND);
    fail_unless (get_uint (report, "region") <= 2);
    fail_unless (get_uint (report, "step") >= last_step);
    last_step = get_uint (report, "step");
    fail_unless (get_uint64 (report, "elapsed-ms") >= last_elapsed);
    last_elapsed = get_uint64 (report, "elapsed-ms");
    fail_unless (get_percent (report) >= last_percent);
    last_percent = get_percent (report);
    fail_unless (gst_structure_get_double (report->fields, "sigma", &sigma));
    if (report->type == GST_PROGRESS_TYPE_CONTINUE) {
      fail_unless (sigma <= last_sigma);
      last_sigma = sigma;
      if (last_percent > 0)
        get_uint64 (report, "eta-ms");
    }
    seen |= g_str_equal (report->text, "step 1/3, region 2/2");
  }
  fail_unless (seen, "no text for a region");
  fail_unless_equals_int (last_step, 3);
  fail_unless_equals_int (last_percent, 100);
}

GST_END_TEST;

/* A run that is one step to the core says how far in the schedule it is. */
static void
check_own_grid (const char *properties, guint steps)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GPtrArray) reports = NULL;
  guint last_step = 0, n_steps = 0;
  gint last_percent = 0;

  sampler_test_init (&test, properties);
  reports = collector_new (&test);
  gst_harness_push (test.latents, sampler_latent_new (0));
  g_free (sampler_test_pull (&test));
  check_closed (reports);
  /* with every evaluation, and at the end */
  fail_unless_equals_uint64 (count (reports, "sample",
          GST_PROGRESS_TYPE_CONTINUE), sampler_stat (test.element,
          "evaluations") + 1);
  for (guint i = 0; i < reports->len; i++) {
    const Report *report = reports->pdata[i];

    if (!g_str_equal (report->code, "sample"))
      continue;
    fail_unless_equals_int (get_uint (report, "steps"), steps);
    fail_unless (get_uint (report, "step") >= last_step);
    n_steps += get_uint (report, "step") > last_step;
    last_step = get_uint (report, "step");
    fail_unless (get_percent (report) >= last_percent);
    last_percent = get_percent (report);
  }
  fail_unless (n_steps >= 3, "%u", n_steps);
  fail_unless_equals_int (last_step, steps);
  fail_unless_equals_int (last_percent, 100);
}

GST_START_TEST (own_grids_are_reported)
{
  check_own_grid ("sampler=dpm_fast steps=8 progress-interval=0", 8);
  check_own_grid ("sampler=dpm_adaptive steps=5 progress-interval=0", 5);
}

GST_END_TEST;

GST_START_TEST (models_are_loaded_once)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GPtrArray) reports = NULL;
  const Report *last;

  sampler_test_init (&test, "");
  reports = collector_new (&test);
  g_free (sampler_test_run (&test));
  g_free (sampler_test_run (&test));
  check_closed (reports);
  /* text encoder and UNet */
  fail_unless_equals_int (count (reports, "load", GST_PROGRESS_TYPE_START), 2);
  fail_unless_equals_int (count (reports, "load", GST_PROGRESS_TYPE_COMPLETE),
      2);
  last = reports->pdata[reports->len - 1];
  fail_unless_equals_string (last->code, "sample");
  fail_unless_equals_uint64 (get_uint64 (last, "job"), 2);
}

GST_END_TEST;

/* Nor again where a property is set to what it is, or away and back. */
GST_START_TEST (models_stay_until_they_change)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GPtrArray) reports = NULL;
  g_autofree char *model = NULL;

  sampler_test_init (&test, "");
  reports = collector_new (&test);
  g_free (sampler_test_run (&test));
  g_object_get (test.element, "model", &model, NULL);
  g_object_set (test.element, "model", model, NULL);
  g_free (sampler_test_run (&test));
  g_object_set (test.element, "model", "/nowhere", "threads", 2, NULL);
  g_object_set (test.element, "model", model, "threads", 1, NULL);
  g_free (sampler_test_run (&test));
  fail_unless_equals_int (count (reports, "load", GST_PROGRESS_TYPE_START), 2);
  g_object_set (test.element, "threads", 2, NULL);
  g_free (sampler_test_run (&test));
  fail_unless_equals_int (count (reports, "load", GST_PROGRESS_TYPE_START), 4);
}

GST_END_TEST;

GST_START_TEST (messages_can_be_few)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GPtrArray) reports = NULL;

  sampler_test_init (&test, "steps=10 progress-interval=1000000");
  reports = collector_new (&test);
  g_free (sampler_test_run (&test));
  check_closed (reports);
  /* the first and the last are never left out */
  fail_unless_equals_int (count (reports, "sample", GST_PROGRESS_TYPE_START),
      1);
  fail_unless_equals_int (count (reports, "sample",
          GST_PROGRESS_TYPE_CONTINUE), 1);
  fail_unless_equals_int (count (reports, "sample",
          GST_PROGRESS_TYPE_COMPLETE), 1);
}

GST_END_TEST;

/* A sink that waits for progress to end must not wait for its buffer. */
static GstPadProbeReturn
check_before_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GPtrArray *reports = user_data;
  const Report *last = reports->pdata[reports->len - 1];

  fail_unless_equals_int (last->type, GST_PROGRESS_TYPE_COMPLETE);
  fail_unless_equals_string (last->code, "sample");
  return GST_PAD_PROBE_OK;
}

GST_START_TEST (it_is_complete_before_the_buffer)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GPtrArray) reports = NULL;
  g_autoptr (GstPad) pad = NULL;

  sampler_test_init (&test, "");
  reports = collector_new (&test);
  pad = gst_element_get_static_pad (test.element, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, check_before_buffer,
      reports, NULL);
  g_free (sampler_test_run (&test));
}

GST_END_TEST;

/* An error message comes first, then the progress is closed. */
GST_START_TEST (a_failure_closes_it)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GPtrArray) reports = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GstMessage) message = NULL;
  GstBuffer *latent = sampler_latent_new (0);
  GstProgressType type;

  /* settings are checked before a job begins; this one fails in the middle */
  sampler_test_init (&test, "");
  reports = collector_new (&test);
  gst_buffer_memset (latent, 0, 0xff, -1);
  gst_harness_push (test.latents, latent);
  text = sampler_test_error (&test, GST_LIBRARY_ERROR,
      GST_LIBRARY_ERROR_FAILED);
  message = sampler_test_wait (&test, GST_MESSAGE_PROGRESS);
  gst_message_parse_progress (message, &type, NULL, NULL);
  fail_unless_equals_int (type, GST_PROGRESS_TYPE_ERROR);
  gst_element_set_state (test.element, GST_STATE_READY);
  check_closed (reports);
}

GST_END_TEST;

GST_START_TEST (a_cancelled_job_closes_it)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GPtrArray) reports = NULL;

  sampler_test_init (&test, "steps=10000 progress-interval=0");
  reports = collector_new (&test);
  gst_harness_push (test.latents, sampler_latent_new (0));
  sampler_test_wait_start (&test);
  gst_element_set_state (test.element, GST_STATE_READY);
  check_closed (reports);
  fail_unless_equals_int (count (reports, "sample",
          GST_PROGRESS_TYPE_CANCELED), 1);
}

GST_END_TEST;

static guint64
stat_uint64 (const GstStructure * stats, const char *name)
{
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (stats, name, &value), "%s", name);
  return value;
}

static gdouble
stat_double (const GstStructure * stats, const char *name)
{
  gdouble value = -1.0;

  fail_unless (gst_structure_get_double (stats, name, &value), "%s", name);
  return value;
}

GST_START_TEST (stats_count_the_work)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstStructure) stats = NULL;

  sampler_test_init (&test, "mode=sequential steps=3 " TWO_REGIONS);
  for (guint i = 0; i < 2; i++)
    g_free (sampler_test_run (&test));
  g_object_get (test.element, "stats", &stats, NULL);
  fail_unless_equals_uint64 (stat_uint64 (stats, "jobs"), 2);
  fail_unless_equals_uint64 (stat_uint64 (stats, "canceled"), 0);
  fail_unless_equals_uint64 (stat_uint64 (stats, "skipped"), 0);
  fail_unless_equals_uint64 (stat_uint64 (stats, "passes"), 2 * 3 * 3);
  fail_unless_equals_uint64 (stat_uint64 (stats, "evaluations"), 2 * 3 * 3);
  /* a prompt and a negative prompt */
  fail_unless_equals_uint64 (stat_uint64 (stats, "rows"), 2 * 2 * 3 * 3);
  fail_unless (stat_double (stats, "network") > 0.0);
  fail_unless (stat_double (stats, "loop") > 0.0);
  fail_unless (stat_double (stats, "load") > 0.0);
  fail_unless (stat_double (stats, "prompts") > 0.0);
}

GST_END_TEST;

/* Parts of the total that overlap in nothing, and parts of these. */
GST_START_TEST (stats_divide_the_time)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstStructure) once = NULL, twice = NULL;
  const char *modes[] = { "sequential", "parallel", "fused" };

  sampler_test_init (&test, "steps=20 sampler=dpmpp_2m_sde " TWO_REGIONS);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    gst_util_set_object_arg (G_OBJECT (test.element), "mode", modes[i]);
    g_clear_pointer (&once, gst_structure_free);
    g_clear_pointer (&twice, gst_structure_free);
    g_free (sampler_test_run (&test));
    g_object_get (test.element, "stats", &once, NULL);
    g_usleep (100000);
    g_free (sampler_test_run (&test));
    g_object_get (test.element, "stats", &twice, NULL);

    fail_unless (stat_double (once, "waiting") >= stat_double (once, "load"));
    fail_unless (stat_double (twice, "waiting")
        >= stat_double (once, "waiting") + 0.1);
    fail_unless (stat_double (twice, "solver") > stat_double (once, "solver"));
    fail_unless (stat_double (twice, "blending")
        > stat_double (once, "blending"));
    fail_unless (stat_double (twice, "total") + 1e-9
        >= stat_double (twice, "waiting") + stat_double (twice, "prompts")
        + stat_double (twice, "network") + stat_double (twice, "loop"));
    fail_unless (stat_double (twice, "loop") + 1e-9
        >= stat_double (twice, "solver") + stat_double (twice, "blending"));
  }
}

GST_END_TEST;

GST_START_TEST (stats_start_anew)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstStructure) stats = NULL;

  sampler_test_init (&test, "");
  g_free (sampler_test_run (&test));
  gst_element_set_state (test.element, GST_STATE_READY);
  gst_element_set_state (test.element, GST_STATE_PAUSED);
  g_object_get (test.element, "stats", &stats, NULL);
  fail_unless_equals_uint64 (stat_uint64 (stats, "jobs"), 0);
  fail_unless_equals_float (stat_double (stats, "total"), 0.0);
  fail_unless_equals_float (stat_double (stats, "waiting"), 0.0);
}

GST_END_TEST;

/* Results that are as asked for and still not what one wants. */
GST_START_TEST (warnings_are_posted)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) warning = NULL;

  sampler_test_init (&test, "mode=impact steps=1 " TWO_REGIONS);
  g_free (sampler_test_run (&test));
  message = sampler_test_wait (&test, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &warning, NULL);
  fail_unless (strstr (warning->message, "fewer than two steps"), "%s",
      warning->message);
}

GST_END_TEST;

static Suite *
regionalsampler_progress_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-progress");
  TCase *progress = tcase_create ("progress");
  TCase *stats = tcase_create ("stats");

  suite_add_tcase (suite, progress);
  tcase_add_test (progress, every_pass_is_reported);
  tcase_add_test (progress, own_grids_are_reported);
  tcase_add_test (progress, models_are_loaded_once);
  tcase_add_test (progress, models_stay_until_they_change);
  tcase_add_test (progress, messages_can_be_few);
  tcase_add_test (progress, it_is_complete_before_the_buffer);
  tcase_add_test (progress, a_failure_closes_it);
  tcase_add_test (progress, a_cancelled_job_closes_it);
  suite_add_tcase (suite, stats);
  tcase_add_test (stats, stats_count_the_work);
  tcase_add_test (stats, stats_divide_the_time);
  tcase_add_test (stats, stats_start_anew);
  tcase_add_test (stats, warnings_are_posted);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_progress);
