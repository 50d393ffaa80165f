/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Any text about classes of detections: either it is refused with a message
 * that can be shown, or every detection becomes at most one region. */

#include "fuzz.h"

#include "regions/detection.h"

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  static const RdDetection detections[] = {
    {"face", 1.0, TRUE, 7, {0.0, 0.0, 0.5, 0.5}},
    {"a", 0.5, FALSE, 0, {0.5, 0.5, 0.5, 0.5}},
  };
  static const gboolean taken[G_N_ELEMENTS (detections)] = { FALSE };
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (RdClassPrompts) classes = rd_class_prompts_parse (text, &error);
  g_autoptr (RdRegionDocument) list = NULL;

  g_assert_true (!classes == !!error);
  if (error)
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  if (!classes)
    return 0;
  for (guint i = 0; i < rd_class_prompts_n_labels (classes); i++)
    g_assert_true (*rd_class_prompts_label (classes, i) != '\0');
  list = rd_detections_classify (classes, G_N_ELEMENTS (detections), detections,
      taken);
  g_assert_true (list->regions->len <= G_N_ELEMENTS (detections));
  for (guint i = 0; i < list->regions->len; i++)
    g_assert_nonnull (((const RdRegion *) list->regions->pdata[i])->prompt);
  return 0;
}
