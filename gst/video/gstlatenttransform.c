/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "video/gstlatenttransform.h"

#include "common/gstlatenterror.h"
#include "common/gstlatentlink.h"
#include "common/gstlatentprogress.h"
#include "latent/gstlatentbuffer.h"
#include "video/gstlatentvideo.h"

GST_LATENT_DEBUG_CATEGORY ("latenttransform", "base class of latentencode and "
    "latentdecode");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

enum
{
  PROP_MODEL = 1,               /* the first of GstLatentModelUser's */
};

#define gst_latent_transform_parent_class parent_class
G_DEFINE_ABSTRACT_TYPE (GstLatentTransform, gst_latent_transform,
    GST_TYPE_BASE_TRANSFORM);

static gboolean
decodes (GstLatentTransform * self)
{
  return GST_LATENT_TRANSFORM_GET_CLASS (self)->latent_pad == GST_PAD_SINK;
}

/* The model, if it can be opened: a folder that is wrong or not set yet is what
 * start() complains about. */
static RdModel *
try_model (GstLatentTransform * self)
{
  return gst_latent_model_user_has_folder (&self->user)
      ? gst_latent_model_user_open (&self->user, NULL) : NULL;
}

/* Latents may come in any memory, and go in the device's where there is one. */
static GstCaps *
add_forms (GstLatentTransform * self, GstCaps * caps, const RdModel * model)
{
  const RdDevice *device = model != NULL ? rd_model_device (model) : NULL;

  if (decodes (self) || device == NULL || !rd_device_is_cpu (device)) {
    GstCaps *anywhere = gst_latent_caps_any_memory (caps, device);

    gst_caps_unref (caps);
    caps = anywhere;
  }
  return gst_latent_caps_add_tensors (caps);
}

static GstCaps *
gst_latent_transform_transform_caps (GstBaseTransform * trans,
    GstPadDirection direction, GstCaps * caps, GstCaps * filter)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (trans);
  g_autoptr (RdModel) model = try_model (self);
  const RdModelInfo *info = model != NULL ? rd_model_info (model) : NULL;
  GstCaps *result;

  if (direction == GST_LATENT_TRANSFORM_GET_CLASS (self)->latent_pad) {
    result = gst_latent_caps_to_video (caps, info);
    if (model != NULL
        && gst_latent_cuda_video_works_on (rd_model_device (model)))
      result = gst_latent_cuda_video_caps (result);
  } else
    result = add_forms (self, gst_latent_caps_of_model
        (gst_latent_caps_from_video (caps, info), info), model);
  /* batches, and what check_caps() will refuse, because that can say why */
  if (direction == GST_PAD_SRC && decodes (self))
    gst_caps_append (result, gst_latent_caps_prefer_model
        (gst_pad_get_pad_template_caps (trans->sinkpad), info));

  if (filter != NULL) {
    GstCaps *all = result;

    result = gst_caps_intersect_full (filter, all, GST_CAPS_INTERSECT_FIRST);
    gst_caps_unref (all);
  }
  GST_LOG_OBJECT (self, "%" GST_PTR_FORMAT " goes with %" GST_PTR_FORMAT, caps,
      result);
  return result;
}

static GstCaps *
gst_latent_transform_fixate_caps (GstBaseTransform * trans,
    GstPadDirection direction, GstCaps * caps, GstCaps * othercaps)
{
  if (decodes (GST_LATENT_TRANSFORM (trans)) && direction == GST_PAD_SINK)
    othercaps = gst_latent_cuda_video_caps_for_peer (trans->srcpad, othercaps);
  return GST_BASE_TRANSFORM_CLASS (parent_class)->fixate_caps (trans,
      direction, caps, othercaps);
}

/* Takes what the template takes, also what handle_caps() will refuse, because
 * that can say why. */
static gboolean
gst_latent_transform_accept_caps (GstBaseTransform * trans,
    GstPadDirection direction, GstCaps * caps)
{
  g_autoptr (GstCaps) template = NULL;

  if (direction != GST_PAD_SINK)
    return GST_BASE_TRANSFORM_CLASS (parent_class)->accept_caps (trans,
        direction, caps);
  template = gst_pad_get_pad_template_caps (trans->sinkpad);
  return gst_caps_can_intersect (caps, template);
}

