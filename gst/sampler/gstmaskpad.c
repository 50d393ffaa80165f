/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/*
 * A `mask_%u` pad: one region's settings, and its mask.
 *
 * The last mask that the pad took stays latched, so that a still picture serves
 * every latent. The latch outlasts EOS, flushes (after a flushing seek a source
 * of one buffer sends nothing but EOS) and other caps; it ends when the element
 * goes to READY. How masks get there:
 *
 *  - In aggregate(), when the masks of all pads are there
 *    (gst_mask_pad_is_settled()), the pad takes the queued mask. It pops it, but
 *    for `hold`, where the mask stays queued, because an aggregator waits for a
 *    pad that is empty.
 *  - With `hold` a mask that arrives behind the queued one replaces the latch
 *    at once (mask_arrives()) and is dropped, so that the last one counts and its
 *    sender is never blocked.
 *
 * OBJECT_LOCK of the pad guards all of its fields. The queue is that of the base
 * class.
 */

#include "sampler/gstmaskpad.h"

#include <string.h>

#include "base/error.h"
#include "common/gstlatentdebug.h"
#include "common/gstlatenttime.h"
#include "sampler/gstmaskconvert.h"
#include "sampler/gstmaskpadsettings.h"

GST_LATENT_DEBUG_CATEGORY ("regionalsampler", "regional sampling");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

struct _GstMaskPad
{
  GstAggregatorPad parent;

  RdRegion *settings;           /* the pad's own, never shared */
  gboolean hold;

  GstVideoInfo info;            /* of what is queued; zero before caps */
  guint queued;                 /* masks that went into the queue */
  gboolean overtaken;           /* the latch is newer than what is queued */
  gboolean late;                /* no mask has come in time since the last */
  gboolean told_late;           /* it was said that masks are late */
  gboolean told_missing;        /* it was said that there is none yet */

  GstBuffer *latched;
  GstVideoInfo latched_info;
  RdMask *mask;                 /* the latch, converted at its first use */
};

enum
{
  PROP_0,
  PROP_HOLD,
  PROP_SETTINGS,                /* and on: rd_region_settings() */
};

G_DEFINE_TYPE (GstMaskPad, gst_mask_pad, GST_TYPE_AGGREGATOR_PAD);

/* With OBJECT_LOCK. */
static void
set_latch (GstMaskPad * pad, GstBuffer * buffer, const GstVideoInfo * info)
{
  gst_buffer_replace (&pad->latched, buffer);
  if (info)
    pad->latched_info = *info;
  g_clear_pointer (&pad->mask, rd_mask_unref);
}

/*
 * gst_mask_pad_get_number:
 * @pad: a pad
 *
 * Returns: the number in its name
 */
guint
gst_mask_pad_get_number (GstMaskPad * pad)
{
  g_autofree gchar *name = gst_object_get_name (GST_OBJECT (pad));

  /* the element gives no pad a number that is larger than a guint */
  return (guint) g_ascii_strtoull (strrchr (name, '_') + 1, NULL, 10);
}

/*
 * gst_mask_pad_set_caps:
 * @pad: a pad
 * @caps: caps of the masks from here on
 *
 * @error: %RD_ERROR_SHAPE: what the pad takes instead
 *
 * A latched mask stays, whatever its caps: masks are stretched to the picture, so
 * their size may change from one to the next.
 *
 * Returns: whether the pad takes video of these caps
 */
gboolean
gst_mask_pad_set_caps (GstMaskPad * pad, const GstCaps * caps, GError ** error)
{
  g_autoptr (GstCaps) template = gst_pad_get_pad_template_caps (GST_PAD (pad));
  GstVideoInfo info;

  if (!gst_caps_can_intersect (caps, template)
      || !gst_video_info_from_caps (&info, caps)) {
    const GstStructure *s = gst_caps_get_structure (caps, 0);
    const gchar *format = gst_structure_get_string (s, "format");

    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "%s: takes video in system "
        "memory as GRAY8, RGB, RGBA or another common format, not %s%s%s; put "
        "videoconvert before it", GST_OBJECT_NAME (pad),
        gst_structure_get_name (s), format ? " of format " : "",
        format ? format : "");
    return FALSE;
  }

  GST_OBJECT_LOCK (pad);
  pad->info = info;
  GST_OBJECT_UNLOCK (pad);
  return TRUE;
}

/*
 * gst_mask_pad_forget:
 * @pad: a pad
 *
 * Forgets the latched mask.
 */
