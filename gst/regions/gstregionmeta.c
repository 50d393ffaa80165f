/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
/**
 * SECTION:element-regionmeta
 * @title: regionmeta
 * @short_description: Attaches regions to pictures or latents
 *
 * Puts a text about regions on every buffer that passes, as metadata
 * (GstRegionPromptMeta) that travels with the picture through scaling,
 * conversion and `latentencode` to `regionalsampler`, which paints by it. A
 * stand-in for a detector, or a companion to one.
 *
 * The text is #GstRegionMeta:regions, or the file
 * #GstRegionMeta:regions-location. A file whose name ends in `.jsonl` has a
 * document in each line, with a key `time` beside: the seconds of stream time
 * from which on it is what is attached. Coordinates are in fractions of the
 * picture.
 *
 * A buffer keeps what regions it has; these are added.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=3 ! video/x-raw,width=128,height=128 ! videoconvert ! regionmeta regions='lava @0,0,0.5,1' ! latentencode model=models/tiny ! regionalsampler model=models/tiny prompt=snow denoise=0.6 steps=4 ! latentdecode model=models/tiny ! videoconvert ! pngenc ! multifilesink location=out-%d.png
 * ]|
 * Lava on the left of each picture, in snow.
 *
 * Since: 0.1
 */
#include "regions/gstregionmeta.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "common/gstlatenterror.h"
#include "common/gstlatentlink.h"
#include "common/gstlatenttime.h"
#include "gst-regional/gstregionpromptmeta.h"
#include "regions/document.h"
#include "regions/timeline.h"

GST_DEBUG_CATEGORY_STATIC (regionmeta_debug);
#define GST_CAT_DEFAULT regionmeta_debug

struct _GstRegionMeta
{
  GstBaseTransform parent;

  /* under the object lock */
  gchar *regions;
  gchar *location;
  guint serial;                 /* counts changes of the two */

  /* streaming thread: what the latest of them say */
  guint known;                  /* its serial */
  gchar *text;
  RdRegionTimeline *timeline;
};

enum
{
  PROP_REGIONS = 1,
  PROP_REGIONS_LOCATION,
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

#define gst_region_meta_parent_class parent_class
G_DEFINE_TYPE (GstRegionMeta, gst_region_meta, GST_TYPE_BASE_TRANSFORM);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (regionmeta, "regionmeta",
    GST_RANK_NONE, GST_TYPE_REGION_META,
    GST_DEBUG_CATEGORY_INIT (regionmeta_debug, "regionmeta", 0,
        "regionmeta element"));

static void
forget (GstRegionMeta * self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->timeline, rd_region_timeline_free);
}

static gboolean
check_text (const gchar * text, GError ** error)
{
  g_autoptr (RdRegionDocument) document =
      rd_region_document_parse (text, NULL, error);

  return document != NULL
      && rd_region_document_check_portable (document, error);
}

static gboolean
read_regions (GstRegionMeta * self, gchar * regions, GError ** error)
{
  self->text = regions;
  if (check_text (regions, error))
    return TRUE;
  g_prefix_error (error, "property regions: ");
  return FALSE;
}

static gboolean
read_file (GstRegionMeta * self, const gchar * location, GError ** error)
{
  gsize size;

  self->text = rd_file_read_text (location, &size, error);
  if (!self->text) {
    g_prefix_error (error, "property regions-location: ");
    return FALSE;
  }
  if (!rd_text_check (self->text, size, error)) {
    g_prefix_error (error, "%s: ", location);
    return FALSE;
  }
  if (g_str_has_suffix (location, ".jsonl")) {
    self->timeline = rd_region_timeline_parse (location, self->text, error);
    return self->timeline != NULL;
  }
  if (check_text (self->text, error))
    return TRUE;
  g_prefix_error (error, "%s: ", location);
  return FALSE;
}

static gboolean
read_properties (GstRegionMeta * self, gchar * regions, const gchar * location,
    GError ** error)
{
  if (regions != NULL && location != NULL) {
    g_free (regions);
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "both regions and regions-location are set; use one of them");
    return FALSE;
  }
  if (regions != NULL)
    return read_regions (self, regions, error);
  return location == NULL || read_file (self, location, error);
}

/* Reads what the properties name, if they have changed. After an error, which
 * comes once for each change, all is as it was before. */
static gboolean
update (GstRegionMeta * self, GError ** error)
{
  gchar *text;
  RdRegionTimeline *timeline;
  g_autofree gchar *regions = NULL;
  g_autofree gchar *location = NULL;
  guint serial;

  GST_OBJECT_LOCK (self);
  serial = self->serial;
  if (serial != self->known) {
    regions = g_strdup (self->regions);
    location = g_strdup (self->location);
  }
  GST_OBJECT_UNLOCK (self);
  if (serial == self->known)
    return TRUE;

  self->known = serial;
  text = g_steal_pointer (&self->text);
  timeline = g_steal_pointer (&self->timeline);
  if (read_properties (self, g_steal_pointer (&regions), location, error)) {
    g_free (text);
    g_clear_pointer (&timeline, rd_region_timeline_free);
    return TRUE;
  }
  forget (self);
  self->text = text;
  self->timeline = timeline;
  return FALSE;
}

