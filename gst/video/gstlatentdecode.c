/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
/**
 * SECTION:element-latentdecode
 * @title: latentdecode
 * @short_description: Latents to pictures
 *
 * Runs the VAE decoder of a model folder: latents go in, `video/x-raw` RGB
 * comes out. A buffer of N latents gives N pictures, one after the other; with
 * a framerate, N times as many a second.
 *
 * Regions of interest and other metadata about the picture's content stay on
 * the buffer as they are. Every picture is one job; a flush, and leaving
 * PAUSED, cancel it.
 *
 * ## Messages
 *
 * * `load` (progress): the VAE decoder is loaded, the first time. Since: 0.1
 * * `decode` (progress): a picture is decoded. Since: 0.1
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 latentsrc num-buffers=1 width=128 height=128 batch-size=2 ! regionalsampler model=models/tiny prompt=lava ! latentdecode model=models/tiny ! videoconvert ! pngenc ! multifilesink location=out-%d.png
 * ]|
 * Two pictures of one buffer.
 *
 * Since: 0.1
 */
#include "video/gstlatentdecode.h"

#include "common/gstlatentprogress.h"
#include "device/picture.h"
#include "latent/gstlatentbuffer.h"

GST_DEBUG_CATEGORY_STATIC (latentdecode_debug);
#define GST_CAT_DEFAULT latentdecode_debug

struct _GstLatentDecode
{
  GstLatentTransform parent;

  /* the buffer that is being worked on, its latents, and how many of them are
   * pictures already; streaming thread */
  GstBuffer *input;
  RdTensor *latents;
  guint n_done;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_LATENT_CAPS_ANY_MEMORY));

G_DEFINE_TYPE (GstLatentDecode, gst_latent_decode, GST_TYPE_LATENT_TRANSFORM);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (latentdecode, "latentdecode",
    GST_RANK_NONE, GST_TYPE_LATENT_DECODE,
    GST_DEBUG_CATEGORY_INIT (latentdecode_debug, "latentdecode", 0,
        "latentdecode element"));

static void
gst_latent_decode_reset (GstLatentTransform * trans)
{
  GstLatentDecode *self = GST_LATENT_DECODE (trans);

  gst_clear_buffer (&self->input);
  g_clear_pointer (&self->latents, rd_tensor_unref);
  self->n_done = 0;
}

/* As rd_picture_from_tensor(), which is done when it returns. */
static gboolean
pack (const RdTensor * picture, gsize stride, guint8 * rgb, GError ** error)
{
  return rd_picture_pack (picture, stride, rgb, error)
      && rd_stream_synchronize (picture->stream, error);
}

static gboolean
write_picture (GstLatentTransform * trans, const RdTensor * picture,
    GstBuffer * buffer, GError ** error)
{
  GstVideoFrame frame;
  gboolean ok, on_device;

  if (picture->dims[2] != GST_VIDEO_INFO_HEIGHT (&trans->video)
      || picture->dims[3] != GST_VIDEO_INFO_WIDTH (&trans->video)) {
    g_autofree char *text = rd_tensor_describe (picture);

    g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "the VAE decoder of %s "
        "returned a picture %s, expected %dx%d pixels",
        rd_model_folder (trans->model), text,
        GST_VIDEO_INFO_WIDTH (&trans->video),
        GST_VIDEO_INFO_HEIGHT (&trans->video));
    return FALSE;
  }
  if (!gst_latent_cuda_video_map (&trans->cuda, &frame, &trans->video, buffer,
          GST_MAP_WRITE, &on_device)) {
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
        "picture buffer cannot be mapped for writing");
    return FALSE;
  }
  ok = (on_device ? pack : rd_picture_from_tensor) (picture,
      GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
      GST_VIDEO_FRAME_PLANE_DATA (&frame, 0), error);
  gst_video_frame_unmap (&frame);
  return ok;
}

