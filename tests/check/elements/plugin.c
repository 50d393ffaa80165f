/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the plugin says about itself: every element, its pads and properties. */

#include <gst/check/gstcheck.h>
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
  return s;
}

GST_CHECK_MAIN (plugin);
