/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/*
 * The stream through `regionalsampler`: events, queries, caps, and whether it is
 * in time.
 *
 * A running job must end before the base class joins the source task, so the
 * cancel token is set ahead of chaining up: here on FLUSH_START of the latent
 * pad and on a flushing seek, in gstregionalsampler.c on deactivation.
 */

#include "sampler/gstregionalsampler.h"

#include "common/gstlatenterror.h"
#include "common/gstlatentlink.h"
#include "common/gstlatenttime.h"
#include "sampler/gstmaskpad.h"

GST_DEBUG_CATEGORY_EXTERN (gst_regional_sampler_debug);
#define GST_CAT_DEFAULT gst_regional_sampler_debug

static GstAggregatorClass *parent_class;

struct _GstLatentSinkPad
{
  GstAggregatorPad parent;
};

G_DEFINE_TYPE (GstLatentSinkPad, gst_latent_sink_pad, GST_TYPE_AGGREGATOR_PAD);

/* Runs at FLUSH_STOP of this pad alone; the base class forwards a flush only
 * when all pads have it. */
static GstFlowReturn
gst_latent_sink_pad_flush (GstAggregatorPad * pad, GstAggregator * aggregator)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);

  GST_OBJECT_LOCK (self);
  self->earliest = GST_CLOCK_TIME_NONE;
  self->proportion = 1.0;
  self->flushed = TRUE;
  GST_OBJECT_UNLOCK (self);
  gst_latent_cancel_token_unset (&self->cancel, GST_LATENT_CANCEL_FLUSH);
  return GST_FLOW_OK;
}

static void
gst_latent_sink_pad_class_init (GstLatentSinkPadClass * klass)
{
  GST_AGGREGATOR_PAD_CLASS (klass)->flush = gst_latent_sink_pad_flush;
}

static void
gst_latent_sink_pad_init (GstLatentSinkPad * pad)
{
}

/*
 * What is refused
 *
 * An event about what is wrong with caps or a segment is answered as if it were
 * taken, and no buffer after it is: upstream would post a second error, which
 * does not say what is wrong, for an event that is refused.
 */

static void
refuse (GstRegionalSampler * self)
{
  g_atomic_int_set (&self->refuses, TRUE);
}

/* Returns: (transfer full) (nullable): the name of what is linked to a mask
 * pad; of the first in the order of the numbers */
static gchar *
get_mask_source (GstRegionalSampler * self, gchar ** pad_name)
{
  g_autoptr (GPtrArray) pads = gst_regional_sampler_get_mask_pads (self);

  for (guint i = 0; i < pads->len; i++) {
    g_autoptr (GstPad) peer = gst_pad_get_peer (pads->pdata[i]);
    g_autoptr (GstObject) parent =
        peer ? gst_object_get_parent (GST_OBJECT (peer)) : NULL;

    if (parent) {
      *pad_name = gst_object_get_name (pads->pdata[i]);
      return gst_object_get_name (parent);
    }
  }
  return NULL;
}

/*
 * gst_regional_stream_check_link:
 * @self: the element, with no lock held
 *
 * Posts an error if no latents can come. A link that names no pad gives video
 * to a mask pad, so that what was meant for `sink` may be there.
 *
 * Returns: %FALSE after an error message
 */
gboolean
gst_regional_stream_check_link (GstRegionalSampler * self)
{
  g_autofree gchar *pad_name = NULL;
  g_autofree gchar *source = get_mask_source (self, &pad_name);
  g_autofree gchar *remedy = NULL;

  if (source)
    remedy =
        g_strdup_printf ("%s is linked to %s, as a mask: to paint over its "
        "pictures put latentencode between the two (%s ! latentencode "
        "model=... ! %s), to paint from nothing link latentsrc to sink", source,
        pad_name, source, GST_OBJECT_NAME (self));
  else
    remedy = g_strdup ("link latentsrc to it, or pictures through "
        "latentencode");
  if (gst_latent_link_check (GST_ELEMENT (self), GST_PAD (self->latent_pad),
          remedy))
    return TRUE;
  refuse (self);
  return FALSE;
}

