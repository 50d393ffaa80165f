/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Presets of regionalsampler: what is in them, that they come back as they were
 * saved, and those that are installed with the plugin. */

#include <string.h>

#include "../samplertest.h"
#include "../scratch.h"

/* The user's presets, as an earlier program has saved them. */
#define SAVED \
    "[_presets_]\n" \
    "element-name=GstRegionalSampler\n" \
    "version=0.0.1\n" \
    "[saved]\n" \
    "prompt=\"two\\\\ words\"\n" \
    "steps=7\n" \
    "_meta/prompt=\"two\\ words\"\n" \
    "[by-hand]\n" \
    "prompt=three little words\n" \
    "custom-sigmas=<4.0,1.0,0.0>\n"

static void
write_presets (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("XDG_DATA_HOME"),
      "gstreamer-1.0", "presets", NULL);

  g_mkdir_with_parents (folder, 0755);
  rd_scratch_write (folder, "GstRegionalSampler.prs", SAVED);
}

static GstElement *
new_sampler (void)
{
  GstElement *element = gst_element_factory_make ("regionalsampler", NULL);

  return gst_object_ref_sink (element);
}

static char *
text_of (gpointer object, const char *property)
{
  g_auto (GValue) value = G_VALUE_INIT;

  gst_child_proxy_get_property (object, property, &value);
  return gst_value_serialize (&value);
}

GST_START_TEST (all_settings_are_in_a_preset)
{
  g_autoptr (GstElement) preset = new_sampler ();
  g_autoptr (GstPad) pad = gst_element_request_pad_simple (preset, "mask_3");
  g_auto (GStrv) names = gst_preset_get_property_names (GST_PRESET (preset));
  const char *const *list = (const char *const *) names;
  const char *in[] = { "prompt", "model", "cfg", "steps", "custom-sigmas",
    "regions", "mode", "qos", "mask_3::prompt", "mask_3::hold"
  };
  const char *out[] = { "name", "parent", "stats", "current-regions",
    "emit-signals", "latency", "mask_3::template", "mask_3::name"
  };

  for (guint i = 0; i < G_N_ELEMENTS (in); i++)
    fail_unless (g_strv_contains (list, in[i]), "no %s", in[i]);
  for (guint i = 0; i < G_N_ELEMENTS (out); i++)
    fail_if (g_strv_contains (list, out[i]), "%s", out[i]);
  gst_element_release_request_pad (preset, pad);
}

GST_END_TEST;

static const struct
{
  const char *property;
  const char *value;
} settings[] = {
  {"prompt", "a \"red\" fox, 50% snow; a line\nbreak \\ and Größe"},
  {"negative-prompt", ""},
  {"regions", "[{\"prompt\":\"x y\",\"box\":[0,0,1,1]}]"},
  {"class-prompts", "NULL"},
  {"cfg", "0.10000000000000001"},
  {"sampler", "dpmpp_2m"},
  {"mode", "fused"},
  {"noise-seed", "18446744073709551615"},
  {"custom-sigmas", "<14.5,7.25,0.0>"},
  {"region-crop", "32"},
  {"add-noise", "false"},
  {"mask_0::prompt", "two words"},
  {"mask_0::negative-prompt", NULL},
  {"mask_0::cfg", "3"},
  {"mask_0::sampler", "heun"},
  {"mask_0::hold", "true"},
};

static void
change (GstElement * element)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    GObject *target;
    GParamSpec *spec;

    fail_unless (gst_child_proxy_lookup (GST_CHILD_PROXY (element),
            settings[i].property, &target, &spec));
    if (G_IS_PARAM_SPEC_STRING (spec))
      g_object_set (target, spec->name, settings[i].value, NULL);
    else
      gst_util_set_object_arg (target, spec->name, settings[i].value);
    g_object_unref (target);
  }
}

