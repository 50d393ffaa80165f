/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Paths that lead to something else than a text, and everything that reads
 * one. */

#include "rdtest.h"
#include "scratch.h"
#include "teststream.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "json/file.h"
#include "models/model.h"
#include "prompt/tokenizer.h"

static void
assert_error (const GError * error, RdError code, const char *path,
    const char *reason)
{
  fail_unless (error != NULL, "%s: accepted", path);
  fail_unless (g_error_matches (error, RD_ERROR, code), "%s", error->message);
  fail_unless (strstr (error->message, path) != NULL, "%s", error->message);
  fail_unless (strstr (error->message, reason) != NULL, "%s", error->message);
}

static void
assert_refused (const char *path, RdError code, const char *reason)
{
  g_autoptr (GError) read = NULL, check = NULL;
  gsize size;

  fail_unless (rd_file_read_text (path, &size, &read) == NULL);
  assert_error (read, code, path, reason);
  fail_if (rd_file_check (path, &check));
  assert_error (check, code, path, reason);
}

static void
make_socket (const char *path)
{
  struct sockaddr_un address = { AF_UNIX };
  const int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  fail_unless (g_strlcpy (address.sun_path, path, sizeof address.sun_path)
      < sizeof address.sun_path);
  fail_unless (bind (fd, (struct sockaddr *) &address, sizeof address) == 0);
  close (fd);
}

GST_START_TEST (test_text)
{
  g_autoptr (RdScratch) scratch = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (scratch, "a.txt", NULL);
  g_autofree char *text = NULL, *status = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  fail_unless (g_file_set_contents (path, "a\0b\r\n", 5, NULL));
  text = rd_file_read_text (path, &size, &error);
  fail_unless (text != NULL && size == 5);
  fail_unless (memcmp (text, "a\0b\r\n", 6) == 0);
  fail_unless (rd_file_check (path, &error));

  /* whose size is 0, as fstat() sees it */
  status = rd_file_read_text ("/proc/self/status", &size, &error);
  fail_unless (status != NULL && size > 0 && strlen (status) == size);
}

GST_END_TEST;

GST_START_TEST (test_not_regular)
{
  g_autoptr (RdScratch) scratch = rd_scratch_new (NULL);
  g_autofree char *fifo = g_build_filename (scratch, "fifo", NULL);
  g_autofree char *link = g_build_filename (scratch, "link", NULL);
  g_autofree char *named_socket = g_build_filename (scratch, "socket", NULL);

  fail_unless (mkfifo (fifo, 0600) == 0);
  make_socket (named_socket);
  fail_unless (symlink ("/dev/zero", link) == 0);
  assert_refused (fifo, RD_ERROR_INVALID, "is a FIFO");
  assert_refused (named_socket, RD_ERROR_INVALID, "is a socket");
  assert_refused (scratch, RD_ERROR_INVALID, "is a folder");
  assert_refused ("/dev/zero", RD_ERROR_INVALID, "is a device");
  assert_refused ("/dev/urandom", RD_ERROR_INVALID, "is a device");
  assert_refused ("/dev/null", RD_ERROR_INVALID, "is a device");
  assert_refused (link, RD_ERROR_INVALID, "is a device");
}

GST_END_TEST;

GST_START_TEST (test_paths)
{
  g_autoptr (RdScratch) scratch = rd_scratch_new (NULL);
  g_autofree char *missing = g_build_filename (scratch, "missing", NULL);
  g_autofree char *below = g_build_filename (scratch, "file", "a", NULL);
  g_autofree char *circle = g_build_filename (scratch, "circle", NULL);
  g_autofree char *name = g_strnfill (300, 'x');
  g_autofree char *long_name = g_build_filename (scratch, name, NULL);

  rd_scratch_write (scratch, "file", "text");
  fail_unless (symlink ("circle", circle) == 0);
  assert_refused (missing, RD_ERROR_NOT_FOUND, "no such file");
  assert_refused ("", RD_ERROR_NOT_FOUND, "no such file");
  assert_refused (below, RD_ERROR_NOT_FOUND, "is not a folder");
  assert_refused (circle, RD_ERROR_INVALID, "symbolic links");
  assert_refused (long_name, RD_ERROR_INVALID, "too long");
}

GST_END_TEST;

GST_START_TEST (test_head)
{
  g_autoptr (RdScratch) scratch = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (scratch, "a", NULL);
  g_autoptr (GError) error = NULL;
  guint8 bytes[6] = "......";
  gsize size;

  rd_scratch_write (scratch, "a", "abcde");
  fail_unless (rd_file_read_head (path, bytes, 3, &size, &error));
  fail_unless (size == 3 && memcmp (bytes, "abc...", 6) == 0);
  fail_unless (rd_file_read_head (path, bytes, 6, &size, &error));
  fail_unless (size == 5 && memcmp (bytes, "abcde.", 6) == 0);
  fail_if (rd_file_read_head ("/dev/zero", bytes, 6, &size, &error));
  assert_error (error, RD_ERROR_INVALID, "/dev/zero", "is a device");
}

GST_END_TEST;

