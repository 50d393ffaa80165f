/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <float.h>
#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:text
 *
 * Texts that come from files, and numbers in texts.
 */

/**
 * RdTextNumber:
 * @text: a number in decimal digits
 *
 * What rd_text_number() returns.
 */
typedef struct
{
  char text[DBL_MAX_10_EXP + 24];       /* "%.15f" of any double */
} RdTextNumber;

RdTextNumber rd_text_number (const char *format, double number);
gboolean rd_text_check (const char *text, gsize size, GError ** error);

G_END_DECLS
