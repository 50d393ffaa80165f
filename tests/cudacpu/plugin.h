/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "cudacpu.h"

G_BEGIN_DECLS

/**
 * CudaCpuControls:
 *
 * The functions of cudacpu.h as they are in the plugin, whose runtime is one of
 * its own.
 */
typedef struct
{
  void (*reset) (void);
  void (*set_devices) (int count, cudaError_t error);
  void (*set_fault) (const CudaCpuFault * fault);
  int (*fault_happened) (void);
  int (*fault_is_mine) (void);
  unsigned (*n_calls) (void);
  unsigned (*n_under_way) (void);
  size_t (*n_allocations) (void);
  size_t (*n_events) (void);
  void (*set_provider) (CudaCpuProvider provider);
  unsigned (*n_runs) (void);
  size_t (*n_objects) (void);
} CudaCpuControls;

const CudaCpuControls *cudacpu_plugin (void);

G_END_DECLS
