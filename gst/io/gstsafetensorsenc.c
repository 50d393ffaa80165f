/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
/**
 * SECTION:element-safetensorsenc
 * @title: safetensorsenc
 * @short_description: Latents to .safetensors bytes
 *
 * Makes each buffer of latents one complete `.safetensors` file, as ComfyUI's
 * SaveLatent writes it and its LoadLatent and this plugin's safetensorsdec read
 * it. What caps say about the model goes into the file's metadata.
 *
 * Write one buffer with filesink, or each to its own file with multifilesink:
 * files one behind the other are not a file that others can read.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 latentsrc width=256 height=256 ! safetensorsenc snapshot=true ! filesink location=out.safetensors
 * ]|
 * The empty latent of a picture, as a file.
 *
 * Since: 0.1
 */
#include "io/gstsafetensorsenc.h"

#include "config.h"
#include "common/gstlatenterror.h"
#include "common/gstlatentlink.h"
#include "latent/gstlatentcaps.h"
#include "io/gstsafetensorsmetadata.h"
#include "files/latent-file.h"

GST_DEBUG_CATEGORY_STATIC (safetensorsenc_debug);
#define GST_CAT_DEFAULT safetensorsenc_debug

enum
{
  PROP_SNAPSHOT = 1,
};

struct _GstSafetensorsEnc
{
  GstBaseTransform parent;

  gboolean snapshot;            /* under the object lock */

  /* streaming thread */
  GstLatentInfo info;
  GBytes *header;               /* of every file with these caps */
  GError *why;                  /* of caps that are wrong: what is */
  gboolean finished;            /* a snapshot was taken */
  gboolean refuses;             /* the segment was wrong, and buffers are */
};

#define FILE_CAPS "application/x-safetensors"

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (GST_LATENT_CAPS_SYSTEM_MEMORY));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (FILE_CAPS));

#define gst_safetensors_enc_parent_class parent_class
G_DEFINE_TYPE (GstSafetensorsEnc, gst_safetensors_enc, GST_TYPE_BASE_TRANSFORM);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (safetensorsenc, "safetensorsenc",
    GST_RANK_NONE, GST_TYPE_SAFETENSORS_ENC,
    GST_DEBUG_CATEGORY_INIT (safetensorsenc_debug, "safetensorsenc", 0,
        "safetensorsenc element"));

static GstCaps *
gst_safetensors_enc_transform_caps (GstBaseTransform * trans,
    GstPadDirection direction, GstCaps * caps, GstCaps * filter)
{
  GstCaps *result = gst_caps_new_empty ();

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    const GValue *rate = gst_structure_get_value (gst_caps_get_structure (caps,
            i), "framerate");
    GstStructure *s = gst_structure_from_string (direction == GST_PAD_SINK ?
        FILE_CAPS : GST_LATENT_CAPS, NULL);

    if (rate != NULL)
      gst_structure_set_value (s, "framerate", rate);
    result = gst_caps_merge_structure (result, s);
  }
  if (direction == GST_PAD_SRC)
    result = gst_latent_caps_add_tensors (result);
  if (filter != NULL) {
    GstCaps *all = result;

    result = gst_caps_intersect_full (filter, all, GST_CAPS_INTERSECT_FIRST);
    gst_caps_unref (all);
  }
  return result;
}

static GBytes *
make_header (const GstLatentInfo * info)
{
  const gint64 dims[] = { info->n, info->channels, info->height, info->width };
  g_autoptr (RdSafetensors) file = rd_safetensors_new ();

  g_hash_table_insert (file->metadata, g_strdup ("writer"),
      g_strdup (PACKAGE " " VERSION));
  gst_latent_metadata_write (file->metadata, info);
  rd_latent_file_describe (file, info->type, dims);
  return rd_safetensors_serialise (file);
}

static gboolean
gst_safetensors_enc_set_caps (GstBaseTransform * trans, GstCaps * incaps,
    GstCaps * outcaps)
{
  GstSafetensorsEnc *self = GST_SAFETENSORS_ENC (trans);

  g_clear_pointer (&self->header, g_bytes_unref);
  g_clear_error (&self->why);
  /* told with the first buffer, as upstream posts an error of its own for caps
   * that are not taken */
  if (gst_latent_info_from_caps (&self->info, incaps, &self->why))
    self->header = make_header (&self->info);
  return TRUE;
}

