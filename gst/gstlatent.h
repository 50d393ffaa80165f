/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "model.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatent
 *
 * Latents on pads: their caps, and the way between buffers and tensors.
 *
 * A buffer holds one row-major (N,C,H,W) array without padding, in one or more
 * memories. Values are in the VAE's own scale, as in ComfyUI's LATENT.
 */

#define GST_LATENT_MEDIA_TYPE "tensor/strided"

/* What all latents have in common; H and W count latent cells. */
#define GST_LATENT_CAPS \
    GST_LATENT_MEDIA_TYPE ", tensor-id = (string) latent, " \
    "type = (string) { float32, float16 }, " \
    "dims = (int) < [ 1, max ], [ 1, max ], [ 1, max ], [ 1, max ] >, " \
    "dims-order = (string) row-major, " \
    "framerate = (fraction) [ 0/1, max ]"

/* A latent of more bytes than this is refused, before anybody allocates it. */
#define GST_LATENT_MAX_SIZE ((gsize) G_MAXINT32)

#define GST_LATENT_FAMILY_SIZE 32

/**
 * GstLatentInfo:
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
gboolean gst_latent_info_from_caps (GstLatentInfo * info, const GstCaps * caps,
    GError ** error);
GstCaps *gst_latent_info_to_caps (const GstLatentInfo * info);
gboolean gst_latent_info_check (const GstLatentInfo * info, GError ** error);
gsize gst_latent_info_size (const GstLatentInfo * info);

void gst_latent_info_set_model (GstLatentInfo * info,
    const RdModelInfo * model);
gboolean gst_latent_info_check_model (const GstLatentInfo * info,
    RdModel * model, GError ** error);
GstCaps *gst_latent_caps_prefer_model (GstCaps * caps,
    const RdModelInfo * model);

RdTensor *gst_latent_buffer_read (GstBuffer * buffer,
    const GstLatentInfo * info, RdStream * stream, GError ** error);
gboolean gst_latent_buffer_write (GstBuffer * buffer,
    const GstLatentInfo * info, RdTensor * tensor, GError ** error);
GstBuffer *gst_latent_buffer_new (const GstLatentInfo * info,
    RdTensor * tensor, GstBuffer * origin, GError ** error);
gboolean gst_latent_keeps_meta (const GstMeta * meta);

G_END_DECLS
