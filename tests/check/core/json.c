/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What stands between json-glib and other people's texts. */

#include "rdtest.h"
#include "scratch.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "json/read.h"
#include "json/file.h"
#include "json/write.h"
#include "models/info.h"
#include "regions/document.h"
#include "files/safetensors.h"
#include "prompt/tokenizer.h"

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *root = rd_json_parse ("text", text, strlen (text), &error);

  fail_unless (root != NULL, "%s: %s", text, error ? error->message : NULL);
  return root;
}

static void
assert_refused (const char *text, gsize size, const char *message)
{
  g_autoptr (GError) error = NULL;

  fail_unless (rd_json_parse ("text", text, size, &error) == NULL,
      "accepted: %s", text);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_INVALID));
  fail_unless (g_str_has_prefix (error->message, message), "%s: %s", text,
      error->message);
  fail_unless (g_utf8_validate (error->message, -1, NULL));
}

GST_START_TEST (test_values)
{
  g_autoptr (JsonNode) root = parse ("\xef\xbb\xbf {\"a\":[1,-2.5e1,true,"
      "null,\"\"],\"\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"
      " [{'/\",\"n\":18446744073709551615}\n");
  JsonObject *object = json_node_get_object (root);
  JsonArray *list = json_object_get_array_member (object, "a");
  gint64 number;

  fail_unless_equals_int (json_array_get_length (list), 5);
  fail_unless (json_array_get_double_element (list, 1) == -25.0);
  fail_unless_equals_string (json_object_get_string_member (object, ""),
      "\"\\/\b\f\n\r\t\xc3\xa9\xf0\x9f\x98\x80 [{'/");
  fail_unless (rd_json_node_int (json_object_get_member (object, "n"),
          &number));
  fail_unless_equals_uint64 ((guint64) number, G_MAXUINT64);
  fail_if (rd_json_node_int (json_object_get_member (object, "a"), &number));
  fail_if (rd_json_node_int (json_array_get_element (list, 1), &number));
  fail_if (rd_json_node_int (NULL, &number));
}

GST_END_TEST;

/* Whatever json-glib makes of what is no gint64: 64 bits are kept, and what has
 * more is as large as it was written. */
GST_START_TEST (test_large_numbers)
{
  static const struct
  {
    const char *text;
    gint64 number;
  } whole[] = {
    {"[9223372036854775807]", G_MAXINT64},
    {"[9223372036854775808]", G_MININT64},
    {"[9999999999999999999]", (gint64) 9999999999999999999u},
    {"[10000000000000000000]", (gint64) 10000000000000000000u},
    {"[18446744073709551614]", (gint64) 18446744073709551614u},
    {"[18446744073709551615]", -1},
    {"[ 18446744073709551615\n]", -1},
    {"[0]", 0},
  };
  static const struct
  {
    const char *text;
    double number;
  } large[] = {
    {"[18446744073709551616]", 18446744073709551616.0},
    {"[-0]", 0.0},
    {"[-1]", -1.0},
    {"[-2]", -2.0},
    {"[-9223372036854775808]", -9223372036854775808.0},
    {"[-9223372036854775809]", -9223372036854775808.0},
    {"[-18446744073709551615]", -18446744073709551616.0},
    {"[1000000000000000019884624838656]", 1e30},
    {"[18446744073709551615.0]", 18446744073709551616.0},
    {"[18446744073709551615e0]", 18446744073709551616.0},
  };

  for (guint i = 0; i < G_N_ELEMENTS (whole); i++) {
    g_autoptr (JsonNode) root = parse (whole[i].text);
    gint64 number;

    fail_unless (rd_json_node_int (json_array_get_element (json_node_get_array
                (root), 0), &number), "%s", whole[i].text);
    fail_unless (number == whole[i].number, "%s: %" G_GINT64_FORMAT,
        whole[i].text, number);
  }
  for (guint i = 0; i < G_N_ELEMENTS (large); i++) {
    g_autoptr (JsonNode) root = parse (large[i].text);
    JsonNode *node = json_array_get_element (json_node_get_array (root), 0);
    gint64 number;

    fail_if (rd_json_node_int (node, &number), "%s", large[i].text);
    fail_unless (json_node_get_double (node) == large[i].number, "%s: %.17g",
        large[i].text, json_node_get_double (node));
  }
}

GST_END_TEST;

/* What is written is read as the same, numbers of 64 bits and negative ones
 * among it. */
