/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "rdtest.h"
#include "scratch.h"

#include "base/error.h"
#include "prompt/tokenizer.h"

static RdTokenizer *
open_tokenizer (const char *folder, guint max_length)
{
  g_autoptr (GError) error = NULL;
  RdTokenizer *tokenizer = rd_tokenizer_new (folder, max_length, &error);

  fail_unless (tokenizer != NULL, "%s", error ? error->message : NULL);
  return tokenizer;
}

static RdTokenizer *
open_tiny (void)
{
  g_autofree char *folder = rd_test_path ("tokenizer/tiny");

  return open_tokenizer (folder, 0);
}

static char *
to_text (GArray * ids)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (text, "%d ", g_array_index (ids, gint, i));
  return g_string_free (text, FALSE);
}

static void
assert_ids (const char *text, GArray * got, JsonArray * want)
{
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (gint));
  g_autofree char *got_text = NULL, *want_text = NULL;

  for (guint i = 0; i < json_array_get_length (want); i++) {
    gint id = json_array_get_int_element (want, i);

    g_array_append_val (wanted, id);
  }
  got_text = to_text (got);
  want_text = to_text (wanted);
  fail_unless_equals_string (got_text, want_text);
}

/* What transformers' CLIPTokenizer gives with the vocabulary called @column. */
static void
check_cases (const char *folder, const char *column)
{
  g_autoptr (RdTokenizer) tokenizer = open_tokenizer (folder, 77);
  g_autofree char *path = rd_test_path ("tokenizer/cases.json");
  g_autofree char *padded_column = g_strconcat (column, "_77", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *cases;

  fail_unless (json_parser_load_from_file (parser, path, NULL));
  cases = json_node_get_array (json_parser_get_root (parser));
  fail_unless (json_array_get_length (cases) > 0);
  for (guint i = 0; i < json_array_get_length (cases); i++) {
    JsonObject *test_case = json_array_get_object_element (cases, i);
    const char *text = json_object_get_string_member (test_case, "text");
    g_autoptr (GArray) ids = rd_tokenizer_split (tokenizer, text);
    g_autoptr (GArray) padded = rd_tokenizer_encode (tokenizer, text);

    assert_ids (text, ids, json_object_get_array_member (test_case, column));
    assert_ids (text, padded,
        json_object_get_array_member (test_case, padded_column));
  }
}

GST_START_TEST (test_tiny_vocabulary)
{
  g_autofree char *folder = rd_test_path ("tokenizer/tiny");

  check_cases (folder, "tiny");
}

GST_END_TEST;

/* OpenAI's vocabulary is not ours to copy: set RD_CLIP_TOKENIZER to a folder
 * with it. */
GST_START_TEST (test_clip_vocabulary)
{
  const char *folder = g_getenv ("RD_CLIP_TOKENIZER");

  if (folder)
    check_cases (folder, "clip");
}

GST_END_TEST;

/* Two tokenizers of one vocabulary give the same ids for all texts. */
static void
compare (const char *folder, const char *other)
{
  g_autoptr (RdTokenizer) one = open_tokenizer (folder, 77);
  g_autoptr (RdTokenizer) two = open_tokenizer (other, 77);
  g_autofree char *path = rd_test_path ("tokenizer/cases.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *cases;

  fail_unless (json_parser_load_from_file (parser, path, NULL));
  cases = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (cases); i++) {
    JsonObject *test_case = json_array_get_object_element (cases, i);
    const char *text = json_object_get_string_member (test_case, "text");
    g_autoptr (GArray) a = rd_tokenizer_encode (one, text);
    g_autoptr (GArray) b = rd_tokenizer_encode (two, text);
    g_autofree char *a_text = to_text (a), *b_text = to_text (b);

    fail_unless_equals_string (a_text, b_text);
  }
}

/* tokenizer.json as transformers 5 writes it beside no vocab.json; pairs as
 * earlier versions write them. */
GST_START_TEST (test_one_file)
{
  g_autofree char *folder = rd_test_path ("tokenizer/json");
  g_autofree char *path = g_build_filename (folder, "tokenizer.json", NULL);
  g_autofree char *tiny = rd_test_model_path ("tiny/tokenizer");
  g_autoptr (RdScratch) scratch = rd_scratch_new (folder);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (JsonArray) lines = json_array_new ();
  g_autofree char *text = NULL;
  JsonObject *model;
  JsonArray *pairs;

  compare (folder, tiny);

  fail_unless (json_parser_load_from_file (parser, path, NULL));
  model = json_object_get_object_member (json_node_get_object
      (json_parser_get_root (parser)), "model");
  pairs = json_object_get_array_member (model, "merges");
  for (guint i = 0; i < json_array_get_length (pairs); i++) {
    JsonArray *pair = json_array_get_array_element (pairs, i);
    g_autofree char *line = g_strconcat (json_array_get_string_element (pair,
            0), " ", json_array_get_string_element (pair, 1), NULL);

    json_array_add_string_element (lines, line);
  }
  json_object_set_array_member (model, "merges", g_steal_pointer (&lines));
  text = json_to_string (json_parser_get_root (parser), FALSE);
  rd_scratch_write (scratch, "tokenizer.json", text);
  compare (scratch, tiny);
}

GST_END_TEST;

/* What tokenizer.json would do to texts and ours does not. */
GST_START_TEST (test_other_tokenizers)
{
  static const struct
  {
    const char *old, *with;
    const char *place;
  } cases[] = {
    {"\"Lowercase\"", "\"NFKC\"", "'normalizer.normalizers[2].type' is "
          "\"NFKC\", which is not as in CLIP's"},
    {"\"NFC\"", "\"NFD\"", "normalizer.normalizers[0].type"},
    {"\"normalizer\"", "\"x\"", "'normalizer' is missing"},
    {"\\\\s+", "\\\\s*", "normalizer.normalizers[1].pattern.Regex"},
    {"[\\\\p{N}]", "[\\\\p{N}]+",
        "pre_tokenizer.pretokenizers[0].pattern.Regex"},
    {"\"ByteLevel\"", "\"Whitespace\"", "pre_tokenizer.pretokenizers[1].type"},
    {"\"BPE\"", "\"Unigram\"", "'model.type' is \"Unigram\""},
    {"\"</w>\",", "\"\",", "model.end_of_word_suffix"},
    {"\"byte_fallback\": false", "\"byte_fallback\": true",
        "model.byte_fallback"},
    {"\"ignore_merges\": false", "\"ignore_merges\": true",
        "model.ignore_merges"},
    {"\"dropout\": null", "\"dropout\": 0.1", "model.dropout"},
    {"\"vocab\"", "\"x\"", "'model.vocab' is missing"},
    {"\"merges\": [", "\"merges\": [[\"a\"], ", "model.merges[0]"},
    {"\"merges\": [", "\"merges\": [[\"a\", 5], ", "model.merges[0]"},
    {"\"merges\": [", "\"merges\": [5, ", "model.merges[0]"},
    {"\"merges\"", "\"x\"", "'model.merges' is missing"},
    {"\"added_tokens\": [", "\"added_tokens\": [5, ", "added_tokens[0]"},
    {"\"added_tokens\": [", "\"added_tokens\": [{\"content\":\"a\"}, ",
        "'added_tokens[0]' must have an id"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *folder = rd_test_path ("tokenizer/json");
    g_autoptr (RdScratch) scratch = rd_scratch_new (folder);
    g_autoptr (GError) error = NULL;

    rd_scratch_replace (scratch, "tokenizer.json", cases[i].old, cases[i].with);
    fail_unless (rd_tokenizer_new (scratch, 77, &error) == NULL, "%s",
        cases[i].place);
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_INVALID));
    fail_unless (strstr (error->message, "tokenizer.json")
        && strstr (error->message, cases[i].place), "%s: %s", cases[i].place,
        error->message);
  }
}

