/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What latent caps say, and the way between buffers and tensors. */

#include <gst/video/video.h>
#include <math.h>
#include <string.h>

#include "latent/gstlatentinfo.h"
#include "video/gstlatentvideo.h"
#include "rdtest.h"

#define FIXED(type, dims, rest) \
    "tensor/strided,tensor-id=(string)latent,type=(string)" type \
    ",dims=(int)<" dims ">,dims-order=(string)row-major" rest
#define PLAIN FIXED ("float32", "1,4,8,16", ",framerate=0/1")

static RdModelInfo model = {
  .family = "sd1",
  .channels = 4,
  .downscale = 8,
  .scaling_factor = 0.18215,
  .shift_factor = 0.0,
  .multiple = 1,
};

static gboolean
read_info (GstLatentInfo * info, const char *text, GError ** error)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  fail_unless (caps != NULL, "%s", text);
  return gst_latent_info_from_caps (info, caps, error);
}

GST_START_TEST (test_read)
{
  GstLatentInfo info;

  fail_unless (read_info (&info, FIXED ("float16", "2,16,8,24",
              ",framerate=30/2,model-family=flow,downscale=4,"
              "scaling-factor=0.5,shift-factor=-0.25"), NULL));
  fail_unless (info.type == RD_TYPE_F16 && info.n == 2 && info.channels == 16
      && info.height == 8 && info.width == 24 && info.fps_n == 15
      && info.fps_d == 1 && info.downscale == 4);
  fail_unless_equals_string (info.family, "flow");
  fail_unless_equals_float (info.scaling_factor, 0.5);
  fail_unless_equals_float (info.shift_factor, -0.25);
  fail_unless_equals_uint64 (gst_latent_info_size (&info), 2 * 16 * 8 * 24 * 2);

  fail_unless (read_info (&info, FIXED ("float32", "1,4,8,8", ""), NULL));
  fail_unless (info.fps_n == 0 && info.fps_d == 1 && info.family[0] == '\0'
      && info.downscale == 0 && info.scaling_factor == 0.0);
}

GST_END_TEST;

