/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Every operation of a device against plain arithmetic in double, on sizes that
 * are no multiple of anything. */

#include <gst/check/gstcheck.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "../teststream.h"
#include "device/ops.h"
#include "device/patches.h"
#include "device/picture.h"
#include "device/window.h"

#define N 2
#define C 3
#define H 37
#define W 53
#define PLANE (H * W)
#define TOTAL (N * C * PLANE)

static RdStream *stream;

static void
setup (void)
{
  stream = rd_test_stream_new ();
  fail_unless (stream != NULL);
}

static void
teardown (void)
{
  rd_stream_unref (stream);
}

static float *
random_values (GRand * rand, gsize n, double low, double high)
{
  float *values = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (rand, low, high);
  return values;
}

static RdTensor *
latent (gint64 rows, const float *values)
{
  return rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      (const gint64[]) { rows, C, H, W }, values);
}

static RdTensor *
map (gint64 h, gint64 w, const float *values)
{
  RdTensor *result = rd_tensor_new_map (stream, h, w);

  rd_tensor_upload (result, values);
  return result;
}

static float *
download (const RdTensor * tensor)
{
  float *values = g_malloc (tensor->size);
  GError *error = NULL;

  fail_unless (rd_tensor_download (tensor, values, &error));
  g_assert_no_error (error);
  return values;
}

/* With weights, with a term that is one row for all, and onto itself. */
GST_START_TEST (test_combine)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree float *a = random_values (rand, TOTAL, -3, 3);
  g_autofree float *b = random_values (rand, TOTAL / N, -3, 3);
  g_autofree float *w = random_values (rand, PLANE, 0, 1);
  g_autoptr (RdTensor) ta = latent (N, a), tb = latent (1, b);
  g_autoptr (RdTensor) tw = map (H, W, w);
  g_autofree float *got = NULL;

  const RdTerm ta_terms[] = {
    {ta, 0.7, tw},
    {tb, -1.3, NULL},
    {ta, 0.25, NULL},
  };
  rd_combine (ta, 3, ta_terms);
  got = download (ta);
  for (guint i = 0; i < TOTAL; i++) {
    const double want = 0.7 * w[i % PLANE] * a[i] - 1.3 * b[i % (TOTAL / N)]
        + 0.25 * a[i];

    fail_unless (fabs (got[i] - want) < 1e-5, "%u: %g, not %g", i, got[i],
        want);
  }
}

GST_END_TEST;

/* Rows repeat: one, some of them, alone and beside those that do not. */
GST_START_TEST (test_combine_repeats_rows)
{
  const gint64 dims[] = { 6, C, H, W };
  g_autoptr (GRand) rand = g_rand_new_with_seed (13);
  g_autofree float *a = random_values (rand, 3 * TOTAL, -3, 3);
  g_autofree float *w = random_values (rand, PLANE, 0, 1);
  g_autoptr (RdTensor) whole = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      dims, a);
  g_autoptr (RdTensor) one = latent (1, a), two = latent (2, a);
  g_autoptr (RdTensor) three = latent (3, a), tw = map (H, W, w);
  g_autoptr (RdTensor) repeated = rd_tensor_new_like (whole);
  g_autoptr (RdTensor) mixed = rd_tensor_new_like (whole);
  g_autofree float *got = NULL, *got_mixed = NULL;

  const RdTerm repeated_terms[] = {
    {two, 0.5, NULL},
    {two, -3.0, tw},
  };
  rd_combine (repeated, 2, repeated_terms);
  const RdTerm mixed_terms[] = {
    {one, 0.5, NULL},
    {whole, 2.0, tw},
    {three, -1.5, NULL},
    {two, 0.1, tw},
  };
  rd_combine (mixed, 4, mixed_terms);
  got = download (repeated);
  got_mixed = download (mixed);
  for (guint i = 0; i < 3 * TOTAL; i++) {
    const float in_one = a[i % (TOTAL / 2)], in_two = a[i % TOTAL];
    const float in_three = a[i % (3 * TOTAL / 2)], weight = w[i % PLANE];

    fail_unless (got[i] == fmaf (-3.0f * weight, in_two, 0.5f * in_two), "%u",
        i);
    fail_unless (got_mixed[i] == fmaf (0.1f * weight, in_two, fmaf (-1.5f,
                in_three, fmaf (2.0f * weight, a[i], 0.5f * in_one))), "%u", i);
  }
}

GST_END_TEST;

