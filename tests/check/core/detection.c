/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Which detection becomes which region, and with what settings. */

#include <gst/check/gstcheck.h>
#include <string.h>

#include "regions/detection.h"
#include "base/error.h"
#include "base/text.h"

/* from left to right: a large face, a cat, a small face, an uncertain face */
static const RdDetection found[] = {
  {"face", 0.9, TRUE, 7, {0.0, 0.2, 0.4, 0.4}},
  {"cat", 0.8, FALSE, 0, {0.4, 0.0, 0.1, 0.1}},
  {"face", 0.95, TRUE, 3, {0.6, 0.5, 0.1, 0.1}},
  {"face", 0.3, FALSE, 0, {0.8, 0.8, 0.2, 0.15}},
};

#define N G_N_ELEMENTS (found)

/* Regions of @document as "id=prompt@x", one after the other; @taken is how many
 * detections are regions then. */
static char *
expand (const char *document, guint * n_taken)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RdRegionDocument) list =
      rd_region_document_parse (document, NULL, &error);
  g_autoptr (RdRegionDocument) expanded = NULL;
  gboolean taken[N] = { FALSE };
  GString *text = g_string_new (NULL);

  g_assert_no_error (error);
  expanded = rd_detections_expand (list, N, found, taken);
  for (guint i = 0; i < expanded->regions->len; i++) {
    const RdRegion *region = expanded->regions->pdata[i];

    g_string_append_printf (text, "%s=%s@%s;", region->id,
        region->prompt ? region->prompt : "",
        rd_text_number ("%g", region->shape.box.x).text);
  }
  *n_taken = 0;
  for (guint i = 0; i < N; i++)
    *n_taken += taken[i];
  return g_string_free (text, FALSE);
}

GST_START_TEST (test_match)
{
  static const struct
  {
    const char *document, *regions;
    guint n_taken;
  } cases[] = {
    /* without an order all of the class, each with its name */
    {"[{\"id\":\"f\",\"match\":{\"class\":\"face\"}}]",
        "f, face 7=face@0;f, face 3=face@0.6;f, face[3]=face@0.8;", 3},
    {"[{\"id\":\"f\",\"prompt\":\"fox\",\"match\":{\"class\":\"face\","
          "\"min-confidence\":0.5}}]",
        "f, face 7=fox@0;f, face 3=fox@0.6;", 2},
    {"[{\"id\":\"d\",\"match\":{\"class\":\"dog\"}}]", "", 0},
    /* with one, one each */
    {"[{\"id\":\"a\",\"prompt\":\"x\",\"match\":{\"class\":\"face\","
          "\"order\":\"right-left\"}},{\"id\":\"b\",\"prompt\":\"y\","
          "\"match\":{\"class\":\"face\",\"order\":\"right-left\"}}]",
        "a, face[3]=x@0.8;b, face 3=y@0.6;", 2},
    {"[{\"id\":\"a\",\"match\":{\"class\":\"face\",\"order\":\"left-right\"}}]",
        "a, face 7=face@0;", 1},
    {"[{\"id\":\"a\",\"match\":{\"class\":\"face\",\"order\":\"top-bottom\"}}]",
        "a, face 7=face@0;", 1},
    {"[{\"id\":\"a\",\"match\":{\"class\":\"face\",\"order\":\"bottom-top\"}}]",
        "a, face[3]=face@0.8;", 1},
    {"[{\"id\":\"a\",\"match\":{\"class\":\"face\",\"order\":\"largest\"}}]",
        "a, face 7=face@0;", 1},
    {"[{\"id\":\"a\",\"match\":{\"class\":\"face\",\"order\":\"smallest\"}}]",
        "a, face 3=face@0.6;", 1},
    {"[{\"id\":\"a\",\"match\":{\"class\":\"face\",\"order\":\"confidence\"}}]",
        "a, face 3=face@0.6;", 1},
    /* what the first has taken the second has not; others stay as they are */
    {"[{\"id\":\"a\",\"match\":{\"class\":\"face\",\"order\":\"largest\"}},"
          "{\"id\":\"box\",\"box\":[0.5,0,0.5,1]},"
          "{\"id\":\"b\",\"match\":{\"class\":\"face\"}}]",
          "a, face 7=face@0;box=@0.5;b, face 3=face@0.6;b, face[3]=face@0.8;",
        3},
    {"[{\"id\":\"a\",\"match\":{\"class\":\"cat\",\"order\":\"largest\"}},"
          "{\"id\":\"b\",\"match\":{\"class\":\"cat\",\"order\":\"largest\"}}]",
        "a, cat[1]=cat@0.4;", 1},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint n_taken;
    g_autofree char *regions = expand (cases[i].document, &n_taken);

    fail_unless_equals_string (regions, cases[i].regions);
    fail_unless_equals_int (n_taken, cases[i].n_taken);
  }
}

