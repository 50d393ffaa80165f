/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "prompt/bpe.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#define END_OF_WORD "</w>"

/* Two neighbours that become one token; the first field is the hash key. */
typedef struct
{
  gint64 pair;
  guint rank;
  gint id;
} Merge;

struct _RdBpe
{
  gint unit[256];               /* of a byte within a word */
  gint last_unit[256];          /* of a word's last byte */
  guint n_merges;
  Merge *merges;
  GHashTable *by_pair;          /* &merges[i].pair -> &merges[i] */
};

/* A symbol of the word being merged; symbols form a doubly linked list. */
typedef struct
{
  gint id;
  gint previous, next;          /* -1 at the ends */
} Symbol;

/* A pair that may be merged: valid as long as its two symbols are unchanged. */
typedef struct
{
  const Merge *merge;
  gint position;
} Candidate;

static gint64
pair_key (gint left, gint right)
{
  return (gint64) ((guint64) left << 32 | (guint32) right);
}

/* GLib's own hash folds the halves onto each other, so that many pairs meet. */
static guint
pair_hash (gconstpointer key)
{
  const guint64 pair = (guint64) * (const gint64 *) key;

  return (guint) ((pair * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> 32);
}

/* GPT-2's printable character for a byte: itself where it is printable in
 * Latin-1, else the next free one from U+0100 on. */
static void
make_byte_characters (gunichar characters[256])
{
  gunichar next = 0x100;

  for (guint b = 0; b < 256; b++) {
    gboolean printable = (b >= '!' && b <= '~') || (b >= 0xa1 && b != 0xad);

    characters[b] = printable ? b : next++;
  }
}

static gint
lookup (const RdVocabulary * vocab, const char *token)
{
  gint64 id;

  if (!rd_json_node_int (json_object_get_member (vocab->ids, token), &id)
      || id < 0 || id > G_MAXINT)
    return -1;
  return (gint) id;
}

static void
read_units (RdBpe * bpe, const RdVocabulary * vocab, gint unknown)
{
  gunichar characters[256];

  make_byte_characters (characters);
  for (guint b = 0; b < 256; b++) {
    char token[6 + sizeof END_OF_WORD];
    int length = g_unichar_to_utf8 (characters[b], token);

    token[length] = '\0';
    bpe->unit[b] = lookup (vocab, token);
    memcpy (token + length, END_OF_WORD, sizeof END_OF_WORD);
    bpe->last_unit[b] = lookup (vocab, token);

    if (bpe->unit[b] < 0)
      bpe->unit[b] = unknown;
    if (bpe->last_unit[b] < 0)
      bpe->last_unit[b] = unknown;
  }
}

/* Adds the pair that comes next, unless it came before. */
static gboolean
add_merge (RdBpe * bpe, const RdVocabulary * vocab, const char *left,
    const char *right)
{
  Merge *merge = &bpe->merges[bpe->n_merges];
  g_autofree char *joined = g_strconcat (left, right, NULL);
  const gint left_id = lookup (vocab, left), right_id = lookup (vocab, right);

  merge->pair = pair_key (left_id, right_id);
  merge->id = lookup (vocab, joined);
  if (left_id < 0 || right_id < 0 || merge->id < 0)
    return FALSE;
  if (!g_hash_table_contains (bpe->by_pair, &merge->pair)) {
    merge->rank = bpe->n_merges++;
    g_hash_table_insert (bpe->by_pair, &merge->pair, merge);
  }
  return TRUE;
}

/* "left right" */
static gboolean
add_line (RdBpe * bpe, const RdVocabulary * vocab, const char *line)
{
  const char *space = strchr (line, ' ');
  g_autofree char *left = NULL;

  if (!space || strchr (space + 1, ' '))
    return FALSE;
  left = g_strndup (line, space - line);
  return add_merge (bpe, vocab, left, space + 1);
}

static gboolean
fail_merge (const RdVocabulary * vocab, const char *place, const char *merge,
    GError ** error)
{
  g_autofree char *valid = g_utf8_make_valid (merge, -1);
  g_autofree char *excerpt = rd_json_excerpt (valid);

  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s, '%s', is not a pair of tokens of %s whose merge is a token, too; "
      "both must come from the same tokenizer", place, excerpt, vocab->path);
  return FALSE;
}

static gboolean
read_lines (RdBpe * bpe, const RdVocabulary * vocab, GError ** error)
{
  const char *path = vocab->merges_path;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gsize size;

  text = rd_file_read_text (path, &size, error);
  if (!text) {
    rd_file_add_remedy (error,
        "copy merges.txt of the model's tokenizer there");
    return FALSE;
  }
  if (!rd_text_check (text, size, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }

  lines = g_strsplit (text, "\n", -1);
  bpe->merges = g_new (Merge, g_strv_length (lines) + 1);
  for (guint i = 0; lines[i]; i++) {
    g_autofree char *place = NULL;

    g_strchomp (lines[i]);
    if (lines[i][0] == '\0' || (i == 0 && g_str_has_prefix (lines[i], "#ver"))
        || add_line (bpe, vocab, lines[i]))
      continue;
    place = g_strdup_printf ("%s: line %u", path, i + 1);
    return fail_merge (vocab, place, lines[i], error);
  }
  return TRUE;
}

static const char *
get_text (JsonArray * pair, guint i)
{
  JsonNode *node = json_array_get_element (pair, i);

  return JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING
      ? json_node_get_string (node) : "";
}

/* "left right" or ["left", "right"] */
static gboolean
add_node (RdBpe * bpe, const RdVocabulary * vocab, JsonNode * node)
{
  JsonArray *pair;

  if (JSON_NODE_HOLDS_VALUE (node))
    return json_node_get_value_type (node) == G_TYPE_STRING
        && add_line (bpe, vocab, json_node_get_string (node));
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  pair = json_node_get_array (node);
  return json_array_get_length (pair) == 2
      && add_merge (bpe, vocab, get_text (pair, 0), get_text (pair, 1));
}

static gboolean
read_list (RdBpe * bpe, const RdVocabulary * vocab, GError ** error)
{
  const guint n = json_array_get_length (vocab->merges);

  bpe->merges = g_new (Merge, n + 1);
  for (guint i = 0; i < n; i++) {
    JsonNode *node = json_array_get_element (vocab->merges, i);
    g_autofree char *place = NULL, *text = NULL;

    if (add_node (bpe, vocab, node))
      continue;
    place = g_strdup_printf ("%s: 'model.merges[%u]'", vocab->path, i);
    text = json_to_string (node, FALSE);
    return fail_merge (vocab, place, text, error);
  }
  return TRUE;
}

static gboolean
read_merges (RdBpe * bpe, const RdVocabulary * vocab, GError ** error)
{
  if (!(vocab->merges_path ? read_lines (bpe, vocab, error)
          : read_list (bpe, vocab, error)))
    return FALSE;
  if (bpe->n_merges > 0)
    return TRUE;
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s: has no merges, so every prompt would be read letter by letter; "
      "copy the file of the model's tokenizer there",
      vocab->merges_path ? vocab->merges_path : vocab->path);
  return FALSE;
}

