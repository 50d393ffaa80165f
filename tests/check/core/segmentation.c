/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What a map of ids says of its regions: where they are, and how they are
 * painted. */

#include "rdtest.h"

#include <string.h>

#include "base/error.h"
#include "regions/region.h"

static const RdBox whole = { 0.0, 0.0, 1.0, 1.0 };

/* 4x3; 7 is in two parts, 9 is one pixel */
static const guint8 ids[] = {
  0, 7, 0, 0,
  0, 0, 0, 9,
  0, 0, 7, 0,
};

static RdIdMap
map_of (const guint8 * data, gsize size, guint width, guint height)
{
  RdIdMap map = { 0 };

  map.width = width;
  map.height = height;
  map.bytes = 1;
  map.stride = width;
  map.data = data;
  map.size = size;
  return map;
}

static RdSegmentation *
new_segmentation (const RdBox * box)
{
  const RdIdMap map = map_of (ids, sizeof ids, 4, 3);
  g_autoptr (GError) error = NULL;
  RdSegmentation *segmentation = rd_segmentation_new (&map, box, &error);

  g_assert_no_error (error);
  return segmentation;
}

static void
check_box (const RdSegmentation * segmentation, guint id, double x, double y,
    double width, double height)
{
  RdBox box;

  fail_unless (rd_segmentation_get_box (segmentation, id, &box));
  fail_unless_equals_float (box.x, x);
  fail_unless_equals_float (box.y, y);
  fail_unless_equals_float (box.width, width);
  fail_unless_equals_float (box.height, height);
}

GST_START_TEST (test_boxes)
{
  const RdBox half = { 0.5, 0.0, 0.5, 1.0 };
  g_autoptr (RdSegmentation) all = new_segmentation (&whole);
  g_autoptr (RdSegmentation) right = new_segmentation (&half);
  RdBox box;

  check_box (all, 7, 0.25, 0.0, 0.5, 1.0);
  check_box (all, 9, 0.75, 1.0 / 3, 0.25, 1.0 / 3);
  check_box (all, RD_SEGMENT_ANY, 0.25, 0.0, 0.75, 1.0);
  check_box (all, 0, 0.0, 0.0, 1.0, 1.0);
  check_box (right, 7, 0.625, 0.0, 0.25, 1.0);

  /* ids that no pixel has, within and beyond those that there are */
  fail_if (rd_segmentation_get_box (all, 8, &box));
  fail_if (rd_segmentation_get_box (all, 10, &box));
  fail_if (rd_segmentation_get_box (all, 1 << 20, &box));
}

GST_END_TEST;

/* A map at picture size is painted as it is. */
GST_START_TEST (test_paints_each_id)
{
  static const struct
  {
    guint id;
    float mask[12];
  } cases[] = {
    {7, {0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}},
    {9, {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}},
    {RD_SEGMENT_ANY, {0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0}},
    {8, {0}},
  };
  g_autoptr (RdSegmentation) segmentation = new_segmentation (&whole);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    float mask[12];

    rd_segmentation_paint (segmentation, cases[i].id, 4, 3, mask);
    for (guint k = 0; k < G_N_ELEMENTS (mask); k++)
      fail_unless (mask[k] == cases[i].mask[k], "id %u, pixel %u: %g",
          cases[i].id, k, mask[k]);
  }
}

GST_END_TEST;

/* It is stretched as a mask of one region is. */
GST_START_TEST (test_stretches_like_masks)
{
  g_autoptr (RdSegmentation) segmentation = new_segmentation (&whole);
  g_autoptr (RdMask) mask = rd_mask_new (4, 3);
  g_autoptr (RdMask) want = NULL;
  g_autoptr (RdMask) got = NULL;
  const RdShape segment = { RD_SHAPE_SEGMENT,.segmentation = segmentation,
    .segment = 7
  };
  const RdShape stretched = { RD_SHAPE_MASK,.mask = mask };

  mask->data[1] = mask->data[10] = 1.0f;
  want = rd_shape_rasterise (&stretched, 24, 17, RD_MASK_MEAN, NULL);
  got = rd_shape_rasterise (&segment, 24, 17, RD_MASK_MEAN, NULL);
  for (guint i = 0; i < 24 * 17; i++)
    fail_unless (ABS (got->data[i] - want->data[i]) < 1e-5, "pixel %u: %g and "
        "%g", i, got->data[i], want->data[i]);
}

GST_END_TEST;

/* A pixel is the mean of what it covers, also where the map begins within it. */
GST_START_TEST (test_shrinks_to_its_mean)
{
  static const guint8 row[8] = { 0, 0, 0, 1, 1, 0, 0, 0 };
  static const RdIdMap map = {.width = 8,.height = 1,.bytes = 1,.stride = 8,
    .data = row,.size = 8
  };
  static const RdBox shifted = { 0.25, 0, 1, 1 };
  g_autoptr (RdSegmentation) segmentation = rd_segmentation_new (&map, &whole,
      NULL);
  g_autoptr (RdSegmentation) moved = rd_segmentation_new (&map, &shifted, NULL);
  const float want[] = { 0.25f, 0.25f }, want_moved[] = { 0.0f, 0.5f };
  float mask[2];

  rd_segmentation_paint (segmentation, 1, 2, 1, mask);
  rd_test_close ("whole", 2, mask, want, 1e-7, 0.0);
  rd_segmentation_paint (moved, 1, 2, 1, mask);
  rd_test_close ("moved", 2, mask, want_moved, 1e-7, 0.0);
}

