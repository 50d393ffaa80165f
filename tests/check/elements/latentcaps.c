/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What latent caps of either media type say. */

#include <string.h>

#include "latenttest.h"
#include "rdtest.h"

GST_START_TEST (test_read)
{
  GstLatentInfo info;

  fail_unless (latent_read_info (&info, LATENT_STRIDED ("float16", "2,16,8,24",
              ",framerate=30/2,model-family=flow,downscale=4,"
              "scaling-factor=0.5,shift-factor=-0.25"), NULL));
  fail_unless (info.type == RD_TYPE_F16 && info.n == 2 && info.channels == 16
      && info.height == 8 && info.width == 24 && info.fps_n == 15
      && info.fps_d == 1 && info.downscale == 4);
  fail_unless_equals_string (info.family, "flow");
  fail_unless_equals_float (info.scaling_factor, 0.5);
  fail_unless_equals_float (info.shift_factor, -0.25);
  fail_unless_equals_uint64 (gst_latent_info_size (&info), 2 * 16 * 8 * 24 * 2);

  fail_unless (latent_read_info (&info, LATENT_STRIDED ("float32", "1,4,8,8",
              ""), NULL));
  fail_unless (info.fps_n == 0 && info.fps_d == 1 && info.family[0] == '\0'
      && info.downscale == 0 && info.scaling_factor == 0.0);
}

GST_END_TEST;

/* Innermost first, unlike dims. */
GST_START_TEST (test_read_tensors)
{
  GstLatentInfo info;

  fail_unless (latent_read_info (&info, LATENT_TENSORS ("float16", "24:8:16:2",
              ",framerate=30/2"), NULL));
  fail_unless (info.type == RD_TYPE_F16 && info.n == 2 && info.channels == 16
      && info.height == 8 && info.width == 24 && info.fps_n == 15
      && info.fps_d == 1 && info.family[0] == '\0' && info.downscale == 0
      && info.scaling_factor == 0.0);
  fail_unless (latent_read_info (&info, LATENT_TENSORS ("float32", "24:8:16",
              ""), NULL));
  fail_unless (info.n == 1 && info.channels == 16 && info.height == 8
      && info.width == 24 && info.fps_n == 0);
}

GST_END_TEST;

