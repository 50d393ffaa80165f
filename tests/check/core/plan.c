/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "rdtest.h"
#include "teststream.h"

#include <string.h>

#include "base/error.h"
#include "loop/loop.h"
#include "plan/plan.h"

#define SIZE 8                  /* of latents, in cells */

static RdModel *
open_model (void)
{
  g_autofree char *folder = rd_test_path ("tiny-sd");
  g_autoptr (GError) error = NULL;
  RdModel *model = rd_model_open (folder, rd_test_runtime (1), &error);

  fail_unless (model != NULL, "%s", error ? error->message : NULL);
  return model;
}

static RdPlan *
make_plan (RdModel * model, void (*change) (RdPlanSettings * settings))
{
  g_autoptr (GError) error = NULL;
  RdPlanSettings settings;
  RdPlan *plan;

  rd_plan_settings_init (&settings);
  settings.steps = 2;
  if (change)
    change (&settings);
  plan = rd_plan_new (&settings, model, &error);
  fail_unless (plan != NULL, "%s", error ? error->message : NULL);
  /* a plan keeps nothing of others' */
  rd_plan_settings_clear (&settings);
  return plan;
}

/* Documents of up to two texts. */
static GPtrArray *
parse (const char *first, const char *second)
{
  GPtrArray *documents = g_ptr_array_new_with_free_func ((GDestroyNotify)
      rd_region_document_unref);
  const char *texts[] = { first, second };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    RdRegionDocument *document = texts[i]
        ? rd_region_document_parse (texts[i], NULL, &error) : NULL;

    fail_unless (error == NULL, "%s", error ? error->message : NULL);
    if (document)
      g_ptr_array_add (documents, document);
  }
  return documents;
}

static void
set_regions (RdPlan * plan, const char *first, const char *second)
{
  g_autoptr (GPtrArray) documents = parse (first, second);
  g_autoptr (GError) error = NULL;

  fail_unless (rd_plan_set_regions (plan, documents, &error), "%s",
      error ? error->message : NULL);
}

static void
refuse_regions (RdPlan * plan, GPtrArray * documents, RdError code,
    const char *words)
{
  g_autoptr (GError) error = NULL;

  fail_if (rd_plan_set_regions (plan, documents, &error));
  fail_unless (g_error_matches (error, RD_ERROR, code), "%s", error->message);
  fail_unless (strstr (error->message, words) != NULL, "%s", error->message);
}

static void
add_pad (RdPlan * plan, const char *name, const char *prompt, gboolean invert,
    float value)
{
  g_autoptr (RdRegion) region = rd_region_new (name);
  g_autoptr (RdMask) mask = rd_mask_new (1, 1);
  g_autoptr (GError) error = NULL;

  region->prompt = g_strdup (prompt);
  region->invert = invert;
  region->shape.kind = RD_SHAPE_PAD;
  region->shape.pad = g_strdup (name);
  mask->data[0] = value;
  fail_unless (rd_plan_add_pad (plan, region, mask, &error));
}

static RdJob *
build (RdPlan * plan, RdPlanContext * context)
{
  g_autoptr (GError) error = NULL;
  RdModel *model = rd_plan_get_model (plan);
  RdJob *job = NULL;

  if (rd_plan_context_get_stream (context, rd_model_device (model), &error))
    job = rd_plan_build (plan, context, SIZE, SIZE, NULL, &error);
  fail_unless (job != NULL, "%s", error ? error->message : NULL);
  return job;
}

