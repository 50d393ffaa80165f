/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

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

void gst_latent_progress_begin (GstLatentProgress * progress, GstElement * element,
    const char *code, const char *format, ...) G_GNUC_PRINTF (4, 5);
void gst_latent_progress_begin_job (GstLatentProgress * progress, GstElement * element,
    const char *code, GstClockTime pts, guint64 job, guint interval_ms,
    const RdProgress * counters);
void gst_latent_progress_update (GstLatentProgress * progress,
    const RdProgress * counters);
void gst_latent_progress_describe (const GstLatentProgress * progress,
    const RdProgress * counters, GstStructure * structure);
void gst_latent_progress_complete (GstLatentProgress * progress);
void gst_latent_progress_cancel (GstLatentProgress * progress);
void gst_latent_progress_fail (GstLatentProgress * progress, const GError * error);
void gst_latent_progress_do_without (GstLatentProgress * progress, const GError * error,
    const char *format, ...) G_GNUC_PRINTF (3, 4);
GstFlowReturn gst_latent_progress_end (GstLatentProgress * progress, const GError * error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstLatentProgress, gst_latent_progress_cancel)

G_END_DECLS