/* The rows of a view may begin anywhere. */
GST_START_TEST (test_combine_views)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (14);
  g_autofree float *a = random_values (rand, 5 * 16, -3, 3);
  g_autofree float *w = random_values (rand, 16, 0, 1);

  for (gint64 width = 1; width <= 16; width++) {
    const gint64 dims[] = { 5, 1, 1, width };
    g_autoptr (RdTensor) single = rd_tensor_new_from_host (stream, RD_TYPE_F32,
        4, dims, a);
    g_autoptr (RdTensor) weight = map (1, width, w);

    for (gint64 first = 0; first < 5; first++) {
      for (guint kind = 0; kind < 4; kind++) {
        const gint64 n = 5 - first;
        g_autoptr (RdTensor) out = rd_tensor_new (stream,
            kind & 1 ? RD_TYPE_F16 : RD_TYPE_F32, 4, dims);
        g_autoptr (RdTensor) in = rd_tensor_new_like (out);
        g_autoptr (RdTensor) to = rd_tensor_rows (out, first, n);
        g_autoptr (RdTensor) from = rd_tensor_rows (in, first, n);
        g_autoptr (RdTensor) back = rd_tensor_new_like (single);
        g_autofree float *got = NULL;

        const RdTerm in_term = { single, 1.0, NULL };
        rd_combine (in, 1, &in_term);
        const RdTerm out_term = { single, 0.0, NULL };
        rd_combine (out, 1, &out_term);
        const RdTerm to_term = { from, 2.0, kind & 2 ? weight : NULL };
        rd_combine (to, 1, &to_term);
        rd_convert (back, out);
        got = download (back);
        for (gint64 i = 0; i < 5 * width; i++) {
          const float factor = i < first * width ? 0.0f
              : kind & 2 ? 2.0f * w[i % width] : 2.0f;
          const float value = kind & 1
              ? rd_op_float_from_half (rd_op_half_from_float (a[i])) : a[i];
          const float want = kind & 1
              ? rd_op_float_from_half (rd_op_half_from_float (factor * value))
              : factor * value;

          fail_unless (got[i] == want, "kind %u, rows of %d from %d on: %d is "
              "%a, not %a", kind, (int) width, (int) first, (int) i, got[i],
              want);
        }
      }
    }
  }
}

GST_END_TEST;

static RdTensor *
to_half (const RdTensor * tensor)
{
  RdTensor *half = rd_tensor_new (stream, RD_TYPE_F16, tensor->rank,
      tensor->dims);

  rd_convert (half, tensor);
  return half;
}

/* Terms and sum of either type: added up in single precision, and rounded to
 * once. */
GST_START_TEST (test_combine_halves)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (12);
  g_autofree float *a = random_values (rand, TOTAL, -3, 3);
  g_autofree float *b = random_values (rand, TOTAL / N, -3, 3);
  g_autofree float *w = random_values (rand, PLANE, 0, 1);
  g_autoptr (RdTensor) ta = latent (N, a), tb = latent (1, b);
  g_autoptr (RdTensor) tw = map (H, W, w);
  g_autoptr (RdTensor) ha = to_half (ta), hb = to_half (tb);
  g_autoptr (RdTensor) single = rd_tensor_new_like (ta);
  g_autofree float *wide_a = NULL, *wide_b = NULL, *got = NULL;
  g_autofree guint16 *halves = NULL;

  rd_convert (ta, ha);
  rd_convert (tb, hb);
  wide_a = download (ta);
  wide_b = download (tb);

  const RdTerm single_terms[] = {
    {ha, 0.7, tw},
    {hb, -1.3, NULL},
    {ta, 0.25, NULL},
  };
  rd_combine (single, 3, single_terms);
  const RdTerm ha_terms[] = {
    {ha, 0.7, tw},
    {tb, -1.3, NULL},
    {ha, 0.25, NULL},
  };
  rd_combine (ha, 3, ha_terms);
  got = download (single);
  halves = (guint16 *) download (ha);
  for (guint i = 0; i < TOTAL; i++) {
    const float row = wide_b[i % (TOTAL / N)];
    const float want = fmaf (0.25f, wide_a[i], fmaf (-1.3f, row,
            0.7f * w[i % PLANE] * wide_a[i]));

    fail_unless (got[i] == want, "%u: %a, not %a", i, got[i], want);
    fail_unless (halves[i] == rd_op_half_from_float (want), "%u: %04x, not "
        "that of %a", i, halves[i], want);
  }
}

GST_END_TEST;

/* The same bits whatever the alignment of the block that an element falls in. */
GST_START_TEST (test_combine_is_fused)
{
  const float x = 1.0f + 0x1p-12f;
  g_autofree float *values = g_new (float, TOTAL);
  g_autoptr (RdTensor) tensor = NULL;
  g_autofree float *got = NULL;

  for (guint i = 0; i < TOTAL; i++)
    values[i] = x;
  tensor = latent (N, values);
  /* x * x - 1 keeps the last bits only if the product is not rounded */
  const RdTerm tensor_terms[] = {
    {tensor, -1.0, NULL},
    {tensor, x, NULL},
  };
  rd_combine (tensor, 2, tensor_terms);
  got = download (tensor);
  for (guint i = 0; i < TOTAL; i++)
    fail_unless (got[i] == fmaf (x, x, -x));
}

GST_END_TEST;

