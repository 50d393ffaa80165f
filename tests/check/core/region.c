/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "rdtest.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "regions/color-map.h"
#include "regions/document.h"
#include "sigmas/scheduler.h"
#include "solvers/solver.h"

static RdRegionDocument *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  RdRegionDocument *list = rd_region_document_parse (text, "folder", &error);

  fail_unless (list != NULL, "%s: %s", text, error ? error->message : NULL);
  return list;
}

static const RdRegion *
get (const RdRegionDocument * list, guint i)
{
  fail_unless (i < list->regions->len);
  return list->regions->pdata[i];
}

static void
check_box (const RdRegion * region, double x, double y, double width,
    double height)
{
  fail_unless_equals_int (region->shape.kind, RD_SHAPE_BOX);
  fail_unless_equals_float (region->shape.box.x, x);
  fail_unless_equals_float (region->shape.box.y, y);
  fail_unless_equals_float (region->shape.box.width, width);
  fail_unless_equals_float (region->shape.box.height, height);
}

GST_START_TEST (test_short_form)
{
  g_autoptr (RdRegionDocument) list =
      parse (" lava @0,0.5,0.5,0.5 | green meadow @ .5 , 5e-1,+0.5,0.5 ");
  const RdRegion *lava = get (list, 0), *meadow = get (list, 1);

  fail_unless_equals_int (list->regions->len, 2);
  fail_unless_equals_string (lava->id, "regions[0]");
  fail_unless_equals_string (lava->prompt, "lava");
  check_box (lava, 0.0, 0.5, 0.5, 0.5);
  fail_if (lava->shape.pixels);
  fail_unless_equals_string (meadow->prompt, "green meadow");
  check_box (meadow, 0.5, 0.5, 0.5, 0.5);

  /* what it does not say is inherited or the default */
  fail_unless (lava->negative_prompt == NULL && lava->model == NULL
      && lava->sampler == NULL && lava->scheduler == NULL);
  fail_if (lava->cfg >= 0 || lava->feather >= 0 || lava->sigma_factor >= 0
      || lava->overlap_factor >= 0 || lava->invert);
  fail_unless (lava->strength == 1.0 && lava->start == 0.0 && lava->end == 1.0);
  fail_unless (list->base == NULL && list->common_prompt == NULL);
}

GST_END_TEST;

GST_START_TEST (test_short_form_prompts)
{
  g_autoptr (RdRegionDocument) list =
      parse ("me@home @0,0,1,1|@0,0,1,1|\xc3\xa9t\xc3\xa9, \"a\" {b}\t@0,0,1,1"
      "|@@0,0,1,1");
  g_autoptr (RdRegionDocument) marked = parse ("\xef\xbb\xbf" "a @0,0,1,1");
  g_autoptr (RdRegionDocument) empty = parse (" \n");

  fail_unless_equals_int (list->regions->len, 4);
  fail_unless_equals_string (get (list, 0)->prompt, "me@home");
  fail_unless_equals_string (get (list, 1)->prompt, "");
  fail_unless_equals_string (get (list, 2)->prompt,
      "\xc3\xa9t\xc3\xa9, \"a\" {b}");
  fail_unless_equals_string (get (list, 3)->prompt, "@");
  fail_unless_equals_string (get (marked, 0)->prompt, "a");
  fail_unless_equals_int (empty->regions->len, 0);
}

GST_END_TEST;

/* Other programs have one region on each line. */
GST_START_TEST (test_short_form_lines)
{
  static const char *const texts[] = {
    "lava @0,0,0.5,1\nsnow @0.5,0,0.5,1\n",
    "\r\n lava @0,0,0.5,1 \r\n\r\n\tsnow @0.5,0,0.5,1\r\n",
    "lava @0,0,0.5,1 |\nsnow @0.5,0,0.5,1",
    "lava @0,0,0.5,1\n| snow @0.5,0,0.5,1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (RdRegionDocument) list = parse (texts[i]);

    fail_unless_equals_int (list->regions->len, 2);
    fail_unless_equals_string (get (list, 0)->prompt, "lava");
    check_box (get (list, 0), 0.0, 0.0, 0.5, 1.0);
    fail_unless_equals_string (get (list, 1)->id, "regions[1]");
    fail_unless_equals_string (get (list, 1)->prompt, "snow");
    check_box (get (list, 1), 0.5, 0.0, 0.5, 1.0);
  }
}

GST_END_TEST;

/* What users write in prompts of other programs begins with brackets. */
GST_START_TEST (test_short_form_brackets)
{
  g_autoptr (RdRegionDocument) curly = parse ("{lava} @0,0,0.5,1");
  g_autoptr (RdRegionDocument) square =
      parse (" [lava:snow:0.5] @0,0,0.5,1 | b @0,0,1,1 ");
  g_autoptr (RdRegionDocument) choice =
      parse ("{lava|{snow|ice}} x @0,0,0.5,1|[b @0,0,1,1|c] @0,0,1,1");

  fail_unless_equals_string (get (curly, 0)->prompt, "{lava}");
  check_box (get (curly, 0), 0.0, 0.0, 0.5, 1.0);
  fail_unless_equals_string (get (square, 0)->prompt, "[lava:snow:0.5]");
  fail_unless_equals_string (get (square, 1)->prompt, "b");
  fail_unless_equals_int (choice->regions->len, 3);
  fail_unless_equals_string (get (choice, 0)->prompt, "{lava|{snow|ice}} x");
  fail_unless_equals_string (get (choice, 1)->prompt, "[b");
  fail_unless_equals_string (get (choice, 2)->prompt, "c]");
}

GST_END_TEST;

/* Shapes may reach over the edge, by less than a picture. */
GST_START_TEST (test_over_the_edge)
{
  g_autoptr (RdRegionDocument) list = parse ("a @-0.9,-0.5,1.9,1.9|b @0.9,0,"
      "0.9,1");
  g_autoptr (RdRegionDocument) json = parse ("{\"regions\":[{\"polygon\":"
      "[[-1.5,0],[1.9,0],[1,1.5]]},{\"units\":\"px\",\"box\":[0,0,1,2]}]}");

  fail_unless_equals_int (list->regions->len, 2);
  fail_unless_equals_int (json->regions->len, 2);
}

GST_END_TEST;

/* As many as a picture may have, and one more. */
GST_START_TEST (test_number_of_regions)
{
  for (guint n = RD_MAX_REGIONS; n <= RD_MAX_REGIONS + 1; n++) {
    g_autoptr (GString) brief = g_string_new (NULL);
    g_autoptr (GString) json = g_string_new ("[");
    const char *texts[2];

    for (guint i = 0; i < n; i++) {
      g_string_append (brief, "a @0,0,1,1\n");
      g_string_append_printf (json, "%s{\"box\":[0,0,1,1]}", i > 0 ? "," : "");
    }
    g_string_append (json, "]");
    texts[0] = brief->str;
    texts[1] = json->str;
    for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
      g_autoptr (GError) error = NULL;
      g_autoptr (RdRegionDocument) list =
          rd_region_document_parse (texts[i], NULL, &error);

      fail_unless ((list != NULL) == (n == RD_MAX_REGIONS));
      if (!list)
        fail_unless (strstr (error->message, "257 regions are too many, a "
                "picture has up to 256") != NULL, "%s", error->message);
    }
  }
}

