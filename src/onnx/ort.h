/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>
#include <onnxruntime_c_api.h>

#include "base/error.h"

G_BEGIN_DECLS

/**
 * SECTION:ort
 *
 * ONNX Runtime's C interface: its function table, the one environment of the
 * process, errors and ownership in GLib's manner.
 */

const OrtApi *rd_ort_api (void);
const char *rd_ort_version (void);
const char *rd_ort_path (void);
OrtEnv *rd_ort_env (GError ** error);
gboolean rd_ort_check (OrtStatus * status, GError ** error,
    const char *format, ...)
    G_GNUC_PRINTF (3, 4);

#define RD_ORT_AUTOPTR(Type) \
  static inline void rd_ort_release_##Type (Type * object) \
  { \
    rd_ort_api ()->RD_ORT_RELEASE_##Type (object); \
  } \
  G_DEFINE_AUTOPTR_CLEANUP_FUNC (Type, rd_ort_release_##Type)

#define RD_ORT_RELEASE_OrtIoBinding ReleaseIoBinding
#define RD_ORT_RELEASE_OrtMemoryInfo ReleaseMemoryInfo
#define RD_ORT_RELEASE_OrtRunOptions ReleaseRunOptions
#define RD_ORT_RELEASE_OrtSessionOptions ReleaseSessionOptions
#define RD_ORT_RELEASE_OrtTypeInfo ReleaseTypeInfo
#define RD_ORT_RELEASE_OrtValue ReleaseValue

RD_ORT_AUTOPTR (OrtIoBinding);
RD_ORT_AUTOPTR (OrtMemoryInfo);
RD_ORT_AUTOPTR (OrtRunOptions);
RD_ORT_AUTOPTR (OrtSessionOptions);
RD_ORT_AUTOPTR (OrtTypeInfo);
RD_ORT_AUTOPTR (OrtValue);

G_END_DECLS
