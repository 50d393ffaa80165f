/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "prompt/tokenizer-json.h"

#include "base/error.h"

/* What is done to texts by CLIP's tokenizer, and so by ours; what is not said here
 * may be anything. */
static const char expected[] = "{"
    "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},"
    "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"\\\\s+\"},\"content\":\" \"},"
    "{\"type\":\"Lowercase\"}]},"
    "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":"
    "\"Split\",\"pattern\":{},\"behavior\":\"Removed\",\"invert\":true},"
    "{\"type\":\"ByteLevel\",\"add_prefix_space\":false}]},"
    "\"model\":{\"type\":\"BPE\",\"end_of_word_suffix\":\"</w>\"}}";

/* Where words end, which is the same: the tokens that the second one names are
 * found before. */
static const char *const patterns[] = {
  "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|"
      "[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
};

/* Members of the model that change what becomes of words, and what they must be:
 * missing, null, or this. */
static const struct
{
  const char *name;
  const char *value;
} defaults[] = {
  {"dropout", "null"},
  {"continuing_subword_prefix", "\"\""},
  {"byte_fallback", "false"},
  {"ignore_merges", "false"},
};

static gboolean
fail_difference (const char *path, const char *place, JsonNode * node,
    GError ** error)
{
  g_autofree char *text = node ? json_to_string (node, FALSE)
      : g_strdup ("missing");
  g_autofree char *excerpt = rd_json_excerpt (text);

  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s: '%s' is %s, which is not as in CLIP's tokenizers and not supported; "
      "copy vocab.json and merges.txt of the model's tokenizer there", path,
      place, excerpt);
  return FALSE;
}

/* Whether @node, at @place, says all that @wanted says. */
static gboolean
check_node (const char *path, const char *place, JsonNode * wanted,
    JsonNode * node, GError ** error)
{
  if (!node || JSON_NODE_TYPE (node) != JSON_NODE_TYPE (wanted))
    return fail_difference (path, place, node, error);

  if (JSON_NODE_HOLDS_OBJECT (wanted)) {
    JsonObjectIter iter;
    const char *name;
    JsonNode *member;

    json_object_iter_init (&iter, json_node_get_object (wanted));
    while (json_object_iter_next (&iter, &name, &member)) {
      g_autofree char *below =
          g_strconcat (place, *place ? "." : "", name, NULL);

      if (!check_node (path, below, member,
              json_object_get_member (json_node_get_object (node), name),
              error))
        return FALSE;
    }
    return TRUE;
  }
  if (JSON_NODE_HOLDS_ARRAY (wanted)) {
    JsonArray *list = json_node_get_array (node);
    JsonArray *all = json_node_get_array (wanted);
    const guint n = json_array_get_length (all);

    if (json_array_get_length (list) != n)
      return fail_difference (path, place, node, error);
    for (guint i = 0; i < n; i++) {
      g_autofree char *below = g_strdup_printf ("%s[%u]", place, i);

      if (!check_node (path, below, json_array_get_element (all, i),
              json_array_get_element (list, i), error))
        return FALSE;
    }
    return TRUE;
  }
  return json_node_equal (wanted, node)
      || fail_difference (path, place, node, error);
}

/* In a tree that has been checked. */
static gboolean
check_pattern (const RdJsonFile * file, GError ** error)
{
  JsonObject *pre = json_object_get_object_member (file->root, "pre_tokenizer");
  JsonObject *split = json_array_get_object_element
      (json_object_get_array_member (pre, "pretokenizers"), 0);
  JsonNode *node = json_object_get_member (json_object_get_object_member (split,
          "pattern"), "Regex");

  if (node && JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING)
    for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
      if (g_str_equal (json_node_get_string (node), patterns[i]))
        return TRUE;
  return fail_difference (file->path,
      "pre_tokenizer.pretokenizers[0].pattern.Regex", node, error);
}

static gboolean
check_model (const RdJsonFile * file, JsonObject * model, GError ** error)
{
  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++) {
    JsonNode *node = json_object_get_member (model, defaults[i].name);
    g_autofree char *place = g_strconcat ("model.", defaults[i].name, NULL);
    g_autoptr (JsonNode) wanted = NULL;

    if (!node || JSON_NODE_HOLDS_NULL (node))
      continue;
    wanted = json_from_string (defaults[i].value, NULL);
    if (!check_node (file->path, place, wanted, node, error))
      return FALSE;
  }
  return TRUE;
}

/**
 * rd_tokenizer_json_read:
 * @file: `tokenizer.json`
 * @vocabulary: (out caller-allocates): receives its vocabulary, which lives as long
 *   as @file
 * @added: (out) (transfer none) (nullable): receives its list of added tokens
 * @error: %RD_ERROR_INVALID: it does to texts what CLIP's tokenizer does not, or
 *   lacks something
 *
 * Returns: whether it is a tokenizer of CLIP's kind
 */
gboolean
rd_tokenizer_json_read (const RdJsonFile * file, RdVocabulary * vocabulary,
    JsonArray ** added, GError ** error)
{
  g_autoptr (JsonNode) wanted = json_from_string (expected, NULL);
  g_autoptr (JsonNode) ids = json_from_string ("{}", NULL);
  JsonNode *tokens = json_object_get_member (file->root, "added_tokens");
  JsonObject *model;
  JsonNode *merges;

  if (!check_node (file->path, "", wanted, file->tree, error)
      || !check_pattern (file, error))
    return FALSE;
  model = json_object_get_object_member (file->root, "model");
  merges = json_object_get_member (model, "merges");
  if (!check_model (file, model, error)
      || !check_node (file->path, "model.vocab", ids,
          json_object_get_member (model, "vocab"), error))
    return FALSE;
  if (!merges || !JSON_NODE_HOLDS_ARRAY (merges))
    return fail_difference (file->path, "model.merges", merges, error);
  if (tokens && !JSON_NODE_HOLDS_ARRAY (tokens))
    return fail_difference (file->path, "added_tokens", tokens, error);

  vocabulary->path = file->path;
  vocabulary->ids = json_object_get_object_member (model, "vocab");
  vocabulary->merges_path = NULL;
  vocabulary->merges = json_node_get_array (merges);
  *added = tokens ? json_node_get_array (tokens) : NULL;
  return TRUE;
}
