/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "models/model.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatentinfo
 *
 * Latents on pads: what their caps say, whatever they are written like.
 *
 * A buffer holds one row-major (N,C,H,W) array without padding, in one or more
 * memories; in one where the caps say that it is a device's. Values are in the
 * VAE's own scale, as in ComfyUI's LATENT.
 */

/* A latent of more bytes than this is refused, before anybody allocates it. */
#define GST_LATENT_MAX_SIZE ((gsize) G_MAXINT32)

#define GST_LATENT_FAMILY_SIZE 32

/**
 * GstLatentInfo:
 * @on_device: whether buffers are in device memory (#GstLatentAllocator)
 * @tensors_rank: numbers in the dimensions of `other/tensors`, 0 for
 *   `tensor/strided`
 * @old_id: whether the tensor-id is the one that latents had before
 * @type: %RD_TYPE_F32 or %RD_TYPE_F16
 * @n: rows, one picture each
 * @channels: channels
 * @height: in latent cells
 * @width: in latent cells
 * @fps_n: latents per second, 0 where there is no rate
 * @fps_d: its denominator
 * @family: the model's family, "" where unknown
 * @downscale: picture pixels per latent cell and side, 0 where unknown
 * @scaling_factor: the UNet takes (latent - shift) * scaling, 0 where unknown
 * @shift_factor: see @scaling_factor
 *
 * What latent caps say. Plain data: copy it by assignment.
 */
typedef struct
{
  gboolean on_device;
  guint tensors_rank;
  gboolean old_id;
  RdType type;
  guint n;
  guint channels;
  guint height;
  guint width;
  gint fps_n;
  gint fps_d;

  char family[GST_LATENT_FAMILY_SIZE];
  guint downscale;
  double scaling_factor;
  double shift_factor;
} GstLatentInfo;

void gst_latent_info_init (GstLatentInfo * info);
gboolean gst_latent_info_check (const GstLatentInfo * info, GError ** error);
gsize gst_latent_info_size (const GstLatentInfo * info);
gboolean gst_latent_type_from_name (const char *name, RdType * type);
gboolean gst_latent_refuse (GError ** error, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

gboolean gst_latent_info_set_picture (GstLatentInfo * info, guint width,
    guint height, guint downscale, GError ** error);
void gst_latent_info_set_model (GstLatentInfo * info,
    const RdModelInfo * model);
gboolean gst_latent_info_check_model (const GstLatentInfo * info,
    RdModel * model, GError ** error);

G_END_DECLS
