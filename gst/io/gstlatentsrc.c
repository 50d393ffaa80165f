/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
/**
 * SECTION:element-latentsrc
 * @title: latentsrc
 * @short_description: Empty latents, where text-to-image starts
 *
 * Produces latents that are zero everywhere, of the size that a picture of
 * #GstLatentSrc:width times #GstLatentSrc:height pixels has. A sampler adds
 * noise to them and makes a picture of it.
 *
 * Channels and the picture pixels per latent cell are those of
 * #GstLatentSrc:model if it is set, else those that downstream asks for, else 4
 * and 8. Where downstream asks for no framerate it is #GstLatentSrc:framerate.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 latentsrc num-buffers=1 width=128 height=128 ! regionalsampler model=models/tiny prompt=lava ! latentdecode model=models/tiny ! videoconvert ! pngenc ! filesink location=out.png
 * ]|
 * The sampler adds noise to it and makes a picture of that.
 *
 * Since: 0.1
 */
#include "io/gstlatentsrc.h"

#include "common/gstlatenterror.h"
#include "common/gstlatentlink.h"
#include "latent/gstlatentcaps.h"
#include "common/gstlatentmodeluser.h"

GST_DEBUG_CATEGORY_STATIC (latentsrc_debug);
#define GST_CAT_DEFAULT latentsrc_debug

enum
{
  PROP_WIDTH = 1,
  PROP_HEIGHT,
  PROP_BATCH_SIZE,
  PROP_FRAMERATE,
  PROP_MODEL,
};

#define DEFAULT_SIDE 512
#define DEFAULT_BATCH_SIZE 1
#define DEFAULT_FPS_N 1
#define DEFAULT_FPS_D 1
/* Stable Diffusion's, where nobody says otherwise */
#define DEFAULT_CHANNELS 4
#define DEFAULT_DOWNSCALE 8

struct _GstLatentSrc
{
  GstPushSrc parent;

  /* properties, under the object lock */
  guint width;
  guint height;
  guint batch_size;
  gint fps_n;
  gint fps_d;
  gboolean failed;              /* an error was posted since READY */
  gboolean ends;                /* an EOS event was sent to the element */
  GstLatentModelUser user;

  /* streaming thread */
  GstLatentInfo info;
  guint64 n_made;               /* buffers since time 0 */
  GstClockTime seek_to;         /* where to go on, or NONE */
};

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (GST_LATENT_CAPS_SYSTEM_MEMORY));

#define gst_latent_src_parent_class parent_class
G_DEFINE_TYPE (GstLatentSrc, gst_latent_src, GST_TYPE_PUSH_SRC);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (latentsrc, "latentsrc", GST_RANK_NONE,
    GST_TYPE_LATENT_SRC, GST_DEBUG_CATEGORY_INIT (latentsrc_debug, "latentsrc",
        0, "latentsrc element"));

static guint
int_near (GstStructure * s, const char *field, gint wanted)
{
  gint value;

  if (gst_structure_has_field (s, field))
    gst_structure_fixate_field_nearest_int (s, field, wanted);
  return gst_structure_get_int (s, field, &value) && value > 0 ? value : wanted;
}

