/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Latents in a device's memory: what is copied, when, and what is not. */

#include <gst/check/gstcheck.h>
#include <string.h>

#include "latent/gstlatentbuffer.h"
#include "latent/gstlatentmemory.h"
#include "rdtest.h"
#include "teststream.h"

#define N 24

static const gint64 dims[4] = { 1, 2, 3, 4 };

static RdStream *stream;
static GstAllocator *allocator;

static void
setup (void)
{
  stream = rd_test_stream_new ();
  allocator = gst_latent_allocator_new (stream->device, NULL);
  fail_unless (allocator != NULL);
}

static void
teardown (void)
{
  gst_object_unref (allocator);
  rd_stream_unref (stream);
}

/* 0, @step, 2 @step, ... */
static RdTensor *
new_tensor (float step)
{
  float values[N];

  for (guint i = 0; i < N; i++)
    values[i] = i * step;
  return rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, dims, values);
}

static GstMemory *
new_memory (float step)
{
  GstMemory *memory = gst_allocator_alloc (allocator, N * sizeof (float), NULL);
  g_autoptr (RdTensor) tensor = new_tensor (step);

  gst_latent_memory_set_tensor (memory, tensor);
  return memory;
}

static void
assert_values (const float *values, guint from, guint n, float step)
{
  for (guint i = 0; i < n; i++)
    fail_unless (values[i] == (from + i) * step, "%u: %g", i, values[i]);
}

static void
assert_mapped (GstMemory * memory, guint from, guint n, float step)
{
  GstMapInfo map;

  fail_unless (gst_memory_map (memory, &map, GST_MAP_READ));
  fail_unless_equals_uint64 (map.size, n * sizeof (float));
  assert_values ((const float *) map.data, from, n, step);
  gst_memory_unmap (memory, &map);
}

static RdTensor *
get (GstMemory * memory)
{
  return gst_latent_memory_get_tensor (memory, stream, RD_TYPE_F32, dims);
}

static void
assert_tensor (const RdTensor * tensor, float step)
{
  float values[N];

  fail_unless (rd_tensor_download (tensor, values, NULL));
  assert_values (values, 0, N, step);
}

static void
write_memory (GstMemory * memory, float step)
{
  GstMapInfo map;

  fail_unless (gst_memory_map (memory, &map, GST_MAP_READWRITE));
  for (guint i = 0; i < N; i++)
    ((float *) map.data)[i] = i * step;
  gst_memory_unmap (memory, &map);
}

/* It goes from one element's stream to another's without a copy. */
GST_START_TEST (test_tensors_are_handed_on)
{
  GstMemory *memory = gst_allocator_alloc (allocator, N * sizeof (float), NULL);
  RdTensor *tensor = new_tensor (1.0f);
  g_autoptr (RdStream) other = rd_test_stream_new ();
  g_autoptr (RdTensor) taken = NULL;
  const gpointer data = tensor->data;

  fail_unless (gst_is_latent_memory (memory));
  gst_latent_memory_set_tensor (memory, tensor);
  rd_tensor_unref (tensor);
  taken = gst_latent_memory_get_tensor (memory, other, RD_TYPE_F32, dims);
  fail_unless (taken->data == data && taken->stream == other);
  gst_memory_unref (memory);
  assert_tensor (taken, 1.0f);
}

GST_END_TEST;

GST_START_TEST (test_other_memory)
{
  GstMemory *plain = gst_allocator_alloc (NULL, N * sizeof (float), NULL);
  GstMemory *empty = gst_allocator_alloc (allocator, N * sizeof (float), NULL);
  GstMapInfo map;

  fail_unless (!gst_is_latent_memory (plain));
  fail_unless (get (plain) == NULL);
  /* what nobody has written to yet is zero, and no tensor */
  fail_unless (get (empty) == NULL);
  assert_mapped (empty, 0, N, 0.0f);
  fail_unless (get (empty) == NULL);

  if (!rd_device_is_cpu (stream->device)) {
    g_autoptr (RdStream) on_cpu = rd_stream_new (rd_device_get ("cpu", NULL),
        NULL);
    GstMemory *memory = new_memory (1.0f);

    fail_unless (gst_latent_memory_get_tensor (memory, on_cpu, RD_TYPE_F32,
            dims) == NULL);
    fail_unless (gst_memory_map (memory, &map, GST_MAP_READ));
    gst_memory_unmap (memory, &map);
    gst_memory_unref (memory);
  }
  gst_memory_unref (plain);
  gst_memory_unref (empty);
}

GST_END_TEST;

/* Every reader has the same mirror; a writer's becomes the content, and leaves
 * who has the old one alone. */
GST_START_TEST (test_mapping)
{
  GstMemory *memory = new_memory (1.0f);
  g_autoptr (RdTensor) before = get (memory), after = NULL, again = NULL;
  gpointer mirror;
  GstMapInfo map;

  fail_unless (gst_memory_map (memory, &map, GST_MAP_READ));
  mirror = map.data;
  assert_values ((const float *) map.data, 0, N, 1.0f);
  gst_memory_unmap (memory, &map);
  fail_unless (gst_memory_map (memory, &map, GST_MAP_READ));
  fail_unless (map.data == mirror);
  gst_memory_unmap (memory, &map);

  write_memory (memory, 3.0f);
  after = get (memory);
  again = get (memory);
  fail_unless (after->data != before->data && after->data == again->data);
  assert_tensor (before, 1.0f);
  assert_tensor (after, 3.0f);
  assert_mapped (memory, 0, N, 3.0f);

  /* and what takes its place is seen, too */
  {
    g_autoptr (RdTensor) tensor = new_tensor (5.0f);

    gst_latent_memory_set_tensor (memory, tensor);
  }
  assert_mapped (memory, 0, N, 5.0f);
  gst_memory_unref (memory);
}

