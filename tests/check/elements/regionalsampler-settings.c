/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The properties of regionalsampler: what there is, what means nothing
 * together, and what is said of models and latents that do not fit. */

#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>
#include <string.h>

#include "../rdtest.h"
#include "../samplertest.h"
#include "../scratch.h"

typedef struct
{
  const char *name;
  const char *value;            /* as GStreamer writes it */
} Default;

/* The contract with users: names and defaults do not change. */
static const Default defaults[] = {
  {"device", "auto"},
  {"threads", "0"},
  {"prompt", "\"\""},
  {"negative-prompt", "\"\""},
  {"zero-negative", "false"},
  {"cfg", "-1"},
  {"sampler", "euler"},
  {"scheduler", "normal"},
  {"sigma-factor", "1"},
  {"add-noise", "true"},
  {"noise-seed", "0"},
  {"seed-mode", "fixed"},
  {"noise-source", "torch"},
  {"seed-2nd", "0"},
  {"seed-2nd-mode", "ignore"},
  {"steps", "20"},
  {"start-at-step", "0"},
  {"end-at-step", "10000"},
  {"denoise", "1"},
  {"feedback", "0"},
  {"base-only-steps", "0"},
  {"overlap-factor", "10"},
  {"restore-latent", "true"},
  {"return-with-leftover-noise", "false"},
  {"additional-mode", "ratio-between"},
  {"additional-sampler", "auto"},
  {"additional-sigma-ratio", "0.29999999999999999"},
  {"gits-coefficient", "1.2"},
  {"custom-sigmas", "<  >"},
  {"mode", "parallel"},
  {"feather", "0"},
  {"region-crop", "-1"},
  {"keep-base", "false"},
  {"keep-softness", "differential"},
  {"original-width", "0"},
  {"original-height", "0"},
  {"crop-left", "0"},
  {"crop-top", "0"},
  {"target-width", "0"},
  {"target-height", "0"},
  {"preview-interval", "0"},
  {"progress-interval", "100"},
  {"qos", "false"},
};

static const Default pad_defaults[] = {
  {"cfg", "-1"},
  {"sampler", "inherit"},
  {"scheduler", "inherit"},
  {"sigma-factor", "-1"},
  {"overlap-factor", "-1"},
  {"feather", "-1"},
  {"strength", "1"},
  {"z", "0"},
  {"start", "0"},
  {"end", "1"},
  {"variation-seed", "0"},
  {"variation-strength", "0"},
  {"variation-method", "linear"},
  {"keep", "false"},
  {"invert", "false"},
  {"hold", "false"},
};

static const char *const unset[] = { "model", "regions", "regions-location",
  "class-prompts", "current-regions", "tensorrt-cache", "prompt-2", "prompt-3"
};

static const char *const pad_unset[] = { "prompt", "prompt-2", "prompt-3",
  "negative-prompt", "model"
};

static void
check_defaults (GObject * object, const Default * table, guint n,
    const char *const *strings, guint n_strings)
{
  for (guint i = 0; i < n + n_strings; i++) {
    const char *name = i < n ? table[i].name : strings[i - n];
    GParamSpec *pspec =
        g_object_class_find_property (G_OBJECT_GET_CLASS (object), name);
    g_auto (GValue) value = G_VALUE_INIT;
    g_autofree char *text = NULL;

    fail_unless (pspec != NULL, "no property %s", name);
    fail_unless (strlen (g_param_spec_get_blurb (pspec)) > 10, "%s", name);
    g_value_init (&value, pspec->value_type);
    g_object_get_property (object, name, &value);
    fail_unless (g_param_value_defaults (pspec, &value), "%s", name);
    if (i >= n) {
      fail_unless (g_value_get_string (&value) == NULL, "%s", name);
      continue;
    }
    text = gst_value_serialize (&value);
    fail_unless_equals_string (text, table[i].value);
  }
}

GST_START_TEST (properties_have_their_defaults)
{
  g_autoptr (GstElement) element =
      gst_element_factory_make ("regionalsampler", NULL);
  g_autoptr (GstPad) pad = NULL;

  gst_object_ref_sink (element);
  pad = gst_element_request_pad_simple (element, "mask_%u");
  check_defaults (G_OBJECT (element), defaults, G_N_ELEMENTS (defaults), unset,
      G_N_ELEMENTS (unset));
  check_defaults (G_OBJECT (pad), pad_defaults, G_N_ELEMENTS (pad_defaults),
      pad_unset, G_N_ELEMENTS (pad_unset));
  gst_element_release_request_pad (element, pad);
}

