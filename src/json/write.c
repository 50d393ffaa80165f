/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "json/write.h"

#include <string.h>

/**
 * rd_json_add_whole:
 * @builder: a builder
 * @value: a whole number, which a double can hold
 */
void
rd_json_add_whole (JsonBuilder * builder, gint64 value)
{
  if (value < 0)
    json_builder_add_double_value (builder, (double) value);
  else
    json_builder_add_int_value (builder, value);
}

/**
 * rd_json_add_unsigned:
 * @builder: a builder
 * @value: a whole number
 */
void
rd_json_add_unsigned (JsonBuilder * builder, guint64 value)
{
  json_builder_add_int_value (builder, (gint64) value);
}

/* Returns: where the string that begins at @at ends, behind its quote */
static const char *
skip_string (const char *at)
{
  for (at++; *at != '"'; at++) {
    if (*at == '\\')
      at++;
  }
  return at + 1;
}

/* Whole numbers with a sign are those of 64 bits without one; doubles may end in
 * ".0", behind an exponent, too, where JSON has no fraction. */
static void
append_number (GString * text, const char *number, gsize size)
{
  g_autofree char *word = g_strndup (number, size);
  gint64 whole;

  if (g_str_has_suffix (word, ".0") && (*word == '-' || strchr (word, 'e')))
    g_string_append_len (text, word, (gssize) size - 2);
  else if (g_ascii_string_to_signed (word, 10, G_MININT64, -1, &whole, NULL))
    g_string_append_printf (text, "%" G_GUINT64_FORMAT, (guint64) whole);
  else
    g_string_append (text, word);
}

/**
 * rd_json_write:
 * @root: a tree as rd_json_parse() makes it: nodes of whole numbers are the
 *   #gint64 of the same bits as a #guint64, negative numbers are doubles
 *
 * Returns: (transfer full): a text that rd_json_parse() reads as the same tree
 */
char *
rd_json_write (JsonNode * root)
{
  g_autofree char *written = json_to_string (root, FALSE);
  GString *text = g_string_sized_new (strlen (written));

  for (const char *at = written; *at;) {
    const char *start = at;

    if (*at == '-' || g_ascii_isdigit (*at)) {
      at += strcspn (at, ",]}");
      append_number (text, start, at - start);
    } else {
      at = *at == '"' ? skip_string (at) : at + 1;
      g_string_append_len (text, start, at - start);
    }
  }
  return g_string_free (text, FALSE);
}
