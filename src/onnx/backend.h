/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "networks/networks.h"

G_BEGIN_DECLS

/* What backend.c puts into the table. */

RdDenoiser *rd_onnx_denoiser_new (const char *path, const RdRuntime * runtime,
    RdPrediction * prediction, guint channels, guint multiple,
    GError ** error);
RdTextEncoder *rd_onnx_text_encoder_new (const char *path,
    const RdRuntime * runtime, const RdTextOutputs * outputs, GError ** error);
RdVae *rd_onnx_vae_new (const char *path, const RdRuntime * runtime,
    guint channels_in, guint channels_out, GError ** error);

G_END_DECLS