static gboolean
check_caps (GstLatentTransform * self, GstCaps * caps, GError ** error)
{
  GstLatentInfo latent;
  GstVideoInfo video;

  gst_latent_info_init (&latent);
  if (decodes (self))
    return gst_latent_info_from_caps (&latent, caps, error)
        && gst_latent_info_check_model (&latent, self->model, error);
  if (!gst_video_info_from_caps (&video, caps)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "these caps are not raw "
        "video caps");
    return FALSE;
  }
  return gst_latent_info_set_picture (&latent, GST_VIDEO_INFO_WIDTH (&video),
      GST_VIDEO_INFO_HEIGHT (&video), rd_model_info (self->model)->downscale,
      error);
}

/* ALLOCATION comes in the streaming thread, but also behind caps that were refused,
 * and through a pad that buffers and events do not pass any more. Until then, stop()
 * waits for the thread. */
static gboolean
comes_in_vain (GstBaseTransform * trans, GstQuery * query)
{
  gboolean flushing;

  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return FALSE;
  if (GST_LATENT_TRANSFORM (trans)->refused != NULL)
    return TRUE;
  GST_OBJECT_LOCK (trans->sinkpad);
  flushing = GST_PAD_IS_FLUSHING (trans->sinkpad);
  GST_OBJECT_UNLOCK (trans->sinkpad);
  return flushing;
}

static gboolean
gst_latent_transform_query (GstBaseTransform * trans,
    GstPadDirection direction, GstQuery * query)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (trans);

  if (comes_in_vain (trans, query))
    return FALSE;
  if (gst_latent_cuda_video_is_asked (query)) {
    g_autoptr (RdModel) model = try_model (self);

    if (model != NULL
        && gst_latent_cuda_video_answer (&self->cuda, query,
            rd_model_device (model)))
      return TRUE;
  }
  return GST_BASE_TRANSFORM_CLASS (parent_class)->query (trans, direction,
      query);
}

static void
reset (GstLatentTransform * self)
{
  GstLatentTransformClass *klass = GST_LATENT_TRANSFORM_GET_CLASS (self);

  if (klass->reset != NULL)
    klass->reset (self);
}

static void
post_no_taker (GstLatentTransform * self, GstCaps * caps)
{
  g_autoptr (GstCaps) taken =
      gst_pad_peer_query_caps (GST_BASE_TRANSFORM_SRC_PAD (self), NULL);

  GST_ELEMENT_ERROR (self, CORE, NEGOTIATION, ("downstream does not accept the "
          "output for these %s", decodes (self) ? "latents" : "pictures"),
      ("have %" GST_PTR_FORMAT ", downstream takes %" GST_PTR_FORMAT, caps,
          taken));
}

/* Caps that are refused are answered as if they were taken, and no buffer after
 * them is: upstream would post a second error, which does not say what is wrong,
 * for an event that is refused. */
static gboolean
take_caps (GstLatentTransform * self, GstEvent * event)
{
  GstBaseTransform *trans = GST_BASE_TRANSFORM (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstCaps) caps = NULL;
  gboolean fits, again, taken = FALSE;

  gst_event_parse_caps (event, &caps);
  gst_caps_ref (caps);
  fits = check_caps (self, caps, &error);
  self->why = &error;
  if (fits)
    taken = GST_BASE_TRANSFORM_CLASS (parent_class)->sink_event (trans, event);
  else
    gst_event_unref (event);
  self->why = NULL;
  self->retries = FALSE;
  if (taken || GST_PAD_IS_FLUSHING (trans->srcpad)) {
    gst_caps_replace (&self->refused, NULL);
    return taken;
  }
  again = self->refused != NULL && gst_caps_is_equal (self->refused, caps);
  gst_caps_replace (&self->refused, caps);
  if (again)
    return TRUE;
  if (error != NULL)
    gst_latent_error_post (GST_ELEMENT (self), error);
  else
    post_no_taker (self, caps);
  return TRUE;
}

/* Upstream does not send them again, so after a flush they are as new. */
static void
retry_caps (GstLatentTransform * self)
{
  g_autoptr (GstCaps) caps = g_steal_pointer (&self->refused);

  take_caps (self, gst_event_new_caps (caps));
}

