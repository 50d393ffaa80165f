/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What happens when a call of CUDA's runtime fails: any of them, in several
 * ways, at once or at the next synchronisation. A job then ends in an error,
 * nothing stays behind, and the next job works where the fault was not of the
 * kind that ends a process's use of CUDA. The same for a picture there and
 * back. */

#include <gst/check/gstcheck.h>
#include <string.h>

#include "../check/looptest.h"
#include "cudacpu.h"
#include "device/patches.h"
#include "device/picture.h"
#include "device/window.h"

#define SIDE 4                  /* latent cells: it is run thousands of times */

static RdMask *
make_mask (guint first_column)
{
  RdMask *mask = rd_mask_new (SIDE * RD_LOOP_DOWNSCALE,
      SIDE * RD_LOOP_DOWNSCALE);

  for (guint y = 0; y < 15; y++)
    for (guint x = first_column; x < first_column + 10; x++)
      mask->data[y * mask->width + x] = 1.0f;
  return mask;
}

/* More owners than a launch carries terms, and everything that is special. */
static RdJob *
make_job (RdStream * stream, RdMode mode)
{
  RdJob *job = rd_job_new (rd_loop_owner ("base", "euler_ancestral", "karras",
          0.0));
  RdOwner *owner;

  job->mode = mode;
  job->steps = 2;
  /* noise of both: uploaded, and made by the device */
  if (mode == RD_MODE_FUSED)
    job->noise_origin = RD_NOISE_DEVICE;
  for (guint j = 0; j < 9; j++) {
    owner = rd_loop_owner ("region", "euler_ancestral", "karras", j);
    owner->mask = make_mask (j * 2);
    owner->feather = 2.0;
    owner->strength = 1.0;
    owner->z = j % 2;
    owner->overlap_factor = 10;
    g_ptr_array_add (job->regions, owner);
  }
  owner = job->regions->pdata[0];
  owner->variation.seed = 3;
  owner->variation.strength = 0.3;
  return job;
}

#define N_VALUES (RD_LOOP_CHANNELS * SIDE * SIDE)

static gboolean
run_mode (RdStream * stream, RdMode mode, float *values, GError ** error)
{
  const gint64 dims[] = { 1, RD_LOOP_CHANNELS, SIDE, SIDE };
  g_autoptr (RdTensor) latent = NULL, result = NULL;
  RdJob *job;

  latent = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, dims, values);
  job = make_job (stream, mode);
  result = rd_job_run (job, latent, NULL, NULL, error);
  rd_job_free (job);
  return result && rd_tensor_download (result, values, error);
}

static gboolean
run_sequential (RdStream * stream, float *values, GError ** error)
{
  return run_mode (stream, RD_MODE_SEQUENTIAL, values, error);
}

static gboolean
run_fused (RdStream * stream, float *values, GError ** error)
{
  return run_mode (stream, RD_MODE_FUSED, values, error);
}

/* A picture with something between its rows: to planes, to which a tile is
 * added, and back, with and without distances. */
static gboolean
run_picture (RdStream * stream, float *values, GError ** error)
{
  const guint width = 3, height = 4;
  const gsize stride = 3 * width + 2;
  const float shares[] = { 0.25f, 0.75f };
  guint8 *bytes = (guint8 *) values;
  g_autoptr (RdTensor) picture = NULL, tile = NULL, weights = NULL;
  g_autoptr (RdTensor) patches = NULL;

  for (gsize i = 0; i < height * stride; i++)
    bytes[i] = (guint8) (i * 7);
  picture = rd_picture_to_tensor (stream, width, height, stride, bytes, error);
  if (!picture)
    return FALSE;
  tile =
      rd_tensor_new (stream, RD_TYPE_F32, 4, (const gint64[]) { 1, 3, 2, 2 });
  weights =
      rd_tensor_new_from_host (stream, RD_TYPE_F32, 1, (const gint64[]) { 2 },
      shares);
  const RdWindow of_tile = { 1, 0, 2, 2 };
  rd_window_read (tile, picture, &of_tile);
  const RdWindow of_picture = { 2, 1, 2, 2 };
  rd_window_add (picture, tile, &of_picture, weights, weights);
  patches =
      rd_tensor_new (stream, RD_TYPE_F32, 3, (const gint64[]) { 1, 1, 12 });
  rd_patches_read (patches, tile, 2);
  rd_patches_write (tile, patches, 2);
  return rd_picture_from_tensor (picture, stride, bytes, error)
      && rd_picture_from_tensor (picture, 3 * width, bytes + height * stride,
      error);
}

static const struct
{
  const char *name;
    gboolean (*run) (RdStream * stream, float *values, GError ** error);
  guint n_calls;                /* there are at least so many */
} scenarios[] = {
  {"sequential", run_sequential, 100},
  {"fused", run_fused, 100},
  {"picture", run_picture, 20},
};

/* From opening a stream to closing it. */
static gboolean
run (guint scenario, float *values, GError ** error)
{
  RdDevice *device = rd_device_get ("cuda", error);
  g_autoptr (RdStream) stream = device ? rd_stream_new (device, error) : NULL;

  if (!stream)
    return FALSE;
  memset (values, 0, N_VALUES * sizeof (float));
  return scenarios[scenario].run (stream, values, error);
}