static GstPadProbeReturn
data_arrives (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (user_data);

  if (!g_atomic_int_get (&self->refuses)) {
    if (pad == GST_PAD (self->latent_pad)
        || gst_pad_is_linked (GST_PAD (self->latent_pad))
        || gst_regional_stream_check_link (self))
      return GST_PAD_PROBE_OK;
  }
  gst_mini_object_unref (info->data);
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GST_LATENT_FLOW_FAILED;
  return GST_PAD_PROBE_HANDLED;
}

/*
 * gst_regional_stream_watch:
 * @self: the element
 * @pad: one of its sink pads
 *
 * Has buffers stopped at @pad after an error about what comes.
 */
void
gst_regional_stream_watch (GstRegionalSampler * self, GstPad * pad)
{
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, data_arrives,
      self, NULL);
}

static void
take_mask_caps (GstRegionalSampler * self, GstMaskPad * pad, GstEvent * event)
{
  g_autoptr (GError) error = NULL;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  if (gst_mask_pad_set_caps (pad, caps, &error))
    return;
  refuse (self);
  gst_latent_error_post (GST_ELEMENT (self), error);
}

/* After a flush everything is as new, but caps do not come again. */
static void
retry_caps (GstRegionalSampler * self)
{
  g_autoptr (GPtrArray) pads = gst_regional_sampler_get_mask_pads (self);

  g_atomic_int_set (&self->refuses, FALSE);
  for (guint i = 0; i < pads->len; i++) {
    g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pads->pdata[i]);
    g_autoptr (GError) error = NULL;

    if (!caps || gst_mask_pad_set_caps (pads->pdata[i], caps, &error))
      continue;
    refuse (self);
    gst_latent_error_post (GST_ELEMENT (self), error);
  }
}

static void
take_latent_caps (GstRegionalSampler * self, GstEvent * event)
{
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  gst_caps_replace (&self->latent_caps, caps);
  gst_pad_mark_reconfigure (GST_AGGREGATOR_SRC_PAD (self));
}

static void
take_segment (GstRegionalSampler * self, GstEvent * event)
{
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  gst_aggregator_update_segment (GST_AGGREGATOR (self), segment);
}

static gboolean
sink_event (GstAggregator * aggregator,
    GstAggregatorPad * pad, GstEvent * event)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);
  const gboolean is_latent = pad == self->latent_pad;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_FLUSH_START:
      if (is_latent)
        gst_latent_cancel_token_set (&self->cancel, GST_LATENT_CANCEL_FLUSH);
      break;
    case GST_EVENT_FLUSH_STOP:
      if (is_latent && g_atomic_int_get (&self->refuses))
        retry_caps (self);
      break;
    case GST_EVENT_CAPS:
      if (is_latent)
        take_latent_caps (self, event);
      else
        take_mask_caps (self, GST_MASK_PAD (pad), event);
      /* the output's caps are its own */
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_SEGMENT:
      if (!gst_latent_link_check_segment (GST_ELEMENT (self), GST_PAD (pad),
              event)) {
        refuse (self);
        gst_event_unref (event);
        return TRUE;
      }
      if (is_latent)
        take_segment (self, event);
      break;
    case GST_EVENT_TAG:
      if (is_latent)
        g_queue_push_tail (&self->tags, gst_event_ref (event));
      break;
    default:
      break;
  }
  return parent_class->sink_event (aggregator, pad, event);
}