GST_END_TEST;

/* Everything else is the region's own; a document without detections is not
 * copied. */
GST_START_TEST (test_settings)
{
  g_autoptr (RdRegionDocument) list = rd_region_document_parse ("{\"common\":"
      "{\"prompt\":\"c\"},\"base\":{\"cfg\":3},\"regions\":[{\"cfg\":5,\"z\":2,"
      "\"feather\":9,\"strength\":0.5,\"negative-prompt\":\"n\",\"match\":"
      "{\"class\":\"cat\"}}]}", NULL, NULL);
  g_autoptr (RdRegionDocument) plain =
      rd_region_document_parse ("a @0,0,1,1", NULL, NULL);
  gboolean taken[N] = { FALSE };
  g_autoptr (RdRegionDocument) expanded =
      rd_detections_expand (list, N, found, taken);
  g_autoptr (RdRegionDocument) same =
      rd_detections_expand (plain, N, found, taken);
  const RdRegion *region = expanded->regions->pdata[0];

  fail_unless (same == plain);
  fail_unless_equals_string (expanded->common_prompt, "c");
  fail_unless (expanded->base->cfg == 3.0);
  fail_unless (region->cfg == 5.0 && region->z == 2 && region->feather == 9.0
      && region->strength == 0.5);
  fail_unless_equals_string (region->negative_prompt, "n");
  fail_unless (region->shape.kind == RD_SHAPE_BOX && !region->shape.pixels);
  fail_unless (region->shape.box.x == 0.4 && region->shape.box.y == 0.0
      && region->shape.box.width == 0.1 && region->shape.box.height == 0.1);
}

GST_END_TEST;

static guint64
seed_of (const RdDetection * detection, const char *variation)
{
  g_autofree char *text = g_strdup_printf ("[{\"variation\":{%s\"strength\":1},"
      "\"match\":{\"class\":\"%s\"}}]", variation, detection->label);
  g_autoptr (RdRegionDocument) list =
      rd_region_document_parse (text, NULL, NULL);
  gboolean taken = FALSE;
  g_autoptr (RdRegionDocument) expanded =
      rd_detections_expand (list, 1, detection, &taken);

  return ((const RdRegion *) expanded->regions->pdata[0])->variation_seed;
}

/* A thing keeps its noise from picture to picture, whatever else there is. */
GST_START_TEST (test_seeds_follow_tracks)
{
  const RdDetection here = { "face", 1, TRUE, 7, {0, 0, 0.1, 0.1} };
  const RdDetection there = { "face", 0.4, TRUE, 7, {0.5, 0.5, 0.2, 0.1} };
  const RdDetection other = { "face", 1, TRUE, 8, {0, 0, 0.1, 0.1} };
  const RdDetection cat = { "cat", 1, TRUE, 7, {0, 0, 0.1, 0.1} };

  fail_unless (seed_of (&here, "") == seed_of (&there, ""));
  fail_unless (seed_of (&here, "") != seed_of (&other, ""));
  fail_unless (seed_of (&here, "") != seed_of (&cat, ""));
  fail_unless (seed_of (&here, "\"seed\":5,") == 5);
  fail_unless (seed_of (&other, "\"seed\":0,") == 0);
}

