/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "common/gstlatenttime.h"

#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("latenttime", "times of buffers");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/**
 * gst_latent_buffer_is_gap:
 * @buffer: a buffer
 *
 * Returns: whether it stands for a GAP event, as base classes make it of one
 */
gboolean
gst_latent_buffer_is_gap (GstBuffer * buffer)
{
  return gst_buffer_get_size (buffer) == 0
      && GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP);
}

static gboolean
has_time (const GstSegment * segment, GstClockTime timestamp)
{
  if (segment->format == GST_FORMAT_TIME && GST_CLOCK_TIME_IS_VALID (timestamp))
    return TRUE;
  GST_TRACE ("%" GST_TIME_FORMAT " in %" GST_SEGMENT_FORMAT " is no time",
      GST_TIME_ARGS (timestamp), segment);
  return FALSE;
}

/**
 * gst_latent_running_time:
 * @segment: a segment of any format
 * @timestamp: of a buffer in it, or %GST_CLOCK_TIME_NONE
 *
 * Returns: the running time, %GST_CLOCK_TIME_NONE if there is none: in a segment
 *   of bytes, for instance
 */
GstClockTime
gst_latent_running_time (const GstSegment * segment, GstClockTime timestamp)
{
  return has_time (segment, timestamp) ? gst_segment_to_running_time (segment,
      GST_FORMAT_TIME, timestamp) : GST_CLOCK_TIME_NONE;
}

/**
 * gst_latent_stream_time:
 * @segment: a segment of any format
 * @timestamp: of a buffer in it, or %GST_CLOCK_TIME_NONE
 *
 * Returns: the stream time, %GST_CLOCK_TIME_NONE if there is none
 */
GstClockTime
gst_latent_stream_time (const GstSegment * segment, GstClockTime timestamp)
{
  return has_time (segment, timestamp) ? gst_segment_to_stream_time (segment,
      GST_FORMAT_TIME, timestamp) : GST_CLOCK_TIME_NONE;
}
