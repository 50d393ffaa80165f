/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Pictures to latents and back, and what latents look like. */

#include "models/model.h"

#include <string.h>

#include "device/window.h"
#include "models/private.h"
#include "models/tiling.h"

#define PICTURE_CHANNELS 3

/* Latents of more cells than this are decoded in tiles. A Stable Diffusion
 * decoder takes about half a megabyte a cell, so 3.5 GB at this size; tiles
 * bound that, but colours may differ slightly between them, as the network
 * normalises over what it sees. 768x512 pictures are still decoded whole. */
#define WHOLE_CELLS (96 * 64)
#define TILE_SIZE 64
#define TILE_OVERLAP 16

static gboolean
check_channels (const RdModel * model, const RdTensor * tensor,
    const char *what, guint channels, GError ** error)
{
  g_autofree char *shape = NULL;

  if (tensor->rank == 4 && tensor->type == RD_TYPE_F32
      && tensor->dims[1] == channels)
    return TRUE;

  shape = rd_tensor_describe (tensor);
  g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
      "%s %s does not fit the model %s, which expects float32 with %u channels",
      what, shape, rd_model_folder (model), channels);
  return FALSE;
}

/**
 * rd_model_check_latent:
 * @model: a model
 * @latent: (N,C,H,W) of any height and width
 * @error: %RD_ERROR_SHAPE
 *
 * Returns: whether @model's UNet takes latents of this type
 */
gboolean
rd_model_check_latent (const RdModel * model, const RdTensor * latent,
    GError ** error)
{
  return check_channels (model, latent, "latent",
      rd_model_info (model)->channels, error);
}

/**
 * rd_model_encode:
 * @model: a model
 * @picture: (N,3,H,W) float32 from -1 to 1, sides multiples of the downscale
 * @cancellable: (nullable): ends it early
 * @error: %RD_ERROR_SHAPE, %G_IO_ERROR_CANCELLED, or what the network reports
 *
 * Returns: (transfer full) (nullable): latents (N,C,h,w) in the VAE's own
 *   scale; of a distribution, the mean
 */
RdTensor *
rd_model_encode (RdModel * model, RdTensor * picture,
    GCancellable * cancellable, GError ** error)
{
  const RdModelInfo *info = rd_model_info (model);
  g_autoptr (RdTensor) latent = NULL;
  gint64 dims[4];
  RdVae *vae;

  if (!check_channels (model, picture, "picture", PICTURE_CHANNELS, error))
    return NULL;
  if (info->takes_scaled) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "the small autoencoder %s makes latents in the scale of some model's "
        "UNet; encode with that model's own VAE", model->folder);
    return NULL;
  }
  if (picture->dims[2] % info->downscale || picture->dims[3] % info->downscale) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "a picture of %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT " pixels does "
        "not fit the model %s: sides must be multiples of %u",
        picture->dims[3], picture->dims[2], rd_model_folder (model),
        info->downscale);
    return NULL;
  }
  vae = rd_model_network (model, RD_NETWORK_VAE_ENCODER, cancellable, error);
  if (!vae)
    return NULL;

  dims[0] = picture->dims[0];
  dims[1] = info->channels;
  dims[2] = picture->dims[2] / info->downscale;
  dims[3] = picture->dims[3] / info->downscale;
  latent = rd_tensor_new (picture->stream, RD_TYPE_F32, 4, dims);
  for (gint64 i = 0; i < dims[0]; i++) {
    g_autoptr (RdTensor) in = rd_tensor_rows (picture, i, 1);
    g_autoptr (RdTensor) out = rd_tensor_rows (latent, i, 1);

    if (!rd_vae_run (vae, in, out, cancellable, error))
      return NULL;
  }
  return g_steal_pointer (&latent);
}

/* A row of shares for each tile. */
static RdTensor *
upload_shares (RdStream * stream, const RdTiling * tiling, guint scale)
{
  const gint64 dims[] = { tiling->n, (gint64) tiling->size * scale };
  g_autofree float *all = g_new (float, dims[0] * dims[1]);

  for (gint64 i = 0; i < tiling->n; i++) {
    g_autofree float *shares = rd_tiling_shares (tiling, i, scale);

    memcpy (all + i * dims[1], shares, dims[1] * sizeof (float));
  }
  return rd_tensor_new_from_host (stream, RD_TYPE_F32, 2, dims, all);
}