GST_START_TEST (test_write)
{
  static const char text[] = "{\"a\":[-1,-2,-2.5,18446744073709551615,"
      "9223372036854775808,0,7,\"-1\",\"\\\"-2\"],\"-3\":[[-4],{\"b\":-5}],"
      "\"c\":[-1e+30,1e+30,1.5e-07]}";
  g_autoptr (JsonNode) root = parse (text);
  g_autofree char *written = rd_json_write (root);
  g_autoptr (JsonNode) again = parse (written);

  fail_unless (json_node_equal (root, again), "%s", written);
  fail_unless (strstr (written, "[-1,-2,-2.5,18446744073709551615,"
          "9223372036854775808,0,7,\"-1\",\"\\\"-2\"],\"-3\":[[-4],{\"b\":-5}]"),
      "%s", written);
}

GST_END_TEST;

/* What json-glib takes for a number, or once did, and JSON does not know. */
GST_START_TEST (test_numbers_that_are_none)
{
  static const char *const numbers[] = {
    "0x10", "0X10", "0b1", "010", "00", "-010", "+5", ".5", "5.", "1.e5", "1e",
    "1e+", "--1", "1-1", "1.5.2", "1e5.5", "-", "5f",
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autofree char *text = g_strdup_printf ("[1,\n  %s]", numbers[i]);

    assert_refused (text, strlen (text), "text:2:3: not a number: JSON has "
        "decimal digits without a leading 0 or +");
  }
  assert_refused ("[NaN]", 5, "text:1:2: expected a value");
  assert_refused ("[-Infinity]", 11, "text:1:2: not a number");
}

GST_END_TEST;

/* Places are those of the user's text, whatever json-glib reads. */
GST_START_TEST (test_places_behind_numbers)
{
  g_autoptr (GError) plain = NULL, numbers = NULL;
  const char *const texts[] = {
    "[10,20,10000000000000000000 3]", "[-1,-2,10000000000000000000 3]"
  };

  rd_json_parse ("text", texts[0], strlen (texts[0]), &plain);
  rd_json_parse ("text", texts[1], strlen (texts[1]), &numbers);
  fail_unless_equals_string (plain->message, numbers->message);
}

GST_END_TEST;

GST_START_TEST (test_numbers_in_strings)
{
  g_autoptr (JsonNode) root =
      parse ("[\"\\\"18446744073709551615\",18446744073709551615]");

  fail_unless_equals_string (json_array_get_string_element
      (json_node_get_array (root), 0), "\"18446744073709551615");
}

GST_END_TEST;

/* The guard's own errors. */
GST_START_TEST (test_guard)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    /* *INDENT-OFF* */
    {"", "text:1:1: must begin with '{' or '['"},
    {"\n 1", "text:2:2: must begin with '{' or '['"},
    {"var x = []", "text:1:1: must begin with '{' or '['"},
    {"\xef\xbb\xbf" "1", "text:1:1: must begin with '{' or '['"},
    {"{} {}", "text:1:4: unexpected text after the end of the document"},
    {"[]\n]", "text:2:1: unexpected text after the end of the document"},
    {"[] var x = []", "text:1:4: unexpected text after the end of the "
        "document"},
    {"[\"a\xff\"]", "text:1:4: not UTF-8 text"},
    {"[\n\"\xc3\xa9]", "text:2:1: unterminated string"},
    {"[\"", "text:1:2: unterminated string"},
    {"['a']", "text:1:2: strings must be in double quotes, and comments are "
        "not allowed"},
    {"[1, // 2", "text:1:5: strings must be in double quotes, and comments are "
        "not allowed"},
    {"[\"\xc3\xa9\\x\"]", "text:1:4: invalid escape sequence"},
    {"[\"\\", "text:1:3: invalid escape sequence"},
    {"[\"\\0\"]", "text:1:3: invalid escape sequence"},
    {"[\"\\377\"]", "text:1:3: invalid escape sequence"},
    {"[\"\\u0000\"]", "text:1:3: a text must not contain NUL, remove "
        "\\u0000"},
    {"[\"\\u12g4\"]", "text:1:3: invalid escape sequence"},
    {"[\"\\u123", "text:1:3: invalid escape sequence"},
    {"[\"\\ud800\"]", "text:1:3: invalid escape sequence"},
    {"[\"\\ud83d\\u0041\"]", "text:1:3: invalid escape sequence"},
    {"[\"\\ud83d\\ud83d\"]", "text:1:3: invalid escape sequence"},
    {"[\"\\ude00\"]", "text:1:3: invalid escape sequence"},
    {"{\"a\":1,\n\"a\":2}", "text:2:5: the key \"a\" occurs twice"},
    {"{\"a\":{\"a\":{},\"b\":[{\"a\":1}]},\"b\":1,\"\\u0062\":1}",
        "text:1:44: the key \"b\" occurs twice"},
    {"[{\"a\":1,\"a\":2,\"b\"", "text:1:14: the key \"a\" occurs twice"},
    /* *INDENT-ON* */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].text, strlen (cases[i].text), cases[i].message);
  assert_refused ("[\"a\0\"]", 6, "text:1:4: not UTF-8 text");
  assert_refused ("[\"\\u12", 4, "text:1:3: invalid escape");
}