/* into another element, over other settings */
GST_START_TEST (presets_come_back_as_they_were_saved)
{
  g_autoptr (GstElement) from = new_sampler (), to = new_sampler ();
  g_autoptr (GstPad) pad = gst_element_request_pad_simple (from, "mask_0");
  g_autoptr (GstPad) other = gst_element_request_pad_simple (to, "mask_0");
  g_auto (GStrv) names = gst_preset_get_property_names (GST_PRESET (from));

  fail_unless (gst_preset_save_preset (GST_PRESET (from), "plain"));
  change (from);
  fail_unless (gst_preset_save_preset (GST_PRESET (from), "changed"));
  fail_unless (gst_preset_rename_preset (GST_PRESET (from), "changed",
          "renamed"));

  for (guint i = 0; i < 2; i++) {
    fail_unless (gst_preset_load_preset (GST_PRESET (to), "renamed"));
    for (guint j = 0; names[j]; j++) {
      g_autofree char *want = text_of (from, names[j]);
      g_autofree char *got = text_of (to, names[j]);

      fail_unless (g_strcmp0 (want, got) == 0, "%s: %s, not %s", names[j], got,
          want);
    }
    /* what is unset is unset again */
    fail_unless (gst_preset_load_preset (GST_PRESET (from), "plain"));
    for (guint j = 0; names[j]; j++) {
      g_autoptr (GstElement) fresh = new_sampler ();
      g_autofree char *got = text_of (from, names[j]);
      g_autofree char *want = NULL;

      if (strstr (names[j], "::"))
        continue;
      want = text_of (fresh, names[j]);
      fail_unless (g_strcmp0 (want, got) == 0, "%s: %s", names[j], got);
    }
    change (from);
  }
  gst_element_release_request_pad (from, pad);
  gst_element_release_request_pad (to, other);
}

GST_END_TEST;

GST_START_TEST (presets_come_from_files)
{
  g_autoptr (GstElement) preset = new_sampler ();
  g_autofree char *prompt = NULL, *other = NULL, *sigmas = NULL;
  guint steps;

  fail_unless (gst_preset_load_preset (GST_PRESET (preset), "saved"));
  g_object_get (preset, "prompt", &prompt, "steps", &steps, NULL);
  fail_unless_equals_string (prompt, "two words");
  fail_unless_equals_int (steps, 7);

  fail_unless (gst_preset_load_preset (GST_PRESET (preset), "by-hand"));
  g_object_get (preset, "prompt", &other, NULL);
  fail_unless_equals_string (other, "three little words");
  sigmas = text_of (preset, "custom-sigmas");
  fail_unless (strstr (sigmas, "4, ") != NULL, "%s", sigmas);
  fail_if (gst_preset_load_preset (GST_PRESET (preset), "missing"));
}

GST_END_TEST;

static GKeyFile *
read_shipped (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("GST_PRESET_PATH"),
      "GstRegionalSampler.prs", NULL);
  g_autoptr (GError) error = NULL;
  GKeyFile *file = g_key_file_new ();

  g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &error);
  fail_unless (error == NULL, "%s", error ? error->message : NULL);
  return file;
}

/* Whatever was set before, and each after the other. */
GST_START_TEST (shipped_presets_do_what_they_say)
{
  g_autoptr (GKeyFile) file = read_shipped ();
  g_auto (GStrv) shipped = g_key_file_get_groups (file, NULL);
  g_autoptr (GstElement) preset = new_sampler ();
  g_auto (GStrv) names = gst_preset_get_preset_names (GST_PRESET (preset));
  const char *want[] = { "quality", "live", "impact" };

  for (guint i = 0; i < G_N_ELEMENTS (want); i++)
    fail_unless (g_strv_contains ((const char *const *) names, want[i]));
  gst_util_set_object_arg (G_OBJECT (preset), "custom-sigmas", "<4.0,0.0>");
  for (guint i = 0; shipped[i]; i++) {
    g_auto (GStrv) keys = NULL;

    if (shipped[i][0] == '_')
      continue;
    fail_unless (gst_preset_load_preset (GST_PRESET (preset), shipped[i]));
    keys = g_key_file_get_keys (file, shipped[i], NULL, NULL);
    for (guint j = 0; keys[j]; j++) {
      g_autofree char *text = g_key_file_get_value (file, shipped[i], keys[j],
          NULL);
      g_auto (GValue) set = G_VALUE_INIT, got = G_VALUE_INIT;

      if (g_str_has_prefix (keys[j], "_meta/"))
        continue;
      gst_child_proxy_get_property (GST_CHILD_PROXY (preset), keys[j], &got);
      g_value_init (&set, G_VALUE_TYPE (&got));
      fail_unless (gst_value_deserialize (&set, text), "%s", keys[j]);
      fail_unless_equals_int (gst_value_compare (&set, &got), GST_VALUE_EQUAL);
    }
  }
}

GST_END_TEST;

GST_START_TEST (shipped_presets_paint)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *first = NULL, *again = NULL;
  const char *order[] = { "quality", "impact", "live", "impact", "quality" };

  sampler_test_init (&test, "regions=\"red @0,0,0.5,1\"");
  for (guint i = 0; i < G_N_ELEMENTS (order); i++) {
    float *values;

    fail_unless (gst_preset_load_preset (GST_PRESET (test.element), order[i]));
    g_object_set (test.element, "qos", FALSE, NULL);
    values = sampler_test_run (&test);
    if (i == 0)
      first = values;
    else if (i == G_N_ELEMENTS (order) - 1)
      again = values;
    else
      g_free (values);
  }
  sampler_assert_equal (first, again);
}

