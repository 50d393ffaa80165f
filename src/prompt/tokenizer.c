/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "prompt/tokenizer.h"

#include <string.h>

#include "prompt/bpe.h"
#include "prompt/clip-words.h"
#include "prompt/tokenizer-json.h"
#include "base/error.h"
#include "json/check.h"

/* transformers writes 1e30 where it does not know the length, an integer that
 * JSON-GLib wraps around: what is outside of this range counts as unknown. */
#define MIN_LENGTH 3
#define MAX_LENGTH 65536

/* A token that stands in the text as it is, beside what BPE makes of words. */
typedef struct
{
  char *content;
  gint id;
  gboolean normalized;          /* sought after lowercasing, else before */
  gboolean listed;              /* in detail, which goes before its role */
} AddedToken;

struct _RdTokenizer
{
  RdBpe *bpe;
  GArray *added;                /* AddedToken */
  gint bos, eos, pad;
  guint length;
};

/* The files of a tokenizer; all but the vocabulary may be missing. */
typedef struct
{
  RdJsonFile *vocab;            /* vocab.json or tokenizer.json */
  RdVocabulary vocabulary;      /* of that */
  JsonArray *added;             /* of tokenizer.json, or NULL */
  RdJsonFile *config;
  RdJsonFile *map;
} Files;

static void
added_token_clear (gpointer data)
{
  AddedToken *token = data;

  g_free (token->content);
}

static void
append_words (const RdTokenizer * tokenizer, const char *text, const char *end,
    GArray * ids)
{
  RdClipWords words = { text, end, end };
  const char *word;
  gsize length;

  while (rd_clip_words_next (&words, &word, &length))
    rd_bpe_append_word (tokenizer->bpe, word, length, ids);
}

/* The first place in @text where an added token stands, the longest one of
 * those that begin there. */
static const AddedToken *
find_added (const RdTokenizer * tokenizer, const char *text, const char *end,
    gboolean normalized, const char **where)
{
  for (const char *p = text; p < end; p++) {
    const AddedToken *found = NULL;
    gsize longest = 0;

    for (guint i = 0; i < tokenizer->added->len; i++) {
      const AddedToken *token =
          &g_array_index (tokenizer->added, AddedToken, i);
      const gsize length = strlen (token->content);

      if (token->normalized == normalized && length > longest
          && length <= (gsize) (end - p)
          && memcmp (p, token->content, length) == 0) {
        found = token;
        longest = length;
      }
    }
    if (found) {
      *where = p;
      return found;
    }
  }
  *where = end;
  return NULL;
}

static void
append_text (const RdTokenizer * tokenizer, const char *text, const char *end,
    gboolean normalized, GArray * ids)
{
  while (text < end) {
    const char *where;
    const AddedToken *token =
        find_added (tokenizer, text, end, normalized, &where);

    if (normalized) {
      append_words (tokenizer, text, where, ids);
    } else if (where > text) {
      g_autofree char *lower = rd_clip_normalize (text, where - text);

      append_text (tokenizer, lower, lower + strlen (lower), TRUE, ids);
    }
    if (!token)
      return;
    g_array_append_val (ids, token->id);
    text = where + strlen (token->content);
  }
}

static void
add_token (RdTokenizer * tokenizer, const char *content, gint id,
    gboolean normalized, gboolean listed)
{
  AddedToken token = { NULL, id, normalized, listed };

  token.content = normalized ? rd_clip_normalize (content, strlen (content))
      : g_strdup (content);
  for (guint i = 0; i < tokenizer->added->len; i++) {
    AddedToken *old = &g_array_index (tokenizer->added, AddedToken, i);

    if (old->id == id) {
      added_token_clear (old);
      *old = token;
      return;
    }
  }
  g_array_append_val (tokenizer->added, token);
}