GST_END_TEST;

GST_START_TEST (test_json_all_keys)
{
  g_autoptr (RdRegionDocument) list =
      parse ("{\"version\":1,\"units\":\"norm\","
      "\"base\":{\"prompt\":\"sky\",\"negative-prompt\":\"\",\"cfg\":7,"
      "\"sampler\":\"heun\",\"scheduler\":\"karras\",\"sigma-factor\":0.5,"
      "\"feather\":8,\"overlap-factor\":0},"
      "\"common\":{\"prompt\":\"best\"},"
      "\"regions\":[{\"id\":\"left\",\"prompt\":\"a\\u00e9\\ud83d\\ude00\\n\","
      "\"negative-prompt\":\"ugly\",\"model\":\"models/other\",\"cfg\":6.5,"
      "\"sampler\":\"euler\",\"scheduler\":\"simple\",\"sigma-factor\":1.25,"
      "\"strength\":0.75,\"start\":0.25,\"end\":0.5,\"z\":-3,\"feather\":24,"
      "\"overlap-factor\":1e1,\"variation\":{\"seed\":18446744073709551615,"
      "\"strength\":0.2,\"method\":\"slerp\"},\"box\":[0,0,0.5,1]},"
      "{\"polygon\":[[0,0],[1,0],[1,0.3]]}]}");
  const RdRegion *r = get (list, 0), *base = list->base;

  fail_unless_equals_string (base->prompt, "sky");
  fail_unless_equals_string (base->negative_prompt, "");
  fail_unless (base->cfg == 7.0);
  fail_unless_equals_string (base->sampler, "heun");
  fail_unless_equals_string (base->scheduler, "karras");
  fail_unless (base->sigma_factor == 0.5);
  fail_unless (base->feather == 8.0);
  fail_unless (base->overlap_factor == 0);
  fail_unless_equals_string (list->common_prompt, "best");

  fail_unless_equals_string (r->id, "left");
  fail_unless_equals_string (r->prompt, "a\xc3\xa9\xf0\x9f\x98\x80\n");
  fail_unless_equals_string (r->negative_prompt, "ugly");
  fail_unless_equals_string (r->model, "models/other");
  fail_unless (r->cfg == 6.5);
  fail_unless_equals_string (r->sampler, "euler");
  fail_unless_equals_string (r->scheduler, "simple");
  fail_unless (r->sigma_factor == 1.25);
  fail_unless (r->strength == 0.75 && r->start == 0.25 && r->end == 0.5);
  fail_unless_equals_int (r->z, -3);
  fail_unless (r->feather == 24.0);
  fail_unless (r->overlap_factor == 10);
  fail_unless_equals_uint64 (r->variation_seed, G_MAXUINT64);
  fail_unless (r->variation_strength == 0.2);
  fail_unless_equals_int (r->variation_method, RD_VARIATION_SLERP);
  check_box (r, 0.0, 0.0, 0.5, 1.0);

  r = get (list, 1);
  fail_unless_equals_string (r->id, "regions[1]");
  fail_unless (r->prompt == NULL);
  fail_unless_equals_int (r->shape.kind, RD_SHAPE_POLYGON);
  fail_unless_equals_int (r->shape.points->len, 6);
  fail_unless (g_array_index (r->shape.points, double, 5) == 0.3);
}

GST_END_TEST;

GST_START_TEST (test_json_masks)
{
  g_autoptr (RdRegionDocument) list = parse ("[{\"mask\":{\"pad\":\"mask_3\"}},"
      "{\"mask\":{\"file\":\"m.png\"}},"
      "{\"mask\":{\"file\":\"/tmp/m.png\",\"color\":\"#0aF0ff\"}}]");
  g_autoptr (RdRegionDocument) here =
      rd_region_document_parse ("[{\"mask\":{\"file\":\"m.png\"}}]", NULL,
      NULL);

  fail_unless_equals_int (get (list, 0)->shape.kind, RD_SHAPE_PAD);
  fail_unless_equals_string (get (list, 0)->shape.pad, "mask_3");
  fail_unless_equals_int (get (list, 1)->shape.kind, RD_SHAPE_FILE);
  fail_unless_equals_string (get (list, 1)->shape.file, "folder/m.png");
  fail_if (get (list, 1)->shape.has_color);
  fail_unless_equals_string (get (list, 2)->shape.file, "/tmp/m.png");
  fail_unless (get (list, 2)->shape.has_color);
  fail_unless_equals_int (get (list, 2)->shape.color, 0x0af0ff);
  fail_unless_equals_string (get (here, 0)->shape.file, "m.png");
}

GST_END_TEST;

GST_START_TEST (test_json_units)
{
  g_autoptr (RdRegionDocument) list = parse ("{\"regions\":[{\"box\":"
      "[-8,300,200,100]}],\"units\":\"px\"}");
  g_autoptr (RdRegionDocument) none = parse ("{}");

  fail_unless (get (list, 0)->shape.pixels);
  check_box (get (list, 0), -8.0, 300.0, 200.0, 100.0);
  fail_unless_equals_int (none->regions->len, 0);
}

GST_END_TEST;

GST_START_TEST (test_common_prompt)
{
  g_autoptr (RdRegionDocument) list =
      parse ("{\"common\":{\"prompt\":\"best\"}}");
  g_autoptr (RdRegionDocument) without = parse ("[]");
  g_autofree char *joined = rd_region_document_prompt (list, "lava");
  g_autofree char *alone = rd_region_document_prompt (list, "");
  g_autofree char *as_is = rd_region_document_prompt (without, "lava");

  fail_unless_equals_string (joined, "best, lava");
  fail_unless_equals_string (alone, "best");
  fail_unless_equals_string (as_is, "lava");
}

GST_END_TEST;

#define BOX "\"box\":[0,0,1,1]"
#define PIXELS "coordinates are fractions of the picture, 0..1; for pixels " \
    "write JSON with \"units\": \"px\""
#define WITHIN "a box within the prompt; write | between regions, or each on a " \
    "line of its own"
#define SEED "must be a whole number in 0..18446744073709551615, or -1 for the " \
    "largest"