GST_END_TEST;

/* Outside of its box there is nothing, and what is outside of the picture is cut
 * off. */
GST_START_TEST (test_has_a_place)
{
  static const guint8 full[] = { 1, 1, 2, 2 };
  static const struct
  {
    RdBox box;
    guint id;
    float row[8];
  } cases[] = {
    {{0.5, 0, 0.5, 1}, 1, {0, 0, 0, 0, 1, 1, 0, 0}},
    {{0.5, 0, 0.5, 1}, 2, {0, 0, 0, 0, 0, 0, 1, 1}},
    {{-0.25, 0, 0.5, 1}, 1, {0}},
    {{-0.25, 0, 0.5, 1}, 2, {1, 1, 0, 0, 0, 0, 0, 0}},
    {{0.75, 0, 0.5, 1}, 1, {0, 0, 0, 0, 0, 0, 1, 1}},
    {{2, 0, 1, 1}, 1, {0}},
  };
  const RdIdMap map = map_of (full, sizeof full, 4, 1);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RdSegmentation) segmentation =
        rd_segmentation_new (&map, &cases[i].box, NULL);
    float mask[16];

    rd_segmentation_paint (segmentation, cases[i].id, 8, 2, mask);
    for (guint x = 0; x < 16; x++)
      fail_unless (mask[x] == cases[i].row[x % 8], "case %u, pixel %u: %g", i,
          x, mask[x]);
  }
}

GST_END_TEST;

/* However its maker has laid it out, it says the same. */
GST_START_TEST (test_layouts)
{
  static const guint8 padded[] = { 99, 99, 5, 6, 99, 7, 5 };
  static const guint8 little[] = { 0x05, 0x01, 6, 0, 7, 0, 0x05, 0x01 };
  static const guint8 big[] = { 0x01, 0x05, 0, 6, 0, 7, 0x01, 0x05 };
  static const struct
  {
    guint id;
    RdIdMap map;
  } cases[] = {
    {5, {2, 2, 1, FALSE, 2, 3, padded, sizeof padded}
        },
    {0x105, {2, 2, 2, FALSE, 0, 4, little, sizeof little}
        },
    {0x105, {2, 2, 2, TRUE, 0, 4, big, sizeof big}
        },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RdSegmentation) segmentation =
        rd_segmentation_new (&cases[i].map, &whole, NULL);
    float mask[4];

    rd_segmentation_paint (segmentation, cases[i].id, 2, 2, mask);
    fail_unless (mask[0] == 1.0f && mask[1] == 0.0f && mask[2] == 0.0f
        && mask[3] == 1.0f, "case %u", i);
    check_box (segmentation, 7, 0.0, 0.5, 0.5, 0.5);
  }
}

GST_END_TEST;

GST_START_TEST (test_maps_that_do_not_fit)
{
  static const RdIdMap maps[] = {
    {4, 3, 1, FALSE, 0, 4, ids, 11},
    {4, 3, 1, FALSE, 1, 4, ids, 12},
    {4, 3, 1, FALSE, 0, 5, ids, 12},
    {4, 3, 1, FALSE, 0, 3, ids, 12},
    {4, 3, 2, FALSE, 0, 4, ids, 12},
    {0, 3, 1, FALSE, 0, 4, ids, 12},
    {4, 0, 1, FALSE, 0, 4, ids, 12},
    {4, 3, 1, FALSE, G_MAXSIZE, 4, ids, 12},
    {4, 3, 1, FALSE, 0, G_MAXSIZE, ids, 12},
  };

  for (guint i = 0; i < G_N_ELEMENTS (maps); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (rd_segmentation_new (&maps[i], &whole, &error) == NULL,
        "map %u", i);
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_INVALID));
  }
}

GST_END_TEST;

GST_START_TEST (test_box)
{
  RdBox over = rd_box_from_pixels (-10, 50, 60, 100, 200, 100);
  RdBox outside = rd_box_from_pixels (200, 0, 10, 10, 200, 100);
  RdBox empty = rd_box_from_pixels (10, 10, 0, 10, 200, 100);
  const RdBox want = { 0.0, 0.5, 0.25, 0.5 };

  fail_if (rd_box_equal (&over, &want));
  fail_unless (rd_box_cut (&over));
  fail_unless (rd_box_equal (&over, &want));
  fail_if (rd_box_cut (&outside));
  fail_if (rd_box_cut (&empty));
}

GST_END_TEST;

static Suite *
segmentation_suite (void)
{
  Suite *suite = suite_create ("segmentation");
  TCase *chain = tcase_create ("segmentation");

  suite_add_tcase (suite, chain);
  tcase_add_test (chain, test_boxes);
  tcase_add_test (chain, test_paints_each_id);
  tcase_add_test (chain, test_stretches_like_masks);
  tcase_add_test (chain, test_shrinks_to_its_mean);
  tcase_add_test (chain, test_has_a_place);
  tcase_add_test (chain, test_layouts);
  tcase_add_test (chain, test_maps_that_do_not_fit);
  tcase_add_test (chain, test_box);
  return suite;
}

GST_CHECK_MAIN (segmentation);
