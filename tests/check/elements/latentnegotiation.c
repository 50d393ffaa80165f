/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What a model, a device and other elements make of latent caps: which are
 * offered, and which of them are chosen. */

#include <string.h>

#include "latenttest.h"
#include "video/gstlatentvideo.h"

/* What of a batch is written how. */
static void
check_negotiation (guint n, const char *taken_text, const char *wanted)
{
  g_autoptr (GstCaps) taken = gst_caps_from_string (taken_text);
  g_autoptr (GstCaps) caps = NULL;
  g_autofree char *text = NULL;
  GstLatentInfo info;

  fail_unless (latent_read_info (&info, LATENT_STRIDED ("float32", "1,4,8,16",
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

/* The new tensor-id wherever it is taken, the old one where nothing else is. */
GST_START_TEST (test_ids)
{
  check_negotiation (1, "tensor/strided", "tensor-id=(string)stable-diff");
  check_negotiation (1, "tensor/strided,tensor-id=(string){latent,stable-"
      "diffusion-latent}", "tensor-id=(string)stable-diff");
  check_negotiation (1, "tensor/strided,tensor-id=(string)latent",
      "tensor/strided, tensor-id=(string)latent");
  check_negotiation (1, "tensor/strided(memory:LatentCUDA),"
      "tensor-id=(string)latent",
      "tensor/strided(memory:LatentCUDA), tensor-id=(string)latent");
  check_negotiation (1, "tensor/strided,tensor-id=(string)mask", NULL);
  check_negotiation (1, "tensor/strided,tensor-id=(string)mask;"
      LATENT_TENSORS ("float32", "16:8:4:1", ""), "16:8:4:1,");
}

GST_END_TEST;

/* One that passes latents on takes both ids, whichever is asked of it. */
GST_START_TEST (test_any_memory_takes_any_id)
{
  const char *const ids[] = { "latent", "stable-diffusion-latent" };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    g_autoptr (GstCaps) asked = gst_caps_new_simple ("tensor/strided",
        "tensor-id", G_TYPE_STRING, ids[i], NULL);

    latent_check_caps (gst_latent_caps_any_memory (asked, NULL),
        "tensor/strided(memory:LatentCUDA)," LATENT_ANY_ID ";"
        "tensor/strided," LATENT_ANY_ID);
  }
}

GST_END_TEST;

#define TENSORS_OF(type, rest) \
    "other/tensors,format=static,num_tensors=1,types=" type "," rest

/* Strings, not lists of them, one structure each; and only what is in system
 * memory. */
GST_START_TEST (test_add_tensors)
{
  const struct
  {
    const char *strided, *tensors;
  } cases[] = {
    {LATENT_STRIDED ("float32", "1,4,8,16", ",framerate=0/1"),
          TENSORS_OF ("float32", "dimensions=16:8:4:1,framerate=0/1;")
        TENSORS_OF ("float32", "dimensions=16:8:4,framerate=0/1")},
    {LATENT_ANY ("dims=(int)<2,4,8,16>,framerate=5/1"),
          TENSORS_OF ("float32", "dimensions=16:8:4:2,framerate=5/1;")
        TENSORS_OF ("float16", "dimensions=16:8:4:2,framerate=5/1")},
    {GST_LATENT_CAPS, GST_LATENT_TENSORS_CAPS},
    {GST_LATENT_CAPS_ANY_MEMORY, ""},
    {LATENT_STRIDED ("int8", "1,4,8,8", ""), ""},
    {"tensor/strided(memory:LatentCUDA)", ""},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *wanted = g_strjoin (cases[i].tensors[0] ? ";" : "",
        cases[i].strided, cases[i].tensors, NULL);

    latent_check_caps (gst_latent_caps_add_tensors (gst_caps_from_string
            (cases[i].strided)), wanted);
  }
}

GST_END_TEST;

/* GstBaseTransform warns, and pads refuse, where this does not hold. */
GST_START_TEST (test_queries_are_subsets)
{
  g_autoptr (GstCaps) template = gst_caps_from_string (GST_LATENT_CAPS);
  g_autoptr (GstCaps) fixed = gst_caps_from_string (LATENT_PLAIN);
  g_autoptr (GstCaps) old = gst_caps_from_string ("tensor/strided,"
      "tensor-id=(string)latent,type=(string)float32,dims=(int)<1,4,8,8>,"
      "dims-order=(string)row-major,framerate=0/1");
  g_autoptr (GstCaps) offers =
      gst_latent_caps_prefer_model (gst_caps_ref (template), &latent_model);
  GstStructure *s = gst_caps_get_structure (offers, 0);

  fail_unless (gst_caps_is_subset (fixed, template));
  fail_unless (gst_caps_is_subset (old, template));
  fail_unless (gst_caps_is_subset (offers, template));
  fail_unless (gst_caps_is_subset (fixed, offers));
  fail_unless_equals_int (gst_caps_get_size (offers), 2);
  fail_unless (gst_structure_has_field (s, "channels")
      && gst_structure_has_field (s, "downscale")
      && gst_structure_has_field (s, "scaling-factor"));
}

GST_END_TEST;

#define PICTURE(rest) "video/x-raw,format=RGB," rest
#define ANY "width=(int)[1,max],height=(int)[1,max]," \
    "framerate=(fraction)[0/1,max]"
#define ANY_SIZE "width=(int)[1,max],height=(int)[1,max],framerate=0/1"
GST_START_TEST (test_latent_to_picture)
{
  const struct
  {
    const char *latent, *picture;
  } cases[] = {
    {LATENT_PLAIN, PICTURE ("width=128,height=64,framerate=0/1")},
    {LATENT_STRIDED ("float32", "3,4,8,16", ",framerate=10/1"),
        PICTURE ("width=128,height=64,framerate=30/1")},
    {LATENT_STRIDED ("float32", "1,4,8,16", ",framerate=(fraction)[5/1,10/1]"),
        PICTURE ("width=128,height=64,framerate=(fraction)[5/1,10/1]")},
    {GST_LATENT_CAPS, PICTURE (ANY)},
    {LATENT_STRIDED ("float32", "1,16,8,16", ",framerate=0/1"),
        PICTURE (ANY_SIZE)},
    {LATENT_STRIDED ("float32", "1,4,300000000,16", ",framerate=0/1"),
        PICTURE (ANY_SIZE)},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstCaps) latent = gst_caps_from_string (cases[i].latent);

    latent_check_caps (gst_latent_caps_to_video (latent, &latent_model),
        cases[i].picture);
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
        LATENT_ANY ("dims=(int)<1,4,8,16>,framerate=10/1")},
    {PICTURE ("width=129,height=64,framerate=0/1"),
        LATENT_ANY ("framerate=0/1")},
    {PICTURE ("width=2147483640,height=64,framerate=0/1"),
        LATENT_ANY ("framerate=0/1")},
    {PICTURE ("width=(int)[1,max],height=64,framerate=0/1"),
        LATENT_ANY ("framerate=0/1")},
    {PICTURE (ANY), LATENT_ANY ("framerate=(fraction)[0/1,max]")},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstCaps) picture = gst_caps_from_string (cases[i].picture);

    latent_check_caps (gst_latent_caps_from_video (picture, &latent_model),
        cases[i].latent);
  }
}

