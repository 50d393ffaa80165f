/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Any text about regions: either it is refused with a message that can be
 * shown, or its shapes can be painted and cover no pixel more than once, and what
 * is written of it is read as the same. */

#include "fuzz.h"

#include "regions/document.h"

#define WIDTH 23
#define HEIGHT 17

static void
paint (const RdShape * shape)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RdMask) mask = rd_shape_rasterise (shape, WIDTH, HEIGHT,
      RD_MASK_MEAN, &error);
  guint i;

  g_assert_true (!mask == !!error);
  for (i = 0; mask && i < WIDTH * HEIGHT; i++)
    g_assert_true (mask->data[i] >= 0.0f && mask->data[i] <= 1.0f);
}

static void
write_and_read (const RdRegionDocument * list)
{
  g_autofree char *once = rd_region_document_to_json (list);
  g_autoptr (GError) error = NULL;
  g_autoptr (RdRegionDocument) back = rd_region_document_parse (once, NULL,
      &error);
  g_autofree char *twice = NULL;

  g_assert_no_error (error);
  twice = rd_region_document_to_json (back);
  g_assert_cmpstr (once, ==, twice);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (RdRegionDocument) list =
      rd_region_document_parse (text, "folder", &error);
  guint i;

  g_assert_true (!list == !!error);
  if (error)
    g_assert_true (g_utf8_validate (error->message, -1, NULL));

  for (i = 0; list && i < list->regions->len; i++) {
    const RdRegion *region = list->regions->pdata[i];

    g_assert_nonnull (region->id);
    g_assert_true (region->start < region->end);
    paint (&region->shape);
  }
  if (list)
    write_and_read (list);

  return 0;
}
