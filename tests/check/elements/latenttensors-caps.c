/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Latents as NNStreamer's caps describe them: what they say, and how they are
 * chosen. */

#include <string.h>

#include "latent/gstlatentinfo.h"
#include "video/gstlatentvideo.h"
#include "rdtest.h"

#define STRIDED(type, dims, rest) \
    "tensor/strided,tensor-id=(string)latent,type=(string)" type \
    ",dims=(int)<" dims ">,dims-order=(string)row-major" rest
#define TENSORS(type, dimensions, rest) \
    "other/tensors,format=(string)static,num_tensors=(int)1," \
    "types=(string)" type ",dimensions=(string)" dimensions rest

static const RdModelInfo model = {
  .family = "sd1",
  .channels = 4,
  .downscale = 8,
  .scaling_factor = 0.18215,
  .multiple = 1,
};

static gboolean
read_info (GstLatentInfo * info, const char *text, GError ** error)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  fail_unless (caps != NULL, "%s", text);
  return gst_latent_info_from_caps (info, caps, error);
}

/* Innermost first, unlike dims. */
GST_START_TEST (test_read)
{
  GstLatentInfo info;

  fail_unless (read_info (&info, TENSORS ("float16", "24:8:16:2",
              ",framerate=30/2"), NULL));
  fail_unless (info.type == RD_TYPE_F16 && info.n == 2 && info.channels == 16
      && info.height == 8 && info.width == 24 && info.fps_n == 15
      && info.fps_d == 1 && info.family[0] == '\0' && info.downscale == 0
      && info.scaling_factor == 0.0);
  fail_unless (read_info (&info, TENSORS ("float32", "24:8:16", ""), NULL));
  fail_unless (info.n == 1 && info.channels == 16 && info.height == 8
      && info.width == 24 && info.fps_n == 0);
}

GST_END_TEST;