GST_START_TEST (test_round_trip)
{
  const char *const all[] = {
    LATENT_PLAIN,
    LATENT_STRIDED ("float16", "3,1,1,1", ",framerate=30000/1001"),
    LATENT_STRIDED ("float32", "1,4,64,64", ",framerate=0/1,model-family=sd1,"
        "downscale=(int)8,scaling-factor=(double)0.18215,"
        "shift-factor=(double)0"),
    LATENT_STRIDED ("float32", "1,16,64,64", ",framerate=0/1,"
        "scaling-factor=(double)0.3611,shift-factor=(double)0.1159"),
    "tensor/strided(memory:LatentCUDA),tensor-id=(string)stable-diffusion-latent,"
        "type=(string)float32,dims=(int)<1,4,8,8>,"
        "dims-order=(string)row-major,framerate=(fraction)25/1",
    /* the id that latents had before */
    "tensor/strided,tensor-id=(string)latent,type=(string)float32,"
        "dims=(int)<1,4,8,8>,dims-order=(string)row-major,"
        "framerate=(fraction)25/1",
    LATENT_TENSORS ("float32", "64:64:4:1", ",framerate=0/1"),
    LATENT_TENSORS ("float16", "8:24:16:2", ",framerate=30000/1001"),
    LATENT_TENSORS ("float32", "64:64:4", ",framerate=0/1"),
    LATENT_TENSORS ("float32", "5:6:7:8:1", ",framerate=0/1"),
    LATENT_TENSORS ("float32", "5:6:7:8:1:1:1:1:1:1:1:1:1:1:1:1",
        ",framerate=0/1"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (all[i]);
    g_autoptr (GstCaps) again = NULL;
    GstLatentInfo info;

    fail_unless (gst_latent_info_from_caps (&info, caps, NULL));
    again = gst_latent_info_to_caps (&info);
    fail_unless (gst_caps_is_equal (caps, again), "%s", all[i]);
  }
}

GST_END_TEST;

GST_START_TEST (test_refused)
{
  const struct
  {
    const char *caps, *message;
  } cases[] = {
    {GST_LATENT_CAPS, "not fixed"},
    {"video/x-raw", "video/x-raw is neither tensor/strided nor other/tensors"},
    {"tensor/strided", "tensor-id is missing, must be (string) "
          "stable-diffusion-latent"},
    {"tensor/strided,tensor-id=(string)mask", "tensor-id is mask"},
    {"tensor/strided,tensor-id=(string)stable-diffusion-latent,dims-order=(string)col-major",
        "dims-order is col-major"},
    {LATENT_STRIDED ("int8", "1,4,8,8", ""), "type is int8"},
    {LATENT_STRIDED ("float32", "4,8,8", ""),
        "dims are < (int)4, (int)8, (int)8 >"},
    {LATENT_STRIDED ("float32", "1,4,8,8,1", ""), "dims are"},
    {LATENT_STRIDED ("float32", "1,4,0,8", ""), "dims are"},
    {LATENT_STRIDED ("float32", "1,-4,8,8", ""), "dims are"},
    {LATENT_STRIDED ("float32", "65536,65536,65536,65536", ""), "exceed the"},
    {LATENT_STRIDED ("float32", "1,4,1,134217728", ""), "exceed the"},
    {"tensor/strided,tensor-id=(string)stable-diffusion-latent,type=(string)float32," "dims-order=(string)row-major", "dims are missing"},
    {"tensor/strided,tensor-id=(string)stable-diffusion-latent,type=(string)float32,dims=(int)4," "dims-order=(string)row-major", "dims are 4"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",channels=16"),
        "channels is 16, but dims[1] is 4"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",framerate=-1/1"),
        "must not be negative"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",framerate=3"),
        "must be a fraction"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",downscale=0"),
        "downscale must be"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",downscale=(string)8"),
        "downscale must be"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",downscale=2147483647"),
        "exceed the maximum size of a picture"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",scaling-factor=(double)0"),
        "scaling-factor must be"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",scaling-factor=(int)1"),
        "scaling-factor must be"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",shift-factor=x"),
        "shift-factor must be"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",model-family=(int)1"),
        "model-family must be"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",model-family="
              "abcdefghijklmnopqrstuvwxyzabcdef"), "model-family must be"},
    {"tensor/strided(memory:Other),tensor-id=(string)latent",
        "memory is memory:Other, must be system memory or memory:LatentCUDA"},
    {"tensor/strided(memory:LatentCUDA, memory:Other)", "must be system"},
    {"other/tensors", "format of other/tensors is missing, must be (string) "
          "static"},
    {"other/tensors,format=flexible", "format of other/tensors is flexible"},
    {"other/tensors,format=sparse", "format of other/tensors is sparse"},
    {"other/tensors,format=static", "num_tensors of other/tensors is missing"},
    {"other/tensors,format=static,num_tensors=2,types=(string)\"float32,float32"
          "\"", "num_tensors of other/tensors is 2, must be (int) 1"},
    {LATENT_TENSORS ("uint8", "8:8:4:1", ""),
        "types of other/tensors is uint8, must "
          "be (string) float32 or float16"},
    {"other/tensors,format=static,num_tensors=1,types=float32",
        "dimensions of other/tensors is missing, must be (string) W:H:C:N"},
    {LATENT_TENSORS ("float32", "8:8", ""),
        "dimensions of other/tensors is 8:8"},
    {LATENT_TENSORS ("float32", "64:x:4", ""),
        "dimensions of other/tensors is 64:x:4"},
    {LATENT_TENSORS ("float32", "8:8:4:1:2", ""), "is 8:8:4:1:2"},
    {LATENT_TENSORS ("float32", "8:8:0:1", ""), "is 8:8:0:1"},
    {LATENT_TENSORS ("float32", "8:8:-4:1", ""), "is 8:8:-4:1"},
    {LATENT_TENSORS ("float32", "8:8:4:", ""), "is 8:8:4:,"},
    {LATENT_TENSORS ("float32", "8:8:4.8:8:4", ""), "is 8:8:4.8:8:4"},
    {LATENT_TENSORS ("float32", "8:8:99999999999:1", ""),
        "is 8:8:99999999999:1"},
    {LATENT_TENSORS ("float32", "1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1", ""),
        "is 1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1"},
    {LATENT_TENSORS ("float32", "65536:65536:65536:65536", ""), "exceed the"},
    {LATENT_TENSORS ("float32", "8:8:4:1", ",framerate=-1/1"),
        "must not be negative"},
    {"other/tensors(memory:LatentCUDA),format=static",
        "memory of "
          "other/tensors is memory:LatentCUDA, must be system memory"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    GstLatentInfo info;

    fail_if (latent_read_info (&info, cases[i].caps, &error), "taken: %s",
        cases[i].caps);
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SHAPE));
    fail_unless (strstr (error->message, cases[i].message) != NULL, "%s: %s",
        cases[i].caps, error->message);
  }
}