GST_START_TEST (every_setting_has_a_default)
{
  guint n;
  const RdSetting *list = rd_plan_settings_list (&n);
  RdPlanSettings settings, copy;

  for (guint i = 0; i < n; i++) {
    const RdSetting *s = &list[i];

    fail_unless (s->name && s->nick && s->blurb);
    for (guint j = 0; j < i; j++)
      fail_if (g_str_equal (s->name, list[j].name), "%s", s->name);
    if (s->type == RD_SETTING_INT || s->type == RD_SETTING_UINT
        || s->type == RD_SETTING_DOUBLE)
      fail_unless (s->min <= s->number && s->number <= s->max, "%s", s->name);
    if (s->type == RD_SETTING_ENUM)
      fail_unless (s->get && s->set, "%s", s->name);
  }

  rd_plan_settings_init (&settings);
  fail_unless_equals_string (settings.sampler, "euler");
  fail_unless_equals_int (settings.mode, RD_MODE_PARALLEL);
  fail_unless_equals_int (settings.region_crop, -1);
  settings.seed_mode = RD_SEED_RANDOM;
  settings.custom_sigmas = g_array_new (FALSE, FALSE, sizeof (double));
  rd_plan_settings_copy (&copy, &settings);
  rd_plan_settings_clear (&settings);
  fail_unless_equals_string (copy.sampler, "euler");
  fail_unless_equals_int (copy.seed_mode, RD_SEED_RANDOM);
  fail_unless_equals_int (copy.custom_sigmas->len, 0);
  rd_plan_settings_clear (&copy);
}

GST_END_TEST;

GST_START_TEST (names_must_be_known)
{
  static const gsize offsets[] = {
    G_STRUCT_OFFSET (RdPlanSettings, sampler),
    G_STRUCT_OFFSET (RdPlanSettings, scheduler),
    G_STRUCT_OFFSET (RdPlanSettings, additional_sampler),
  };
  g_autoptr (RdModel) model = open_model ();
  g_autoptr (RdPlan) plan = make_plan (model, NULL);
  g_autoptr (GPtrArray) documents = parse ("lava @0,0,1,1", NULL);
  RdRegionDocument *document = documents->pdata[0];
  RdRegion *region = document->regions->pdata[0];

  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++) {
    g_autoptr (GError) error = NULL;
    RdPlanSettings settings;
    char **name = G_STRUCT_MEMBER_P (&settings, offsets[i]);

    rd_plan_settings_init (&settings);
    g_free (*name);
    *name = g_strdup ("eulr");
    fail_unless (rd_plan_new (&settings, model, &error) == NULL);
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NOT_FOUND));
    fail_unless (strstr (error->message, "'eulr'"), "%s", error->message);
    rd_plan_settings_clear (&settings);
  }

  region->sampler = g_strdup ("eulr");
  refuse_regions (plan, documents, RD_ERROR_NOT_FOUND,
      "regions[0]: unknown sampler 'eulr'");
}

GST_END_TEST;

static void
set_night (RdPlanSettings * settings)
{
  g_free (settings->prompt);
  settings->prompt = g_strdup ("night");
  settings->cfg = 4.0;
  settings->feather = 3.0;
}

GST_START_TEST (regions_inherit)
{
  g_autoptr (RdModel) model = open_model ();
  g_autoptr (RdPlan) plan = make_plan (model, set_night);
  g_autoptr (RdRegionDocument) document = NULL;
  g_autoptr (RdJob) job = NULL;
  g_auto (GStrv) lines = NULL;
  RdPlanContext context = { NULL };
  const RdOwner *lava, *snow;

  set_regions (plan, "{\"base\":{\"cfg\":5,\"sampler\":\"heun\"},"
      "\"common\":{\"prompt\":\"photo\"},\"regions\":["
      "{\"prompt\":\"lava\",\"cfg\":6,\"box\":[0,0,0.5,1]}]}",
      "{\"base\":{\"cfg\":7,\"scheduler\":\"karras\"},\"regions\":["
      "{\"sampler\":\"euler\",\"box\":[0.5,0,0.5,1]}]}");
  document = rd_plan_to_document (plan);
  fail_unless_equals_string (document->base->prompt, "night");
  fail_unless_equals_int (document->regions->len, 2);

  job = build (plan, &context);
  lines = rd_plan_describe (plan, job);
  lava = job->regions->pdata[0];
  snow = job->regions->pdata[1];
  /* of documents an earlier one's base counts */
  fail_unless_equals_float (job->base->guide.cfg, 5.0);
  fail_unless_equals_string (job->base->solver->name, "heun");
  fail_unless_equals_string (job->base->scheduler->name, "karras");
  fail_unless_equals_float (lava->guide.cfg, 6.0);
  fail_unless_equals_string (lava->solver->name, "heun");
  fail_unless_equals_float (lava->feather, 3.0);
  fail_unless_equals_float (snow->guide.cfg, 5.0);
  fail_unless_equals_string (snow->solver->name, "euler");
  fail_unless_equals_float (rd_mask_coverage (lava->mask), 0.5);

  fail_unless_equals_int (g_strv_length (lines), 3);
  fail_unless (g_str_has_prefix (lines[0], "base: \"night\", cfg 5"),
      "%s", lines[0]);
  fail_unless (strstr (lines[1], "\"photo, lava\" on 50.0 %"), "%s", lines[1]);
  rd_plan_context_clear (&context);
}

