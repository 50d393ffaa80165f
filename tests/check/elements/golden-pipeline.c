/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The reference's regional runs once more, through elements: latents and masks
 * on pads, settings as properties, prompts as text. */

#include <gst/app/app.h>
#include <math.h>
#include <string.h>

#include "../rdtest.h"

static const char *
text (JsonObject * object, const char *member)
{
  return json_object_get_string_member (object, member);
}

/* A mask on a pad has 8 bits: only masks that these can say make the same run. */
static GstBuffer *
mask_buffer (const RdTestArray * mask)
{
  const guint height = mask->dims[0], width = mask->dims[1];
  const guint stride = GST_ROUND_UP_4 (width);
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, stride * height, NULL);
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  memset (map.data, 0, map.size);
  for (guint y = 0; y < height; y++) {
    for (guint x = 0; x < width; x++) {
      const float value = mask->data[y * width + x];
      const float level = roundf (value * 255.0f);

      if (level / 255.0f != value) {
        gst_buffer_unmap (buffer, &map);
        gst_buffer_unref (buffer);
        return NULL;
      }
      map.data[y * stride + x] = (guint8) level;
    }
  }
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

/* A source of one buffer. */
static GstElement *
one_buffer (GstElement * pipeline, GstCaps * caps, GstBuffer * buffer)
{
  GstElement *source = gst_element_factory_make ("appsrc", NULL);

  g_object_set (source, "caps", caps, "format", GST_FORMAT_TIME, NULL);
  gst_caps_unref (caps);
  gst_bin_add (GST_BIN (pipeline), source);
  fail_unless_equals_int (gst_app_src_push_buffer (GST_APP_SRC (source),
          buffer), GST_FLOW_OK);
  fail_unless_equals_int (gst_app_src_end_of_stream (GST_APP_SRC (source)),
      GST_FLOW_OK);
  return source;
}

static void
set_sampler (GObject * object, JsonObject * description)
{
  g_object_set (object, "prompt", text (description, "positive"),
      "negative-prompt", text (description, "negative"),
      "cfg", json_object_get_double_member (description, "cfg"), NULL);
  g_object_set (object, "sigma-factor",
      json_object_get_double_member_with_default (description, "sigma_factor",
          1.0), NULL);
  gst_util_set_object_arg (object, "sampler", text (description, "sampler"));
  gst_util_set_object_arg (object, "scheduler", text (description,
          "scheduler"));
}

static void
set_variation (GObject * pad, JsonObject * region)
{
  g_object_set (pad, "variation-seed",
      (guint64) json_object_get_int_member_with_default (region,
          "variation_seed", 0),
      "variation-strength",
      json_object_get_double_member_with_default (region, "variation_strength",
          0.0), NULL);
  gst_util_set_object_arg (pad, "variation-method",
      json_object_get_string_member_with_default (region, "variation_method",
          "linear"));
}

static void
add_latent (GstElement * pipeline, GstElement * sampler,
    const RdTestArray * latent)
{
  g_autofree char *description =
      g_strdup_printf ("tensor/strided, tensor-id=stable-diffusion-latent, "
      "type=(string)float32, dims=(int)<%u,%u,%u,%u>, "
      "dims-order=(string)row-major, framerate=(fraction)0/1",
      (guint) latent->dims[0], (guint) latent->dims[1],
      (guint) latent->dims[2], (guint) latent->dims[3]);
  GstElement *source = one_buffer (pipeline,
      gst_caps_from_string (description),
      gst_buffer_new_memdup (latent->data, latent->n * sizeof (float)));

  fail_unless (gst_element_link_pads (source, "src", sampler, "sink"));
}

/* FALSE where the mask needs more than 8 bits */
static gboolean
add_region (GstElement * pipeline, GstElement * sampler, JsonObject * region,
    JsonObject * description)
{
  g_autoptr (RdTestArray) mask = rd_test_golden_array (region, "mask_file");
  GstBuffer *buffer = mask_buffer (mask);
  GstElement *source;
  GstPad *pad;

  if (!buffer)
    return FALSE;

  pad = gst_element_request_pad_simple (sampler, "mask_%u");
  fail_unless (pad != NULL);
  set_sampler (G_OBJECT (pad), description);
  set_variation (G_OBJECT (pad), region);
  source = one_buffer (pipeline, gst_caps_new_simple ("video/x-raw",
          "format", G_TYPE_STRING, "GRAY8",
          "width", G_TYPE_INT, (int) mask->dims[1],
          "height", G_TYPE_INT, (int) mask->dims[0],
          "framerate", GST_TYPE_FRACTION, 0, 1, NULL), buffer);
  fail_unless (gst_element_link_pads (source, "src", sampler,
          GST_PAD_NAME (pad)));
  gst_object_unref (pad);
  return TRUE;
}

/* Where the least digit decides which of two timesteps the network is asked for
 * (core/golden-loop.c knows which, and decides), both results will do: of values
 * whose deviation is 15, they are 0.09 apart. */
