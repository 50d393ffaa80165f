/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "prompt/bpe.h"

G_BEGIN_DECLS

/**
 * SECTION:tokenizer-json
 *
 * `tokenizer.json`, which has in one file what CLIP's tokenizer has in several, and
 * says besides what is done to a text before.
 */

gboolean rd_tokenizer_json_read (const RdJsonFile * file,
    RdVocabulary * vocabulary, JsonArray ** added, GError ** error);

G_END_DECLS