/* A flag of an added token, FALSE where it is missing */
static gboolean
read_flag (JsonObject * details, const char *path, const char *token,
    const char *key, gboolean * value, GError ** error)
{
  JsonNode *node = json_object_get_member (details, key);
  g_autofree char *place = g_strdup_printf ("%s: '%s': '%s'", path, token, key);

  *value = FALSE;
  return !node || JSON_NODE_HOLDS_NULL (node)
      || rd_json_check_boolean (place, node, value, error);
}

/* What an added token is: a text, or an object with details. */
static gboolean
read_details (JsonNode * node, const char *path, const char *name,
    const char **content, gboolean * normalized, GError ** error)
{
  JsonNode *text = node;

  *normalized = FALSE;
  if (JSON_NODE_HOLDS_OBJECT (node)) {
    JsonObject *details = json_node_get_object (node);
    gboolean single;

    text = json_object_get_member (details, "content");
    if (!read_flag (details, path, name, "normalized", normalized, error)
        || !read_flag (details, path, name, "single_word", &single, error))
      return FALSE;
    if (single) {
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
          "%s: '%s' has 'single_word', which is not supported; remove it", path,
          name);
      return FALSE;
    }
  }

  *content = text && JSON_NODE_HOLDS_VALUE (text)
      && json_node_get_value_type (text) == G_TYPE_STRING
      ? json_node_get_string (text) : NULL;
  if (!*content || !**content) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: '%s' must be a string or an object with 'content'", path, name);
    return FALSE;
  }
  return TRUE;
}

/* Tokens beside the vocabulary: `added_tokens_decoder` of the configuration
 * and, in older folders, added_tokens.json. */
static gboolean
read_added_tokens (RdTokenizer * tokenizer, const Files * files,
    const char *folder, GError ** error)
{
  g_autofree char *path = g_build_filename (folder, "added_tokens.json", NULL);
  g_autoptr (RdJsonFile) older = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!rd_json_file_load_optional (path, &older, error))
    return FALSE;
  if (older) {
    json_object_iter_init (&iter, older->root);
    while (json_object_iter_next (&iter, &name, &node)) {
      gint64 id;

      if (!rd_json_node_int (node, &id) || id < 0 || id > G_MAXINT || !*name) {
        g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
            "%s: '%s' must have an id", path, name);
        return FALSE;
      }
      add_token (tokenizer, name, (gint) id, TRUE, TRUE);
    }
  }

  if (!files->config || !rd_json_has (files->config, "added_tokens_decoder"))
    return TRUE;
  node = json_object_get_member (files->config->root, "added_tokens_decoder");
  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: 'added_tokens_decoder' must be an object", files->config->path);
    return FALSE;
  }
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &node)) {
    const char *content;
    gboolean normalized;
    guint64 id;

    if (!read_details (node, files->config->path, name, &content, &normalized,
            error))
      return FALSE;
    if (!g_ascii_string_to_unsigned (name, 10, 0, G_MAXINT, &id, NULL)) {
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
          "%s: 'added_tokens_decoder' has the key '%s', which is not an id",
          files->config->path, name);
      return FALSE;
    }
    add_token (tokenizer, content, (gint) id, normalized, TRUE);
  }
  return TRUE;
}

/* The list of tokenizer.json. */
static gboolean
read_added_list (RdTokenizer * tokenizer, const Files * files, GError ** error)
{
  const char *path = files->vocabulary.path;
  const guint n = files->added ? json_array_get_length (files->added) : 0;

  for (guint i = 0; i < n; i++) {
    JsonNode *node = json_array_get_element (files->added, i);
    g_autofree char *place = g_strdup_printf ("added_tokens[%u]", i);
    const char *content;
    gboolean normalized;
    gint64 id;

    if (!read_details (node, path, place, &content, &normalized, error))
      return FALSE;
    if (!JSON_NODE_HOLDS_OBJECT (node)
        || !rd_json_node_int (json_object_get_member (json_node_get_object
                (node), "id"), &id) || id < 0 || id > G_MAXINT) {
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
          "%s: '%s' must have an id", path, place);
      return FALSE;
    }
    add_token (tokenizer, content, (gint) id, normalized, TRUE);
  }
  return TRUE;
}