GST_START_TEST (test_rows_share_memory)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  g_autofree float *a = random_values (rand, TOTAL, -3, 3);
  g_autofree float *got = NULL;
  g_autoptr (RdTensor) whole = latent (N, a);
  RdTensor *second = rd_tensor_rows (whole, 1, 1);

  const RdTerm second_term = { second, 2.0, NULL };
  rd_combine (second, 1, &second_term);
  rd_tensor_unref (second);
  got = download (whole);
  for (guint i = 0; i < TOTAL; i++)
    fail_unless (got[i] == (i < TOTAL / N ? a[i] : 2.0f * a[i]));
}

GST_END_TEST;

/* What one stream has made another goes on with, and nobody waits. */
GST_START_TEST (test_streams_share_tensors)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  g_autofree float *a = random_values (rand, TOTAL, -3, 3);
  RdStream *other = rd_test_stream_new ();
  RdTensor *made = latent (N, a);
  RdTensor *shared = NULL;
  g_autoptr (RdTensor) result = NULL;
  g_autofree float *got = NULL;

  const RdTerm made_term = { made, 2.0, NULL };
  rd_combine (made, 1, &made_term);
  shared = rd_tensor_share (made, other);
  rd_tensor_unref (made);
  fail_unless (shared->stream == other);
  result = rd_tensor_new_like (shared);
  const RdTerm result_term = { shared, 2.0, NULL };
  rd_combine (result, 1, &result_term);
  rd_tensor_unref (shared);
  rd_stream_unref (other);
  /* may take the block of what was shared */
  rd_tensor_unref (latent (N, a));
  got = download (result);
  for (guint i = 0; i < TOTAL; i++)
    fail_unless (got[i] == 4.0f * a[i]);
}

GST_END_TEST;

/* Whatever a window shows, also far outside, and back where it came from. */
GST_START_TEST (test_windows)
{
  static const RdWindow windows[] = {
    {0, 0, H, W}, {3, 5, 8, 16}, {-4, -2, 10, 9}, {30, 50, 12, 12},
    {0, 0, H + 3, W + 11}, {-2 * H, 3 * W, 4, 4}, {36, 52, 1, 1},
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);
  g_autofree float *a = random_values (rand, TOTAL, -3, 3);
  g_autoptr (RdTensor) in = latent (N, a), back = rd_tensor_new_like (in);

  for (guint k = 0; k < G_N_ELEMENTS (windows); k++) {
    const RdWindow *win = &windows[k];
    g_autoptr (RdTensor) out = rd_tensor_new (stream, RD_TYPE_F32, 4,
        (const gint64[]) { N, C, win->height, win->width });
    g_autofree float *got = NULL, *pasted = NULL;

    rd_window_read (out, in, win);
    rd_window_paste (back, out, win);
    got = download (out);
    pasted = download (back);
    for (gint64 p = 0; p < N * C; p++) {
      for (gint64 y = 0; y < win->height; y++) {
        for (gint64 x = 0; x < win->width; x++) {
          gint64 sy = win->top + y, sx = win->left + x;

          while (sy < 0 || sy >= H)
            sy = sy < 0 ? -1 - sy : 2 * H - 1 - sy;
          while (sx < 0 || sx >= W)
            sx = sx < 0 ? -1 - sx : 2 * W - 1 - sx;
          fail_unless (got[(p * win->height + y) * win->width + x]
              == a[(p * H + sy) * W + sx], "window %u: %d,%d", k, (int) x,
              (int) y);
        }
      }
      for (gint64 i = 0; i < PLANE; i++) {
        const gint64 y = i / W - win->top, x = i % W - win->left;
        const gboolean inside = y >= 0 && x >= 0 && y < win->height
            && x < win->width;

        fail_unless (pasted[p * PLANE + i] == (inside ? a[p * PLANE + i]
                : 0.0f), "window %u: cell %d", k, (int) i);
      }
    }
  }
}

GST_END_TEST;

/* Into the corners, the middle and all of a tensor. */
GST_START_TEST (test_window_add)
{
  static const RdWindow windows[] = {
    {0, 0, H, W}, {3, 5, 8, 16}, {30, 40, 7, 13}, {0, 0, 1, 1}, {0, 52, H, 1},
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (12);
  g_autofree float *a = random_values (rand, TOTAL, -3, 3);
  g_autofree float *b = random_values (rand, TOTAL, -3, 3);
  g_autofree float *shares_y = random_values (rand, H, 0, 1);
  g_autofree float *shares_x = random_values (rand, W, 0, 1);

  for (guint k = 0; k < G_N_ELEMENTS (windows); k++) {
    const RdWindow *win = &windows[k];
    const gint64 dims[] = { N, C, win->height, win->width };
    g_autoptr (RdTensor) out = latent (N, a);
    g_autoptr (RdTensor) in = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
        dims, b);
    g_autoptr (RdTensor) rows = rd_tensor_new_from_host (stream, RD_TYPE_F32, 1,
        &dims[2], shares_y);
    g_autoptr (RdTensor) columns = rd_tensor_new_from_host (stream, RD_TYPE_F32,
        1, &dims[3], shares_x);
    g_autofree float *got = NULL;

    rd_window_add (out, in, win, rows, columns);
    got = download (out);
    for (gint64 i = 0; i < TOTAL; i++) {
      const gint64 y = i / W % H - win->top, x = i % W - win->left;

      if (y < 0 || x < 0 || y >= win->height || x >= win->width) {
        fail_unless (got[i] == a[i], "window %u: cell %d", k, (int) i);
      } else {
        const double want = a[i] + (double) shares_y[y] * shares_x[x]
            * b[(i / PLANE * win->height + y) * win->width + x];

        fail_unless (fabs (got[i] - want) < 1e-6, "window %u: cell %d", k,
            (int) i);
      }
    }
  }
}