static gboolean
gst_latent_transform_sink_event (GstBaseTransform * trans, GstEvent * event)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (trans);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_FLUSH_START:
      /* not serialised: a buffer may be at work in the streaming thread */
      gst_latent_cancel_token_set (&self->cancel, GST_LATENT_CANCEL_FLUSH);
      break;
    case GST_EVENT_FLUSH_STOP:
      reset (self);
      self->retries = self->refused != NULL;
      gst_latent_cancel_token_unset (&self->cancel, GST_LATENT_CANCEL_FLUSH);
      break;
    case GST_EVENT_CAPS:
      return take_caps (self, event);
    case GST_EVENT_SEGMENT:
      self->refuses = !gst_latent_link_check_segment (GST_ELEMENT (self),
          trans->sinkpad, event);
      if (!self->refuses)
        break;
      gst_event_unref (event);
      return TRUE;
    default:
      break;
  }
  return GST_BASE_TRANSFORM_CLASS (parent_class)->sink_event (trans, event);
}

static gboolean
gst_latent_transform_set_caps (GstBaseTransform * trans, GstCaps * incaps,
    GstCaps * outcaps)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (trans);
  g_autoptr (GError) error = NULL;

  if (!gst_latent_info_from_caps (&self->latent,
          decodes (self) ? incaps : outcaps, &error)) {
    gst_latent_error_post (GST_ELEMENT (self), error);
    return FALSE;
  }
  return gst_video_info_from_caps (&self->video,
      decodes (self) ? outcaps : incaps);
}

static gboolean
gst_latent_transform_transform_size (GstBaseTransform * trans,
    GstPadDirection direction, GstCaps * caps, gsize size, GstCaps * othercaps,
    gsize * othersize)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (trans);

  /* the input's size is checked where it is read */
  *othersize = decodes (self) ? GST_VIDEO_INFO_SIZE (&self->video)
      : gst_latent_info_size (&self->latent);
  return TRUE;
}

static gboolean
gst_latent_transform_transform_meta (GstBaseTransform * trans,
    GstBuffer * outbuf, GstMeta * meta, GstBuffer * inbuf)
{
  return gst_latent_keeps_meta (meta);
}

static gboolean
gst_latent_transform_propose_allocation (GstBaseTransform * trans,
    GstQuery * decide_query, GstQuery * query)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (trans);

  if (decodes (self))
    gst_latent_query_propose_allocator (query,
        rd_model_device (self->model), gst_latent_info_size (&self->latent));
  else {
    gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
    gst_latent_cuda_video_propose_pool (&self->cuda, query);
  }
  return GST_BASE_TRANSFORM_CLASS (parent_class)->propose_allocation (trans,
      decide_query, query);
}

static gboolean
gst_latent_transform_decide_allocation (GstBaseTransform * trans,
    GstQuery * query)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (trans);
  g_autoptr (GError) error = NULL;

  if (decodes (self) ? gst_latent_cuda_video_decide_pool (&self->cuda, query,
          &error)
      : gst_latent_query_decide_allocator (query, rd_model_device (self->model),
          &error))
    return GST_BASE_TRANSFORM_CLASS (parent_class)->decide_allocation (trans,
        query);
  if (self->why == NULL)
    gst_latent_error_post (GST_ELEMENT (self), error);
  else if (*self->why == NULL)
    *self->why = g_steal_pointer (&error);
  return FALSE;
}

static gboolean
gst_latent_transform_start (GstBaseTransform * trans)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (trans);
  const RdNetworkKind part = GST_LATENT_TRANSFORM_GET_CLASS (self)->part;
  g_autoptr (GError) error = NULL;

  self->model = gst_latent_model_user_open (&self->user, &error);
  if (self->model != NULL && !rd_model_has_network (self->model, part)) {
    g_set_error (&error, RD_ERROR, RD_ERROR_NOT_FOUND, "the model %s has no %s",
        rd_model_folder (self->model), decodes (self) ? "vae_decoder" :
        "vae_encoder");
    g_clear_pointer (&self->model, rd_model_unref);
  }
  if (self->model != NULL)
    gst_latent_cuda_video_open (&self->cuda, rd_model_device (self->model));
  else
    gst_latent_error_post (GST_ELEMENT (self), error);
  return self->model != NULL;
}

