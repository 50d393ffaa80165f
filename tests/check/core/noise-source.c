/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Noise of either generator: torch's stream as ComfyUI cuts it, and the
 * counter-based one, whose rows are each for themselves. */

#include <gst/check/gstcheck.h>
#include <math.h>
#include <string.h>

#include "../teststream.h"
#include "noise/brownian.h"
#include "noise/torch.h"
#include "noise/source.h"

#define ROWS 3
#define ROW 20000               /* elements */
#define BOUND 5.0               /* standard deviations, of whatever */

static RdStream *stream;

static void
setup (void)
{
  stream = rd_test_stream_new ();
}

static void
teardown (void)
{
  rd_stream_unref (stream);
}

static RdTensor *
make_batch (gint64 rows)
{
  return rd_tensor_new (stream, RD_TYPE_F32, 2, (const gint64[]) { rows, ROW });
}

static RdNoiseSource *
make_source (RdNoiseKind kind, RdNoiseOrigin origin, guint64 seed)
{
  return rd_noise_source_new (kind, origin, seed, 0.03, 14.6);
}

static void
draw (RdNoiseSource * source, gint64 rows, double from, double to,
    float *values)
{
  g_autoptr (RdTensor) batch = make_batch (rows);

  rd_noise_source_draw (source, batch, from, to);
  fail_unless (rd_tensor_download (batch, values, NULL));
}

/* what runs start from, of the counter-based generator */
static void
start (guint64 seed, gint64 rows, float *values)
{
  g_autoptr (RdTensor) batch = make_batch (rows);

  rd_noise_start (RD_NOISE_DEVICE, seed, batch);
  fail_unless (rd_tensor_download (batch, values, NULL));
}

static double
correlation (const float *a, const float *b, gsize n)
{
  double sum = 0.0;

  for (gsize i = 0; i < n; i++)
    sum += (double) a[i] * b[i];
  return sum / n;
}

/* Mean 0 and variance 1, as far as so many numbers tell. */
static void
check_unit (const char *what, const float *values, gsize n)
{
  double sum = 0.0;
  const double variance = correlation (values, values, n);

  for (gsize i = 0; i < n; i++)
    sum += values[i];
  fail_unless (fabs (sum / n) < BOUND / sqrt (n), "%s: mean %g", what, sum / n);
  fail_unless (fabs (variance - 1.0) < BOUND * sqrt (2.0 / n),
      "%s: variance %g", what, variance);
}

static void
check_independent (const char *what, const float *a, const float *b, gsize n)
{
  const double got = correlation (a, b, n);

  fail_unless (fabs (got) < BOUND / sqrt (n), "%s: correlation %g", what, got);
}

GST_START_TEST (test_torch_is_one_draw)
{
  g_autoptr (RdNoiseSource) source =
      make_source (RD_NOISE_GENERATOR, RD_NOISE_TORCH, 7);
  g_autoptr (RdGenerator) first = rd_generator_new (7);
  g_autoptr (RdGenerator) added = rd_generator_new (8);
  g_autoptr (RdTensor) batch = make_batch (ROWS);
  g_autofree float *got = g_new (float, ROWS * ROW);
  g_autofree float *want = g_new (float, ROWS * ROW);

  rd_noise_start (RD_NOISE_TORCH, 7, batch);
  fail_unless (rd_tensor_download (batch, got, NULL));
  rd_generator_randn (first, ROWS * ROW, want);
  fail_unless (memcmp (got, want, ROWS * ROW * sizeof (float)) == 0);

  for (guint i = 0; i < 2; i++) {
    draw (source, ROWS, 2.0, 1.0, got);
    rd_generator_randn (added, ROWS * ROW, want);
    fail_unless (memcmp (got, want, ROWS * ROW * sizeof (float)) == 0);
  }
}

GST_END_TEST;

/* The same row in any batch, with the same draws before it. */
GST_START_TEST (test_rows_for_themselves)
{
  static const RdNoiseKind kinds[] = { RD_NOISE_GENERATOR, RD_NOISE_BROWNIAN };
  g_autofree float *many = g_new (float, ROWS * ROW);
  g_autofree float *few = g_new (float, ROWS * ROW);

  start (3, ROWS, many);
  start (3, 1, few);
  fail_unless (memcmp (many, few, ROW * sizeof (float)) == 0);
  check_unit ("start", many, ROWS * ROW);
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    g_autoptr (RdNoiseSource) a = make_source (kinds[k], RD_NOISE_DEVICE, 3);
    g_autoptr (RdNoiseSource) b = make_source (kinds[k], RD_NOISE_DEVICE, 3);

    for (double sigma = 14.0; sigma > 0.1; sigma /= 2.0) {
      draw (a, ROWS, sigma, sigma / 2.0, many);
      draw (b, 2, sigma, sigma / 2.0, few);
      fail_unless (memcmp (many, few, 2 * ROW * sizeof (float)) == 0);
      check_unit ("added", many, ROWS * ROW);
      check_independent ("rows", many, many + ROW, ROW);
      check_independent ("rows", many + ROW, many + 2 * ROW, ROW);
    }
  }
}