GST_END_TEST;

GST_START_TEST (test_picture)
{
  const struct
  {
    guint width, height;
    const char *message;
  } cases[] = {
    {500, 512, "width 500 is not a multiple of 8, use 496 or 504"},
    {512, 3, "height 3 is not a multiple of 8, use 8"},
    {7, 9, "width 7 is not a multiple of 8, use 8; height 9 is not a multiple "
          "of 8, use 8 or 16"},
  };
  GstLatentInfo info;

  gst_latent_info_init (&info);
  fail_unless (gst_latent_info_set_picture (&info, 512, 256, 8, NULL));
  fail_unless (info.width == 64 && info.height == 32 && info.downscale == 8);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    fail_if (gst_latent_info_set_picture (&info, cases[i].width,
            cases[i].height, 8, &error));
    fail_unless (g_str_has_suffix (error->message, cases[i].message), "%s",
        error->message);
  }
}

GST_END_TEST;

GST_START_TEST (test_model)
{
  g_autofree char *folder = rd_test_path ("tiny-sd");
  const RdRuntime runtime = {.device = rd_device_get ("cpu", NULL) };
  g_autoptr (RdModel) tiny = rd_model_open (folder, &runtime, NULL);
  const struct
  {
    const char *caps, *message;
  } cases[] = {
    {LATENT_PLAIN, NULL},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",downscale=8,"
              "scaling-factor=(double)0.18215,model-family=other"), NULL},
    {LATENT_STRIDED ("float32", "1,16,8,8", ""), "latents have 16 channels, "
          "but the model"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",downscale=16"),
        "one cell per 16 picture"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",scaling-factor=(double)0.13025"),
        "another VAE (scaling factor 0.13025"},
    {LATENT_STRIDED ("float32", "1,4,8,8", ",scaling-factor=(double)0.18215,"
              "shift-factor=(double)0.1"), "another VAE"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    GstLatentInfo info;

    fail_unless (latent_read_info (&info, cases[i].caps, NULL));
    fail_unless_equals_int (gst_latent_info_check_model (&info, tiny, &error),
        cases[i].message == NULL);
    if (cases[i].message != NULL)
      fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SHAPE)
          && strstr (error->message, cases[i].message) != NULL
          && strstr (error->message, "tiny-sd") != NULL, "%s", error->message);
  }
}

GST_END_TEST;

static Suite *
latentcaps_suite (void)
{
  Suite *s = suite_create ("latentcaps");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_read);
  tcase_add_test (tc, test_read_tensors);
  tcase_add_test (tc, test_round_trip);
  tcase_add_test (tc, test_refused);
  tcase_add_test (tc, test_picture);
  tcase_add_test (tc, test_model);
  return s;
}

GST_CHECK_MAIN (latentcaps);