GST_END_TEST;

/* another value than the one that a property has */
static void
choose (GParamSpec * pspec, GValue * value)
{
  g_value_init (value, pspec->value_type);
  if (G_IS_PARAM_SPEC_STRING (pspec))
    g_value_set_string (value, "some text");
  else if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_value_set_boolean (value, !G_PARAM_SPEC_BOOLEAN (pspec)->default_value);
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    g_value_set_double (value, MAX (0.625,
            G_PARAM_SPEC_DOUBLE (pspec)->minimum));
  else if (G_IS_PARAM_SPEC_ENUM (pspec))
    g_value_set_enum (value, 0);
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    g_value_set_uint (value, 77);
  else if (G_IS_PARAM_SPEC_INT (pspec))
    g_value_set_int (value, 77);
  else if (G_IS_PARAM_SPEC_UINT64 (pspec))
    g_value_set_uint64 (value, G_MAXUINT64 - 1);
  else if (GST_IS_PARAM_SPEC_ARRAY_LIST (pspec))
    fail_unless (gst_value_deserialize (value, "<9.5,0.0>"));
  else
    fail ("type of %s", pspec->name);
}

static void
check_kept (GObject * object, GType owner)
{
  g_autofree GParamSpec **all = NULL;
  guint n;

  all = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);
  for (guint i = 0; i < n; i++) {
    g_auto (GValue) set = G_VALUE_INIT, got = G_VALUE_INIT;

    if (all[i]->owner_type != owner || !(all[i]->flags & G_PARAM_WRITABLE))
      continue;
    choose (all[i], &set);
    g_object_set_property (object, all[i]->name, &set);
    g_value_init (&got, all[i]->value_type);
    g_object_get_property (object, all[i]->name, &got);
    fail_unless_equals_int (gst_value_compare (&set, &got), GST_VALUE_EQUAL);
  }
}

GST_START_TEST (properties_are_kept)
{
  g_autoptr (GstElement) element = sampler_element_new ("");
  g_autoptr (GstPad) pad = gst_element_request_pad_simple (element, "mask_%u");

  check_kept (G_OBJECT (element), G_OBJECT_TYPE (element));
  check_kept (G_OBJECT (pad), G_OBJECT_TYPE (pad));
  gst_element_release_request_pad (element, pad);
}

GST_END_TEST;

/* With the latent's time, before the snapshot. */
GST_START_TEST (numbers_can_be_controlled)
{
  g_autofree float *none = sampler_run ("");
  g_autofree float *half =
      sampler_run ("regions=\"[{\\\"prompt\\\":\\\"red\\\","
      "\\\"strength\\\":0.5,\\\"box\\\":[0,0,0.5,1]}]\"");
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstPad) pad = NULL;
  GstControlSource *source = gst_interpolation_control_source_new ();
  g_autofree float *at_0 = NULL, *at_1 = NULL;

  sampler_test_init (&test, "");
  sampler_test_add_mask (&test, "prompt=red hold=true");
  sampler_test_push_mask (&test, 0, MASK_LEFT);
  pad = gst_element_get_static_pad (test.element, "mask_0");
  g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_timed_value_control_source_set (GST_TIMED_VALUE_CONTROL_SOURCE (source),
      0, 0.0);
  gst_timed_value_control_source_set (GST_TIMED_VALUE_CONTROL_SOURCE (source),
      2 * GST_SECOND, 1.0);
  gst_object_add_control_binding (GST_OBJECT (pad),
      gst_direct_control_binding_new (GST_OBJECT (pad), "strength", source));
  gst_object_unref (source);

  gst_harness_push (test.latents, sampler_latent_new (0));
  at_0 = sampler_test_pull (&test);
  gst_harness_push (test.latents, sampler_latent_new (GST_SECOND));
  at_1 = sampler_test_pull (&test);
  fail_unless (sampler_distance (at_0, none, (MaskBox) {
          0, 0, 128, 128}) < 1e-4);
  sampler_assert_equal (at_1, half);
}

GST_END_TEST;

static void
fail_with (SamplerTest * test, GQuark domain, gint code,
    const char *const *parts)
{
  g_autofree char *text = NULL;

  gst_harness_push (test->latents, sampler_latent_new (0));
  text = sampler_test_error (test, domain, code);
  for (guint i = 0; parts[i]; i++)
    fail_unless (strstr (text, parts[i]), "no '%s' in: %s", parts[i], text);
  fail_unless_equals_int (gst_harness_buffers_received (test->latents), 0);
}

