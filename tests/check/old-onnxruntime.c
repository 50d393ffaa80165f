/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* A library that is ONNX Runtime as far as anybody can tell who looks for its
 * entry point, but too old. */

#include <onnxruntime_c_api.h>

const OrtApiBase *
old_get_api_base (void)
__asm__ ("OrtGetApiBase");

     static const OrtApi *ORT_API_CALL get_api (uint32_t version)
{
  return NULL;
}

static const char *ORT_API_CALL
get_version (void)
{
  return "1.16.3";
}

__attribute__((visibility ("default")))
     const OrtApiBase *old_get_api_base (void)
{
  static const OrtApiBase base = { get_api, get_version };

  return &base;
}
