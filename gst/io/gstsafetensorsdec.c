/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
/**
 * SECTION:element-safetensorsdec
 * @title: safetensorsdec
 * @short_description: .safetensors bytes to latents
 *
 * Reads latents from `.safetensors` files as ComfyUI's SaveLatent and this
 * plugin's safetensorsenc write them. Files may come in pieces, and one after
 * the other, as from multifilesrc. Latents come out as float32, in the VAE's
 * own scale: those of files without `latent_format_version_0` are multiplied by
 * 1/0.18215, as LoadLatent does.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=in.safetensors ! safetensorsdec ! latentdecode model=models/tiny ! videoconvert ! pngenc ! filesink location=out.png
 * ]|
 * The picture of a saved latent.
 *
 * Since: 0.1
 */
#include "io/gstsafetensorsdec.h"

#include <gst/base/gstadapter.h>

#include "common/gstlatenterror.h"
#include "common/gstlatentlink.h"
#include "latent/gstlatentbuffer.h"
#include "latent/gstlatentcaps.h"
#include "io/gstsafetensorsmetadata.h"
#include "files/latent-file.h"

GST_DEBUG_CATEGORY_STATIC (safetensorsdec_debug);
#define GST_CAT_DEFAULT safetensorsdec_debug

/* All but the pads belongs to the streaming thread, and to state changes while
 * that is at rest. */
struct _GstSafetensorsDec
{
  GstElement parent;

  GstPad *sinkpad;
  GstPad *srcpad;

  GstAdapter *adapter;          /* from the current file's first byte on */
  gsize header_size;            /* 0 until its length is known */
  guint64 file_size;            /* 0 until its header has been read */
  RdLatentFile latent;
  GstLatentInfo info;

  gint fps_n, fps_d;            /* what the sink's caps say */
  gboolean in_time;             /* the upstream segment is in time */
  guint64 n_files;              /* since the segment began */
  gboolean any_file;            /* since the stream began */
  gboolean failed;              /* since then, and that was told */
  GstCaps *caps;                /* what the source pad has */
  GQueue waiting;               /* events that must not overtake the caps */
  RdStream *stream;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-safetensors"));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (GST_LATENT_CAPS_SYSTEM_MEMORY));

#define gst_safetensors_dec_parent_class parent_class
G_DEFINE_TYPE (GstSafetensorsDec, gst_safetensors_dec, GST_TYPE_ELEMENT);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (safetensorsdec, "safetensorsdec",
    GST_RANK_MARGINAL, GST_TYPE_SAFETENSORS_DEC,
    GST_DEBUG_CATEGORY_INIT (safetensorsdec_debug, "safetensorsdec", 0,
        "safetensorsdec element"));

static void
forget_file (GstSafetensorsDec * self)
{
  self->header_size = 0;
  self->file_size = 0;
}

/* Of events that wait, a flush takes what it takes from pads. */
static void
flush (GstSafetensorsDec * self)
{
  GQueue kept = G_QUEUE_INIT;
  GstEvent *event;

  forget_file (self);
  gst_adapter_clear (self->adapter);
  self->n_files = 0;
  self->any_file = self->failed = FALSE;
  while ((event = g_queue_pop_head (&self->waiting)) != NULL) {
    if (GST_EVENT_IS_STICKY (event)
        && GST_EVENT_TYPE (event) != GST_EVENT_SEGMENT)
      g_queue_push_tail (&kept, event);
    else
      gst_event_unref (event);
  }
  self->waiting = kept;
}

static void
forget_stream (GstSafetensorsDec * self)
{
  flush (self);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) gst_event_unref);
}