/* What means nothing is refused, with the names of property and mode. */
static const struct
{
  const char *element;
  const char *pad;
  const char *parts[4];
} refused[] = {
  {"mode=impact feather=8", NULL, {"feather", "impact"}},
  {"mode=impact", "feather=8", {"mask_0", "feather", "impact"}},
  {"mode=impact", "strength=0.5", {"mask_0", "strength", "impact"}},
  {"mode=impact", "z=1", {"mask_0", "'z'", "impact"}},
  {"mode=impact", "start=0.5", {"mask_0", "start", "impact"}},
  {"mode=impact", "end=0.5", {"mask_0", "end", "impact"}},
  {"mode=impact base-only-steps=1", "", {"base-only-steps", "impact"}},
  {"mode=impact denoise=0.5", "", {"denoise", "impact"}},
  {"mode=impact seed-2nd=1", "", {"seed-2nd", "'impact'"}},
  {"mode=impact-simple feather=8", NULL, {"feather", "impact-simple"}},
  {"mode=impact-simple", "strength=0.5",
      {"mask_0", "strength", "impact-simple"}},
  {"mode=impact-simple start-at-step=1", "",
      {"start-at-step", "impact-simple"}},
  {"mode=impact-simple end-at-step=4", "", {"end-at-step", "impact-simple"}},
  {"mode=impact-simple add-noise=false", "", {"add-noise", "impact-simple"}},
  {"mode=impact-simple return-with-leftover-noise=true", "",
      {"return-with-leftover-noise", "impact-simple"}},
  {"mode=impact-simple denoise=0", "", {"denoise", "impact-simple"}},
  {"mode=impact-simple", NULL, {"at least one region", "impact-simple"}},
  {"mode=impact-simple noise-seed=1 seed-2nd=18446744073709551615 "
        "seed-2nd-mode=seed-seed-2nd", "", {"noise-seed 1", "negative"}},
  {"seed-2nd=1", NULL, {"seed-2nd", "parallel"}},
  {"seed-2nd-mode=randomize", NULL, {"seed-2nd-mode", "parallel"}},
  {"restore-latent=false", NULL, {"restore-latent", "parallel"}},
  {"additional-mode=disable", NULL, {"additional-mode", "parallel"}},
  {"additional-sampler=euler", NULL, {"additional-sampler", "parallel"}},
  {"additional-sigma-ratio=0.5", NULL,
      {"additional-sigma-ratio", "parallel"}},
  {"scheduler=gits gits-coefficient=0.83", NULL, {"gits-coefficient", "0.83"}},
  {"", "start=0.5 end=0.5", {"mask_0", "start", "end"}},
  {"sigma-factor=0", NULL, {"base", "sigma-factor"}},
  {"", "sigma-factor=0", {"mask_0", "sigma-factor"}},
};

GST_START_TEST (settings_that_mean_nothing_are_refused)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_auto (SamplerTest) test = { NULL };

    sampler_test_init (&test, refused[i].element);
    if (refused[i].pad) {
      sampler_test_add_mask (&test, refused[i].pad);
      sampler_test_push_mask (&test, 0, MASK_LEFT);
    }
    fail_with (&test, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
        refused[i].parts);
  }
}

GST_END_TEST;

GST_START_TEST (it_recovers_from_an_error)
{
  const char *const parts[] = { "restore-latent", NULL };
  g_autofree float *expected = sampler_run ("");
  g_autofree float *values = NULL;
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "restore-latent=false");
  fail_with (&test, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, parts);
  gst_element_set_state (test.element, GST_STATE_READY);
  g_object_set (test.element, "restore-latent", TRUE, NULL);
  gst_element_set_state (test.element, GST_STATE_PLAYING);
  gst_harness_set_src_caps_str (test.latents, SAMPLER_CAPS);
  values = sampler_test_run (&test);
  sampler_assert_equal (values, expected);
}

GST_END_TEST;

GST_START_TEST (a_model_is_needed)
{
  const char *const parts[] = { "model", "not set", NULL };
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "model=\"\"");
  fail_with (&test, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, parts);
}

GST_END_TEST;

GST_START_TEST (a_missing_model_is_named)
{
  const char *const parts[] = { "/nowhere/model", NULL };
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, "model=/nowhere/model");
  fail_with (&test, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, parts);
}