/* After a failure, too, which sticks to a stream. */
static void
drop_stream (GstLatentTransform * self)
{
  g_clear_pointer (&self->stream, rd_stream_unref);
}

static gboolean
gst_latent_transform_stop (GstBaseTransform * trans)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (trans);

  reset (self);
  gst_caps_replace (&self->refused, NULL);
  self->refuses = self->retries = FALSE;
  drop_stream (self);
  gst_latent_cuda_video_close (&self->cuda);
  g_clear_pointer (&self->model, rd_model_unref);
  return TRUE;
}

static void
gst_latent_transform_set_context (GstElement * element, GstContext * context)
{
  gst_latent_cuda_video_set_context (&GST_LATENT_TRANSFORM (element)->cuda,
      context);
  GST_ELEMENT_CLASS (parent_class)->set_context (element, context);
}

static GstStateChangeReturn
gst_latent_transform_change_state (GstElement * element,
    GstStateChange transition)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    gst_latent_cancel_token_unset (&self->cancel,
        GST_LATENT_CANCEL_INACTIVE | GST_LATENT_CANCEL_FLUSH);
    gst_latent_link_check (element, GST_BASE_TRANSFORM_SINK_PAD (element),
        decodes (self) ? "link a sampler to it, or latents from safetensorsdec"
        : "link a source of pictures to it, with videoconvert before it");
  }
  /* before the parent waits for the streaming thread */
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_latent_cancel_token_set (&self->cancel, GST_LATENT_CANCEL_INACTIVE);
  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    gst_latent_model_user_close (&self->user);
  return ret;
}

/* Has the network and a stream ready. Returns what the buffer's flow is to be;
 * an error has been posted. */
static GstFlowReturn
prepare (GstLatentTransform * self, GCancellable * cancellable)
{
  const RdNetworkKind part = GST_LATENT_TRANSFORM_GET_CLASS (self)->part;
  g_autoptr (GError) error = NULL;
  GstFlowReturn ret = gst_latent_model_load (self->model, part,
      GST_ELEMENT (self), cancellable);

  if (ret != GST_FLOW_OK || self->stream != NULL)
    return ret;
  self->stream = rd_stream_new (rd_model_device (self->model), &error);
  if (self->stream == NULL)
    return gst_latent_error_flow (GST_ELEMENT (self), error);
  return GST_FLOW_OK;
}

static GstFlowReturn
end (GstLatentTransform * self, GstFlowReturn ret)
{
  return ret == GST_LATENT_FLOW_FAILED ?
      gst_latent_error_end (GST_ELEMENT (self)) : ret;
}

/**
 * gst_latent_transform_run:
 * @self: an element, in its streaming thread
 * @inbuf: a buffer
 * @outbuf: the buffer to be made of it
 *
 * Does the work on one picture as a job, with progress messages, that flushes
 * and state changes cancel.
 *
 * Returns: %GST_FLOW_OK, or what the buffer's flow is to be; an error has been
 *   posted
 */
GstFlowReturn
gst_latent_transform_run (GstLatentTransform * self, GstBuffer * inbuf,
    GstBuffer * outbuf)
{
  GstLatentTransformClass *klass = GST_LATENT_TRANSFORM_GET_CLASS (self);
  g_autoptr (GCancellable) cancellable =
      gst_latent_cancel_token_get (&self->cancel);
  g_auto (GstLatentProgress) progress = GST_LATENT_PROGRESS_INIT;
  g_autoptr (GError) error = NULL;
  GstFlowReturn ret = prepare (self, cancellable);

  if (ret != GST_FLOW_OK)
    return end (self, ret);
  gst_latent_progress_begin (&progress, GST_ELEMENT (self), klass->code,
      "%s %dx%d pixels", klass->doing, GST_VIDEO_INFO_WIDTH (&self->video),
      GST_VIDEO_INFO_HEIGHT (&self->video));
  if (!klass->work (self, inbuf, outbuf, cancellable, &error)) {
    /* the device may still read or write the picture, which others use again */
    rd_stream_synchronize (self->stream, NULL);
    drop_stream (self);
  }
  return end (self, gst_latent_progress_end (&progress, error));
}