GST_START_TEST (test_round_trip)
{
  const char *const all[] = {
    PLAIN,
    FIXED ("float16", "3,1,1,1", ",framerate=30000/1001"),
    FIXED ("float32", "1,4,64,64", ",framerate=0/1,model-family=sd1,"
        "downscale=(int)8,scaling-factor=(double)0.18215,"
        "shift-factor=(double)0"),
    FIXED ("float32", "1,16,64,64", ",framerate=0/1,"
        "scaling-factor=(double)0.3611,shift-factor=(double)0.1159"),
    "tensor/strided(memory:LatentCUDA),tensor-id=(string)latent,"
        "type=(string)float32,dims=(int)<1,4,8,8>,"
        "dims-order=(string)row-major,framerate=(fraction)25/1",
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
    {"tensor/strided", "tensor-id is missing, must be (string) latent"},
    {"tensor/strided,tensor-id=(string)mask", "tensor-id is mask"},
    {"tensor/strided,tensor-id=(string)latent,dims-order=(string)col-major",
        "dims-order is col-major"},
    {FIXED ("int8", "1,4,8,8", ""), "type is int8"},
    {FIXED ("float32", "4,8,8", ""), "dims are < (int)4, (int)8, (int)8 >"},
    {FIXED ("float32", "1,4,8,8,1", ""), "dims are"},
    {FIXED ("float32", "1,4,0,8", ""), "dims are"},
    {FIXED ("float32", "1,-4,8,8", ""), "dims are"},
    {FIXED ("float32", "65536,65536,65536,65536", ""), "exceed the"},
    {FIXED ("float32", "1,4,1,134217728", ""), "exceed the"},
    {"tensor/strided,tensor-id=(string)latent,type=(string)float32,"
          "dims-order=(string)row-major", "dims are missing"},
    {"tensor/strided,tensor-id=(string)latent,type=(string)float32,dims=(int)4,"
          "dims-order=(string)row-major", "dims are 4"},
    {FIXED ("float32", "1,4,8,8", ",channels=16"),
        "channels is 16, but dims[1] is 4"},
    {FIXED ("float32", "1,4,8,8", ",framerate=-1/1"), "must not be negative"},
    {FIXED ("float32", "1,4,8,8", ",framerate=3"), "must be a fraction"},
    {FIXED ("float32", "1,4,8,8", ",downscale=0"), "downscale must be"},
    {FIXED ("float32", "1,4,8,8", ",downscale=(string)8"), "downscale must be"},
    {FIXED ("float32", "1,4,8,8", ",downscale=2147483647"),
        "make no picture size"},
    {FIXED ("float32", "1,4,8,8", ",scaling-factor=(double)0"),
        "scaling-factor must be"},
    {FIXED ("float32", "1,4,8,8", ",scaling-factor=(int)1"),
        "scaling-factor must be"},
    {FIXED ("float32", "1,4,8,8", ",shift-factor=x"), "shift-factor must be"},
    {FIXED ("float32", "1,4,8,8", ",model-family=(int)1"),
        "model-family must be"},
    {FIXED ("float32", "1,4,8,8", ",model-family="
            "abcdefghijklmnopqrstuvwxyzabcdef"), "model-family must be"},
    {"tensor/strided(memory:Other),tensor-id=(string)latent",
        "memory is memory:Other, must be system memory or memory:LatentCUDA"},
    {"tensor/strided(memory:LatentCUDA, memory:Other)", "must be system"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    GstLatentInfo info;

    fail_if (read_info (&info, cases[i].caps, &error), "taken: %s",
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
  g_autoptr (RdModel) tiny = rd_model_open (folder,
      &(RdRuntime) {.device = rd_device_get ("cpu", NULL)}, NULL);
  const struct
  {
    const char *caps, *message;
  } cases[] = {
    {PLAIN, NULL},
    {FIXED ("float32", "1,4,8,8", ",downscale=8,"
            "scaling-factor=(double)0.18215,model-family=other"), NULL},
    {FIXED ("float32", "1,16,8,8", ""), "latents have 16 channels, the model"},
    {FIXED ("float32", "1,4,8,8", ",downscale=16"), "one cell per 16 picture"},
    {FIXED ("float32", "1,4,8,8", ",scaling-factor=(double)0.13025"),
        "another VAE (scaling factor 0.13025"},
    {FIXED ("float32", "1,4,8,8", ",scaling-factor=(double)0.18215,"
            "shift-factor=(double)0.1"), "another VAE"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    GstLatentInfo info;

    fail_unless (read_info (&info, cases[i].caps, NULL));
    fail_unless_equals_int (gst_latent_info_check_model (&info, tiny, &error),
        cases[i].message == NULL);
    if (cases[i].message != NULL)
      fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SHAPE)
          && strstr (error->message, cases[i].message) != NULL
          && strstr (error->message, "tiny-sd") != NULL, "%s", error->message);
  }
}

GST_END_TEST;

/* GstBaseTransform warns, and pads refuse, where this does not hold. */
GST_START_TEST (test_queries_are_subsets)
{
  g_autoptr (GstCaps) template = gst_caps_from_string (GST_LATENT_CAPS);
  g_autoptr (GstCaps) fixed = gst_caps_from_string (PLAIN);
  g_autoptr (GstCaps) offers =
      gst_latent_caps_prefer_model (gst_caps_ref (template), &model);
  GstStructure *s = gst_caps_get_structure (offers, 0);

  fail_unless (gst_caps_is_subset (fixed, template));
  fail_unless (gst_caps_is_subset (offers, template));
  fail_unless (gst_caps_is_subset (fixed, offers));
  fail_unless_equals_int (gst_caps_get_size (offers), 2);
  fail_unless (gst_structure_has_field (s, "channels")
      && gst_structure_has_field (s, "downscale")
      && gst_structure_has_field (s, "scaling-factor"));
}

GST_END_TEST;

static void
check_caps (GstCaps * got, const char *want_text)
{
  g_autoptr (GstCaps) want = gst_caps_from_string (want_text);
  g_autofree char *text = gst_caps_to_string (got);

  fail_unless (gst_caps_is_equal (got, want), "%s, not %s", text, want_text);
  gst_caps_unref (got);
}

#define PICTURE(rest) "video/x-raw,format=RGB," rest
#define ANY "width=(int)[1,max],height=(int)[1,max]," \
    "framerate=(fraction)[0/1,max]"
#define ANY_SIZE "width=(int)[1,max],height=(int)[1,max],framerate=0/1"
#define ANY_LATENT(rest) \
    "tensor/strided,tensor-id=(string)latent,type=(string){float32,float16}," \
    "dims-order=(string)row-major," rest

GST_START_TEST (test_latent_to_picture)
{
  const struct
  {
    const char *latent, *picture;
  } cases[] = {
    {PLAIN, PICTURE ("width=128,height=64,framerate=0/1")},
    {FIXED ("float32", "3,4,8,16", ",framerate=10/1"),
        PICTURE ("width=128,height=64,framerate=30/1")},
    {FIXED ("float32", "1,4,8,16", ",framerate=(fraction)[5/1,10/1]"),
        PICTURE ("width=128,height=64,framerate=(fraction)[5/1,10/1]")},
    {GST_LATENT_CAPS, PICTURE (ANY)},
    {FIXED ("float32", "1,16,8,16", ",framerate=0/1"), PICTURE (ANY_SIZE)},
    {FIXED ("float32", "1,4,300000000,16", ",framerate=0/1"),
        PICTURE (ANY_SIZE)},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstCaps) latent = gst_caps_from_string (cases[i].latent);

    check_caps (gst_latent_caps_to_video (latent, &model), cases[i].picture);
  }
}

GST_END_TEST;

GST_START_TEST (test_picture_to_latent)
{
  const struct
  {
    const char *picture, *latent;
  } cases[] = {
    {PICTURE ("width=128,height=64,framerate=10/1"),
        ANY_LATENT ("dims=(int)<1,4,8,16>,framerate=10/1")},
    {PICTURE ("width=129,height=64,framerate=0/1"),
        ANY_LATENT ("framerate=0/1")},
    {PICTURE ("width=2147483640,height=64,framerate=0/1"),
        ANY_LATENT ("framerate=0/1")},
    {PICTURE ("width=(int)[1,max],height=64,framerate=0/1"),
        ANY_LATENT ("framerate=0/1")},
    {PICTURE (ANY), ANY_LATENT ("framerate=(fraction)[0/1,max]")},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstCaps) picture = gst_caps_from_string (cases[i].picture);

    check_caps (gst_latent_caps_from_video (picture, &model), cases[i].latent);
  }
}

