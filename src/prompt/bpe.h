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
 * the order of their rank. The last symbol of a word carries the suffix `</w>`.
 */

typedef struct _RdBpe RdBpe;

RdBpe *rd_bpe_new (const RdJsonFile * vocab, const char *merges_path,
    gint unknown, GError ** error);
void rd_bpe_free (RdBpe * bpe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdBpe, rd_bpe_free);

void rd_bpe_append_word (const RdBpe * bpe, const char *word, gsize length,
    GArray * ids);

G_END_DECLS