static const struct
{
  CudaCpuFault fault;
  gboolean ends;                /* the process's use of CUDA */
} kinds[] = {
  {{0, cudaErrorMemoryAllocation, 0, 0}, FALSE},
  {{0, cudaErrorLaunchFailure, 0, 0}, FALSE},
  {{0, cudaErrorNoDevice, 0, 0}, FALSE},
  {{0, cudaErrorIllegalAddress, 1, 0}, TRUE},
  {{0, cudaErrorLaunchFailure, 0, 1}, FALSE},
  {{0, cudaErrorIllegalAddress, 1, 1}, TRUE},
};

static guint n_cases, n_reported;

/* The fixture has a stream of its own for prompts; it is not what is tested. */
GST_START_TEST (test_every_call_fails_once)
{
  const guint scenario = __i__ / G_N_ELEMENTS (kinds);
  const guint kind = __i__ % G_N_ELEMENTS (kinds);
  CudaCpuFault fault = kinds[kind].fault;
  size_t allocations, events, pinned;
  float want[N_VALUES], got[N_VALUES];
  gboolean more = TRUE;

  fail_unless (run (scenario, want, NULL));
  allocations = cudacpu_n_allocations ();
  events = cudacpu_n_events ();
  pinned = cudacpu_n_pinned ();

  n_cases = n_reported = 0;
  for (fault.call = 1; more; fault.call++) {
    g_autoptr (GError) error = NULL;
    gboolean ok;

    cudacpu_set_fault (&fault);
    ok = run (scenario, got, &error);
    more = cudacpu_fault_happened ();
    cudacpu_reset ();
    rd_stream_check (rd_loop_stream (), NULL);
    fail_unless_equals_uint64 (cudacpu_n_events (), events);
    fail_unless (cudacpu_n_under_way () == 0, "call %u: a download is under "
        "way into memory that is gone", fault.call);
    fail_unless (cudacpu_n_allocations () <= allocations,
        "call %u: %u blocks stay behind", fault.call,
        (guint) (cudacpu_n_allocations () - allocations));
    /* what a failed job has under way is used again when that is done */
    fail_unless (cudacpu_n_pinned () <= 2 * pinned, "call %u: %u pinned blocks "
        "instead of %u", fault.call, (guint) cudacpu_n_pinned (),
        (guint) pinned);
    if (!more)
      continue;
    n_cases++;
    /* a call that gives something back has nobody to tell, and no influence */
    n_reported += !ok;
    fail_unless (!ok || memcmp (got, want, sizeof got) == 0, "call %u: its "
        "failure went unnoticed", fault.call);
    fail_unless (ok == (error == NULL));
    fail_unless (cudacpu_context () == NULL, "call %u: it leaves the thread on "
        "the device", fault.call);
    fail_unless (ok || error->domain == RD_ERROR, "call %u", fault.call);
    fail_unless (run (scenario, got, NULL)
        && memcmp (got, want, sizeof got) == 0, "call %u: the next job fails",
        fault.call);
  }
  g_print ("%s, %s%s%s: %u calls failed, %u jobs reported it, the others were "
      "closing\n", scenarios[scenario].name,
      cudaGetErrorString (fault.error), fault.sticky ? ", for good" : "",
      fault.late ? ", late" : "", n_cases, n_reported);
  fail_unless (n_cases > scenarios[scenario].n_calls);
}

GST_END_TEST;

/* What dpm_adaptive fetches in the middle of a job, three tensors at once: when
 * it gives up, none is still to come. */
GST_START_TEST (test_error_estimate)
{
  const gint64 dims[] = { 1, 1, SIDE, SIDE };
  const float values[SIDE * SIDE] = { 1.0f };
  RdStream *stream = rd_loop_stream ();
  CudaCpuFault fault = kinds[__i__].fault;
  gboolean more = TRUE;

  for (fault.call = 1; more; fault.call++) {
    g_autoptr (RdTensor) tensor =
        rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, dims, values);

    cudacpu_set_fault (&fault);
    rd_step_error (tensor, tensor, tensor, 0.01, 0.01);
    more = cudacpu_fault_happened ();
    cudacpu_reset ();
    fail_unless_equals_int (cudacpu_n_under_way (), 0);
    fail_unless (rd_stream_check (stream, NULL) != more, "call %u", fault.call);
  }
  fail_unless (fault.call > 8);
}

GST_END_TEST;

/* On a device whose driver has no pools of memory the same job is done, and all
 * memory is given back. */
