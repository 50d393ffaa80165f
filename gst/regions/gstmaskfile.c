/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/gstmaskfile.h"

#include <gst/video/video.h>
#include <string.h>

#include "base/error.h"
#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("regionalsampler", "regional sampling");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/* a picture that takes longer than this to decode is none */
#define TIMEOUT_US (30 * G_USEC_PER_SEC)
/* how often the cancellable is looked at */
#define POLL (20 * GST_MSECOND)

/* The decoders that keep every pixel's value; decodebin knows more formats
 * where it is installed. */
static const gchar *
choose_decoder (const gchar * path, GError ** error)
{
  static const struct
  {
    const gchar *magic;
    const gchar *decoder;
  } known[] = {
    {"\x89PNG", "pngdec"},
    {"\xff\xd8\xff", "jpegdec"},
  };
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);
  g_autoptr (GstElementFactory) decodebin = NULL;
  gchar head[4] = { 0 };

  if (!stream || g_input_stream_read (G_INPUT_STREAM (stream), head,
          sizeof head, NULL, error) < 0) {
    g_prefix_error (error, "mask file: ");
    return NULL;
  }
  for (guint i = 0; i < G_N_ELEMENTS (known); i++) {
    if (memcmp (head, known[i].magic, strlen (known[i].magic)) == 0)
      return known[i].decoder;
  }

  decodebin = gst_element_factory_find ("decodebin");
  if (decodebin)
    return "decodebin";
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "mask file %s is neither PNG nor JPEG", path);
  return NULL;
}

/* Waits for the first picture. */
static gboolean
preroll (GstElement * pipeline, const gchar * path, GCancellable * cancellable,
    GError ** error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  const gint64 deadline = g_get_monotonic_time () + TIMEOUT_US;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  while (g_get_monotonic_time () < deadline) {
    g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (bus, POLL,
        GST_MESSAGE_ASYNC_DONE | GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
    g_autoptr (GError) cause = NULL;

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    if (!message)
      continue;
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ASYNC_DONE)
      return TRUE;
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      gst_message_parse_error (message, &cause, NULL);
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "mask file %s cannot be decoded: %s", path,
        cause ? cause->message : "it contains no picture");
    return FALSE;
  }
  g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
      "mask file %s took too long to decode", path);
  return FALSE;
}

static RdMask *
to_mask (GstSample * sample, const gchar * path, const guint32 * color,
    GError ** error)
{
  GstVideoInfo info;
  GstVideoFrame frame;
  RdMask *mask;

  if (!sample || !gst_video_info_from_caps (&info, gst_sample_get_caps (sample))
      || !gst_video_frame_map (&frame, &info, gst_sample_get_buffer (sample),
          GST_MAP_READ)) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "mask file %s contains no picture", path);
    return NULL;
  }
  if (color)
    mask = rd_mask_new_from_color (info.width, info.height,
        GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
        GST_VIDEO_FRAME_PLANE_DATA (&frame, 0), *color);
  else
    mask = rd_mask_new_from_gray8 (info.width, info.height,
        GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
        GST_VIDEO_FRAME_PLANE_DATA (&frame, 0));
  gst_video_frame_unmap (&frame);
  if (!mask)
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY,
        "no memory for the mask file %s", path);
  return mask;
}

/*
 * gst_mask_file_load:
 * @path: a picture
 * @color: (nullable): 0xRRGGBB: the mask is 1 where the picture has exactly
 *   this color, else 0; %NULL: the mask is the picture's brightness
 * @cancellable: (nullable): ends the wait for the decoder
 * @error: the file's error; %RD_ERROR_INVALID: not a picture;
 *   %RD_ERROR_FAILED: nothing came for long; %G_IO_ERROR_CANCELLED
 *
 * Decodes the first picture of a file with GStreamer's own elements.
 *
 * Returns: (transfer full) (nullable): a mask of the picture's size
 */
RdMask *
gst_mask_file_load (const gchar * path, const guint32 * color,
    GCancellable * cancellable, GError ** error)
{
  g_autoptr (GstElement) pipeline = NULL, source = NULL, sink = NULL;
  g_autoptr (GstSample) sample = NULL;
  g_autofree gchar *description = NULL;
  RdMask *mask = NULL;
  const gchar *decoder;

  decoder = choose_decoder (path, error);
  if (!decoder)
    return NULL;

  description = g_strdup_printf ("filesrc name=source ! %s ! videoconvert ! "
      "video/x-raw,format=%s ! fakesink name=sink", decoder,
      color ? "RGB" : "GRAY8");
  pipeline = gst_parse_launch_full (description, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (!pipeline)
    return NULL;
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_object_set (source, "location", path, NULL);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");

  if (preroll (pipeline, path, cancellable, error)) {
    g_object_get (sink, "last-sample", &sample, NULL);
    mask = to_mask (sample, path, color, error);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (mask)
    GST_DEBUG ("%s: %ux%u, decoded by %s", path, mask->width, mask->height,
        decoder);
  return mask;
}
