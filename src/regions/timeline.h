/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SECTION:region-timeline
 *
 * Regions that change over time: a text with one document in each line.
 */

/**
 * RdRegionTimeline:
 *
 * Documents by time. Not changed once made.
 */
typedef struct _RdRegionTimeline RdRegionTimeline;

RdRegionTimeline *rd_region_timeline_parse (const char *name, const char *text,
    GError ** error);
void rd_region_timeline_free (RdRegionTimeline * timeline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdRegionTimeline, rd_region_timeline_free)

const char *rd_region_timeline_at (const RdRegionTimeline * timeline,
    double seconds);

G_END_DECLS
