/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* What tests ask of the runtime that runs on the CPU. */

#include "cuda_runtime_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * CudaCpuFault:
 * @call: which call of the runtime from now on fails, counted from 1; 0: none
 * @error: with what
 * @sticky: whether all calls fail from then on, as after an illegal address
 * @late: whether the call itself succeeds, what is queued from then on is not
 *   done, and the next synchronisation fails instead
 */
typedef struct
{
  unsigned call;
  cudaError_t error;
  int sticky;
  int late;
} CudaCpuFault;

/**
 * CudaCpuProvider:
 * @CUDACPU_PROVIDER_WORKS: ONNX Runtime runs networks on the device
 * @CUDACPU_PROVIDER_OLD: it does, and does not know all options
 * @CUDACPU_PROVIDER_NO_TENSORRT: TensorRT's library is missing
 * @CUDACPU_PROVIDER_BROKEN: a library that it needs is missing
 * @CUDACPU_PROVIDER_NO_CUDNN: cuDNN is missing, which it notices when it runs a
 *   convolution
 * @CUDACPU_PROVIDER_LOSES_DEVICE: a run ends with a fault of the device after which
 *   every call fails
 * @CUDACPU_PROVIDER_ABSENT: ONNX Runtime was built without CUDA
 */
typedef enum
{
  CUDACPU_PROVIDER_WORKS,
  CUDACPU_PROVIDER_OLD,
  CUDACPU_PROVIDER_NO_TENSORRT,
  CUDACPU_PROVIDER_BROKEN,
  CUDACPU_PROVIDER_NO_CUDNN,
  CUDACPU_PROVIDER_LOSES_DEVICE,
  CUDACPU_PROVIDER_ABSENT,
} CudaCpuProvider;

/* also for who opens the plugin as a module */
#define CUDACPU_API __attribute__ ((visibility ("default")))

CUDACPU_API void cudacpu_reset (void);
CUDACPU_API void cudacpu_set_devices (int count, cudaError_t error);
CUDACPU_API void cudacpu_set_pools (int supported);
CUDACPU_API void cudacpu_set_fault (const CudaCpuFault * fault);
CUDACPU_API int cudacpu_fault_happened (void);
CUDACPU_API int cudacpu_fault_is_mine (void);
CUDACPU_API unsigned cudacpu_n_calls (void);
CUDACPU_API unsigned cudacpu_n_launches (void);
CUDACPU_API unsigned cudacpu_n_downloads (void);
CUDACPU_API unsigned cudacpu_n_waits (void);
CUDACPU_API unsigned cudacpu_n_drains (void);
CUDACPU_API unsigned cudacpu_n_under_way (void);
CUDACPU_API size_t cudacpu_n_allocations (void);
CUDACPU_API size_t cudacpu_n_pinned (void);
CUDACPU_API size_t cudacpu_n_events (void);
CUDACPU_API void *cudacpu_context (void);
CUDACPU_API void cudacpu_set_context (void *context);

CUDACPU_API void cudacpu_set_provider (CudaCpuProvider provider);
CUDACPU_API unsigned cudacpu_n_runs (void);
CUDACPU_API size_t cudacpu_n_objects (void);
CUDACPU_API const char *cudacpu_engine_cache (void);

#ifdef __cplusplus
}
#endif
