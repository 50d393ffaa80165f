/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:text
 *
 * Texts that come from files.
 */

gboolean rd_text_check (const char *text, gsize size, GError ** error);

G_END_DECLS