GST_END_TEST;

GST_START_TEST (pads_are_regions)
{
  g_autoptr (RdModel) model = open_model ();
  g_autoptr (RdPlan) plan = make_plan (model, NULL);
  g_autoptr (RdPlan) without = make_plan (model, NULL);
  g_autoptr (GPtrArray) documents =
      parse ("[{\"prompt\":\"snow\",\"mask\":{\"pad\":\"mask_7\"}}]", NULL);
  g_autoptr (RdJob) job = NULL;
  RdPlanContext context = { NULL };
  const RdOwner *owner;

  /* the first has a prompt, the second is what a document takes, and the third
   * nobody's but its own */
  add_pad (plan, "mask_0", "lava", TRUE, 0.25f);
  add_pad (plan, "mask_1", NULL, TRUE, 0.25f);
  add_pad (plan, "mask_2", NULL, FALSE, 0.25f);
  set_regions (plan,
      "[{\"prompt\":\"snow\",\"mask\":{\"pad\":\"mask_1\"}},"
      "{\"prompt\":\"sand\",\"mask\":{\"pad\":\"mask_0\"}}]", NULL);
  job = build (plan, &context);
  fail_unless_equals_int (job->regions->len, 4);
  owner = job->regions->pdata[0];
  fail_unless_equals_string (owner->id, "mask_0");
  fail_unless_equals_float (owner->mask->data[0], 0.75f);
  owner = job->regions->pdata[1];
  fail_unless_equals_string (owner->id, "mask_2");
  fail_unless_equals_float (owner->mask->data[0], 0.25f);
  owner = job->regions->pdata[2];
  fail_unless_equals_float (owner->mask->data[0], 0.75f);
  rd_plan_context_clear (&context);

  refuse_regions (without, documents, RD_ERROR_SETTINGS,
      "regions[0]: there is no pad 'mask_7'");
}

GST_END_TEST;

static void
set_impact (RdPlanSettings * settings)
{
  settings->mode = RD_MODE_IMPACT;
}

/* Masks of files are larger than the picture as often as not. */
GST_START_TEST (files_are_averaged_but_for_impact)
{
  g_autoptr (RdModel) model = open_model ();
  g_autoptr (RdPlan) plan = make_plan (model, NULL);
  g_autoptr (RdPlan) impact = make_plan (model, set_impact);
  g_autoptr (GPtrArray) documents =
      parse ("[{\"prompt\":\"a\",\"mask\":{\"file\":\"m.png\"}}]", NULL);
  const RdRegionDocument *document = documents->pdata[0];
  RdRegion *region = document->regions->pdata[0];
  g_autoptr (RdMask) line = rd_mask_new (1024, 1);
  g_autoptr (RdJob) job = NULL, impact_job = NULL;
  RdPlanContext context = { NULL };

  line->data[500] = 1.0f;
  rd_shape_set_mask (&region->shape, line);
  fail_unless (rd_plan_set_regions (plan, documents, NULL));
  fail_unless (rd_plan_set_regions (impact, documents, NULL));
  job = build (plan, &context);
  impact_job = build (impact, &context);
  fail_unless_equals_float (rd_mask_coverage (((RdOwner *)
              job->regions->pdata[0])->mask), 1.0 / 1024);
  fail_unless_equals_float (rd_mask_coverage (((RdOwner *)
              impact_job->regions->pdata[0])->mask), 0.0);
  rd_plan_context_clear (&context);
}

GST_END_TEST;

