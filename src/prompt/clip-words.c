/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "prompt/clip-words.h"

#include <string.h>

static gboolean
is_space (gunichar c)
{
  switch (g_unichar_type (c)) {
    case G_UNICODE_SPACE_SEPARATOR:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return TRUE;
    default:
      return (c >= '\t' && c <= '\r') || c == 0x85;
  }
}

static gboolean
is_letter (gunichar c)
{
  switch (g_unichar_type (c)) {
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_OTHER_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_UPPERCASE_LETTER:
      return TRUE;
    default:
      return FALSE;
  }
}

static gboolean
is_number (gunichar c)
{
  switch (g_unichar_type (c)) {
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_LETTER_NUMBER:
    case G_UNICODE_OTHER_NUMBER:
      return TRUE;
    default:
      return FALSE;
  }
}

static gboolean
is_other (gunichar c)
{
  return !is_space (c) && !is_letter (c) && !is_number (c);
}

/* Unicode's lower case of one character. GLib leaves out Roman numerals and
 * circled letters, which have one without being letters. */
static gunichar
to_lower (gunichar c)
{
  if (c >= 0x2160 && c <= 0x216f)
    return c + 0x10;
  if (c >= 0x24b6 && c <= 0x24cf)
    return c + 0x1a;
  return g_unichar_tolower (c);
}

/**
 * rd_clip_normalize:
 * @text: UTF-8
 * @length: bytes of it
 *
 * Returns: (transfer full): the text in form NFC, then every character
 *   lowercased by itself: without regard to locale and place (no final sigma)
 */
char *
rd_clip_normalize (const char *text, gsize length)
{
  g_autofree char *composed =
      g_utf8_normalize (text, (gssize) length, G_NORMALIZE_NFC);
  GString *lower = g_string_sized_new (length);

  for (const char *p = composed; *p; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    /* the one character whose lower case is two */
    if (c == 0x130)
      g_string_append (lower, "i\xcc\x87");
    else
      g_string_append_unichar (lower, to_lower (c));
  }
  return g_string_free (lower, FALSE);
}

/* Bytes of the one of @words that @text begins with, 0 if it is none. */
static gsize
match (const char *text, const char *end, const char *const *words)
{
  for (; *words; words++) {
    const gsize length = strlen (*words);

    if (length <= (gsize) (end - text) && memcmp (text, *words, length) == 0)
      return length;
  }
  return 0;
}

static const char *
skip_while (const char *text, const char *end, gboolean (*is) (gunichar c))
{
  while (text < end && is (g_utf8_get_char (text)))
    text = g_utf8_next_char (text);
  return text;
}

/**
 * rd_clip_words_next:
 * @words: what is left of a text
 * @word: (out): receives the next word
 * @length: (out): receives its bytes
 *
 * CLIP's pattern: contractions, runs of letters, single numbers, runs of what
 * is neither; space between them is dropped. A run also ends where a marker
 * does, though a marker here is a plain text (it was written in capitals).
 *
 * Returns: whether there was another word
 */
gboolean
rd_clip_words_next (RdClipWords * words, const char **word, gsize * length)
{
  static const char *const endings[] = {
    "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", NULL
  };
  static const char *const markers[] = {
    "<|startoftext|>", "<|endoftext|>", NULL
  };
  const char *text = skip_while (words->text, words->end, is_space);
  const char *next;
  gunichar c;
  gsize ending, marker;

  if (text == words->end)
    return FALSE;

  c = g_utf8_get_char (text);
  ending = match (text, words->end, endings);
  marker = match (text, words->end, markers);
  if (marker > 0)
    words->stop = text + marker;
  else if (text >= words->stop)
    words->stop = words->end;

  if (ending > 0)
    next = text + ending;
  else if (is_letter (c))
    next = skip_while (text, words->stop, is_letter);
  else if (is_number (c))
    next = g_utf8_next_char (text);
  else
    next = skip_while (text, words->stop, is_other);

  *word = text;
  *length = next - text;
  words->text = next;
  return TRUE;
}
