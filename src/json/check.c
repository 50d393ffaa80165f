/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "json/check.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/**
 * rd_json_fail:
 * @error: return location for the error
 * @path: where the fault is
 * @format: what it is
 * @...: its arguments
 *
 * Returns: %FALSE
 */
gboolean
rd_json_fail (GError ** error, const char *path, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "%s: %s", path, message);

  return FALSE;
}

/* Levenshtein, "Binary codes capable of correcting deletions, insertions, and
 * reversals", 1966 */
static gsize
edit_distance (const char *a, const char *b)
{
  gsize i, j, n = strlen (b);
  g_autofree gsize *row = g_new (gsize, n + 1);

  for (j = 0; j <= n; j++)
    row[j] = j;
  for (i = 0; a[i]; i++) {
    gsize diagonal = row[0];

    row[0] = i + 1;
    for (j = 0; j < n; j++) {
      gsize change = diagonal + (a[i] != b[j]);

      diagonal = row[j + 1];
      row[j + 1] = MIN (change, MIN (row[j], row[j + 1]) + 1);
    }
  }

  return row[n];
}

/**
 * rd_json_fail_unknown:
 * @error: return location for the error, which names the nearest known key
 * @path: of the object
 * @key: a key that it should not have
 * @known: (array zero-terminated=1): keys that it may have, at least one
 *
 * Returns: %FALSE
 */
gboolean
rd_json_fail_unknown (GError ** error, const char *path, const char *key,
    const char *const *known)
{
  g_autofree char *excerpt = rd_json_excerpt (key);
  const char *nearest = known[0];
  guint i;

  for (i = 1; known[i]; i++) {
    if (edit_distance (excerpt, known[i]) < edit_distance (excerpt, nearest))
      nearest = known[i];
  }

  return rd_json_fail (error, path, "unknown key \"%s\", the nearest known one "
      "is \"%s\"", excerpt, nearest);
}

static gboolean
fail_type (GError ** error, const char *path, const char *expected,
    JsonNode * node)
{
  const GType type = json_node_get_value_type (node);
  const char *found = "a number";

  if (JSON_NODE_HOLDS_OBJECT (node))
    found = "an object";
  else if (JSON_NODE_HOLDS_ARRAY (node))
    found = "a list";
  else if (JSON_NODE_HOLDS_NULL (node))
    found = "null";
  else if (type == G_TYPE_BOOLEAN)
    found = "a boolean";
  else if (type == G_TYPE_STRING)
    found = "a string";

  return rd_json_fail (error, path, "must be %s, not %s", expected, found);
}

/**
 * rd_json_check_object:
 * @path: of the value
 * @node: a value
 * @object: (out) (transfer none): receives it
 * @error: return location for an error
 *
 * Returns: whether the value is an object
 */
gboolean
rd_json_check_object (const char *path, JsonNode * node, JsonObject ** object,
    GError ** error)
{
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fail_type (error, path, "an object", node);

  *object = json_node_get_object (node);
  return TRUE;
}

/**
 * rd_json_check_keys:
 * @path: of the object
 * @object: an object
 * @known: (array zero-terminated=1): keys that it may have
 * @error: return location for an error
 *
 * Returns: whether it has no others
 */
gboolean
rd_json_check_keys (const char *path, JsonObject * object,
    const char *const *known, GError ** error)
{
  JsonObjectIter iter;
  const char *key;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, NULL)) {
    if (!g_strv_contains (known, key))
      return rd_json_fail_unknown (error, path, key, known);
  }

  return TRUE;
}

/**
 * rd_json_check_list:
 * @path: of the value
 * @node: a value
 * @list: (out) (transfer none): receives it
 * @error: return location for an error
 *
 * Returns: whether the value is a list
 */
gboolean
rd_json_check_list (const char *path, JsonNode * node, JsonArray ** list,
    GError ** error)
{
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return fail_type (error, path, "a list", node);

  *list = json_node_get_array (node);
  return TRUE;
}

/**
 * rd_json_check_number:
 * @path: of the value
 * @node: a value
 * @min: the least that it may be
 * @max: the most that it may be
 * @number: (out): receives it
 * @error: return location for an error
 *
 * Returns: whether the value is a number in that range
 */
gboolean
rd_json_check_number (const char *path, JsonNode * node, double min,
    double max, double *number, GError ** error)
{
  const GType type = json_node_get_value_type (node);

  if (!JSON_NODE_HOLDS_VALUE (node)
      || (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE))
    return fail_type (error, path, "a number", node);

  /* see rd_json_parse() */
  *number = type == G_TYPE_INT64 ? (double) (guint64) json_node_get_int (node)
      : json_node_get_double (node);
  if (!(*number >= min && *number <= max))
    return rd_json_fail (error, path, "must be in %s..%s, but is %s",
        rd_text_number ("%.15g", min).text, rd_text_number ("%.15g", max).text,
        rd_text_number ("%.15g", *number).text);

  return TRUE;
}

/**
 * rd_json_check_whole:
 * @path: of the value
 * @node: a value
 * @min: the least that it may be
 * @max: the most that it may be
 * @number: (out): receives it
 * @error: return location for an error
 *
 * Returns: whether the value is a whole number in that range
 */
gboolean
rd_json_check_whole (const char *path, JsonNode * node, double min,
    double max, gint64 * number, GError ** error)
{
  double exact = 0.0;

  if (!rd_json_check_number (path, node, min, max, &exact, error))
    return FALSE;
  if (exact != floor (exact))
    return rd_json_fail (error, path, "must be a whole number");

  *number = (gint64) exact;
  return TRUE;
}

/**
 * rd_json_check_boolean:
 * @path: of the value
 * @node: a value
 * @value: (out): receives it
 * @error: return location for an error
 *
 * Returns: whether the value is true or false
 */
gboolean
rd_json_check_boolean (const char *path, JsonNode * node, gboolean * value,
    GError ** error)
{
  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return fail_type (error, path, "a boolean", node);

  *value = json_node_get_boolean (node);
  return TRUE;
}

/**
 * rd_json_check_string:
 * @path: of the value
 * @node: a value
 * @string: (out) (transfer full): receives it
 * @error: return location for an error
 *
 * Returns: whether the value is a string
 */
gboolean
rd_json_check_string (const char *path, JsonNode * node,
    char **string, GError ** error)
{
  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return fail_type (error, path, "a string", node);

  *string = json_node_dup_string (node);
  return TRUE;
}

/**
 * rd_json_check_name:
 * @path: of the value
 * @node: a value
 * @string: (out) (transfer full): receives it
 * @error: return location for an error
 *
 * Returns: whether the value is a string that is not empty
 */
gboolean
rd_json_check_name (const char *path, JsonNode * node, char **string,
    GError ** error)
{
  if (!rd_json_check_string (path, node, string, error))
    return FALSE;
  if (!**string)
    return rd_json_fail (error, path, "must not be empty");

  return TRUE;
}