static const struct
{
  const char *text;
  const char *message;
} malformed[] = {
  /* *INDENT-OFF* */
  /* the short form */
  {"lava", "region 1, column 1: no shape, write @x,y,width,height after the "
      "prompt"},
  {"a @0,0,1,1 |  b ", "region 2, column 15: no shape, write @x,y,width,height "
      "after the prompt"},
  {"a @0,0,1,1 |", "region 2, column 13: no shape, write @x,y,width,height "
      "after the prompt"},
  {"| a @0,0,1,1", "region 1, column 1: no shape, write @x,y,width,height "
      "after the prompt"},
  {"a @0,0,1", "region 1, column 4: expected the 4 numbers x,y,width,height, "
      "found 3"},
  {"a @0,0,1,1,1", "region 1, column 12: more than the 4 numbers "
      "x,y,width,height"},
  {"a @", "region 1, column 4: '' is not a number"},
  {"\xc3\xa9 @0,left,1,1", "region 1, column 6: 'left' is not a number"},
  {"a @0,0,nan,1", "region 1, column 8: 'nan' is not a number"},
  {"a @0,0,inf,1", "region 1, column 8: 'inf' is not a number"},
  {"a @0,0,0x1,1", "region 1, column 8: '0x1' is not a number"},
  {"a @0,0,1e999,1", "region 1, column 8: '1e999' is too large, coordinates "
      "are 0..1 of the picture"},
  {"a @0,0,0,1", "region 1, column 4: width must be > 0"},
  {"a @0,0,1,-0.5", "region 1, column 4: height must be > 0"},
  {"a @1,0,0.5,1", "region 1, column 4: lies outside the picture, whose "
      "coordinates are 0..1"},
  {"a @-1,0,1,1", "region 1, column 4: lies outside of the picture"},
  {"a @0,0,1,1\xff", "region 1, column 11: not UTF-8 text"},
  {"a @0,0,64,128", "region 1, column 4: " PIXELS},
  {"a @0,0,2,1", "region 1, column 4: " PIXELS},
  {"a @1.5,0,0.5,1", "region 1, column 4: " PIXELS},
  {"a @-2,0,2.5,1", "region 1, column 4: " PIXELS},
  {"lava @0,0,0.5,1\nsnow", "region 2, line 2, column 1: no shape, write "
      "@x,y,width,height after the prompt"},
  {"\nlava @0,0,0.5,1\r\n  snow @0,0,0,1", "region 2, line 3, column 9: width "
      "must be > 0"},
  {"lava\n@0,0,0.5,1", "region 1, column 1: no shape, write "
      "@x,y,width,height after the prompt"},
  {"a @0,0,1,1 |\n", "region 2, line 2, column 1: no shape, write "
      "@x,y,width,height after the prompt"},
  {"a @0,0,1,1 ||\n b @0,0,1,1", "region 2, column 13: no shape, write "
      "@x,y,width,height after the prompt"},
  {"lava @0,0,0.5,1 snow @0.5,0,0.5,1", "region 1, column 6: " WITHIN},
  {"lava @0,0,0.5,1 @0.5,0,0.5,1", "region 1, column 6: " WITHIN},
  {"a@b @ 0 , 0,.5,1, snow @0.5,0,0.5,1", "region 1, column 5: " WITHIN},
  {"{lava|snow}", "document:1:2: expected a value or a key in double quotes; a "
      "text that begins with '{' or '[' is read as JSON, for the short form, "
      "end the text with @x,y,width,height"},
  {"[lava:1.2], snow @0,0,0.5", "document:1:2: expected a value or a key in "
      "double quotes; a text that begins with '{' or '[' is read as JSON, for "
      "the short form, end the text with @x,y,width,height"},
  {"{lava|snow} @0,0,0,1", "region 1, column 14: width must be > 0"},
  {"a @0,0,1,0123456789012345678901234567890123456789012345", "region 1, "
      "column 10: '0123456789012345678901234567890123456789...' is too large, "
      "coordinates are 0..1 of the picture"},

  /* what is no JSON */
  {"[{" BOX ",\n  \"prompt\": 'a'}]", "document:2:13: strings must be in "
      "double quotes, and comments are not allowed"},
  {"[{\"a\xff\"}]", "document:1:5: not UTF-8 text"},
  {"[{\"z\":1,\"z\":2," BOX "}]", "document:1:14: the key \"z\" occurs twice"},
  {"[] []", "document:1:4: unexpected text after the end of the document"},

  /* the document */
  {"{\"region\":[]}", "document: unknown key \"region\", the nearest known one "
      "is \"regions\""},
  {"{\"regions\":{}}", "regions: must be a list, not an object"},
  {"{\"version\":2}", "version: must be in 1..1, but is 2"},
  {"{\"version\":\"1\"}", "version: must be a number, not a string"},
  {"{\"units\":\"cm\"}", "units: must be \"norm\" or \"px\""},
  {"{\"units\":null}", "units: must be a string, not null"},
  {"{\"base\":[]}", "base: must be an object, not a list"},
  {"{\"base\":{\"box\":[0,0,1,1]}}", "base.box: is valid in regions only"},
  {"{\"base\":{\"model\":\"m\"}}", "base.model: is valid in regions only"},
  {"{\"base\":{\"promt\":\"\"}}", "base: unknown key \"promt\", the nearest "
      "known one is \"prompt\""},
  {"{\"base\":{\"lora\":\"a\"}}", "base.lora: is not supported, remove it"},
  {"{\"base\":{\"cfg\":true}}", "base.cfg: must be a number, not a boolean"},
  {"{\"common\":\"a\"}", "common: must be an object, not a string"},
  {"{\"common\":{\"cfg\":1}}", "common: unknown key \"cfg\", the nearest known "
      "one is \"prompt\""},
  {"{\"common\":{\"prompt\":1}}", "common.prompt: must be a string, not a "
      "number"},

  /* a region */
  {"[1]", "regions[0]: must be an object, not a number"},
  {"[{" BOX "},{" BOX ",\"strenght\":1}]", "regions[1]: unknown key "
      "\"strenght\", the nearest known one is \"strength\""},
  {"[{\"bbox\":[0,0,1,1]}]", "regions[0]: unknown key \"bbox\", the nearest "
      "known one is \"box\""},
  {"[{\"negative_prompt\":\"\"}]", "regions[0]: unknown key "
      "\"negative_prompt\", the nearest known one is \"negative-prompt\""},
  {"[{\"0123456789012345678901234567890123456789012345\":1}]", "regions[0]: "
      "unknown key \"0123456789012345678901234567890123456789...\", the "
      "nearest known one is \"prompt-2\""},
  {"[{" BOX ",\"lora\":[]}]", "regions[0].lora: is not supported, remove it"},
  {"[{" BOX ",\"control\":{}}]", "regions[0].control: is not supported, remove "
      "it"},
  {"[{\"match\":\"face\"}]", "regions[0].match: must be an object, not a "
      "string"},
  {"[{\"match\":{}}]", "regions[0].match: has no \"class\""},
  {"[{\"match\":{\"class\":\"\"}}]", "regions[0].match.class: must not be "
      "empty"},
  {"[{\"match\":{\"class\":\"face\",\"min-confidence\":2}}]",
      "regions[0].match.min-confidence: must be in 0..1, but is 2"},
  {"[{\"match\":{\"class\":\"face\",\"order\":\"left\"}}]",
      "regions[0].match.order: must be one of left-right, right-left, "
      "top-bottom, bottom-top, largest, smallest, confidence"},
  {"[{\"match\":{\"class\":\"face\",\"clas\":1}}]", "regions[0].match: "
      "unknown key \"clas\", the nearest known one is \"class\""},
  {"[{" BOX ",\"id\":\"\"}]", "regions[0].id: must not be empty"},
  {"[{" BOX ",\"id\":1}]", "regions[0].id: must be a string, not a number"},
  {"[{" BOX ",\"id\":\"a\"},{" BOX "},{" BOX ",\"id\":\"a\"}]", "regions[2]: "
      "has the id \"a\", which is already used by regions[0]"},
  {"[{" BOX ",\"id\":\"regions[1]\"},{" BOX "}]", "regions[1]: has the id "
      "\"regions[1]\", which is already used by regions[0]"},
  {"[{" BOX ",\"prompt\":null}]", "regions[0].prompt: must be a string, not "
      "null"},
  {"[{" BOX ",\"model\":\"\"}]", "regions[0].model: must not be empty"},
  {"[{" BOX ",\"cfg\":-1}]", "regions[0].cfg: must be in 0..100, but is -1"},
  {"[{" BOX ",\"cfg\":-1e999}]", "regions[0].cfg: must be in 0..100, but is "
      "-inf"},
  {"[{" BOX ",\"cfg\":\"7\"}]", "regions[0].cfg: must be a number, not a "
      "string"},
  {"[{" BOX ",\"sigma-factor\":10.5}]", "regions[0].sigma-factor: must be in "
      "0..10, but is 10.5"},
  {"[{" BOX ",\"strength\":1.01}]", "regions[0].strength: must be in 0..1, but "
      "is 1.01"},
  {"[{" BOX ",\"start\":-0.1}]", "regions[0].start: must be in 0..1, but is "
      "-0.1"},
  {"[{" BOX ",\"end\":1.5}]", "regions[0].end: must be in 0..1, but is 1.5"},
  {"[{" BOX ",\"start\":0.5,\"end\":0.25}]", "regions[0]: start must be < end, "
      "but they are 0.5 and 0.25"},
  {"[{" BOX ",\"start\":1}]", "regions[0]: start must be < end, but they are 1 "
      "and 1"},
  {"[{" BOX ",\"z\":0.5}]", "regions[0].z: must be a whole number"},
  {"[{" BOX ",\"z\":4294967296}]", "regions[0].z: must be in "
      "-2147483648..2147483647, but is 4294967296"},
  {"[{" BOX ",\"feather\":-1}]", "regions[0].feather: must be in 0..10000, but "
      "is -1"},
  {"[{" BOX ",\"overlap-factor\":10001}]", "regions[0].overlap-factor: must be "
      "in 0..10000, but is 10001"},
  {"[{" BOX ",\"overlap-factor\":2.5}]", "regions[0].overlap-factor: must be a "
      "whole number"},
  {"[{" BOX ",\"variation\":7}]", "regions[0].variation: must be an object, "
      "not a number"},
  {"[{" BOX ",\"variation\":{\"sead\":7}}]", "regions[0].variation: unknown "
      "key \"sead\", the nearest known one is \"seed\""},
  {"[{" BOX ",\"variation\":{\"seed\":\"1\"}}]", "regions[0].variation.seed: "
      SEED},
  {"[{" BOX ",\"variation\":{\"seed\":1.5}}]",
      "regions[0].variation.seed: " SEED},
  {"[{" BOX ",\"variation\":{\"seed\":18446744073709551616}}]",
      "regions[0].variation.seed: " SEED},
  {"[{" BOX ",\"variation\":{\"seed\":-2}}]",
      "regions[0].variation.seed: " SEED},
  {"[{" BOX ",\"variation\":{\"seed\":-1.5}}]",
      "regions[0].variation.seed: " SEED},
  {"[{" BOX ",\"variation\":{\"seed\":0x10}}]",
      "document:1:39: not a number: JSON has decimal digits without a leading "
      "0 or +"},
  {"[{" BOX ",\"prompt\":\"a\\u0000b\"}]", "document:1:30: a text must not "
      "contain NUL, remove \\u0000"},
  {"[{" BOX ",\"z\":18446744073709551615}]", "regions[0].z: must be in "
      "-2147483648..2147483647, but is 1.84467440737096e+19"},
  {"[{" BOX ",\"z\":10000000000000000000}]", "regions[0].z: must be in "
      "-2147483648..2147483647, but is 1e+19"},
  {"[{" BOX ",\"overlap-factor\":18446744073709551615}]",
      "regions[0].overlap-factor: must be in 0..10000, but is "
      "1.84467440737096e+19"},
  {"[{" BOX ",\"z\":18446744073709551616}]", "regions[0].z: must be in "
      "-2147483648..2147483647, but is 1.84467440737096e+19"},
  {"[{" BOX ",\"variation\":{\"strength\":2}}]",
      "regions[0].variation.strength: must be in 0..1, but is 2"},
  {"[{" BOX ",\"variation\":{\"method\":\"cubic\"}}]",
      "regions[0].variation.method: must be \"linear\" or \"slerp\""},

  /* shapes */
  {"[{\"prompt\":\"a\"}]", "regions[0]: has no shape, add \"box\", "
      "\"polygon\", \"mask\" or \"match\""},
  {"[{\"polygon\":[[0,0],[1,0],[1,1]]," BOX "}]", "regions[0]: must have one "
      "shape, but has \"box\" and \"polygon\""},
  {"[{\"box\":{}}]", "regions[0].box: must be a list, not an object"},
  {"[{\"box\":[0,0,1]}]", "regions[0].box: must be [x,y,width,height], but has "
      "3 numbers"},
  {"[{\"box\":[1]}]", "regions[0].box: must be [x,y,width,height], but has 1 "
      "number"},
  {"[{\"box\":[0,0,\"1\",1]}]", "regions[0].box[2]: must be a number, not a "
      "string"},
  {"[{" BOX "},{" BOX "},{\"box\":[0,0,0,1]}]", "regions[2].box: width must be "
      "> 0"},
  {"[{\"box\":[0,0,1,-1]}]", "regions[0].box: height must be > 0"},
  {"[{\"box\":[100,100,50,50]}]", "regions[0].box: " PIXELS},
  {"[{\"box\":[0,0,64,128]}]", "regions[0].box: " PIXELS},
  {"[{\"box\":[1,0,0.5,1]}]", "regions[0].box: lies outside the picture, "
      "whose coordinates are 0..1"},
  {"{\"units\":\"px\",\"regions\":[{\"box\":[0,0,0.5,1]}]}",
      "regions[0].box: lies in a single pixel; for fractions of the picture "
      "remove \"units\": \"px\""},
  {"[{\"units\":\"px\",\"polygon\":[[0,0],[1,0],[0.5,1]]}]",
      "regions[0].polygon: lies in a single pixel; for fractions of the "
      "picture remove \"units\": \"px\""},
  {"[{\"polygon\":[[0,0],[64,0],[64,128]]}]", "regions[0].polygon: " PIXELS},
  {"[{\"polygon\":[[0,0],[1,0],[2,1]]}]", "regions[0].polygon: " PIXELS},
  {"[{\"polygon\":[[-1,0],[-0.5,0],[-1,1]]}]", "regions[0].polygon: lies "
      "outside of the picture"},
  {"{\"units\":\"px\",\"regions\":[{\"box\":[0,-60,50,60]}]}",
      "regions[0].box: lies outside of the picture"},
  {"[{\"box\":[0,0,1e7,1]}]", "regions[0].box[2]: must be in "
      "-1000000..1000000, but is 10000000"},
  {"[{\"polygon\":[[0,0],[1,1]]}]", "regions[0].polygon: must have 3..10000 "
      "points, but has 2"},
  {"[{\"polygon\":[[0,0],[1,1],[1]]}]", "regions[0].polygon[2]: must be [x,y], "
      "but has 1 number"},
  {"[{\"polygon\":[[0,0],[1,null],[1,1]]}]", "regions[0].polygon[1][1]: must "
      "be a number, not null"},
  {"[{\"polygon\":[[0,0],[0.5,0.5],[1,1],[0,0]]}]", "regions[0].polygon: has "
      "no area, all points are on one line"},
  {"[{\"mask\":\"m.png\"}]", "regions[0].mask: must be an object, not a "
      "string"},
  {"[{\"mask\":{}}]", "regions[0].mask: must have either \"file\" or \"pad\""},
  {"[{\"mask\":{\"file\":\"a\",\"pad\":\"b\"}}]", "regions[0].mask: must have "
      "either \"file\" or \"pad\""},
  {"[{\"mask\":{\"path\":\"a\"}}]", "regions[0].mask: unknown key \"path\", "
      "the nearest known one is \"pad\""},
  {"[{\"mask\":{\"file\":\"\"}}]", "regions[0].mask.file: must not be empty"},
  {"[{\"mask\":{\"pad\":1}}]", "regions[0].mask.pad: must be a string, not a "
      "number"},
  {"[{\"mask\":{\"pad\":\"mask_0\",\"color\":\"#000000\"}}]",
      "regions[0].mask: \"color\" is valid with \"file\" only"},
  {"[{\"mask\":{\"pad\":\"mask_0\",\"invert\":true}}]",
      "regions[0].mask: \"invert\" is valid with \"file\" only"},
  {"[{\"mask\":{\"file\":\"a\",\"channel\":\"red\"}}]",
      "regions[0].mask.channel: must be \"luma\" or \"alpha\""},
  {"[{\"mask\":{\"file\":\"a\",\"invert\":1}}]",
      "regions[0].mask.invert: must be a boolean, not a number"},
  {"[{\"mask\":{\"file\":\"a\",\"channel\":\"alpha\",\"color\":"
      "\"#ff0000\"}}]", "regions[0].mask: the channel \"alpha\" has no color, "
      "remove one of the two"},
  {"[{\"mask\":{\"file\":\"a\",\"color\":\"red\"}}]", "regions[0].mask.color: "
      "must be \"#rrggbb\""},
  {"[{\"mask\":{\"file\":\"a\",\"color\":\"#ff00\"}}]",
      "regions[0].mask.color: must be \"#rrggbb\""},
  {"[{\"mask\":{\"file\":\"a\",\"color\":\"#ff00001\"}}]",
      "regions[0].mask.color: must be \"#rrggbb\""},
  /* *INDENT-ON* */
};