/* The next picture of the input. */
static gboolean
gst_latent_decode_work (GstLatentTransform * trans, GstBuffer * inbuf,
    GstBuffer * outbuf, GCancellable * cancellable, GError ** error)
{
  GstLatentDecode *self = GST_LATENT_DECODE (trans);
  g_autoptr (RdTensor) row = NULL;
  g_autoptr (RdTensor) latent = NULL;
  g_autoptr (RdTensor) picture = NULL;

  if (self->latents == NULL)
    self->latents = gst_latent_buffer_read (inbuf, &trans->latent,
        trans->stream, error);
  if (self->latents == NULL)
    return FALSE;
  row = rd_tensor_rows (self->latents, self->n_done, 1);
  latent = rd_model_take_latent (trans->model, row,
      trans->latent.scaling_factor, trans->latent.shift_factor, error);
  if (latent == NULL)
    return FALSE;
  picture = rd_model_decode (trans->model, latent, cancellable, error);
  return picture != NULL
      && rd_model_check_finite (trans->model, RD_NETWORK_VAE_DECODER, latent,
      picture, error)
      && write_picture (trans, picture, outbuf, error);
}

/* The pictures of a batch share the time of its buffer. */
static void
set_time (GstLatentDecode * self, GstBuffer * outbuf)
{
  const guint n = GST_LATENT_TRANSFORM (self)->latent.n;
  const GstClockTime duration = GST_BUFFER_DURATION (self->input);

  if (n == 1 || !GST_CLOCK_TIME_IS_VALID (duration))
    return;
  if (GST_BUFFER_PTS_IS_VALID (self->input))
    GST_BUFFER_PTS (outbuf) = GST_BUFFER_PTS (self->input) +
        gst_util_uint64_scale_int (duration, self->n_done, n);
  GST_BUFFER_DTS (outbuf) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (outbuf) =
      gst_util_uint64_scale_int (duration, self->n_done + 1, n) -
      gst_util_uint64_scale_int (duration, self->n_done, n);
}

/* Called until it gives no buffer, so that a batch of latents becomes one
 * picture after the other. */
static GstFlowReturn
gst_latent_decode_generate_output (GstBaseTransform * trans,
    GstBuffer ** outbuf)
{
  GstLatentDecode *self = GST_LATENT_DECODE (trans);
  GstFlowReturn ret;

  if (trans->queued_buf != NULL) {
    gst_latent_decode_reset (GST_LATENT_TRANSFORM (self));
    self->input = g_steal_pointer (&trans->queued_buf);
  }
  if (self->input == NULL)
    return GST_FLOW_OK;

  ret = GST_BASE_TRANSFORM_GET_CLASS (trans)->prepare_output_buffer (trans,
      self->input, outbuf);
  if (ret == GST_FLOW_OK)
    ret = gst_latent_transform_run (GST_LATENT_TRANSFORM (self), self->input,
        *outbuf);
  if (ret == GST_FLOW_OK)
    set_time (self, *outbuf);
  else
    gst_clear_buffer (outbuf);
  self->n_done++;
  if (ret != GST_FLOW_OK
      || self->n_done == GST_LATENT_TRANSFORM (self)->latent.n)
    gst_latent_decode_reset (GST_LATENT_TRANSFORM (self));
  return ret;
}

static void
gst_latent_decode_init (GstLatentDecode * self)
{
}

static void
gst_latent_decode_class_init (GstLatentDecodeClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstLatentTransformClass *latent_class = GST_LATENT_TRANSFORM_CLASS (klass);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_pad_template (element_class,
      gst_latent_transform_picture_template ("src", GST_PAD_SRC));
  gst_element_class_set_static_metadata (element_class, "Latent decoder",
      "Filter/Converter/Video",
      "Decodes latents to pictures with the VAE decoder of a model",
      "The gst-regional authors");

  latent_class->latent_pad = GST_PAD_SINK;
  latent_class->part = RD_NETWORK_VAE_DECODER;
  latent_class->code = "decode";
  latent_class->doing = "decoding";
  latent_class->work = gst_latent_decode_work;
  latent_class->reset = gst_latent_decode_reset;
  GST_BASE_TRANSFORM_CLASS (klass)->generate_output =
      gst_latent_decode_generate_output;
}
