/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Copies go through pinned memory: it is used again as soon as the device has
 * passed a copy and no earlier, and given back with a device's last stream. */

#include <gst/check/gstcheck.h>
#include <math.h>
#include <string.h>

#include "cudacpu.h"
#include "device/tensor.h"

#define N 1000                  /* a block's, not all of it */

static RdStream *
open_stream (void)
{
  g_autoptr (GError) error = NULL;
  RdDevice *device = rd_device_get ("cuda", &error);
  RdStream *stream = device ? rd_stream_new (device, &error) : NULL;

  fail_unless (stream != NULL, "%s", error ? error->message : "");
  return stream;
}

/* Of equal values. */
static RdTensor *
tensor_of (RdStream * stream, float value, gint64 n)
{
  g_autofree float *values = g_new (float, n);
  RdTensor *tensor;

  for (gint64 i = 0; i < n; i++)
    values[i] = value;
  tensor = rd_tensor_new_from_host (stream, RD_TYPE_F32, 1, &n, values);
  /* whatever becomes of it after the call */
  for (gint64 i = 0; i < n; i++)
    values[i] = NAN;
  return tensor;
}

static void
check_values (const RdTensor * tensor, float want)
{
  const gint64 n = tensor->n_elements;
  g_autofree float *values = g_new (float, n);

  fail_unless (rd_tensor_download (tensor, values, NULL));
  for (gint64 i = 0; i < n; i++)
    fail_unless_equals_float (values[i], want);
}

GST_START_TEST (test_blocks_wait_for_their_copies)
{
  RdStream *stream = open_stream ();
  g_autoptr (GPtrArray) tensors =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_tensor_unref);

  for (guint round = 0; round < 3; round++) {
    for (guint i = 0; i < 4; i++)
      g_ptr_array_add (tensors, tensor_of (stream, round + i / 4.0f, N));
    fail_unless_equals_uint64 (cudacpu_n_pinned (), 4);
    fail_unless (rd_stream_synchronize (stream, NULL));
  }
  for (guint i = 0; i < tensors->len; i++)
    check_values (tensors->pdata[i], i / 4.0f);
  fail_unless_equals_uint64 (cudacpu_n_pinned (), 4);

  g_ptr_array_set_size (tensors, 0);
  rd_stream_unref (stream);
  fail_unless_equals_uint64 (cudacpu_n_pinned (), 0);
}

GST_END_TEST;

/* Pages, doubled: what nearly fits shares blocks, what does not has others. */
GST_START_TEST (test_sizes)
{
  static const struct
  {
    gint64 n;
    guint n_pinned;
  } cases[] = {
    {1, 1}, {N, 1}, {1024, 1}, {1025, 2}, {2048, 2}, {5000, 3}, {8192, 3},
    {100000, 4}, {2, 4}
  };
  RdStream *stream = open_stream ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RdTensor) tensor = tensor_of (stream, 3.0f, cases[i].n);

    fail_unless (rd_stream_synchronize (stream, NULL));
    check_values (tensor, 3.0f);
    fail_unless_equals_uint64 (cudacpu_n_pinned (), cases[i].n_pinned);
  }
  rd_stream_unref (stream);
}

GST_END_TEST;

/* A paced stream is never more than a call ahead of what is under way, so that a
 * long job stages no more than a short one. */
GST_START_TEST (test_pace)
{
  RdStream *stream = open_stream ();
  g_autoptr (GPtrArray) tensors =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_tensor_unref);
  const guint waits = cudacpu_n_waits (), drains = cudacpu_n_drains ();

  for (guint i = 0; i < 20; i++) {
    rd_stream_pace (stream);
    fail_unless_equals_int (cudacpu_n_waits (), waits + i);
    g_ptr_array_add (tensors, tensor_of (stream, i, N));
  }
  fail_unless_equals_uint64 (cudacpu_n_pinned (), 2);
  fail_unless_equals_int (cudacpu_n_drains (), drains);
  for (guint i = 0; i < tensors->len; i++)
    check_values (tensors->pdata[i], i);
  g_ptr_array_set_size (tensors, 0);
  rd_stream_unref (stream);
}

GST_END_TEST;

/* The queue is one, and so are its marks: what one stream has waited for, the
 * other's blocks have passed as well. */
