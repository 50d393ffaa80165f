/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "files/safetensors.h"

G_BEGIN_DECLS

/**
 * SECTION:latentfile
 *
 * Latents in `.safetensors` files as ComfyUI's SaveLatent writes and LoadLatent
 * reads them: the tensor `latent_tensor`, and an empty one that says that it is
 * in the VAE's own scale. Files from before that have it times 0.18215.
 */

/**
 * RdLatentFile:
 * @dtype: element type in the file
 * @dims: N, C, H, W
 * @offset: of the first byte, from the start of the data
 * @size: bytes
 * @scale: what takes values to the VAE's own scale
 *
 * Where the latents are in a file.
 */
typedef struct
{
  const RdSafetensorsDtype *dtype;
  gint64 dims[4];
  guint64 offset;
  guint64 size;
  double scale;
} RdLatentFile;

gboolean rd_latent_file_find (RdLatentFile * latent,
    const RdSafetensors * file, GError ** error);
RdTensor *rd_latent_file_read (const RdLatentFile * latent, RdStream * stream,
    gconstpointer data, GError ** error);
void rd_latent_file_describe (RdSafetensors * file, RdType type,
    const gint64 * dims);

G_END_DECLS
