/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "networks/denoiser.h"
#include "networks/runtime.h"

G_BEGIN_DECLS

/**
 * SECTION:networks
 *
 * The networks of a diffusion model, run in process by ONNX Runtime. In a build
 * without it each of the three constructors refuses.
 */

RdDenoiser *rd_unet_new (const char *path, const RdRuntime * runtime,
    RdPrediction * prediction, guint channels, guint multiple, GError ** error);

typedef struct _RdTextEncoder RdTextEncoder;

RdTextEncoder *rd_text_encoder_new (const char *path,
    const RdRuntime * runtime, guint width, GError ** error);
void rd_text_encoder_free (RdTextEncoder * encoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdTextEncoder, rd_text_encoder_free)

RdTensor *rd_text_encoder_run (RdTextEncoder * encoder, RdStream * stream,
    guint n, const gint * ids, GCancellable * cancellable, GError ** error);

typedef struct _RdVae RdVae;

RdVae *rd_vae_new (const char *path, const RdRuntime * runtime,
    guint channels_in, guint channels_out, GError ** error);
void rd_vae_free (RdVae * vae);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdVae, rd_vae_free)

gboolean rd_vae_run (RdVae * vae, RdTensor * in, RdTensor * out,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
