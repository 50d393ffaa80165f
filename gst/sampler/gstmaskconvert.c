/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "sampler/gstmaskconvert.h"

#include "base/error.h"
#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("regionalsampler", "regional sampling");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/* the planes of A420 with brightness and with opacity */
#define LUMA 0
#define ALPHA 3

static RdMask *
mask_of_plane (GstVideoFrame * frame, guint plane)
{
  return rd_mask_new_from_gray8 (GST_VIDEO_FRAME_WIDTH (frame),
      GST_VIDEO_FRAME_HEIGHT (frame),
      GST_VIDEO_FRAME_PLANE_STRIDE (frame, plane),
      GST_VIDEO_FRAME_PLANE_DATA (frame, plane));
}

static RdMask *
mask_of_frame (GstVideoFrame * frame)
{
  g_autoptr (RdMask) luma = mask_of_plane (frame, LUMA);
  g_autoptr (RdMask) alpha = NULL;

  if (!luma || !GST_VIDEO_FORMAT_INFO_HAS_ALPHA (frame->info.finfo))
    return g_steal_pointer (&luma);
  alpha = mask_of_plane (frame, ALPHA);
  return alpha ? rd_mask_new_product (luma, alpha) : NULL;
}

/* Maps @out, a new picture that is what @in is in @format. */
static gboolean
convert_frame (GstVideoFrame * in, GstVideoFormat format, GstVideoFrame * out)
{
  g_autoptr (GstBuffer) buffer = NULL;
  GstVideoConverter *converter;
  GstVideoInfo info;

  gst_video_info_set_format (&info, format, GST_VIDEO_FRAME_WIDTH (in),
      GST_VIDEO_FRAME_HEIGHT (in));
  if (!GST_VIDEO_INFO_IS_RGB (&info)) {
    info.colorimetry.range = GST_VIDEO_COLOR_RANGE_0_255;
    info.colorimetry.matrix = GST_VIDEO_COLOR_MATRIX_BT601;
  }
  buffer = gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (&info), NULL);
  if (!buffer || !gst_video_frame_map (out, &info, buffer, GST_MAP_READWRITE))
    return FALSE;
  /* a mask's values are to be the same everywhere */
  converter = gst_video_converter_new (&in->info, &info,
      gst_structure_new ("options", GST_VIDEO_CONVERTER_OPT_DITHER_METHOD,
          GST_TYPE_VIDEO_DITHER_METHOD, GST_VIDEO_DITHER_NONE, NULL));
  if (!converter) {
    gst_video_frame_unmap (out);
    return FALSE;
  }
  gst_video_converter_frame (converter, in, out);
  gst_video_converter_free (converter);
  return TRUE;
}

/* The mask of a frame of RGB or of grey. */
static RdMask *
convert_rgb (GstVideoFrame * frame)
{
  GstVideoFrame gray;
  RdMask *mask;

  if (!convert_frame (frame, GST_VIDEO_FORMAT_INFO_HAS_ALPHA (frame->info.finfo)
          ? GST_VIDEO_FORMAT_A420 : GST_VIDEO_FORMAT_GRAY8, &gray))
    return NULL;
  mask = mask_of_frame (&gray);
  gst_video_frame_unmap (&gray);
  return mask;
}

/* The converter copies luma as it is, also where white is 235 and not 255, so
 * that YUV goes a longer way; in 16 bits, where white stays white. */
static RdMask *
convert (GstVideoFrame * frame)
{
  GstVideoFrame rgb;
  RdMask *mask;

  if (!GST_VIDEO_INFO_IS_YUV (&frame->info))
    return convert_rgb (frame);
  if (!convert_frame (frame, GST_VIDEO_FORMAT_ARGB64, &rgb))
    return NULL;
  mask = convert_rgb (&rgb);
  gst_video_frame_unmap (&rgb);
  return mask;
}

/*
 * gst_mask_convert:
 * @buffer: a picture
 * @info: its format, one of %GST_MASK_FORMATS
 * @error: return location for %RD_ERROR_INVALID, where the buffer has too few
 *   bytes, or %RD_ERROR_NO_MEMORY
 *
 * Returns: (transfer full) (nullable): the mask that it is: its brightness, times
 *   its opacity where it has one
 */
RdMask *
gst_mask_convert (GstBuffer * buffer, const GstVideoInfo * info,
    GError ** error)
{
  GstVideoFrame frame;
  RdMask *mask;

  if (!gst_video_frame_map (&frame, info, buffer, GST_MAP_READ)) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "the mask has %" G_GSIZE_FORMAT " bytes, one of %dx%d needs %"
        G_GSIZE_FORMAT, gst_buffer_get_size (buffer),
        GST_VIDEO_INFO_WIDTH (info), GST_VIDEO_INFO_HEIGHT (info),
        GST_VIDEO_INFO_SIZE (info));
    return NULL;
  }
  if (GST_VIDEO_INFO_FORMAT (info) == GST_VIDEO_FORMAT_GRAY8)
    mask = mask_of_plane (&frame, LUMA);
  else
    mask = convert (&frame);
  gst_video_frame_unmap (&frame);
  if (!mask)
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY,
        "no memory for a mask of %dx%d", GST_VIDEO_INFO_WIDTH (info),
        GST_VIDEO_INFO_HEIGHT (info));
  GST_TRACE ("%s of %dx%d", GST_VIDEO_INFO_NAME (info),
      GST_VIDEO_INFO_WIDTH (info), GST_VIDEO_INFO_HEIGHT (info));
  return mask;
}
