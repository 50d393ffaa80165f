/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "../rdtest.h"

#include <math.h>
#include <string.h>

#include "../teststream.h"
#include "device/philox.h"
#include "device/tensor.h"

/* Random123's known answers (kat_vectors) */
GST_START_TEST (test_known_answers)
{
  static const struct
  {
    uint32_t counter[4];
    uint32_t key[2];
    uint32_t want[4];
  } cases[] = {
    {{0, 0, 0, 0}, {0, 0},
        {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
        {0xffffffff, 0xffffffff},
        {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
        {0xa4093822, 0x299f31d0},
        {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    uint32_t counter[4];

    memcpy (counter, cases[i].counter, sizeof counter);
    rd_philox4x32 (counter, cases[i].key[0], cases[i].key[1]);
    fail_unless (memcmp (counter, cases[i].want, sizeof counter) == 0,
        "%u: %#x %#x %#x %#x", i, counter[0], counter[1], counter[2],
        counter[3]);
  }
}

GST_END_TEST;

/* The least and the largest bits are normal numbers as well. */
GST_START_TEST (test_extremes)
{
  const uint32_t bits[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff };
  float out[2];

  for (guint i = 0; i < G_N_ELEMENTS (bits); i++) {
    for (guint j = 0; j < G_N_ELEMENTS (bits); j++) {
      rd_philox_normal_pair (bits[i], bits[j], out);
      fail_unless (isfinite (out[0]) && isfinite (out[1]));
      fail_unless (hypotf (out[0], out[1]) < 6.8f);
    }
  }
}

GST_END_TEST;

GST_START_TEST (test_draws)
{
  enum
  { N = 103 };
  const guint64 seed = (G_GUINT64_CONSTANT (1) << 63) + 12345;
  float x[N + 1], y[N + 1], four[4];

  /* the same again, no element more, and a shorter draw is its beginning */
  x[N] = y[N] = 77.0f;
  rd_philox_randn (seed, 2, N, x);
  rd_philox_randn (seed, 2, N, y);
  fail_unless (memcmp (x, y, sizeof x) == 0);
  rd_philox_randn (seed, 2, 5, y);
  fail_unless (memcmp (x, y, sizeof x) == 0);
  rd_philox_randn (seed, 2, 0, NULL);

  /* any four by their place */
  rd_philox_normal4 (seed, 2, 7, four);
  fail_unless (memcmp (four, x + 28, sizeof four) == 0);

  /* other seeds, in either half, and other draws */
  rd_philox_randn (seed + 1, 2, N, y);
  fail_if (x[0] == y[0] || x[N - 1] == y[N - 1]);
  rd_philox_randn (12345, 2, N, y);
  fail_if (x[0] == y[0] || x[N - 1] == y[N - 1]);
  rd_philox_randn (seed, 3, N, y);
  fail_if (x[0] == y[0] || x[N - 1] == y[N - 1]);
}

GST_END_TEST;

/* What a device makes of rows that begin anywhere, in a tensor or in a view of
 * its last rows: the numbers above, and nothing around them. */
GST_START_TEST (test_devices)
{
  enum
  { ROWS = 5, LONGEST = 2 * 1031 };
  static const gint64 sizes[] = { 1, 3, 4, 7, 64, 1030, 1031, LONGEST };
  const guint64 seed = (G_GUINT64_CONSTANT (1) << 63) + 12345;
  const guint64 draw = RD_PHILOX_MAX_DRAWS - 1;
  g_autoptr (RdStream) stream = rd_test_stream_new ();
  g_autofree float *got = g_new (float, ROWS * LONGEST);
  g_autofree float *want = g_new (float, ROWS * LONGEST);
  g_autofree float *longest = g_new (float, LONGEST);

  rd_philox_randn (seed, draw, LONGEST, longest);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    const gsize n = sizes[i];

    for (gint64 first = 0; first < ROWS; first++) {
      const gint64 rows = ROWS - first, dims[] = { ROWS, sizes[i] };
      g_autoptr (RdTensor) tensor = NULL, last = NULL;

      for (gsize k = 0; k < ROWS * n; k++)
        want[k] = 77.0f;
      tensor = rd_tensor_new_from_host (stream, RD_TYPE_F32, 2, dims, want);
      last = rd_tensor_rows (tensor, first, rows);
      rd_randn (last, seed, draw);
      fail_unless (rd_tensor_download (tensor, got, NULL));
      rd_philox_randn_rows (seed, draw, rows, n, want + first * n);
      fail_unless (memcmp (got, want, tensor->size) == 0,
          "rows of %d from %d on", (int) n, (int) first);
      /* the first row is the beginning of any longer one */
      fail_unless (memcmp (got + first * n, longest, n * sizeof (float)) == 0);
    }
  }
}

GST_END_TEST;

GST_START_TEST (test_statistics)
{
  enum
  { N = 1 << 18 };
  g_autofree float *x = g_new (float, N);
  double moments[5] = { 0.0 }, neighbours = 0.0;

  rd_philox_randn (11, 0, N, x);
  for (guint i = 0; i < N; i++) {
    for (guint k = 1; k < 5; k++)
      moments[k] += pow (x[i], k) / N;
    neighbours += (double) x[i] * x[i ^ 1] / N;
  }
  /* five standard deviations of each */
  fail_unless (fabs (moments[1]) < 5.0 * sqrt (1.0 / N));
  fail_unless (fabs (moments[2] - 1.0) < 5.0 * sqrt (2.0 / N));
  fail_unless (fabs (moments[3]) < 5.0 * sqrt (15.0 / N));
  fail_unless (fabs (moments[4] - 3.0) < 5.0 * sqrt (96.0 / N));
  fail_unless (fabs (neighbours) < 5.0 * sqrt (2.0 / N));
}

GST_END_TEST;

static Suite *
philox_suite (void)
{
  Suite *suite = suite_create ("philox");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_known_answers);
  tcase_add_test (tc, test_extremes);
  tcase_add_test (tc, test_draws);
  tcase_add_test (tc, test_devices);
  tcase_add_test (tc, test_statistics);

  return suite;
}

GST_CHECK_MAIN (philox);
