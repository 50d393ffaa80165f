/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:file
 *
 * Files that users name. Only regular files are opened, because anything else
 * may wait for ever, have no end, or do something when it is opened.
 */

/**
 * RD_FILE_MAX_TEXT:
 *
 * Bytes of the largest text file that is read. A model's vocabulary takes 1 MiB;
 * what takes more than this is no text that anybody wrote.
 */
#define RD_FILE_MAX_TEXT (32 * 1024 * 1024)

gboolean rd_file_check (const char *path, GError ** error);
gboolean rd_file_read_head (const char *path, guint8 * bytes, gsize capacity,
    gsize * size, GError ** error);
char *rd_file_read_text (const char *path, gsize * size, GError ** error);
gboolean rd_file_fail (const char *path, int code, GError ** error);
void rd_file_add_remedy (GError ** error, const char *remedy);

G_END_DECLS