/* What this element can give of one structure that downstream takes. */
static gboolean
info_from_offer (GstLatentSrc * self, const GstStructure * offer,
    const RdModelInfo * model, GstLatentInfo * info, GError ** error)
{
  g_autoptr (GstStructure) s =
      gst_structure_has_name (offer, GST_LATENT_TENSORS_MEDIA_TYPE)
      ? gst_latent_tensors_to_strided (offer) : gst_structure_copy (offer);
  guint width, height, downscale, dims[4];
  const char *type;
  gint fps_n, fps_d;

  gst_latent_info_init (info);
  gst_structure_fixate_field (s, "type");
  type = gst_structure_get_string (s, "type");
  if (g_strcmp0 (type, rd_type_name (RD_TYPE_F16)) == 0)
    info->type = RD_TYPE_F16;
  GST_OBJECT_LOCK (self);
  fps_n = self->fps_n;
  fps_d = self->fps_d;
  GST_OBJECT_UNLOCK (self);
  info->fps_n = fps_n;
  info->fps_d = fps_d;
  gst_structure_fixate_field_nearest_fraction (s, "framerate", fps_n, fps_d);
  gst_structure_get_fraction (s, "framerate", &info->fps_n, &info->fps_d);

  if (model != NULL) {
    gst_latent_info_set_model (info, model);
    info->channels = model->channels;
    downscale = model->downscale;
  } else {
    const char *family = gst_structure_get_string (s, "model-family");

    g_strlcpy (info->family, family ? family : "", sizeof info->family);
    gst_structure_get_double (s, "scaling-factor", &info->scaling_factor);
    gst_structure_get_double (s, "shift-factor", &info->shift_factor);
    info->channels = gst_latent_structure_get_dims (s, dims) ? dims[1]
        : int_near (s, "channels", DEFAULT_CHANNELS);
    downscale = int_near (s, "downscale", DEFAULT_DOWNSCALE);
  }

  GST_OBJECT_LOCK (self);
  width = self->width;
  height = self->height;
  info->n = self->batch_size;
  GST_OBJECT_UNLOCK (self);
  return gst_latent_info_set_picture (info, width, height, downscale, error)
      && gst_latent_info_check (info, error);
}

/* Sets @info to the first that downstream takes. */
static gboolean
choose (GstLatentSrc * self, GstCaps * offers, const RdModelInfo * model,
    GstLatentInfo * info, GError ** error)
{
  for (guint i = 0; i < gst_caps_get_size (offers); i++) {
    g_autoptr (GstCaps) offer = gst_caps_copy_nth (offers, i);

    /* a size that does not fit is wrong whatever else is offered */
    if (!info_from_offer (self, gst_caps_get_structure (offer, 0), model, info,
            error))
      return FALSE;
    if (gst_latent_info_negotiate (info, offer))
      return TRUE;
  }
  g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "%s: downstream does not "
      "accept a batch of %u latents of %ux%u pixels with %u channels; change "
      "width, height, batch-size or model, or the caps downstream",
      GST_OBJECT_NAME (self), info->n, info->width * info->downscale,
      info->height * info->downscale, info->channels);
  return FALSE;
}

static gboolean
gst_latent_src_negotiate (GstBaseSrc * src)
{
  GstLatentSrc *self = GST_LATENT_SRC (src);
  g_autoptr (GstCaps) own = gst_pad_get_pad_template_caps (src->srcpad);
  g_autoptr (GstCaps) offers = gst_pad_peer_query_caps (src->srcpad, own);
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (RdModel) model = NULL;
  g_autoptr (GError) error = NULL;

  GST_DEBUG_OBJECT (self, "downstream takes %" GST_PTR_FORMAT, offers);
  if (gst_latent_model_user_has_folder (&self->user)) {
    model = gst_latent_model_user_open (&self->user, &error);
    if (model == NULL)
      goto failed;
  }
  if (gst_caps_is_empty (offers)) {
    g_set_error (&error, RD_ERROR, RD_ERROR_SHAPE,
        "%s: downstream does not accept latents", GST_OBJECT_NAME (self));
    goto failed;
  }
  if (!choose (self, offers, model ? rd_model_info (model) : NULL, &self->info,
          &error))
    goto failed;
  caps = gst_latent_info_to_caps (&self->info);
  return gst_base_src_set_caps (src, caps);

failed:
  gst_latent_error_post (GST_ELEMENT (self), error);
  return FALSE;
}

static void
set_ends (GstLatentSrc * self, gboolean ends)
{
  GST_OBJECT_LOCK (self);
  self->ends = ends;
  GST_OBJECT_UNLOCK (self);
}

