/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Which device elements work on, by the property and by what is there, and what
 * they say where it is not there. */

#include <gst/check/gstcheck.h>
#include <string.h>

#include "../check/launch.h"
#include "../check/samplertest.h"
#include "plugin.h"

static const CudaCpuControls *cuda;

static void
setup (void)
{
  cuda = cudacpu_plugin ();
  cuda->set_provider (CUDACPU_PROVIDER_WORKS);
}

/* What a sampler makes that is told @properties. */
static float *
run (const char *properties, gboolean * on_device)
{
  const guint before = cuda->n_runs ();
  float *values = sampler_run (properties);

  *on_device = cuda->n_runs () > before;
  return values;
}

static const struct
{
  CudaCpuProvider provider;
  int n_devices;
  const char *properties;
  gboolean on_device;
} choices[] = {
  {CUDACPU_PROVIDER_WORKS, 1, "device=auto", TRUE},
  {CUDACPU_PROVIDER_WORKS, 1, "device=cuda", TRUE},
  {CUDACPU_PROVIDER_WORKS, 2, "device=cuda:1", TRUE},
  {CUDACPU_PROVIDER_WORKS, 1, "device=cpu", FALSE},
  {CUDACPU_PROVIDER_OLD, 1, "device=auto", TRUE},
  {CUDACPU_PROVIDER_BROKEN, 1, "device=auto", FALSE},
  {CUDACPU_PROVIDER_NO_CUDNN, 1, "device=auto", FALSE},
  {CUDACPU_PROVIDER_ABSENT, 1, "device=auto", FALSE},
  {CUDACPU_PROVIDER_WORKS, 0, "device=auto", FALSE},
  {CUDACPU_PROVIDER_WORKS, 1, "device=auto tensorrt-cache=/a/folder", TRUE},
  /* what was wished for where it can be is no mistake where it cannot */
  {CUDACPU_PROVIDER_BROKEN, 1, "device=auto tensorrt-cache=/a/folder", FALSE},
};

/* Wherever it is, it makes the same. */
GST_START_TEST (test_choice)
{
  gboolean on_device;
  g_autofree float *want = run ("device=cpu", &on_device);
  g_autofree float *got = NULL;

  fail_if (on_device);
  cuda->set_devices (choices[__i__].n_devices, cudaSuccess);
  cuda->set_provider (choices[__i__].provider);
  got = run (choices[__i__].properties, &on_device);
  fail_unless_equals_int (on_device, choices[__i__].on_device);
  sampler_assert_equal (got, want);
}

GST_END_TEST;

/* Adds the name of who says why it is on the CPU. */
static void
take_reason (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer names)
{
  if (level == GST_LEVEL_WARNING && GST_IS_ELEMENT (object)
      && strstr (gst_debug_message_get (message), "networks run on the CPU"))
    g_string_append_printf (names, "%s ", GST_OBJECT_NAME (object));
}

/* Each element that runs a network does, once each time that it is opened, and
 * one that runs none does not. */
GST_START_TEST (test_reasons)
{
  g_autoptr (GString) names = g_string_new (NULL);

  cuda->set_devices (0, cudaSuccess);
  gst_debug_set_active (TRUE);
  gst_debug_set_threshold_for_name ("latentmodel", GST_LEVEL_WARNING);
  gst_debug_add_log_function (take_reason, names, NULL);
  for (guint i = 0; i < 2; i++)
    launch_once ("latentsrc num-buffers=2 width=64 height=64 "
        "model=MODELS/tiny ! latentdecode name=one model=MODELS/tiny ! "
        "latentencode name=two model=MODELS/tiny ! fakesink");
  gst_debug_remove_log_function (take_reason);
  fail_unless (strlen (names->str) == strlen ("one two one two "), "%s",
      names->str);
  for (guint i = 0; i < 2; i++) {
    const char *const half = names->str + i * strlen ("one two ");

    fail_unless (g_str_has_prefix (half, "one two ")
        || g_str_has_prefix (half, "two one "), "%s", names->str);
  }
}

GST_END_TEST;

#define RESOURCE(code) &gst_resource_error_quark, GST_RESOURCE_ERROR_ ## code
#define LIBRARY(code) &gst_library_error_quark, GST_LIBRARY_ERROR_ ## code

static const struct
{
  CudaCpuProvider provider;
  int n_devices;
  const char *properties;
    GQuark (*domain) (void);
  gint code;
  const char *part;
} refusals[] = {
  {CUDACPU_PROVIDER_ABSENT, 1, "device=cuda", RESOURCE (NOT_FOUND),
      "device cuda:0: ONNX Runtime"},
  {CUDACPU_PROVIDER_BROKEN, 1, "device=cuda", LIBRARY (FAILED),
      "libcudnn.so.9"},
  {CUDACPU_PROVIDER_NO_CUDNN, 1, "device=cuda", LIBRARY (FAILED),
      "install cuDNN"},
  {CUDACPU_PROVIDER_WORKS, 0, "device=cuda", RESOURCE (NOT_FOUND),
      "the NVIDIA driver finds no device"},
  {CUDACPU_PROVIDER_WORKS, 1, "device=cuda:1", RESOURCE (NOT_FOUND),
      "the last one is 'cuda:0'"},
  {CUDACPU_PROVIDER_NO_TENSORRT, 1, "device=cuda tensorrt-cache=/a/folder",
      LIBRARY (FAILED), "libnvinfer.so.10"},
  {CUDACPU_PROVIDER_WORKS, 1, "device=cpu tensorrt-cache=/a/folder",
      RESOURCE (SETTINGS), "tensorrt-cache has no effect on the device cpu"},
};

/* By each element that has networks. */
GST_START_TEST (test_refusals)
{
  static const char *const lines[] = {
    "latentsrc num-buffers=1 width=64 height=64 ! regionalsampler steps=2 "
        "model=DATA/tiny-sd %s ! fakesink",
    "latentsrc num-buffers=1 width=64 height=64 ! latentdecode "
        "model=DATA/tiny-sd %s ! fakesink",
    "videotestsrc num-buffers=1 ! video/x-raw,format=RGB,width=64,height=64 ! "
        "latentencode model=DATA/tiny-sd %s ! fakesink",
  };

  cuda->set_devices (refusals[__i__].n_devices, cudaSuccess);
  cuda->set_provider (refusals[__i__].provider);
  for (guint k = 0; k < G_N_ELEMENTS (lines); k++) {
    g_autofree char *line = NULL;
    g_autoptr (GString) text = g_string_new (lines[k]);

    g_string_replace (text, "%s", refusals[__i__].properties, 1);
    line = g_string_free (g_steal_pointer (&text), FALSE);
    launch_check_error (refusals[__i__].domain (), refusals[__i__].code,
        refusals[__i__].part, "%s", line);
  }
}

GST_END_TEST;

static void
teardown (void)
{
  cuda->reset ();
  cuda->set_provider (CUDACPU_PROVIDER_WORKS);
}

static Suite *
element_devices_suite (void)
{
  Suite *suite = suite_create ("element-devices");
  TCase *chain = tcase_create ("element-devices");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, setup, teardown);
  tcase_add_test (chain, test_reasons);
  tcase_add_loop_test (chain, test_choice, 0, G_N_ELEMENTS (choices));
  tcase_add_loop_test (chain, test_refusals, 0, G_N_ELEMENTS (refusals));
  return suite;
}

GST_CHECK_MAIN (element_devices);