GST_END_TEST;

/* Every number once, at its place, there and back. */
GST_START_TEST (test_patches)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (14);
  g_autofree float *a = random_values (rand, TOTAL, -3, 3);
  g_autoptr (RdTensor) planes = latent (N, a);

  for (gint64 size = 1; size <= 8; size++) {
    const gint64 dims[] = {
      N, (H / size) * (W / size), C * size * size
    };
    g_autoptr (RdTensor) patches = NULL, back = NULL;
    g_autofree float *got = NULL, *again = NULL;

    if (H % size || W % size)
      continue;
    patches = rd_tensor_new (stream, RD_TYPE_F32, 3, dims);
    back = rd_tensor_new_like (planes);
    rd_patches_read (patches, planes, size);
    rd_patches_write (back, patches, size);
    got = download (patches);
    again = download (back);
    fail_unless (memcmp (again, a, TOTAL * sizeof (float)) == 0);
    for (gint64 n = 0, i = 0; n < N; n++)
      for (gint64 y = 0; y < H; y += size)
        for (gint64 x = 0; x < W; x += size)
          for (gint64 c = 0; c < C; c++)
            for (gint64 r = 0; r < size; r++)
              for (gint64 q = 0; q < size; q++, i++)
                fail_unless (got[i] == a[((n * C + c) * H + y + r) * W + x
                        + q], "size %d: number %d", (int) size, (int) i);
  }
}

GST_END_TEST;

/* Sides are rounded up inside of the latent where that is possible. */
GST_START_TEST (test_windows_are_placed)
{
  static const struct
  {
    RdWindow box, want;
    gint64 context;
    guint multiple;
  } cases[] = {
    {{0, 0, 5, 5}, {0, 0, 8, 8}, 1, 4},
    {{30, 50, 7, 3}, {29, 45, 8, 8}, 0, 8},
    {{10, 10, 4, 4}, {8, 8, 8, 8}, 2, 1},
    {{10, 10, 4, 4}, {0, 0, H, W}, 99, 1},
    {{0, 0, H, W}, {0, 0, 40, 56}, 0, 8},
    {{36, 0, 1, W}, {29, 0, 8, 56}, 0, 8},
  };

  for (guint k = 0; k < G_N_ELEMENTS (cases); k++) {
    const RdWindow got = rd_window_around (&cases[k].box, cases[k].context,
        cases[k].multiple, H, W);

    fail_unless (rd_window_equal (&got, &cases[k].want), "case %u: %d,%d %dx%d",
        k, (int) got.left, (int) got.top, (int) got.width, (int) got.height);
  }
}

GST_END_TEST;

/* A box that moves and grows has few windows' shapes, each as large as it must be
 * and by a quarter larger at most. */
GST_START_TEST (test_few_windows)
{
  const gint64 side = 128, multiple = 4, context = 3;
  g_autoptr (GHashTable) shapes = g_hash_table_new (NULL, NULL);

  for (gint64 i = 0; i < 120; i++) {
    const RdWindow box = { i % 7, side - i - 5, i + 1, MIN (i + 5, side) };
    const RdWindow got = rd_window_around (&box, context, multiple, side, side);
    const gint64 least = MIN (box.height + 2 * context, side);

    fail_unless (got.top <= box.top && got.left <= box.left
        && got.top + got.height >= box.top + box.height
        && got.left + got.width >= box.left + box.width);
    fail_unless (got.top >= 0 && got.left >= 0 && got.top + got.height <= side
        && got.left + got.width <= side);
    fail_unless (got.height % multiple == 0 && got.width % multiple == 0);
    fail_unless (4 * got.height <= 5 * least + 4 * multiple, "%d for %d",
        (int) got.height, (int) least);
    g_hash_table_add (shapes, GSIZE_TO_POINTER (got.height));
  }
  fail_unless_equals_int (g_hash_table_size (shapes), 16);
}

GST_END_TEST;

