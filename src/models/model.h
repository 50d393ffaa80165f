/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "models/info.h"
#include "networks/networks.h"
#include "networks/preview.h"

G_BEGIN_DECLS

/**
 * SECTION:model
 *
 * A model folder: the layout of `optimum-cli export onnx`. Opening one reads
 * its JSON files only; networks load at first use, in a worker thread, once per
 * process, folder and runtime.
 */

typedef struct _RdModel RdModel;

RdModel *rd_model_open (const char *folder, const RdRuntime * runtime,
    GError ** error);
RdModel *rd_model_ref (RdModel * model);
void rd_model_unref (RdModel * model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdModel, rd_model_unref);

const RdModelInfo *rd_model_info (const RdModel * model);
const char *rd_model_folder (const RdModel * model);
const RdRuntime *rd_model_runtime (const RdModel * model);
RdDevice *rd_model_device (const RdModel * model);
char *rd_model_describe_backend (const RdModel * model);

gboolean rd_model_has_network (const RdModel * model, RdNetworkKind kind);
gboolean rd_model_is_loaded (RdModel * model, RdNetworkKind kind);
gboolean rd_model_load (RdModel * model, RdNetworkKind kind,
    GCancellable * cancellable, GError ** error);

RdDenoiser *rd_model_denoiser (RdModel * model, GCancellable * cancellable,
    GError ** error);
RdConditioning *rd_model_encode_prompt (RdModel * model, RdStream * stream,
    const RdPrompt * prompt, GCancellable * cancellable, GError ** error);
gboolean rd_model_check_latent (const RdModel * model, const RdTensor * latent,
    GError ** error);
RdTensor *rd_model_encode (RdModel * model, RdTensor * picture,
    GCancellable * cancellable, GError ** error);
RdTensor *rd_model_take_latent (const RdModel * model, RdTensor * latent,
    double scaling_factor, double shift_factor, GError ** error);
RdTensor *rd_model_decode (RdModel * model, RdTensor * latent,
    GCancellable * cancellable, GError ** error);
gboolean rd_model_check_finite (const RdModel * model, RdNetworkKind kind,
    const RdTensor * in, const RdTensor * out, GError ** error);

gboolean rd_model_has_preview_map (RdModel * model);
const RdPreviewMap *rd_model_preview_map (RdModel * model,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
