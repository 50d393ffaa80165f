/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "../rdtest.h"

#include <math.h>
#include <string.h>

#include "noise/brownian.h"
#include "noise/seed-sequence.h"

#define SIGMA_MIN 0.0291671771556139
#define SIGMA_MAX 14.614643096923828

static void
check_seeds (guint64 entropy, guint n_keys, const guint64 * keys,
    guint pool_size, guint n, const guint32 * want)
{
  guint32 got[8];

  rd_seed_sequence (entropy, n_keys, keys, pool_size, n, got);
  for (guint i = 0; i < n; i++)
    fail_unless (got[i] == want[i], "%" G_GUINT64_FORMAT ": seed %u is %#x",
        entropy, i, got[i]);
}

/* numpy 2.4.6: SeedSequence (entropy, spawn_key=keys, pool_size=pool_size) */
GST_START_TEST (test_seed_sequence)
{
  check_seeds (0, 0, NULL, 24, 3,
      (const guint32[]) { 0xeff41bd6, 0xa030bacb, 0x8ab2f371 });
  check_seeds (42, 2, (const guint64[]) { 0, 0 }, 24, 4,
      (const guint32[]) { 0x7d4a3fcb, 0xac5d83a2, 0x7fcc8743, 0x169f9cea });
  /* more than 32 bits, also of a key */
  check_seeds (G_GUINT64_CONSTANT (12345678901234567890), 2,
      (const guint64[]) { 5, 3 }, 24, 4,
      (const guint32[]) { 0x346e4058, 0x4b4ad036, 0x708f1677, 0xb4ab196d });
  check_seeds (7, 2, (const guint64[]) { G_GUINT64_CONSTANT (1099511627777),
        41
      }, 24, 4,
      (const guint32[]) { 0xf45f5739, 0x96070bb1, 0xff607864, 0x05b7f44a });
  check_seeds (G_MAXUINT64, 1, (const guint64[]) { 1 }, 4, 2,
      (const guint32[]) { 0xa3979470, 0xd85fbb2b });
  /* more seeds than words of state */
  check_seeds (1, 0, NULL, 4, 6,
      (const guint32[]) { 0x6d6791ff, 0x672d8ee5, 0x4eb1072c, 0x8ae19ca1,
        0x1322fc4a, 0x4915796d
      });
}

GST_END_TEST;

static void
check_brownian (JsonObject * test_case)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  JsonArray *pairs = json_object_get_array_member (test_case, "pairs");
  const guint n_pairs = json_array_get_length (pairs);
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "noise");
  const gsize n = want->n / n_pairs;
  g_autoptr (RdBrownian) tree =
      rd_brownian_new (json_object_get_int_member (test_case, "seed"),
      json_object_get_double_member (test_case, "sigma_min"),
      json_object_get_double_member (test_case, "sigma_max"), n);
  g_autofree float *got = g_new (float, want->n);

  for (guint i = 0; i < n_pairs; i++) {
    JsonArray *pair = json_array_get_array_element (pairs, i);

    rd_brownian_noise (tree, json_array_get_double_element (pair, 0),
        json_array_get_double_element (pair, 1), got + i * n);
  }
  rd_test_close (json_object_get_string_member (test_case, "id"), want->n, got,
      want->data, json_object_get_double_member (expect, "tol_abs"), 0.0);
}

GST_START_TEST (test_reference)
{
  rd_test_golden_each ("noise_brownian", check_brownian);
}

GST_END_TEST;

/* W (a, c) = W (a, b) + W (b, c), whatever was asked before. */
GST_START_TEST (test_increments_add_up)
{
  enum
  { N = 64 };
  const double a = 9.0, b = 3.3, c = 0.7;
  g_autoptr (RdBrownian) tree = rd_brownian_new (9, SIGMA_MIN, SIGMA_MAX, N);
  g_autoptr (RdBrownian) other = rd_brownian_new (9, SIGMA_MIN, SIGMA_MAX, N);
  float whole[N], first[N], second[N], again[N];

  rd_brownian_noise (tree, a, c, whole);
  rd_brownian_noise (tree, b, c, second);
  rd_brownian_noise (tree, a, b, first);
  for (guint i = 0; i < N; i++)
    fail_unless (fabs (sqrt (a - b) * first[i] + sqrt (b - c) * second[i]
            - sqrt (a - c) * whole[i]) < 1e-5);

  rd_brownian_noise (other, a, b, again);
  fail_unless (memcmp (first, again, sizeof first) == 0);
  /* and backwards it is the opposite */
  rd_brownian_noise (other, b, a, again);
  for (guint i = 0; i < N; i++)
    fail_unless (again[i] == -first[i]);
}

GST_END_TEST;

GST_START_TEST (test_all_of_the_seed_counts)
{
  enum
  { N = 32 };
  g_autoptr (RdBrownian) low = rd_brownian_new (12345, SIGMA_MIN, SIGMA_MAX, N);
  g_autoptr (RdBrownian) high =
      rd_brownian_new ((G_GUINT64_CONSTANT (1) << 63) + 12345, SIGMA_MIN,
      SIGMA_MAX, N);
  float x[N], y[N];

  rd_brownian_noise (low, 5.0, 3.0, x);
  rd_brownian_noise (high, 5.0, 3.0, y);
  fail_if (memcmp (x, y, sizeof x) == 0);
}

GST_END_TEST;

/* Times at and past the ends, and equal ones */
GST_START_TEST (test_ends)
{
  enum
  { N = 20 };
  g_autoptr (RdBrownian) tree = rd_brownian_new (1, SIGMA_MIN, SIGMA_MAX, N);
  float all[N], more[N], none[N];

  rd_brownian_noise (tree, SIGMA_MAX, SIGMA_MIN, all);
  rd_brownian_noise (tree, 20.0, 0.0, more);
  rd_brownian_noise (tree, 4.0, 4.0, none);
  for (guint i = 0; i < N; i++) {
    fail_unless (fabs (all[i] * sqrt (SIGMA_MAX - SIGMA_MIN)
            - more[i] * sqrt (20.0)) < 1e-5);
    fail_unless (none[i] == 0.0f);
  }
}

GST_END_TEST;

/* Unit noise, and independent of that of other steps. */
GST_START_TEST (test_statistics)
{
  enum
  { N = 1 << 16 };
  g_autoptr (RdBrownian) tree = rd_brownian_new (3, SIGMA_MIN, SIGMA_MAX, N);
  g_autofree float *x = g_new (float, N);
  g_autofree float *y = g_new (float, N);
  double sum = 0.0, squares = 0.0, products = 0.0;

  rd_brownian_noise (tree, 7.0, 2.5, x);
  rd_brownian_noise (tree, 2.5, 1.1, y);
  for (guint i = 0; i < N; i++) {
    sum += x[i];
    squares += (double) x[i] * x[i];
    products += (double) x[i] * y[i];
  }
  /* five standard deviations of each */
  fail_unless (fabs (sum / N) < 5.0 / sqrt (N));
  fail_unless (fabs (squares / N - 1.0) < 5.0 * sqrt (2.0 / N));
  fail_unless (fabs (products / N) < 5.0 / sqrt (N));
}

GST_END_TEST;

static Suite *
brownian_suite (void)
{
  Suite *suite = suite_create ("brownian");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_seed_sequence);
  tcase_add_test (tc, test_reference);
  tcase_add_test (tc, test_increments_add_up);
  tcase_add_test (tc, test_all_of_the_seed_counts);
  tcase_add_test (tc, test_ends);
  tcase_add_test (tc, test_statistics);

  return suite;
}

GST_CHECK_MAIN (brownian);