GST_END_TEST;

/* A batch of three makes three pictures; of tensors that no model is said of any
 * size can be the model's. */
GST_START_TEST (test_tensors_to_picture)
{
  g_autoptr (GstCaps) fixed =
      gst_caps_from_string (LATENT_TENSORS ("float32", "16:8:4:3",
          ",framerate=10/1"));
  g_autoptr (GstCaps) any = gst_caps_from_string (GST_LATENT_TENSORS_CAPS);

  latent_check_caps (gst_latent_caps_to_video (fixed, &latent_model),
      "video/x-raw,format=RGB,width=128,height=64,framerate=30/1");
  latent_check_caps (gst_latent_caps_to_video (any, &latent_model),
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
  preferred = gst_latent_caps_prefer_model (all, &latent_model);
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
latentnegotiation_suite (void)
{
  Suite *s = suite_create ("latentnegotiation");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_negotiate);
  tcase_add_test (tc, test_ids);
  tcase_add_test (tc, test_any_memory_takes_any_id);
  tcase_add_test (tc, test_add_tensors);
  tcase_add_test (tc, test_queries_are_subsets);
  tcase_add_test (tc, test_latent_to_picture);
  tcase_add_test (tc, test_picture_to_latent);
  tcase_add_test (tc, test_tensors_to_picture);
  tcase_add_test (tc, test_of_model);
  return s;
}

GST_CHECK_MAIN (latentnegotiation);
