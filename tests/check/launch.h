/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/check/gstcheck.h>

G_BEGIN_DECLS

/**
 * SECTION:launch
 *
 * Tests that run whole pipelines: made from launch lines in which MODELS/
 * and DATA/ stand for the folders of models and test data and DEVICE for the
 * device under test, run to their end with
 * the messages that this takes. What must not happen fails the test.
 */

gint64 launch_usec (double seconds);

GstElement *launch_new (const char *format, ...) G_GNUC_PRINTF (1, 2);
void launch_free (GstElement * pipeline);
GstElement *launch_get (GstElement * pipeline, const char *name);

GPtrArray *launch_run (GstElement * pipeline);
void launch_once (const char *format, ...) G_GNUC_PRINTF (1, 2);
char *launch_fail (GstElement * pipeline, GQuark domain, gint code,
    GPtrArray ** messages);
void launch_check_error (GQuark domain, gint code, const char *part,
    const char *format, ...) G_GNUC_PRINTF (4, 5);
void launch_check_one_error (GQuark domain, gint code, const char *part,
    const char *format, ...) G_GNUC_PRINTF (4, 5);

GstMessage *launch_wait (GstElement * pipeline, GstMessageType types);
char *launch_progress_list (GPtrArray * messages);

void launch_check_cancel (const char *element, const char *code, gboolean stop,
    const char *expected, const char *format, ...) G_GNUC_PRINTF (5, 6);

G_END_DECLS