GST_END_TEST;

GST_START_TEST (test_length)
{
  g_autofree char *folder = rd_test_path ("tokenizer/tiny");
  g_autoptr (RdTokenizer) own = open_tokenizer (folder, 0);
  g_autoptr (RdTokenizer) shorter = open_tokenizer (folder, 8);
  g_autoptr (RdTokenizer) longer = open_tokenizer (folder, 1000);
  g_autoptr (GArray) ids = rd_tokenizer_encode (shorter,
      "lava lava lava lava lava lava lava lava lava");

  fail_unless_equals_int (rd_tokenizer_length (own), 77);
  fail_unless_equals_int (rd_tokenizer_length (longer), 77);
  fail_unless_equals_int (rd_tokenizer_length (shorter), 8);
  fail_unless_equals_int (ids->len, 8);
  fail_unless_equals_int (g_array_index (ids, gint, 0), 1035);
  fail_unless_equals_int (g_array_index (ids, gint, 6), 709);
  fail_unless_equals_int (g_array_index (ids, gint, 7), 1036);
}

GST_END_TEST;

GST_START_TEST (test_text_that_is_not_utf8)
{
  g_autoptr (RdTokenizer) tokenizer = open_tiny ();
  g_autoptr (GArray) got = rd_tokenizer_split (tokenizer, "lava\xff\xc3(");
  g_autoptr (GArray) want = rd_tokenizer_split (tokenizer,
      "lava\xef\xbf\xbd\xef\xbf\xbd(");
  g_autofree char *got_text = to_text (got), *want_text = to_text (want);

  fail_unless_equals_string (got_text, want_text);
}

