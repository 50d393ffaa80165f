/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Runs a fuzz target on all files of a folder, for compilers without libFuzzer:
 * what once went wrong stays tested. */

#include "fuzz.h"

static void
replay (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;
  gsize size;

  if (!g_file_get_contents (path, &content, &size, &error))
    g_error ("%s", error->message);
  LLVMFuzzerTestOneInput ((const guint8 *) content, size);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = NULL;
  const char *name;
  guint n = 0;

  if (argc != 2)
    g_error ("usage: %s FOLDER", argv[0]);

  folder = g_dir_open (argv[1], 0, &error);
  if (!folder)
    g_error ("%s", error->message);
  for (; (name = g_dir_read_name (folder)); n++) {
    g_autofree char *path = g_build_filename (argv[1], name, NULL);

    replay (path);
  }
  if (n == 0)
    g_error ("%s is empty", argv[1]);

  g_print ("%u inputs\n", n);
  return 0;
}
