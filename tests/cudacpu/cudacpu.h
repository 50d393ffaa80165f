/* SPDX-License-Identifier: LGPL-2.1-or-later */
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
 * @late: whether the call itself succeeds and the next synchronisation fails
 *   instead
 */
typedef struct
{
  unsigned call;
  cudaError_t error;
  int sticky;
  int late;
} CudaCpuFault;

void cudacpu_reset (void);
void cudacpu_set_devices (int count, cudaError_t error);
void cudacpu_set_fault (const CudaCpuFault * fault);
int cudacpu_fault_happened (void);
unsigned cudacpu_n_calls (void);
unsigned cudacpu_n_launches (void);
size_t cudacpu_n_allocations (void);
size_t cudacpu_n_events (void);

#ifdef __cplusplus
}
#endif
