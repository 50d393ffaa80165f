/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "json/read.h"

#include <string.h>

#include "base/error.h"

/* json-glib 1.6 calls itself once a level, without bound. */
#define MAX_DEPTH 32

/* characters of a user's text that a message repeats */
#define EXCERPT 40

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define SPACE " \t\r\n"
/* beside letters and digits, what a number has */
#define NUMBER "+-."

/* what json-glib calls a text that is no file */
#define JSON_GLIB_NAME "<data>:"

typedef struct
{
  const char *name;
  const char *start;
  const char *end;
  GError *error;                /* the first one */
  guint depth;                  /* of objects being read, and their keys */
  guint n_keys[MAX_DEPTH];
} Reader;

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

/* Returns: NULL */
static const char *
fail_at (Reader * reader, const char *at, const char *what)
{
  const char *line_start = reader->start;
  guint line = 1;

  for (const char *c = reader->start; c < at; c++) {
    if (*c == '\n') {
      line++;
      line_start = c + 1;
    }
  }
  g_set_error (&reader->error, RD_ERROR, RD_ERROR_INVALID, "%s:%u:%ld: %s",
      reader->name, line, g_utf8_strlen (line_start, at - line_start) + 1,
      what);
  return NULL;
}

static const char *
skip_space (const Reader * reader, const char *at)
{
  while (at < reader->end && strchr (SPACE, *at))
    at++;
  return at;
}

/* the code unit of UTF-16 that \uXXXX stands for, or 0 */
static gunichar
get_code_unit (const Reader * reader, const char *at)
{
  gunichar unit = 0;

  if (reader->end - at < 6 || at[0] != '\\' || at[1] != 'u')
    return 0;
  for (guint i = 2; i < 6; i++) {
    if (!g_ascii_isxdigit (at[i]))
      return 0;
    unit = 16 * unit + g_ascii_xdigit_value (at[i]);
  }
  return unit;
}

/* Bytes of the escape at @at, or 0 where it stands for no character or for the
 * one that ends C's strings. */
static gsize
get_escape_size (const Reader * reader, const char *at)
{
  gunichar unit, next;

  if (reader->end - at < 2)
    return 0;
  if (at[1] != 'u')
    return strchr ("\"\\/bfnrt", at[1]) ? 2 : 0;

  unit = get_code_unit (reader, at);
  if (unit >= 0xd800 && unit < 0xdc00) {
    next = get_code_unit (reader, at + 6);
    return next >= 0xdc00 && next < 0xe000 ? 12 : 0;
  }
  return unit == 0 || (unit >= 0xdc00 && unit < 0xe000) ? 0 : 6;
}

/* Returns: (nullable): the quote that ends the string that begins at @at */
static const char *
skip_string (Reader * reader, const char *at)
{
  const char *start = at++;
  gsize size;

  for (; at < reader->end && *at != '"'; at += size) {
    size = *at == '\\' ? get_escape_size (reader, at) : 1;
    if (size == 0)
      return fail_at (reader, at, "invalid escape sequence");
  }
  return at < reader->end ? at : fail_at (reader, start, "unterminated string");
}

/* Looks at brackets and strings alone. json-glib sees them where they are seen
 * here because what else can begin or end a string in its eyes is refused:
 * escapes that it misreads, apostrophes and comments.
 *
 * Returns: (nullable): where the first list or object ends, or the text */
static const char *
find_end (Reader * reader)
{
  const char *at = skip_space (reader, reader->start);
  guint depth = 0;

  if (at == reader->end || !strchr ("{[", *at))
    return fail_at (reader, at, "must begin with '{' or '['");

  do {
    if (strchr ("{[", *at) && ++depth > MAX_DEPTH)
      return fail_at (reader, at, "nested deeper than "
          G_STRINGIFY (MAX_DEPTH) " levels");
    else if (strchr ("]}", *at))
      depth--;
    else if (*at == '"')
      at = skip_string (reader, at);
    else if (strchr ("'/", *at))
      return fail_at (reader, at, "strings must be in double quotes, and "
          "comments are not allowed");
  } while (at && ++at < reader->end && depth > 0);

  return at;
}

static gboolean
is_whole (const char *word, gsize size)
{
  const gboolean negative = *word == '-';

  /* json-glib 1.6 reads others, with a zero in front, its own way */
  if (size == (gsize) negative || word[negative] == '0')
    return FALSE;
  for (gsize i = negative; i < size; i++) {
    if (!g_ascii_isdigit (word[i]))
      return FALSE;
  }
  return TRUE;
}

/* Returns: whether @size digits are a number of 64 bits */
static gboolean
get_magnitude (const char *digits, gsize size, guint64 * magnitude)
{
  guint64 value = 0;

  for (gsize i = 0; i < size; i++) {
    if (!g_uint64_checked_mul (&value, value, 10)
        || !g_uint64_checked_add (&value, value, digits[i] - '0'))
      return FALSE;
  }
  *magnitude = value;
  return TRUE;
}

/* What json-glib makes of a whole number that is no gint64 depends on its
 * version. One of 64 bits becomes the gint64 of the same bits, a larger one a
 * floating point number of as many characters. */