void
gst_mask_pad_forget (GstMaskPad * pad)
{
  GST_OBJECT_LOCK (pad);
  set_latch (pad, NULL, NULL);
  memset (&pad->info, 0, sizeof pad->info);
  pad->queued = 0;
  pad->overtaken = FALSE;
  pad->late = FALSE;
  pad->told_late = FALSE;
  pad->told_missing = FALSE;
  GST_OBJECT_UNLOCK (pad);
}

static GstPadProbeReturn
mask_arrives (GstPad * gstpad, GstPadProbeInfo * probe, gpointer user_data)
{
  GstMaskPad *pad = GST_MASK_PAD (gstpad);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (gstpad);
  GstVideoInfo info;
  gboolean latch;

  GST_OBJECT_LOCK (pad);
  latch = pad->hold && pad->queued > 0 && caps
      && gst_video_info_from_caps (&info, caps);
  if (latch) {
    set_latch (pad, GST_PAD_PROBE_INFO_BUFFER (probe), &info);
    pad->overtaken = TRUE;
  } else {
    pad->queued++;
  }
  GST_OBJECT_UNLOCK (pad);

  if (!latch)
    return GST_PAD_PROBE_OK;
  GST_LOG_OBJECT (pad, "a newer mask replaces the one that is held");
  return GST_PAD_PROBE_DROP;
}

/* The duration of the buffer, else the one of a frame, unless the frame rate is
 * variable. With OBJECT_LOCK. */
static GstClockTime
duration_of (GstMaskPad * pad, GstBuffer * buffer)
{
  if (GST_BUFFER_DURATION_IS_VALID (buffer)
      || GST_VIDEO_INFO_FPS_N (&pad->info) == 0)
    return GST_BUFFER_DURATION (buffer);
  return gst_util_uint64_scale (GST_SECOND, GST_VIDEO_INFO_FPS_D (&pad->info),
      GST_VIDEO_INFO_FPS_N (&pad->info));
}

static void
running_times (GstMaskPad * pad, GstBuffer * buffer, GstClockTime * start,
    GstClockTime * end)
{
  const GstSegment *segment = &GST_AGGREGATOR_PAD (pad)->segment;
  const GstClockTime pts = GST_BUFFER_PTS (buffer);
  GstClockTime duration;

  *end = GST_CLOCK_TIME_NONE;
  GST_OBJECT_LOCK (pad);
  *start = gst_latent_running_time (segment, pts);
  if (segment->format == GST_FORMAT_TIME && GST_CLOCK_TIME_IS_VALID (pts)) {
    duration = duration_of (pad, buffer);
    if (GST_CLOCK_TIME_IS_VALID (duration))
      *end = gst_latent_running_time (segment, pts + duration);
  }
  GST_OBJECT_UNLOCK (pad);
}

static gboolean
is_holding (GstMaskPad * pad)
{
  gboolean hold;

  GST_OBJECT_LOCK (pad);
  hold = pad->hold;
  GST_OBJECT_UNLOCK (pad);
  return hold;
}

/*
 * gst_mask_pad_has_mask:
 * @pad: a pad
 *
 * Returns: whether a mask is latched
 */
gboolean
gst_mask_pad_has_mask (GstMaskPad * pad)
{
  gboolean latched;

  GST_OBJECT_LOCK (pad);
  latched = pad->latched != NULL;
  GST_OBJECT_UNLOCK (pad);
  return latched;
}

static void
pop (GstMaskPad * pad)
{
  g_autoptr (GstBuffer) buffer =
      gst_aggregator_pad_pop_buffer (GST_AGGREGATOR_PAD (pad));

  if (!buffer || gst_latent_buffer_is_gap (buffer))
    return;
  GST_OBJECT_LOCK (pad);
  if (!pad->overtaken)
    set_latch (pad, buffer, &pad->info);
  pad->overtaken = FALSE;
  pad->late = FALSE;
  if (pad->queued > 0)
    pad->queued--;
  GST_OBJECT_UNLOCK (pad);
}

/*
 * gst_mask_pad_is_settled:
 * @pad: a pad
 * @running_time: the latent's, or %GST_CLOCK_TIME_NONE
 *
 * For aggregate(). Latches a queued mask that ends before the latent, so that the
 * next one can come.
 *
 * Returns: whether the mask that belongs to the latent is there
 */
gboolean
gst_mask_pad_is_settled (GstMaskPad * pad, GstClockTime running_time)
{
  GstAggregatorPad *aggpad = GST_AGGREGATOR_PAD (pad);
  g_autoptr (GstBuffer) queued = gst_aggregator_pad_peek_buffer (aggpad);
  GstClockTime start, end;

  if (!queued)
    return gst_mask_pad_has_mask (pad) || gst_aggregator_pad_is_eos (aggpad);
  if (gst_latent_buffer_is_gap (queued)) {
    if (gst_mask_pad_has_mask (pad))
      return TRUE;
    pop (pad);
    return FALSE;
  }
  if (is_holding (pad))
    return TRUE;

  running_times (pad, queued, &start, &end);
  if (GST_CLOCK_TIME_IS_VALID (running_time) && GST_CLOCK_TIME_IS_VALID (end)
      && end <= running_time) {
    pop (pad);
    return FALSE;
  }
  return TRUE;
}

