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

static gboolean
is_nul_escape (const Reader * reader, const char *at)
{
  static const char escape[] = "\\u0000";

  return reader->end - at >= (gssize) strlen (escape)
      && memcmp (at, escape, strlen (escape)) == 0;
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
      return fail_at (reader, at, is_nul_escape (reader, at) ?
          "a text must not contain NUL, remove \\u0000" :
          "invalid escape sequence");
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

static const char *
skip_digits (const char *at, const char *end)
{
  while (at < end && g_ascii_isdigit (*at))
    at++;
  return at;
}

/* Whether a word is a number of RFC 8259. json-glib knows others, hexadecimal
 * and octal ones among them. @whole receives whether it has digits only. */
static gboolean
is_number (const char *word, const char *end, gboolean * whole)
{
  const char *digits = word + (word < end && *word == '-');
  const char *at = skip_digits (digits, end), *start;

  *whole = at == end;
  if (at == digits || (*digits == '0' && at > digits + 1))
    return FALSE;
  if (at < end && *at == '.') {
    start = ++at;
    at = skip_digits (at, end);
    if (at == start)
      return FALSE;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    at++;
    if (at < end && (*at == '+' || *at == '-'))
      at++;
    start = at;
    at = skip_digits (at, end);
    if (at == start)
      return FALSE;
  }
  return at == end;
}

static gboolean
is_word (const char *at, const char *end)
{
  static const char *const words[] = { "true", "false", "null" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    if (strlen (words[i]) == (gsize) (end - at)
        && memcmp (words[i], at, end - at) == 0)
      return TRUE;
  }
  return FALSE;
}

/* What json-glib makes of a whole number that is no gint64 depends on its
 * version, and it has no unsigned ones. One of 64 bits becomes the gint64 of the
 * same bits, so one below 0 has to be a floating point number, as one of more
 * bits is. */
static void
append_whole (GString * text, const char *number, const char *end)
{
  g_autofree char *digits = g_strndup (number, end - number);
  guint64 magnitude;

  if (*digits != '-'
      && g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT64, &magnitude,
          NULL))
    g_string_append_printf (text, "%" G_GINT64_FORMAT, (gint64) magnitude);
  else
    g_string_append_printf (text, "%s.0", digits);
}

/* Returns: (transfer full) (nullable): the text up to @end, which find_end() has
 * looked at, with whole numbers that json-glib keeps as they are */
static GString *
spell_numbers (Reader * reader, const char *end)
{
  g_autoptr (GString) text = g_string_sized_new (end - reader->start);
  const char *at = reader->start;

  while (at < end) {
    const char *start = at;
    gboolean whole = FALSE;

    if (*at == '"')
      at = skip_string (reader, at) + 1;
    else if (!g_ascii_isalnum (*at) && !strchr (NUMBER, *at))
      at++;
    else {
      while (at < end && (g_ascii_isalnum (*at) || strchr (NUMBER, *at)))
        at++;
      if (!is_number (start, at, &whole) && !is_word (start, at)) {
        fail_at (reader, start, g_ascii_isalpha (*start) ? "expected a value "
            "or a key in double quotes" : "not a number: JSON has decimal "
            "digits without a leading 0 or +");
        return NULL;
      }
    }
    if (whole)
      append_whole (text, start, at);
    else
      g_string_append_len (text, start, at - start);
  }
  return g_steal_pointer (&text);
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

/* The text that json-glib has refused has numbers in other columns than the
 * user's, which it refuses for the same reason. */
static void
set_syntax_error (Reader * reader, const char *end, const char *message)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) cause = NULL;
  const gboolean differs = json_parser_load_from_data (parser, reader->start,
      end - reader->start, &cause);
  /* it may repeat a part of the text that ends within a character */
  g_autofree char *valid =
      g_utf8_make_valid (differs ? message : cause->message, -1);
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
  if (!text)
    return NULL;
  g_signal_connect (parser, "object-start", G_CALLBACK (on_object_start),
      reader);
  g_signal_connect (parser, "object-member", G_CALLBACK (on_object_member),
      reader);
  g_signal_connect (parser, "object-end", G_CALLBACK (on_object_end), reader);
  if (!json_parser_load_from_data (parser, text->str, text->len, &cause)
      && !reader->error)
    set_syntax_error (reader, end, cause->message);

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
 * key or has half a character or a NUL in a string is refused, and so is what
 * json-glib takes and JSON does not know, such as hexadecimal numbers. A node of
 * a whole number of up to 64 bits is the #gint64 of the same bits: cast it to
 * #guint64. Negative numbers and those of more bits are doubles. rd_json_write()
 * writes such trees.
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
 * @value: (out): receives the #gint64 of the same bits
 *
 * Returns: whether the node holds a whole number in 0..2^64-1
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
 * rd_json_looks_like:
 * @text: a text
 *
 * Returns: whether it begins as a JSON object, or a list of objects, does; other
 *   texts may begin with a bracket, too
 */
gboolean
rd_json_looks_like (const char *text)
{
  const char *first, *second;

  if (g_str_has_prefix (text, BYTE_ORDER_MARK))
    text += strlen (BYTE_ORDER_MARK);
  first = text + strspn (text, SPACE);
  if (!*first)
    return FALSE;
  second = first + 1 + strspn (first + 1, SPACE);
  return (*first == '{' && (*second == '"' || *second == '}'))
      || (*first == '[' && (*second == '{' || *second == ']'));
}

/**
 * rd_json_add_hint:
 * @error: (nullable): of rd_json_parse(), for a text that does not look like JSON
 * @remedy: how to write what it may have been meant to be
 *
 * Says why the text was read as JSON.
 */
void
rd_json_add_hint (GError ** error, const char *remedy)
{
  g_autofree char *before = NULL;

  if (!error || !*error)
    return;
  before = (*error)->message;
  (*error)->message = g_strdup_printf ("%s; a text that begins with '{' or '[' "
      "is read as JSON, %s", before, remedy);
}
