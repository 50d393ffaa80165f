/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rdtest.h"

#include <math.h>
#include <string.h>

#define NPY_MAGIC "\x93NUMPY\x01\x00"
#define NPY_PREAMBLE 10

/* the worst comparison since the last report */
static struct
{
  char *id;
  double error;
  double share;                 /* of what was tolerated */
} worst;

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

static void
set_shape (RdTestArray * array, guint rank, const gint64 * dims)
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

  set_shape (array, rank, dims);
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

static JsonObject *
manifest (void)
{
  static JsonParser *parser;

  if (!parser) {
    g_autofree char *path = rd_test_path ("golden/manifest.json");
    g_autoptr (GError) error = NULL;

    parser = json_parser_new_immutable ();
    fail_unless (json_parser_load_from_file (parser, path, &error), "%s",
        error ? error->message : NULL);
  }

  return json_node_get_object (json_parser_get_root (parser));
}

/**
 * rd_test_golden_each:
 * @kind: of a golden case
 * @func: (scope call): what to do with each of that kind
 *
 * Runs a test on all golden cases of a kind, of which there must be some, and
 * prints how far the worst comparison was off.
 *
 * Returns: their number
 */
guint
rd_test_golden_each (const char *kind, RdTestCaseFunc func)
{
  JsonArray *cases = json_object_get_array_member (manifest (), "cases");
  guint i, n = 0;

  g_clear_pointer (&worst.id, g_free);
  worst.error = worst.share = 0.0;

  for (i = 0; i < json_array_get_length (cases); i++) {
    JsonObject *test_case = json_array_get_object_element (cases, i);

    if (strcmp (json_object_get_string_member (test_case, "kind"), kind) == 0) {
      func (test_case);
      n++;
    }
  }

  fail_unless (n > 0, "no golden case of kind %s", kind);
  g_print ("%s: %u cases, worst error %.3g (%.0f %% of the tolerance) in %s\n",
      kind, n, worst.error, 100.0 * worst.share, worst.id ? worst.id : "none");

  return n;
}

/**
 * rd_test_golden_case:
 * @id: of a golden case
 *
 * Returns: (transfer none): the case
 */
JsonObject *
rd_test_golden_case (const char *id)
{
  JsonArray *cases = json_object_get_array_member (manifest (), "cases");
  guint i;

  for (i = 0; i < json_array_get_length (cases); i++) {
    JsonObject *test_case = json_array_get_object_element (cases, i);

    if (strcmp (json_object_get_string_member (test_case, "id"), id) == 0)
      return test_case;
  }

  ck_abort_msg ("no golden case %s", id);
  return NULL;
}

/* Several arrays are packed into one file. */
static const RdTestArray *
load_packed (const char *file)
{
  static GHashTable *loaded;
  RdTestArray *array;

  if (!loaded)
    loaded = g_hash_table_new (g_str_hash, g_str_equal);

  array = g_hash_table_lookup (loaded, file);
  if (!array) {
    g_autofree char *relative = g_build_filename ("golden", file, NULL);

    array = rd_test_load_npy (relative);
    g_hash_table_insert (loaded, g_strdup (file), array);
  }

  return array;
}

static RdTestArray *
load_reference (JsonObject * reference)
{
  JsonArray *shape = json_object_get_array_member (reference, "shape");
  gint64 offset = json_object_get_int_member (reference, "offset");
  const char *file = json_object_get_string_member (reference, "file");
  const RdTestArray *packed = load_packed (file);
  RdTestArray *array = g_new0 (RdTestArray, 1);
  gint64 dims[RD_TEST_MAX_RANK];
  guint i, rank = json_array_get_length (shape);

  fail_unless (rank <= RD_TEST_MAX_RANK);
  for (i = 0; i < rank; i++)
    dims[i] = json_array_get_int_element (shape, i);
  set_shape (array, rank, dims);
  fail_unless (offset + array->n <= packed->n, "%s is too short", file);
  array->data = g_memdup2 (packed->data + offset, array->n * sizeof (float));

  return array;
}

/**
 * rd_test_golden_array:
 * @parent: a part of a golden case
 * @member: which of its members refers to an array
 *
 * Returns: (transfer full): the array
 */
RdTestArray *
rd_test_golden_array (JsonObject * parent, const char *member)
{
  fail_unless (json_object_has_member (parent, member), "no member %s", member);
  return load_reference (json_object_get_object_member (parent, member));
}

/**
 * rd_test_golden_array_at:
 * @references: a list of references in a golden case
 * @i: which of them
 *
 * Returns: (transfer full): the array
 */
RdTestArray *
rd_test_golden_array_at (JsonArray * references, guint i)
{
  return load_reference (json_array_get_object_element (references, i));
}

/**
 * rd_test_golden_embedding:
 * @name: what a golden case calls a prompt
 *
 * Returns: (transfer full): its text embedding, (1, tokens, width)
 */
RdTestArray *
rd_test_golden_embedding (const char *name)
{
  return rd_test_golden_array (json_object_get_object_member (manifest (),
          "embeddings"), name);
}

/**
 * rd_test_close:
 * @id: what is compared, for messages
 * @n: number of elements
 * @got: the numbers under test
 * @want: what they should be
 * @tol_abs: tolerated difference
 * @tol_rel: and more of it, times the magnitude of @want
 *
 * Fails the test where a number is farther off than tolerated, or not a number.
 */
void
rd_test_close (const char *id, gsize n, const float *got, const float *want,
    double tol_abs, double tol_rel)
{
  gsize i;

  for (i = 0; i < n; i++) {
    double error = fabs ((double) got[i] - want[i]);
    double tolerated = tol_abs + tol_rel * fabs ((double) want[i]);

    fail_unless (error <= tolerated, "%s: element %" G_GSIZE_FORMAT " of %"
        G_GSIZE_FORMAT " is %.9g instead of %.9g, off by %.3g where %.3g is "
        "tolerated", id, i, n, got[i], want[i], error, tolerated);

    if (error > worst.error || !worst.id) {
      g_free (worst.id);
      worst.id = g_strdup (id);
      worst.error = error;
    }
    if (error > 0.0)
      worst.share = MAX (worst.share, error / tolerated);
  }
}