/**
 * rd_bpe_new:
 * @vocabulary: tokens and merges
 * @unknown: the id for bytes that the vocabulary lacks
 * @error: %RD_ERROR_NOT_FOUND or %RD_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): an encoder
 */
RdBpe *
rd_bpe_new (const RdVocabulary * vocabulary, gint unknown, GError ** error)
{
  g_autoptr (RdBpe) bpe = g_new0 (RdBpe, 1);

  bpe->by_pair = g_hash_table_new (pair_hash, g_int64_equal);
  read_units (bpe, vocabulary, unknown);
  return read_merges (bpe, vocabulary, error) ? g_steal_pointer (&bpe) : NULL;
}

/**
 * rd_bpe_free:
 * @bpe: (transfer full): a vocabulary
 */
void
rd_bpe_free (RdBpe * bpe)
{
  g_hash_table_unref (bpe->by_pair);
  g_free (bpe->merges);
  g_free (bpe);
}

static gboolean
is_before (const Candidate * a, const Candidate * b)
{
  if (a->merge->rank != b->merge->rank)
    return a->merge->rank < b->merge->rank;
  return a->position < b->position;
}

/* A binary heap in an array keeps long words from taking quadratic time. */
static void
heap_push (GArray * heap, Candidate candidate)
{
  Candidate *items;
  guint i = heap->len;

  g_array_append_val (heap, candidate);
  items = (Candidate *) heap->data;
  while (i > 0 && is_before (&candidate, &items[(i - 1) / 2])) {
    items[i] = items[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  items[i] = candidate;
}

static Candidate
heap_pop (GArray * heap)
{
  Candidate *items = (Candidate *) heap->data;
  const Candidate top = items[0], moved = items[heap->len - 1];
  const guint n = heap->len - 1;
  guint i = 0;

  for (guint child = 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && is_before (&items[child + 1], &items[child]))
      child++;
    if (!is_before (&items[child], &moved))
      break;
    items[i] = items[child];
    i = child;
  }
  items[i] = moved;
  g_array_set_size (heap, n);
  return top;
}

static void
consider (const RdBpe * bpe, GArray * heap, const Symbol * symbols,
    gint position)
{
  const Merge *merge;
  gint64 pair;

  if (position < 0 || symbols[position].next < 0)
    return;
  pair = pair_key (symbols[position].id, symbols[symbols[position].next].id);
  merge = g_hash_table_lookup (bpe->by_pair, &pair);
  if (merge)
    heap_push (heap, (Candidate) {
        merge, position}
  );
}

/**
 * rd_bpe_append_word:
 * @bpe: an encoder
 * @word: bytes of a word
 * @length: how many, at least 1
 * @ids: (element-type gint): its tokens are appended here
 *
 * Merges the pair of lowest rank, the leftmost of equal ones, until no pair is
 * left that the table lists.
 */
void
rd_bpe_append_word (const RdBpe * bpe, const char *word, gsize length,
    GArray * ids)
{
  g_autofree Symbol *symbols = g_new (Symbol, length);
  g_autoptr (GArray) heap = g_array_new (FALSE, FALSE, sizeof (Candidate));
  const gint n = (gint) length;

  for (gint i = 0; i < n; i++) {
    const guint8 byte = (guint8) word[i];

    symbols[i].id = i + 1 < n ? bpe->unit[byte] : bpe->last_unit[byte];
    symbols[i].previous = i - 1;
    symbols[i].next = i + 1 < n ? i + 1 : -1;
  }
  for (gint i = 0; i < n; i++)
    consider (bpe, heap, symbols, i);

  while (heap->len > 0) {
    const Candidate candidate = heap_pop (heap);
    Symbol *left = &symbols[candidate.position];
    Symbol *right;

    if (left->id < 0 || left->next < 0)
      continue;
    right = &symbols[left->next];
    if (pair_key (left->id, right->id) != candidate.merge->pair)
      continue;

    left->id = candidate.merge->id;
    left->next = right->next;
    right->id = -1;
    if (left->next >= 0)
      symbols[left->next].previous = candidate.position;
    consider (bpe, heap, symbols, left->previous);
    consider (bpe, heap, symbols, candidate.position);
  }

  for (gint i = 0; i >= 0; i = symbols[i].next)
    g_array_append_val (ids, symbols[i].id);
}
