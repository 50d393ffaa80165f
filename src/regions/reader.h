/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>

#include "regions/region.h"

G_BEGIN_DECLS

/*
 * The readers of the two notations, JSON and the short form, and what they have
 * in common. Coordinates have bounds so that no arithmetic on them can overflow.
 */

#define RD_MAX_COORDINATE 1000000
#define RD_MAX_POINTS 10000

gboolean rd_regions_read_json (const char *text, const char *folder,
    RdRegion ** base, char **common_prompt, GPtrArray * regions,
    GError ** error);
gboolean rd_regions_is_short (const char *text);
gboolean rd_regions_read_short (const char *text, GPtrArray * regions,
    GError ** error);

G_END_DECLS