GST_END_TEST;

/* what makes a job of the one visibly none of the other */
static const struct
{
  const char *name;
  guint steps, n_regions;
  const char *regions;
} whole[] = {
  {"night", 1, 2, "[{\"prompt\":\"red sky\",\"box\":[0,0,1,0.5]},"
        "{\"prompt\":\"green grass\",\"box\":[0,0.5,1,0.5]}]"},
  {"day", 2, 1, "[{\"prompt\":\"blue sky\",\"box\":[0,0,1,0.5]}]"},
};

typedef struct
{
  GstElement *element;
  gint stop;                    /* atomic */
  guint n_loaded;
} Loader;

static gpointer
load_again_and_again (gpointer data)
{
  Loader *self = data;

  while (!g_atomic_int_get (&self->stop)) {
    fail_unless (gst_preset_load_preset (GST_PRESET (self->element),
            whole[self->n_loaded++ % G_N_ELEMENTS (whole)].name));
    g_usleep (500);
  }
  return NULL;
}

/* Returns: which of them the next job has, or how many there are */
static guint
sample_one (SamplerTest * test)
{
  g_autoptr (GstMessage) message = NULL;
  GstProgressType type = GST_PROGRESS_TYPE_ERROR;
  guint which, steps = 0, n_regions = 0;

  gst_harness_push (test->latents, sampler_latent_new (0));
  while (type != GST_PROGRESS_TYPE_COMPLETE || steps == 0) {
    g_autoptr (GError) error = NULL;

    gst_clear_message (&message);
    message = sampler_test_wait (test, GST_MESSAGE_PROGRESS |
        GST_MESSAGE_ERROR);
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      gst_message_parse_error (message, &error, NULL);
    fail_unless (error == NULL, "%s", error ? error->message : "");
    gst_message_parse_progress (message, &type, NULL, NULL);
    gst_structure_get (gst_message_get_structure (message), "steps",
        G_TYPE_UINT, &steps, "regions", G_TYPE_UINT, &n_regions, NULL);
  }
  gst_buffer_unref (sampler_test_pull_buffer (test));
  for (which = 0; which < G_N_ELEMENTS (whole); which++) {
    if (steps == whole[which].steps && n_regions == whole[which].n_regions)
      break;
  }
  return which;
}

/* No job sees a part of one, nor what GStreamer makes of a text on its way. */
GST_START_TEST (presets_count_whole)
{
  g_auto (SamplerTest) test = { NULL };
  Loader loader = { NULL };
  GThread *thread;
  guint n_jobs[G_N_ELEMENTS (whole) + 1] = { 0 };

  sampler_test_init (&test, "");
  loader.element = test.element;
  for (guint i = 0; i < G_N_ELEMENTS (whole); i++) {
    g_object_set (test.element, "steps", whole[i].steps, "regions",
        whole[i].regions, NULL);
    fail_unless (gst_preset_save_preset (GST_PRESET (test.element),
            whole[i].name));
  }
  thread = g_thread_new ("load", load_again_and_again, &loader);
  for (guint i = 0; i < 100; i++)
    n_jobs[sample_one (&test)]++;
  g_atomic_int_set (&loader.stop, TRUE);
  g_thread_join (thread);
  fail_unless_equals_int (n_jobs[G_N_ELEMENTS (whole)], 0);
  fail_unless (n_jobs[0] > 0 && n_jobs[1] > 0, "%u and %u of %u loads",
      n_jobs[0], n_jobs[1], loader.n_loaded);
}

GST_END_TEST;

/* As in a launch line: element @preset=live. */
GST_START_TEST (launch_lines_name_presets)
{
  g_autoptr (GstElement) element = sampler_element_new ("@preset=live");
  guint steps;

  g_object_get (element, "steps", &steps, NULL);
  fail_unless_equals_int (steps, 4);
}

GST_END_TEST;

static Suite *
regionalsampler_presets_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-presets");
  TCase *presets = tcase_create ("presets");

  suite_add_tcase (suite, presets);
  tcase_add_unchecked_fixture (presets, write_presets, NULL);
  tcase_add_test (presets, all_settings_are_in_a_preset);
  tcase_add_test (presets, presets_come_from_files);
  tcase_add_test (presets, presets_come_back_as_they_were_saved);
  tcase_add_test (presets, shipped_presets_do_what_they_say);
  tcase_add_test (presets, shipped_presets_paint);
  tcase_add_test (presets, presets_count_whole);
  tcase_add_test (presets, launch_lines_name_presets);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_presets);
