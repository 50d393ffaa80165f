/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "jsonvalue.h"

#include <math.h>
#include <string.h>

#include "device.h"

/* The reader calls itself once a level. */
#define MAX_DEPTH 32

typedef struct
{
  const char *start;
  const char *at;
  guint depth;
  GError **error;
} Reader;

static RdJsonValue *read_value (Reader * reader);

static RdJsonValue *
value_new (RdJsonType type)
{
  RdJsonValue *value = g_new0 (RdJsonValue, 1);

  value->type = type;
  if (type == RD_JSON_LIST || type == RD_JSON_OBJECT)
    value->items =
        g_ptr_array_new_with_free_func ((GDestroyNotify) rd_json_value_free);
  if (type == RD_JSON_OBJECT)
    value->keys = g_ptr_array_new_with_free_func (g_free);

  return value;
}

/**
 * rd_json_value_free:
 * @value: (transfer full): a value that is not part of another
 */
void
rd_json_value_free (RdJsonValue * value)
{
  g_free (value->text);
  g_clear_pointer (&value->items, g_ptr_array_unref);
  g_clear_pointer (&value->keys, g_ptr_array_unref);
  g_free (value);
}

/**
 * rd_json_type_name:
 * @type: a type
 *
 * Returns: what people call it, with an article
 */
const char *
rd_json_type_name (RdJsonType type)
{
  static const char *const names[] = {
    "null", "a boolean", "a number", "a string", "a list", "an object",
  };

  return names[type];
}

/**
 * rd_json_value_get:
 * @object: an object
 * @key: a key
 *
 * Returns: (transfer none) (nullable): the value of that key
 */
const RdJsonValue *
rd_json_value_get (const RdJsonValue * object, const char *key)
{
  guint i;

  for (i = 0; i < object->keys->len; i++) {
    if (strcmp (object->keys->pdata[i], key) == 0)
      return object->items->pdata[i];
  }

  return NULL;
}

G_GNUC_PRINTF (3, 4)
     static gboolean
         fail_at (Reader * reader, const char *at, const char *format, ...) {
  g_autofree char *message = NULL;
  const char *c, *line_start = reader->start;
  guint line = 1;
  va_list args;

  for (c = reader->start; c < at; c++) {
    if (*c == '\n') {
      line++;
      line_start = c + 1;
    }
  }

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (reader->error, RD_ERROR, RD_ERROR_INVALID,
      "line %u, column %ld: %s", line,
      g_utf8_strlen (line_start, at - line_start) + 1, message);

  return FALSE;
}

static gboolean
fail_expected (Reader * reader, const char *expected)
{
  const char *at = reader->at;
  gunichar c = g_utf8_get_char (at);
  char found[7] = { 0 };

  if (c == 0)
    return fail_at (reader, at, "expected %s, found the end", expected);
  if (!g_unichar_isprint (c))
    return fail_at (reader, at, "expected %s, found character %u", expected, c);

  g_unichar_to_utf8 (c, found);
  return fail_at (reader, at, "expected %s, found '%s'", expected, found);
}

static void
skip_space (Reader * reader)
{
  reader->at += strspn (reader->at, " \t\r\n");
}

static gboolean
take (Reader * reader, char c)
{
  skip_space (reader);
  if (*reader->at != c)
    return FALSE;

  reader->at++;
  return TRUE;
}

static gboolean
read_hex4 (Reader * reader, gunichar * code)
{
  guint i;

  *code = 0;
  for (i = 0; i < 4; i++, reader->at++) {
    if (!g_ascii_isxdigit (*reader->at))
      return fail_expected (reader, "four hexadecimal digits");
    *code = 16 * *code + g_ascii_xdigit_value (*reader->at);
  }

  return TRUE;
}

/* what follows \u: one code unit of UTF-16, or two that are a pair */
static gboolean
read_unicode (Reader * reader, GString * string)
{
  const char *start = reader->at - 2;
  gunichar high, low;

  if (!read_hex4 (reader, &high))
    return FALSE;

  if (high >= 0xd800 && high < 0xdc00 && g_str_has_prefix (reader->at, "\\u")) {
    reader->at += 2;
    if (!read_hex4 (reader, &low))
      return FALSE;
    if (low < 0xdc00 || low > 0xdfff)
      return fail_at (reader, start, "half a surrogate pair");
    high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  }
  if (high >= 0xd800 && high < 0xe000)
    return fail_at (reader, start, "half a surrogate pair");
  if (high == 0)
    return fail_at (reader, start, "a string cannot hold \\u0000");

  g_string_append_unichar (string, high);
  return TRUE;
}

static gboolean
read_escape (Reader * reader, GString * string)
{
  static const char letters[] = "\"\\/bfnrt";
  static const char values[] = "\"\\/\b\f\n\r\t";
  const char *letter;

  if (*reader->at == 'u') {
    reader->at++;
    return read_unicode (reader, string);
  }

  letter = *reader->at ? strchr (letters, *reader->at) : NULL;
  if (!letter)
    return fail_expected (reader, "one of \"\\/bfnrtu after a backslash");
  g_string_append_c (string, values[letter - letters]);
  reader->at++;

  return TRUE;
}

/* the reader stands on the opening quote */
static char *
read_string (Reader * reader)
{
  g_autoptr (GString) string = g_string_new (NULL);
  const char *start = reader->at++;

  while (*reader->at != '"') {
    guchar c = *reader->at;

    if (c == 0) {
      fail_at (reader, start, "this string has no end");
      return NULL;
    } else if (c == '\\') {
      reader->at++;
      if (!read_escape (reader, string))
        return NULL;
    } else if (c < 0x20) {
      fail_at (reader, reader->at, "%s in a string, write %s",
          c == '\n' ? "a line break" : "a control character",
          c == '\n' ? "\\n" : "it with \\u");
      return NULL;
    } else {
      g_string_append_c (string, c);
      reader->at++;
    }
  }
  reader->at++;

  return g_string_free (g_steal_pointer (&string), FALSE);
}

