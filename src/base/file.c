/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/**
 * rd_file_fail:
 * @path: a file
 * @code: the `errno` of what failed
 * @error: return location for %RD_ERROR_NOT_FOUND where the path leads to
 *   nothing, %RD_ERROR_INVALID where it cannot lead to a file, else
 *   %RD_ERROR_UNREADABLE
 *
 * Says why a file cannot be opened or read, and what to do.
 *
 * Returns: %FALSE
 */
gboolean
rd_file_fail (const char *path, int code, GError ** error)
{
  RdError kind = RD_ERROR_UNREADABLE;
  const char *reason = g_strerror (code);

  switch (code) {
    case ENOENT:
      kind = RD_ERROR_NOT_FOUND;
      reason = "no such file";
      break;
    case ENOTDIR:
      kind = RD_ERROR_NOT_FOUND;
      reason = "no such file: a part of the path in front of the last '/' is "
          "not a folder";
      break;
    case ENAMETOOLONG:
      kind = RD_ERROR_INVALID;
      reason = "the path or a name in it is too long; use a shorter one";
      break;
    case ELOOP:
      kind = RD_ERROR_INVALID;
      reason = "symbolic links lead in a circle; name the file itself";
      break;
    case EISDIR:
      kind = RD_ERROR_INVALID;
      reason = "is a folder, must be a regular file; name a file in it";
      break;
    case ENXIO:
      kind = RD_ERROR_INVALID;
      reason = "is a socket or a device, must be a regular file";
      break;
    case EACCES:
    case EPERM:
      reason = "permission denied; allow this user to read the file and to "
          "enter the folders above it";
      break;
    default:
      break;
  }
  g_set_error (error, RD_ERROR, kind, "%s: %s", path, reason);
  return FALSE;
}

/**
 * rd_file_add_remedy:
 * @error: (nullable): what a function of this file returned
 * @remedy: what to do where there is no such file, a clause of a sentence
 *
 * Puts @remedy behind the message of %RD_ERROR_NOT_FOUND; other errors have
 * their own.
 */
void
rd_file_add_remedy (GError ** error, const char *remedy)
{
  char *message;

  if (!error || !g_error_matches (*error, RD_ERROR, RD_ERROR_NOT_FOUND))
    return;
  message = g_strconcat ((*error)->message, "; ", remedy, NULL);
  g_free ((*error)->message);
  (*error)->message = message;
}

static gboolean
check_regular (int fd, const char *path, GError ** error)
{
  struct stat info;
  const char *kind = "no regular file";

  if (fstat (fd, &info) != 0)
    return rd_file_fail (path, errno, error);
  if (S_ISREG (info.st_mode))
    return TRUE;
  if (S_ISDIR (info.st_mode))
    return rd_file_fail (path, EISDIR, error);
  if (S_ISFIFO (info.st_mode))
    kind = "a FIFO (named pipe)";
  else if (S_ISCHR (info.st_mode) || S_ISBLK (info.st_mode))
    kind = "a device";
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "%s: is %s, must be a "
      "regular file; save what it gives in one", path, kind);
  return FALSE;
}

/* Opens a regular file for reading. Never waits for somebody to write. */
static int
open_regular (const char *path, GError ** error)
{
  const int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);

  if (fd < 0) {
    rd_file_fail (path, errno, error);
    return -1;
  }
  if (!check_regular (fd, path, error)) {
    close (fd);
    return -1;
  }
  return fd;
}

/**
 * rd_file_check:
 * @path: a file that something else will open by its path
 * @error: as rd_file_fail(); %RD_ERROR_INVALID for a FIFO, device, folder or
 *   socket
 *
 * Returns: whether it is a regular file that can be opened
 */
gboolean
rd_file_check (const char *path, GError ** error)
{
  const int fd = open_regular (path, error);

  return fd >= 0 && close (fd) == 0;
}

/* Reads until @capacity bytes are there or the file ends. Does not ask for the
 * file's size: files in /proc have 0. */
static gboolean
read_up_to (int fd, guint8 * bytes, gsize capacity, gsize * size,
    const char *path, GError ** error)
{
  *size = 0;
  while (*size < capacity) {
    const gssize n = read (fd, bytes + *size, capacity - *size);

    if (n == 0)
      break;
    if (n < 0 && errno != EINTR)
      return rd_file_fail (path, errno, error);
    *size += MAX (n, 0);
  }
  return TRUE;
}

/**
 * rd_file_read_head:
 * @path: a file
 * @bytes: (array length=capacity): receives its first bytes
 * @capacity: how many
 * @size: (out): how many there are, less than @capacity in a shorter file
 * @error: as rd_file_check()
 *
 * Returns: whether it could be read
 */
gboolean
rd_file_read_head (const char *path, guint8 * bytes, gsize capacity,
    gsize * size, GError ** error)
{
  const int fd = open_regular (path, error);
  gboolean done;

  if (fd < 0)
    return FALSE;
  done = read_up_to (fd, bytes, capacity, size, path, error);
  close (fd);
  return done;
}

static gboolean
read_all (int fd, GByteArray * text, const char *path, GError ** error)
{
  guint8 part[64 * 1024];
  gsize n;

  do {
    if (!read_up_to (fd, part, sizeof part, &n, path, error))
      return FALSE;
    if (text->len + n > RD_FILE_MAX_TEXT) {
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
          "%s: has more than %d MiB,"
          " which is the limit for text files; check that it is the right file",
          path, RD_FILE_MAX_TEXT / (1024 * 1024));
      return FALSE;
    }
    g_byte_array_append (text, part, n);
  } while (n == sizeof part);
  return TRUE;
}

/**
 * rd_file_read_text:
 * @path: a file
 * @size: (out): its bytes
 * @error: as rd_file_check(); %RD_ERROR_INVALID for more than
 *   %RD_FILE_MAX_TEXT bytes
 *
 * Reads a text file with nothing lost or changed; see rd_text_check() for NULs
 * in it.
 *
 * Returns: (transfer full) (nullable): its content, with a NUL behind it
 */
char *
rd_file_read_text (const char *path, gsize * size, GError ** error)
{
  const int fd = open_regular (path, error);
  g_autoptr (GByteArray) text = NULL;
  gboolean whole;

  if (fd < 0)
    return NULL;
  text = g_byte_array_new ();
  whole = read_all (fd, text, path, error);
  close (fd);
  if (!whole)
    return NULL;
  *size = text->len;
  g_byte_array_append (text, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (g_steal_pointer (&text), FALSE);
}