GST_START_TEST (test_malformed)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (malformed); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (rd_region_document_parse (malformed[i].text, NULL,
            &error) == NULL, "accepted: %s", malformed[i].text);
    fail_unless (error && error->domain == RD_ERROR);
    fail_unless_equals_string (error->message, malformed[i].message);
    fail_unless (g_utf8_validate (error->message, -1, NULL));
  }
}

GST_END_TEST;

static void
check_unknown_name (const char *text, const char *path, const GError * known)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message = g_strdup_printf ("%s: %s", path, known->message);

  fail_unless (rd_region_document_parse (text, NULL, &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NOT_FOUND));
  fail_unless_equals_string (error->message, message);
}

GST_START_TEST (test_unknown_names)
{
  g_autoptr (GError) solver_error = NULL, scheduler_error = NULL;

  rd_solver_find ("eulr", &solver_error);
  check_unknown_name ("[{" BOX ",\"sampler\":\"eulr\"}]",
      "regions[0].sampler", solver_error);
  rd_scheduler_find ("Karras", &scheduler_error);
  check_unknown_name ("{\"base\":{\"scheduler\":\"Karras\"}}",
      "base.scheduler", scheduler_error);
}

GST_END_TEST;

/* -- shapes -- */

static RdMask *
rasterise (const RdShape * shape, guint width, guint height)
{
  g_autoptr (GError) error = NULL;
  RdMask *mask = rd_shape_rasterise (shape, width, height, RD_MASK_MEAN,
      &error);

  fail_unless (mask != NULL, "%s", error ? error->message : NULL);
  fail_unless_equals_int (mask->width, width);
  fail_unless_equals_int (mask->height, height);
  return mask;
}