GST_END_TEST;

static void
fail_with_damaged (const char *file, gssize keep, GQuark domain, gint code)
{
  g_autofree char *model = rd_test_path ("tiny-sd");
  g_autoptr (RdScratch) damaged = rd_scratch_new (model);
  g_autofree char *properties = g_strdup_printf ("model=\"%s\"", damaged);
  const char *const parts[] = { file, NULL };
  g_auto (SamplerTest) test = { NULL };

  if (keep < 0)
    rd_scratch_remove (damaged, file);
  else
    rd_scratch_truncate (damaged, file, keep);
  sampler_test_init (&test, properties);
  fail_with (&test, domain, code, parts);
}

GST_START_TEST (a_damaged_model_is_named)
{
  fail_with_damaged ("unet/model.onnx", 1000, GST_LIBRARY_ERROR,
      GST_LIBRARY_ERROR_INIT);
  fail_with_damaged ("text_encoder/model.onnx", 1000, GST_LIBRARY_ERROR,
      GST_LIBRARY_ERROR_INIT);
  fail_with_damaged ("unet/model.onnx", -1, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_FOUND);
}

GST_END_TEST;

static void
fail_with_latent (const char *dims, gsize size, const char *const *parts)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree char *caps = g_strdup_printf ("tensor/strided,"
      "tensor-id=stable-diffusion-latent,type=(string)float32,dims=(int)<%s>,"
      "dims-order=(string)row-major,framerate=0/1", dims);
  g_autofree char *text = NULL;

  sampler_test_init (&test, "");
  gst_harness_set_src_caps_str (test.latents, caps);
  gst_harness_push (test.latents, gst_buffer_new_allocate (NULL, size, NULL));
  text = sampler_test_error (&test, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT);
  for (guint i = 0; parts[i]; i++)
    fail_unless (strstr (text, parts[i]), "no '%s' in: %s", parts[i], text);
}

GST_START_TEST (latents_that_do_not_fit_are_refused)
{
  /* another VAE's channels; wrong size */
  fail_with_latent ("1,16,16,16", 4 * 16 * 256,
      (const char *[]) { "16 channels", "tiny-sd", "expects 4", NULL });
  fail_with_latent ("1,4,16,16", 100,
      (const char *[]) { "100 bytes", "4096", NULL });
}

GST_END_TEST;

GST_START_TEST (latents_need_caps)
{
  g_autoptr (GstElement) element = sampler_element_new ("");
  g_auto (SamplerTest) test = { NULL };
  GstSegment segment;
  g_autofree char *text = NULL;

  test.element = gst_object_ref (element);
  test.bus = gst_bus_new ();
  test.masks = g_ptr_array_new ();
  gst_element_set_bus (element, test.bus);
  test.latents = gst_harness_new_with_element (element, "sink", "src");
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (test.latents, gst_event_new_stream_start ("x"));
  gst_harness_push_event (test.latents, gst_event_new_segment (&segment));
  gst_pad_push (test.latents->srcpad, sampler_latent_new (0));
  text = sampler_test_error (&test, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT);
  fail_unless (strstr (text, "without caps"), "%s", text);
}

GST_END_TEST;

/* A source that can choose is told what the model takes. */
GST_START_TEST (caps_queries_know_the_model)
{
  g_autoptr (GstElement) element = sampler_element_new ("");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "sink");
  g_autoptr (GstPad) mask = gst_element_request_pad_simple (element, "mask_%u");
  g_autoptr (GstCaps) caps = gst_pad_query_caps (pad, NULL);
  g_autoptr (GstCaps) mask_caps = gst_pad_query_caps (mask, NULL);
  g_autoptr (GstCaps) video = gst_caps_from_string (MASK_CAPS);
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  gint channels, downscale;

  fail_unless (gst_structure_get_int (s, "channels", &channels));
  fail_unless_equals_int (channels, 4);
  fail_unless (gst_structure_get_int (s, "downscale", &downscale));
  fail_unless_equals_int (downscale, 8);
  fail_unless (gst_caps_is_subset (video, mask_caps));
  fail_if (gst_caps_can_intersect (caps, mask_caps));
  gst_element_release_request_pad (element, mask);
}

GST_END_TEST;

static void
push_qos (SamplerTest * test, GstClockTimeDiff late, GstClockTime time)
{
  gst_harness_push_upstream_event (test->latents,
      gst_event_new_qos (GST_QOS_TYPE_UNDERFLOW, 2.0, late, time));
}

