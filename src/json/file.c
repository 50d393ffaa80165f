/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "json/file.h"

#include "base/error.h"
#include "base/file.h"
#include "json/check.h"

/**
 * rd_json_file_load:
 * @path: a file
 * @error: as rd_file_read_text(), %RD_ERROR_INVALID when it is not a JSON object
 *
 * Returns: (transfer full) (nullable): its content
 */
RdJsonFile *
rd_json_file_load (const char *path, GError ** error)
{
  g_autoptr (RdJsonFile) file = g_new0 (RdJsonFile, 1);
  g_autofree char *text = NULL;
  gsize size;

  file->path = g_strdup (path);
  text = rd_file_read_text (path, &size, error);
  if (!text) {
    rd_file_add_remedy (error, "check the path of the model folder, which must "
        "be as `optimum-cli export onnx` writes it, or copy the file into it");
    return NULL;
  }
  file->tree = rd_json_parse (path, text, size, error);
  if (!file->tree)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (file->tree)) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: must contain a JSON object", path);
    return NULL;
  }
  file->root = json_node_get_object (file->tree);
  return g_steal_pointer (&file);
}

/**
 * rd_json_file_load_optional:
 * @path: a file that need not be there
 * @file: (out) (nullable) (transfer full): its content, %NULL without the file
 * @error: as rd_json_file_load(), except %RD_ERROR_NOT_FOUND
 *
 * Returns: %FALSE when the file is there and cannot be used
 */
gboolean
rd_json_file_load_optional (const char *path, RdJsonFile ** file,
    GError ** error)
{
  g_autoptr (GError) cause = NULL;

  *file = rd_json_file_load (path, &cause);
  if (*file || g_error_matches (cause, RD_ERROR, RD_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&cause));
  return FALSE;
}

/**
 * rd_json_file_free:
 * @file: (transfer full): a file
 */
void
rd_json_file_free (RdJsonFile * file)
{
  g_clear_pointer (&file->tree, json_node_unref);
  g_free (file->path);
  g_free (file);
}

/**
 * rd_json_has:
 * @file: a file
 * @key: of its top object
 *
 * Returns: whether the key is there with a value other than null
 */
gboolean
rd_json_has (const RdJsonFile * file, const char *key)
{
  return json_object_has_member (file->root, key)
      && !json_object_get_null_member (file->root, key);
}

/* Returns: (nullable): the value of a key, and its path */
static JsonNode *
get_value (const RdJsonFile * file, const char *key, char **path,
    GError ** error)
{
  *path = g_strdup_printf ("%s: '%s'", file->path, key);
  if (rd_json_has (file, key))
    return json_object_get_member (file->root, key);

  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s: has no '%s'; add the key with the value that the model's author "
      "gives", file->path, key);
  return NULL;
}

/**
 * rd_json_get_number:
 * @file: a file
 * @key: of its top object
 * @min: smallest value allowed
 * @max: largest value allowed
 * @value: (out): receives it
 * @error: %RD_ERROR_INVALID
 *
 * Returns: %FALSE when the key is missing, no number or out of range
 */
gboolean
rd_json_get_number (const RdJsonFile * file, const char *key, double min,
    double max, double *value, GError ** error)
{
  g_autofree char *path = NULL;
  JsonNode *node = get_value (file, key, &path, error);

  return node && rd_json_check_number (path, node, min, max, value, error);
}

/**
 * rd_json_get_uint:
 * @file: a file
 * @key: of its top object
 * @min: smallest value allowed
 * @max: largest value allowed
 * @value: (out): receives it
 * @error: %RD_ERROR_INVALID
 *
 * Returns: %FALSE when the key is missing, no whole number or out of range
 */
gboolean
rd_json_get_uint (const RdJsonFile * file, const char *key, guint min,
    guint max, guint * value, GError ** error)
{
  g_autofree char *path = NULL;
  JsonNode *node = get_value (file, key, &path, error);
  gint64 whole;

  if (!node || !rd_json_check_whole (path, node, min, max, &whole, error))
    return FALSE;
  *value = (guint) whole;
  return TRUE;
}

/**
 * rd_json_get_boolean:
 * @file: a file
 * @key: of its top object
 * @value: (out): receives it
 * @error: %RD_ERROR_INVALID
 *
 * Returns: %FALSE when the key is missing or no boolean
 */
gboolean
rd_json_get_boolean (const RdJsonFile * file, const char *key,
    gboolean * value, GError ** error)
{
  g_autofree char *path = NULL;
  JsonNode *node = get_value (file, key, &path, error);

  return node && rd_json_check_boolean (path, node, value, error);
}

/**
 * rd_json_get_string:
 * @file: a file
 * @key: of its top object
 * @error: %RD_ERROR_INVALID
 *
 * Returns: (transfer none) (nullable): the string, %NULL when the key is
 *   missing or no string
 */
const char *
rd_json_get_string (const RdJsonFile * file, const char *key, GError ** error)
{
  g_autofree char *path = NULL;
  JsonNode *node = get_value (file, key, &path, error);
  g_autofree char *copy = NULL;

  return node && rd_json_check_string (path, node, &copy, error) ?
      json_node_get_string (node) : NULL;
}

/**
 * rd_json_get_array:
 * @file: a file
 * @key: of its top object
 * @error: %RD_ERROR_INVALID
 *
 * Returns: (transfer none) (nullable): the array, %NULL when the key is missing
 *   or no array
 */
JsonArray *
rd_json_get_array (const RdJsonFile * file, const char *key, GError ** error)
{
  g_autofree char *path = NULL;
  JsonNode *node = get_value (file, key, &path, error);
  JsonArray *list;

  return node && rd_json_check_list (path, node, &list, error) ? list : NULL;
}
