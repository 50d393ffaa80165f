/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The way between buffers of latents and tensors. */

#include <gst/video/video.h>
#include <string.h>

#include "latenttest.h"
#include "latent/gstlatentbuffer.h"

static RdTensor *
new_tensor (RdStream * stream, const float *values)
{
  return rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      (const gint64[]) { 1, 2, 1, 3 }, values);
}

GST_START_TEST (test_buffers)
{
  const float values[] = { 0.0f, 1.0f, -2.5f, 0.125f, 1e4f, -1.0f };
  g_autoptr (RdStream) stream = rd_stream_new (rd_device_get ("cpu", NULL),
      NULL);
  const RdType types[] = { RD_TYPE_F32, RD_TYPE_F16 };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    g_autoptr (RdTensor) tensor = new_tensor (stream, values);
    g_autoptr (GstBuffer) origin = gst_buffer_new ();
    g_autoptr (GstBuffer) buffer = NULL;
    g_autoptr (GstBuffer) split = NULL;
    g_autoptr (RdTensor) again = NULL;
    GstLatentInfo info;
    float got[6];

    gst_latent_info_init (&info);
    info.type = types[i];
    info.n = info.height = 1;
    info.channels = 2;
    info.width = 3;
    GST_BUFFER_PTS (origin) = 7;
    GST_BUFFER_OFFSET (origin) = 3;
    gst_buffer_add_video_region_of_interest_meta (origin, "fox", 1, 2, 3, 4);

    buffer = gst_latent_buffer_new (&info, tensor, NULL, origin, NULL);
    fail_unless_equals_uint64 (gst_buffer_get_size (buffer),
        gst_latent_info_size (&info));
    fail_unless (GST_BUFFER_PTS (buffer) == 7
        && GST_BUFFER_OFFSET (buffer) == 3);
    fail_unless (gst_buffer_get_video_region_of_interest_meta_id (buffer, 0));

    /* one buffer in two memories */
    split = gst_buffer_append (gst_buffer_copy_region (buffer,
            GST_BUFFER_COPY_MEMORY, 0, 4), gst_buffer_copy_region (buffer,
            GST_BUFFER_COPY_MEMORY, 4, -1));
    again = gst_latent_buffer_read (split, &info, stream, NULL);
    fail_unless (rd_tensor_download (again, got, NULL));
    fail_unless (memcmp (got, values, sizeof got) == 0);
  }
}

GST_END_TEST;

GST_START_TEST (test_wrong_buffers)
{
  const float values[6] = { 0.0f };
  g_autoptr (RdStream) stream = rd_stream_new (rd_device_get ("cpu", NULL),
      NULL);
  g_autoptr (RdTensor) tensor = new_tensor (stream, values);
  g_autoptr (GstBuffer) buffer = gst_buffer_new_allocate (NULL, 23, NULL);
  g_autoptr (GError) read_error = NULL;
  g_autoptr (GError) write_error = NULL;
  GstLatentInfo info;

  fail_unless (latent_read_info (&info, LATENT_STRIDED ("float32", "1,2,1,3",
              ""), NULL));
  fail_unless (gst_latent_buffer_read (buffer, &info, stream, &read_error)
      == NULL);
  fail_unless (g_error_matches (read_error, RD_ERROR, RD_ERROR_SHAPE));
  fail_unless (strstr (read_error->message, "has 23 bytes, but its caps "
          "require 24"));

  info.width = 4;
  fail_unless (gst_latent_buffer_new (&info, tensor, NULL, NULL, &write_error)
      == NULL);
  fail_unless (g_error_matches (write_error, RD_ERROR, RD_ERROR_SHAPE));
}

GST_END_TEST;

/* What float16 has no number for is not written as infinity. */
GST_START_TEST (test_too_large_for_float16)
{
  static const struct
  {
    float value;
    gboolean fits;
  } cases[] = {
    {65504.0f, TRUE}, {-65519.0f, TRUE}, {65520.0f, FALSE}, {-1e7f, FALSE},
  };
  g_autoptr (RdStream) stream = rd_stream_new (rd_device_get ("cpu", NULL),
      NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const float values[6] = { 0.0f, 1.0f, 2.0f, 3.0f, cases[i].value };
    g_autoptr (RdTensor) tensor = new_tensor (stream, values);
    g_autoptr (GstBuffer) narrow = NULL, wide = NULL;
    g_autoptr (GError) error = NULL;
    GstLatentInfo info;

    fail_unless (latent_read_info (&info, LATENT_STRIDED ("float16", "1,2,1,3",
                ""), NULL));
    narrow = gst_latent_buffer_new (&info, tensor, NULL, NULL, &error);
    fail_unless_equals_int (narrow != NULL, cases[i].fits);
    if (error)
      fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_FAILED)
          && strstr (error->message, "65504")
          && strstr (error->message, "float32"), "%s", error->message);
    info.type = RD_TYPE_F32;
    wide = gst_latent_buffer_new (&info, tensor, NULL, NULL, NULL);
    fail_unless (wide != NULL);
  }
}

GST_END_TEST;

GST_START_TEST (test_kept_metas)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_allocate (NULL, 192, NULL);
  const GstMeta *roi = (GstMeta *)
      gst_buffer_add_video_region_of_interest_meta (buffer, "fox", 0, 0, 1, 1);
  const GstMeta *crop = (GstMeta *) gst_buffer_add_video_crop_meta (buffer);
  const GstMeta *layout = (GstMeta *) gst_buffer_add_video_meta (buffer,
      GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_RGB, 8, 8);

  fail_unless (gst_latent_keeps_meta (roi));
  fail_if (gst_latent_keeps_meta (crop));
  fail_if (gst_latent_keeps_meta (layout));
}

GST_END_TEST;

static Suite *
latentbuffer_suite (void)
{
  Suite *s = suite_create ("latentbuffer");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_buffers);
  tcase_add_test (tc, test_wrong_buffers);
  tcase_add_test (tc, test_too_large_for_float16);
  tcase_add_test (tc, test_kept_metas);
  return s;
}

GST_CHECK_MAIN (latentbuffer);
