/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Which library serves as ONNX Runtime, and what is said of one that does not. */

#include <dlfcn.h>
#include <unistd.h>

#include "rdtest.h"
#include "scratch.h"

#include "base/error.h"
#include "networks/networks.h"
#include "onnx/cuda-libraries.h"
#include "onnx/library.h"

static void
assert_refused (const char *path, RdError code, const char *reason)
{
  g_autoptr (GError) error = NULL;

  fail_unless (rd_ort_library_open (path, &error) == NULL);
  fail_unless (g_error_matches (error, RD_ERROR, code), "%s: %s", path,
      error->message);
  fail_unless (strstr (error->message, path) != NULL, "%s", error->message);
  fail_unless (strstr (error->message, reason) != NULL, "%s", error->message);
}

GST_START_TEST (test_files)
{
  g_autofree char *text = rd_test_path ("tokenizer/cases.json");
  g_autofree char *folder = g_path_get_dirname (text);
  g_autofree char *missing = g_build_filename (folder, "missing.so", NULL);

  assert_refused (missing, RD_ERROR_NOT_FOUND, "no such file");
  assert_refused (folder, RD_ERROR_NOT_FOUND, "not a regular file");
  assert_refused ("/dev/zero", RD_ERROR_NOT_FOUND, "not a regular file");
  assert_refused (text, RD_ERROR_FAILED, text);
  assert_refused ("libmissing.so.1", RD_ERROR_FAILED, "libmissing.so.1");
}

GST_END_TEST;

GST_START_TEST (test_other_libraries)
{
  assert_refused ("libc.so.6", RD_ERROR_INVALID,
      "not a library of ONNX Runtime");
  assert_refused (OLD_ONNXRUNTIME, RD_ERROR_FAILED,
      "ONNX Runtime 1.16.3 is too old, 1.17 or later is needed");
}

GST_END_TEST;

/* Nothing else is tried where the variable names a file. */
GST_START_TEST (test_variable)
{
  g_autofree char *before = g_strdup (g_getenv (RD_ORT_LIBRARY_VARIABLE));
  g_autoptr (GError) error = NULL;
  const OrtApiBase *base;

  fail_unless (g_setenv (RD_ORT_LIBRARY_VARIABLE, OLD_ONNXRUNTIME, TRUE));
  fail_unless (rd_ort_library (&error) == NULL);
  fail_unless (strstr (error->message, RD_ORT_LIBRARY_VARIABLE) != NULL
      && strstr (error->message, "1.16.3 is too old") != NULL, "%s",
      error->message);
  g_clear_error (&error);

  if (!before)
    return;
  fail_unless (g_setenv (RD_ORT_LIBRARY_VARIABLE, before, TRUE));
  base = rd_ort_library (&error);
  fail_unless (base != NULL, "%s", error ? error->message : NULL);
  fail_unless (base->GetApi (RD_ORT_NEEDED_API) != NULL);
}

GST_END_TEST;

/* Without the variable it may be found or not; an error says what was tried. */
GST_START_TEST (test_search)
{
  g_autofree char *before = g_strdup (g_getenv (RD_ORT_LIBRARY_VARIABLE));
  g_autoptr (GError) error = NULL;
  const OrtApiBase *base;

  g_unsetenv (RD_ORT_LIBRARY_VARIABLE);
  base = rd_ort_library (&error);
  fail_unless ((base == NULL) == (error != NULL));
  if (error)
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NOT_FOUND)
        && strstr (error->message, RD_ORT_LIBRARY_VARIABLE) != NULL
        && strstr (error->message, "libonnxruntime.so.1:") != NULL
        && strstr (error->message, "gst-regional/libonnxruntime.so.1:") != NULL,
        "%s", error->message);
  if (before)
    fail_unless (g_setenv (RD_ORT_LIBRARY_VARIABLE, before, TRUE));
}

GST_END_TEST;

/* What a log says about the library: the version, and the file, wherever the
 * loader found it. */
