/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * In time: latents that come too late are not sampled, what they leave is a gap,
 * and what a job takes is the element's latency.
 */

#include "sampler/gstregionalsampler.h"

GST_DEBUG_CATEGORY_EXTERN (gst_regional_sampler_debug);
#define GST_CAT_DEFAULT gst_regional_sampler_debug

/* The base class pushes events that a buffer needs ahead of a buffer only. */
void
gst_regional_sampler_push_segment (GstRegionalSampler * self)
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

void
gst_regional_sampler_push_gap (GstRegionalSampler * self, GstBuffer * latent)
{
  if (!GST_BUFFER_PTS_IS_VALID (latent))
    return;
  gst_regional_sampler_push_segment (self);
  gst_pad_push_event (GST_AGGREGATOR_SRC_PAD (self),
      gst_event_new_gap (GST_BUFFER_PTS (latent),
          GST_BUFFER_DURATION (latent)));
}

gboolean
gst_regional_sampler_is_late (GstRegionalSampler * self,
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

void
gst_regional_sampler_skip (GstRegionalSampler * self, GstBuffer * latent,
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
      gst_segment_to_stream_time (&self->latent_pad->segment, GST_FORMAT_TIME,
          GST_BUFFER_PTS (latent)), GST_BUFFER_PTS (latent),
      GST_BUFFER_DURATION (latent));
  gst_message_set_qos_values (message, jitter, proportion, 1000000);
  gst_message_set_qos_stats (message, GST_FORMAT_BUFFERS, processed, dropped);
  gst_element_post_message (GST_ELEMENT (self), message);
  gst_regional_sampler_push_gap (self, latent);
}

/* Raises what we report as latency with the longest job: live pipelines wait
 * for it from then on. */
void
gst_regional_sampler_measure_latency (GstRegionalSampler * self,
    gint64 took_us)
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