/* More terms than a launch carries, and rows of a batch. */
GST_START_TEST (test_combine_many)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (10);
  g_autofree float *a = random_values (rand, TOTAL, -3, 3);
  g_autofree float *w = random_values (rand, PLANE, 0, 1);
  g_autoptr (RdTensor) ta = latent (N, a), tw = map (H, W, w);
  g_autoptr (RdTensor) out = rd_tensor_new_like (ta);
  g_autofree float *got = NULL;
  RdTerm terms[130];
  double sum = 0.0;

  for (guint k = 0; k < G_N_ELEMENTS (terms); k++) {
    terms[k].tensor = ta;
    terms[k].scale = (k % 7 - 3.0) / 10.0;
    terms[k].weight = k % 2 ? tw : NULL;
  }
  rd_combine (out, G_N_ELEMENTS (terms), terms);
  got = download (out);
  for (guint i = 0; i < TOTAL; i++) {
    sum = 0.0;
    for (guint k = 0; k < G_N_ELEMENTS (terms); k++)
      sum += (k % 7 - 3.0) / 10.0 * (k % 2 ? w[i % PLANE] : 1.0) * a[i];
    fail_unless (fabs (got[i] - sum) < 1e-4, "%u: %g, not %g", i, got[i], sum);
  }
}

GST_END_TEST;

/* Every half there is comes back; floats go to the nearest. */
GST_START_TEST (test_convert)
{
  const gint64 dims[] = { 65536 };
  g_autofree guint16 *halves = g_new (guint16, 65536), *back = NULL;
  g_autofree float *values = NULL, *copied = NULL;
  g_autoptr (RdTensor) half = NULL, single = NULL, same = NULL;
  static const struct
  {
    float value;
    guint16 half;
  } cases[] = {
    {1.0f, 0x3c00}, {-2.0f, 0xc000}, {65504.0f, 0x7bff}, {65520.0f, 0x7c00},
    {0x1p-24f, 0x0001}, {0x1p-26f, 0x0000}, {1.0f + 0x1p-11f, 0x3c00},
    {1.0f + 0x3p-11f, 0x3c02}, {0x1p-14f - 0x1p-25f, 0x0400},
  };

  for (guint i = 0; i < 65536; i++)
    halves[i] = i;
  half = rd_tensor_new_from_host (stream, RD_TYPE_F16, 1, dims, halves);
  single = rd_tensor_new (stream, RD_TYPE_F32, 1, dims);
  rd_convert (single, half);
  values = download (single);
  rd_convert (half, single);
  back = (guint16 *) download (half);
  for (guint i = 0; i < 65536; i++) {
    const gboolean nan = (i & 0x7c00) == 0x7c00 && (i & 0x3ff);

    fail_unless (nan ? isnan (values[i]) && (back[i] & 0x7c00) == 0x7c00
        && (back[i] & 0x3ff) : back[i] == i, "%04x came back as %04x", i,
        back[i]);
  }

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    values[i] = cases[i].value;
  rd_tensor_upload (single, values);
  rd_convert (half, single);
  g_free (back);
  back = (guint16 *) download (half);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    fail_unless (back[i] == cases[i].half, "%g is %04x", cases[i].value,
        back[i]);

  /* to the same type it is a copy */
  same = rd_tensor_new_like (single);
  rd_convert (same, single);
  copied = download (same);
  fail_unless (memcmp (copied, values, G_N_ELEMENTS (cases) * sizeof (float))
      == 0);
}

GST_END_TEST;

GST_START_TEST (test_resize_by_area_keeps_the_mean)
{
  static const gint64 sizes[][2] = { {H, W}, {5, 7}, {36, 52}, {1, 1} };
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autofree float *a = random_values (rand, PLANE, 0, 1);
  g_autoptr (RdTensor) in = map (H, W, a);
  double mean = 0.0;

  for (guint i = 0; i < PLANE; i++)
    mean += a[i] / PLANE;
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    const gint64 n = sizes[s][0] * sizes[s][1];
    g_autoptr (RdTensor) out =
        rd_tensor_new_map (stream, sizes[s][0], sizes[s][1]);
    g_autofree float *got = NULL;
    double sum = 0.0;

    rd_map_resize (out, in, RD_FILTER_AREA);
    got = download (out);
    for (gint64 i = 0; i < n; i++)
      sum += got[i] / n;
    fail_unless (fabs (sum - mean) < 1e-5, "%g, not %g", sum, mean);
  }
}

GST_END_TEST;

/* Enlarging a ramp bilinearly gives a ramp. */
GST_START_TEST (test_resize_bilinear)
{
  float ramp[8];
  g_autoptr (RdTensor) in = NULL;
  g_autoptr (RdTensor) out = rd_tensor_new_map (stream, 3, 32);
  g_autofree float *got = NULL;

  for (int i = 0; i < 8; i++)
    ramp[i] = i;
  in = map (1, 8, ramp);
  rd_map_resize (out, in, RD_FILTER_BILINEAR);
  got = download (out);
  for (int x = 0; x < 32; x++) {
    const double want = CLAMP ((x + 0.5) / 4.0 - 0.5, 0.0, 7.0);

    for (int y = 0; y < 3; y++)
      fail_unless (fabs (got[y * 32 + x] - want) < 1e-6);
  }
}

