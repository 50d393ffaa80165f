/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "onnx/ort.h"
#include "networks/runtime.h"

G_BEGIN_DECLS

/**
 * SECTION:provider
 *
 * A device in ONNX Runtime's words: the execution provider that runs networks
 * there, and the memory in which tensors lie.
 */

gboolean rd_provider_has_device (RdDevice * device, GError ** error);

gboolean rd_provider_append (OrtSessionOptions * options,
    const RdRuntime * runtime, GError ** error);
OrtMemoryInfo *rd_provider_memory (RdDevice * device, GError ** error);
OrtRunOptions *rd_provider_run_options (RdDevice * device, GError ** error);

G_END_DECLS
