/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "rdtest.h"

#include <math.h>
#include <string.h>

#include "device/picture.h"
#include "teststream.h"

#define WIDTH 5
#define HEIGHT 3
#define STRIDE 16

GST_START_TEST (test_to_tensor)
{
  g_autoptr (RdStream) stream = rd_test_stream_new ();
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
  g_autoptr (RdStream) stream = rd_test_stream_new ();
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
  g_autoptr (RdStream) stream = rd_test_stream_new ();
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

/* What unpacking and packing shall do to every size, distance of rows and
 * alignment. */
#define GUARD 0xa5

typedef struct
{
  guint width, height;
  gsize stride, size;           /* bytes up to the end of the last pixel */
  guint8 *rgb;                  /* GUARD between the rows */
  float *planes;
} Picture;

static void
picture_init (Picture * picture, GRand * rand, guint width, guint height,
    guint padding)
{
  picture->width = width;
  picture->height = height;
  picture->stride = 3 * width + padding;
  picture->size = (height - 1) * picture->stride + 3 * width;
  picture->rgb = g_malloc (picture->size);
  picture->planes = g_new (float, 3 * width * height);
  memset (picture->rgb, GUARD, picture->size);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      for (guint c = 0; c < 3; c++) {
        const guint8 byte = g_rand_int_range (rand, 0, 256);

        picture->rgb[y * picture->stride + 3 * x + c] = byte;
        /* in the middle of what is truncated to it */
        picture->planes[(c * height + y) * width + x] =
            (byte + 0.5f) / 127.5f - 1.0f;
      }
}

static void
picture_clear (Picture * picture)
{
  g_free (picture->rgb);
  g_free (picture->planes);
}

static void
check_planes (const Picture * picture, const RdTensor * tensor)
{
  g_autofree float *got = g_malloc (tensor->size);

  fail_unless (rd_tensor_download (tensor, got, NULL));
  for (guint c = 0; c < 3; c++)
    for (guint y = 0; y < picture->height; y++)
      for (guint x = 0; x < picture->width; x++) {
        const guint8 byte = picture->rgb[y * picture->stride + 3 * x + c];

        fail_unless (got[(c * picture->height + y) * picture->width + x]
            == byte / 255.0f * 2.0f - 1.0f, "%ux%u, stride %u: %u,%u",
            picture->width, picture->height, (guint) picture->stride, x, y);
      }
}

/* Exactly the picture's own bytes are there, for the address sanitizer. */
static void
check_host (RdStream * stream, const Picture * picture)
{
  g_autoptr (RdTensor) read = rd_picture_to_tensor (stream, picture->width,
      picture->height, picture->stride, picture->rgb, NULL);
  g_autoptr (RdTensor) planes = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      read->dims, picture->planes);
  g_autofree guint8 *got = g_malloc (picture->size);

  check_planes (picture, read);
  memset (got, GUARD, picture->size);
  fail_unless (rd_picture_from_tensor (planes, picture->stride, got, NULL));
  fail_unless (memcmp (got, picture->rgb, picture->size) == 0,
      "%ux%u, stride %u", picture->width, picture->height,
      (guint) picture->stride);
}

static void
check_device (RdStream * stream, const Picture * picture, guint offset)
{
  const gint64 dims[] = { offset + picture->size };
  const gint64 shape[] = { 1, 3, picture->height, picture->width };
  g_autofree guint8 *bytes = g_malloc (dims[0]);
  g_autofree guint8 *got = g_malloc (dims[0]);
  g_autoptr (RdTensor) memory = NULL, read = NULL, planes = NULL;

  memset (bytes, GUARD, offset);
  memcpy (bytes + offset, picture->rgb, picture->size);
  memory = rd_tensor_new_from_host (stream, RD_TYPE_U8, 1, dims, bytes);
  read = rd_picture_unpack (stream, picture->width, picture->height,
      picture->stride, (guint8 *) memory->data + offset, NULL);
  check_planes (picture, read);

  planes = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, shape,
      picture->planes);
  memset (got, GUARD, dims[0]);
  rd_tensor_upload (memory, got);
  fail_unless (rd_picture_pack (planes, picture->stride,
          (guint8 *) memory->data + offset, NULL));
  fail_unless (rd_tensor_download (memory, got, NULL));
  fail_unless (memcmp (got, bytes, dims[0]) == 0, "%ux%u, stride %u, at %u",
      picture->width, picture->height, (guint) picture->stride, offset);
}

GST_START_TEST (test_layouts)
{
  static const guint sizes[][2] = { {1, 1}, {2, 3}, {3, 2}, {4, 4}, {5, 7},
  {53, 37}, {64, 24}, {1, 300}, {301, 1}
  };
  static const guint paddings[] = { 0, 1, 2, 3, 4, 5, 64 };
  g_autoptr (RdStream) stream = rd_test_stream_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (guint p = 0; p < G_N_ELEMENTS (paddings); p++) {
      Picture picture;

      picture_init (&picture, rand, sizes[s][0], sizes[s][1], paddings[p]);
      check_host (stream, &picture);
      for (guint offset = 0; offset < 5; offset++)
        check_device (stream, &picture, offset);
      picture_clear (&picture);
    }
}

GST_END_TEST;

/* Every byte, in the order of operations that ComfyUI has. */
GST_START_TEST (test_all_bytes)
{
  g_autoptr (RdStream) stream = rd_test_stream_new ();
  g_autoptr (RdTensor) tensor = NULL;
  guint8 in[256 * 3];
  float got[3][256];

  for (guint i = 0; i < sizeof in; i++)
    in[i] = i / 3;
  tensor = rd_picture_to_tensor (stream, 256, 1, sizeof in, in, NULL);
  fail_unless (rd_tensor_download (tensor, got, NULL));
  for (guint i = 0; i < 256; i++) {
    volatile float value = (float) i / 255.0f;

    value = value * 2.0f;
    value = value - 1.0f;
    fail_unless (got[0][i] == value && got[1][i] == value
        && got[2][i] == value, "%u", i);
  }
}

GST_END_TEST;

GST_START_TEST (test_not_a_picture)
{
  const gint64 shapes[][4] = { {2, 3, 4, 4}, {1, 4, 4, 4} };
  g_autoptr (RdStream) stream = rd_test_stream_new ();
  guint8 rgb[3 * 16];

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autoptr (RdTensor) tensor = rd_tensor_new (stream, RD_TYPE_F32, 4,
        shapes[i]);
    g_autoptr (GError) error = NULL;

    fail_if (rd_picture_from_tensor (tensor, 12, rgb, &error));
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SHAPE));
    g_clear_error (&error);
    fail_if (rd_picture_pack (tensor, 12, rgb, &error));
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
  tcase_add_test (tc, test_layouts);
  tcase_add_test (tc, test_all_bytes);
  tcase_add_test (tc, test_not_a_picture);
  return s;
}

GST_CHECK_MAIN (picture);
