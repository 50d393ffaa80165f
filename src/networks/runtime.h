/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/device.h"

G_BEGIN_DECLS

/**
 * SECTION:runtime
 *
 * Where networks run, and how.
 */

/**
 * RdRuntime:
 * @device: where
 * @threads: CPU threads for one run of a network, 0 for as many as there are
 *   processors
 * @engine_cache: (nullable): a folder in which TensorRT keeps the engines that
 *   it builds: on a CUDA device networks run through TensorRT then, and what it
 *   does not know through CUDA. %NULL for CUDA alone
 */
typedef struct
{
  RdDevice *device;
  guint threads;
  const char *engine_cache;
} RdRuntime;

G_END_DECLS