GST_START_TEST (test_description)
{
  g_autofree char *before = g_strdup (g_getenv (RD_ORT_LIBRARY_VARIABLE));
  const OrtApiBase *base = rd_ort_library (NULL);
  g_autofree char *text = rd_onnx_backend ()->describe ();

  if (!base)
    return;
  fail_unless (strstr (text, base->GetVersionString ()) != NULL, "%s", text);
  fail_unless (g_path_is_absolute (rd_ort_library_path (base)));
  fail_unless (g_str_has_suffix (text, rd_ort_library_path (base)), "%s", text);
  if (before)
    fail_unless_equals_string (rd_ort_library_path (base), before);
}

GST_END_TEST;

/* A library in @folder, or, with @text, a file that is none. */
static void
put_library (const char *folder, const char *relative, const char *text)
{
  g_autofree char *path = g_build_filename (folder, relative, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  fail_unless (g_mkdir_with_parents (parent, 0700) == 0);
  if (text)
    rd_scratch_write (folder, relative, text);
  else
    rd_scratch_install (folder, relative, OLD_ONNXRUNTIME);
}

static gboolean
is_loaded (const char *folder, const char *relative)
{
  g_autofree char *path = g_build_filename (folder, relative, NULL);

  return dlopen (path, RTLD_LAZY | RTLD_NOLOAD) != NULL;
}

/* CUDA's libraries beside ONNX Runtime's, and in NVIDIA's Python packages beside
 * its package, are loaded with each before what needs it. */
GST_START_TEST (test_cuda_libraries)
{
  static const char *const order[] = {
    "libcublasLt.so.13", "libcublas.so.13", "libcudart.so.13", "libcudnn.so.9",
  };
  g_autofree char *template = rd_test_path ("onnx");
  g_autoptr (RdScratch) folder = rd_scratch_new (template);
  g_autofree char *library =
      g_build_filename (folder, "onnxruntime", "capi", "lib.so", NULL);
  g_autofree char *link = g_build_filename (folder, "link.so", NULL);
  g_auto (GStrv) loaded = NULL;

  put_library (folder, "onnxruntime/capi/lib.so", "");
  put_library (folder, "onnxruntime/capi/libcudart.so.13", NULL);
  put_library (folder, "onnxruntime/capi/libcudart.so.txt", NULL);
  put_library (folder, "onnxruntime/capi/libcurand.so.10", "not a library");
  put_library (folder, "nvidia/cu13/lib/libcublas.so.13", NULL);
  put_library (folder, "nvidia/cu13/lib/libcublasLt.so.13", NULL);
  put_library (folder, "nvidia/cu13/lib/libnvblas.so.13", NULL);
  put_library (folder, "nvidia/cudnn/lib/libcudnn.so.9", NULL);
  put_library (folder, "nvidia/cudnn/lib/libcudnn_ops.so.9", NULL);
  fail_unless (symlink (library, link) == 0);

  loaded = rd_cuda_libraries_load (link);
  fail_unless_equals_int (g_strv_length (loaded), G_N_ELEMENTS (order));
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    fail_unless (g_str_has_suffix (loaded[i], order[i]), "%u: %s", i,
        loaded[i]);
  fail_unless (is_loaded (folder, "onnxruntime/capi/libcudart.so.13"));
  fail_unless (is_loaded (folder, "nvidia/cudnn/lib/libcudnn.so.9"));
  fail_if (is_loaded (folder, "nvidia/cudnn/lib/libcudnn_ops.so.9"));
  fail_if (is_loaded (folder, "nvidia/cu13/lib/libnvblas.so.13"));
}

GST_END_TEST;

/* Where there are none, as with a library of the system's. */
GST_START_TEST (test_no_cuda_libraries)
{
  g_auto (GStrv) loaded = rd_cuda_libraries_load ("/nowhere/lib.so");

  fail_unless_equals_int (g_strv_length (loaded), 0);
}

GST_END_TEST;

static Suite *
onnx_library_suite (void)
{
  Suite *suite = suite_create ("onnx-library");
  TCase *tcase = tcase_create ("general");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_files);
  tcase_add_test (tcase, test_other_libraries);
  tcase_add_test (tcase, test_variable);
  tcase_add_test (tcase, test_search);
  tcase_add_test (tcase, test_description);
  tcase_add_test (tcase, test_cuda_libraries);
  tcase_add_test (tcase, test_no_cuda_libraries);
  return suite;
}

GST_CHECK_MAIN (onnx_library);
