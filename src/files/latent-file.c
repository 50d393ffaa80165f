/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "files/latent-file.h"

#define LATENT_KEY "latent_tensor"
#define VERSION_KEY "latent_format_version_0"
/* Stable Diffusion 1's, the only model when files had no version */
#define OLD_SCALE 0.18215

/**
 * rd_latent_file_find:
 * @latent: (out): where the latents are
 * @file: a file's header
 * @error: %RD_ERROR_INVALID: not a file of latents, or of ones that are not
 *   (N,C,H,W), nor (N,C,1,H,W)
 */
gboolean
rd_latent_file_find (RdLatentFile * latent, const RdSafetensors * file,
    GError ** error)
{
  const RdSafetensorsEntry *entry = rd_safetensors_find (file, LATENT_KEY);
  guint n = 0;

  if (entry == NULL) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "safetensors: no tensor "
        "\"" LATENT_KEY "\" among the %u tensors; only files of latents can be "
        "read, such as ComfyUI's SaveLatent writes", file->entries->len);
    return FALSE;
  }
  latent->dtype = rd_safetensors_entry_dtype (entry);
  if (entry->rank != 4 && !(entry->rank == 5 && entry->shape[2] == 1)) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "safetensors: \"" LATENT_KEY
        "\" has %u dimensions, must have 4: N, C, H, W; or 5, for one frame of "
        "a video: N, C, 1, H, W", entry->rank);
    return FALSE;
  }
  for (guint i = 0; i < entry->rank; i++) {
    if (entry->shape[i] == 0 || entry->shape[i] > G_MAXINT32) {
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "safetensors: \""
          LATENT_KEY "\".shape[%u] is %" G_GUINT64_FORMAT ", must be from 1 to "
          "%d", i, entry->shape[i], G_MAXINT32);
      return FALSE;
    }
    if (entry->rank == 4 || i != 2)
      latent->dims[n++] = entry->shape[i];
  }
  latent->offset = entry->offset;
  latent->size = entry->size;
  latent->scale = rd_safetensors_find (file, VERSION_KEY) ? 1.0
      : 1.0 / OLD_SCALE;
  return TRUE;
}

/**
 * rd_latent_file_read:
 * @latent: where the latents are
 * @stream: where the tensor shall live
 * @data: the file from @latent's offset on, @latent's size bytes
 * @error: the stream's error
 *
 * Returns: (transfer full): float32 (N,C,H,W) in the VAE's own scale, or %NULL
 */
RdTensor *
rd_latent_file_read (const RdLatentFile * latent, RdStream * stream,
    gconstpointer data, GError ** error)
{
  g_autoptr (RdTensor) tensor =
      rd_tensor_new (stream, RD_TYPE_F32, 4, latent->dims);
  const RdTerm scaled = rd_term (tensor, latent->scale, NULL);
  g_autofree float *values = g_try_malloc (tensor->size);

  if (!values) {
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY,
        "no memory for a latent of %" G_GSIZE_FORMAT " bytes", tensor->size);
    return NULL;
  }
  rd_safetensors_to_float (latent->dtype, data, tensor->n_elements, values);
  rd_tensor_upload (tensor, values);
  rd_combine (tensor, 1, &scaled);
  if (!rd_stream_check (stream, error))
    return NULL;
  return g_steal_pointer (&tensor);
}

/**
 * rd_latent_file_describe:
 * @file: a header without tensors
 * @type: %RD_TYPE_F32 or %RD_TYPE_F16
 * @dims: N, C, H, W
 *
 * Makes @file the header of latents in the VAE's own scale, whose bytes follow
 * it as they are.
 */
void
rd_latent_file_describe (RdSafetensors * file, RdType type, const gint64 * dims)
{
  const gint64 nothing = 0;

  rd_safetensors_add (file, LATENT_KEY, type, 4, dims);
  rd_safetensors_add (file, VERSION_KEY, RD_TYPE_F32, 1, &nothing);
}