static double
sum (const RdMask * mask)
{
  double total = 0.0;
  guint i;

  for (i = 0; i < mask->width * mask->height; i++)
    total += mask->data[i];
  return total;
}

static RdMask *
paint (const char *text, guint width, guint height)
{
  g_autoptr (RdRegionDocument) list = parse (text);

  return rasterise (&get (list, 0)->shape, width, height);
}

GST_START_TEST (test_box_coverage)
{
  g_autoptr (RdMask) mask = paint ("{\"units\":\"px\",\"regions\":"
      "[{\"box\":[0.5,1,2.25,1.75]}]}", 4, 3);
  const float want[] = {
    0.0f, 0.0f, 0.0f, 0.0f,
    0.5f, 1.0f, 0.75f, 0.0f,
    0.375f, 0.75f, 0.5625f, 0.0f,
  };

  rd_test_close ("box", 12, mask->data, want, 1e-7, 0.0);
}

GST_END_TEST;

GST_START_TEST (test_box_is_cut)
{
  g_autoptr (RdMask) half = paint ("@-1,-1,1.5,2.9", 4, 2);
  g_autoptr (RdMask) all = paint ("@-1.5,-1.5,3.4,3.4", 3, 5);
  g_autoptr (RdMask) tiny = paint ("@0.5,0.5,0.001,0.001", 10, 10);
  g_autoptr (RdMask) none = paint ("{\"units\":\"px\",\"regions\":"
      "[{\"box\":[50,0,9,9]}]}", 40, 20);
  const float want[] = { 1, 1, 0, 0, 1, 1, 0, 0 };

  rd_test_close ("half", 8, half->data, want, 0.0, 0.0);
  fail_unless (sum (all) == 15.0);
  fail_unless (fabs (sum (tiny) - 0.0001) < 1e-9);
  fail_unless (sum (none) == 0.0);
}

GST_END_TEST;

/* An upright rectangle as a polygon is the same as the box. */
GST_START_TEST (test_polygon_is_box)
{
  g_autoptr (RdMask) polygon = paint ("{\"units\":\"px\",\"regions\":"
      "[{\"polygon\":[[0.5,1],[0.5,2.75],[2.75,2.75],[2.75,1]]}]}", 4, 3);
  g_autoptr (RdMask) box = paint ("{\"units\":\"px\",\"regions\":"
      "[{\"box\":[0.5,1,2.25,1.75]}]}", 4, 3);

  rd_test_close ("polygon", 12, polygon->data, box->data, 1e-6, 0.0);
}

GST_END_TEST;

GST_START_TEST (test_polygon_area)
{
  g_autoptr (RdMask) triangle =
      paint ("[{\"polygon\":[[0.1,0.2],[0.9,0.3],[0.4,0.95]]}]", 200, 100);
  g_autoptr (RdMask) cut =
      paint ("[{\"polygon\":[[-1,-1],[1,-1],[-1,1]]}]", 50, 50);
  g_autoptr (RdMask) half =
      paint ("{\"units\":\"px\",\"regions\":[{\"polygon\":"
      "[[-40,-40],[120,-40],[-40,120]]}]}", 40, 40);
  double area = 0.5 * (0.8 * 0.75 - 0.3 * 0.1);
  guint i;

  fail_unless (fabs (sum (triangle) / 20000.0 - area) < 1e-4);
  /* it only touches the corner of the picture */
  fail_unless (sum (cut) == 0.0);
  /* and here it is all of it */
  fail_unless (fabs (sum (half) - 1600.0) < 1e-2);
  for (i = 0; i < 20000; i++)
    fail_unless (triangle->data[i] >= 0.0f && triangle->data[i] <= 1.0f);
}

