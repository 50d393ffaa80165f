/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "rdtest.h"

#include <string.h>

#define NPY_MAGIC "\x93NUMPY\x01\x00"
#define NPY_PREAMBLE 10

static char *
path_below (const char *variable, const char *relative)
{
  const char *folder = g_getenv (variable);

  fail_unless (folder != NULL, "%s is not set: run the tests through meson",
      variable);
  return g_build_filename (folder, relative, NULL);
}

/**
 * rd_test_device_name:
 *
 * Returns: (transfer none): the device under test, RD_TEST_DEVICE, by default
 *   `cpu`
 */
const char *
rd_test_device_name (void)
{
  const char *name = g_getenv ("RD_TEST_DEVICE");

  return name ? name : "cpu";
}

/**
 * rd_test_path:
 * @relative: a path below tests/data
 *
 * Returns: (transfer full): the file's path
 */
char *
rd_test_path (const char *relative)
{
  return path_below ("RD_TEST_DATA", relative);
}

/**
 * rd_test_model_path:
 * @relative: a path below models
 *
 * Returns: (transfer full): the file's path
 */
char *
rd_test_model_path (const char *relative)
{
  return path_below ("RD_MODELS", relative);
}

/**
 * rd_test_is_long:
 *
 * Returns: whether this is a run of `tools/test --long`, which sets
 *   RD_TEST_LONG: time does not matter then
 */
gboolean
rd_test_is_long (void)
{
  return g_getenv ("RD_TEST_LONG") != NULL;
}

/* Of a variable of the environment; fails the test if it holds something else. */
static guint64
get_number (const char *variable, guint64 otherwise)
{
  const char *text = g_getenv (variable);
  g_autoptr (GError) error = NULL;
  guint64 number = otherwise;

  if (text && !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &number,
          &error))
    fail ("%s: %s", variable, error->message);
  return number;
}

/**
 * rd_test_cycles:
 * @usual: how often a test repeats what it does at random moments
 *
 * Returns: RD_TEST_CYCLES if that is set; else @usual, or ten times that in a
 *   long run
 */
guint
rd_test_cycles (guint usual)
{
  return (guint) get_number ("RD_TEST_CYCLES",
      rd_test_is_long ()? 10 * usual : usual);
}

/**
 * rd_test_seed:
 *
 * Returns: where a test's random numbers begin: RD_TEST_SEED, by default 1
 */
guint32
rd_test_seed (void)
{
  return (guint32) get_number ("RD_TEST_SEED", 1);
}

static GstElement *holder;

/**
 * rd_test_hold_model:
 *
 * Opens the small model with one thread and keeps it, so that its networks are
 * loaded once a check and not by every element that comes and goes; for
 * tcase_add_checked_fixture(), with rd_test_release_model(). Not for checks
 * that watch a load.
 */
void
rd_test_hold_model (void)
{
  g_autofree char *model = rd_test_path ("tiny-sd");

  holder = gst_element_factory_make ("latentdecode", NULL);
  g_object_set (holder, "model", model, "threads", 1,
      "device", rd_test_device_name (), NULL);
  fail_unless_equals_int (gst_element_set_state (holder, GST_STATE_PAUSED),
      GST_STATE_CHANGE_SUCCESS);
}

void
rd_test_release_model (void)
{
  gst_element_set_state (holder, GST_STATE_NULL);
  gst_clear_object (&holder);
}

static float
get_f32 (const guint8 * bytes)
{
  guint32 bits;
  float value;

  memcpy (&bits, bytes, sizeof (bits));
  bits = GUINT32_FROM_LE (bits);
  memcpy (&value, &bits, sizeof (value));

  return value;
}

/**
 * rd_test_array_set_shape:
 * @array: an array
 * @rank: number of dimensions
 * @dims: their sizes
 */
void
rd_test_array_set_shape (RdTestArray * array, guint rank, const gint64 * dims)
{
  guint i;

  array->rank = rank;
  array->n = 1;
  for (i = 0; i < rank; i++) {
    array->dims[i] = dims[i];
    array->n *= dims[i];
  }
}

/* (2, 3) as numpy writes it, in a header that has been cut to a string */
static void
parse_shape (RdTestArray * array, const char *header)
{
  const char *text = strstr (header, "'shape': (");
  gint64 dims[RD_TEST_MAX_RANK];
  guint rank = 0;

  fail_unless (text != NULL, "no shape in NPY header %s", header);
  text += strlen ("'shape': (");
  while (*text != ')') {
    char *end;

    fail_unless (rank < RD_TEST_MAX_RANK, "NPY file of high rank: %s", header);
    dims[rank++] = g_ascii_strtoll (text, &end, 10);
    fail_unless (end != text, "malformed shape in NPY header %s", header);
    for (text = end; *text == ',' || *text == ' ';)
      text++;
  }

  rd_test_array_set_shape (array, rank, dims);
}

/**
 * rd_test_load_npy:
 * @relative: a path below tests/data
 *
 * Reads an NPY file of version 1.0 with elements of type `<f4` or `|u1` in C
 * order.
 *
 * Returns: (transfer full): its content as floats
 */
RdTestArray *
rd_test_load_npy (const char *relative)
{
  g_autofree char *path = rd_test_path (relative);
  g_autofree char *content = NULL;
  g_autofree char *header = NULL;
  g_autoptr (GError) error = NULL;
  RdTestArray *array = g_new0 (RdTestArray, 1);
  const guint8 *bytes;
  gsize i, size, start, element;

  fail_unless (g_file_get_contents (path, &content, &size, &error), "%s",
      error ? error->message : NULL);
  bytes = (const guint8 *) content;
  fail_unless (size > NPY_PREAMBLE
      && memcmp (bytes, NPY_MAGIC, strlen (NPY_MAGIC) + 1) == 0,
      "%s is no NPY file of version 1.0", path);
  start = NPY_PREAMBLE + bytes[8] + 256 * bytes[9];
  fail_unless (size >= start, "%s is too short", path);

  header = g_strndup (content + NPY_PREAMBLE, start - NPY_PREAMBLE);
  fail_unless (strstr (header, "'fortran_order': False") != NULL,
      "%s is not in C order", path);
  element = strstr (header, "'<f4'") ? 4 : 1;
  fail_unless (element == 4 || strstr (header, "'|u1'"),
      "%s has an unknown element type", path);

  parse_shape (array, header);
  fail_unless_equals_uint64 (size - start, array->n * element);
  array->data = g_new (float, array->n);
  for (i = 0; i < array->n; i++)
    array->data[i] = element == 4 ? get_f32 (bytes + start + 4 * i)
        : bytes[start + i];

  return array;
}

/**
 * rd_test_array_free:
 * @array: (transfer full) (nullable): an array
 */
void
rd_test_array_free (RdTestArray * array)
{
  if (!array)
    return;

  g_free (array->data);
  g_free (array);
}