static gboolean
read_header (GstSafetensorsDec * self, GError ** error)
{
  const gsize size = RD_SAFETENSORS_PREFIX + self->header_size;
  const char *bytes = gst_adapter_map (self->adapter, size);
  g_autoptr (RdSafetensors) file =
      rd_safetensors_parse (bytes + RD_SAFETENSORS_PREFIX, self->header_size,
      error);
  GstLatentInfo *info = &self->info;

  gst_adapter_unmap (self->adapter);
  if (file == NULL || !rd_latent_file_find (&self->latent, file, error))
    return FALSE;
  gst_latent_info_init (info);
  info->n = self->latent.dims[0];
  info->channels = self->latent.dims[1];
  info->height = self->latent.dims[2];
  info->width = self->latent.dims[3];
  info->fps_n = self->fps_n;
  info->fps_d = self->fps_d;
  if (!gst_latent_metadata_read (file->metadata, info, error)
      || !gst_latent_info_check (info, error))
    return FALSE;
  self->file_size = size + file->data_size;
  GST_DEBUG_OBJECT (self, "file of %" G_GUINT64_FORMAT " bytes with latents "
      "<%u, %u, %u, %u>, to be scaled by %g", self->file_size, info->n,
      info->channels, info->height, info->width, self->latent.scale);
  return TRUE;
}

/* Returns: whether a whole file is there; FALSE with no error: not yet */
static gboolean
find_file (GstSafetensorsDec * self, GError ** error)
{
  const gsize available = gst_adapter_available (self->adapter);

  if (self->header_size == 0) {
    guint8 prefix[RD_SAFETENSORS_PREFIX];

    if (available < sizeof prefix)
      return FALSE;
    gst_adapter_copy (self->adapter, prefix, 0, sizeof prefix);
    if (!rd_safetensors_read_prefix (prefix, &self->header_size, error))
      return FALSE;
  }
  if (self->file_size == 0) {
    if (available < RD_SAFETENSORS_PREFIX + self->header_size
        || !read_header (self, error))
      return FALSE;
  }
  return available >= self->file_size;
}

static GstBuffer *
read_latents (GstSafetensorsDec * self, GError ** error)
{
  const gsize skip = RD_SAFETENSORS_PREFIX + self->header_size +
      self->latent.offset;
  g_autoptr (RdTensor) tensor = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (self->stream == NULL) {
    RdDevice *device = rd_device_get ("cpu", error);

    if (device == NULL)
      return NULL;
    self->stream = rd_stream_new (device, error);
    if (self->stream == NULL)
      return NULL;
  }
  bytes = gst_adapter_copy_bytes (self->adapter, skip, self->latent.size);
  tensor = rd_latent_file_read (&self->latent, self->stream,
      g_bytes_get_data (bytes, NULL), error);
  if (tensor == NULL)
    return NULL;
  return gst_latent_buffer_new (&self->info, tensor, NULL, NULL, error);
}

static void
set_time (GstSafetensorsDec * self, GstBuffer * buffer)
{
  if (self->in_time)
    GST_BUFFER_PTS (buffer) = gst_adapter_prev_pts (self->adapter, NULL);
  else if (self->fps_n > 0)
    GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (self->n_files,
        self->fps_d * GST_SECOND, self->fps_n);
  else if (self->n_files == 0)
    GST_BUFFER_PTS (buffer) = 0;
  if (self->fps_n > 0)
    GST_BUFFER_DURATION (buffer) = gst_util_uint64_scale (GST_SECOND,
        self->fps_d, self->fps_n);
}

static gboolean
push_caps (GstSafetensorsDec * self)
{
  g_autoptr (GstCaps) taken = gst_pad_peer_query_caps (self->srcpad, NULL);
  g_autoptr (GstCaps) caps = NULL;
  GstEvent *event;

  /* who takes none can say why when the event comes */
  gst_latent_info_negotiate (&self->info, taken);
  caps = gst_latent_info_to_caps (&self->info);
  if (self->caps == NULL || !gst_caps_is_equal (caps, self->caps)) {
    if (!gst_pad_push_event (self->srcpad, gst_event_new_caps (caps)))
      return FALSE;
    gst_caps_replace (&self->caps, caps);
  }
  while ((event = g_queue_pop_head (&self->waiting)) != NULL)
    gst_pad_push_event (self->srcpad, event);
  return TRUE;
}