GST_END_TEST;

/* A pentagram's middle is inside twice, so it is outside. */
GST_START_TEST (test_polygon_even_odd)
{
  g_autoptr (RdMask) star = paint ("[{\"polygon\":[[0.5,0],[0.79,0.9],"
      "[0.02,0.35],[0.98,0.35],[0.21,0.9]]}]", 100, 100);

  fail_unless (star->data[50 * 100 + 50] == 0.0f);
  fail_unless_equals_float (star->data[20 * 100 + 50], 1.0f);
  fail_unless_equals_float (star->data[40 * 100 + 15], 1.0f);
  fail_unless (star->data[5 * 100 + 5] == 0.0f);
}

GST_END_TEST;

GST_START_TEST (test_mask_is_stretched)
{
  const guint8 pixels[] = { 0, 255 };
  g_autoptr (RdMask) source = rd_mask_new_from_gray8 (2, 1, 2, pixels);
  RdShape shape = { RD_SHAPE_NONE };
  g_autoptr (RdMask) wide = NULL, same = NULL;
  const float want[] = { 0.0f, 0.25f, 0.75f, 1.0f, 0.0f, 0.25f, 0.75f, 1.0f };

  rd_shape_set_mask (&shape, source);
  wide = rasterise (&shape, 4, 2);
  rd_test_close ("stretched", 8, wide->data, want, 1e-7, 0.0);
  same = rasterise (&shape, 2, 1);
  fail_unless (same == source);
  rd_shape_clear (&shape);
}

GST_END_TEST;

/* A white column of @columns pixels in a black mask. */
static RdMask *
column_mask (guint side, guint at, guint columns)
{
  RdMask *mask = rd_mask_new (side, side);

  for (guint y = 0; y < side; y++)
    for (guint x = at; x < at + columns; x++)
      mask->data[y * side + x] = 1.0f;
  return mask;
}

/* A thin line keeps its share of the picture, wherever it is. */
GST_START_TEST (test_mask_shrinks_to_its_mean)
{
  for (guint at = 500; at < 516; at++) {
    g_autoptr (RdMask) line = column_mask (1024, at, 3);
    RdShape shape = { RD_SHAPE_NONE };
    g_autoptr (RdMask) small = NULL, odd = NULL, tall = NULL;

    rd_shape_set_mask (&shape, line);
    small = rasterise (&shape, 128, 128);
    odd = rasterise (&shape, 100, 37);
    tall = rasterise (&shape, 128, 2048);
    fail_unless (fabs (rd_mask_coverage (small) - 3.0 / 1024) < 1e-9);
    fail_unless (fabs (rd_mask_coverage (odd) - 3.0 / 1024) < 1e-9);
    fail_unless (fabs (rd_mask_coverage (tall) - 3.0 / 1024) < 1e-9);
    if (at == 504)
      fail_unless (small->data[63] == 0.375f);
    rd_shape_clear (&shape);
  }
}

GST_END_TEST;

GST_START_TEST (test_full_mask_stays_full)
{
  g_autoptr (RdMask) full = column_mask (97, 0, 97);

  for (guint side = 1; side < 200; side += 7) {
    g_autoptr (RdMask) other = rd_mask_stretch (full, side, 33, RD_MASK_MEAN);

    for (guint i = 0; i < side * 33; i++)
      fail_unless (other->data[i] == 1.0f, "side %u: %.9g", side,
          other->data[i]);
  }
}

GST_END_TEST;

/* ComfyUI's: points, which a thin line falls between. */
GST_START_TEST (test_mask_of_points)
{
  g_autoptr (RdMask) between = column_mask (1024, 504, 3);
  g_autoptr (RdMask) hit = column_mask (1024, 507, 3);
  g_autoptr (RdMask) none = rd_mask_stretch (between, 128, 128, RD_MASK_POINTS);
  g_autoptr (RdMask) all = rd_mask_stretch (hit, 128, 128, RD_MASK_POINTS);

  fail_unless (rd_mask_coverage (none) == 0.0);
  fail_unless (rd_mask_coverage (all) == 1.0 / 128);
}

GST_END_TEST;

GST_START_TEST (test_not_a_mask_yet)
{
  static const char *const texts[] = {
    "[{\"mask\":{\"pad\":\"mask_7\"}}]", "[{\"mask\":{\"file\":\"/m.png\"}}]",
  };
  static const char *const messages[] = {
    "mask_7 has not been turned into a mask",
    "/m.png has not been turned into a mask",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (RdRegionDocument) list = parse (texts[i]);
    g_autoptr (GError) error = NULL;

    fail_unless (rd_shape_rasterise (&get (list, 0)->shape, 8, 8,
            RD_MASK_MEAN, &error) == NULL);
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SETTINGS));
    fail_unless_equals_string (error->message, messages[i]);
  }
}

GST_END_TEST;

GST_START_TEST (test_masks_of_pictures)
{
  const guint8 rgba[] = {
    1, 2, 3, 255, 1, 2, 3, 0, 99, 99,
    1, 2, 3, 51, 1, 2, 3, 255, 99, 99,
  };
  const guint8 gray[] = { 255, 255, 51, 0 };
  g_autoptr (RdMask) alpha = rd_mask_new_from_alpha (2, 2, 10, rgba);
  g_autoptr (RdMask) luma = rd_mask_new_from_gray8 (2, 2, 2, gray);
  g_autoptr (RdMask) both = rd_mask_new_product (luma, alpha);
  g_autoptr (RdMask) rest = rd_mask_new_inverse (alpha);
  const float want[] = { 1.0f, 0.0f, 0.2f, 1.0f };
  const float product[] = { 1.0f, 0.0f, 0.04f, 0.0f };
  const float inverse[] = { 0.0f, 1.0f, 0.8f, 0.0f };

  rd_test_close ("alpha", 4, alpha->data, want, 1e-7, 0.0);
  rd_test_close ("both", 4, both->data, product, 1e-7, 0.0);
  rd_test_close ("inverse", 4, rest->data, inverse, 1e-7, 0.0);
  fail_if (rd_mask_is_full (luma, NULL) || rd_mask_is_full (luma, alpha)
      || rd_mask_is_empty (luma));
}

GST_END_TEST;

#define MAP 24

/* A picture of colours from what decides on each of 8x8 points of a pixel: the
 * smooth edges of painting programs. */
static void
draw_map (guint8 * rgba, guint32 (*color_of) (double x, double y))
{
  for (guint i = 0; i < MAP * MAP; i++) {
    guint sum[3] = { 0 };

    for (guint k = 0; k < 64; k++) {
      const guint32 color = color_of (i % MAP + (k % 8 + 0.5) / 8,
          i / MAP + (k / 8 + 0.5) / 8);

      for (guint c = 0; c < 3; c++)
        sum[c] += color >> (16 - 8 * c) & 0xff;
    }
    for (guint c = 0; c < 3; c++)
      rgba[4 * i + c] = (guint8) ((sum[c] + 32) / 64);
    rgba[4 * i + 3] = 255;
  }
}

