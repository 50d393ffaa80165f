/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SECTION:tokenizer
 *
 * CLIP's byte-pair tokenizer (Radford et al., 2021), read from a model folder's
 * `tokenizer/`. Gives the ids that transformers' CLIPTokenizer gives.
 * Immutable after creation, usable from any thread.
 */

typedef struct _RdTokenizer RdTokenizer;

RdTokenizer *rd_tokenizer_new (const char *folder, guint max_length,
    GError ** error);
void rd_tokenizer_free (RdTokenizer * tokenizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdTokenizer, rd_tokenizer_free);

guint rd_tokenizer_length (const RdTokenizer * tokenizer);
GArray *rd_tokenizer_split (const RdTokenizer * tokenizer, const char *text);
GArray *rd_tokenizer_encode (const RdTokenizer * tokenizer, const char *text);

G_END_DECLS