static double
get_tolerance (JsonObject * test_case)
{
  const double tolerance =
      json_object_get_double_member (json_object_get_object_member (test_case,
          "expect"), "tol_abs");

  return g_regex_match_simple ("^d_dpm_adaptive_tiny-sd_eps_.*_cfg7_8x8$",
      text (test_case, "id"), 0, 0) ? tolerance + 0.1 : tolerance;
}

static void
check_result (JsonObject * test_case, GstElement * sink)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "latent_out");
  g_autoptr (GstSample) sample = NULL;
  GstMapInfo map;
  GstBuffer *buffer;

  sample = gst_app_sink_pull_sample (GST_APP_SINK (sink));
  fail_unless (sample != NULL, "%s: no latent came out",
      text (test_case, "id"));
  buffer = gst_sample_get_buffer (sample);
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  fail_unless_equals_int (map.size, want->n * sizeof (float));
  rd_test_close (text (test_case, "id"), want->n, (const float *) map.data,
      want->data, get_tolerance (test_case), 0.0);
  gst_buffer_unmap (buffer, &map);
}

/* How often the network ran, as `stats` tells. */
static void
check_stats (JsonObject * test_case, GstElement * sampler)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (GstStructure) stats = NULL;
  guint64 evaluations, rows;

  g_object_get (sampler, "stats", &stats, NULL);
  fail_unless (gst_structure_get (stats, "evaluations", G_TYPE_UINT64,
          &evaluations, "rows", G_TYPE_UINT64, &rows, NULL));
  fail_unless_equals_uint64 (evaluations,
      json_object_get_int_member (expect, "unet_calls"));
  if (json_object_has_member (expect, "unet_rows"))
    fail_unless_equals_uint64 (rows,
        json_object_get_int_member (expect, "unet_rows"));
}

static guint n_run;

static gboolean
is_for_elements (JsonObject * test_case)
{
  JsonArray *regions = json_object_get_array_member (test_case, "regions");

  if (!g_str_equal (text (test_case, "model"), "tiny-sd")
      || !json_object_get_null_member (json_object_get_object_member
          (test_case, "expect"), "error"))
    return FALSE;
  /* the folder's text encoder makes 8 tokens, and there is one model */
  for (guint j = 0; j < json_array_get_length (regions); j++) {
    JsonObject *region = json_array_get_object_element (regions, j);

    if (json_object_has_member (region, "model")
        || g_str_has_suffix (text (region, "positive"), "77"))
      return FALSE;
  }
  return TRUE;
}

static GstElement *
make_pipeline (const RdTestArray * latent, GstElement ** sampler,
    GstElement ** sink)
{
  g_autofree char *model = rd_test_path ("tiny-sd");
  GstElement *pipeline = gst_pipeline_new (NULL);

  *sampler = gst_element_factory_make ("regionalsampler", NULL);
  *sink = gst_element_factory_make ("appsink", NULL);
  g_object_set (*sampler, "model", model, "threads", 1,
      "device", rd_test_device_name (), NULL);
  g_object_set (*sink, "sync", FALSE, NULL);
  gst_bin_add_many (GST_BIN (pipeline), *sampler, *sink, NULL);
  fail_unless (gst_element_link_pads (*sampler, "src", *sink, "sink"));
  add_latent (pipeline, *sampler, latent);
  return pipeline;
}

static void
play (JsonObject * test_case, GstElement * pipeline, GstElement * sampler,
    GstElement * sink)
{
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  check_result (test_case, sink);
  check_stats (test_case, sampler);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  n_run++;
}

/* The node's names are ours but for case and spaces. */
static void
set_additional (GObject * sampler, JsonObject * args)
{
  g_autofree char *mode = g_ascii_strdown (text (args, "additional_mode"), -1);
  g_autofree char *name = g_ascii_strdown (text (args, "additional_sampler"),
      -1);

  gst_util_set_object_arg (sampler, "additional-mode",
      g_strdelimit (mode, " ", '-'));
  gst_util_set_object_arg (sampler, "additional-sampler", name);
  g_object_set (sampler, "additional-sigma-ratio",
      json_object_get_double_member (args, "additional_sigma_ratio"),
      "restore-latent", json_object_get_boolean_member (args, "restore_latent"),
      NULL);
}

static void
set_advanced (GObject * sampler, JsonObject * args)
{
  g_object_set (sampler,
      "add-noise", json_object_get_boolean_member (args, "add_noise"),
      "noise-seed",
      (guint64) json_object_get_int_member (args, "noise_seed"),
      "start-at-step",
      (guint) json_object_get_int_member (args, "start_at_step"),
      "end-at-step", (guint) json_object_get_int_member (args, "end_at_step"),
      "return-with-leftover-noise",
      json_object_get_boolean_member (args, "return_with_leftover_noise"),
      NULL);
  gst_util_set_object_arg (sampler, "mode", "impact");
  set_additional (sampler, args);
}