/* The id of a token with a role, which thereby becomes an added token. The
 * configuration goes before the map, CLIPTokenizer's default comes last. */
static gboolean
read_role (RdTokenizer * tokenizer, const Files * files, const char *role,
    const char *fallback, gint * id, GError ** error)
{
  const char *content = fallback;
  gboolean normalized = FALSE;
  const RdJsonFile *file = NULL;
  gint64 value;

  if (files->config && rd_json_has (files->config, role))
    file = files->config;
  else if (files->map && rd_json_has (files->map, role))
    file = files->map;
  if (file && !read_details (json_object_get_member (file->root, role),
          file->path, role, &content, &normalized, error))
    return FALSE;

  for (guint i = 0; i < tokenizer->added->len; i++) {
    const AddedToken *token = &g_array_index (tokenizer->added, AddedToken, i);

    if (g_str_equal (token->content, content)) {
      *id = token->id;
      if (!token->listed)
        add_token (tokenizer, content, *id, normalized, FALSE);
      return TRUE;
    }
  }
  if (!rd_json_node_int (json_object_get_member (files->vocabulary.ids,
              content), &value) || value < 0 || value > G_MAXINT) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: has no token '%s', the tokenizer's %s; all its files must come "
        "from the same tokenizer", files->vocabulary.path, content, role);
    return FALSE;
  }
  *id = (gint) value;
  add_token (tokenizer, content, *id, normalized, FALSE);
  return TRUE;
}

static gboolean
read_length (RdTokenizer * tokenizer, const Files * files, const char *folder,
    guint max_length, GError ** error)
{
  double length = 0.0;

  if (files->config && rd_json_has (files->config, "model_max_length")
      && !rd_json_get_number (files->config, "model_max_length", -G_MAXDOUBLE,
          G_MAXDOUBLE, &length, error))
    return FALSE;

  if (length < MIN_LENGTH || length > MAX_LENGTH)
    length = 0.0;
  if (max_length > 0 && (length == 0.0 || length > max_length))
    length = max_length;
  if (length == 0.0) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s" G_DIR_SEPARATOR_S "tokenizer_config.json: has no "
        "'model_max_length'; add it (Stable Diffusion's is 77)", folder);
    return FALSE;
  }
  tokenizer->length = (guint) length;
  return TRUE;
}

static gboolean
read_tokenizer (RdTokenizer * tokenizer, const Files * files,
    const char *folder, guint max_length, GError ** error)
{
  gint unknown;

  if (!read_length (tokenizer, files, folder, max_length, error)
      || !read_added_tokens (tokenizer, files, folder, error)
      || !read_added_list (tokenizer, files, error)
      || !read_role (tokenizer, files, "bos_token", "<|startoftext|>",
          &tokenizer->bos, error)
      || !read_role (tokenizer, files, "eos_token", "<|endoftext|>",
          &tokenizer->eos, error)
      || !read_role (tokenizer, files, "unk_token", "<|endoftext|>", &unknown,
          error)
      || !read_role (tokenizer, files, "pad_token", "<|endoftext|>",
          &tokenizer->pad, error))
    return FALSE;

  tokenizer->bpe = rd_bpe_new (&files->vocabulary, unknown, error);
  return tokenizer->bpe != NULL;
}

static gboolean
load_optional (const char *folder, const char *name, RdJsonFile ** file,
    GError ** error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return rd_json_file_load_optional (path, file, error);
}