static GstCaps *
get_latent_caps (GstRegionalSampler * self, GstCaps * filter)
{
  g_autoptr (GstCaps) template =
      gst_pad_get_pad_template_caps (GST_PAD (self->latent_pad));
  g_autoptr (RdModel) model = NULL;
  g_autoptr (GstCaps) offered = NULL, caps = NULL;

  /* downstream's fields about the model are those of our output */
  offered = gst_pad_peer_query_caps (GST_AGGREGATOR_SRC_PAD (self), template);
  if (gst_latent_model_user_has_folder (&self->model))
    model = gst_latent_model_user_open (&self->model, NULL);
  caps = gst_latent_caps_any_memory (offered,
      model ? rd_model_device (model) : NULL);
  if (model)
    caps = gst_latent_caps_prefer_model (g_steal_pointer (&caps),
        rd_model_info (model));
  caps = gst_latent_caps_add_tensors (g_steal_pointer (&caps));
  if (filter)
    return gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);
  return g_steal_pointer (&caps);
}

static GstCaps *
get_mask_caps (GstAggregatorPad * pad, GstCaps * filter)
{
  g_autoptr (GstCaps) template = gst_pad_get_pad_template_caps (GST_PAD (pad));

  if (filter)
    return gst_caps_intersect_full (filter, template, GST_CAPS_INTERSECT_FIRST);
  return g_steal_pointer (&template);
}

static gboolean
sink_query (GstAggregator * aggregator,
    GstAggregatorPad * pad, GstQuery * query)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);
  g_autoptr (GstCaps) caps = NULL;
  GstCaps *filter;

  /* caps that a mask pad does not take are refused when they come, because only
   * then the reason can be posted */
  if (GST_QUERY_TYPE (query) == GST_QUERY_ACCEPT_CAPS && GST_IS_MASK_PAD (pad)) {
    gst_query_set_accept_caps_result (query, TRUE);
    return TRUE;
  }
  if (GST_QUERY_TYPE (query) != GST_QUERY_CAPS)
    return parent_class->sink_query (aggregator, pad, query);

  gst_query_parse_caps (query, &filter);
  caps = pad == self->latent_pad ? get_latent_caps (self, filter) :
      get_mask_caps (pad, filter);
  gst_query_set_caps_result (query, caps);
  return TRUE;
}

static gboolean
propose_latents (GstRegionalSampler * self, GstQuery * query)
{
  g_autoptr (RdModel) model = gst_latent_model_user_open (&self->model, NULL);
  GstLatentInfo info;
  GstCaps *caps;

  gst_query_parse_allocation (query, &caps, NULL);
  return model && caps && gst_latent_info_from_caps (&info, caps, NULL)
      && gst_latent_query_propose_allocator (query, rd_model_device (model),
      gst_latent_info_size (&info));
}

/* Rows of masks need not be in one piece. */
static gboolean
propose_allocation (GstAggregator * aggregator,
    GstAggregatorPad * pad, GstQuery * decide_query, GstQuery * query)
{
  if (!GST_IS_MASK_PAD (pad))
    return propose_latents (GST_REGIONAL_SAMPLER (aggregator), query);
  gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  return TRUE;
}

static gboolean
decide_allocation (GstAggregator * aggregator, GstQuery * query)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);
  g_autoptr (GError) error = NULL;
  g_autoptr (RdModel) model = gst_latent_model_user_open (&self->model, &error);

  if (model && gst_latent_query_decide_allocator (query,
          rd_model_device (model), &error))
    return TRUE;
  gst_latent_error_post (GST_ELEMENT (self), error);
  return FALSE;
}

static GstFlowReturn
update_src_caps (GstAggregator * aggregator, GstCaps * filter, GstCaps ** caps)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);
  g_autoptr (RdModel) model = NULL;
  GstLatentInfo info;

  /* what is wrong with caps or model is said when the first latent comes */
  if (!self->latent_caps
      || !gst_latent_info_from_caps (&info, self->latent_caps, NULL))
    return GST_AGGREGATOR_FLOW_NEED_DATA;
  model = gst_latent_model_user_open (&self->model, NULL);
  if (!model || !gst_latent_info_check_model (&info, model, NULL))
    return GST_AGGREGATOR_FLOW_NEED_DATA;

  gst_latent_info_set_model (&info, rd_model_info (model));
  info.on_device = !rd_device_is_cpu (rd_model_device (model));
  if (!gst_latent_info_negotiate (&info, filter))
    return GST_FLOW_NOT_NEGOTIATED;
  /* not the intersection, which has fields of queries in it */
  *caps = gst_latent_info_to_caps (&info);
  return GST_FLOW_OK;
}

