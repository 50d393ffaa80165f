/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Which library serves as ONNX Runtime, and what is said of one that does not. */

#include "rdtest.h"

#include "base/error.h"
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
  return suite;
}

GST_CHECK_MAIN (onnx_library);
