/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "common/gstlatentdebug.h"
#include "loop/job.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatentprogress
 *
 * One piece of work and its GST_MESSAGE_PROGRESS messages. Posts START when it
 * begins and exactly one of COMPLETE, CANCELED and ERROR when it ends: while a
 * START is open, gst-launch does not go on to PLAYING. So close it before the
 * result is pushed; g_auto() closes it on a path that forgot.
 *
 * A piece of work belongs to one thread, which holds no lock while it posts.
 */

typedef struct
{
  GstElement *element;          /* NULL: not begun, or closed */
  const char *code;
  char *text;
  GstClockTime pts;
  guint64 job;
  guint interval_ms;
  gint64 begin_us;
  gint64 posted_us;
  RdProgress counters;
} GstLatentProgress;

#define GST_LATENT_PROGRESS_INIT { NULL }

/**
 * gst_latent_progress_fail:
 * @progress: work that is open
 * @error: why
 *
 * Posts @error as an error message of the line that calls this, then ERROR.
 */
#define gst_latent_progress_fail(progress, error) \
    gst_latent_progress_fail_at (progress, error, GST_LATENT_HERE)

/**
 * gst_latent_progress_do_without:
 * @progress: work that is open
 * @error: why there is no result
 * @...: a format and its arguments: what that means, for people
 *
 * Closes work that is not essential: with a warning message of the line that
 * calls this, then ERROR.
 */
#define gst_latent_progress_do_without(progress, error, ...) \
    gst_latent_progress_do_without_at (progress, error, GST_LATENT_HERE, \
        __VA_ARGS__)

/**
 * gst_latent_progress_end:
 * @progress: work that is open
 * @error: (nullable): how it ended
 *
 * Closes work as @error says: COMPLETE, CANCELED for a cancellation, else as
 * gst_latent_progress_fail().
 *
 * Returns: %GST_FLOW_OK, %GST_FLOW_FLUSHING or %GST_LATENT_FLOW_FAILED; nothing is
 *   left to be posted
 */
#define gst_latent_progress_end(progress, error) \
    gst_latent_progress_end_at (progress, error, GST_LATENT_HERE)

void gst_latent_progress_begin (GstLatentProgress * progress,
    GstElement * element, const char *code, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
void gst_latent_progress_begin_job (GstLatentProgress * progress,
    GstElement * element, const char *code, GstClockTime pts, guint64 job,
    guint interval_ms, const RdProgress * counters);
void gst_latent_progress_update (GstLatentProgress * progress,
    const RdProgress * counters);
void gst_latent_progress_describe (const GstLatentProgress * progress,
    const RdProgress * counters, GstStructure * structure);
void gst_latent_progress_complete (GstLatentProgress * progress);
void gst_latent_progress_cancel (GstLatentProgress * progress);
void gst_latent_progress_give_up (GstLatentProgress * progress);
void gst_latent_progress_fail_at (GstLatentProgress * progress,
    const GError * error, const GstLatentPlace * place);
void gst_latent_progress_do_without_at (GstLatentProgress * progress,
    const GError * error, const GstLatentPlace * place, const char *format,
    ...) G_GNUC_PRINTF (4, 5);
GstFlowReturn gst_latent_progress_end_at (GstLatentProgress * progress,
    const GError * error, const GstLatentPlace * place);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstLatentProgress, gst_latent_progress_cancel);

G_END_DECLS
