/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "base/text.h"

#include <string.h>

#include "base/error.h"

/**
 * rd_text_number:
 * @format: one conversion of printf(), `e`, `f` or `g`, with a precision of at
 *   most 15
 * @number: any
 *
 * A number as users write it, with a point whatever the locale has: printf()
 * writes 0,5 in many, which no setting takes. To be used where it is called, as
 * `rd_text_number ("%g", sigma).text`.
 *
 * Returns: its text
 */
RdTextNumber
rd_text_number (const char *format, double number)
{
  RdTextNumber result;

  g_ascii_formatd (result.text, sizeof result.text, format, number);
  return result;
}

/**
 * rd_text_check:
 * @text: what a file contains, with a NUL behind it
 * @size: its bytes
 * @error: return location for %RD_ERROR_INVALID, which begins with the line
 *
 * Checks that nothing gets lost where @text is taken for a string of C.
 *
 * Returns: whether the text has no NUL
 */
gboolean
rd_text_check (const char *text, gsize size, GError ** error)
{
  const char *nul = memchr (text, '\0', size);
  guint line = 1;

  if (!nul)
    return TRUE;
  for (const char *c = text; c < nul; c++)
    line += *c == '\n';
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "line %u: contains a NUL, "
      "which no text does; save the file as UTF-8 text", line);
  return FALSE;
}
