/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/check/gstcheck.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SECTION:rdtest
 *
 * What tests share: files of tests/data, arrays in NPY files, and the golden
 * vectors (tests/data/golden, written by tools/golden-subset.py). A file that
 * is missing or malformed fails the test that wants it.
 */

#define RD_TEST_MAX_RANK 8

/**
 * RdTestArray:
 * @rank: number of dimensions
 * @dims: their sizes, outermost first
 * @n: number of elements
 * @data: elements, whatever their type in the file
 */
typedef struct
{
  guint rank;
  gint64 dims[RD_TEST_MAX_RANK];
  gsize n;
  float *data;
} RdTestArray;

typedef void (*RdTestCaseFunc) (JsonObject * test_case);

const char *rd_test_device_name (void);
char *rd_test_path (const char *relative);
char *rd_test_model_path (const char *relative);

gboolean rd_test_is_long (void);
guint rd_test_cycles (guint usual);
guint32 rd_test_seed (void);

void rd_test_hold_model (void);
void rd_test_release_model (void);

RdTestArray *rd_test_load_npy (const char *relative);
void rd_test_array_set_shape (RdTestArray * array, guint rank,
    const gint64 * dims);
void rd_test_array_free (RdTestArray * array);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdTestArray, rd_test_array_free)

guint rd_test_golden_each (const char *kind, RdTestCaseFunc func);
JsonObject *rd_test_golden_case (const char *id);
RdTestArray *rd_test_golden_array (JsonObject * parent, const char *member);
RdTestArray *rd_test_golden_array_at (JsonArray * references, guint i);
RdTestArray *rd_test_golden_embedding (const char *name);

void rd_test_close (const char *id, gsize n, const float *got,
    const float *want, double tol_abs, double tol_rel);

G_END_DECLS