static gboolean
peer_can_seek (GstPad * pad, GstFormat format)
{
  g_autoptr (GstQuery) query = gst_query_new_seeking (format);
  gboolean seekable = FALSE;

  if (gst_pad_peer_query (pad, query))
    gst_query_parse_seeking (query, NULL, &seekable, NULL, NULL);
  return seekable;
}

/* A flushing seek stops the source task, and only a flush of all pads starts it
 * again: pads whose upstream does not seek would leave the element dead. A
 * latent pad must seek. A mask pad that does not is flushed by us, which harms
 * nobody once its stream has ended: a still picture. */
static gboolean
can_seek (GstRegionalSampler * self, GstFormat format, GPtrArray * ended)
{
  g_autoptr (GPtrArray) pads = gst_regional_sampler_get_mask_pads (self);

  if (!peer_can_seek (GST_PAD (self->latent_pad), format))
    return FALSE;
  for (guint i = 0; i < pads->len; i++) {
    if (peer_can_seek (pads->pdata[i], format))
      continue;
    if (!GST_PAD_IS_EOS (pads->pdata[i]))
      return FALSE;
    if (ended)
      g_ptr_array_add (ended, gst_object_ref (pads->pdata[i]));
  }
  return TRUE;
}

/* Runs before the source task starts again after a flush of all pads: the first
 * latent behind a seek must not be cancelled by that seek. */
static GstFlowReturn
flush (GstAggregator * aggregator)
{
  gst_latent_cancel_token_unset (&GST_REGIONAL_SAMPLER (aggregator)->cancel,
      GST_LATENT_CANCEL_SEEK);
  return GST_FLOW_OK;
}

static void
flush_ended (GPtrArray * pads, guint32 seqnum)
{
  for (guint i = 0; i < pads->len; i++) {
    GstEvent *events[] = {
      gst_event_new_flush_start (),
      gst_event_new_flush_stop (TRUE),
      gst_event_new_eos (),
    };

    for (guint j = 0; j < G_N_ELEMENTS (events); j++) {
      gst_event_set_seqnum (events[j], seqnum);
      gst_pad_send_event (pads->pdata[i], events[j]);
    }
  }
}

