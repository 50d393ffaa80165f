/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "rdtest.h"

#include "noise/torch.h"

/* json-glib keeps the low 64 bits of large whole numbers */
static guint64
get_seed (JsonObject * test_case)
{
  return (guint64) json_object_get_int_member (test_case, "seed");
}

static void
compare (JsonObject * test_case, const float *got)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "noise");

  rd_test_close (json_object_get_string_member (test_case, "id"), want->n, got,
      want->data, json_object_get_double_member (expect, "tol_abs"), 0.0);
}

static void
check_noise (JsonObject * test_case)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  const char *id = json_object_get_string_member (test_case, "id");
  double tolerance = json_object_get_double_member (expect, "tol_abs");
  gsize n = json_object_get_int_member (expect, "numel");
  g_autoptr (RdGenerator) generator = rd_generator_new (get_seed (test_case));
  g_autofree float *got = g_new (float, n);
  double sum = 0.0, sumsq = 0.0;
  gsize i;

  rd_generator_randn (generator, n, got);

  /* of large arrays the ends and two sums are known */
  if (json_object_has_member (expect, "noise")) {
    compare (test_case, got);
  } else {
    g_autoptr (RdTestArray) first = rd_test_golden_array (expect, "first16");
    g_autoptr (RdTestArray) last = rd_test_golden_array (expect, "last16");

    rd_test_close (id, first->n, got, first->data, tolerance, 0.0);
    rd_test_close (id, last->n, got + n - last->n, last->data, tolerance, 0.0);
  }

  for (i = 0; i < n; i++) {
    sum += got[i];
    sumsq += (double) got[i] * got[i];
  }
  fail_unless (ABS (sum / n - json_object_get_double_member (expect, "mean"))
      <= tolerance, "%s: mean is %g", id, sum / n);
  fail_unless (ABS (sumsq - json_object_get_double_member (expect, "sumsq"))
      <= 4.0 * tolerance * n, "%s: sum of squares is %g", id, sumsq);
}

GST_START_TEST (test_noise)
{
  rd_test_golden_each ("noise", check_noise);
}

GST_END_TEST;

static void
check_stream (JsonObject * test_case)
{
  guint i, n_draws = json_object_get_int_member (test_case, "draws");
  g_autoptr (RdTestArray) want =
      rd_test_golden_array (json_object_get_object_member (test_case,
          "expect"), "noise");
  /* ComfyUI's default noise sampler is seeded with the next seed */
  g_autoptr (RdGenerator) generator =
      rd_generator_new (get_seed (test_case) + 1);
  g_autofree float *got = g_new (float, want->n);
  gsize row = want->n / n_draws;

  for (i = 0; i < n_draws; i++)
    rd_generator_randn (generator, row, got + i * row);
  compare (test_case, got);
}

GST_START_TEST (test_stream)
{
  rd_test_golden_each ("noise_ancestral_stream", check_stream);
}

GST_END_TEST;

static void
check_batch_index (JsonObject * test_case)
{
  JsonArray *index = json_object_get_array_member (test_case, "batch_index");
  JsonArray *shape = json_object_get_array_member (test_case, "shape");
  guint i, n = json_array_get_length (index), last = 0;
  g_autoptr (RdGenerator) generator = rd_generator_new (get_seed (test_case));
  g_autofree float *rows = NULL;
  g_autofree float *got = NULL;
  gsize row = 1;

  for (i = 1; i < json_array_get_length (shape); i++)
    row *= json_array_get_int_element (shape, i);
  for (i = 0; i < n; i++)
    last = MAX (last, json_array_get_int_element (index, i));

  rows = g_new (float, (last + 1) * row);
  for (i = 0; i <= last; i++)
    rd_generator_randn (generator, row, rows + i * row);
  got = g_new (float, n * row);
  for (i = 0; i < n; i++)
    memcpy (got + i * row, rows + json_array_get_int_element (index, i) * row,
        row * sizeof (float));
  compare (test_case, got);
}

GST_START_TEST (test_batch_index)
{
  rd_test_golden_each ("noise_batch_index", check_batch_index);
}

GST_END_TEST;

GST_START_TEST (test_seed_has_32_bits)
{
  g_autoptr (RdGenerator) a = rd_generator_new (12345);
  g_autoptr (RdGenerator) b =
      rd_generator_new ((G_GUINT64_CONSTANT (1) << 63) + 12345);
  g_autoptr (RdGenerator) c = rd_generator_new (12346);
  float x[20], y[20], z[20];

  rd_generator_randn (a, 20, x);
  rd_generator_randn (b, 20, y);
  rd_generator_randn (c, 20, z);
  fail_unless (memcmp (x, y, sizeof (x)) == 0);
  fail_if (memcmp (x, z, sizeof (x)) == 0);
}

GST_END_TEST;

/* Draws below 16 numbers come in pairs; the second of a pair waits for the next
 * such draw, also past a large one. */
GST_START_TEST (test_small_draws_share_pairs)
{
  g_autoptr (RdGenerator) at_once = rd_generator_new (7);
  g_autoptr (RdGenerator) split = rd_generator_new (7);
  float x[4], y[4], large[16];

  rd_generator_randn (at_once, 4, x);
  rd_generator_randn (split, 1, y);
  rd_generator_randn (split, 0, NULL);
  rd_generator_randn (split, 3, y + 1);
  fail_unless (memcmp (x, y, sizeof (x)) == 0);

  rd_generator_free (g_steal_pointer (&split));
  split = rd_generator_new (7);
  rd_generator_randn (split, 1, y);
  rd_generator_randn (split, 16, large);
  rd_generator_randn (split, 1, y + 1);
  fail_unless (memcmp (x, y, 2 * sizeof (float)) == 0);
}

GST_END_TEST;

static Suite *
noise_suite (void)
{
  Suite *suite = suite_create ("noise");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_noise);
  tcase_add_test (tc, test_stream);
  tcase_add_test (tc, test_batch_index);
  tcase_add_test (tc, test_seed_has_32_bits);
  tcase_add_test (tc, test_small_draws_share_pairs);

  return suite;
}

GST_CHECK_MAIN (noise);