/* Each text has less than what is too many, and a pad makes it one more. */
GST_START_TEST (regions_are_counted_together)
{
  g_autoptr (RdModel) model = open_model ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (RdPlan) most = make_plan (model, NULL);
  g_autoptr (RdPlan) plan = make_plan (model, NULL);
  g_autoptr (GPtrArray) documents = NULL;

  for (guint i = 0; i < RD_MAX_REGIONS / 2; i++)
    g_string_append (text, "a @0,0,1,1\n");
  documents = parse (text->str, text->str);
  fail_unless (rd_plan_set_regions (most, documents, NULL));
  add_pad (plan, "mask_0", "lava", FALSE, 0.25f);
  refuse_regions (plan, documents, RD_ERROR_INVALID,
      "257 regions are too many");
}

GST_END_TEST;

GST_START_TEST (networks_are_listed_once)
{
  g_autofree char *folder = rd_test_path ("tiny-sd");
  g_autofree char *same = g_strdup_printf ("[{\"prompt\":\"lava\",\"model\":"
      "\"%s\",\"box\":[0,0,1,1]},{\"prompt\":\"snow\",\"box\":[0,0,1,1]}]",
      folder);
  g_autoptr (RdModel) model = open_model ();
  g_autoptr (RdPlan) plan = make_plan (model, NULL);
  g_autoptr (RdPlan) without = make_plan (model, NULL);
  g_autoptr (GPtrArray) documents = parse ("[{\"prompt\":\"lava\","
      "\"model\":\"missing\",\"box\":[0,0,1,1]}]", NULL);
  g_autoptr (GArray) networks = NULL;

  set_regions (plan, same, NULL);
  networks = rd_plan_networks (plan);
  fail_unless_equals_int (networks->len, 2);
  for (guint i = 0; i < networks->len; i++)
    fail_unless (g_array_index (networks, RdPlanNetwork, i).model == model);
  refuse_regions (without, documents, RD_ERROR_NOT_FOUND, "regions[0]: ");
}

GST_END_TEST;

static void
set_feedback (RdPlanSettings * settings)
{
  settings->feedback = 0.5;
}

GST_START_TEST (results_are_fed_back)
{
  g_autoptr (RdModel) model = open_model ();
  g_autoptr (RdPlan) plan = make_plan (model, set_feedback);
  g_autoptr (RdPlan) without = make_plan (model, NULL);
  g_autoptr (RdJob) first = NULL, second = NULL, third = NULL, fourth = NULL;
  g_autoptr (RdTensor) latent = NULL, result = NULL;
  g_autoptr (GError) error = NULL;
  const gint64 dims[] = { 1, 4, SIZE, SIZE };
  const float zeros[4 * SIZE * SIZE] = { 0 };
  RdPlanContext context = { NULL };
  RdStream *stream;

  set_regions (plan, NULL, NULL);
  set_regions (without, NULL, NULL);
  first = build (plan, &context);
  fail_unless (first->previous == NULL);
  latent = rd_tensor_new_from_host (context.stream, RD_TYPE_F32, 4, dims,
      zeros);
  result = rd_job_run (first, latent, NULL, NULL, &error);
  fail_unless (result != NULL, "%s", error ? error->message : NULL);
  rd_plan_keep (plan, &context, result);
  second = build (plan, &context);
  fail_unless (second->previous == result);

  /* not over a job that feeds nothing back, nor over a stream that failed */
  third = build (without, &context);
  fail_unless (third->previous == NULL && context.previous == NULL);
  rd_plan_keep (without, &context, result);
  fail_unless (context.previous == NULL);
  rd_plan_keep (plan, &context, result);
  stream = context.stream;
  rd_stream_fail (stream, RD_ERROR_FAILED, "a failure");
  fourth = build (plan, &context);
  fail_unless (context.stream != stream && fourth->previous == NULL);
  rd_plan_context_clear (&context);
}

GST_END_TEST;

static Suite *
plan_suite (void)
{
  Suite *suite = suite_create ("plan");
  TCase *plans = tcase_create ("plans");

  suite_add_tcase (suite, plans);
  tcase_add_test (plans, every_setting_has_a_default);
  tcase_add_test (plans, names_must_be_known);
  tcase_add_test (plans, regions_inherit);
  tcase_add_test (plans, pads_are_regions);
  tcase_add_test (plans, files_are_averaged_but_for_impact);
  tcase_add_test (plans, regions_are_counted_together);
  tcase_add_test (plans, networks_are_listed_once);
  tcase_add_test (plans, results_are_fed_back);
  return suite;
}

GST_CHECK_MAIN (plan);