static RdTensor *
new_tile (const RdTensor * of, gint64 height, gint64 width)
{
  const gint64 dims[] = { 1, of->dims[1], height, width };

  return rd_tensor_new (of->stream, RD_TYPE_F32, 4, dims);
}

/* Decodes one latent in overlapping tiles. */
static gboolean
decode_tiled (RdVae * vae, guint scale, RdTensor * latent, RdTensor * picture,
    GCancellable * cancellable, GError ** error)
{
  g_auto (RdTiling) rows = { 0 };
  g_auto (RdTiling) columns = { 0 };
  g_autoptr (RdTensor) rows_shares = NULL, columns_shares = NULL;
  g_autoptr (RdTensor) cells = NULL, pixels = NULL;
  RdWindow from = { 0, 0 }, to = { 0, 0 };

  rd_tiling_init (&rows, latent->dims[2], TILE_SIZE, TILE_OVERLAP);
  rd_tiling_init (&columns, latent->dims[3], TILE_SIZE, TILE_OVERLAP);
  rows_shares = upload_shares (latent->stream, &rows, scale);
  columns_shares = upload_shares (latent->stream, &columns, scale);
  from.height = rows.size;
  from.width = columns.size;
  to.height = from.height * scale;
  to.width = from.width * scale;
  cells = new_tile (latent, from.height, from.width);
  pixels = new_tile (picture, to.height, to.width);

  /* beside the picture, so that all of it becomes 0 */
  to.top = picture->dims[2];
  rd_window_paste (picture, pixels, &to);

  for (gint64 r = 0; r < rows.n; r++) {
    g_autoptr (RdTensor) shares_y = rd_tensor_rows (rows_shares, r, 1);

    for (gint64 c = 0; c < columns.n; c++) {
      g_autoptr (RdTensor) shares_x = rd_tensor_rows (columns_shares, c, 1);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      from.top = rows.starts[r];
      from.left = columns.starts[c];
      to.top = from.top * scale;
      to.left = from.left * scale;
      rd_window_read (cells, latent, &from);
      if (!rd_vae_run (vae, cells, pixels, cancellable, error))
        return FALSE;
      rd_window_add (picture, pixels, &to, shares_y, shares_x);
    }
  }
  return rd_stream_check (picture->stream, error);
}

/**
 * rd_model_decode:
 * @model: a model
 * @latent: (N,C,h,w) float32 in the VAE's own scale
 * @cancellable: (nullable): ends it early
 * @error: %RD_ERROR_SHAPE, %G_IO_ERROR_CANCELLED, or what the network reports
 *
 * Latents one by one, large ones in tiles, so that memory does not grow with
 * them.
 *
 * Returns: (transfer full) (nullable): pictures (N,3,H,W) float32, from -1 to 1
 *   and somewhat beyond
 */
RdTensor *
rd_model_decode (RdModel * model, RdTensor * latent,
    GCancellable * cancellable, GError ** error)
{
  const RdModelInfo *info = rd_model_info (model);
  g_autoptr (RdTensor) picture = NULL;
  gint64 dims[4];
  RdVae *vae;

  if (!check_channels (model, latent, "latent", info->channels, error))
    return NULL;
  vae = rd_model_network (model, RD_NETWORK_VAE_DECODER, cancellable, error);
  if (!vae)
    return NULL;

  dims[0] = latent->dims[0];
  dims[1] = PICTURE_CHANNELS;
  dims[2] = latent->dims[2] * info->downscale;
  dims[3] = latent->dims[3] * info->downscale;
  picture = rd_tensor_new (latent->stream, RD_TYPE_F32, 4, dims);
  for (gint64 i = 0; i < dims[0]; i++) {
    g_autoptr (RdTensor) in = rd_tensor_rows (latent, i, 1);
    g_autoptr (RdTensor) out = rd_tensor_rows (picture, i, 1);
    const gboolean whole = latent->dims[2] * latent->dims[3] <= WHOLE_CELLS;

    if (!(whole ? rd_vae_run (vae, in, out, cancellable, error)
            : decode_tiled (vae, info->downscale, in, out, cancellable, error)))
      return NULL;
  }
  return g_steal_pointer (&picture);
}

