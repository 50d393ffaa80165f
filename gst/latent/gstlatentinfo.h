/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "latent/gstlatentmemory.h"
#include "models/model.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatent
 *
 * Latents on pads: their caps, and the way between buffers and tensors.
 *
 * A buffer holds one row-major (N,C,H,W) array without padding, in one or more
 * memories; in one where the caps say that it is a device's. Values are in the
 * VAE's own scale, as in ComfyUI's LATENT.
 */

#define GST_LATENT_MEDIA_TYPE "tensor/strided"

/* What all latents have in common. Fixed caps also have
 *   dims = (int) < N, C, H, W >
 * with H and W in latent cells, and where known the model's fields
 *   model-family = (string), downscale = (int), scaling-factor = (double),
 *   shift-factor = (double)
 * Elements leave dims out of templates and queries rather than put ranges into
 * it: to gst_caps_is_subset() no array is a subset of one with ranges, at which
 * GstBaseTransform warns and ACCEPT_CAPS says no (seen with 1.22). Queries name
 * the channels that a model takes as channels = (int). */
#define GST_LATENT_CAPS \
    GST_LATENT_MEDIA_TYPE GST_LATENT_FIELDS
#define GST_LATENT_CAPS_IN(feature) \
    GST_LATENT_MEDIA_TYPE "(" feature ")" GST_LATENT_FIELDS
#define GST_LATENT_FIELDS \
    ", tensor-id = (string) latent, " \
    "type = (string) { float32, float16 }, " \
    "dims-order = (string) row-major, " \
    "framerate = (fraction) [ 0/1, max ]"

/* The same as NNStreamer writes it. Fixed caps also have
 *   dimensions = (string) W:H:C:N
 * and never the model's fields. NNStreamer warns of strings that are a list, so
 * there is a structure for each. */
#define GST_LATENT_TENSORS_MEDIA_TYPE "other/tensors"
#define GST_LATENT_TENSORS_CAPS \
    GST_LATENT_TENSORS_CAPS_OF ("float32") "; " \
    GST_LATENT_TENSORS_CAPS_OF ("float16")
#define GST_LATENT_TENSORS_CAPS_OF(type) \
    GST_LATENT_TENSORS_MEDIA_TYPE ", format = (string) static, " \
    "num_tensors = (int) 1, types = (string) " type ", " \
    "framerate = (fraction) [ 0/1, max ]"
#define GST_LATENT_TENSORS_MIN_RANK 3
#define GST_LATENT_TENSORS_MAX_RANK 16

/* Templates of pads, best first: of those that take or give latents in device
 * memory, too, and of others. */
#define GST_LATENT_CAPS_ANY_MEMORY \
    GST_LATENT_CAPS_IN (GST_CAPS_FEATURE_MEMORY_LATENT_CUDA) "; " \
    GST_LATENT_CAPS_SYSTEM_MEMORY
#define GST_LATENT_CAPS_SYSTEM_MEMORY \
    GST_LATENT_CAPS "; " GST_LATENT_TENSORS_CAPS

/* A latent of more bytes than this is refused, before anybody allocates it. */
#define GST_LATENT_MAX_SIZE ((gsize) G_MAXINT32)

#define GST_LATENT_FAMILY_SIZE 32

/**
 * GstLatentInfo:
 * @on_device: whether buffers are in device memory (#GstLatentAllocator)
 * @tensors_rank: numbers in the dimensions of `other/tensors`, 0 for
 *   `tensor/strided`
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

gboolean gst_latent_type_from_name (const char *name, RdType * type);
gboolean gst_latent_structure_get_dims (const GstStructure * structure,
    guint dims[4]);
void gst_latent_structure_set_dims (GstStructure * strided,
    const guint dims[4]);
void gst_latent_info_init (GstLatentInfo * info);
gboolean gst_latent_info_from_caps (GstLatentInfo * info, const GstCaps * caps,
    GError ** error);
GstCaps *gst_latent_info_to_caps (const GstLatentInfo * info);
gboolean gst_latent_info_check (const GstLatentInfo * info, GError ** error);
gsize gst_latent_info_size (const GstLatentInfo * info);

gboolean gst_latent_info_set_picture (GstLatentInfo * info, guint width,
    guint height, guint downscale, GError ** error);
void gst_latent_info_set_model (GstLatentInfo * info,
    const RdModelInfo * model);
gboolean gst_latent_info_check_model (const GstLatentInfo * info,
    RdModel * model, GError ** error);
void gst_latent_info_write_model (const GstLatentInfo * info, GstCaps * caps);

/* gstlatentcaps.c */
GstCaps *gst_latent_caps_of_model (GstCaps * caps, const RdModelInfo * model);
GstCaps *gst_latent_caps_prefer_model (GstCaps * caps,
    const RdModelInfo * model);
GstCaps *gst_latent_caps_any_memory (const GstCaps * caps,
    const RdDevice * device);
GstCaps *gst_latent_caps_add_tensors (GstCaps * caps);
gboolean gst_latent_info_negotiate (GstLatentInfo * info,
    const GstCaps * taken);

/* gstlatentbuffer.c */
RdTensor *gst_latent_buffer_read (GstBuffer * buffer,
    const GstLatentInfo * info, RdStream * stream, GError ** error);
gboolean gst_latent_buffer_write (GstBuffer * buffer,
    const GstLatentInfo * info, RdTensor * tensor, GError ** error);
GstBuffer *gst_latent_buffer_new (const GstLatentInfo * info,
    RdTensor * tensor, GstAllocator * allocator, GstBuffer * origin,
    GError ** error);
gboolean gst_latent_keeps_meta (const GstMeta * meta);

G_END_DECLS
