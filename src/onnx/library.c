/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* dladdr() */
#define _GNU_SOURCE

#include "onnx/library.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* The name that ONNX Runtime's own builds give their library. */
#define NAME "libonnxruntime.so.1"

/* Debian's packages put the minor number of the release behind that name; the
 * newest that is looked for. */
#define NEWEST_MINOR 99

/* A library that comes with the plugin lies in this folder beside the plugin's:
 * not in the plugin's, where GStreamer would take the libraries of ONNX
 * Runtime's providers for plugins. */
#define PRIVATE_FOLDER "gst-regional"

typedef const OrtApiBase *(ORT_API_CALL * GetApiBase) (void);

/**
 * rd_ort_library_open:
 * @path: the library's file, or its name only, which the loader searches for
 * @error: %RD_ERROR_NOT_FOUND: there is no such file, or it is no regular one;
 *   %RD_ERROR_INVALID: it is not a library of ONNX Runtime; %RD_ERROR_FAILED:
 *   it is too old, or the loader refuses it
 *
 * The library stays loaded for the rest of the process: ONNX Runtime has threads
 * and exit handlers of its own.
 *
 * Returns: (transfer none) (nullable): its entry point
 */
const OrtApiBase *
rd_ort_library_open (const char *path, GError ** error)
{
  GetApiBase get_base;
  const OrtApiBase *base;
  void *library;

  /* the loader would wait for a FIFO */
  if (strchr (path, '/') && !g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND, "%s: %s", path,
        g_file_test (path, G_FILE_TEST_EXISTS) ? "not a regular file"
        : "no such file");
    return NULL;
  }
  library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    /* the message begins with the name of the file that is at fault */
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED, "%s", dlerror ());
    return NULL;
  }
  get_base = (GetApiBase) dlsym (library, "OrtGetApiBase");
  if (!get_base) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: not a library of ONNX Runtime", path);
    return NULL;
  }
  base = get_base ();
  if (!base->GetApi (RD_ORT_NEEDED_API)) {
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
        "%s: ONNX Runtime %s is too old, 1.%d or later is needed", path,
        base->GetVersionString (), RD_ORT_NEEDED_API);
    return NULL;
  }
  return base;
}

/**
 * rd_ort_library_path:
 * @base: what rd_ort_library() gave
 *
 * Returns: (transfer none): the file it is of, as the loader opened it
 */
const char *
rd_ort_library_path (const OrtApiBase * base)
{
  Dl_info info;

  return dladdr ((void *) base->GetVersionString, &info) && info.dli_fname
      ? info.dli_fname : NAME;
}

/* The file that may have come with the plugin, or with the program that this code
 * is part of: it lies beside the folder of the real file, so that links to the
 * plugin work. %NULL where that cannot be told. */
static char *
private_library (void)
{
  g_autofree char *folder = NULL;
  char *self;
  Dl_info info;

  if (!dladdr ((void *) rd_ort_library, &info) || !info.dli_fname)
    return NULL;
  self = realpath (info.dli_fname, NULL);
  if (!self)
    return NULL;
  folder = g_path_get_dirname (self);
  free (self);
  return g_build_filename (folder, "..", PRIVATE_FOLDER, NAME, NULL);
}

/* The newest library that has its minor number in its name. */
static const OrtApiBase *
open_numbered (void)
{
  const OrtApiBase *base = NULL;

  for (guint minor = NEWEST_MINOR; minor >= RD_ORT_NEEDED_API && !base; minor--) {
    g_autofree char *name = g_strdup_printf ("%s.%u", NAME, minor);

    base = rd_ort_library_open (name, NULL);
  }
  return base;
}

/* As rd_ort_library_open(); adds the reason to @tried where it refuses. */
static const OrtApiBase *
try_library (const char *path, GString * tried)
{
  g_autoptr (GError) error = NULL;
  const OrtApiBase *base = rd_ort_library_open (path, &error);

  if (!base)
    g_string_append_printf (tried, "%s%s", tried->len ? "; " : "",
        error->message);
  return base;
}

/**
 * rd_ort_library:
 * @error: %RD_ERROR_NOT_FOUND: no library serves; the message says which were
 *   tried, and why each was refused
 *
 * Looks for the library in this order: the file that the environment variable
 * #RD_ORT_LIBRARY_VARIABLE names, and no other if it is set; the folder
 * gst-regional beside the plugin's folder; wherever the loader finds
 * `libonnxruntime.so.1`, then one with a minor number behind that, as Debian
 * names them, the newest first; then `libonnxruntime.so`.
 *
 * Returns: (transfer none) (nullable): the entry point of the first that serves
 */
const OrtApiBase *
rd_ort_library (GError ** error)
{
  const char *named = g_getenv (RD_ORT_LIBRARY_VARIABLE);
  g_autofree char *own = private_library ();
  g_autoptr (GString) tried = g_string_new (NULL);
  const OrtApiBase *base = NULL;

  if (named && *named) {
    base = rd_ort_library_open (named, error);
    if (!base)
      g_prefix_error (error, "ONNX Runtime as " RD_ORT_LIBRARY_VARIABLE
          " names it: ");
    return base;
  }
  if (own)
    base = try_library (own, tried);
  if (!base)
    base = try_library (NAME, tried);
  if (!base)
    base = open_numbered ();
  if (!base)
    base = try_library ("libonnxruntime.so", tried);
  if (!base)
    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
        "ONNX Runtime 1.%d or later is needed to run networks; install it, or "
        "name its library in the environment variable " RD_ORT_LIBRARY_VARIABLE
        " (tried: %s)", RD_ORT_NEEDED_API, tried->str);
  return base;
}
