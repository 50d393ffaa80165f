/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "rdtest.h"

#include <math.h>

#include "models/tiling.h"

GST_START_TEST (test_shares_sum_to_one)
{
  static const guint scales[] = { 1, 8 };

  for (guint length = 1; length < 300; length++) {
    for (guint s = 0; s < G_N_ELEMENTS (scales); s++) {
      const guint scale = scales[s];
      g_autofree double *sum = g_new0 (double, length * scale);
      g_auto (RdTiling) tiling = { 0 };
      gboolean in_range = TRUE;
      double worst = 0.0;

      rd_tiling_init (&tiling, length, 64, 16);
      for (guint i = 0; i < tiling.n; i++) {
        g_autofree float *shares = rd_tiling_shares (&tiling, i, scale);

        fail_unless (tiling.starts[i] + tiling.size <= length);
        for (guint k = 0; k < tiling.size * scale; k++) {
          in_range = in_range && shares[k] >= 0.0f && shares[k] <= 1.0f;
          sum[tiling.starts[i] * scale + k] += shares[k];
        }
      }
      for (guint k = 0; k < length * scale; k++)
        worst = MAX (worst, fabs (sum[k] - 1.0));
      fail_unless (in_range && worst < 1e-6, "length %u: off by %g", length,
          worst);
    }
  }
}

GST_END_TEST;

GST_START_TEST (test_tiles_overlap)
{
  static const struct
  {
    guint length, n;
  } cases[] = { {1, 1}, {63, 1}, {64, 1}, {65, 2}, {112, 2}, {113, 3},
  {160, 3}, {161, 4}, {4096, 85}
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (RdTiling) tiling = { 0 };

    rd_tiling_init (&tiling, cases[i].length, 64, 16);
    fail_unless_equals_int (tiling.n, cases[i].n);
    fail_unless_equals_int (tiling.size, MIN (64, cases[i].length));
    fail_unless_equals_int (tiling.starts[0], 0);
    fail_unless_equals_int (tiling.starts[tiling.n - 1] + tiling.size,
        cases[i].length);
    for (guint k = 1; k < tiling.n; k++)
      fail_unless (tiling.starts[k - 1] + tiling.size >= tiling.starts[k] + 16);
  }
}

GST_END_TEST;

/* A tile counts less the nearer its end is, where another one goes on. */
GST_START_TEST (test_ramp)
{
  g_auto (RdTiling) tiling = { 0 };
  g_autofree float *left = NULL, *right = NULL;

  rd_tiling_init (&tiling, 12, 8, 4);
  left = rd_tiling_shares (&tiling, 0, 1);
  right = rd_tiling_shares (&tiling, 1, 1);
  for (guint k = 0; k < 4; k++) {
    fail_unless (left[k] == 1.0f && right[4 + k] == 1.0f);
    fail_unless (left[4 + k] == 1.0f - (k + 0.5f) / 4.0f);
    fail_unless (right[k] == (k + 0.5f) / 4.0f);
  }
}

GST_END_TEST;

static Suite *
tiling_suite (void)
{
  Suite *suite = suite_create ("tiling");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_shares_sum_to_one);
  tcase_add_test (tc, test_tiles_overlap);
  tcase_add_test (tc, test_ramp);

  return suite;
}

GST_CHECK_MAIN (tiling);
