/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What the plugin says about itself: every element, its pads and properties. */

#include <gst/check/gstcheck.h>
#include <stdlib.h>
#include <string.h>

GST_START_TEST (test_loads)
{
  GstPlugin *plugin = gst_plugin_load_by_name ("regional");

  fail_unless (plugin != NULL);
  fail_unless_equals_string (gst_plugin_get_license (plugin), "LGPL");
  gst_object_unref (plugin);
}

GST_END_TEST;

static void
each_element (void (*check) (GstElement * element))
{
  GList *features = gst_registry_get_feature_list_by_plugin (gst_registry_get
      (), "regional");
  guint n = 0;

  for (GList * l = features; l; l = l->next) {
    g_autoptr (GstElement) element = NULL;

    if (!GST_IS_ELEMENT_FACTORY (l->data))
      continue;
    element = gst_element_factory_create (l->data, NULL);
    gst_object_ref_sink (element);
    check (element);
    n++;
  }
  gst_plugin_feature_list_free (features);
  fail_unless_equals_int (n, 7);
}

/* A class is made of the words that GStreamer's own elements use. */
static void
check_class (const char *text)
{
  static const char *const words[] = {
    "Codec", "Converter", "Decoder", "Effect", "Encoder", "Filter", "Metadata",
    "Source", "Video", NULL
  };
  g_auto (GStrv) parts = g_strsplit (text, "/", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    fail_unless (g_strv_contains (words, parts[i]), "%s", text);
}

static void
check_metadata (GstElement * element)
{
  const char *keys[] = { GST_ELEMENT_METADATA_LONGNAME,
    GST_ELEMENT_METADATA_KLASS, GST_ELEMENT_METADATA_DESCRIPTION,
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    fail_unless (strlen (gst_element_get_metadata (element, keys[i])) > 5);
  fail_unless_equals_string (gst_element_get_metadata (element,
          GST_ELEMENT_METADATA_AUTHOR), "The gst-regional authors");
  check_class (gst_element_get_metadata (element, GST_ELEMENT_METADATA_KLASS));
}

GST_START_TEST (test_elements_introduce_themselves)
{
  each_element (check_metadata);
}

GST_END_TEST;

/* As text they are the same caps, also in a launch line. */
static void
check_caps (GstElement * element)
{
  GList *templates = gst_element_class_get_pad_template_list
      (GST_ELEMENT_GET_CLASS (element));

  fail_unless (templates != NULL);
  for (GList * l = templates; l; l = l->next) {
    g_autoptr (GstCaps) caps = gst_pad_template_get_caps (l->data);
    g_autofree char *text = gst_caps_to_string (caps);
    g_autoptr (GstCaps) again = gst_caps_from_string (text);

    fail_unless (again != NULL && gst_caps_is_strictly_equal (again, caps),
        "%s", text);
  }
}

GST_START_TEST (test_caps_can_be_written)
{
  each_element (check_caps);
}

GST_END_TEST;

static gboolean
is_ours (GType type)
{
  return g_str_has_prefix (g_type_name (type), "GstRegion")
      || g_str_has_prefix (g_type_name (type), "GstLatent")
      || g_str_has_prefix (g_type_name (type), "GstSafetensors");
}

/* A property of ours says when it may be changed, and its type is known to
 * documentation tools. */
static void
check_properties (GObject * object)
{
  const guint mutable = GST_PARAM_MUTABLE_READY | GST_PARAM_MUTABLE_PAUSED |
      GST_PARAM_MUTABLE_PLAYING;
  g_autofree GParamSpec **specs = NULL;
  guint n;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);
  for (guint i = 0; i < n; i++) {
    const GType type = specs[i]->value_type;

    if (!is_ours (specs[i]->owner_type))
      continue;
    fail_unless (strlen (g_param_spec_get_blurb (specs[i])) > 10, "%s",
        specs[i]->name);
    if (specs[i]->flags & G_PARAM_WRITABLE)
      fail_unless (specs[i]->flags & mutable, "%s: when?", specs[i]->name);
    if (is_ours (type))
      fail_unless (gst_type_is_plugin_api (type, NULL), "%s",
          g_type_name (type));
  }
}

static void
check_objects (GstElement * element)
{
  check_properties (G_OBJECT (element));
  if (g_str_equal (G_OBJECT_TYPE_NAME (element), "GstRegionalSampler")) {
    g_autoptr (GstPad) pad =
        gst_element_request_pad_simple (element, "mask_%u");

    check_properties (G_OBJECT (pad));
    gst_element_release_request_pad (element, pad);
  }
}

GST_START_TEST (test_properties_say_when_they_count)
{
  each_element (check_objects);
}

GST_END_TEST;

/* The numbers of enum values, which applications are compiled against: those
 * that are here stay, and a new value takes a number of its own. */
static const struct
{
  const char *type;
  const char *values;
} enums[] = {
  {"GstMaskPadSamplerName",
      "inherit=-1 euler=0 euler_cfg_pp=1 euler_ancestral=2 "
        "euler_ancestral_cfg_pp=3 heun=4 heunpp2=5 exp_heun_2_x0=6 "
        "exp_heun_2_x0_sde=7 dpm_2=8 dpm_2_ancestral=9 lms=10 "
        "dpmpp_2s_ancestral=11 dpmpp_2s_ancestral_cfg_pp=12 dpmpp_2m=13 "
        "dpmpp_2m_cfg_pp=14 dpmpp_sde=15 dpmpp_sde_gpu=16 dpmpp_2m_sde=17 "
        "dpmpp_2m_sde_gpu=18 dpmpp_2m_sde_heun=19 dpmpp_2m_sde_heun_gpu=20 "
        "dpmpp_3m_sde=21 dpmpp_3m_sde_gpu=22 ddpm=23 lcm=24 ipndm=25 "
        "ipndm_v=26 deis=27 res_multistep=28 res_multistep_cfg_pp=29 "
        "res_multistep_ancestral=30 res_multistep_ancestral_cfg_pp=31 "
        "gradient_estimation=32 gradient_estimation_cfg_pp=33 seeds_2=34 "
        "seeds_3=35 dpm_fast=36 dpm_adaptive=37 er_sde=38 sa_solver=39 "
        "sa_solver_pece=40 uni_pc=41 uni_pc_bh2=42 ddim=43"},
  {"GstMaskPadSchedulerName",
      "inherit=-1 normal=0 karras=1 exponential=2 sgm_uniform=3 simple=4 "
        "ddim_uniform=5 beta=6 linear_quadratic=7 kl_optimal=8 ays-sd1=9 "
        "ays-sdxl=10 ays-svd=11 gits=12"},
  {"GstMaskPadVariationMethod",
      "linear=0 slerp=1"},
  {"GstRegionalAdditionalMode",
      "disable=0 ratio-additional=1 ratio-between=2"},
  {"GstRegionalAdditionalSampler",
      "auto=-1 euler=0 heun=4 heunpp2=5 dpm_2=8 dpmpp_2m=13 ddpm=23 "
        "dpm_fast=36"},
  {"GstRegionalMode",
      "impact=0 impact-simple=1 sequential=2 parallel=3 fused=4"},
  {"GstRegionalNoiseSource",
      "torch=0 device=1"},
  {"GstRegionalSamplerName",
      "euler=0 euler_cfg_pp=1 euler_ancestral=2 euler_ancestral_cfg_pp=3 "
        "heun=4 heunpp2=5 exp_heun_2_x0=6 exp_heun_2_x0_sde=7 dpm_2=8 "
        "dpm_2_ancestral=9 lms=10 dpmpp_2s_ancestral=11 "
        "dpmpp_2s_ancestral_cfg_pp=12 dpmpp_2m=13 dpmpp_2m_cfg_pp=14 "
        "dpmpp_sde=15 dpmpp_sde_gpu=16 dpmpp_2m_sde=17 dpmpp_2m_sde_gpu=18 "
        "dpmpp_2m_sde_heun=19 dpmpp_2m_sde_heun_gpu=20 dpmpp_3m_sde=21 "
        "dpmpp_3m_sde_gpu=22 ddpm=23 lcm=24 ipndm=25 ipndm_v=26 deis=27 "
        "res_multistep=28 res_multistep_cfg_pp=29 "
        "res_multistep_ancestral=30 res_multistep_ancestral_cfg_pp=31 "
        "gradient_estimation=32 gradient_estimation_cfg_pp=33 seeds_2=34 "
        "seeds_3=35 dpm_fast=36 dpm_adaptive=37 er_sde=38 sa_solver=39 "
        "sa_solver_pece=40 uni_pc=41 uni_pc_bh2=42 ddim=43"},
  {"GstRegionalSchedulerName",
      "normal=0 karras=1 exponential=2 sgm_uniform=3 simple=4 "
        "ddim_uniform=5 beta=6 linear_quadratic=7 kl_optimal=8 ays-sd1=9 "
        "ays-sdxl=10 ays-svd=11 gits=12"},
  {"GstRegionalSeed2ndMode",
      "ignore=0 fixed=1 seed+seed-2nd=2 seed-seed-2nd=3 increment=4 "
        "decrement=5 randomize=6"},
  {"GstRegionalSeedMode",
      "fixed=0 increment=1 random=2"},
};

static void
check_enum (const char *type, const char *values)
{
  GEnumClass *klass = g_type_class_ref (g_type_from_name (type));
  g_auto (GStrv) list = g_strsplit (values, " ", -1);

  fail_unless (klass != NULL, "%s", type);
  for (guint i = 0; list[i] != NULL; i++) {
    char *number = strchr (list[i], '=');
    const GEnumValue *value;

    *number++ = '\0';
    value = g_enum_get_value_by_nick (klass, list[i]);
    fail_unless (value != NULL, "%s has no %s", type, list[i]);
    fail_unless (value->value == atoi (number), "%s: %s is %d, was %s", type,
        list[i], value->value, number);
  }
  for (guint i = 0; i < klass->n_values; i++)
    fail_unless (g_enum_get_value (klass, klass->values[i].value)
        == &klass->values[i], "%s: %s has the number of another", type,
        klass->values[i].value_nick);
  g_type_class_unref (klass);
}

GST_START_TEST (test_enums_keep_their_numbers)
{
  /* whose classes register them */
  g_autoptr (GstElement) sampler =
      gst_object_ref_sink (gst_element_factory_make ("regionalsampler", NULL));
  g_autoptr (GstPad) pad = gst_element_request_pad_simple (sampler, "mask_%u");

  for (guint i = 0; i < G_N_ELEMENTS (enums); i++)
    check_enum (enums[i].type, enums[i].values);
  gst_element_release_request_pad (sampler, pad);
}

GST_END_TEST;

static Suite *
plugin_suite (void)
{
  Suite *s = suite_create ("plugin");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_loads);
  tcase_add_test (tc, test_elements_introduce_themselves);
  tcase_add_test (tc, test_caps_can_be_written);
  tcase_add_test (tc, test_properties_say_when_they_count);
  tcase_add_test (tc, test_enums_keep_their_numbers);
  return s;
}

GST_CHECK_MAIN (plugin);
