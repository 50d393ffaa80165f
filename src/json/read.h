/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SECTION:json
 *
 * JSON from other people, read by json-glib behind a guard: whatever the text,
 * the outcome is a tree of valid UTF-8 or an error with a place.
 */

JsonNode *rd_json_parse (const char *name, const char *text, gsize size,
    GError ** error);
gboolean rd_json_node_int (JsonNode * node, gint64 * value);
char *rd_json_excerpt (const char *text);
gboolean rd_json_looks_like (const char *text);
void rd_json_add_hint (GError ** error, const char *remedy);

G_END_DECLS
