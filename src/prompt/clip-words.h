/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:cliptext
 *
 * How CLIP's tokenizer prepares a text and cuts it into words. Written out
 * where regular expressions and GLib's string functions differ from it.
 */

char *rd_clip_normalize (const char *text, gsize length);

/**
 * RdClipWords:
 * @text: what is left
 * @end: where it ends
 * @stop: where runs end, @end at first
 *
 * A normalized text on its way into words.
 */
typedef struct
{
  const char *text;
  const char *end;
  const char *stop;
} RdClipWords;

gboolean rd_clip_words_next (RdClipWords * words, const char **word,
    gsize * length);

G_END_DECLS