GST_END_TEST;

GST_START_TEST (test_dilate)
{
  static const guint reaches[][2] = { {0, 0}, {1, 0}, {2, 5}, {99, 99} };
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  g_autofree float *a = random_values (rand, PLANE, 0, 1);
  g_autoptr (RdTensor) in = map (H, W, a), out = rd_tensor_new_like (in);

  for (guint r = 0; r < G_N_ELEMENTS (reaches); r++) {
    const int before = reaches[r][0], after = reaches[r][1];
    g_autofree float *got = NULL;

    rd_map_dilate (out, in, before, after);
    got = download (out);
    for (int y = 0; y < H; y++) {
      for (int x = 0; x < W; x++) {
        float most = 0.0f;

        for (int j = MAX (0, y - before); j <= MIN (H - 1, y + after); j++)
          for (int i = MAX (0, x - before); i <= MIN (W - 1, x + after); i++)
            most = MAX (most, a[j * W + i]);
        fail_unless (got[y * W + x] == most, "reach %d, %d: %d,%d", before,
            after, x, y);
      }
    }
  }
}

GST_END_TEST;

GST_START_TEST (test_convolve)
{
  static const float taps[] = { 0.1f, 0.2f, 0.4f, 0.2f, 0.1f };
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autofree float *a = random_values (rand, PLANE, 0, 1);
  g_autoptr (RdTensor) in = map (H, W, a), out = rd_tensor_new_like (in);
  g_autofree float *got = NULL;

  rd_map_convolve (out, in, 5, taps);
  got = download (out);
  for (int y = 0; y < H; y++) {
    for (int x = 0; x < W; x++) {
      double want = 0.0;

      for (int j = -2; j <= 2; j++)
        for (int i = -2; i <= 2; i++)
          want += (double) taps[j + 2] * taps[i + 2]
              * a[CLAMP (y + j, 0, H - 1) * W + CLAMP (x + i, 0, W - 1)];
      fail_unless (fabs (got[y * W + x] - want) < 1e-6);
    }
  }
}

GST_END_TEST;

GST_START_TEST (test_map_functions)
{
  static const float in[] = { -0.5f, 0.0f, 0.5f, 1.5f, 2.5f, 0.25f };
  static const float want[][6] = {
    [RD_MAP_ROUND] = {0, 0, 0, 2, 2, 0},
    [RD_MAP_IS_ZERO] = {0, 1, 0, 0, 0, 0},
    [RD_MAP_INVERT] = {1.5f, 1, 0.5f, -0.5f, -1.5f, 0.75f},
    [RD_MAP_CLAMP] = {0, 0, 0.5f, 1, 1, 0.25f},
  };

  for (guint f = 0; f < G_N_ELEMENTS (want); f++) {
    g_autoptr (RdTensor) values = map (1, 6, in);
    g_autofree float *got = NULL;

    rd_map_apply (values, values, f);
    got = download (values);
    for (guint i = 0; i < 6; i++)
      fail_unless (got[i] == want[f][i], "function %u of %g is %g", f, in[i],
          got[i]);
  }
}

GST_END_TEST;

/* Weights of a level and what is left sum to what there was. */
GST_START_TEST (test_share)
{
  static const float a[] = { 0, 1, 1, 0.5f, 0.25f, 0 };
  static const float b[] = { 0, 0, 1, 0.25f, 1, 1 };
  static const float rest[] = { 1, 1, 1, 1, 0.5f, 0 };
  static const float want_a[] = { 0, 1, 0.5f, 0.5f, 0.1f, 0 };
  static const float want_rest[] = { 1, 0, 0, 0.25f, 0, 0 };
  g_autoptr (RdTensor) ta = map (1, 6, a), tb = map (1, 6, b);
  g_autoptr (RdTensor) tr = map (1, 6, rest);
  RdTensor *both[] = { ta, tb };
  g_autofree float *got_a = NULL, *got_b = NULL, *got_rest = NULL;

  rd_map_partition (2, both, tr);
  got_a = download (ta);
  got_b = download (tb);
  got_rest = download (tr);
  for (guint i = 0; i < 6; i++) {
    fail_unless (fabsf (got_a[i] - want_a[i]) < 1e-6f, "cell %u: %g", i,
        got_a[i]);
    fail_unless (fabsf (got_rest[i] - want_rest[i]) < 1e-6f);
    fail_unless (fabsf (got_a[i] + got_b[i] + got_rest[i] - rest[i]) < 1e-6f);
  }
}

GST_END_TEST;

