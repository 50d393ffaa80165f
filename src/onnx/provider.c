/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "onnx/provider.h"

#include <string.h>

#define CUDA_PROVIDER "CUDAExecutionProvider"

/* The key as in onnxruntime_run_options_config_keys.h. */
#define NO_SYNCHRONIZE "disable_synchronize_execution_providers"

typedef OrtCUDAProviderOptionsV2 CudaOptions;
typedef OrtTensorRTProviderOptionsV2 TensorrtOptions;

static void
release_cuda (CudaOptions * options)
{
  rd_ort_api ()->ReleaseCUDAProviderOptions (options);
}

static void
release_tensorrt (TensorrtOptions * options)
{
  rd_ort_api ()->ReleaseTensorRTProviderOptions (options);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CudaOptions, release_cuda);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TensorrtOptions, release_tensorrt);

/* Whether the library was built with a provider; whether it can be loaded only
 * trying tells. */
static gboolean
has_provider (const char *name, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  gboolean found = FALSE;
  char **names;
  int n;

  if (!rd_ort_check (api->GetAvailableProviders (&names, &n), error,
          "ONNX Runtime's providers"))
    return FALSE;
  for (int i = 0; i < n; i++)
    found = found || g_str_equal (names[i], name);
  rd_ort_check (api->ReleaseAvailableProviders (names, n), NULL, "providers");
  if (!found)
    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
        "ONNX Runtime %s has no %s; install a build for CUDA, such as that of "
        "the Python package onnxruntime-gpu, or use 'cpu'",
        rd_ort_version (), name);
  return found;
}

/* Its library is loaded by the first call that needs it, which is not the same in
 * all versions. What helps if it cannot be loaded, see probe.c. */
static gboolean
check_cuda (OrtStatus * status, const RdDevice * device, GError ** error)
{
  return rd_ort_check (status, error, "device %s: ONNX Runtime's CUDA provider",
      device->name);
}

static gboolean
check_tensorrt (OrtStatus * status, const RdDevice * device, GError ** error)
{
  return rd_ort_check (status, error, "device %s: ONNX Runtime's TensorRT "
      "provider cannot be used; install TensorRT's libraries, or unset "
      "tensorrt-cache", device->name);
}

/* Options are set all at once: each call resets those that it does not name. */
static OrtStatus *
update_cuda (CudaOptions * options, const char *ordinal, gboolean exact)
{
  static const char *const keys[] = {
    "device_id",
    /* what was measured once would be another algorithm on another day */
    "cudnn_conv_algo_search",
    /* memory grows by what is needed: other elements need some, too */
    "arena_extend_strategy",
    /* float32 shall be float32; last, as old versions do not know it */
    "use_tf32",
  };
  const char *const values[] = { ordinal, "HEURISTIC", "kSameAsRequested",
    "0"
  };

  return rd_ort_api ()->UpdateCUDAProviderOptions (options, keys, values,
      G_N_ELEMENTS (keys) - !exact);
}

static gboolean
append_cuda (OrtSessionOptions * options, RdDevice * device, gpointer queue,
    GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  g_autofree char *ordinal = g_strdup_printf ("%d", device->ordinal);
  g_autoptr (CudaOptions) cuda = NULL;

  return check_cuda (api->CreateCUDAProviderOptions (&cuda), device, error)
      && (check_cuda (update_cuda (cuda, ordinal, TRUE), device, NULL)
      || check_cuda (update_cuda (cuda, ordinal, FALSE), device, error))
      && check_cuda (api->UpdateCUDAProviderOptionsWithValue (cuda,
          "user_compute_stream", queue), device, error)
      && check_cuda (api->SessionOptionsAppendExecutionProvider_CUDA_V2
      (options, cuda), device, error);
}

static gboolean
append_tensorrt (OrtSessionOptions * options, const RdRuntime * runtime,
    gpointer queue, GError ** error)
{
  static const char *const keys[] = {
    "device_id", "trt_engine_cache_enable", "trt_engine_cache_path",
    "trt_timing_cache_enable", "trt_timing_cache_path",
  };
  const OrtApi *api = rd_ort_api ();
  const RdDevice *device = runtime->device;
  g_autofree char *ordinal = g_strdup_printf ("%d", device->ordinal);
  const char *const values[] = { ordinal, "1", runtime->engine_cache, "1",
    runtime->engine_cache
  };
  g_autoptr (TensorrtOptions) tensorrt = NULL;

  return check_tensorrt (api->CreateTensorRTProviderOptions (&tensorrt), device,
      error)
      && check_tensorrt (api->UpdateTensorRTProviderOptions (tensorrt, keys,
          values, G_N_ELEMENTS (keys)), device, error)
      && check_tensorrt (api->UpdateTensorRTProviderOptionsWithValue (tensorrt,
          "user_compute_stream", queue), device, error)
      && check_tensorrt (api->SessionOptionsAppendExecutionProvider_TensorRT_V2
      (options, tensorrt), device, error);
}

/**
 * rd_provider_append:
 * @options: of a session
 * @runtime: where it shall run
 * @error: %RD_ERROR_FAILED: what ONNX Runtime cannot load
 *
 * On CUDA, what the session does is queued with the device's other work.
 *
 * Returns: %FALSE on failure
 */
gboolean
rd_provider_append (OrtSessionOptions * options, const RdRuntime * runtime,
    GError ** error)
{
  gpointer queue;

  if (rd_device_is_cpu (runtime->device))
    return TRUE;
  return rd_device_queue (runtime->device, &queue, error)
      && (!runtime->engine_cache
      || append_tensorrt (options, runtime, queue, error))
      && append_cuda (options, runtime->device, queue, error);
}

/**
 * rd_provider_memory:
 * @device: a device
 * @error: what ONNX Runtime reports
 *
 * Returns: (transfer full) (nullable): where @device's tensors lie
 */
OrtMemoryInfo *
rd_provider_memory (RdDevice * device, GError ** error)
{
  const char *name = rd_device_is_cpu (device) ? "Cpu" : "Cuda";
  OrtMemoryInfo *memory = NULL;

  rd_ort_check (rd_ort_api ()->CreateMemoryInfo (name, OrtDeviceAllocator,
          device->ordinal, OrtMemTypeDefault, &memory), error,
      "ONNX Runtime's memory");
  return memory;
}

/**
 * rd_provider_run_options:
 * @device: a device
 * @error: what ONNX Runtime reports
 *
 * Returns: (transfer full) (nullable): options of one run, which on CUDA returns
 *   when all is queued
 */
OrtRunOptions *
rd_provider_run_options (RdDevice * device, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  g_autoptr (OrtRunOptions) options = NULL;

  if (!rd_ort_check (api->CreateRunOptions (&options), error, "run options")
      || (!rd_device_is_cpu (device)
          && !rd_ort_check (api->AddRunConfigEntry (options, NO_SYNCHRONIZE,
                  "1"), error, "run options")))
    return NULL;
  return g_steal_pointer (&options);
}

/**
 * rd_provider_has_device:
 * @device: a device
 * @error: %RD_ERROR_NOT_FOUND: what is missing
 *
 * Loads nothing; so what needs libraries that are missing is noticed later.
 *
 * Returns: whether networks can run on @device in this build
 */
gboolean
rd_provider_has_device (RdDevice * device, GError ** error)
{
  if (rd_device_is_cpu (device))
    return TRUE;
  if (rd_ort_env (error) && has_provider (CUDA_PROVIDER, error))
    return TRUE;
  g_prefix_error (error, "device %s: ", device->name);
  return FALSE;
}