static const guint32 map_colors[] = { 0xff0000, 0x00ff00, 0x0000ff };

/* Three sectors that meet in a point. */
static guint32
sector (double x, double y)
{
  if (y > 12.3)
    return map_colors[2];
  return map_colors[x - 11.6 > 0.37 * (y - 12.3)];
}

static guint32
disc (double x, double y)
{
  return hypot (x - 12.0, y - 12.0) < 8.3 ? 0xff0000 : 0x202020;
}

static guint32
outlined (double x, double y)
{
  return x < 12.0 ? 0xff0000 : x < 13.0 ? 0x0a0a0a : 0x00ff00;
}

static guint
paint_map (guint32 (*color_of) (double x, double y), guint n, RdMask ** masks)
{
  guint8 rgba[4 * MAP * MAP];
  const RdColorMap map = { MAP, MAP, 4 * MAP, rgba };
  guint n_mixed = 0;

  draw_map (rgba, color_of);
  fail_unless (rd_color_map_paint (&map, n, map_colors, masks));
  for (guint i = 0; i < MAP * MAP; i++) {
    double total = 0.0;
    gboolean mixed = FALSE;

    for (guint k = 0; k < n; k++) {
      total += masks[k]->data[i];
      mixed |= masks[k]->data[i] > 0.0f && masks[k]->data[i] < 1.0f;
    }
    fail_unless (total < 1.0 + 1e-6, "pixel %u: %g", i, total);
    n_mixed += mixed;
  }
  return n_mixed;
}

/* Between regions that touch there is no seam, and each has its area. */
GST_START_TEST (test_color_map_without_seam)
{
  RdMask *masks[3];

  fail_unless (paint_map (sector, 3, masks) > MAP);
  for (guint i = 0; i < MAP * MAP; i++)
    fail_unless (fabs (masks[0]->data[i] + masks[1]->data[i]
            + masks[2]->data[i] - 1.0) < 1e-6, "pixel %u,%u: %g", i % MAP,
        i / MAP, masks[0]->data[i] + masks[1]->data[i] + masks[2]->data[i]);
  fail_unless (fabs (sum (masks[2]) - MAP * (MAP - 12.3)) < 2.0, "%g",
      sum (masks[2]));
  for (guint k = 0; k < 3; k++)
    rd_mask_unref (masks[k]);
}

GST_END_TEST;

/* What the edge has of a colour that is no region's is the base's. */
GST_START_TEST (test_color_map_of_one)
{
  RdMask *mask;

  fail_unless (paint_map (disc, 1, &mask) > 20);
  /* as many of its points are in it */
  fail_unless (fabs (sum (mask) - 215.8125) < 0.05, "%g", sum (mask));
  rd_mask_unref (mask);
}

GST_END_TEST;

/* A thin line of another colour is no smooth edge. */
GST_START_TEST (test_color_map_with_outline)
{
  RdMask *masks[2];

  fail_unless_equals_int (paint_map (outlined, 2, masks), 0);
  fail_unless (sum (masks[0]) == 12.0 * MAP);
  fail_unless (sum (masks[1]) == 11.0 * MAP);
  for (guint k = 0; k < 2; k++)
    rd_mask_unref (masks[k]);
}

GST_END_TEST;

/* Colours that differ by one step are two colours. */
GST_START_TEST (test_color_map_is_exact)
{
  static const guint32 colors[] = { 0x12a0fe, 0x12a0ff };
  guint8 rgba[4 * 4 * 4];
  const RdColorMap map = { 4, 4, 16, rgba };
  RdMask *masks[2];

  for (guint i = 0; i < 16; i++) {
    rgba[4 * i] = 0x12;
    rgba[4 * i + 1] = 0xa0;
    rgba[4 * i + 2] = i % 4 < 1 ? 0xfe : 0xff;
    rgba[4 * i + 3] = 255;
  }
  fail_unless (rd_color_map_paint (&map, 2, colors, masks));
  fail_unless (sum (masks[0]) == 4.0 && sum (masks[1]) == 12.0);
  fail_unless (rd_color_map_nearest (&map, 0x0000f0) == 0x12a0fe);
  for (guint k = 0; k < 2; k++)
    rd_mask_unref (masks[k]);
}

GST_END_TEST;

GST_START_TEST (test_out_of_memory)
{
  RdShape shape = { RD_SHAPE_BOX };
  g_autoptr (GError) error = NULL;

  shape.box.width = shape.box.height = 1.0;
  fail_unless (rd_shape_rasterise (&shape, G_MAXUINT, G_MAXUINT,
          RD_MASK_MEAN, &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NO_MEMORY));
}

GST_END_TEST;

/* What is written is read as the same, and written as the same again. */
GST_START_TEST (test_round_trip)
{
  static const char *const texts[] = {
    "", "a @0,0,1,1 | \xc3\xa9 \"b\" @0.1,0.3333333333333333,1e-3,0.7",
    "{\"base\":{\"prompt\":\"p\",\"negative-prompt\":\"\",\"cfg\":0.1,"
        "\"sampler\":\"heun\",\"scheduler\":\"karras\",\"sigma-factor\":1.1,"
        "\"feather\":3,\"overlap-factor\":7},\"common\":{\"prompt\":\"c\"}}",
    "{\"units\":\"px\",\"regions\":[{\"box\":[1,2,3,4.5]},{\"units\":\"norm\","
        "\"polygon\":[[0,0],[1,0.1],[0.7,1]]}]}",
    "[{\"id\":\"x\",\"model\":\"m\",\"strength\":0.3,\"start\":0.1,\"end\":"
        "0.7,\"z\":-3,\"variation\":{\"seed\":18446744073709551615,"
        "\"strength\":0.2,\"method\":\"slerp\"},\"box\":[0,0,1,1]},"
        "{\"variation\":{\"seed\":0},\"mask\":{\"file\":\"/a.png\",\"color\":"
        "\"#00ff7f\"}},{\"mask\":{\"pad\":\"mask_3\"}},"
        "{\"mask\":{\"file\":\"/b.png\",\"channel\":\"alpha\",\"invert\":"
        "true}},{\"mask\":{\"file\":\"/b.png\",\"channel\":\"luma\"}},"
        "{\"match\":{\"class\":\"face\",\"min-confidence\":0.1,\"order\":"
        "\"largest\"}},{\"match\":{\"class\":\"*\"}}]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (RdRegionDocument) list = parse (texts[i]);
    g_autofree char *once = rd_region_document_to_json (list);
    g_autoptr (RdRegionDocument) back = parse (once);
    g_autofree char *twice = rd_region_document_to_json (back);

    fail_unless_equals_string (once, twice);
    fail_unless_equals_int (list->regions->len, back->regions->len);
    for (guint k = 0; k < list->regions->len; k++) {
      const RdRegion *a = get (list, k), *b = get (back, k);

      fail_unless_equals_string (a->id, b->id);
      fail_unless (a->strength == b->strength && a->start == b->start
          && a->end == b->end && a->z == b->z
          && a->variation_seed == b->variation_seed
          && a->has_variation_seed == b->has_variation_seed
          && a->variation_strength == b->variation_strength
          && a->variation_method == b->variation_method);
      fail_unless (a->shape.kind == b->shape.kind
          && a->shape.pixels == b->shape.pixels
          && rd_box_equal (&a->shape.box, &b->shape.box)
          && a->shape.color == b->shape.color
          && a->shape.channel == b->shape.channel
          && a->shape.invert == b->shape.invert
          && a->shape.min_confidence == b->shape.min_confidence
          && a->shape.order == b->shape.order);
      fail_unless (g_strcmp0 (a->shape.file, b->shape.file) == 0
          && g_strcmp0 (a->shape.pad, b->shape.pad) == 0
          && g_strcmp0 (a->shape.label, b->shape.label) == 0);
    }
  }
}