GST_END_TEST;

GST_START_TEST (test_copies)
{
  GstMemory *memory = new_memory (1.0f);
  GstMemory *copy = gst_memory_copy (memory, 0, -1), *part, *of_written;
  g_autoptr (RdTensor) ours = get (memory), theirs = get (copy);

  fail_unless (gst_is_latent_memory (copy));
  fail_unless (ours->data == theirs->data);
  write_memory (copy, 2.0f);
  assert_mapped (memory, 0, N, 1.0f);
  of_written = gst_memory_copy (copy, 0, -1);
  assert_mapped (of_written, 0, N, 2.0f);
  write_memory (copy, 4.0f);
  assert_mapped (of_written, 0, N, 2.0f);
  {
    g_autoptr (RdTensor) written = get (of_written);

    assert_tensor (written, 2.0f);
  }

  /* a part is no tensor */
  part = gst_memory_copy (memory, 4 * sizeof (float), 3 * sizeof (float));
  fail_unless (!gst_is_latent_memory (part));
  assert_mapped (part, 4, 3, 1.0f);

  gst_memory_unref (memory);
  gst_memory_unref (copy);
  gst_memory_unref (part);
  gst_memory_unref (of_written);
}

GST_END_TEST;

/* Both element types, and a buffer that is in two pieces. */
GST_START_TEST (test_buffers)
{
  const RdType types[] = { RD_TYPE_F32, RD_TYPE_F16 };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    g_autoptr (RdTensor) tensor = new_tensor (0.5f), back = NULL, again = NULL;
    g_autoptr (GstBuffer) buffer = NULL, split = NULL;
    GstLatentInfo info;

    gst_latent_info_init (&info);
    info.type = types[i];
    info.on_device = TRUE;
    info.n = dims[0];
    info.channels = dims[1];
    info.height = dims[2];
    info.width = dims[3];
    buffer = gst_latent_buffer_new (&info, tensor, allocator, NULL, NULL);
    fail_unless (gst_is_latent_memory (gst_buffer_peek_memory (buffer, 0)));
    back = gst_latent_buffer_read (buffer, &info, stream, NULL);
    fail_unless ((back->data == tensor->data) == (types[i] == RD_TYPE_F32));
    assert_tensor (back, 0.5f);

    split = gst_buffer_append (gst_buffer_copy_region (buffer,
            GST_BUFFER_COPY_MEMORY, 0, 8), gst_buffer_copy_region (buffer,
            GST_BUFFER_COPY_MEMORY, 8, -1));
    again = gst_latent_buffer_read (split, &info, stream, NULL);
    assert_tensor (again, 0.5f);
  }
}

GST_END_TEST;

/* Memory of the device is offered, and taken, for caps that name it only. */
GST_START_TEST (test_allocation_queries)
{
  static const char *const caps[] = {
    "tensor/strided(memory:LatentCUDA)", "tensor/strided", "EMPTY"
  };

  for (guint i = 0; i < G_N_ELEMENTS (caps); i++) {
    g_autoptr (GstCaps) of = gst_caps_from_string (caps[i]);
    g_autoptr (GstQuery) query = gst_query_new_allocation (of, TRUE);
    g_autoptr (GstAllocator) chosen = NULL;
    GstAllocationParams params = { 0 };
    const gboolean for_device = i == 0;

    fail_unless_equals_int (gst_latent_query_propose_allocator (query,
            stream->device, 96), for_device);
    fail_unless_equals_int (gst_query_get_n_allocation_params (query),
        for_device);
    gst_query_add_allocation_param (query, NULL, &params);
    fail_unless (gst_latent_query_decide_allocator (query, stream->device,
            NULL));
    if (for_device)
      fail_unless_equals_int (gst_query_get_n_allocation_params (query), 1);
    gst_query_parse_nth_allocation_param (query, 0, &chosen, NULL);
    fail_unless_equals_int (GST_IS_LATENT_ALLOCATOR (chosen), for_device);
  }
}

GST_END_TEST;

static gpointer
use_memory (gpointer data)
{
  GstMemory *memory = data;
  g_autoptr (RdStream) own = rd_test_stream_new ();

  for (guint i = 0; i < 20; i++) {
    g_autoptr (RdTensor) tensor = gst_latent_memory_get_tensor (memory, own,
        RD_TYPE_F32, dims);
    g_autoptr (RdTensor) twice = rd_tensor_new_like (tensor);

    const RdTerm twice_term = { tensor, 2.0, NULL };
    rd_combine (twice, 1, &twice_term);
    assert_mapped (memory, 0, N, 1.0f);
    assert_tensor (twice, 2.0f);
  }
  return NULL;
}

GST_START_TEST (test_threads)
{
  GstMemory *memory = new_memory (1.0f);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("user", use_memory, memory);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  gst_memory_unref (memory);
}

GST_END_TEST;

static Suite *
latentmemory_suite (void)
{
  Suite *suite = suite_create ("latentmemory");
  TCase *chain = tcase_create ("general");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, setup, teardown);
  tcase_add_test (chain, test_tensors_are_handed_on);
  tcase_add_test (chain, test_other_memory);
  tcase_add_test (chain, test_mapping);
  tcase_add_test (chain, test_copies);
  tcase_add_test (chain, test_buffers);
  tcase_add_test (chain, test_allocation_queries);
  tcase_add_test (chain, test_threads);
  return suite;
}

GST_CHECK_MAIN (latentmemory);