GST_END_TEST;

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

  fail_unless (read_info (&info, FIXED ("float32", "1,2,1,3", ""), NULL));
  fail_unless (gst_latent_buffer_read (buffer, &info, stream, &read_error)
      == NULL);
  fail_unless (g_error_matches (read_error, RD_ERROR, RD_ERROR_SHAPE));
  fail_unless (strstr (read_error->message, "has 23 bytes, its caps say 24"));

  info.width = 4;
  fail_unless (gst_latent_buffer_new (&info, tensor, NULL, NULL, &write_error)
      == NULL);
  fail_unless (g_error_matches (write_error, RD_ERROR, RD_ERROR_SHAPE));
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
latentcaps_suite (void)
{
  Suite *s = suite_create ("latentcaps");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_read);
  tcase_add_test (tc, test_round_trip);
  tcase_add_test (tc, test_refused);
  tcase_add_test (tc, test_picture);
  tcase_add_test (tc, test_model);
  tcase_add_test (tc, test_queries_are_subsets);
  tcase_add_test (tc, test_latent_to_picture);
  tcase_add_test (tc, test_picture_to_latent);
  tcase_add_test (tc, test_buffers);
  tcase_add_test (tc, test_wrong_buffers);
  tcase_add_test (tc, test_kept_metas);
  return s;
}

GST_CHECK_MAIN (latentcaps);