/* root may read everything, so it becomes somebody else for the moment. */
GST_START_TEST (test_permission)
{
  g_autoptr (RdScratch) scratch = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (scratch, "secret.json", NULL);
  g_autoptr (GError) text = NULL, json = NULL, optional = NULL;
  g_autoptr (RdJsonFile) file = NULL;
  const uid_t user = geteuid ();
  gsize size;

  rd_scratch_write (scratch, "secret.json", "{}");
  fail_unless (chmod (path, 0) == 0);
  fail_unless (user != 0 || seteuid (65534) == 0);
  rd_file_read_text (path, &size, &text);
  rd_json_file_load (path, &json);
  fail_if (rd_json_file_load_optional (path, &file, &optional));
  fail_unless (user != 0 || seteuid (user) == 0);
  assert_error (text, RD_ERROR_UNREADABLE, path, "permission denied");
  assert_error (json, RD_ERROR_UNREADABLE, path, "permission denied");
  assert_error (optional, RD_ERROR_UNREADABLE, path, "permission denied");
}

GST_END_TEST;

GST_START_TEST (test_reasons)
{
  static const struct
  {
    int code;
    RdError kind;
    const char *reason;
  } reasons[] = {
    {ENOENT, RD_ERROR_NOT_FOUND, "a: no such file"},
    {EACCES, RD_ERROR_UNREADABLE, "a: permission denied"},
    {EPERM, RD_ERROR_UNREADABLE, "a: permission denied"},
    {EISDIR, RD_ERROR_INVALID, "a: is a folder"},
    {EIO, RD_ERROR_UNREADABLE, "a: "},
  };

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++) {
    g_autoptr (GError) error = NULL;

    fail_if (rd_file_fail ("a", reasons[i].code, &error));
    assert_error (error, reasons[i].kind, "a", reasons[i].reason);
    rd_file_add_remedy (&error, "do this");
    fail_unless_equals_int (g_str_has_suffix (error->message, "; do this"),
        reasons[i].kind == RD_ERROR_NOT_FOUND);
  }
}

GST_END_TEST;

/* A file of holes takes no space, but would take all memory. */
GST_START_TEST (test_size)
{
  g_autoptr (RdScratch) scratch = rd_scratch_new (NULL);
  g_autofree char *path = g_build_filename (scratch, "large", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize size;

  rd_scratch_write (scratch, "large", "");
  fail_unless (truncate (path, RD_FILE_MAX_TEXT) == 0);
  text = rd_file_read_text (path, &size, &error);
  fail_unless (text != NULL && size == RD_FILE_MAX_TEXT);
  fail_unless (truncate (path, G_GINT64_CONSTANT (1) << 40) == 0);
  fail_unless (rd_file_read_text (path, &size, &error) == NULL);
  assert_error (error, RD_ERROR_INVALID, path, "the limit for text files");
}

GST_END_TEST;

/* Puts a FIFO, for which nobody writes, in the place of a model's file. */
static char *
make_model (const char *relative, char **path)
{
  g_autofree char *model = rd_test_path ("tiny-sd");
  char *scratch = rd_scratch_new (model);

  *path = g_build_filename (scratch, relative, NULL);
  g_unlink (*path);
  fail_unless (mkfifo (*path, 0600) == 0);
  return scratch;
}

GST_START_TEST (test_model_files)
{
  static const char *const configs[] = {
    "unet/config.json", "vae_decoder/config.json",
    "scheduler/scheduler_config.json",
  };

  for (guint i = 0; i < G_N_ELEMENTS (configs); i++) {
    g_autofree char *path = NULL;
    g_autoptr (RdScratch) scratch = make_model (configs[i], &path);
    g_autoptr (GError) error = NULL;

    fail_unless (rd_model_open (scratch, rd_test_runtime (1), &error) == NULL);
    assert_error (error, RD_ERROR_INVALID, configs[i], "is a FIFO");
  }
}

GST_END_TEST;

GST_START_TEST (test_tokenizer_files)
{
  static const char *const files[] = {
    "vocab.json", "merges.txt", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json",
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *relative = g_build_filename ("tokenizer", files[i], NULL);
    g_autofree char *path = NULL;
    g_autoptr (RdScratch) scratch = make_model (relative, &path);
    g_autofree char *folder = g_build_filename (scratch, "tokenizer", NULL);
    g_autoptr (GError) error = NULL;

    fail_unless (rd_tokenizer_new (folder, 0, &error) == NULL);
    assert_error (error, RD_ERROR_INVALID, path, "is a FIFO");
  }
}

GST_END_TEST;

/* A folder's path can fail in the same ways. */
GST_START_TEST (test_model_folder)
{
  g_autoptr (RdScratch) scratch = rd_scratch_new (NULL);
  g_autofree char *file = g_build_filename (scratch, "file", NULL);
  g_autofree char *circle = g_build_filename (scratch, "circle", NULL);
  g_autoptr (GError) loop = NULL, no_folder = NULL;

  rd_scratch_write (scratch, "file", "text");
  fail_unless (symlink ("circle", circle) == 0);
  fail_unless (rd_model_open (circle, rd_test_runtime (1), &loop) == NULL);
  assert_error (loop, RD_ERROR_INVALID, circle, "symbolic links");
  fail_unless (rd_model_open (file, rd_test_runtime (1), &no_folder) == NULL);
  assert_error (no_folder, RD_ERROR_NOT_FOUND, file, "is a file;");
}

GST_END_TEST;

static Suite *
file_suite (void)
{
  Suite *suite = suite_create ("file");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_text);
  tcase_add_test (tc, test_not_regular);
  tcase_add_test (tc, test_paths);
  tcase_add_test (tc, test_head);
  tcase_add_test (tc, test_permission);
  tcase_add_test (tc, test_reasons);
  tcase_add_test (tc, test_size);
  tcase_add_test (tc, test_model_files);
  tcase_add_test (tc, test_tokenizer_files);
  tcase_add_test (tc, test_model_folder);

  return suite;
}

GST_CHECK_MAIN (file);
