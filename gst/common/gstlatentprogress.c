/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "common/gstlatentprogress.h"

#include <string.h>

#include "base/text.h"
#include "common/gstlatenterror.h"

GST_LATENT_DEBUG_CATEGORY ("latentprogress", "progress of jobs and loads");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

static char *
describe (const GstLatentProgress * progress, GstProgressType type,
    guint64 elapsed_us)
{
  const RdProgress *counters = &progress->counters;
  g_autoptr (GString) text = g_string_new (NULL);

  if (counters->steps == 0)
    g_string_append (text, progress->text);
  else
    g_string_append_printf (text, "step %u/%u", counters->step,
        counters->steps);
  if (counters->region > 0)
    g_string_append_printf (text, ", region %u/%u", counters->region,
        counters->regions);
  if (type == GST_PROGRESS_TYPE_COMPLETE)
    g_string_append_printf (text, ": done in %s s",
        rd_text_number ("%.2f", elapsed_us / 1e6).text);
  else if (type == GST_PROGRESS_TYPE_CANCELED)
    g_string_append (text, ": canceled");
  else if (type == GST_PROGRESS_TYPE_ERROR)
    g_string_append (text, ": failed");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
set_eta (GstStructure * s, double fraction, guint64 elapsed_us)
{
  if (fraction > 0.0)
    gst_structure_set (s, "eta-ms", G_TYPE_UINT64, (guint64) (elapsed_us *
            (1.0 - fraction) / fraction / 1000.0), NULL);
}

/* Fields of all messages, but for the time to go. */
static void
set_fields (GstStructure * s, const GstLatentProgress * progress,
    const RdProgress * counters, guint64 elapsed_us)
{
  gst_structure_set (s, "elapsed-ms", G_TYPE_UINT64, elapsed_us / 1000,
      "job", G_TYPE_UINT64, progress->job, NULL);
  if (GST_CLOCK_TIME_IS_VALID (progress->pts))
    gst_structure_set (s, "pts", GST_TYPE_CLOCK_TIME, progress->pts, NULL);
  if (counters->steps > 0)
    gst_structure_set (s, "step", G_TYPE_UINT, counters->step,
        "steps", G_TYPE_UINT, counters->steps,
        "region", G_TYPE_UINT, counters->region,
        "regions", G_TYPE_UINT, counters->regions,
        "sigma", G_TYPE_DOUBLE, counters->sigma, NULL);
}

static void
post (GstLatentProgress * progress, GstProgressType type)
{
  const RdProgress *counters = &progress->counters;
  const gint64 now = g_get_monotonic_time ();
  const guint64 elapsed_us = now - progress->begin_us;
  g_autofree char *text = describe (progress, type, elapsed_us);
  GstMessage *message =
      gst_message_new_progress (GST_OBJECT (progress->element), type,
      progress->code, text);
  GstStructure *s = gst_message_writable_structure (message);

  set_fields (s, progress, counters, elapsed_us);
  if (type == GST_PROGRESS_TYPE_CONTINUE)
    gst_structure_set (s, "percent", G_TYPE_INT,
        (gint) (counters->fraction * 100.0), NULL);
  set_eta (s, type == GST_PROGRESS_TYPE_COMPLETE ? 1.0 : counters->fraction,
      elapsed_us);

  progress->posted_us = now;
  GST_DEBUG_OBJECT (progress->element, "%s: %" GST_PTR_FORMAT, progress->code,
      s);
  gst_element_post_message (progress->element, message);
}

static void
begin (GstLatentProgress * progress, GstElement * element, const char *code)
{
  g_return_if_fail (progress->element == NULL);

  progress->element = gst_object_ref (element);
  progress->code = code;
  progress->begin_us = g_get_monotonic_time ();
}

static void
close_with (GstLatentProgress * progress, GstProgressType type)
{
  if (progress->element == NULL)
    return;
  post (progress, type);
  gst_clear_object (&progress->element);
  g_clear_pointer (&progress->text, g_free);
}

/**
 * gst_latent_progress_begin:
 * @progress: set to %GST_LATENT_PROGRESS_INIT, or one that is closed
 * @element: who works
 * @code: (transfer none): a static string: "load", "encode" or "decode"
 * @format: what is going on, for people
 * @...: arguments of @format
 *
 * Begins work without steps and posts START.
 */
void
gst_latent_progress_begin (GstLatentProgress * progress, GstElement * element,
    const char *code, const char *format, ...)
{
  va_list args;

  begin (progress, element, code);
  va_start (args, format);
  progress->text = g_strdup_vprintf (format, args);
  va_end (args);
  progress->pts = GST_CLOCK_TIME_NONE;
  progress->job = 0;
  progress->interval_ms = 0;
  memset (&progress->counters, 0, sizeof progress->counters);
  post (progress, GST_PROGRESS_TYPE_START);
}

/**
 * gst_latent_progress_begin_job:
 * @progress: set to %GST_LATENT_PROGRESS_INIT, or one that is closed
 * @element: who works
 * @code: (transfer none): a static string: "sample"
 * @pts: time of the buffer, or %GST_CLOCK_TIME_NONE
 * @job: number of the job
 * @interval_ms: least milliseconds from one message to the next, 0 for all of
 *   them
 * @counters: what is known at the start, with its `steps`
 *
 * Begins work with steps and posts START.
 */
void
gst_latent_progress_begin_job (GstLatentProgress * progress,
    GstElement * element, const char *code, GstClockTime pts, guint64 job,
    guint interval_ms, const RdProgress * counters)
{
  begin (progress, element, code);
  progress->text = g_strdup (code);
  progress->pts = pts;
  progress->job = job;
  progress->interval_ms = interval_ms;
  progress->counters = *counters;
  post (progress, GST_PROGRESS_TYPE_START);
}

/**
 * gst_latent_progress_update:
 * @progress: open work
 * @counters: where it is now
 *
 * Posts CONTINUE, unless the last message is less than the interval ago and
 * this is not the last step's end. The fraction never falls. Has the meaning of
 * an #RdProgressFunc.
 */
void
gst_latent_progress_update (GstLatentProgress * progress,
    const RdProgress * counters)
{
  const double before = progress->counters.fraction;
  const gint64 since_us = g_get_monotonic_time () - progress->posted_us;

  g_return_if_fail (progress->element != NULL);

  progress->counters = *counters;
  progress->counters.fraction = CLAMP (counters->fraction, before, 1.0);
  if (since_us >= (gint64) progress->interval_ms * 1000
      || (progress->counters.fraction >= 1.0 && before < 1.0))
    post (progress, GST_PROGRESS_TYPE_CONTINUE);
}

/**
 * gst_latent_progress_describe:
 * @progress: open work
 * @counters: where it is now
 * @structure: of a message that is no progress message
 *
 * Adds the counters that a progress message would have now.
 */
void
gst_latent_progress_describe (const GstLatentProgress * progress,
    const RdProgress * counters, GstStructure * structure)
{
  const guint64 elapsed_us = g_get_monotonic_time () - progress->begin_us;

  set_fields (structure, progress, counters, elapsed_us);
  set_eta (structure, counters->fraction, elapsed_us);
}

/**
 * gst_latent_progress_complete:
 * @progress: work
 *
 * Posts COMPLETE, if the work is open.
 */
void
gst_latent_progress_complete (GstLatentProgress * progress)
{
  close_with (progress, GST_PROGRESS_TYPE_COMPLETE);
}

/**
 * gst_latent_progress_cancel:
 * @progress: work
 *
 * Posts CANCELED, if the work is open.
 */
void
gst_latent_progress_cancel (GstLatentProgress * progress)
{
  close_with (progress, GST_PROGRESS_TYPE_CANCELED);
}

/**
 * gst_latent_progress_give_up:
 * @progress: work
 *
 * Posts ERROR, if the work is open, and no message of why: the caller does.
 */
void
gst_latent_progress_give_up (GstLatentProgress * progress)
{
  close_with (progress, GST_PROGRESS_TYPE_ERROR);
}

/* What was being done, for debug texts. */
static char *
describe_work (const GstLatentProgress * progress)
{
  GString *text = g_string_new (progress->code);

  if (progress->text != NULL && !g_str_equal (progress->text, progress->code))
    g_string_append_printf (text, " (%s)", progress->text);
  if (progress->counters.steps > 0)
    g_string_append_printf (text, " of job %" G_GUINT64_FORMAT
        ", step %u of %u", progress->job, progress->counters.step,
        progress->counters.steps);
  if (GST_CLOCK_TIME_IS_VALID (progress->pts))
    g_string_append_printf (text, ", pts %" GST_TIME_FORMAT,
        GST_TIME_ARGS (progress->pts));
  return g_string_free (text, FALSE);
}

/**
 * gst_latent_progress_fail_at:
 * @progress: work that is open
 * @error: why
 * @place: where it is found out; %GST_LATENT_HERE
 *
 * Posts @error as the element's error message, then ERROR.
 */
void
gst_latent_progress_fail_at (GstLatentProgress * progress, const GError * error,
    const GstLatentPlace * place)
{
  g_autofree char *work = NULL;

  g_return_if_fail (progress->element != NULL);

  work = describe_work (progress);
  gst_latent_error_post_at (progress->element, error, work, place);
  close_with (progress, GST_PROGRESS_TYPE_ERROR);
}

/**
 * gst_latent_progress_do_without_at:
 * @progress: work that is open
 * @error: why there is no result
 * @place: where it is found out; %GST_LATENT_HERE
 * @format: what that means, for people
 * @...: arguments of @format
 *
 * Closes work that is not essential: with a warning message, then ERROR.
 */
void
gst_latent_progress_do_without_at (GstLatentProgress * progress,
    const GError * error, const GstLatentPlace * place, const char *format, ...)
{
  g_autofree char *meaning = NULL;
  g_autofree char *work = NULL;
  va_list args;

  g_return_if_fail (progress->element != NULL);

  va_start (args, format);
  meaning = g_strdup_vprintf (format, args);
  va_end (args);
  work = describe_work (progress);
  gst_debug_log (place->category, GST_LEVEL_WARNING, place->file,
      place->function, place->line, G_OBJECT (progress->element), "%s: %s",
      meaning, error->message);
  gst_element_message_full (progress->element, GST_MESSAGE_WARNING,
      GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED,
      g_strdup_printf ("%s: %s", meaning, error->message),
      gst_latent_error_describe (progress->element, error, work), place->file,
      place->function, place->line);
  close_with (progress, GST_PROGRESS_TYPE_ERROR);
}

/**
 * gst_latent_progress_end_at:
 * @progress: work that is open
 * @error: (nullable): how it ended
 * @place: where it is found out; %GST_LATENT_HERE
 *
 * See gst_latent_progress_end().
 *
 * Returns: %GST_FLOW_OK, %GST_FLOW_FLUSHING or %GST_LATENT_FLOW_FAILED
 */
GstFlowReturn
gst_latent_progress_end_at (GstLatentProgress * progress, const GError * error,
    const GstLatentPlace * place)
{
  if (error == NULL) {
    gst_latent_progress_complete (progress);
    return GST_FLOW_OK;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    gst_latent_progress_cancel (progress);
    return GST_FLOW_FLUSHING;
  }
  gst_latent_progress_fail_at (progress, error, place);
  return GST_LATENT_FLOW_FAILED;
}