static gboolean
gst_latent_src_start (GstBaseSrc * src)
{
  GstLatentSrc *self = GST_LATENT_SRC (src);
  g_autoptr (GError) error = NULL;
  g_autoptr (RdModel) model = NULL;

  self->n_made = 0;
  self->seek_to = GST_CLOCK_TIME_NONE;
  set_ends (self, FALSE);
  if (!gst_latent_model_user_has_folder (&self->user))
    return TRUE;
  model = gst_latent_model_user_open (&self->user, &error);
  if (model == NULL)
    gst_latent_error_post (GST_ELEMENT (self), error);
  return model != NULL;
}

static gboolean
gst_latent_src_is_seekable (GstBaseSrc * src)
{
  return TRUE;
}

static gboolean
is_reverse_seek (GstLatentSrc * self, GstEvent * event)
{
  gdouble rate = 1.0;

  if (GST_EVENT_TYPE (event) == GST_EVENT_SEEK)
    gst_event_parse_seek (event, &rate, NULL, NULL, NULL, NULL, NULL, NULL);
  if (rate < 0.0)
    GST_WARNING_OBJECT (self, "refusing to seek: there are no latents in "
        "reverse; use a positive rate");
  return rate < 0.0;
}

/* Refuses a seek backwards before the base class flushes for it. */
static gboolean
gst_latent_src_event (GstBaseSrc * src, GstEvent * event)
{
  if (is_reverse_seek (GST_LATENT_SRC (src), event))
    return FALSE;
  return GST_BASE_SRC_CLASS (parent_class)->event (src, event);
}

static gboolean
gst_latent_src_do_seek (GstBaseSrc * src, GstSegment * segment)
{
  GstLatentSrc *self = GST_LATENT_SRC (src);

  set_ends (self, FALSE);
  segment->time = segment->start;
  /* the framerate may not be known yet */
  self->seek_to = segment->position;
  return TRUE;
}

static GstClockTime
time_of (const GstLatentInfo * info, guint64 n)
{
  if (info->fps_n > 0)
    return gst_util_uint64_scale (n, info->fps_d * GST_SECOND, info->fps_n);
  return n == 0 ? 0 : GST_CLOCK_TIME_NONE;
}

static guint64
index_at (const GstLatentInfo * info, GstClockTime time)
{
  if (info->fps_n > 0)
    return gst_util_uint64_scale (time, info->fps_n, info->fps_d * GST_SECOND);
  return time == 0 ? 0 : 1;
}

static GstFlowReturn
gst_latent_src_create (GstPushSrc * src, GstBuffer ** result)
{
  GstLatentSrc *self = GST_LATENT_SRC (src);
  const gsize size = gst_latent_info_size (&self->info);
  GstAllocationParams params;
  GstAllocator *allocator;
  GstBuffer *buffer;
  gboolean ends;

  GST_OBJECT_LOCK (self);
  ends = self->ends;
  GST_OBJECT_UNLOCK (self);
  if (ends)
    return GST_FLOW_EOS;
  gst_base_src_get_allocator (GST_BASE_SRC (src), &allocator, &params);
  buffer = gst_buffer_new_allocate (allocator, size, &params);
  gst_clear_object (&allocator);
  if (buffer == NULL) {
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, ("%s: no memory for "
            "latents of %" G_GSIZE_FORMAT " bytes; use a smaller width, height "
            "or batch-size", GST_OBJECT_NAME (self), size),
        ("dims <%u, %u, %u, %u> of %s", self->info.n, self->info.channels,
            self->info.height, self->info.width,
            rd_type_name (self->info.type)));
    return GST_FLOW_ERROR;
  }
  gst_buffer_memset (buffer, 0, 0, size);

  if (GST_CLOCK_TIME_IS_VALID (self->seek_to))
    self->n_made = index_at (&self->info, self->seek_to);
  self->seek_to = GST_CLOCK_TIME_NONE;
  GST_BUFFER_PTS (buffer) = time_of (&self->info, self->n_made);
  if (self->info.fps_n > 0)
    GST_BUFFER_DURATION (buffer) =
        time_of (&self->info, self->n_made + 1) - GST_BUFFER_PTS (buffer);
  GST_BUFFER_OFFSET (buffer) = self->n_made++;
  GST_BUFFER_OFFSET_END (buffer) = self->n_made;
  *result = buffer;
  return GST_FLOW_OK;
}

