/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "../teststream.h"
#include "rdtest.h"

#include "loop/impact/mask.h"

static RdStream *
open_stream (void)
{
  g_autoptr (GError) error = NULL;
  RdStream *stream = rd_test_stream_new ();

  fail_unless (stream != NULL, "%s", error ? error->message : NULL);
  return stream;
}

/* a mask of the last two dimensions */
static RdMask *
to_mask (const RdTestArray * array)
{
  guint width = array->dims[array->rank - 1];
  guint height = array->dims[array->rank - 2];
  RdMask *mask = rd_mask_new (width, height);

  memcpy (mask->data, array->data, sizeof (float) * width * height);
  return mask;
}

static RdMask *
get_mask (JsonObject * test_case)
{
  g_autoptr (RdTestArray) array = rd_test_golden_array (test_case, "mask");

  return to_mask (array);
}

static RdTensor *
upload (RdStream * stream, const RdTestArray * array)
{
  fail_unless_equals_int (array->rank, 4);
  return rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, array->dims,
      array->data);
}

static void
compare (JsonObject * test_case, const RdTensor * got, const char *member)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, member);
  g_autoptr (GError) error = NULL;
  g_autofree float *values = g_malloc (got->size);
  guint i;

  fail_unless (rd_tensor_download (got, values, &error), "%s",
      error ? error->message : NULL);
  fail_unless_equals_int (got->n_elements, want->n);
  for (i = 1; i <= 2; i++)
    fail_unless_equals_int (got->dims[4 - i], want->dims[want->rank - i]);
  rd_test_close (json_object_get_string_member (test_case, "id"), want->n,
      values, want->data, json_object_get_double_member (expect, "tol_abs"),
      0.0);
}

static void
check_dilate (JsonObject * test_case)
{
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdMask) mask = get_mask (test_case);
  g_autoptr (RdTensor) map = rd_impact_dilate (stream, mask,
      json_object_get_int_member (test_case, "overlap_factor"));

  compare (test_case, map, "out");
}

GST_START_TEST (test_dilate)
{
  rd_test_golden_each ("mask_erosion", check_dilate);
}

GST_END_TEST;

static RdTensor *
to_latent (JsonObject * test_case, const RdTensor * map)
{
  JsonArray *shape = json_object_get_array_member (test_case, "latent_shape");

  return rd_impact_to_latent (map, json_array_get_int_element (shape, 2),
      json_array_get_int_element (shape, 3));
}

static void
check_to_latent (JsonObject * test_case)
{
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdMask) mask = get_mask (test_case);
  g_autoptr (RdTensor) map = rd_tensor_new_map (stream, mask->height,
      mask->width);
  g_autoptr (RdTensor) latent = NULL;

  rd_tensor_upload (map, mask->data);
  latent = to_latent (test_case, map);
  compare (test_case, latent, "out_batch0_channel0");
}

GST_START_TEST (test_to_latent)
{
  rd_test_golden_each ("prepare_mask", check_to_latent);
}

GST_END_TEST;

static void
check_chain (JsonObject * test_case)
{
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdMask) mask = get_mask (test_case);
  g_autoptr (RdTensor) map = rd_impact_dilate (stream, mask,
      json_object_get_int_member (test_case, "overlap_factor"));
  g_autoptr (RdTensor) latent = to_latent (test_case, map);

  compare (test_case, latent, "out_batch0_channel0");
}

GST_START_TEST (test_chain)
{
  rd_test_golden_each ("mask_chain", check_chain);
}

GST_END_TEST;

static void
check_inverse_union (JsonObject * test_case)
{
  JsonArray *references = json_object_get_array_member (test_case, "masks");
  guint i, n = json_array_get_length (references);
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (GPtrArray) masks =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_mask_unref);
  g_autoptr (RdTensor) rest = NULL;

  for (i = 0; i < n; i++) {
    g_autoptr (RdTestArray) array = rd_test_golden_array_at (references, i);

    g_ptr_array_add (masks, to_mask (array));
  }
  rest = rd_impact_inverse_union (stream, n, (RdMask **) masks->pdata, NULL,
      NULL);
  compare (test_case, rest, "out");
}

GST_START_TEST (test_inverse_union)
{
  rd_test_golden_each ("inverse_union", check_inverse_union);
}

GST_END_TEST;

/* What a region's pass made goes over what was there by its mask. */
static void
check_composite (JsonObject * test_case)
{
  g_autoptr (RdTestArray) dst = rd_test_golden_array (test_case, "destination");
  g_autoptr (RdTestArray) src = rd_test_golden_array (test_case, "source");
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdMask) mask = get_mask (test_case);
  g_autoptr (RdTensor) destination = upload (stream, dst);
  g_autoptr (RdTensor) source = upload (stream, src);
  g_autoptr (RdTensor) map = rd_tensor_new_map (stream, mask->height,
      mask->width);
  g_autoptr (RdTensor) use = NULL, keep = NULL;

  rd_tensor_upload (map, mask->data);
  use = rd_impact_to_latent (map, dst->dims[2], dst->dims[3]);
  keep = rd_tensor_new_like (use);
  rd_map_apply (keep, use, RD_MAP_INVERT);
  const RdTerm destination_terms[] = {
    {source, 1.0, use},
    {destination, 1.0, keep},
  };
  rd_combine (destination, 2, destination_terms);
  compare (test_case, destination, "out");
}

GST_START_TEST (test_composite)
{
  rd_test_golden_each ("latent_composite_masked", check_composite);
}

GST_END_TEST;

GST_START_TEST (test_sizes_differ)
{
  static const char *const ids[] = { "sky", "hat", "sea" };
  g_autoptr (RdStream) stream = open_stream ();
  g_autoptr (RdMask) a = rd_mask_new (8, 6);
  g_autoptr (RdMask) b = rd_mask_new (8, 7);
  RdMask *masks[] = { a, a, b };
  g_autoptr (GError) error = NULL;

  fail_unless (rd_impact_inverse_union (stream, 3, masks, ids, &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SETTINGS));
  fail_unless_equals_string (error->message,
      "the masks of regions 'sky' (8x6) and 'sea' (8x7) differ in size, which "
      "the modes 'impact' and 'impact-simple' do not support; use masks of the "
      "same size or another mode");
}

GST_END_TEST;

GST_START_TEST (test_gray8)
{
  const guint8 pixels[] = { 0, 51, 99, 255, 204, 99 };
  g_autoptr (RdMask) mask = rd_mask_new_from_gray8 (2, 2, 3, pixels);
  const float want[] = { 0.0f, 0.2f, 1.0f, 0.8f };

  rd_test_close ("gray8", 4, mask->data, want, 1e-7, 0.0);
}

GST_END_TEST;

static Suite *
impact_mask_suite (void)
{
  Suite *suite = suite_create ("impact-mask");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_dilate);
  tcase_add_test (tc, test_to_latent);
  tcase_add_test (tc, test_chain);
  tcase_add_test (tc, test_inverse_union);
  tcase_add_test (tc, test_composite);
  tcase_add_test (tc, test_sizes_differ);
  tcase_add_test (tc, test_gray8);

  return suite;
}

GST_CHECK_MAIN (impact_mask);