static gboolean
seek (GstRegionalSampler * self, GstEvent * event)
{
  g_autoptr (GPtrArray) ended =
      g_ptr_array_new_with_free_func (gst_object_unref);
  const guint32 seqnum = gst_event_get_seqnum (event);
  GstSeekFlags flags;
  GstFormat format;
  gdouble rate;
  gboolean repeated, seeked;

  /* through a tee the same seek comes more than once; the base class of 1.22
   * drops what it knows already, but leaks it */
  GST_OBJECT_LOCK (self);
  repeated = self->seek_seqnum == seqnum;
  GST_OBJECT_UNLOCK (self);
  if (repeated) {
    gst_event_unref (event);
    return TRUE;
  }

  gst_event_parse_seek (event, &rate, &format, &flags, NULL, NULL, NULL, NULL);
  if (rate < 0.0) {
    GST_WARNING_OBJECT (self, "refusing to seek: latents are not sampled in "
        "reverse; use a positive rate");
    gst_event_unref (event);
    return FALSE;
  }
  if (!can_seek (self, format, ended)) {
    GST_INFO_OBJECT (self, "refusing to seek: upstream cannot");
    gst_event_unref (event);
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  self->seek_seqnum = seqnum;
  GST_OBJECT_UNLOCK (self);
  if (!(flags & GST_SEEK_FLAG_FLUSH))
    return parent_class->src_event (GST_AGGREGATOR (self), event);

  gst_latent_cancel_token_set (&self->cancel, GST_LATENT_CANCEL_SEEK);
  seeked = parent_class->src_event (GST_AGGREGATOR (self), event);
  gst_latent_cancel_token_unset (&self->cancel, GST_LATENT_CANCEL_SEEK);
  if (seeked)
    flush_ended (ended, seqnum);
  return seeked;
}

static void
take_qos (GstRegionalSampler * self, GstEvent * event)
{
  GstClockTime timestamp, early;
  GstClockTimeDiff jitter;
  gdouble proportion;

  gst_event_parse_qos (event, NULL, &proportion, &jitter, &timestamp);
  GST_OBJECT_LOCK (self);
  self->proportion = proportion;
  if (!GST_CLOCK_TIME_IS_VALID (timestamp)) {
    self->earliest = GST_CLOCK_TIME_NONE;
  } else if (jitter >= 0) {
    self->earliest = timestamp + 2 * jitter;
  } else {
    early = -jitter;
    self->earliest = timestamp - MIN (timestamp, early);
  }
  GST_OBJECT_UNLOCK (self);
}

static gboolean
src_event (GstAggregator * aggregator, GstEvent * event)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);

  if (GST_EVENT_TYPE (event) == GST_EVENT_SEEK)
    return seek (self, event);
  if (GST_EVENT_TYPE (event) == GST_EVENT_QOS)
    take_qos (self, event);
  return parent_class->src_event (aggregator, event);
}

static gboolean
src_query (GstAggregator * aggregator, GstQuery * query)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);
  GstFormat format;

  if (GST_QUERY_TYPE (query) != GST_QUERY_SEEKING)
    return parent_class->src_query (aggregator, query);

  gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
  if (can_seek (self, format, NULL))
    return gst_pad_peer_query (GST_PAD (self->latent_pad), query);
  gst_query_set_seeking (query, format, FALSE, 0, -1);
  return TRUE;
}

/*
 * Events of our own
 *
 * A subclass of GstAggregator 1.22 has to push TAG and GAP itself, and SEGMENT
 * ahead of them. The base class drops the tags of its inputs, as only a subclass
 * knows what they say of the output; gst_aggregator_set_src_caps() and
 * gst_aggregator_finish_buffer() push what must come before data, but a gap is
 * no buffer, and what they do is not there to be called by itself.
 * gst_aggregator_push_src_event() of GStreamer 1.26 is for this: what follows
 * can go through it once 1.26 is required.
 */

static void
push_segment (GstRegionalSampler * self)
{
  GstPad *pad = GST_AGGREGATOR_SRC_PAD (self);
  g_autoptr (GstEvent) sent =
      gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  GstSegment ours;

  GST_OBJECT_LOCK (self);
  ours = GST_AGGREGATOR_PAD (pad)->segment;
  GST_OBJECT_UNLOCK (self);
  if (sent) {
    const GstSegment *segment;

    gst_event_parse_segment (sent, &segment);
    if (gst_segment_is_equal (segment, &ours))
      return;
  }
  gst_pad_push_event (pad, gst_event_new_segment (&ours));
}

/*
 * gst_regional_stream_push_tags:
 * @self: the element, in its source task
 *
 * Pushes the tags that have come before the next latent.
 */
void
gst_regional_stream_push_tags (GstRegionalSampler * self)
{
  GstEvent *event;

  if (!g_queue_is_empty (&self->tags))
    push_segment (self);
  while ((event = g_queue_pop_head (&self->tags)))
    gst_pad_push_event (GST_AGGREGATOR_SRC_PAD (self), event);
}

/*
 * gst_regional_stream_push_gap:
 * @self: the element, in its source task
 * @latent: what has no successor; without a time there is no gap either
 *
 * Pushes a GAP event in place of a latent.
 */
