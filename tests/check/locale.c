/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors
 *
 * A source of its own, as the linker leaves out what no function calls.
 */
#include <glib.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define SKIPPED 77              /* meson's status of a test that did not run */

/* Before main(), in the locale RD_TEST_LOCALE: its numbers alone, as its words
 * are not those that tests expect. */
static void __attribute__((constructor))
    set_locale (void)
{
  const char *name = g_getenv ("RD_TEST_LOCALE");

  if (!name)
    return;
  if (!setlocale (LC_NUMERIC, name)) {
    g_printerr ("there is no locale %s: run tools/setup --test\n", name);
    exit (SKIPPED);
  }
  if (strcmp (localeconv ()->decimal_point, ",") != 0) {
    g_printerr ("the locale %s has no decimal comma\n", name);
    abort ();
  }
}