GST_END_TEST;

/* What is known by its outline is painted so, and its box still says where it
 * is. */
GST_START_TEST (test_segments)
{
  static const guint8 ids[] = { 0, 3, 3, 0 };
  const RdIdMap map = { 2, 2, 1, FALSE, 0, 2, ids, sizeof ids };
  const RdBox whole = { 0, 0, 1, 1 };
  g_autoptr (RdSegmentation) segmentation =
      rd_segmentation_new (&map, &whole, NULL);
  g_autoptr (RdClassPrompts) classes = rd_class_prompts_parse ("cat", NULL);
  const gboolean taken = FALSE;
  RdDetection cat = { "cat", 1, FALSE, 0, {0.25, 0, 0.5, 1} };
  g_autoptr (RdRegionDocument) list = NULL;
  g_autoptr (RdMask) mask = NULL;
  g_autofree char *text = NULL;

  rd_detection_set_segment (&cat, segmentation, 3);
  list = rd_detections_classify (classes, 1, &cat, &taken);
  rd_detection_clear (&cat);
  mask = rd_shape_rasterise (&((RdRegion *) list->regions->pdata[0])->shape, 2,
      2, RD_MASK_MEAN, NULL);
  fail_unless (mask->data[0] == 0.0f && mask->data[1] == 1.0f
      && mask->data[2] == 1.0f && mask->data[3] == 0.0f);
  text = rd_region_document_to_json (list);
  fail_unless (strstr (text, "\"box\":[0.25,0.0,0.5,1.0]") != NULL, "%s", text);
}

GST_END_TEST;

/* Networks give floats: 0.9 is as certain as 0.9, whatever its last digits. */
GST_START_TEST (test_confidence_of_a_float)
{
  const RdDetection cat = { "cat", 0.9f, FALSE, 0, {0, 0, 1, 1} };
  gboolean taken = FALSE;
  g_autoptr (RdClassPrompts) classes =
      rd_class_prompts_parse ("{\"cat\":{\"min-confidence\":0.9}}", NULL);
  g_autoptr (RdRegionDocument) classified =
      rd_detections_classify (classes, 1, &cat, &taken);
  g_autoptr (RdRegionDocument) list = rd_region_document_parse ("[{\"match\":"
      "{\"class\":\"cat\",\"min-confidence\":0.9}}]", NULL, NULL);
  g_autoptr (RdRegionDocument) expanded =
      rd_detections_expand (list, 1, &cat, &taken);

  fail_unless_equals_int (classified->regions->len, 1);
  fail_unless_equals_int (expanded->regions->len, 1);
}

GST_END_TEST;

static char *
classify (const char *text, gboolean first_is_taken)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RdClassPrompts) classes = rd_class_prompts_parse (text, &error);
  const gboolean taken[N] = { first_is_taken };
  g_autoptr (RdRegionDocument) list = NULL;
  GString *regions = g_string_new (NULL);

  fail_unless (classes != NULL, "%s: %s", text, error ? error->message : "");
  list = rd_detections_classify (classes, N, found, taken);
  for (guint i = 0; i < list->regions->len; i++) {
    const RdRegion *region = list->regions->pdata[i];

    g_string_append_printf (regions, "%s@%s;", region->prompt,
        rd_text_number ("%g", region->shape.box.x).text);
  }
  return g_string_free (regions, FALSE);
}

