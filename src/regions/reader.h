/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "regions/region.h"

G_BEGIN_DECLS

/* What the two notations of regions share. Coordinates are bounded so that no
 * arithmetic on them can overflow. */

#define RD_MAX_COORDINATE 1000000
#define RD_MAX_POINTS 10000

gboolean rd_region_document_read_json (RdRegionDocument * list, const char *text,
    const char *folder, GError ** error);
gboolean rd_region_document_read_short (RdRegionDocument * list, const char *text,
    GError ** error);

const char *rd_box_problem (const RdShape * box);

G_END_DECLS
