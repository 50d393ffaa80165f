/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "device/device.h"

G_BEGIN_DECLS

/**
 * SECTION:runtime
 *
 * Where networks run, and how.
 */

/**
 * RD_NETWORK_LOG_DOMAIN:
 *
 * Where the messages of ONNX Runtime itself go, at the levels info and debug:
 * what goes wrong is reported as an error besides.
 */
#define RD_NETWORK_LOG_DOMAIN "onnxruntime"

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

RdDevice *rd_runtime_choose_device (const char *name, char **reason,
    GError ** error);

/* by what runs networks, in onnx/ */
gboolean rd_runtime_has_device (RdDevice * device, GError ** error);
gboolean rd_runtime_try_device (RdDevice * device, GError ** error);

G_END_DECLS
