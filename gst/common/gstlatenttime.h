/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * SECTION:gstlatenttime
 *
 * What buffers and segments say of time.
 */

gboolean gst_latent_buffer_is_gap (GstBuffer * buffer);
GstClockTime gst_latent_running_time (const GstSegment * segment,
    GstClockTime timestamp);
GstClockTime gst_latent_stream_time (const GstSegment * segment,
    GstClockTime timestamp);

G_END_DECLS