GST_END_TEST;

/* A value that is not the default, as documents write it. */
static char *
example_of (const RdRegionSetting * setting)
{
  const RdSetting *s = &setting->setting;

  switch (s->type) {
    case RD_SETTING_STRING:
      return g_strdup ("\"some words\"");
    case RD_SETTING_NAME:
      return g_strdup (setting->check ("heun", NULL) ? "\"heun\""
          : "\"karras\"");
    case RD_SETTING_ENUM:
      return g_strdup_printf ("\"%s\"", setting->names[s->number == 0.0]);
    case RD_SETTING_BOOLEAN:
      return g_strdup (s->number == 0.0 ? "true" : "false");
    case RD_SETTING_UINT64:
      return g_strdup ("7");
    default:
      return g_strdup (floor (s->max) > 1.0 ? "3" : "0.25");
  }
}

/* The setting alone, in an object of its own if it is in one. */
static char *
object_with (const RdRegionSetting * setting)
{
  g_autofree char *value = example_of (setting);
  const char *key = rd_region_setting_key (setting);

  if (setting->object)
    return g_strdup_printf ("\"%s\":{\"%s\":%s}", setting->object, key, value);
  return g_strdup_printf ("\"%s\":%s", key, value);
}

static void
check_is_set (const RdRegion * region, guint which)
{
  guint n;
  const RdRegionSetting *settings = rd_region_settings (&n);

  for (guint i = 0; i < n; i++)
    fail_unless (rd_region_is_set (region, &settings[i]) == (i == which),
        "%s, of a region with %s", settings[i].setting.name,
        which < n ? settings[which].setting.name : "nothing");
}

/* Whatever the table lists is read, written, copied and inherited. */
GST_START_TEST (test_every_setting)
{
  guint n;
  const RdRegionSetting *s = &rd_region_settings (&n)[__i__];
  const gboolean inherited = s->flags & RD_REGION_SETTING_INHERITED;
  g_autofree char *object = object_with (s);
  g_autofree char *text = g_strdup_printf ("[{%s,\"box\":[0,0,1,1]}]", object);
  g_autofree char *base = g_strdup_printf ("{\"base\":{%s}}", object);
  g_autoptr (RdRegionDocument) document = NULL, back = NULL, of_base = NULL;
  g_autoptr (RdRegion) copy = NULL, heir = rd_region_new ("heir");
  g_autofree char *json = NULL, *again = NULL;
  g_autoptr (GError) error = NULL;

  check_is_set (heir, n);
  if (s->flags & RD_REGION_SETTING_OF_PADS) {
    fail_unless (rd_region_document_parse (text, NULL, &error) == NULL);
    fail_unless (strstr (error->message, "unknown key") != NULL);
    return;
  }

  document = parse (text);
  check_is_set (get (document, 0), __i__);
  json = rd_region_document_to_json (document);
  back = parse (json);
  fail_unless (rd_region_is_set (get (back, 0), s));
  again = rd_region_document_to_json (back);
  fail_unless_equals_string (json, again);
  copy = rd_region_copy_settings (get (document, 0), "copy");
  check_is_set (copy, __i__);
  rd_region_inherit (heir, copy);
  check_is_set (heir, inherited ? (guint) __i__ : n);

  of_base = rd_region_document_parse (base, NULL, &error);
  if (s->flags & RD_REGION_SETTING_OF_BASE) {
    g_autofree char *written = rd_region_document_to_json (of_base);

    check_is_set (of_base->base, __i__);
    fail_unless (strstr (written, object) != NULL, "%s lacks %s", written,
        object);
  } else {
    fail_unless (of_base == NULL);
    fail_unless (strstr (error->message, "is valid in regions only") != NULL);
  }
}

GST_END_TEST;

GST_START_TEST (test_own_values_are_not_inherited)
{
  g_autoptr (RdRegion) base = rd_region_new ("base");
  g_autoptr (RdRegion) region = rd_region_new ("region");

  base->prompt = g_strdup ("snow");
  base->cfg = 7.0;
  base->overlap_factor = 10;
  base->strength = 0.5;
  region->prompt = g_strdup ("");
  region->overlap_factor = 0;
  rd_region_inherit (region, base);

  fail_unless_equals_string (region->prompt, "");
  fail_unless (region->cfg == 7.0 && region->overlap_factor == 0
      && region->strength == 1.0);
}

GST_END_TEST;

static Suite *
region_suite (void)
{
  Suite *suite = suite_create ("region");
  TCase *texts = tcase_create ("texts");
  TCase *shapes = tcase_create ("shapes");
  guint n_settings;

  suite_add_tcase (suite, texts);
  rd_region_settings (&n_settings);
  tcase_add_loop_test (texts, test_every_setting, 0, (int) n_settings);
  tcase_add_test (texts, test_own_values_are_not_inherited);
  tcase_add_test (texts, test_short_form);
  tcase_add_test (texts, test_short_form_prompts);
  tcase_add_test (texts, test_short_form_lines);
  tcase_add_test (texts, test_short_form_brackets);
  tcase_add_test (texts, test_over_the_edge);
  tcase_add_test (texts, test_number_of_regions);
  tcase_add_test (texts, test_json_all_keys);
  tcase_add_test (texts, test_json_masks);
  tcase_add_test (texts, test_json_units);
  tcase_add_test (texts, test_common_prompt);
  tcase_add_test (texts, test_malformed);
  tcase_add_test (texts, test_unknown_names);

  suite_add_tcase (suite, shapes);
  tcase_add_test (shapes, test_box_coverage);
  tcase_add_test (shapes, test_box_is_cut);
  tcase_add_test (shapes, test_polygon_is_box);
  tcase_add_test (shapes, test_polygon_area);
  tcase_add_test (shapes, test_polygon_even_odd);
  tcase_add_test (shapes, test_mask_is_stretched);
  tcase_add_test (shapes, test_mask_shrinks_to_its_mean);
  tcase_add_test (shapes, test_full_mask_stays_full);
  tcase_add_test (shapes, test_mask_of_points);
  tcase_add_test (shapes, test_not_a_mask_yet);
  tcase_add_test (shapes, test_masks_of_pictures);
  tcase_add_test (shapes, test_color_map_without_seam);
  tcase_add_test (shapes, test_color_map_of_one);
  tcase_add_test (shapes, test_color_map_with_outline);
  tcase_add_test (shapes, test_color_map_is_exact);
  tcase_add_test (shapes, test_out_of_memory);
  tcase_add_test (shapes, test_round_trip);

  return suite;
}

GST_CHECK_MAIN (region);
