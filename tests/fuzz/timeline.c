/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Any text as regions by time: either it is refused with a message that can be
 * shown, or what it says at any time is a document by itself. */

#include "fuzz.h"

#include "regions/document.h"
#include "regions/timeline.h"

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  static const double times[] = { 0.0, 0.5, 1.0, 3.0, 1e9 };
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (RdRegionTimeline) timeline =
      rd_region_timeline_parse ("lines", text, &error);

  g_assert_true (!timeline == !!error);
  if (error)
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (guint i = 0; timeline && i < G_N_ELEMENTS (times); i++) {
    const char *document = rd_region_timeline_at (timeline, times[i]);
    g_autoptr (RdRegionDocument) list = NULL;

    if (!document)
      continue;
    list = rd_region_document_parse (document, NULL, &error);
    g_assert_no_error (error);
    g_assert_true (rd_region_document_check_portable (list, NULL));
  }
  return 0;
}