GST_START_TEST (test_round_trip)
{
  const char *const all[] = {
    TENSORS ("float32", "64:64:4:1", ",framerate=0/1"),
    TENSORS ("float16", "8:24:16:2", ",framerate=30000/1001"),
    TENSORS ("float32", "64:64:4", ",framerate=0/1"),
    TENSORS ("float32", "5:6:7:8:1", ",framerate=0/1"),
    TENSORS ("float32", "5:6:7:8:1:1:1:1:1:1:1:1:1:1:1:1", ",framerate=0/1"),
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
    {"other/tensors", "format of other/tensors is missing, must be (string) "
          "static"},
    {"other/tensors,format=flexible", "format of other/tensors is flexible"},
    {"other/tensors,format=sparse", "format of other/tensors is sparse"},
    {"other/tensors,format=static", "num_tensors of other/tensors is missing"},
    {"other/tensors,format=static,num_tensors=2,types=(string)\"float32,float32"
          "\"", "num_tensors of other/tensors is 2, must be (int) 1"},
    {TENSORS ("uint8", "8:8:4:1", ""), "types of other/tensors is uint8, must "
          "be (string) float32 or float16"},
    {"other/tensors,format=static,num_tensors=1,types=float32",
        "dimensions of other/tensors is missing, must be (string) W:H:C:N"},
    {TENSORS ("float32", "8:8", ""), "dimensions of other/tensors is 8:8"},
    {TENSORS ("float32", "64:x:4", ""), "dimensions of other/tensors is 64:x:4"},
    {TENSORS ("float32", "8:8:4:1:2", ""), "is 8:8:4:1:2"},
    {TENSORS ("float32", "8:8:0:1", ""), "is 8:8:0:1"},
    {TENSORS ("float32", "8:8:-4:1", ""), "is 8:8:-4:1"},
    {TENSORS ("float32", "8:8:4:", ""), "is 8:8:4:,"},
    {TENSORS ("float32", "8:8:4.8:8:4", ""), "is 8:8:4.8:8:4"},
    {TENSORS ("float32", "8:8:99999999999:1", ""), "is 8:8:99999999999:1"},
    {TENSORS ("float32", "1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1", ""),
        "is 1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1"},
    {TENSORS ("float32", "65536:65536:65536:65536", ""), "exceed the"},
    {TENSORS ("float32", "8:8:4:1", ",framerate=-1/1"), "must not be negative"},
    {"other/tensors(memory:LatentCUDA),format=static", "memory of "
          "other/tensors is memory:LatentCUDA, must be system memory"},
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

/* What of a batch is written how. */
static void
check_negotiation (guint n, const char *taken_text, const char *wanted)
{
  g_autoptr (GstCaps) taken = gst_caps_from_string (taken_text);
  g_autoptr (GstCaps) caps = NULL;
  g_autofree char *text = NULL;
  GstLatentInfo info;

  fail_unless (read_info (&info, STRIDED ("float32", "1,4,8,16",
              ",framerate=0/1,downscale=8"), NULL));
  info.n = n;
  info.on_device = TRUE;
  fail_unless_equals_int (gst_latent_info_negotiate (&info, taken),
      wanted != NULL);
  if (wanted == NULL) {
    fail_unless (info.on_device && info.tensors_rank == 0);
    return;
  }
  caps = gst_latent_info_to_caps (&info);
  text = gst_caps_to_string (caps);
  fail_unless (strstr (text, wanted) != NULL, "%s: %s", taken_text, text);
}

GST_START_TEST (test_negotiate)
{
  check_negotiation (1, GST_LATENT_CAPS_ANY_MEMORY,
      "tensor/strided(memory:LatentCUDA)");
  check_negotiation (1, GST_LATENT_CAPS_SYSTEM_MEMORY, "tensor/strided, ");
  check_negotiation (1, "ANY", "tensor/strided(memory:LatentCUDA)");
  check_negotiation (1, GST_LATENT_TENSORS_CAPS, "16:8:4:1,");
  check_negotiation (3, GST_LATENT_TENSORS_CAPS, "16:8:4:3,");
  check_negotiation (1, "other/tensors,dimensions=(string)16:8:4", "16:8:4,");
  check_negotiation (1, "other/tensors,dimensions=(string)16:8:4:1:1:1",
      "16:8:4:1:1:1,");
  check_negotiation (2, "other/tensors,dimensions=(string)16:8:4:2:1:1",
      "16:8:4:2:1:1,");
  check_negotiation (2, "other/tensors,dimensions=(string)16:8:4", NULL);
  check_negotiation (1, "other/tensors,dimensions=(string)8:16:4", NULL);
  check_negotiation (1, "other/tensors,types=uint8", NULL);
  check_negotiation (1, "other/tensors,format=flexible", NULL);
  check_negotiation (1, "other/tensors,num_tensors=2", NULL);
  check_negotiation (1, "video/x-raw", NULL);
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

#define TENSORS_OF(type, rest) \
    "other/tensors,format=static,num_tensors=1,types=" type "," rest

#define ANY_TYPE(rest) \
    "tensor/strided,tensor-id=(string)latent,type=(string){float32,float16}," \
    "dims-order=(string)row-major," rest

/* Strings, not lists of them, one structure each; and only what is in system
 * memory. */
GST_START_TEST (test_add_tensors)
{
  const struct
  {
    const char *strided, *tensors;
  } cases[] = {
    {STRIDED ("float32", "1,4,8,16", ",framerate=0/1"),
        TENSORS_OF ("float32", "dimensions=16:8:4:1,framerate=0/1;")
          TENSORS_OF ("float32", "dimensions=16:8:4,framerate=0/1")},
    {ANY_TYPE ("dims=(int)<2,4,8,16>,framerate=5/1"),
        TENSORS_OF ("float32", "dimensions=16:8:4:2,framerate=5/1;")
          TENSORS_OF ("float16", "dimensions=16:8:4:2,framerate=5/1")},
    {GST_LATENT_CAPS, GST_LATENT_TENSORS_CAPS},
    {GST_LATENT_CAPS_ANY_MEMORY, ""},
    {STRIDED ("int8", "1,4,8,8", ""), ""},
    {"tensor/strided(memory:LatentCUDA)", ""},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *wanted = g_strjoin (cases[i].tensors[0] ? ";" : "",
        cases[i].strided, cases[i].tensors, NULL);

    check_caps (gst_latent_caps_add_tensors (gst_caps_from_string
            (cases[i].strided)), wanted);
  }
}

GST_END_TEST;

/* A batch of three makes three pictures; of tensors that no model is said of any
 * size can be the model's. */
GST_START_TEST (test_to_picture)
{
  g_autoptr (GstCaps) fixed =
      gst_caps_from_string (TENSORS ("float32", "16:8:4:3", ",framerate=10/1"));
  g_autoptr (GstCaps) any = gst_caps_from_string (GST_LATENT_TENSORS_CAPS);

  check_caps (gst_latent_caps_to_video (fixed, &model),
      "video/x-raw,format=RGB,width=128,height=64,framerate=30/1");
  check_caps (gst_latent_caps_to_video (any, &model),
      "video/x-raw,format=RGB,width=(int)[1,max],height=(int)[1,max],"
      "framerate=(fraction)[0/1,max]");
}

GST_END_TEST;

/* What is known of a model comes first, for who can choose. */
GST_START_TEST (test_of_model)
{
  GstCaps *all = gst_caps_from_string (GST_LATENT_CAPS_SYSTEM_MEMORY);
  g_autoptr (GstCaps) preferred = NULL;
  g_autoptr (GstCaps) anywhere = gst_latent_caps_any_memory (all, NULL);
  const GstStructure *s;

  fail_unless_equals_int (gst_caps_get_size (anywhere), 2);
  preferred = gst_latent_caps_prefer_model (all, &model);
  fail_unless_equals_int (gst_caps_get_size (preferred), 4);
  for (guint i = 0; i < 4; i++) {
    s = gst_caps_get_structure (preferred, i);
    fail_unless (gst_structure_has_name (s,
            i < 2 ? "tensor/strided" : "other/tensors"));
    fail_unless_equals_int (gst_structure_has_field (s, "downscale"), i == 0);
  }
}

GST_END_TEST;

static Suite *
latenttensors_caps_suite (void)
{
  Suite *s = suite_create ("latenttensors-caps");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_read);
  tcase_add_test (tc, test_round_trip);
  tcase_add_test (tc, test_refused);
  tcase_add_test (tc, test_negotiate);
  tcase_add_test (tc, test_add_tensors);
  tcase_add_test (tc, test_to_picture);
  tcase_add_test (tc, test_of_model);
  return s;
}

GST_CHECK_MAIN (latenttensors_caps);