/* vocab.json and merges.txt or, where there is no vocab.json, tokenizer.json. */
static gboolean
load_vocabulary (Files * files, const char *folder, const char *merges,
    GError ** error)
{
  g_autofree char *path = g_build_filename (folder, "vocab.json", NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    if (!load_optional (folder, "tokenizer.json", &files->vocab, error))
      return FALSE;
    if (files->vocab)
      return rd_tokenizer_json_read (files->vocab, &files->vocabulary,
          &files->added, error);
  }
  files->vocab = rd_json_file_load (path, error);
  if (!files->vocab)
    return FALSE;
  files->vocabulary.path = files->vocab->path;
  files->vocabulary.ids = files->vocab->root;
  files->vocabulary.merges_path = merges;
  return TRUE;
}

/**
 * rd_tokenizer_new:
 * @folder: with `vocab.json` and `merges.txt`, or with `tokenizer.json`, and, as
 *   they are there, `tokenizer_config.json`, `special_tokens_map.json`,
 *   `added_tokens.json`
 * @max_length: most positions that the text encoder has, 0 where not known;
 *   the folder's `model_max_length` counts where it is less
 * @error: %RD_ERROR_NOT_FOUND or %RD_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): a tokenizer
 */
RdTokenizer *
rd_tokenizer_new (const char *folder, guint max_length, GError ** error)
{
  g_autofree char *merges = g_build_filename (folder, "merges.txt", NULL);
  g_autoptr (RdTokenizer) tokenizer = g_new0 (RdTokenizer, 1);
  Files files = { NULL };
  gboolean read = FALSE;

  tokenizer->added = g_array_new (FALSE, FALSE, sizeof (AddedToken));
  g_array_set_clear_func (tokenizer->added, added_token_clear);

  if (load_vocabulary (&files, folder, merges, error)
      && load_optional (folder, "tokenizer_config.json", &files.config, error)
      && load_optional (folder, "special_tokens_map.json", &files.map, error))
    read = read_tokenizer (tokenizer, &files, folder, max_length, error);

  g_clear_pointer (&files.vocab, rd_json_file_free);
  g_clear_pointer (&files.config, rd_json_file_free);
  g_clear_pointer (&files.map, rd_json_file_free);
  return read ? g_steal_pointer (&tokenizer) : NULL;
}

/**
 * rd_tokenizer_free:
 * @tokenizer: (transfer full): a tokenizer
 */
void
rd_tokenizer_free (RdTokenizer * tokenizer)
{
  g_clear_pointer (&tokenizer->bpe, rd_bpe_free);
  g_array_unref (tokenizer->added);
  g_free (tokenizer);
}

/**
 * rd_tokenizer_length:
 * @tokenizer: a tokenizer
 *
 * Returns: number of ids that rd_tokenizer_encode() gives
 */
guint
rd_tokenizer_length (const RdTokenizer * tokenizer)
{
  return tokenizer->length;
}

/**
 * rd_tokenizer_split:
 * @tokenizer: a tokenizer
 * @text: any text; what is not UTF-8 in it counts as U+FFFD
 *
 * Returns: (transfer full) (element-type gint): the ids of all of the text,
 *   without start, end and padding
 */
GArray *
rd_tokenizer_split (const RdTokenizer * tokenizer, const char *text)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint));
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  append_text (tokenizer, valid, valid + strlen (valid), FALSE, ids);
  return ids;
}

/**
 * rd_tokenizer_encode:
 * @tokenizer: a tokenizer
 * @text: any text
 *
 * Returns: (transfer full) (element-type gint): what a text encoder takes:
 *   start, as many of the text's ids as there is room for, end, padding;
 *   rd_tokenizer_length() of them
 */
GArray *
rd_tokenizer_encode (const RdTokenizer * tokenizer, const char *text)
{
  GArray *ids = rd_tokenizer_split (tokenizer, text);

  if (ids->len > tokenizer->length - 2)
    g_array_set_size (ids, tokenizer->length - 2);
  g_array_prepend_val (ids, tokenizer->bos);
  g_array_append_val (ids, tokenizer->eos);
  while (ids->len < tokenizer->length)
    g_array_append_val (ids, tokenizer->pad);
  return ids;
}