static gboolean
skip_digits (Reader * reader)
{
  if (!g_ascii_isdigit (*reader->at))
    return fail_expected (reader, "a digit");

  while (g_ascii_isdigit (*reader->at))
    reader->at++;
  return TRUE;
}

static gboolean
skip_number (Reader * reader)
{
  if (*reader->at == '-')
    reader->at++;

  if (*reader->at == '0')
    reader->at++;
  else if (!skip_digits (reader))
    return FALSE;

  if (*reader->at == '.') {
    reader->at++;
    if (!skip_digits (reader))
      return FALSE;
  }

  if (*reader->at == 'e' || *reader->at == 'E') {
    reader->at++;
    if (*reader->at == '+' || *reader->at == '-')
      reader->at++;
    if (!skip_digits (reader))
      return FALSE;
  }

  return TRUE;
}

static RdJsonValue *
read_number (Reader * reader)
{
  g_autoptr (RdJsonValue) value = value_new (RD_JSON_NUMBER);
  const char *start = reader->at;

  if (!skip_number (reader))
    return NULL;

  value->text = g_strndup (start, reader->at - start);
  value->number = g_ascii_strtod (value->text, NULL);
  if (!isfinite (value->number)) {
    fail_at (reader, start, "this number is too large");
    return NULL;
  }

  return g_steal_pointer (&value);
}

static RdJsonValue *
read_word (Reader * reader)
{
  static const struct
  {
    const char *word;
    RdJsonType type;
    double number;
  } words[] = {
    {"null", RD_JSON_NULL, 0.0},
    {"true", RD_JSON_BOOLEAN, 1.0},
    {"false", RD_JSON_BOOLEAN, 0.0},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (words); i++) {
    if (g_str_has_prefix (reader->at, words[i].word)) {
      RdJsonValue *value = value_new (words[i].type);

      value->number = words[i].number;
      reader->at += strlen (words[i].word);
      return value;
    }
  }

  fail_expected (reader, "a value");
  return NULL;
}

static RdJsonValue *
read_list (Reader * reader)
{
  g_autoptr (RdJsonValue) list = value_new (RD_JSON_LIST);

  reader->at++;
  if (take (reader, ']'))
    return g_steal_pointer (&list);

  do {
    RdJsonValue *item = read_value (reader);

    if (!item)
      return NULL;
    g_ptr_array_add (list->items, item);
  } while (take (reader, ','));

  if (!take (reader, ']')) {
    fail_expected (reader, "',' or ']'");
    return NULL;
  }

  return g_steal_pointer (&list);
}

static gboolean
read_member (Reader * reader, RdJsonValue * object, GHashTable * known)
{
  const char *start;
  char *key;
  RdJsonValue *value;

  skip_space (reader);
  if (*reader->at != '"')
    return fail_expected (reader, "a key in double quotes");

  start = reader->at;
  key = read_string (reader);
  if (!key)
    return FALSE;
  g_ptr_array_add (object->keys, key);
  if (!g_hash_table_add (known, key))
    return fail_at (reader, start, "this key is there twice");

  if (!take (reader, ':'))
    return fail_expected (reader, "':'");
  value = read_value (reader);
  if (!value)
    return FALSE;
  g_ptr_array_add (object->items, value);

  return TRUE;
}

static RdJsonValue *
read_object (Reader * reader)
{
  g_autoptr (RdJsonValue) object = value_new (RD_JSON_OBJECT);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  reader->at++;
  if (take (reader, '}'))
    return g_steal_pointer (&object);

  do {
    if (!read_member (reader, object, known))
      return NULL;
  } while (take (reader, ','));

  if (!take (reader, '}')) {
    fail_expected (reader, "',' or '}'");
    return NULL;
  }

  return g_steal_pointer (&object);
}

static RdJsonValue *
read_string_value (Reader * reader)
{
  char *text = read_string (reader);
  RdJsonValue *value;

  if (!text)
    return NULL;

  value = value_new (RD_JSON_STRING);
  value->text = text;
  return value;
}

static RdJsonValue *
read_value (Reader * reader)
{
  RdJsonValue *value;

  skip_space (reader);
  if (reader->depth == MAX_DEPTH) {
    fail_at (reader, reader->at, "nested deeper than %u levels", MAX_DEPTH);
    return NULL;
  }

  reader->depth++;
  if (*reader->at == '{')
    value = read_object (reader);
  else if (*reader->at == '[')
    value = read_list (reader);
  else if (*reader->at == '"')
    value = read_string_value (reader);
  else if (*reader->at == '-' || g_ascii_isdigit (*reader->at))
    value = read_number (reader);
  else
    value = read_word (reader);
  reader->depth--;

  return value;
}

/**
 * rd_json_value_parse:
 * @text: a JSON text, UTF-8
 * @error: return location for %RD_ERROR_INVALID, whose message begins with line
 *   and column, both from 1 and in characters
 *
 * Returns: (transfer full) (nullable): what the text says
 */
RdJsonValue *
rd_json_value_parse (const char *text, GError ** error)
{
  Reader reader = { text, text, 0, error };
  g_autoptr (RdJsonValue) value = NULL;
  const char *end;

  if (!g_utf8_validate (text, -1, &end)) {
    fail_at (&reader, end, "not UTF-8 text");
    return NULL;
  }

  value = read_value (&reader);
  if (!value)
    return NULL;

  skip_space (&reader);
  if (*reader.at) {
    fail_expected (&reader, "nothing more");
    return NULL;
  }

  return g_steal_pointer (&value);
}