GST_START_TEST (test_no_pools)
{
  float want[N_VALUES] = { 0 }, got[N_VALUES] = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (RdStream) stream = NULL;
  size_t before;

  fail_unless (run_sequential (rd_loop_stream (), want, NULL));
  /* one that was not opened before */
  cudacpu_set_devices (2, cudaSuccess);
  cudacpu_set_pools (0);
  before = cudacpu_n_allocations ();
  stream = rd_stream_new (rd_device_get ("cuda:1", NULL), &error);
  fail_unless (stream != NULL, "%s", error ? error->message : "");
  {
    const gint64 dims[] = { 1, 1, SIDE, SIDE };
    const float values[SIDE * SIDE] = { 1.0f, 2.0f };
    float back[SIDE * SIDE];
    g_autoptr (RdTensor) tensor =
        rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, dims, values);
    const RdTerm term = { tensor, 2.0, NULL };

    rd_combine (tensor, 1, &term);
    fail_unless (rd_tensor_download (tensor, back, &error), "%s",
        error ? error->message : "");
    fail_unless (back[0] == 2.0f && back[1] == 4.0f && back[2] == 0.0f);
    fail_unless (cudacpu_n_allocations () > before);
  }
  g_clear_pointer (&stream, rd_stream_unref);
  fail_unless_equals_int (cudacpu_n_allocations (), before);
  cudacpu_set_pools (1);
  cudacpu_reset ();
  fail_unless (run_sequential (rd_loop_stream (), got, NULL));
  fail_unless (memcmp (got, want, sizeof got) == 0);
}

GST_END_TEST;

/* Memory that is exhausted is that also where a stream is opened. */
GST_START_TEST (test_no_memory_for_a_stream)
{
  CudaCpuFault fault = { 0, cudaErrorMemoryAllocation, 0, 0 };
  guint n_failures = 0;

  for (fault.call = 1; fault.call <= 4; fault.call++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RdStream) stream = NULL;

    cudacpu_set_fault (&fault);
    stream = rd_stream_new (rd_loop_stream ()->device, &error);
    cudacpu_reset ();
    if (stream)
      continue;
    n_failures++;
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NO_MEMORY), "%s",
        error->message);
  }
  fail_unless_equals_int (n_failures, 4);
}

GST_END_TEST;

/* What no later call survives says so; what is over with the call does not. */
GST_START_TEST (test_faults_that_stay)
{
  static const struct
  {
    cudaError_t error;
    gboolean stays;
  } cases[] = {
    {cudaErrorIllegalAddress, TRUE},
    {cudaErrorLaunchFailure, TRUE},
    {cudaErrorECCUncorrectable, TRUE},
    {cudaErrorInvalidValue, FALSE},
    {cudaErrorMemoryAllocation, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const CudaCpuFault fault = { 1, cases[i].error, cases[i].stays, 0 };
    g_autoptr (GError) error = NULL;
    g_autoptr (RdStream) stream =
        rd_stream_new (rd_loop_stream ()->device, NULL);

    cudacpu_set_fault (&fault);
    fail_if (rd_stream_synchronize (stream, &error));
    fail_unless_equals_int (strstr (error->message, "restart it") != NULL,
        cases[i].stays);
    cudacpu_reset ();
  }
}

GST_END_TEST;

GST_START_TEST (test_no_device)
{
  static const struct
  {
    int count;
    cudaError_t status;
    const char *name, *part;
  } cases[] = {
    {0, cudaErrorInsufficientDriver, "cuda", "no NVIDIA driver was found, or "
          "it"},
    {0, cudaErrorStubLibrary, "cuda", "too old for CUDA 13.0"},
    {0, cudaErrorNoDevice, "cuda", "nvidia-smi lists one"},
    {0, cudaSuccess, "cuda:0", "finds no device"},
    {2, cudaSuccess, "cuda:2", "the last one is 'cuda:1'"},
    {1, cudaSuccess, "cuda:", "unknown device 'cuda:'"},
    {1, cudaSuccess, "cuda:x", "unknown device 'cuda:x'"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    cudacpu_set_devices (cases[i].count, cases[i].status);
    fail_unless (rd_device_get (cases[i].name, &error) == NULL);
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NOT_FOUND));
    fail_unless (strstr (error->message, cases[i].part), "%s", error->message);
  }
  cudacpu_set_devices (2, cudaSuccess);
  fail_unless_equals_string (rd_device_get ("cuda:1", NULL)->name, "cuda:1");
  fail_unless (rd_device_get ("cuda", NULL) == rd_device_get ("cuda:0", NULL));
  cudacpu_reset ();
}

GST_END_TEST;

static Suite *
faults_suite (void)
{
  Suite *suite = suite_create ("faults");
  TCase *chain = tcase_create ("faults");

  suite_add_tcase (suite, chain);
  tcase_set_timeout (chain, 120);
  tcase_add_checked_fixture (chain, rd_loop_setup, rd_loop_teardown);
  tcase_add_loop_test (chain, test_every_call_fails_once, 0,
      G_N_ELEMENTS (scenarios) * G_N_ELEMENTS (kinds));
  tcase_add_loop_test (chain, test_error_estimate, 0, G_N_ELEMENTS (kinds));
  tcase_add_test (chain, test_no_pools);
  tcase_add_test (chain, test_no_memory_for_a_stream);
  tcase_add_test (chain, test_faults_that_stay);
  tcase_add_test (chain, test_no_device);
  return suite;
}

GST_CHECK_MAIN (faults);