/**
 * rd_model_take_latent:
 * @model: a model
 * @latent: (N,C,h,w) float32 in the scale of another model's VAE
 * @scaling_factor: of that model, 0 if it is not known
 * @shift_factor: likewise
 * @error: %RD_ERROR_SHAPE: @model needs to know them
 *
 * Latents of one model are ones of another where both have the same VAE. A small
 * autoencoder in a folder of its own serves all models whose latents it was
 * trained with, as their UNets see them: (latent - shift) * scaling.
 *
 * Returns: (transfer full) (nullable): what rd_model_decode() takes
 */
RdTensor *
rd_model_take_latent (const RdModel * model, RdTensor * latent,
    double scaling_factor, double shift_factor, GError ** error)
{
  const RdModelInfo *info = &model->info;
  RdTensor *scaled;

  if (!info->takes_scaled)
    return rd_tensor_ref (latent);
  if (scaling_factor <= 0.0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "the small autoencoder %s takes latents in the scale of a model's UNet, "
        "but these do not say which model's they are; take them from "
        "regionalsampler, or set scaling-factor in their caps", model->folder);
    return NULL;
  }
  scaled = rd_tensor_new_like (latent);
  rd_affine (scaled, latent, scaling_factor / info->scaling_factor,
      info->shift_factor
      - shift_factor * scaling_factor / info->scaling_factor);
  return scaled;
}

/**
 * rd_model_check_finite:
 * @model: a model
 * @kind: %RD_NETWORK_VAE_ENCODER or %RD_NETWORK_VAE_DECODER
 * @in: what the network was given
 * @out: what it made of that
 * @error: %RD_ERROR_FAILED: which of them has elements that are infinite or not
 *   a number; or the stream's failure
 *
 * Waits until both are done.
 *
 * Returns: whether both are finite
 */
gboolean
rd_model_check_finite (const RdModel * model, RdNetworkKind kind,
    const RdTensor * in, const RdTensor * out, GError ** error)
{
  const gboolean encodes = kind == RD_NETWORK_VAE_ENCODER;
  g_autoptr (RdTensor) first = rd_mark_new (out->stream);
  gint32 mark;

  rd_mark_not_finite (first, in, 0);
  rd_mark_not_finite (first, out, 1);
  if (!rd_tensor_download (first, &mark, error))
    return FALSE;
  if (mark == 0)
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
        "the %s has elements that are infinite or not a number; look at what "
        "made it", encodes ? "picture" : "latent");
  else if (mark == 1)
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
        "the VAE %s of %s made a %s with elements that are infinite or not a "
        "number; if it computes in float16, use a float32 export of it",
        encodes ? "encoder" : "decoder", model->folder,
        encodes ? "latent" : "picture");
  return mark == RD_ALL_FINITE;
}

/**
 * rd_model_has_preview_map:
 * @model: a model
 *
 * Returns: whether rd_model_preview_map() would return at once
 */
gboolean
rd_model_has_preview_map (RdModel * model)
{
  gboolean has;

  g_mutex_lock (&model->lock);
  has = model->preview != NULL;
  g_mutex_unlock (&model->lock);
  return has;
}

static RdTensor *
decode (RdTensor * latent, gpointer model, GCancellable * cancellable,
    GError ** error)
{
  return rd_model_decode (model, latent, cancellable, error);
}

/**
 * rd_model_preview_map:
 * @model: a model
 * @cancellable: (nullable): ends it within one network node
 * @error: as of rd_model_load() for the VAE decoder, or of
 *   rd_preview_map_fit()
 *
 * Fits the map the first time, in the calling thread, with the VAE decoder,
 * which is loaded if need be. Who asks at the same time does the same work,
 * with the same result.
 *
 * Returns: (transfer none) (nullable): the colours of @model's latents; lives
 *   as long as @model
 */
const RdPreviewMap *
rd_model_preview_map (RdModel * model, GCancellable * cancellable,
    GError ** error)
{
  g_autoptr (RdStream) stream = NULL;
  g_autoptr (RdPreviewMap) map = NULL;
  const RdPreviewMap *result;

  if (!rd_model_has_preview_map (model)) {
    stream = rd_stream_new (model->runtime.device, error);
    if (stream)
      map = rd_preview_map_fit (stream, model->info.channels,
          1.0 / model->info.scaling_factor, model->info.shift_factor, decode,
          model, cancellable, error);
    if (!map)
      return NULL;
  }

  g_mutex_lock (&model->lock);
  if (!model->preview)
    model->preview = g_steal_pointer (&map);
  result = model->preview;
  g_mutex_unlock (&model->lock);
  return result;
}