static void
append_whole (GString * text, const char *number, gsize size)
{
  const gboolean negative = *number == '-';
  guint64 magnitude;

  if (get_magnitude (number + negative, size - negative, &magnitude)
      && magnitude <= (guint64) G_MAXINT64 + negative)
    g_string_append_len (text, number, size);
  else if (!negative && get_magnitude (number, size, &magnitude))
    g_string_append_printf (text, "%*" G_GINT64_FORMAT, (int) size,
        (gint64) magnitude);
  else {
    g_string_append_len (text, number, size - 2);
    g_string_append (text, "e2");
  }
}

/* Returns: (transfer full): the text up to @end, which find_end() has looked at,
 * with whole numbers that json-glib keeps as they are */
static GString *
spell_numbers (Reader * reader, const char *end)
{
  GString *text = g_string_sized_new (end - reader->start);
  const char *at = reader->start;

  while (at < end) {
    const char *start = at;

    if (*at == '"')
      at = skip_string (reader, at) + 1;
    else if (!g_ascii_isalnum (*at) && !strchr (NUMBER, *at))
      at++;
    else {
      while (at < end && (g_ascii_isalnum (*at) || strchr (NUMBER, *at)))
        at++;
      if (is_whole (start, at - start)) {
        append_whole (text, start, at - start);
        continue;
      }
    }
    g_string_append_len (text, start, at - start);
  }
  return text;
}

static void
on_object_start (JsonParser * parser, gpointer data)
{
  Reader *reader = data;

  reader->n_keys[reader->depth++] = 0;
}

/* Of a repeated key, json-glib would keep the last value. */
static void
on_object_member (JsonParser * parser, JsonObject * object, const char *key,
    gpointer data)
{
  Reader *reader = data;

  if (++reader->n_keys[reader->depth - 1] > json_object_get_size (object)
      && !reader->error) {
    g_autofree char *excerpt = rd_json_excerpt (key);

    g_set_error (&reader->error, RD_ERROR, RD_ERROR_INVALID, "%s:%u:%u: the "
        "key \"%s\" occurs twice", reader->name,
        json_parser_get_current_line (parser),
        json_parser_get_current_pos (parser), excerpt);
  }
}

static void
on_object_end (JsonParser * parser, JsonObject * object, gpointer data)
{
  Reader *reader = data;

  reader->depth--;
}

static void
set_syntax_error (Reader * reader, const char *message)
{
  /* it may repeat a part of the text that ends within a character */
  g_autofree char *valid = g_utf8_make_valid (message, -1);
  const char *place = g_str_has_prefix (valid, JSON_GLIB_NAME) ?
      valid + strlen (JSON_GLIB_NAME) : valid;

  g_set_error (&reader->error, RD_ERROR, RD_ERROR_INVALID, "%s:%s",
      reader->name, place);
}

static JsonNode *
read_tree (Reader * reader)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) cause = NULL;
  g_autoptr (GString) text = NULL;
  const char *end, *rest;

  if (!g_utf8_validate_len (reader->start, reader->end - reader->start, &end)) {
    fail_at (reader, end, "not UTF-8 text");
    return NULL;
  }
  end = find_end (reader);
  if (!end)
    return NULL;

  text = spell_numbers (reader, end);
  g_signal_connect (parser, "object-start", G_CALLBACK (on_object_start),
      reader);
  g_signal_connect (parser, "object-member", G_CALLBACK (on_object_member),
      reader);
  g_signal_connect (parser, "object-end", G_CALLBACK (on_object_end), reader);
  if (!json_parser_load_from_data (parser, text->str, text->len, &cause)
      && !reader->error)
    set_syntax_error (reader, cause->message);

  rest = skip_space (reader, end);
  if (!reader->error && rest < reader->end)
    fail_at (reader, rest, "unexpected text after the end of the document");
  return reader->error ? NULL : json_parser_steal_root (parser);
}

/**
 * rd_json_parse:
 * @name: what the text is called in messages
 * @text: a JSON text (RFC 8259) in UTF-8: one list or object
 * @size: its bytes
 * @error: return location for %RD_ERROR_INVALID, "NAME:LINE:COLUMN: what", both
 *   from 1
 *
 * Reads a text that may be hostile. What nests deeper than 32 levels, repeats a
 * key or has half a character or a NUL in a string is refused. Whole numbers of
 * 64 bits without a sign become the #gint64 of the same bits: cast where they
 * have no sign, and check ranges. What has more bits is a double.
 *
 * Returns: (transfer full) (nullable): the tree, all strings valid UTF-8
 */
JsonNode *
rd_json_parse (const char *name, const char *text, gsize size, GError ** error)
{
  Reader reader = { name, text, text + size };
  JsonNode *root;

  if (size >= strlen (BYTE_ORDER_MARK)
      && memcmp (text, BYTE_ORDER_MARK, strlen (BYTE_ORDER_MARK)) == 0)
    reader.start += strlen (BYTE_ORDER_MARK);

  root = read_tree (&reader);
  if (!root)
    g_propagate_error (error, reader.error);
  return root;
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