static GstFlowReturn
gst_safetensors_enc_generate_output (GstBaseTransform * trans,
    GstBuffer ** outbuf)
{
  GstSafetensorsEnc *self = GST_SAFETENSORS_ENC (trans);
  g_autoptr (GstBuffer) inbuf = g_steal_pointer (&trans->queued_buf);
  const gsize size = gst_latent_info_size (&self->info);

  if (self->refuses)
    return gst_latent_error_end (GST_ELEMENT (self));
  if (self->finished)
    return GST_FLOW_EOS;
  if (inbuf == NULL)
    return GST_FLOW_OK;
  if (self->why != NULL) {
    gst_latent_error_post (GST_ELEMENT (self), self->why);
    return gst_latent_error_end (GST_ELEMENT (self));
  }
  if (gst_buffer_get_size (inbuf) != size) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT, ("latent buffer has %"
            G_GSIZE_FORMAT " bytes, but its caps require %" G_GSIZE_FORMAT,
            gst_buffer_get_size (inbuf), size),
        ("dims <%u, %u, %u, %u> of %s, pts %" GST_TIME_FORMAT, self->info.n,
            self->info.channels, self->info.height, self->info.width,
            rd_type_name (self->info.type),
            GST_TIME_ARGS (GST_BUFFER_PTS (inbuf))));
    return gst_latent_error_end (GST_ELEMENT (self));
  }

  /* the latents are not copied */
  *outbuf = gst_buffer_new_wrapped_bytes (self->header);
  gst_buffer_copy_into (*outbuf, inbuf, GST_BUFFER_COPY_FLAGS |
      GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_MEMORY, 0, -1);
  GST_OBJECT_LOCK (self);
  self->finished = self->snapshot;
  GST_OBJECT_UNLOCK (self);
  return GST_FLOW_OK;
}

static gboolean
gst_safetensors_enc_sink_event (GstBaseTransform * trans, GstEvent * event)
{
  /* taken, as upstream posts an error of its own for an event that is not */
  if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT) {
    GST_SAFETENSORS_ENC (trans)->refuses =
        !gst_latent_link_check_segment (GST_ELEMENT (trans), trans->sinkpad,
        event);
    if (GST_SAFETENSORS_ENC (trans)->refuses) {
      gst_event_unref (event);
      return TRUE;
    }
  }
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP
      || GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START)
    GST_SAFETENSORS_ENC (trans)->finished = FALSE;
  return GST_BASE_TRANSFORM_CLASS (parent_class)->sink_event (trans, event);
}

static gboolean
gst_safetensors_enc_stop (GstBaseTransform * trans)
{
  GstSafetensorsEnc *self = GST_SAFETENSORS_ENC (trans);

  g_clear_pointer (&self->header, g_bytes_unref);
  g_clear_error (&self->why);
  self->finished = FALSE;
  self->refuses = FALSE;
  return TRUE;
}

static GstStateChangeReturn
gst_safetensors_enc_change_state (GstElement * element,
    GstStateChange transition)
{
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    gst_latent_link_check (element, GST_BASE_TRANSFORM_SINK_PAD (element),
        "link a source of latents to it");
  return GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
}

static void
gst_safetensors_enc_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstSafetensorsEnc *self = GST_SAFETENSORS_ENC (object);

  switch (id) {
    case PROP_SNAPSHOT:
      GST_OBJECT_LOCK (self);
      self->snapshot = g_value_get_boolean (value);
      GST_OBJECT_UNLOCK (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

static void
gst_safetensors_enc_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstSafetensorsEnc *self = GST_SAFETENSORS_ENC (object);

  switch (id) {
    case PROP_SNAPSHOT:
      GST_OBJECT_LOCK (self);
      g_value_set_boolean (value, self->snapshot);
      GST_OBJECT_UNLOCK (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

static void
gst_safetensors_enc_init (GstSafetensorsEnc * self)
{
  /* a transform without a transform function is taken to pass all on */
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), FALSE);
}

static void
gst_safetensors_enc_class_init (GstSafetensorsEncClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = gst_safetensors_enc_set_property;
  object_class->get_property = gst_safetensors_enc_get_property;
  /**
   * GstSafetensorsEnc:snapshot:
   *
   * Send EOS after the first file, so that a filesink holds a single one.
   *
   * Since: 0.1
   */
  g_object_class_install_property (object_class, PROP_SNAPSHOT,
      g_param_spec_boolean ("snapshot", "Snapshot",
          "Send EOS after the first file, for use with filesink", FALSE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
          GST_PARAM_MUTABLE_PLAYING));

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "Safetensors encoder", "Codec/Encoder",
      "Writes latents as .safetensors files, which ComfyUI's LoadLatent reads",
      "The gst-regional authors");

  element_class->change_state = gst_safetensors_enc_change_state;
  trans_class->transform_caps = gst_safetensors_enc_transform_caps;
  trans_class->set_caps = gst_safetensors_enc_set_caps;
  trans_class->generate_output = gst_safetensors_enc_generate_output;
  trans_class->sink_event = gst_safetensors_enc_sink_event;
  trans_class->stop = gst_safetensors_enc_stop;
}