GST_END_TEST;

/* Merging takes time in proportion to n log n, not to the square of n. */
GST_START_TEST (test_long_word)
{
  g_autoptr (RdTokenizer) tokenizer = open_tiny ();
  g_autofree char *word = g_strnfill (1000000, 'o');
  g_autoptr (GArray) ids = rd_tokenizer_split (tokenizer, word);

  fail_unless (ids->len > 0);
}

GST_END_TEST;

/* A padding token of its own is special wherever it stands, as in Stable
 * Diffusion 2's tokenizer; bytes without a token are unknown. */
GST_START_TEST (test_padding_and_unknown)
{
  g_autofree char *folder = rd_test_path ("tokenizer/tiny");
  g_autoptr (RdScratch) scratch = rd_scratch_new (folder);
  g_autoptr (RdTokenizer) tokenizer = NULL;
  g_autoptr (GArray) ids = NULL;
  g_autofree char *text = NULL;

  rd_scratch_replace (scratch, "tokenizer_config.json",
      "\"pad_token\": \"<|endoftext|>\"", "\"pad_token\": \"!\"");
  rd_scratch_replace (scratch, "vocab.json", "\"\\\"\": 1, ", "");
  rd_scratch_replace (scratch, "vocab.json", "\"\\\"</w>\": 257, ", "");
  tokenizer = open_tokenizer (scratch, 12);
  ids = rd_tokenizer_encode (tokenizer, "lava!\"!");
  text = to_text (ids);
  fail_unless_equals_string (text, "1035 709 0 1036 0 1036 0 0 0 0 0 0 ");
}

GST_END_TEST;

/* Newer folders list special tokens in detail; a length of 1e30 means that the
 * text encoder's counts. */
GST_START_TEST (test_added_tokens)
{
  g_autofree char *folder = rd_test_path ("tokenizer/tiny");
  g_autoptr (RdScratch) scratch = rd_scratch_new (folder);
  g_autoptr (RdTokenizer) tokenizer = NULL;
  g_autoptr (GArray) ids = NULL;
  g_autofree char *text = NULL;

  rd_scratch_write (scratch, "tokenizer_config.json",
      "{\"model_max_length\":1000000000000000019884624838656,"
      "\"bos_token\":\"<|startoftext|>\",\"added_tokens_decoder\":{"
      "\"1035\":{\"content\":\"<|startoftext|>\",\"normalized\":true},"
      "\"1036\":{\"content\":\"<|endoftext|>\",\"normalized\":false},"
      "\"1037\":{\"content\":\"<Cat Toy>\",\"normalized\":true}}}");
  rd_scratch_write (scratch, "added_tokens.json", "{\"<dog>\":1038}");
  tokenizer = open_tokenizer (scratch, 7);
  ids = rd_tokenizer_encode (tokenizer,
      "<|STARTOFTEXT|>lava<CAT TOY><Dog><|endoftext|>");
  text = to_text (ids);
  fail_unless_equals_string (text, "1035 1035 709 1037 1038 1036 1036 ");
}

GST_END_TEST;

static void
assert_refused (const char *folder, RdError code, const char *place)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RdTokenizer) tokenizer = rd_tokenizer_new (folder, 0, &error);

  fail_unless (tokenizer == NULL, "%s was accepted", place);
  fail_unless (g_error_matches (error, RD_ERROR, code), "%s", error->message);
  fail_unless (strstr (error->message, place), "'%s' is not in '%s'", place,
      error->message);
}

