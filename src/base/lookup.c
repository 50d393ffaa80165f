/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "base/lookup.h"

#include "base/error.h"

/**
 * rd_lookup:
 * @what: what the table lists, "sampler"
 * @name: what is sought
 * @table: entries that begin with a `const char *name`
 * @n_entries: how many
 * @entry_size: bytes of one
 * @error: %RD_ERROR_NOT_FOUND with the list of known names
 *
 * Returns: (transfer none) (nullable): the entry
 */
gconstpointer
rd_lookup (const char *what, const char *name, gconstpointer table,
    gsize n_entries, gsize entry_size, GError ** error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (gsize i = 0; i < n_entries; i++) {
    const guint8 *entry = (const guint8 *) table + i * entry_size;
    const char *candidate = *(const char *const *) entry;

    if (g_str_equal (candidate, name))
      return entry;
    g_string_append_printf (known, "%s%s", i ? ", " : "", candidate);
  }

  g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
      "unknown %s '%s'; known are: %s", what, name, known->str);
  return NULL;
}
