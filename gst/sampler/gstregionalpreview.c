/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "sampler/gstregionalpreview.h"

#include <gst/video/video.h>
#include <string.h>

#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("regionalsampler", "regional sampling");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/*
 * gst_regional_preview_clear:
 * @preview: zeroed memory, or previews
 *
 * Forgets of which model there are none, and when the last was.
 */
void
gst_regional_preview_clear (GstRegionalPreview * preview)
{
  g_clear_pointer (&preview->without, rd_model_unref);
  memset (&preview->previewer, 0, sizeof preview->previewer);
}

/*
 * gst_regional_preview_prepare:
 * @preview: previews of the last job
 * @model: whose latents are to be shown
 * @interval_ms: as of the property, 0 for no previews
 * @element: who posts progress and a warning
 * @cancellable: ends it within one network node
 *
 * Finds the colours of @model's latents, the first time as `load` progress.
 * Where that fails there are no previews, after one warning.
 *
 * Returns: %GST_FLOW_OK, or %GST_FLOW_FLUSHING if cancelled
 */
GstFlowReturn
gst_regional_preview_prepare (GstRegionalPreview * preview, RdModel * model,
    guint interval_ms, GstElement * element, GCancellable * cancellable)
{
  RdPreviewer *previewer = &preview->previewer;
  g_auto (GstLatentProgress) progress = GST_LATENT_PROGRESS_INIT;
  g_autoptr (GError) error = NULL;

  previewer->map = NULL;
  previewer->interval_ms = interval_ms;
  if (interval_ms == 0 || preview->without == model)
    return GST_FLOW_OK;

  if (!rd_model_has_preview_map (model))
    gst_latent_progress_begin (&progress, element, "load",
        "fitting the preview colours to the VAE decoder of %s",
        rd_model_folder (model));
  previewer->map = rd_model_preview_map (model, cancellable, &error);
  if (previewer->map) {
    gst_latent_progress_complete (&progress);
    return GST_FLOW_OK;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return GST_FLOW_FLUSHING;

  gst_latent_progress_do_without (&progress, error,
      "no previews for latents of %s", rd_model_folder (model));
  g_clear_pointer (&preview->without, rd_model_unref);
  preview->without = rd_model_ref (model);
  return GST_FLOW_OK;
}

static GstBuffer *
copy_picture (const GstVideoInfo * info, const guint8 * rgb, GstBuffer * latent)
{
  const gsize width = 3 * GST_VIDEO_INFO_WIDTH (info);
  GstBuffer *buffer =
      gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (info), NULL);

  gst_buffer_memset (buffer, 0, 0, -1);
  for (gint y = 0; y < GST_VIDEO_INFO_HEIGHT (info); y++)
    gst_buffer_fill (buffer, (gsize) y * GST_VIDEO_INFO_PLANE_STRIDE (info, 0),
        rgb + y * width, width);
  GST_BUFFER_PTS (buffer) = GST_BUFFER_PTS (latent);
  GST_BUFFER_DURATION (buffer) = GST_BUFFER_DURATION (latent);
  return buffer;
}

/*
 * gst_regional_preview_post:
 * @element: who works
 * @progress: the job's, open
 * @counters: where it is now
 * @width: of the picture
 * @height: of the picture
 * @rgb: its rows, 3 bytes a pixel and nothing between them
 * @latent: what the job is about, with its times
 * @segment: the latent's
 *
 * Posts a preview message, whose picture is its receiver's.
 */
void
gst_regional_preview_post (GstElement * element,
    const GstLatentProgress * progress, const RdProgress * counters,
    guint width, guint height, const guint8 * rgb, GstBuffer * latent,
    const GstSegment * segment)
{
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstBuffer) buffer = NULL;
  g_autoptr (GstSample) sample = NULL;
  GstVideoInfo info;
  GstStructure *s;

  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_RGB, width, height);
  caps = gst_video_info_to_caps (&info);
  buffer = copy_picture (&info, rgb, latent);
  sample = gst_sample_new (buffer, caps, segment, NULL);
  s = gst_structure_new ("regionalsampler-preview", "sample", GST_TYPE_SAMPLE,
      sample, NULL);
  gst_latent_progress_describe (progress, counters, s);
  GST_LOG_OBJECT (element, "%" GST_PTR_FORMAT, s);
  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element), s));
}
