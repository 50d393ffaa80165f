/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>
#include <onnxruntime_c_api.h>

G_BEGIN_DECLS

/**
 * SECTION:library
 *
 * Finds ONNX Runtime's library when the first network is opened. Nothing is
 * linked against it, so any library serves that offers the version of the C
 * interface which the code is written against: the system's, the one that
 * tools/setup fetches, or those of the Python packages onnxruntime and
 * onnxruntime-gpu.
 */

/**
 * RD_ORT_LIBRARY_VARIABLE:
 *
 * The environment variable that names the file of the library to use.
 */
#define RD_ORT_LIBRARY_VARIABLE "GST_REGIONAL_ONNXRUNTIME"

/**
 * RD_ORT_NEEDED_API:
 *
 * The version of the function table that the code is written against, which is
 * the minor number of the first release that has it. Newer libraries have it,
 * too; older ones lack functions that CUDA needs.
 */
#define RD_ORT_NEEDED_API 17

const OrtApiBase *rd_ort_library (GError ** error);
const OrtApiBase *rd_ort_library_open (const char *path, GError ** error);
const char *rd_ort_library_path (const OrtApiBase * base);

G_END_DECLS