/* The base class refuses a seek to the element itself only after a flush. And for
 * EOS it waits until downstream has taken the latest buffer: a sampler does so
 * when its job has ended and the picture is shown, which whoever sends EOS in the
 * first picture would have to allow by PLAYING. */
static gboolean
gst_latent_src_send_event (GstElement * element, GstEvent * event)
{
  if (is_reverse_seek (GST_LATENT_SRC (element), event)) {
    gst_event_unref (event);
    return FALSE;
  }
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    set_ends (GST_LATENT_SRC (element), TRUE);
    gst_event_unref (event);
    return TRUE;
  }
  return GST_ELEMENT_CLASS (parent_class)->send_event (element, event);
}

/* The base class's own error about a flow that was not negotiated. */
static gboolean
is_refusal (GstMessage * message)
{
  const GstStructure *details;
  gint flow;

  gst_message_parse_error_details (message, &details);
  return details != NULL && gst_structure_get_int (details, "flow-return",
      &flow) && flow == GST_FLOW_NOT_NEGOTIATED;
}

/* The base class posts an error of its own after one of this element, which says
 * nothing new; and of caps that were refused downstream it does not say by
 * whom. */
static gboolean
gst_latent_src_post_message (GstElement * element, GstMessage * message)
{
  GstLatentSrc *self = GST_LATENT_SRC (element);
  gboolean failed;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR
      || GST_MESSAGE_SRC (message) != GST_OBJECT (element))
    return GST_ELEMENT_CLASS (parent_class)->post_message (element, message);
  GST_OBJECT_LOCK (self);
  failed = self->failed;
  if (!is_refusal (message))
    self->failed = TRUE;
  GST_OBJECT_UNLOCK (self);
  if (failed) {
    gst_message_unref (message);
    return TRUE;
  }
  if (is_refusal (message)) {
    g_autofree char *refusal =
        gst_latent_link_describe_refusal (GST_BASE_SRC_PAD (element));

    if (refusal != NULL) {
      gst_message_unref (message);
      GST_ELEMENT_ERROR (self, STREAM, FAILED, ("%s", refusal),
          ("streaming stopped, reason not-negotiated (%d)",
              GST_FLOW_NOT_NEGOTIATED));
      return TRUE;
    }
  }
  return GST_ELEMENT_CLASS (parent_class)->post_message (element, message);
}

static GstStateChangeReturn
gst_latent_src_change_state (GstElement * element, GstStateChange transition)
{
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    GST_OBJECT_LOCK (element);
    GST_LATENT_SRC (element)->failed = FALSE;
    GST_OBJECT_UNLOCK (element);
  }
  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    gst_latent_model_user_close (&GST_LATENT_SRC (element)->user);
  return ret;
}