static gboolean
gst_region_meta_start (GstBaseTransform * trans)
{
  GstRegionMeta *self = GST_REGION_META (trans);
  g_autoptr (GError) error = NULL;

  /* a file may have changed since */
  GST_OBJECT_LOCK (self);
  self->known = self->serial - 1;
  GST_OBJECT_UNLOCK (self);
  if (update (self, &error))
    return TRUE;
  gst_latent_error_post (GST_ELEMENT (self), error);
  return FALSE;
}

static gboolean
gst_region_meta_stop (GstBaseTransform * trans)
{
  forget (GST_REGION_META (trans));
  return TRUE;
}

/* Sets @text to what @buffer gets, or to %NULL. */
static gboolean
choose_text (GstRegionMeta * self, GstBuffer * buffer, const gchar ** text,
    GError ** error)
{
  const GstSegment *segment = &GST_BASE_TRANSFORM (self)->segment;
  guint64 time;

  *text = self->text;
  if (self->timeline == NULL)
    return TRUE;
  time = gst_latent_stream_time (segment, GST_BUFFER_PTS (buffer));
  if (!GST_CLOCK_TIME_IS_VALID (time)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS, "a buffer has no "
        "timestamp, which a .jsonl file requires; use a source with "
        "timestamps, or a file without times");
    return FALSE;
  }
  *text = rd_region_timeline_at (self->timeline, (double) time / GST_SECOND);
  return TRUE;
}

static GstFlowReturn
gst_region_meta_transform_ip (GstBaseTransform * trans, GstBuffer * buffer)
{
  GstRegionMeta *self = GST_REGION_META (trans);
  g_autoptr (GError) error = NULL;
  const gchar *text;

  if (!update (self, &error)) {
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("%s; what was set before "
            "stays in use until this is corrected", error->message),
        ("pts %" GST_TIME_FORMAT, GST_TIME_ARGS (GST_BUFFER_PTS (buffer))));
    g_clear_error (&error);
  }
  if (!choose_text (self, buffer, &text, &error)) {
    gst_latent_error_post (GST_ELEMENT (self), error);
    return gst_latent_error_end (GST_ELEMENT (self));
  }
  if (text != NULL) {
    GST_LOG_OBJECT (self, "%" GST_TIME_FORMAT " gets %s",
        GST_TIME_ARGS (GST_BUFFER_PTS (buffer)), text);
    gst_buffer_add_region_prompt_meta (buffer, text);
  }
  return GST_FLOW_OK;
}

static GstStateChangeReturn
gst_region_meta_change_state (GstElement * element, GstStateChange transition)
{
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    gst_latent_link_check (element, GST_BASE_TRANSFORM_SINK_PAD (element),
        "link a source of pictures or latents to it");
  return GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
}

static void
gst_region_meta_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstRegionMeta *self = GST_REGION_META (object);
  gchar **field = id == PROP_REGIONS ? &self->regions : &self->location;

  if (id != PROP_REGIONS && id != PROP_REGIONS_LOCATION) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  g_free (*field);
  *field = g_value_dup_string (value);
  self->serial++;
  GST_OBJECT_UNLOCK (self);
}

static void
gst_region_meta_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstRegionMeta *self = GST_REGION_META (object);

  GST_OBJECT_LOCK (self);
  if (id == PROP_REGIONS)
    g_value_set_string (value, self->regions);
  else if (id == PROP_REGIONS_LOCATION)
    g_value_set_string (value, self->location);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_region_meta_finalize (GObject * object)
{
  GstRegionMeta *self = GST_REGION_META (object);

  forget (self);
  g_free (self->regions);
  g_free (self->location);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_region_meta_init (GstRegionMeta * self)
{
}

static void
gst_region_meta_class_init (GstRegionMetaClass * klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
      GST_PARAM_MUTABLE_PLAYING;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = gst_region_meta_set_property;
  object_class->get_property = gst_region_meta_get_property;
  object_class->finalize = gst_region_meta_finalize;
  g_object_class_install_property (object_class, PROP_REGIONS,
      g_param_spec_string ("regions", "Regions",
          "Regions to attach: JSON, or 'PROMPT @X,Y,WIDTH,HEIGHT | ...', in "
          "fractions of the picture", NULL, flags));
  g_object_class_install_property (object_class, PROP_REGIONS_LOCATION,
      g_param_spec_string ("regions-location", "Regions location",
          "File that contains a text as in `regions`; each line of a .jsonl "
          "file is a document with a key `time`, in seconds", NULL, flags));

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Region metadata",
      "Filter/Metadata", "Attaches regions to buffers",
      "The gst-regional authors");

  element_class->change_state = gst_region_meta_change_state;
  trans_class->start = gst_region_meta_start;
  trans_class->stop = gst_region_meta_stop;
  trans_class->transform_ip = gst_region_meta_transform_ip;
}