GST_START_TEST (test_classes)
{
  static const struct
  {
    const char *text;
    gboolean first_is_taken;
    const char *regions;
  } cases[] = {
    {"", FALSE, ""},
    {"face=a fox", FALSE, "a fox@0;a fox@0.6;a fox@0.8;"},
    {"face=a fox", TRUE, "a fox@0.6;a fox@0.8;"},
    {" cat = a = b | face ", FALSE, "face@0;a = b@0.4;face@0.6;face@0.8;"},
    {"cat=|dog=x", FALSE, "@0.4;"},
    {"*=thing|cat=tiger", FALSE, "thing@0;tiger@0.4;thing@0.6;thing@0.8;"},
    {"cat=tiger\n\nface = fox \r\n", FALSE,
        "fox@0;tiger@0.4;fox@0.6;fox@0.8;"},
    {"{face}=lava|cat={tiger}", FALSE, "{tiger}@0.4;"},
    {"[face]=lava\ncat", FALSE, "cat@0.4;"},
    {"*", FALSE, "face@0;cat@0.4;face@0.6;face@0.8;"},
    {"{\"cat\":\"tiger\"}", FALSE, "tiger@0.4;"},
    {"{\"face\":{\"prompt\":\"fox\",\"min-confidence\":0.9},\"cat\":{}}", FALSE,
        "fox@0;cat@0.4;fox@0.6;"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *regions = classify (cases[i].text,
        cases[i].first_is_taken);

    fail_unless_equals_string (regions, cases[i].regions);
  }
}

GST_END_TEST;

GST_START_TEST (test_class_names)
{
  g_autoptr (RdClassPrompts) classes =
      rd_class_prompts_parse ("b=x|*=y|a", NULL);

  fail_unless_equals_int (rd_class_prompts_n_labels (classes), 2);
  fail_unless_equals_string (rd_class_prompts_label (classes, 0), "b");
  fail_unless_equals_string (rd_class_prompts_label (classes, 1), "a");
}

GST_END_TEST;

GST_START_TEST (test_malformed_classes)
{
  static const struct
  {
    const char *text, *message;
  } cases[] = {
    {"face=a|=b", "class 2: no name, write class=prompt | class=prompt"},
    {"a|b|", "class 3: no name, write class=prompt | class=prompt"},
    {"face=a|face", "class 2: 'face' occurs twice"},
    {"face=\xff", "not UTF-8 text"},
    {"[]", "document: must be an object, not a list"},
    {"{\"face\":1}", "face: must be an object, not a number"},
    {"{\"face\":{\"promt\":\"a\"}}", "face: unknown key \"promt\", the nearest "
          "known one is \"prompt\""},
    {"{\"face\":{\"box\":[0,0,1,1]}}", "face: unknown key \"box\", the nearest "
          "known one is \"cfg\""},
    {"{\"face\":{\"id\":\"a\"}}", "face: unknown key \"id\", the nearest known "
          "one is \"end\""},
    {"{\"face\":{\"min-confidence\":-1}}", "face.min-confidence: must be in "
          "0..1, but is -1"},
    {"{\"face\":{\"start\":0.5,\"end\":0.5}}", "face: start must be < end, but "
          "they are 0.5 and 0.5"},
    {"{\"face\":\"a\",\"face\":\"b\"}", "document:1:22: the key \"face\" "
          "occurs twice"},
    {"{face}", "document:1:2: expected a value or a key in double quotes; a "
          "text that begins with '{' or '[' is read as JSON, for the short "
          "form write class=prompt | class=prompt"},
    {"a\n\nb|", "class 3: no name, write class=prompt | class=prompt"},
    {"{\"\":\"a\"}", "document: the name of a class must not be empty"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (rd_class_prompts_parse (cases[i].text, &error) == NULL,
        "accepted: %s", cases[i].text);
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_INVALID));
    fail_unless_equals_string (error->message, cases[i].message);
  }
}

GST_END_TEST;

static Suite *
detection_suite (void)
{
  Suite *suite = suite_create ("detection");
  TCase *chain = tcase_create ("detection");

  suite_add_tcase (suite, chain);
  tcase_add_test (chain, test_match);
  tcase_add_test (chain, test_settings);
  tcase_add_test (chain, test_seeds_follow_tracks);
  tcase_add_test (chain, test_segments);
  tcase_add_test (chain, test_confidence_of_a_float);
  tcase_add_test (chain, test_classes);
  tcase_add_test (chain, test_class_names);
  tcase_add_test (chain, test_malformed_classes);
  return suite;
}

GST_CHECK_MAIN (detection);