/*
 * gst_mask_pad_is_late:
 * @pad: a pad
 *
 * Returns: whether gst_mask_pad_set_late() was called after the last mask
 */
gboolean
gst_mask_pad_is_late (GstMaskPad * pad)
{
  gboolean late;

  GST_OBJECT_LOCK (pad);
  late = pad->late;
  GST_OBJECT_UNLOCK (pad);
  return late;
}

/*
 * gst_mask_pad_set_late:
 * @pad: a pad
 *
 * For aggregate(): no mask has come in time. It counts until the next one does.
 *
 * Returns: whether people should be told, once: that there is none yet, and that
 *   the last one serves for others, unless that is what `hold` asks for
 */
gboolean
gst_mask_pad_set_late (GstMaskPad * pad)
{
  gboolean *told, first;

  GST_OBJECT_LOCK (pad);
  pad->late = TRUE;
  told = pad->latched ? &pad->told_late : &pad->told_missing;
  first = !*told && !(pad->latched && pad->hold);
  *told = TRUE;
  GST_OBJECT_UNLOCK (pad);
  return first;
}

static void
take (GstMaskPad * pad, GstBuffer * queued, GstClockTime running_time)
{
  GstClockTime start, end;

  if (gst_latent_buffer_is_gap (queued)) {
    pop (pad);
    return;
  }
  if (is_holding (pad)) {
    GST_OBJECT_LOCK (pad);
    if (!pad->overtaken && pad->latched != queued)
      set_latch (pad, queued, &pad->info);
    GST_OBJECT_UNLOCK (pad);
    return;
  }

  running_times (pad, queued, &start, &end);
  if (GST_CLOCK_TIME_IS_VALID (running_time) && GST_CLOCK_TIME_IS_VALID (start)
      && start > running_time && gst_mask_pad_has_mask (pad))
    return;
  pop (pad);
}

/*
 * gst_mask_pad_take:
 * @pad: a pad that is settled
 * @running_time: the latent's, or %GST_CLOCK_TIME_NONE
 *
 * For aggregate(). Latches the mask that belongs to the latent: the queued one,
 * unless it begins after the latent and there is an earlier one.
 *
 * Returns: %FALSE if the pad was released just now, and its mask is gone
 */
gboolean
gst_mask_pad_take (GstMaskPad * pad, GstClockTime running_time)
{
  GstAggregatorPad *aggpad = GST_AGGREGATOR_PAD (pad);
  g_autoptr (GstBuffer) queued = gst_aggregator_pad_peek_buffer (aggpad);

  if (queued)
    take (pad, queued, running_time);
  return gst_mask_pad_has_mask (pad) || gst_aggregator_pad_is_eos (aggpad);
}

static RdMask *
convert (GstMaskPad * pad, GstBuffer * buffer, const GstVideoInfo * info,
    GError ** error)
{
  RdMask *mask;

  if (!info->finfo) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "%s: received masks without "
        "caps; send a CAPS event first", GST_OBJECT_NAME (pad));
    return NULL;
  }
  mask = gst_mask_convert (buffer, info, error);
  if (!mask)
    g_prefix_error (error, "%s: ", GST_OBJECT_NAME (pad));
  return mask;
}

/*
 * gst_mask_pad_get_mask:
 * @pad: a pad
 * @error: return location for %RD_ERROR_INVALID, where there is none or it has too
 *   few bytes, %RD_ERROR_SHAPE, where it came without caps, or
 *   %RD_ERROR_NO_MEMORY
 *
 * Returns: (transfer full) (nullable): the latched mask
 */
RdMask *
gst_mask_pad_get_mask (GstMaskPad * pad, GError ** error)
{
  g_autoptr (GstBuffer) buffer = NULL;
  GstVideoInfo info;
  RdMask *mask = NULL;

  GST_OBJECT_LOCK (pad);
  if (pad->latched)
    buffer = gst_buffer_ref (pad->latched);
  info = pad->latched_info;
  if (pad->mask)
    mask = rd_mask_ref (pad->mask);
  GST_OBJECT_UNLOCK (pad);

  if (mask)
    return mask;
  if (!buffer) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: the stream ended without a mask; send one picture, or "
        "release the pad", GST_OBJECT_NAME (pad));
    return NULL;
  }
  mask = convert (pad, buffer, &info, error);

  GST_OBJECT_LOCK (pad);
  if (mask && pad->latched == buffer && !pad->mask)
    pad->mask = rd_mask_ref (mask);
  GST_OBJECT_UNLOCK (pad);
  return mask;
}

