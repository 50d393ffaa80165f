/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The golden vectors. What reads them needs the core library, as other tests do
 * not. */

#include "rdtest.h"

#include <math.h>
#include <string.h>

#include "json/read.h"

/* the worst comparison since the last report */
static struct
{
  char *id;
  double error;
  double share;                 /* of what was tolerated */
} worst;

static JsonObject *
manifest (void)
{
  static JsonNode *root;

  if (!root) {
    g_autofree char *path = rd_test_path ("golden/manifest.json");
    g_autofree char *text = NULL;
    g_autoptr (GError) error = NULL;
    gsize size;

    if (g_file_get_contents (path, &text, &size, &error))
      root = rd_json_parse (path, text, size, &error);
    fail_unless (root != NULL, "%s", error ? error->message : NULL);
  }
  return json_node_get_object (root);
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
  rd_test_array_set_shape (array, rank, dims);
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
