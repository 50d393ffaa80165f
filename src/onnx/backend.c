/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "onnx/backend.h"

#include "onnx/probe.h"
#include "onnx/provider.h"

static char *
describe (void)
{
  return rd_ort_env (NULL) ? g_strdup_printf ("ONNX Runtime %s, %s",
      rd_ort_version (), rd_ort_path ()) : NULL;
}

static const RdBackend backend = {
  .name = "ONNX Runtime",
  .describe = describe,
  .has_device = rd_provider_has_device,
  .try_device = rd_probe_device,
  .open_denoiser = rd_onnx_denoiser_new,
  .open_text_encoder = rd_onnx_text_encoder_new,
  .open_vae = rd_onnx_vae_new,
};

/**
 * rd_onnx_backend:
 *
 * Returns: (transfer none): networks in ONNX files, run in process by ONNX
 *   Runtime; in a build without it, a backend that refuses to open any
 */
const RdBackend *
rd_onnx_backend (void)
{
  return &backend;
}
