/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "jsonfile.h"

#include "device.h"

/**
 * rd_json_file_load:
 * @path: a file
 * @error: %RD_ERROR_NOT_FOUND without the file, %RD_ERROR_INVALID when it is
 *   not a JSON object
 *
 * Returns: (transfer full) (nullable): its content
 */
RdJsonFile *
rd_json_file_load (const char *path, GError ** error)
{
  g_autoptr (RdJsonFile) file = g_new0 (RdJsonFile, 1);
  g_autoptr (GError) cause = NULL;
  JsonNode *root;

  file->path = g_strdup (path);
  file->parser = json_parser_new_immutable ();

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
        "%s: no such file; a model folder is what `optimum-cli export onnx` "
        "writes: check the folder's name, or copy the file into it", path);
    return NULL;
  }
  if (!json_parser_load_from_file (file->parser, path, &cause)) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "%s: not a JSON file: %s",
        path, cause->message);
    return NULL;
  }
  root = json_parser_get_root (file->parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: must hold a JSON object", path);
    return NULL;
  }
  file->root = json_node_get_object (root);
  return g_steal_pointer (&file);
}

void
rd_json_file_free (RdJsonFile * file)
{
  g_object_unref (file->parser);
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

static void
set_type_error (const RdJsonFile * file, const char *key, GError ** error,
    const char *expected)
{
  if (rd_json_has (file, key))
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "%s: '%s' must be %s",
        file->path, key, expected);
  else
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: has no '%s'; add the key, %s, as the model's author gives it",
        file->path, key, expected);
}

static JsonNode *
get_value (const RdJsonFile * file, const char *key)
{
  JsonNode *node = json_object_get_member (file->root, key);

  return node && JSON_NODE_HOLDS_VALUE (node) ? node : NULL;
}

/**
 * rd_json_node_int:
 * @node: (nullable): a node
 * @value: (out): receives its value
 *
 * Returns: whether the node holds an integer
 */
gboolean
rd_json_node_int (JsonNode * node, gint64 * value)
{
  if (!node || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  *value = json_node_get_int (node);
  return TRUE;
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
  JsonNode *node = get_value (file, key);
  gint64 integer;

  if (rd_json_node_int (node, &integer))
    *value = (double) integer;
  else if (node && json_node_get_value_type (node) == G_TYPE_DOUBLE)
    *value = json_node_get_double (node);
  else
    node = NULL;

  if (!node || !(*value >= min && *value <= max)) {
    g_autofree char *expected =
        g_strdup_printf ("a number from %g to %g", min, max);

    set_type_error (file, key, error, expected);
    return FALSE;
  }
  return TRUE;
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
 * Returns: %FALSE when the key is missing, no integer or out of range
 */
gboolean
rd_json_get_uint (const RdJsonFile * file, const char *key, guint min,
    guint max, guint * value, GError ** error)
{
  gint64 integer;

  if (!rd_json_node_int (json_object_get_member (file->root, key), &integer)
      || integer < min || integer > max) {
    g_autofree char *expected =
        g_strdup_printf ("an integer from %u to %u", min, max);

    set_type_error (file, key, error, expected);
    return FALSE;
  }
  *value = (guint) integer;
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
  JsonNode *node = get_value (file, key);

  if (!node || json_node_get_value_type (node) != G_TYPE_BOOLEAN) {
    set_type_error (file, key, error, "true or false");
    return FALSE;
  }
  *value = json_node_get_boolean (node);
  return TRUE;
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
  JsonNode *node = get_value (file, key);

  if (!node || json_node_get_value_type (node) != G_TYPE_STRING) {
    set_type_error (file, key, error, "a string");
    return NULL;
  }
  return json_node_get_string (node);
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
  JsonNode *node = json_object_get_member (file->root, key);

  if (!node || !JSON_NODE_HOLDS_ARRAY (node)) {
    set_type_error (file, key, error, "a list");
    return NULL;
  }
  return json_node_get_array (node);
}