static GstFlowReturn
push_file (GstSafetensorsDec * self, GError ** error)
{
  GstBuffer *buffer = read_latents (self, error);

  if (buffer == NULL) {
    /* a failure sticks to it */
    g_clear_pointer (&self->stream, rd_stream_unref);
    return GST_FLOW_ERROR;
  }
  set_time (self, buffer);
  if (!push_caps (self)) {
    gst_buffer_unref (buffer);
    return GST_PAD_IS_FLUSHING (self->srcpad) ? GST_FLOW_FLUSHING
        : GST_FLOW_NOT_NEGOTIATED;
  }
  gst_adapter_flush (self->adapter, self->file_size);
  forget_file (self);
  self->n_files++;
  self->any_file = TRUE;
  return gst_pad_push (self->srcpad, buffer);
}

/* Returns: (transfer full): which file is read, as far as upstream tells */
static char *
name_of_file (GstSafetensorsDec * self)
{
  g_autoptr (GstQuery) query = gst_query_new_uri ();
  g_autofree char *uri = NULL;
  char *path = NULL;

  if (gst_pad_peer_query (self->sinkpad, query))
    gst_query_parse_uri (query, &uri);
  if (uri != NULL)
    path = g_filename_from_uri (uri, NULL, NULL);
  return path != NULL ? path
      : uri != NULL ? g_steal_pointer (&uri) : g_strdup ("the stream");
}

static GstFlowReturn
fail (GstSafetensorsDec * self, const GError * error)
{
  g_autofree char *name = name_of_file (self);
  g_autofree char *behind = self->any_file
      ? g_strdup_printf ("behind file %" G_GUINT64_FORMAT ": ", self->n_files)
      : g_strdup ("");

  self->failed = TRUE;
  if (error->domain == RD_ERROR && error->code == RD_ERROR_INVALID)
    GST_ELEMENT_ERROR (self, STREAM, DECODE, ("%s: %s%s", name, behind,
            error->message),
        ("file %" G_GUINT64_FORMAT " since the segment began: header of %"
            G_GSIZE_FORMAT " bytes, file of %" G_GUINT64_FORMAT
            " (0: not known yet), %" G_GSIZE_FORMAT " bytes have arrived",
            self->n_files, self->header_size, self->file_size,
            gst_adapter_available (self->adapter)));
  else
    gst_latent_error_post (GST_ELEMENT (self), error);
  return gst_latent_error_end (GST_ELEMENT (self));
}

static GstFlowReturn
gst_safetensors_dec_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstSafetensorsDec *self = GST_SAFETENSORS_DEC (parent);
  GstFlowReturn ret = GST_FLOW_OK;

  gst_adapter_push (self->adapter, buffer);
  while (ret == GST_FLOW_OK) {
    g_autoptr (GError) error = NULL;

    if (find_file (self, &error))
      ret = push_file (self, &error);
    else if (error == NULL)
      break;
    if (error != NULL)
      ret = fail (self, error);
  }
  return ret;
}

static void
check_end (GstSafetensorsDec * self)
{
  const gsize available = gst_adapter_available (self->adapter);
  g_autofree char *name = NULL;

  /* one fault, one error */
  if (self->failed)
    return;
  name = name_of_file (self);
  if (available > 0 && self->any_file && self->header_size == 0)
    GST_ELEMENT_ERROR (self, STREAM, DECODE,
        ("%s: safetensors: %" G_GSIZE_FORMAT
            " bytes follow the last tensor, which are no further file", name,
            available), ("%" G_GUINT64_FORMAT " whole files came before",
            self->n_files));
  else if (available > 0)
    GST_ELEMENT_ERROR (self, STREAM, DECODE, ("%s: safetensors: the file is "
            "truncated after %" G_GSIZE_FORMAT " bytes", name, available),
        ("header %" G_GSIZE_FORMAT " bytes, file %" G_GUINT64_FORMAT
            " (0: not known yet)", self->header_size, self->file_size));
  else if (!self->any_file)
    GST_ELEMENT_ERROR (self, STREAM, DECODE, ("%s: safetensors: the stream "
            "ended without a file", name),
        ("no data has arrived since the start of the stream"));
}

