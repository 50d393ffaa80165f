/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rdtest.h"

#include <math.h>
#include <string.h>

#include "picture.h"

#define WIDTH 5
#define HEIGHT 3
#define STRIDE 16

static RdStream *
new_stream (void)
{
  return rd_stream_new (rd_device_get ("cpu", NULL), NULL);
}

GST_START_TEST (test_to_tensor)
{
  g_autoptr (RdStream) stream = new_stream ();
  g_autoptr (RdTensor) tensor = NULL;
  guint8 rgb[HEIGHT * STRIDE];
  float got[3][HEIGHT][WIDTH];

  /* the padding would be seen */
  memset (rgb, 255, sizeof rgb);
  for (guint y = 0; y < HEIGHT; y++) {
    for (guint i = 0; i < 3 * WIDTH; i++)
      rgb[y * STRIDE + i] = 17 * y + i;
  }
  tensor = rd_picture_to_tensor (stream, WIDTH, HEIGHT, STRIDE, rgb, NULL);
  fail_unless (rd_tensor_download (tensor, got, NULL));
  fail_unless_equals_int (tensor->rank, 4);
  fail_unless (tensor->dims[0] == 1 && tensor->dims[1] == 3
      && tensor->dims[2] == HEIGHT && tensor->dims[3] == WIDTH);
  for (guint c = 0; c < 3; c++) {
    for (guint y = 0; y < HEIGHT; y++) {
      for (guint x = 0; x < WIDTH; x++) {
        const float want = (17 * y + 3 * x + c) / 255.0f * 2.0f - 1.0f;

        fail_unless (got[c][y][x] == want, "%u,%u,%u: %g, not %g", c, y, x,
            got[c][y][x], want);
      }
    }
  }
}

GST_END_TEST;

static void
check_byte (float value, guint8 want)
{
  g_autoptr (RdStream) stream = new_stream ();
  const float planes[] = { -1.0f, value, 1.0f };
  g_autoptr (RdTensor) tensor = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      (const gint64[]) { 1, 3, 1, 1 }, planes);
  guint8 rgb[4] = { 9, 9, 9, 9 };

  fail_unless (rd_picture_from_tensor (tensor, sizeof rgb, rgb, NULL));
  fail_unless (rgb[0] == 0 && rgb[2] == 255 && rgb[3] == 9);
  fail_unless (rgb[1] == want, "%g gives %u, not %u", value, rgb[1], want);
}

GST_START_TEST (test_from_tensor)
{
  check_byte (0.0f, 127);
  /* truncated: 254.9 of 255 is 254 */
  check_byte (254.9f / 127.5f - 1.0f, 254);
  check_byte (0.9f / 127.5f - 1.0f, 0);
  check_byte (1.5f, 255);
  check_byte (-1.5f, 0);
  check_byte (INFINITY, 255);
  check_byte (-INFINITY, 0);
  check_byte (NAN, 0);
}

GST_END_TEST;

GST_START_TEST (test_round_trip)
{
  g_autoptr (RdStream) stream = new_stream ();
  g_autoptr (RdTensor) tensor = NULL;
  guint8 in[256 * 3], out[256 * 3];

  for (guint i = 0; i < sizeof in; i++)
    in[i] = i / 3;
  tensor = rd_picture_to_tensor (stream, 256, 1, sizeof in, in, NULL);
  fail_unless (rd_picture_from_tensor (tensor, sizeof out, out, NULL));
  /* truncation may lose one level */
  for (guint i = 0; i < sizeof in; i++)
    fail_unless (out[i] == in[i] || out[i] + 1 == in[i], "%u", i);
}

GST_END_TEST;

GST_START_TEST (test_not_a_picture)
{
  const gint64 shapes[][4] = { {2, 3, 4, 4}, {1, 4, 4, 4} };
  g_autoptr (RdStream) stream = new_stream ();
  guint8 rgb[3 * 16];

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autoptr (RdTensor) tensor = rd_tensor_new (stream, RD_TYPE_F32, 4,
        shapes[i]);
    g_autoptr (GError) error = NULL;

    fail_if (rd_picture_from_tensor (tensor, 12, rgb, &error));
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SHAPE));
  }
}

GST_END_TEST;

static Suite *
picture_suite (void)
{
  Suite *s = suite_create ("picture");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_to_tensor);
  tcase_add_test (tc, test_from_tensor);
  tcase_add_test (tc, test_round_trip);
  tcase_add_test (tc, test_not_a_picture);
  return s;
}

GST_CHECK_MAIN (picture);
