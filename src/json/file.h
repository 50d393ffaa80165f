/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "json/read.h"

G_BEGIN_DECLS

/**
 * SECTION:jsonfile
 *
 * The JSON files of a model folder, read with errors that name the file and the
 * key.
 */

/**
 * RdJsonFile:
 * @path: where it was read, for messages
 * @tree: what it says
 * @root: its top
 */
typedef struct
{
  char *path;
  JsonNode *tree;
  JsonObject *root;
} RdJsonFile;

RdJsonFile *rd_json_file_load (const char *path, GError ** error);
gboolean rd_json_file_load_optional (const char *path, RdJsonFile ** file,
    GError ** error);
void rd_json_file_free (RdJsonFile * file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdJsonFile, rd_json_file_free);

gboolean rd_json_has (const RdJsonFile * file, const char *key);
gboolean rd_json_get_number (const RdJsonFile * file, const char *key,
    double min, double max, double *value, GError ** error);
gboolean rd_json_get_uint (const RdJsonFile * file, const char *key,
    guint min, guint max, guint * value, GError ** error);
gboolean rd_json_get_boolean (const RdJsonFile * file, const char *key,
    gboolean * value, GError ** error);
const char *rd_json_get_string (const RdJsonFile * file, const char *key,
    GError ** error);
JsonArray *rd_json_get_array (const RdJsonFile * file, const char *key,
    GError ** error);

G_END_DECLS
