/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
/**
 * SECTION:element-latentencode
 * @title: latentencode
 * @short_description: Pictures to latents
 *
 * Runs the VAE encoder of a model folder: `video/x-raw` RGB goes in, latents
 * come out, in the VAE's own scale. Width and height must be multiples of the
 * model's pixels per latent cell, 8 for Stable Diffusion.
 *
 * Regions of interest and other metadata about the picture's content stay on
 * the buffer as they are, in picture pixels. Every buffer is one job; a flush,
 * and leaving PAUSED, cancel it.
 *
 * ## Messages
 *
 * * `load` (progress): the VAE encoder is loaded, the first time. Since: 0.1
 * * `encode` (progress): a picture is encoded. Since: 0.1
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=1 ! video/x-raw,width=256,height=256 ! videoconvert ! latentencode model=models/tiny ! latentdecode model=models/tiny ! videoconvert ! pngenc ! filesink location=out.png
 * ]|
 * The test picture after encoding and decoding.
 *
 * Since: 0.1
 */
#include "video/gstlatentencode.h"

#include "device/picture.h"
#include "latent/gstlatentbuffer.h"

GST_DEBUG_CATEGORY_STATIC (latentencode_debug);
#define GST_CAT_DEFAULT latentencode_debug

struct _GstLatentEncode
{
  GstLatentTransform parent;
};

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_LATENT_CAPS_ANY_MEMORY));

G_DEFINE_TYPE (GstLatentEncode, gst_latent_encode, GST_TYPE_LATENT_TRANSFORM);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (latentencode, "latentencode",
    GST_RANK_NONE, GST_TYPE_LATENT_ENCODE,
    GST_DEBUG_CATEGORY_INIT (latentencode_debug, "latentencode", 0,
        "latentencode element"));

static RdTensor *
read_picture (GstLatentTransform * self, GstBuffer * buffer, GError ** error)
{
  const guint width = GST_VIDEO_INFO_WIDTH (&self->video);
  const guint height = GST_VIDEO_INFO_HEIGHT (&self->video);
  GstVideoFrame frame;
  RdTensor *picture;
  gboolean on_device;

  if (!gst_latent_cuda_video_map (&self->cuda, &frame, &self->video, buffer,
          GST_MAP_READ, &on_device)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "buffer of %" G_GSIZE_FORMAT
        " bytes does not contain the picture of %ux%u pixels that its caps "
        "require", gst_buffer_get_size (buffer), width, height);
    return NULL;
  }
  picture = (on_device ? rd_picture_unpack : rd_picture_to_tensor)
      (self->stream, width, height, GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
      GST_VIDEO_FRAME_PLANE_DATA (&frame, 0), error);
  gst_video_frame_unmap (&frame);
  return picture;
}

static gboolean
gst_latent_encode_work (GstLatentTransform * self, GstBuffer * inbuf,
    GstBuffer * outbuf, GCancellable * cancellable, GError ** error)
{
  g_autoptr (RdTensor) picture = read_picture (self, inbuf, error);
  g_autoptr (RdTensor) latent = NULL;

  if (picture == NULL)
    return FALSE;
  latent = rd_model_encode (self->model, picture, cancellable, error);
  return latent != NULL
      && rd_model_check_finite (self->model, RD_NETWORK_VAE_ENCODER, picture,
      latent, error)
      && gst_latent_buffer_write (outbuf, &self->latent, latent, error);
}

static void
gst_latent_encode_init (GstLatentEncode * self)
{
}

static void
gst_latent_encode_class_init (GstLatentEncodeClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstLatentTransformClass *latent_class = GST_LATENT_TRANSFORM_CLASS (klass);

  gst_element_class_add_pad_template (element_class,
      gst_latent_transform_picture_template ("sink", GST_PAD_SINK));
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Latent encoder",
      "Filter/Converter/Video",
      "Encodes pictures to latents with the VAE encoder of a model",
      "The gst-regional authors");

  latent_class->latent_pad = GST_PAD_SRC;
  latent_class->part = RD_NETWORK_VAE_ENCODER;
  latent_class->code = "encode";
  latent_class->doing = "encoding";
  latent_class->work = gst_latent_encode_work;
}