GST_END_TEST;

/* No field is another one: not the start, any draw, a part of the path, nor what
 * the seed after has. */
GST_START_TEST (test_fields_are_independent)
{
  enum
  { START, NEXT_START, DRAW_1, DRAW_2, NEXT_DRAW, PATH_1, PATH_2, N };
  g_autoptr (RdNoiseSource) draws =
      make_source (RD_NOISE_GENERATOR, RD_NOISE_DEVICE, 11);
  g_autoptr (RdNoiseSource) next =
      make_source (RD_NOISE_GENERATOR, RD_NOISE_DEVICE, 12);
  g_autoptr (RdNoiseSource) path =
      make_source (RD_NOISE_BROWNIAN, RD_NOISE_DEVICE, 11);
  g_autofree float *fields = g_new (float, N * ROW);

  start (11, 1, fields + START * ROW);
  start (12, 1, fields + NEXT_START * ROW);
  draw (draws, 1, 2.0, 1.0, fields + DRAW_1 * ROW);
  draw (draws, 1, 1.0, 0.5, fields + DRAW_2 * ROW);
  draw (next, 1, 2.0, 1.0, fields + NEXT_DRAW * ROW);
  draw (path, 1, 2.0, 1.0, fields + PATH_1 * ROW);
  draw (path, 1, 1.0, 0.5, fields + PATH_2 * ROW);
  for (guint i = 0; i < N; i++) {
    for (guint j = 0; j < i; j++) {
      g_autofree char *what = g_strdup_printf ("fields %u and %u", i, j);

      check_independent (what, fields + i * ROW, fields + j * ROW, ROW);
    }
  }
}

GST_END_TEST;

/* However it is cut, the path is one. */
GST_START_TEST (test_path_adds_up)
{
  g_autoptr (RdNoiseSource) path =
      make_source (RD_NOISE_BROWNIAN, RD_NOISE_DEVICE, 5);
  g_autofree float *whole = g_new (float, ROW);
  g_autofree float *one = g_new (float, ROW), *two = g_new (float, ROW);

  draw (path, 1, 1.0, 0.5, two);
  draw (path, 1, 3.0, 0.5, whole);
  draw (path, 1, 3.0, 1.0, one);
  for (guint i = 0; i < ROW; i++)
    fail_unless (fabs (sqrt (2.5) * whole[i] - sqrt (2.0) * one[i]
            - sqrt (0.5) * two[i]) < 1e-5);
}

GST_END_TEST;

/* Levels that a tree cannot tell apart are one, whatever was in the tensor. */
GST_START_TEST (test_no_way_is_no_noise)
{
  static const double levels[][2] = { {1.0, 1.0}, {1.0, 1.0000001}, {20.0, 15.0}
  };
  g_autoptr (RdNoiseSource) path = make_source (RD_NOISE_BROWNIAN, __i__, 5);
  g_autofree float *values = g_new (float, ROW);

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++) {
    g_autoptr (RdTensor) batch = make_batch (1);

    for (guint k = 0; k < ROW; k++)
      values[k] = NAN;
    rd_tensor_upload (batch, values);
    rd_noise_source_draw (path, batch, levels[i][0], levels[i][1]);
    fail_unless (rd_tensor_download (batch, values, NULL));
    for (guint k = 0; k < ROW; k++)
      fail_unless (values[k] == 0.0f, "%g to %g: %g", levels[i][0],
          levels[i][1], values[k]);
  }
}

GST_END_TEST;

static Suite *
noise_source_suite (void)
{
  Suite *suite = suite_create ("noise-source");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_torch_is_one_draw);
  tcase_add_test (tc, test_rows_for_themselves);
  tcase_add_test (tc, test_fields_are_independent);
  tcase_add_test (tc, test_path_adds_up);
  tcase_add_loop_test (tc, test_no_way_is_no_noise, RD_NOISE_TORCH,
      RD_NOISE_DEVICE + 1);
  return suite;
}

GST_CHECK_MAIN (noise_source);
