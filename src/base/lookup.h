/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gconstpointer rd_lookup (const char *what, const char *name,
    gconstpointer table, gsize n_entries, gsize entry_size, GError ** error);

G_END_DECLS