/*
 * gst_mask_pad_get_sample:
 * @pad: a pad
 *
 * Returns: (transfer full) (nullable): the latched mask as it came
 */
GstSample *
gst_mask_pad_get_sample (GstMaskPad * pad)
{
  GstSample *sample = NULL;

  GST_OBJECT_LOCK (pad);
  if (pad->latched) {
    g_autoptr (GstCaps) caps = pad->latched_info.finfo ?
        gst_video_info_to_caps (&pad->latched_info) : NULL;

    sample = gst_sample_new (pad->latched, caps,
        &GST_AGGREGATOR_PAD (pad)->segment, NULL);
  }
  GST_OBJECT_UNLOCK (pad);
  return sample;
}

/*
 * gst_mask_pad_get_region:
 * @pad: a pad
 *
 * Returns: (transfer full): a copy of the pad's settings, named after the pad;
 *   its shape is %RD_SHAPE_PAD
 */
RdRegion *
gst_mask_pad_get_region (GstMaskPad * pad)
{
  g_autofree gchar *name = gst_object_get_name (GST_OBJECT (pad));
  RdRegion *region;

  GST_OBJECT_LOCK (pad);
  region = rd_region_copy_settings (pad->settings, name);
  GST_OBJECT_UNLOCK (pad);

  region->shape.kind = RD_SHAPE_PAD;
  region->shape.pad = g_strdup (name);
  return region;
}

static GstFlowReturn
gst_mask_pad_flush (GstAggregatorPad * aggpad, GstAggregator * aggregator)
{
  GstMaskPad *pad = GST_MASK_PAD (aggpad);

  GST_OBJECT_LOCK (pad);
  pad->queued = 0;
  pad->overtaken = FALSE;
  GST_OBJECT_UNLOCK (pad);
  return GST_FLOW_OK;
}

static void
gst_mask_pad_set_property (GObject * object, guint property,
    const GValue * value, GParamSpec * pspec)
{
  GstMaskPad *pad = GST_MASK_PAD (object);
  gboolean known = TRUE;

  GST_OBJECT_LOCK (pad);
  if (property == PROP_HOLD)
    pad->hold = g_value_get_boolean (value);
  else
    known = gst_mask_pad_settings_set (pad->settings,
        property - PROP_SETTINGS, value);
  GST_OBJECT_UNLOCK (pad);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
}

static void
gst_mask_pad_get_property (GObject * object, guint property, GValue * value,
    GParamSpec * pspec)
{
  GstMaskPad *pad = GST_MASK_PAD (object);
  gboolean known = TRUE;

  GST_OBJECT_LOCK (pad);
  if (property == PROP_HOLD)
    g_value_set_boolean (value, pad->hold);
  else
    known = gst_mask_pad_settings_get (pad->settings,
        property - PROP_SETTINGS, value);
  GST_OBJECT_UNLOCK (pad);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
}

static void
gst_mask_pad_constructed (GObject * object)
{
  G_OBJECT_CLASS (gst_mask_pad_parent_class)->constructed (object);

  gst_pad_add_probe (GST_PAD (object), GST_PAD_PROBE_TYPE_BUFFER, mask_arrives,
      NULL, NULL);
}

static void
gst_mask_pad_finalize (GObject * object)
{
  GstMaskPad *pad = GST_MASK_PAD (object);

  rd_region_unref (pad->settings);
  set_latch (pad, NULL, NULL);

  G_OBJECT_CLASS (gst_mask_pad_parent_class)->finalize (object);
}

static void
gst_mask_pad_class_init (GstMaskPadClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstAggregatorPadClass *pad_class = GST_AGGREGATOR_PAD_CLASS (klass);

  object_class->set_property = gst_mask_pad_set_property;
  object_class->get_property = gst_mask_pad_get_property;
  object_class->constructed = gst_mask_pad_constructed;
  object_class->finalize = gst_mask_pad_finalize;
  pad_class->flush = gst_mask_pad_flush;

  g_object_class_install_property (object_class, PROP_HOLD,
      g_param_spec_boolean ("hold", "Hold",
          "Use the latest mask without waiting; FALSE waits for the next mask, "
          "until EOS", FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
          | GST_PARAM_MUTABLE_PLAYING));
  gst_mask_pad_settings_install (object_class, PROP_SETTINGS);
}

static void
gst_mask_pad_init (GstMaskPad * pad)
{
  pad->settings = rd_region_new ("pad");
}