/* Bytes have no place in time, but latents must. */
static void
take_segment (GstSafetensorsDec * self, GstEvent ** event)
{
  const GstSegment *segment;

  gst_event_parse_segment (*event, &segment);
  self->in_time = segment->format == GST_FORMAT_TIME;
  self->n_files = 0;
  if (!self->in_time) {
    GstSegment time;
    const guint32 seqnum = gst_event_get_seqnum (*event);

    gst_segment_init (&time, GST_FORMAT_TIME);
    gst_event_unref (*event);
    *event = gst_event_new_segment (&time);
    gst_event_set_seqnum (*event, seqnum);
  }
}

static void
take_framerate (GstSafetensorsDec * self, const GstStructure * s)
{
  if (!gst_structure_get_fraction (s, "framerate", &self->fps_n, &self->fps_d)
      || self->fps_n < 0) {
    self->fps_n = 0;
    self->fps_d = 1;
  }
}

static gboolean
gst_safetensors_dec_sink_event (GstPad * pad, GstObject * parent,
    GstEvent * event)
{
  GstSafetensorsDec *self = GST_SAFETENSORS_DEC (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:{
      GstCaps *caps;

      gst_event_parse_caps (event, &caps);
      take_framerate (self, gst_caps_get_structure (caps, 0));
      gst_event_unref (event);
      return TRUE;
    }
    case GST_EVENT_FLUSH_STOP:
      flush (self);
      break;
    case GST_EVENT_STREAM_START:
      self->any_file = self->failed = FALSE;
      break;
    case GST_EVENT_EOS:
      check_end (self);
      break;
    case GST_EVENT_SEGMENT:
      take_segment (self, &event);
      break;
    default:
      break;
  }
  if (self->caps == NULL && GST_EVENT_IS_SERIALIZED (event)
      && GST_EVENT_TYPE (event) > GST_EVENT_CAPS
      && GST_EVENT_TYPE (event) != GST_EVENT_EOS) {
    g_queue_push_tail (&self->waiting, event);
    return TRUE;
  }
  return gst_pad_event_default (pad, parent, event);
}

static GstStateChangeReturn
gst_safetensors_dec_change_state (GstElement * element,
    GstStateChange transition)
{
  GstSafetensorsDec *self = GST_SAFETENSORS_DEC (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    gst_latent_link_check (element, self->sinkpad,
        "link a source of a .safetensors file to it, as filesrc");
  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    forget_stream (self);
    gst_caps_replace (&self->caps, NULL);
    g_clear_pointer (&self->stream, rd_stream_unref);
    self->fps_n = 0;
    self->fps_d = 1;
    self->in_time = FALSE;
  }
  return ret;
}

static void
gst_safetensors_dec_finalize (GObject * object)
{
  GstSafetensorsDec *self = GST_SAFETENSORS_DEC (object);

  forget_stream (self);
  g_object_unref (self->adapter);
  gst_caps_replace (&self->caps, NULL);
  g_clear_pointer (&self->stream, rd_stream_unref);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_safetensors_dec_init (GstSafetensorsDec * self)
{
  self->adapter = gst_adapter_new ();
  self->fps_d = 1;
  g_queue_init (&self->waiting);

  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad, gst_safetensors_dec_chain);
  gst_pad_set_event_function (self->sinkpad, gst_safetensors_dec_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);

  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_use_fixed_caps (self->srcpad);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
}

static void
gst_safetensors_dec_class_init (GstSafetensorsDecClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_safetensors_dec_finalize;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "Safetensors decoder", "Codec/Decoder",
      "Reads latents from .safetensors files written by ComfyUI's SaveLatent",
      "The gst-regional authors");
  element_class->change_state = gst_safetensors_dec_change_state;
}