static void
gst_latent_src_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstLatentSrc *self = GST_LATENT_SRC (object);

  if (gst_latent_model_user_set_property (&self->user, id, value))
    return;
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_WIDTH:
      self->width = g_value_get_uint (value);
      break;
    case PROP_HEIGHT:
      self->height = g_value_get_uint (value);
      break;
    case PROP_BATCH_SIZE:
      self->batch_size = g_value_get_uint (value);
      break;
    case PROP_FRAMERATE:
      self->fps_n = gst_value_get_fraction_numerator (value);
      self->fps_d = gst_value_get_fraction_denominator (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_latent_src_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstLatentSrc *self = GST_LATENT_SRC (object);

  if (gst_latent_model_user_get_property (&self->user, id, value))
    return;
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_WIDTH:
      g_value_set_uint (value, self->width);
      break;
    case PROP_HEIGHT:
      g_value_set_uint (value, self->height);
      break;
    case PROP_BATCH_SIZE:
      g_value_set_uint (value, self->batch_size);
      break;
    case PROP_FRAMERATE:
      gst_value_set_fraction (value, self->fps_n, self->fps_d);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_latent_src_finalize (GObject * object)
{
  gst_latent_model_user_clear (&GST_LATENT_SRC (object)->user);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_latent_src_init (GstLatentSrc * self)
{
  self->width = DEFAULT_SIDE;
  self->height = DEFAULT_SIDE;
  self->batch_size = DEFAULT_BATCH_SIZE;
  self->fps_n = DEFAULT_FPS_N;
  self->fps_d = DEFAULT_FPS_D;
  gst_latent_model_user_init_model (&self->user, GST_ELEMENT (self),
      PROP_MODEL);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
}

static void
gst_latent_src_class_init (GstLatentSrcClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *src_class = GST_BASE_SRC_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
      GST_PARAM_MUTABLE_READY;

  object_class->set_property = gst_latent_src_set_property;
  object_class->get_property = gst_latent_src_get_property;
  object_class->finalize = gst_latent_src_finalize;

  /**
   * GstLatentSrc:width:
   *
   * Width of the picture that the latents are for, in pixels.
   *
   * Since: 0.1
   */
  g_object_class_install_property (object_class, PROP_WIDTH,
      g_param_spec_uint ("width", "Width",
          "Width of the picture in pixels; a multiple of the pixels per latent "
          "cell, 8 for Stable Diffusion", 1, G_MAXINT32, DEFAULT_SIDE, flags));
  /**
   * GstLatentSrc:height:
   *
   * Height of the picture that the latents are for, in pixels.
   *
   * Since: 0.1
   */
  g_object_class_install_property (object_class, PROP_HEIGHT,
      g_param_spec_uint ("height", "Height",
          "Height of the picture in pixels; a multiple of the pixels per latent "
          "cell, 8 for Stable Diffusion", 1, G_MAXINT32, DEFAULT_SIDE, flags));
  /**
   * GstLatentSrc:batch-size:
   *
   * Latents in one buffer, sampled together.
   *
   * Since: 0.1
   */
  g_object_class_install_property (object_class, PROP_BATCH_SIZE,
      g_param_spec_uint ("batch-size", "Batch size",
          "Number of latents in a buffer, which are sampled together", 1, 4096,
          DEFAULT_BATCH_SIZE, flags));
  /**
   * GstLatentSrc:framerate:
   *
   * Buffers a second, where downstream's caps do not say how many. With 0/1
   * there is no framerate: the first buffer has time 0, others have no time.
   *
   * Since: 0.1
   */
  g_object_class_install_property (object_class, PROP_FRAMERATE,
      gst_param_spec_fraction ("framerate", "Framerate",
          "Buffers per second, unless downstream's caps say it; 0/1 for still "
          "pictures without times", 0, 1, G_MAXINT, 1, DEFAULT_FPS_N,
          DEFAULT_FPS_D, flags));
  /**
   * GstLatentSrc:model:
   *
   * A model folder; only its JSON files are read.
   *
   * Since: 0.1
   */
  gst_latent_model_user_install_model (object_class, PROP_MODEL,
      "Folder of the model that the latents are for; NULL: as downstream asks "
      "for, else 4 channels and 8 pixels per latent cell");

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Latent source",
      "Source", "Produces empty latents for pictures of a given size",
      "The gst-regional authors");
  element_class->change_state = gst_latent_src_change_state;
  element_class->send_event = gst_latent_src_send_event;
  element_class->post_message = gst_latent_src_post_message;

  src_class->start = gst_latent_src_start;
  src_class->negotiate = gst_latent_src_negotiate;
  src_class->is_seekable = gst_latent_src_is_seekable;
  src_class->event = gst_latent_src_event;
  src_class->do_seek = gst_latent_src_do_seek;
  GST_PUSH_SRC_CLASS (klass)->create = gst_latent_src_create;
}