GST_START_TEST (late_latents_are_skipped_on_request)
{
  g_auto (SamplerTest) test = { NULL };
  g_autoptr (GstMessage) message = NULL;
  guint64 running_time, processed, dropped;

  sampler_test_init (&test, "steps=1");
  gst_harness_push (test.latents, sampler_latent_new (0));
  gst_buffer_unref (sampler_test_pull_buffer (&test));
  push_qos (&test, GST_SECOND, GST_SECOND);

  /* not by default */
  gst_harness_push (test.latents, sampler_latent_new (2 * GST_SECOND));
  gst_buffer_unref (sampler_test_pull_buffer (&test));

  g_object_set (test.element, "qos", TRUE, NULL);
  gst_harness_push (test.latents, sampler_latent_new (2 * GST_SECOND));
  gst_harness_push (test.latents, sampler_latent_new (4 * GST_SECOND));
  {
    g_autoptr (GstBuffer) latent = sampler_test_pull_buffer (&test);

    fail_unless_equals_uint64 (GST_BUFFER_PTS (latent), 4 * GST_SECOND);
  }
  message = sampler_test_wait (&test, GST_MESSAGE_QOS);
  gst_message_parse_qos (message, NULL, &running_time, NULL, NULL, NULL);
  fail_unless_equals_uint64 (running_time, 2 * GST_SECOND);
  gst_message_parse_qos_stats (message, NULL, &processed, &dropped);
  fail_unless_equals_uint64 (processed, 2);
  fail_unless_equals_uint64 (dropped, 1);
  fail_unless_equals_uint64 (sampler_stat (test.element, "skipped"), 1);
  fail_unless_equals_uint64 (sampler_stat (test.element, "jobs"), 3);

  /* a flush forgets */
  gst_harness_push_event (test.latents, gst_event_new_flush_start ());
  gst_harness_push_event (test.latents, gst_event_new_flush_stop (TRUE));
  {
    GstSegment segment;

    gst_segment_init (&segment, GST_FORMAT_TIME);
    gst_harness_push_event (test.latents, gst_event_new_segment (&segment));
  }
  gst_harness_push (test.latents, sampler_latent_new (0));
  gst_buffer_unref (sampler_test_pull_buffer (&test));
}

GST_END_TEST;

/* Live pipelines are told how long a job takes; others wait anyway. */
GST_START_TEST (live_latency_is_measured)
{
  for (guint live = 0; live < 2; live++) {
    g_auto (SamplerTest) test = { NULL };
    const GstClockTime upstream = 5 * GST_MSECOND;

    sampler_test_init (&test, "");
    gst_harness_set_live (test.latents, live == 1);
    gst_harness_set_upstream_latency (test.latents, upstream);
    g_free (sampler_test_run (&test));
    if (live) {
      gst_message_unref (sampler_test_wait (&test, GST_MESSAGE_LATENCY));
      fail_unless (gst_harness_query_latency (test.latents) >
          upstream + 100 * GST_USECOND);
    } else {
      g_autoptr (GstMessage) message =
          gst_bus_pop_filtered (test.bus, GST_MESSAGE_LATENCY);

      fail_unless (message == NULL);
    }
  }
}

GST_END_TEST;

static Suite *
regionalsampler_settings_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-settings");
  TCase *properties = tcase_create ("properties");
  TCase *errors = tcase_create ("errors");
  TCase *time = tcase_create ("time");

  suite_add_tcase (suite, properties);
  tcase_add_test (properties, properties_have_their_defaults);
  tcase_add_test (properties, properties_are_kept);
  tcase_add_test (properties, numbers_can_be_controlled);
  tcase_add_test (properties, caps_queries_know_the_model);
  suite_add_tcase (suite, errors);
  tcase_add_checked_fixture (errors, rd_test_hold_model, rd_test_release_model);
  tcase_add_test (errors, settings_that_mean_nothing_are_refused);
  tcase_add_test (errors, it_recovers_from_an_error);
  tcase_add_test (errors, a_model_is_needed);
  tcase_add_test (errors, a_missing_model_is_named);
  tcase_add_test (errors, a_damaged_model_is_named);
  tcase_add_test (errors, latents_that_do_not_fit_are_refused);
  tcase_add_test (errors, latents_need_caps);
  suite_add_tcase (suite, time);
  tcase_add_test (time, late_latents_are_skipped_on_request);
  tcase_add_test (time, live_latency_is_measured);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_settings);