GST_START_TEST (test_damaged_files)
{
  static const struct
  {
    const char *file;
    const char *content;        /* NULL: the file is missing */
    RdError code;
    const char *place;
  } cases[] = {
    {"vocab.json", NULL, RD_ERROR_NOT_FOUND, "vocab.json"},
    {"vocab.json", "", RD_ERROR_INVALID, "vocab.json"},
    {"vocab.json", "[1, 2]", RD_ERROR_INVALID, "vocab.json"},
    {"vocab.json", "{\"a\": 1", RD_ERROR_INVALID, "vocab.json"},
    {"vocab.json", "{\"a\": \"b\"}", RD_ERROR_INVALID, "<|startoftext|>"},
    {"vocab.json", "{\"<|startoftext|>\": 3, \"<|endoftext|>\": 99999999999}",
        RD_ERROR_INVALID, "<|endoftext|>"},
    {"vocab.json", "{\"<|startoftext|>\": 3, \"<|endoftext|>\": -1}",
        RD_ERROR_INVALID, "<|endoftext|>"},
    {"merges.txt", NULL, RD_ERROR_NOT_FOUND, "merges.txt"},
    {"merges.txt", "#version: 0.2\no f</w>\nnosuch pair\n", RD_ERROR_INVALID,
        "line 3"},
    {"merges.txt", "", RD_ERROR_INVALID, "has no merges"},
    {"merges.txt", "#version: 0.2\n\n", RD_ERROR_INVALID, "has no merges"},
    {"merges.txt", "of</w>\n", RD_ERROR_INVALID, "line 1"},
    {"merges.txt", "o f </w>\n", RD_ERROR_INVALID, "line 1"},
    {"merges.txt", "o f</w>\n\xff\xfe x\n", RD_ERROR_INVALID, "line 2"},
    {"tokenizer_config.json", "{\"model_max_length\": \"many\"}",
        RD_ERROR_INVALID, "model_max_length"},
    {"tokenizer_config.json", "{}", RD_ERROR_INVALID, "model_max_length"},
    {"tokenizer_config.json", "{\"model_max_length\": 77, \"pad_token\": 5}",
        RD_ERROR_INVALID, "pad_token"},
    {"tokenizer_config.json",
          "{\"model_max_length\": 77, \"pad_token\": {\"content\": \"\"}}",
        RD_ERROR_INVALID, "pad_token"},
    {"tokenizer_config.json",
          "{\"model_max_length\": 77, \"added_tokens_decoder\": []}",
        RD_ERROR_INVALID, "added_tokens_decoder"},
    {"tokenizer_config.json", "{\"model_max_length\": 77, "
          "\"added_tokens_decoder\": {\"x\": {\"content\": \"y\"}}}",
        RD_ERROR_INVALID, "'x'"},
    {"tokenizer_config.json", "{\"model_max_length\": 77, \"pad_token\": "
          "{\"content\": 5}}", RD_ERROR_INVALID, "pad_token"},
    {"tokenizer_config.json", "{\"model_max_length\": 77, \"pad_token\": "
          "{\"content\": \"x\", \"normalized\": \"no\"}}", RD_ERROR_INVALID,
        "'pad_token': 'normalized': must be a boolean, not a string"},
    {"tokenizer_config.json", "{\"model_max_length\": 77, \"pad_token\": "
          "{\"content\": \"x\", \"single_word\": 0}}", RD_ERROR_INVALID,
        "'pad_token': 'single_word': must be a boolean, not a number"},
    {"special_tokens_map.json", "nonsense", RD_ERROR_INVALID,
        "special_tokens_map.json"},
    {"added_tokens.json", "{\"<x>\": \"y\"}", RD_ERROR_INVALID, "<x>"},
  };
  g_autofree char *folder = rd_test_path ("tokenizer/tiny");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RdScratch) scratch = rd_scratch_new (folder);

    if (cases[i].content)
      rd_scratch_write (scratch, cases[i].file, cases[i].content);
    else
      rd_scratch_remove (scratch, cases[i].file);
    assert_refused (scratch, cases[i].code, cases[i].place);
  }
}

GST_END_TEST;

static Suite *
tokenizer_suite (void)
{
  Suite *suite = suite_create ("tokenizer");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_tiny_vocabulary);
  tcase_add_test (tc, test_clip_vocabulary);
  tcase_add_test (tc, test_one_file);
  tcase_add_test (tc, test_other_tokenizers);
  tcase_add_test (tc, test_length);
  tcase_add_test (tc, test_text_that_is_not_utf8);
  tcase_add_test (tc, test_long_word);
  tcase_add_test (tc, test_padding_and_unknown);
  tcase_add_test (tc, test_added_tokens);
  tcase_add_test (tc, test_damaged_files);

  return suite;
}

GST_CHECK_MAIN (tokenizer);