void
gst_regional_stream_push_gap (GstRegionalSampler * self, GstBuffer * latent)
{
  if (!GST_BUFFER_PTS_IS_VALID (latent))
    return;
  push_segment (self);
  gst_pad_push_event (GST_AGGREGATOR_SRC_PAD (self),
      gst_event_new_gap (GST_BUFFER_PTS (latent),
          GST_BUFFER_DURATION (latent)));
}

/*
 * gst_regional_stream_is_late:
 * @self: the element
 * @running_time: a latent's, or %GST_CLOCK_TIME_NONE
 *
 * Returns: whether QoS says that it would come too late
 */
gboolean
gst_regional_stream_is_late (GstRegionalSampler * self,
    GstClockTime running_time)
{
  gboolean late;

  GST_OBJECT_LOCK (self);
  late = self->settings.qos && GST_CLOCK_TIME_IS_VALID (self->earliest)
      && GST_CLOCK_TIME_IS_VALID (running_time)
      && running_time < self->earliest;
  GST_OBJECT_UNLOCK (self);
  return late;
}

/*
 * gst_regional_stream_skip:
 * @self: the element, in its source task
 * @latent: a latent that is late
 * @running_time: its running time
 *
 * Posts a QoS message, and leaves a gap.
 */
void
gst_regional_stream_skip (GstRegionalSampler * self, GstBuffer * latent,
    GstClockTime running_time)
{
  GstMessage *message;
  GstClockTimeDiff jitter;
  guint64 processed, dropped;
  gdouble proportion;

  GST_OBJECT_LOCK (self);
  dropped = ++self->stats.skipped;
  processed = self->stats.jobs;
  jitter = GST_CLOCK_DIFF (running_time, self->earliest);
  proportion = self->proportion;
  GST_OBJECT_UNLOCK (self);

  GST_INFO_OBJECT (self, "skipping a latent that is %" GST_STIME_FORMAT
      " late", GST_STIME_ARGS (jitter));
  message = gst_message_new_qos (GST_OBJECT (self), TRUE, running_time,
      gst_latent_stream_time (&self->latent_pad->segment,
          GST_BUFFER_PTS (latent)), GST_BUFFER_PTS (latent),
      GST_BUFFER_DURATION (latent));
  gst_message_set_qos_values (message, jitter, proportion, 1000000);
  gst_message_set_qos_stats (message, GST_FORMAT_BUFFERS, processed, dropped);
  gst_element_post_message (GST_ELEMENT (self), message);
  gst_regional_stream_push_gap (self, latent);
}

/*
 * gst_regional_stream_measure_latency:
 * @self: the element, in its source task
 * @took_us: how long a job took, without loading
 *
 * Raises what the element reports as latency to that of its longest job: live
 * pipelines wait for it from then on.
 */
void
gst_regional_stream_measure_latency (GstRegionalSampler * self, gint64 took_us)
{
  GstAggregator *aggregator = GST_AGGREGATOR (self);
  const GstClockTime took = took_us * GST_USECOND;

  if (took <= self->latency
      || !GST_CLOCK_TIME_IS_VALID (gst_aggregator_get_latency (aggregator)))
    return;
  self->latency = took;
  GST_INFO_OBJECT (self, "latency is %" GST_TIME_FORMAT " now",
      GST_TIME_ARGS (took));
  gst_aggregator_set_latency (aggregator, took, took);
}

/*
 * gst_regional_stream_class_init:
 * @klass: the element's class
 *
 * Installs the virtual functions of this file.
 */
void
gst_regional_stream_class_init (GstAggregatorClass * klass)
{
  parent_class = g_type_class_peek_parent (klass);

  klass->flush = flush;
  klass->sink_event = sink_event;
  klass->sink_query = sink_query;
  klass->src_event = src_event;
  klass->src_query = src_query;
  klass->propose_allocation = propose_allocation;
  klass->decide_allocation = decide_allocation;
  klass->update_src_caps = update_src_caps;
}