static void
set_simple (GObject * sampler, JsonObject * args)
{
  g_object_set (sampler,
      "noise-seed", (guint64) json_object_get_int_member (args, "seed"),
      "seed-2nd", (guint64) json_object_get_int_member (args, "seed_2nd"),
      "base-only-steps",
      (guint) json_object_get_int_member (args, "base_only_steps"),
      "denoise", json_object_get_double_member (args, "denoise"), NULL);
  gst_util_set_object_arg (sampler, "seed-2nd-mode",
      text (args, "seed_2nd_mode"));
  gst_util_set_object_arg (sampler, "mode", "impact-simple");
  set_additional (sampler, args);
}

/* TwoAdvancedSamplersForMask */
static void
set_two (GObject * sampler, JsonObject * args)
{
  g_object_set (sampler,
      "noise-seed", (guint64) json_object_get_int_member (args, "seed"),
      "base-only-steps", 1,
      "denoise", json_object_get_double_member (args, "denoise"), NULL);
  gst_util_set_object_arg (sampler, "mode", "impact-simple");
}

static guint n_simple;

static void
run_regional (JsonObject * test_case)
{
  const char *node = text (test_case, "node");
  const gboolean simple = g_str_equal (node, "RegionalSampler");
  JsonObject *args = json_object_get_object_member (test_case, "args");
  JsonArray *regions = json_object_get_array_member (test_case, "regions");
  g_autoptr (RdTestArray) latent = NULL;
  g_autoptr (GstElement) pipeline = NULL;
  GstElement *sampler, *sink;

  if (!is_for_elements (test_case))
    return;

  latent = rd_test_golden_array (json_object_get_object_member (test_case,
          "latent"), "file");
  pipeline = make_pipeline (latent, &sampler, &sink);
  g_object_set (sampler,
      "steps", (guint) json_object_get_int_member (args, "steps"),
      "overlap-factor",
      (guint) json_object_get_int_member (args, "overlap_factor"), NULL);
  set_sampler (G_OBJECT (sampler),
      json_object_get_object_member (test_case, "base"));
  for (guint j = 0; j < json_array_get_length (regions); j++) {
    JsonObject *region = json_array_get_object_element (regions, j);

    if (!add_region (pipeline, sampler, region, region))
      return;
  }
  if (g_str_equal (node, "RegionalSamplerAdvanced")) {
    set_advanced (G_OBJECT (sampler), args);
  } else if (simple) {
    set_simple (G_OBJECT (sampler), args);
  } else {
    fail_unless_equals_string (node, "TwoAdvancedSamplersForMask");
    set_two (G_OBJECT (sampler), args);
    fail_unless (add_region (pipeline, sampler, test_case,
            json_object_get_object_member (test_case, "mask_sampler")));
  }
  n_simple += simple;

  play (test_case, pipeline, sampler, sink);
}

GST_START_TEST (test_regional_sampler)
{
  n_run = n_simple = 0;
  rd_test_golden_each ("regional", run_regional);
  g_print ("%u of them through elements\n", n_run);
  fail_unless (n_run >= 37);
  fail_unless_equals_int (n_simple, 5);
}

GST_END_TEST;

/* ComfyUI's KSampler: no region, and so a plain sampler. One schedule stands for
 * all: the core's tests have the rest. */
static void
run_ksampler (JsonObject * test_case)
{
  g_autoptr (RdTestArray) latent = NULL;
  g_autoptr (GstElement) pipeline = NULL;
  GstElement *sampler, *sink;

  /* elements have no noise mask */
  if (!g_str_equal (text (test_case, "model"), "tiny-sd")
      || !g_str_equal (text (test_case, "scheduler"), "karras")
      || !json_object_get_null_member (test_case, "noise_mask"))
    return;

  latent = rd_test_golden_array (test_case, "latent");
  pipeline = make_pipeline (latent, &sampler, &sink);
  set_sampler (G_OBJECT (sampler), test_case);
  g_object_set (sampler,
      "noise-seed", (guint64) json_object_get_int_member (test_case, "seed"),
      "steps", (guint) json_object_get_int_member (test_case, "steps"),
      "denoise", json_object_get_double_member (test_case, "denoise"), NULL);
  play (test_case, pipeline, sampler, sink);
}

GST_START_TEST (test_plain_sampler)
{
  n_run = 0;
  rd_test_golden_each ("ksampler", run_ksampler);
  g_print ("%u of them through elements\n", n_run);
  fail_unless (n_run >= 70);
}

GST_END_TEST;

static Suite *
golden_pipeline_suite (void)
{
  Suite *suite = suite_create ("golden-pipeline");
  TCase *chain = tcase_create ("golden");

  suite_add_tcase (suite, chain);
  tcase_set_timeout (chain, 300);
  tcase_add_checked_fixture (chain, rd_test_hold_model, rd_test_release_model);
  tcase_add_test (chain, test_plain_sampler);
  tcase_add_test (chain, test_regional_sampler);
  return suite;
}

GST_CHECK_MAIN (golden_pipeline);