GST_START_TEST (test_surround)
{
  static const float own[] = { 0, 0, 0.5f, 1 };
  static const float done[] = { 0, 0.5f, 0.5f, 0 };
  static const float want_keep[] = { 1, 0, 1, 1 };
  static const float want_use[] = { 0, 2, 0, 0 };
  g_autoptr (RdTensor) to = map (1, 4, own), td = map (1, 4, done);
  g_autoptr (RdTensor) keep = rd_tensor_new_like (to);
  g_autoptr (RdTensor) use = rd_tensor_new_like (to);
  g_autofree float *got_keep = NULL, *got_use = NULL;

  rd_map_surround (keep, use, to, td);
  got_keep = download (keep);
  got_use = download (use);
  for (guint i = 0; i < 4; i++)
    fail_unless (got_keep[i] == want_keep[i] && got_use[i] == want_use[i]);
}

GST_END_TEST;

/* The lowest mark of all that are not finite stays, wherever in them that is. */
GST_START_TEST (test_mark_not_finite)
{
  static const gint64 one[] = { 1 }, large[] = { 3, 1, 61, 67 };
  const gint32 none = RD_ALL_FINITE;
  const gsize n = 3 * 61 * 67;
  const gsize places[] = { 0, 1, 4095, n / 2, n - 1 };
  const float wrong[] = { NAN, -NAN, INFINITY, -INFINITY };
  g_autofree float *values = g_new (float, n);
  gint32 got;

  for (gsize i = 0; i < n; i++)
    values[i] = i % 2 ? FLT_MAX : -FLT_MIN / 4.0f;
  for (gsize k = 0; k < G_N_ELEMENTS (places) * G_N_ELEMENTS (wrong); k++) {
    const gsize place = places[k / G_N_ELEMENTS (wrong)];
    const float before = values[place];
    g_autoptr (RdTensor) lowest =
        rd_tensor_new_from_host (stream, RD_TYPE_I32, 1, one, &none);
    g_autoptr (RdTensor) fine =
        rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, large, values);
    g_autoptr (RdTensor) broken = NULL;

    values[place] = wrong[k % G_N_ELEMENTS (wrong)];
    broken = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, large, values);
    values[place] = before;

    rd_mark_not_finite (lowest, fine, 0);
    fail_unless (rd_tensor_download (lowest, &got, NULL));
    fail_unless_equals_int (got, RD_ALL_FINITE);
    rd_mark_not_finite (lowest, broken, 9);
    rd_mark_not_finite (lowest, broken, 4);
    rd_mark_not_finite (lowest, fine, 2);
    rd_mark_not_finite (lowest, broken, 6);
    fail_unless (rd_tensor_download (lowest, &got, NULL));
    fail_unless_equals_int (got, 4);
  }
}

GST_END_TEST;

/* Pictures with some bytes between the rows: to planes and back, truncated. */
GST_START_TEST (test_pictures)
{
  const gsize stride = 3 * W + 2, size = H * stride;
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  g_autofree float *a = random_values (rand, 3 * PLANE, -1.5, 1.5);
  g_autofree guint8 *rgb = g_malloc (size);
  g_autofree float *got = NULL;
  g_autofree guint8 *packed = NULL;
  g_autoptr (RdTensor) bytes = NULL, picture = NULL, planes = NULL;

  for (gsize i = 0; i < size; i++)
    rgb[i] = g_rand_int_range (rand, 0, 256);
  bytes = rd_tensor_new_from_host (stream, RD_TYPE_U8, 1,
      (const gint64[]) { size }, rgb);
  picture = rd_picture_unpack (stream, W, H, stride, bytes->data, NULL);
  planes = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, picture->dims, a);
  got = download (picture);
  fail_unless (rd_picture_pack (planes, stride, bytes->data, NULL));
  packed = (guint8 *) download (bytes);
  for (gsize i = 0; i < size; i++) {
    const gsize x = i % stride / 3, c = i % stride % 3;
    const gsize cell = c * PLANE + i / stride * W + x;

    if (x >= W) {
      fail_unless (packed[i] == rgb[i], "between the rows: %u", (guint) i);
    } else {
      const double unit = CLAMP ((a[cell] + 1.0) / 2.0, 0.0, 1.0);

      fail_unless (fabs (got[cell] - (rgb[i] / 127.5 - 1.0)) < 1e-6);
      fail_unless (packed[i] <= 255.0 * unit + 1e-4
          && packed[i] > 255.0 * unit - 1.0 - 1e-4, "%g is %u", a[cell],
          packed[i]);
    }
  }
}

GST_END_TEST;

/* Tolerated are 0.5 everywhere, and a tenth of what is larger: units of the
 * tolerated error are 2, 0, 1 and 3, here in every row. */
GST_START_TEST (test_step_error)
{
  static const float a[] = { 1, -10, 20, 1, 1, -10, 20, 1 };
  static const float b[] = { 2, -10, 18, 7, 2, -10, 18, 7 };
  static const float c[] = { 0, 10, -5, -20, 0, 10, -5, -20 };
  const gint64 dims[] = { 2, 1, 2, 2 };
  g_autoptr (RdTensor) ta = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      dims, a);
  g_autoptr (RdTensor) tb = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      dims, b);
  g_autoptr (RdTensor) tc = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      dims, c);
  const double got = rd_step_error (ta, tb, tc, 0.5, 0.1);

  fail_unless (fabs (got - sqrt ((4.0 + 0.0 + 1.0 + 9.0) / 4.0)) < 1e-6,
      "%g", got);
  fail_unless (rd_step_error (ta, ta, tc, 0.5, 0.1) == 0.0);
  fail_unless (rd_stream_check (stream, NULL));
}

