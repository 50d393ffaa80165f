/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "json/read.h"

G_BEGIN_DECLS

/**
 * SECTION:jsoncheck
 *
 * What a document's values must be. Errors are %RD_ERROR_INVALID, and begin
 * with the path of the value: `regions[2].cfg: must be a number, not null`.
 */

gboolean rd_json_fail (GError ** error, const char *path, const char *format,
    ...)
    G_GNUC_PRINTF (3, 4);
gboolean rd_json_fail_unknown (GError ** error, const char *path,
    const char *key, const char *const *known);

gboolean rd_json_check_object (const char *path, JsonNode * node,
    JsonObject ** object, GError ** error);
gboolean rd_json_check_keys (const char *path, JsonObject * object,
    const char *const *known, GError ** error);
gboolean rd_json_check_list (const char *path, JsonNode * node,
    JsonArray ** list, GError ** error);
gboolean rd_json_check_number (const char *path, JsonNode * node, double min,
    double max, double *number, GError ** error);
gboolean rd_json_check_whole (const char *path, JsonNode * node, double min,
    double max, gint64 * number, GError ** error);
gboolean rd_json_check_boolean (const char *path, JsonNode * node,
    gboolean * value, GError ** error);
gboolean rd_json_check_string (const char *path, JsonNode * node,
    char **string, GError ** error);
gboolean rd_json_check_name (const char *path, JsonNode * node, char **string,
    GError ** error);

G_END_DECLS
