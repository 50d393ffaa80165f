/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/check/gstcheck.h>

GST_START_TEST (test_loads)
{
  GstPlugin *plugin = gst_registry_find_plugin (gst_registry_get (), "regional");
  GstPlugin *loaded;

  fail_unless (plugin != NULL);
  fail_if (gst_plugin_is_loaded (plugin));
  loaded = gst_plugin_load (plugin);
  fail_unless (loaded != NULL);
  gst_object_unref (loaded);
  gst_object_unref (plugin);
}

GST_END_TEST;

static Suite *
plugin_suite (void)
{
  Suite *s = suite_create ("plugin");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_loads);
  return s;
}

GST_CHECK_MAIN (plugin);