static GstFlowReturn
gst_latent_transform_transform (GstBaseTransform * trans, GstBuffer * inbuf,
    GstBuffer * outbuf)
{
  return gst_latent_transform_run (GST_LATENT_TRANSFORM (trans), inbuf, outbuf);
}

/**
 * gst_latent_transform_picture_template:
 * @name: a pad's name
 * @direction: and direction
 *
 * Returns: (transfer floating): the template of the pad that has pictures
 */
GstPadTemplate *
gst_latent_transform_picture_template (const char *name,
    GstPadDirection direction)
{
  g_autoptr (GstCaps) caps = gst_latent_cuda_video_caps (gst_caps_from_string
      (GST_VIDEO_CAPS_MAKE ("RGB")));
  GstPadTemplate *template = gst_pad_template_new (name, direction,
      GST_PAD_ALWAYS, caps);

  /* those of a build with all there is, whatever this one has */
  gst_pad_template_set_documentation_caps (template, gst_caps_from_string
      (GST_VIDEO_CAPS_MAKE_WITH_FEATURES ("memory:CUDAMemory", "RGB") "; "
          GST_VIDEO_CAPS_MAKE ("RGB")));
  return template;
}

/* After an error about caps or the segment nothing is taken. */
static GstFlowReturn
gst_latent_transform_submit_input_buffer (GstBaseTransform * trans,
    gboolean is_discont, GstBuffer * input)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (trans);

  if (self->retries)
    retry_caps (self);
  if (self->refuses || self->refused != NULL) {
    gst_buffer_unref (input);
    return gst_latent_error_end (GST_ELEMENT (self));
  }
  return GST_BASE_TRANSFORM_CLASS (parent_class)->submit_input_buffer (trans,
      is_discont, input);
}

static void
gst_latent_transform_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (object);

  if (!gst_latent_model_user_set_property (&self->user, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_latent_transform_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (object);

  if (!gst_latent_model_user_get_property (&self->user, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_latent_transform_finalize (GObject * object)
{
  GstLatentTransform *self = GST_LATENT_TRANSFORM (object);

  gst_latent_model_user_clear (&self->user);
  gst_latent_cuda_video_clear (&self->cuda);
  gst_latent_cancel_token_clear (&self->cancel);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_latent_transform_init (GstLatentTransform * self)
{
  gst_latent_model_user_init (&self->user, GST_ELEMENT (self), PROP_MODEL);
  gst_latent_cuda_video_init (&self->cuda, GST_ELEMENT (self));
  gst_latent_cancel_token_init (&self->cancel);
}

static void
gst_latent_transform_class_init (GstLatentTransformClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = gst_latent_transform_set_property;
  object_class->get_property = gst_latent_transform_get_property;
  object_class->finalize = gst_latent_transform_finalize;
  gst_latent_model_user_install_properties (object_class, PROP_MODEL,
      "Folder of the model whose VAE is used");

  GST_ELEMENT_CLASS (klass)->set_context = gst_latent_transform_set_context;
  GST_ELEMENT_CLASS (klass)->change_state = gst_latent_transform_change_state;
  /* without it the base class would allocate nothing */
  trans_class->transform = gst_latent_transform_transform;
  trans_class->transform_caps = gst_latent_transform_transform_caps;
  trans_class->fixate_caps = gst_latent_transform_fixate_caps;
  trans_class->accept_caps = gst_latent_transform_accept_caps;
  trans_class->query = gst_latent_transform_query;
  trans_class->submit_input_buffer = gst_latent_transform_submit_input_buffer;
  trans_class->sink_event = gst_latent_transform_sink_event;
  trans_class->set_caps = gst_latent_transform_set_caps;
  trans_class->transform_size = gst_latent_transform_transform_size;
  trans_class->transform_meta = gst_latent_transform_transform_meta;
  trans_class->propose_allocation = gst_latent_transform_propose_allocation;
  trans_class->decide_allocation = gst_latent_transform_decide_allocation;
  trans_class->start = gst_latent_transform_start;
  trans_class->stop = gst_latent_transform_stop;

  gst_type_mark_as_plugin_api (GST_TYPE_LATENT_TRANSFORM, 0);
}
