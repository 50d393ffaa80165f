/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "onnx/cuda-libraries.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* Where ONNX Runtime's own messages go, too, see ort.c. */
#define LOG_DOMAIN "onnxruntime"

/* What the CUDA provider needs, in an order in which each finds those that it
 * needs itself. cuDNN loads its other parts from its own folder. */
static const char *const names[] = {
  "libcublasLt.so.", "libcublas.so.", "libnvrtc.so.", "libcurand.so.",
  "libcufft.so.", "libcudart.so.", "libcudnn.so.",
};

/* What comes behind is a version. */
static gboolean
is_library (const char *file, const char *name)
{
  return g_str_has_prefix (file, name)
      && g_ascii_isdigit (file[strlen (name)]);
}

static void
load_from (const char *folder, const char *name, GStrvBuilder * loaded)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;

  while (dir && (file = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, file, NULL);

    if (!is_library (file, name)
        || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
      continue;
    if (dlopen (path, RTLD_NOW | RTLD_LOCAL)) {
      g_strv_builder_add (loaded, path);
      g_log (LOG_DOMAIN, G_LOG_LEVEL_INFO, "loaded %s", path);
    } else {
      g_log (LOG_DOMAIN, G_LOG_LEVEL_INFO, "%s", dlerror ());
    }
  }
}

/* The folder of @library, and, where that is the Python package onnxruntime-gpu,
 * the folders of NVIDIA's packages beside it. */
static GStrv
find_folders (const char *library)
{
  g_autoptr (GStrvBuilder) folders = g_strv_builder_new ();
  g_autofree char *folder = g_path_get_dirname (library);
  g_autofree char *nvidia = g_build_filename (folder, "..", "..", "nvidia",
      NULL);
  g_autoptr (GDir) dir = g_dir_open (nvidia, 0, NULL);
  const char *package;

  g_strv_builder_add (folders, folder);
  while (dir && (package = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (nvidia, package, "lib", NULL);

    g_strv_builder_add (folders, path);
  }
  return g_strv_builder_end (folders);
}

/**
 * rd_cuda_libraries_load:
 * @library: the path of ONNX Runtime's library
 *
 * Loads those that lie beside @library, or in the Python packages of NVIDIA beside
 * its package, whatever their versions; they stay loaded for the rest of the
 * process. What cannot be loaded is left out: what needs it will say so.
 *
 * Returns: (transfer full): the files that are loaded
 */
GStrv
rd_cuda_libraries_load (const char *library)
{
  g_autoptr (GStrvBuilder) loaded = g_strv_builder_new ();
  char *real = realpath (library, NULL);
  g_auto (GStrv) folders = find_folders (real ? real : library);

  free (real);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    for (gsize k = 0; folders[k]; k++)
      load_from (folders[k], names[i], loaded);
  return g_strv_builder_end (loaded);
}