GST_END_TEST;

/* json-glib's errors. Its wording and columns are not ours to test. */
GST_START_TEST (test_syntax)
{
  static const struct
  {
    const char *text;
    const char *place;
  } cases[] = {
    {"[", "text:1:"}, {"{\"a\"", "text:1:"}, {"[\n1,\n]", "text:2:"},
    {"[1 2]", "text:1:"}, {"{a: 1}", "text:1:"}, {"{\"a\" 1}", "text:1:"},
    {"{\"a\":1,}", "text:1:"}, {"{\"a\":1 \"b\":2}", "text:1:"},
    {"{,}", "text:1:"}, {"[}", "text:1:"}, {"{]", "text:1:"},
    {"{\"a\"]", "text:1:"}, {"{\"a\":]", "text:1:"}, {"{\"a\":1]", "text:1:"},
    {"[\n\nNaN]", "text:3:"}, {"[truely]", "text:1:"}, {"[-]", "text:1:"},
    {"[1e]", "text:1:"}, {"[var]", "text:1:"}, {"[\x01]", "text:1:"},
    {"[.\"5, \"]", "text:1:"}, {"[$\"5, \"]", "text:1:"},
    {"[1 \"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
          "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
          "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
          "\"]", "text:1:"},
    {"[\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
          "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
          "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
          "\" 1]", "text:1:"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].text, strlen (cases[i].text), cases[i].place);
}

GST_END_TEST;

/* @n of @opening, then @rest */
static char *
nested (const char *opening, guint n, const char *rest)
{
  g_autoptr (GString) text = g_string_new (NULL);

  while (n-- > 0)
    g_string_append (text, opening);
  g_string_append (text, rest);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

GST_START_TEST (test_depth)
{
  g_autofree char *closing = g_strnfill (32, ']');
  g_autofree char *braces = g_strnfill (32, '}');
  g_autofree char *lists = nested ("[", 32, closing);
  g_autofree char *objects = nested ("{\"a\":", 31, "{}");
  g_autofree char *objects_end = g_strconcat (objects, braces + 1, NULL);
  g_autofree char *deeper = nested ("[", 33, closing);
  g_autofree char *mixed = nested ("{\"\":[", 1000, "");
  g_autofree char *wide = nested ("[],", 1000, "[]]");
  g_autofree char *wide_list = g_strconcat ("[", wide, NULL);
  g_autoptr (JsonNode) deepest G_GNUC_UNUSED = parse (lists);
  g_autoptr (JsonNode) deepest_object G_GNUC_UNUSED = parse (objects_end);
  g_autoptr (JsonNode) widest G_GNUC_UNUSED = parse (wide_list);

  assert_refused (deeper, strlen (deeper), "text:1:33: nested deeper than 32");
  assert_refused (mixed, strlen (mixed), "text:1:81: nested deeper than 32");
}

GST_END_TEST;

/* What would hide brackets from the guard, but not from json-glib, if strings
 * began and ended elsewhere in its eyes. json-glib's own calls would end the
 * process here. */
GST_START_TEST (test_hidden_depth)
{
  static const char *const beginnings[] = {
    "[\"\\u1\" \",", "[\"\\ud83d\" \",", "[\"\\ud83d\\\" \",", "['\"', ",
    "[/\"/", "[//\n\"//", "[.\"5 \", ", "[$\"1 \", ", "[0x\"1 \", ",
    "[0b\"1 \", ", "[1e\"1 \", ", "[a\"1 \", ", "[-\"1 \", ", "[\"\\\"\",",
    "[\"\\\\\",",
  };

  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++) {
    g_autofree char *brackets = nested ("[", 100000, "\"]");
    g_autofree char *text = g_strconcat (beginnings[i], brackets, NULL);

    assert_refused (text, strlen (text), "text:");
  }
  for (guint i = 0; i < 2; i++) {
    g_autofree char *text = nested ("var a = ", 100000, "[]");
    g_autofree char *second = g_strconcat ("[] ", text, NULL);

    assert_refused (second, strlen (second), "text:1:4");
    assert_refused (text, strlen (text), "text:1:1");
  }
}

