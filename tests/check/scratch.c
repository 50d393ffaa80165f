/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "scratch.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>

static void
copy_tree (GFile * from, GFile * to)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileEnumerator) children = NULL;
  GFileInfo *info;

  g_file_make_directory (to, NULL, NULL);
  children = g_file_enumerate_children (from, G_FILE_ATTRIBUTE_STANDARD_NAME ","
      G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NONE, NULL, &error);
  fail_unless (children != NULL, "%s", error ? error->message : NULL);

  while ((info = g_file_enumerator_next_file (children, NULL, NULL))) {
    g_autoptr (GFile) source = g_file_enumerator_get_child (children, info);
    g_autoptr (GFile) target =
        g_file_get_child (to, g_file_info_get_name (info));

    if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY)
      copy_tree (source, target);
    else
      fail_unless (g_file_copy (source, target, G_FILE_COPY_NONE, NULL, NULL,
              NULL, &error), "%s", error ? error->message : NULL);
    g_object_unref (info);
  }
}

static void
remove_tree (const char *path)
{
  /* what a link leads to stays */
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK)
      ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    remove_tree (child);
  }
  g_remove (path);
}

/**
 * rd_scratch_new:
 * @template_folder: (nullable): what to copy into it
 *
 * Returns: (transfer full): a new temporary folder
 */
char *
rd_scratch_new (const char *template_folder)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("gst-regional-XXXXXX", &error);

  fail_unless (folder != NULL, "%s", error ? error->message : NULL);
  if (template_folder) {
    g_autoptr (GFile) from = g_file_new_for_path (template_folder);
    g_autoptr (GFile) to = g_file_new_for_path (folder);

    copy_tree (from, to);
  }
  return folder;
}

/**
 * rd_scratch_free:
 * @folder: (transfer full): a scratch folder, which is deleted
 */
void
rd_scratch_free (char *folder)
{
  remove_tree (folder);
  g_free (folder);
}

static void
write_bytes (const char *path, const char *bytes, gssize size)
{
  g_autoptr (GError) error = NULL;

  fail_unless (g_file_set_contents (path, bytes, size, &error), "%s",
      error ? error->message : NULL);
}

static char *
read_bytes (const char *path, gsize * size)
{
  g_autoptr (GError) error = NULL;
  char *bytes = NULL;

  fail_unless (g_file_get_contents (path, &bytes, size, &error), "%s",
      error ? error->message : NULL);
  return bytes;
}

/**
 * rd_scratch_write:
 * @folder: a scratch folder
 * @relative: a file below it
 * @text: its new content
 */
void
rd_scratch_write (const char *folder, const char *relative, const char *text)
{
  g_autofree char *path = g_build_filename (folder, relative, NULL);

  write_bytes (path, text, -1);
}

/**
 * rd_scratch_remove:
 * @folder: a scratch folder
 * @relative: a file or folder below it
 */
void
rd_scratch_remove (const char *folder, const char *relative)
{
  g_autofree char *path = g_build_filename (folder, relative, NULL);

  fail_unless (g_file_test (path, G_FILE_TEST_EXISTS), "no %s", path);
  remove_tree (path);
}

/**
 * rd_scratch_truncate:
 * @folder: a scratch folder
 * @relative: a file below it
 * @size: bytes to keep
 */
void
rd_scratch_truncate (const char *folder, const char *relative, gsize size)
{
  g_autofree char *path = g_build_filename (folder, relative, NULL);
  gsize full;
  g_autofree char *bytes = read_bytes (path, &full);

  fail_unless (size < full);
  write_bytes (path, bytes, size);
}

/**
 * rd_scratch_replace:
 * @folder: a scratch folder
 * @relative: a text file below it
 * @old: a text that is in it
 * @new_text: what shall stand there instead
 */
void
rd_scratch_replace (const char *folder, const char *relative, const char *old,
    const char *new_text)
{
  g_autofree char *path = g_build_filename (folder, relative, NULL);
  g_autofree char *text = read_bytes (path, NULL);
  g_auto (GStrv) parts = g_strsplit (text, old, 2);
  g_autofree char *replaced = NULL;

  fail_unless (g_strv_length (parts) == 2, "no %s in %s", old, path);
  replaced = g_strjoinv (new_text, parts);
  write_bytes (path, replaced, -1);
}

/**
 * rd_scratch_install:
 * @folder: a scratch folder
 * @relative: a file below it
 * @source: path of a file that is copied there
 */
void
rd_scratch_install (const char *folder, const char *relative,
    const char *source)
{
  g_autofree char *path = g_build_filename (folder, relative, NULL);
  gsize size;
  g_autofree char *bytes = read_bytes (source, &size);

  write_bytes (path, bytes, size);
}
