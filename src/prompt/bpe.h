/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "json/file.h"

G_BEGIN_DECLS

/**
 * SECTION:bpe
 *
 * Byte-pair encoding (Sennrich et al., "Neural Machine Translation of Rare
 * Words with Subword Units", 2016) over bytes, in the files' layout of GPT-2
 * and CLIP: `vocab.json` gives tokens their ids, `merges.txt` lists pairs in
 * the order of their rank; or `tokenizer.json` has both. The last symbol of a word
 * carries the suffix `</w>`.
 */

typedef struct _RdBpe RdBpe;

/**
 * RdVocabulary:
 * @path: of the file with the tokens, for messages
 * @ids: each token's id
 * @merges_path: (nullable): `merges.txt`
 * @merges: (nullable): where that is %NULL: the pairs in a list of
 *   `tokenizer.json`, each of them "left right" or ["left", "right"]
 *
 * What byte-pair encoding is read from.
 */
typedef struct
{
  const char *path;
  JsonObject *ids;
  const char *merges_path;
  JsonArray *merges;
} RdVocabulary;

RdBpe *rd_bpe_new (const RdVocabulary * vocabulary, gint unknown,
    GError ** error);
void rd_bpe_free (RdBpe * bpe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdBpe, rd_bpe_free);

void rd_bpe_append_word (const RdBpe * bpe, const char *word, gsize length,
    GArray * ids);

G_END_DECLS