GST_END_TEST;

static void
assert_place (const GError * error, const char *place)
{
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_INVALID));
  fail_unless (strstr (error->message, place) != NULL, "'%s' is not in '%s'",
      place, error->message);
}

/* Everything that reads JSON survives it. */
GST_START_TEST (test_hostile_nesting)
{
  g_autofree char *lists = nested ("[", 100000, "");
  g_autofree char *object = g_strconcat ("{\"a\":", lists, NULL);
  g_autofree char *tokenizer_folder = rd_test_model_path ("tiny/tokenizer");
  g_autoptr (RdScratch) model = rd_scratch_new (NULL);
  g_autoptr (RdScratch) tokenizer = rd_scratch_new (tokenizer_folder);
  g_autofree char *unet = g_build_filename (model, "unet", NULL);
  g_autoptr (GError) regions_error = NULL, document_error = NULL;
  g_autoptr (GError) model_error = NULL, safetensors_error = NULL;
  g_autoptr (GError) tokenizer_error = NULL;
  RdModelInfo info;

  fail_unless (rd_region_document_parse (lists, NULL, &regions_error) == NULL);
  assert_place (regions_error, "document:1:33: nested");
  fail_unless (rd_region_document_parse (object, NULL,
          &document_error) == NULL);
  assert_place (document_error, "document:1:37: nested");

  rd_scratch_write (model, "model_index.json", "{}");
  fail_unless (g_mkdir (unet, 0700) == 0);
  rd_scratch_write (model, "unet/config.json", object);
  fail_if (rd_model_info_read (&info, model, &model_error));
  assert_place (model_error, "unet/config.json:1:37: nested");
  rd_model_info_clear (&info);

  fail_unless (rd_safetensors_parse (object, strlen (object),
          &safetensors_error) == NULL);
  assert_place (safetensors_error, "safetensors: header:1:37: nested");

  rd_scratch_write (tokenizer, "vocab.json", object);
  fail_unless (rd_tokenizer_new (tokenizer, 0, &tokenizer_error) == NULL);
  assert_place (tokenizer_error, "vocab.json:1:37: nested");
}

GST_END_TEST;

GST_START_TEST (test_files)
{
  g_autoptr (RdScratch) scratch = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (scratch, "a.json", NULL);
  g_autoptr (GError) missing = NULL, folder = NULL, list = NULL, syntax = NULL;

  fail_unless (rd_json_file_load (path, &missing) == NULL);
  fail_unless (g_error_matches (missing, RD_ERROR, RD_ERROR_NOT_FOUND));
  fail_unless (rd_json_file_load (scratch, &folder) == NULL);
  fail_unless (g_error_matches (folder, RD_ERROR, RD_ERROR_INVALID));
  fail_unless (strstr (folder->message, scratch) != NULL);
  rd_scratch_write (scratch, "a.json", "[]");
  fail_unless (rd_json_file_load (path, &list) == NULL);
  assert_place (list, "a.json: must contain a JSON object");
  rd_scratch_write (scratch, "a.json", "{\n\"a\" 1}");
  fail_unless (rd_json_file_load (path, &syntax) == NULL);
  assert_place (syntax, "a.json:2:");
}

GST_END_TEST;

static Suite *
json_suite (void)
{
  Suite *suite = suite_create ("json");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_values);
  tcase_add_test (tc, test_large_numbers);
  tcase_add_test (tc, test_numbers_in_strings);
  tcase_add_test (tc, test_write);
  tcase_add_test (tc, test_numbers_that_are_none);
  tcase_add_test (tc, test_places_behind_numbers);
  tcase_add_test (tc, test_guard);
  tcase_add_test (tc, test_syntax);
  tcase_add_test (tc, test_depth);
  tcase_add_test (tc, test_hidden_depth);
  tcase_add_test (tc, test_hostile_nesting);
  tcase_add_test (tc, test_files);

  return suite;
}

GST_CHECK_MAIN (json);
