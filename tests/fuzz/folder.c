/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "folder.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *folder;
static guint n_files;
static const FuzzFile *all;
static const FuzzFile *replaced;

static void
write_file (const FuzzFile * file, gconstpointer data, gssize size)
{
  g_autofree char *path = g_build_filename (folder, file->name, NULL);
  FILE *stream = fopen (path, "wb");

  g_assert_nonnull (stream);
  g_assert_cmpuint (fwrite (data, 1, size, stream), ==, size);
  g_assert_cmpint (fclose (stream), ==, 0);
}

static void
restore (const FuzzFile * file)
{
  write_file (file, file->text, strlen (file->text));
}

static void
remove_folder (void)
{
  for (guint i = 0; i < n_files; i++) {
    g_autofree char *path = g_build_filename (folder, all[i].name, NULL);
    g_autofree char *parent = g_path_get_dirname (path);

    g_remove (path);
    g_rmdir (parent);
  }
  g_rmdir (folder);
  g_free (folder);
}

static void
make_folder (guint n, const FuzzFile * files)
{
  folder = g_dir_make_tmp ("gst-regional-fuzz-XXXXXX", NULL);
  g_assert_nonnull (folder);
  n_files = n;
  all = files;
  for (guint i = 0; i < n; i++) {
    g_autofree char *path = g_build_filename (folder, files[i].name, NULL);
    g_autofree char *parent = g_path_get_dirname (path);

    g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
    restore (&files[i]);
  }
  atexit (remove_folder);
}

/**
 * fuzz_folder_open:
 * @n: how many files there are
 * @files: (array length=n): the same in all calls
 * @data: an input: which file it is for, and what that says
 * @size: of it, in bytes
 *
 * Returns: (transfer none): the folder with that file
 */
const char *
fuzz_folder_open (guint n, const FuzzFile * files, const guint8 * data,
    gsize size)
{
  if (!folder)
    make_folder (n, files);
  replaced = size > 0 ? &files[data[0] % n] : NULL;
  if (replaced)
    write_file (replaced, data + 1, size - 1);
  return folder;
}

/**
 * fuzz_folder_close:
 *
 * Makes the files of the folder what they were.
 */
void
fuzz_folder_close (void)
{
  if (replaced)
    restore (replaced);
}
