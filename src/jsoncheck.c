/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "jsoncheck.h"

#include <math.h>
#include <string.h>

#include "device.h"

/* characters of a user's text that a message repeats */
#define EXCERPT 40

/**
 * rd_json_excerpt:
 * @text: UTF-8 of any length
 *
 * Returns: (transfer full): as much of it as a message can repeat
 */
char *
rd_json_excerpt (const char *text)
{
  g_autofree char *start = NULL;

  if (g_utf8_strlen (text, -1) <= EXCERPT)
    return g_strdup (text);

  start = g_utf8_substring (text, 0, EXCERPT);
  return g_strconcat (start, "...", NULL);
}

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
rd_json_fail (GError ** error, const char *path, const char *format, ...) {
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
static guint
edit_distance (const char *a, const char *b)
{
  gsize i, j, n = strlen (b);
  g_autofree guint *row = g_new (guint, n + 1);

  for (j = 0; j <= n; j++)
    row[j] = j;
  for (i = 0; a[i]; i++) {
    guint diagonal = row[0];

    row[0] = i + 1;
    for (j = 0; j < n; j++) {
      guint change = diagonal + (a[i] != b[j]);

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

/**
 * rd_json_check_type:
 * @path: of the value
 * @value: a value
 * @type: what it must be
 * @error: return location for an error
 *
 * Returns: whether it is
 */
gboolean
rd_json_check_type (const char *path, const RdJsonValue * value,
    RdJsonType type, GError ** error)
{
  if (value->type != type)
    return rd_json_fail (error, path, "must be %s, not %s",
        rd_json_type_name (type), rd_json_type_name (value->type));

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
rd_json_check_keys (const char *path, const RdJsonValue * object,
    const char *const *known, GError ** error)
{
  guint i;

  for (i = 0; i < object->keys->len; i++) {
    if (!g_strv_contains (known, object->keys->pdata[i]))
      return rd_json_fail_unknown (error, path, object->keys->pdata[i], known);
  }

  return TRUE;
}

/**
 * rd_json_check_number:
 * @path: of the value
 * @value: a value
 * @min: a whole number, the least that it may be
 * @max: a whole number, the most that it may be
 * @number: (out): receives it
 * @error: return location for an error
 *
 * Returns: whether the value is a number in that range
 */
gboolean
rd_json_check_number (const char *path, const RdJsonValue * value, double min,
    double max, double *number, GError ** error)
{
  g_autofree char *excerpt = NULL;

  if (!rd_json_check_type (path, value, RD_JSON_NUMBER, error))
    return FALSE;

  excerpt = rd_json_excerpt (value->text);
  if (value->number < min || value->number > max)
    return rd_json_fail (error, path, "must be in %.0f..%.0f, but is %s", min,
        max, excerpt);

  *number = value->number;
  return TRUE;
}

/**
 * rd_json_check_whole:
 * @path: of the value
 * @value: a value
 * @min: the least that it may be
 * @max: the most that it may be
 * @number: (out): receives it
 * @error: return location for an error
 *
 * Returns: whether the value is a whole number in that range
 */
gboolean
rd_json_check_whole (const char *path, const RdJsonValue * value, double min,
    double max, gint64 * number, GError ** error)
{
  double exact = 0.0;

  if (!rd_json_check_number (path, value, min, max, &exact, error))
    return FALSE;
  if (exact != floor (exact))
    return rd_json_fail (error, path, "must be a whole number");

  *number = (gint64) exact;
  return TRUE;
}

/**
 * rd_json_check_string:
 * @path: of the value
 * @value: a value
 * @string: (out) (transfer full): receives it
 * @error: return location for an error
 *
 * Returns: whether the value is a string
 */
gboolean
rd_json_check_string (const char *path, const RdJsonValue * value,
    char **string, GError ** error)
{
  if (!rd_json_check_type (path, value, RD_JSON_STRING, error))
    return FALSE;

  *string = g_strdup (value->text);
  return TRUE;
}

/**
 * rd_json_check_name:
 * @path: of the value
 * @value: a value
 * @string: (out) (transfer full): receives it
 * @error: return location for an error
 *
 * Returns: whether the value is a string that is not empty
 */
gboolean
rd_json_check_name (const char *path, const RdJsonValue * value, char **string,
    GError ** error)
{
  if (!rd_json_check_string (path, value, string, error))
    return FALSE;
  if (!**string)
    return rd_json_fail (error, path, "must not be empty");

  return TRUE;
}
