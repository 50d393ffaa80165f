/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:scratch
 *
 * Temporary copies of model folders, for tests that damage them. What cannot be
 * done fails the test.
 */

char *rd_scratch_new (const char *template_folder);
void rd_scratch_free (char *folder);
typedef char RdScratch;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdScratch, rd_scratch_free)

void rd_scratch_write (const char *folder, const char *relative,
    const char *text);
void rd_scratch_remove (const char *folder, const char *relative);
void rd_scratch_truncate (const char *folder, const char *relative, gsize size);
void rd_scratch_replace (const char *folder, const char *relative,
    const char *old, const char *new_text);
void rd_scratch_install (const char *folder, const char *relative,
    const char *source);

G_END_DECLS
