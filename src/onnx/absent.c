/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The backend of a build without ONNX Runtime: it opens no network. */

#include "networks/networks.h"

static gpointer
refuse (const char *path, GError ** error)
{
  g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
      "%s cannot be loaded: this build has no ONNX Runtime; install it (see "
      "tools/setup) and configure with -Donnxruntime=enabled", path);
  return NULL;
}

static char *
describe (void)
{
  return NULL;
}

static RdDenoiser *
open_denoiser (const char *path, const RdRuntime * runtime,
    RdPrediction * prediction, guint channels, guint multiple, GError ** error)
{
  return refuse (path, error);
}

static RdTextEncoder *
open_text_encoder (const char *path, const RdRuntime * runtime,
    const RdTextOutputs * outputs, GError ** error)
{
  return refuse (path, error);
}

static RdVae *
open_vae (const char *path, const RdRuntime * runtime, guint channels_in,
    guint channels_out, GError ** error)
{
  return refuse (path, error);
}

/* Everything else works on any device. */
static gboolean
accept_device (RdDevice * device, GError ** error)
{
  return TRUE;
}

static const RdBackend backend = {
  .name = "ONNX Runtime (absent)",
  .describe = describe,
  .has_device = accept_device,
  .try_device = accept_device,
  .open_denoiser = open_denoiser,
  .open_text_encoder = open_text_encoder,
  .open_vae = open_vae,
};

/* see backend.c */
const RdBackend *
rd_onnx_backend (void)
{
  return &backend;
}