GST_END_TEST;

/* A second job of the same size takes nothing from the device. */
GST_START_TEST (test_pool_reuses_blocks)
{
  g_autofree float *zeros = g_new0 (float, TOTAL);
  guint64 before;

  rd_tensor_unref (latent (N, zeros));
  before = stream->n_allocations;
  for (guint i = 0; i < 100; i++)
    rd_tensor_unref (latent (N, zeros));
  fail_unless_equals_uint64 (stream->n_allocations, before);
  fail_unless_equals_uint64 (stream->bytes_in_use, 0);
}

GST_END_TEST;

/* The first failure stays, work after it does nothing, and the stream is
 * usable once it was reported. */
GST_START_TEST (test_failure_sticks_and_clears)
{
  const gint64 huge[] = { G_MAXINT32, G_MAXINT32 / 16, 1, 1 };
  g_autofree float *zeros = g_new0 (float, TOTAL);
  g_autoptr (RdTensor) small = latent (N, zeros);
  g_autoptr (RdTensor) tensor = rd_tensor_new (stream, RD_TYPE_F32, 4, huge);
  g_autoptr (GError) error = NULL;

  fail_unless (tensor->data == NULL);
  rd_copy (tensor, tensor);
  fail_if (rd_stream_check (stream, &error));
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NO_MEMORY));
  fail_unless (strstr (error->message, "no memory for") != NULL);
  fail_unless (strstr (error->message, stream->device->name) != NULL);
  fail_unless (rd_stream_check (stream, NULL));
  rd_copy (small, small);
  fail_unless (rd_stream_synchronize (stream, NULL));
}

GST_END_TEST;

/* Sizes that wrap around are no small ones. */
GST_START_TEST (test_sizes_do_not_wrap_around)
{
  const gint64 wraps[][4] = {
    {G_GINT64_CONSTANT (1) << 31, G_GINT64_CONSTANT (1) << 31, 4, 1},
    {G_GINT64_CONSTANT (1) << 62, 1, 1, 1},
    {1, 1, -1, 1},
  };

  for (guint i = 0; i < G_N_ELEMENTS (wraps); i++) {
    g_autoptr (RdTensor) tensor = rd_tensor_new (stream, RD_TYPE_F32, 4,
        wraps[i]);
    g_autoptr (GError) error = NULL;

    fail_unless (tensor->data == NULL && tensor->n_elements == 0);
    fail_if (rd_stream_check (stream, &error));
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NO_MEMORY));
    fail_unless (strstr (error->message, "larger than any memory") != NULL);
  }
}

GST_END_TEST;

GST_START_TEST (test_unknown_devices)
{
  g_autoptr (GError) error = NULL;

  fail_unless (rd_device_get ("tpu", &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NOT_FOUND));
  fail_unless (strstr (error->message, "'tpu'") != NULL);
}

GST_END_TEST;

static Suite *
device_suite (void)
{
  Suite *suite = suite_create ("device");
  TCase *chain = tcase_create ("operations");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, setup, teardown);
  tcase_add_test (chain, test_combine);
  tcase_add_test (chain, test_combine_repeats_rows);
  tcase_add_test (chain, test_combine_views);
  tcase_add_test (chain, test_combine_halves);
  tcase_add_test (chain, test_combine_is_fused);
  tcase_add_test (chain, test_few_windows);
  tcase_add_test (chain, test_combine_many);
  tcase_add_test (chain, test_rows_share_memory);
  tcase_add_test (chain, test_streams_share_tensors);
  tcase_add_test (chain, test_windows);
  tcase_add_test (chain, test_window_add);
  tcase_add_test (chain, test_patches);
  tcase_add_test (chain, test_windows_are_placed);
  tcase_add_test (chain, test_convert);
  tcase_add_test (chain, test_resize_by_area_keeps_the_mean);
  tcase_add_test (chain, test_resize_bilinear);
  tcase_add_test (chain, test_dilate);
  tcase_add_test (chain, test_convolve);
  tcase_add_test (chain, test_map_functions);
  tcase_add_test (chain, test_share);
  tcase_add_test (chain, test_surround);
  tcase_add_test (chain, test_mark_not_finite);
  tcase_add_test (chain, test_pictures);
  tcase_add_test (chain, test_step_error);
  tcase_add_test (chain, test_pool_reuses_blocks);
  tcase_add_test (chain, test_failure_sticks_and_clears);
  tcase_add_test (chain, test_sizes_do_not_wrap_around);
  tcase_add_test (chain, test_unknown_devices);
  return suite;
}

GST_CHECK_MAIN (device);