GST_START_TEST (test_streams_share)
{
  RdStream *a_stream = open_stream (), *another = open_stream ();
  RdTensor *a = tensor_of (a_stream, 1.0f, N), *b;

  fail_unless (rd_stream_synchronize (another, NULL));
  b = tensor_of (another, 2.0f, N);
  fail_unless_equals_uint64 (cudacpu_n_pinned (), 1);
  check_values (a, 1.0f);
  check_values (b, 2.0f);
  rd_tensor_unref (a);
  rd_stream_unref (a_stream);
  fail_unless (cudacpu_n_pinned () > 0);

  /* closed while a copy is under way */
  rd_tensor_unref (b);
  b = tensor_of (another, 4.0f, N);
  rd_tensor_unref (b);
  rd_stream_unref (another);
  fail_unless_equals_uint64 (cudacpu_n_pinned (), 0);
}

GST_END_TEST;

/* A download that nobody waits for goes nowhere, and its block with the stream. */
GST_START_TEST (test_download_is_left_alone)
{
  RdStream *stream = open_stream ();
  RdTensor *tensor = tensor_of (stream, 1.0f, N);
  float *values = g_new (float, N);

  stream->device->klass->download (stream, values, tensor->data, tensor->size);
  g_free (values);
  fail_unless_equals_uint64 (cudacpu_n_pinned (), 2);
  rd_tensor_unref (tensor);
  rd_stream_unref (stream);
  fail_unless_equals_uint64 (cudacpu_n_pinned (), 0);
  fail_unless_equals_int (cudacpu_n_under_way (), 0);
}

GST_END_TEST;

/* Each call of a copy there and back, with all of it to be allocated. */
GST_START_TEST (test_out_of_memory)
{
  CudaCpuFault fault = { 0, cudaErrorMemoryAllocation, 0, 0 };
  gboolean happened = TRUE;
  guint n_reported = 0, n_recovered = 0;

  /* a request for memory that fails once is made again */
  for (fault.call = 1; happened; fault.call++) {
    RdStream *stream = open_stream ();
    RdTensor *tensor;
    g_autoptr (GError) error = NULL;
    float values[N];

    cudacpu_set_fault (&fault);
    tensor = tensor_of (stream, 1.0f, N);
    if (!rd_tensor_download (tensor, values, &error)) {
      n_reported++;
      fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NO_MEMORY));
      fail_unless (strstr (error->message, "cuda:0") != NULL, "%s",
          error->message);
    }
    happened = cudacpu_fault_happened ();
    fail_unless (happened || !error, "call %u", fault.call);
    if (happened && !error)
      n_recovered++;
    for (guint i = 0; !error && i < N; i++)
      fail_unless (values[i] == 1.0f, "call %u", fault.call);
    cudacpu_reset ();
    rd_tensor_unref (tensor);
    tensor = tensor_of (stream, 2.0f, N);
    check_values (tensor, 2.0f);
    rd_tensor_unref (tensor);
    rd_stream_unref (stream);
    fail_unless_equals_uint64 (cudacpu_n_pinned (), 0);
  }
  fail_unless (n_reported >= 6 && n_recovered >= 1, "%u reported, %u recovered",
      n_reported, n_recovered);
}

GST_END_TEST;

static gpointer
copy_there_and_back (gpointer data)
{
  const guint seed = GPOINTER_TO_UINT (data);
  RdStream *stream = open_stream ();

  for (guint i = 0; i < 200; i++) {
    g_autoptr (RdTensor) a = tensor_of (stream, seed + i, N);
    g_autoptr (RdTensor) b = tensor_of (stream, seed - (float) i, N);

    if (i % 3 == 0)
      rd_stream_pace (stream);
    check_values (a, seed + i);
    check_values (b, seed - (float) i);
  }
  rd_stream_unref (stream);
  return NULL;
}

GST_START_TEST (test_threads)
{
  GThread *threads[3];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("copies", copy_there_and_back,
        GUINT_TO_POINTER (1000 * i));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  fail_unless_equals_uint64 (cudacpu_n_pinned (), 0);
}

GST_END_TEST;

static Suite *
staging_suite (void)
{
  Suite *suite = suite_create ("staging");
  TCase *chain = tcase_create ("staging");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, cudacpu_reset, NULL);
  tcase_add_test (chain, test_blocks_wait_for_their_copies);
  tcase_add_test (chain, test_sizes);
  tcase_add_test (chain, test_pace);
  tcase_add_test (chain, test_streams_share);
  tcase_add_test (chain, test_download_is_left_alone);
  tcase_add_test (chain, test_out_of_memory);
  tcase_add_test (chain, test_threads);
  return suite;
}

GST_CHECK_MAIN (staging);
