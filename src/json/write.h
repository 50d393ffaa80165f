/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SECTION:jsonwrite
 *
 * The inverse of rd_json_parse().
 */

void rd_json_add_whole (JsonBuilder * builder, gint64 value);
void rd_json_add_unsigned (JsonBuilder * builder, guint64 value);
char *rd_json_write (JsonNode * root);

G_END_DECLS
