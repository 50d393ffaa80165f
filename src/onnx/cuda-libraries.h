/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:cuda-libraries
 *
 * Loads the CUDA libraries that came with ONNX Runtime's. Its CUDA provider names
 * them without a folder, so the loader alone would find the system's only.
 */

GStrv rd_cuda_libraries_load (const char *library);

G_END_DECLS
