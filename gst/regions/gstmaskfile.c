/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/gstmaskfile.h"

#include <gst/pbutils/pbutils.h>
#include <gst/tag/tag.h>
#include <gst/video/video.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "common/gstlatentdebug.h"
#include "regions/color-map.h"

GST_LATENT_DEBUG_CATEGORY ("regionalsampler", "regional sampling");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/* a picture that takes longer than this to decode is none */
#define TIMEOUT_US (30 * G_USEC_PER_SEC)
/* how often the cancellable is looked at */
#define POLL (20 * GST_MSECOND)
/* bytes of a file that tell its format and orientation */
#define HEAD (128 * 1024)

#define FORMATS "PNG and JPEG are read here, other formats where GStreamer has " \
    "a decoder for them"

/* Markers of JPEG, ISO/IEC 10918-1 table B.1. */
#define APP0 0xe0
#define APP1 0xe1
#define APP15 0xef

#define EXIF "Exif\0"

/* The way a picture becomes one or more masks: what decodes it, how it is turned,
 * and what it was then. */
typedef struct
{
  const gchar *path;
  const gchar *decoder;
  GstVideoOrientationMethod orientation;
  GstSample *gray;              /* GRAY8 */
  GstSample *rgba;
} Picture;

static void
picture_clear (Picture * picture)
{
  g_clear_pointer (&picture->gray, gst_sample_unref);
  g_clear_pointer (&picture->rgba, gst_sample_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Picture, picture_clear);

/* How a camera was held, as it says in a segment of a JPEG file. jpegdec does not
 * read it. */
static GstVideoOrientationMethod
read_orientation (const guint8 * data, gsize size)
{
  GstVideoOrientationMethod orientation = GST_VIDEO_ORIENTATION_IDENTITY;
  gsize at = 2;

  while (at + 4 <= size && data[at] == 0xff && data[at + 1] >= APP0
      && data[at + 1] <= APP15) {
    const gsize length = GST_READ_UINT16_BE (data + at + 2);
    const guint8 *content = data + at + 4;

    if (length < 2 || at + 2 + length > size)
      break;
    if (data[at + 1] == APP1 && length > 2 + sizeof EXIF
        && memcmp (content, EXIF, sizeof EXIF) == 0) {
      g_autoptr (GstBuffer) exif = gst_buffer_new_memdup (content + sizeof EXIF,
          length - 2 - sizeof EXIF);
      g_autoptr (GstTagList) tags =
          gst_tag_list_from_exif_buffer_with_tiff_header (exif);

      if (tags)
        gst_video_orientation_from_tag (tags, &orientation);
      break;
    }
    at += 2 + length;
  }
  return orientation;
}

/* The decoders that keep every pixel's value; decodebin knows more formats
 * where it is installed. */
static gboolean
choose_decoder (Picture * picture, GError ** error)
{
  static const guint8 png[] = { 0x89, 'P', 'N', 'G' };
  static const guint8 jpeg[] = { 0xff, 0xd8, 0xff };
  g_autoptr (GstElementFactory) factory = NULL;
  g_autofree guint8 *head = g_malloc0 (HEAD);
  gsize size = 0;

  if (!rd_file_read_head (picture->path, head, HEAD, &size, error)) {
    g_prefix_error (error, "mask file ");
    return FALSE;
  }
  picture->decoder = "decodebin";
  if (memcmp (head, png, sizeof png) == 0) {
    picture->decoder = "pngdec";
  } else if (memcmp (head, jpeg, sizeof jpeg) == 0) {
    picture->decoder = "jpegdec";
    picture->orientation = read_orientation (head, size);
  }

  factory = gst_element_factory_find (picture->decoder);
  if (factory)
    return TRUE;
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "mask file %s cannot be decoded: GStreamer's element %s is not installed; "
      FORMATS, picture->path, picture->decoder);
  return FALSE;
}

/* Waits for the first picture. */
static gboolean
preroll (GstElement * pipeline, const gchar * path, GCancellable * cancellable,
    GError ** error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  const gint64 deadline = g_get_monotonic_time () + TIMEOUT_US;
  g_autofree gchar *missing = NULL;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  while (g_get_monotonic_time () < deadline) {
    g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (bus, POLL,
        GST_MESSAGE_ASYNC_DONE | GST_MESSAGE_ERROR | GST_MESSAGE_EOS
        | GST_MESSAGE_ELEMENT);
    g_autoptr (GError) cause = NULL;

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    if (message && !missing && gst_is_missing_plugin_message (message))
      missing = gst_missing_plugin_message_get_description (message);
    if (!message || GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT)
      continue;
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ASYNC_DONE)
      return TRUE;
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      gst_message_parse_error (message, &cause, NULL);
    if (missing)
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
          "mask file %s cannot be decoded: no %s is installed; " FORMATS
          "; install one, or save the file as PNG", path, missing);
    else
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
          "mask file %s cannot be decoded: %s; " FORMATS, path,
          cause ? cause->message : "it contains no picture");
    return FALSE;
  }
  g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
      "mask file %s took too long to decode", path);
  return FALSE;
}

static gchar *
describe_pipeline (const Picture * picture)
{
  g_autoptr (GEnumClass) orientations =
      g_type_class_ref (GST_TYPE_VIDEO_ORIENTATION_METHOD);
  const GEnumValue *orientation =
      g_enum_get_value (orientations, picture->orientation);
  g_autofree gchar *turn =
      picture->orientation == GST_VIDEO_ORIENTATION_IDENTITY ? g_strdup ("")
      : g_strdup_printf (" ! videoflip video-direction=%s",
      orientation->value_nick);

  return g_strdup_printf ("filesrc name=source ! %s ! videoconvert%s ! "
      "tee name=tee  "
      "tee. ! queue ! videoconvert ! video/x-raw,format=GRAY8 ! "
      "fakesink name=gray  "
      "tee. ! queue ! videoconvert ! video/x-raw,format=RGBA ! "
      "fakesink name=rgba", picture->decoder, turn);
}

static GstSample *
get_sample (GstElement * pipeline, const gchar * name)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), name);
  GstSample *sample;

  g_object_get (sink, "last-sample", &sample, NULL);
  return sample;
}

/* Decodes the first picture of the file. */
static gboolean
decode (Picture * picture, GCancellable * cancellable, GError ** error)
{
  g_autoptr (GstElement) pipeline = NULL, source = NULL;
  g_autofree gchar *description = NULL;
  gboolean prerolled;

  if (!choose_decoder (picture, error))
    return FALSE;

  description = describe_pipeline (picture);
  pipeline = gst_parse_launch_full (description, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (!pipeline) {
    g_prefix_error (error, "mask file %s: ", picture->path);
    return FALSE;
  }
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_object_set (source, "location", picture->path, NULL);
  prerolled = preroll (pipeline, picture->path, cancellable, error);
  if (prerolled) {
    picture->gray = get_sample (pipeline, "gray");
    picture->rgba = get_sample (pipeline, "rgba");
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (!prerolled || (picture->gray && picture->rgba))
    return prerolled;
  /* what ends without a picture prerolls, too */
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "mask file %s contains no picture", picture->path);
  return FALSE;
}

static gboolean
map_sample (GstVideoFrame * frame, const Picture * picture, GstSample * sample,
    GError ** error)
{
  GstVideoInfo info;

  if (gst_video_info_from_caps (&info, gst_sample_get_caps (sample))
      && gst_video_frame_map (frame, &info, gst_sample_get_buffer (sample),
          GST_MAP_READ))
    return TRUE;
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "mask file %s contains no picture", picture->path);
  return FALSE;
}

/* What masks are made of. */
typedef struct
{
  RdMask *luma;
  RdMask *alpha;                /* NULL where all is opaque */
  GHashTable *colors;           /* a colour that a region has to its mask */
} Parts;

static void
parts_clear (Parts * parts)
{
  g_clear_pointer (&parts->luma, rd_mask_unref);
  g_clear_pointer (&parts->alpha, rd_mask_unref);
  g_clear_pointer (&parts->colors, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear);

/* Returns: whether memory suffices */
static gboolean
paint_colors (Parts * parts, const RdColorMap * map, GPtrArray * regions)
{
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  g_autofree guint32 *colors = g_new (guint32, regions->len);
  g_autofree RdMask **masks = g_new (RdMask *, regions->len);
  guint n = 0;

  parts->colors = g_hash_table_new_full (NULL, NULL, NULL,
      (GDestroyNotify) rd_mask_unref);
  for (guint i = 0; i < regions->len; i++) {
    const RdShape *shape = &((RdRegion *) regions->pdata[i])->shape;

    if (shape->has_color
        && g_hash_table_add (known, GUINT_TO_POINTER (shape->color)))
      colors[n++] = shape->color;
  }
  if (n > 0 && !rd_color_map_paint (map, n, colors, masks))
    return FALSE;
  for (guint i = 0; i < n; i++)
    g_hash_table_insert (parts->colors, GUINT_TO_POINTER (colors[i]), masks[i]);
  return TRUE;
}

static RdMask *
choose_part (const Parts * parts, const RdShape * shape)
{
  RdMask *part = shape->has_color ? g_hash_table_lookup (parts->colors,
      GUINT_TO_POINTER (shape->color)) : parts->luma;

  if (shape->channel == RD_CHANNEL_LUMA || !parts->alpha)
    return rd_mask_ref (part);
  if (shape->channel == RD_CHANNEL_ALPHA)
    return rd_mask_ref (parts->alpha);
  return rd_mask_new_product (part, parts->alpha);
}

/* A picture that is opaque has no opacity that could be a mask. */
static RdMask *
choose_mask (const Parts * parts, const RdShape * shape)
{
  g_autoptr (RdMask) mask = NULL;

  if (shape->channel == RD_CHANNEL_ALPHA && !parts->alpha) {
    mask = rd_mask_new (parts->luma->width, parts->luma->height);
    if (!mask || shape->invert)
      return g_steal_pointer (&mask);
    return rd_mask_new_inverse (mask);
  }
  mask = choose_part (parts, shape);
  if (!mask || !shape->invert)
    return g_steal_pointer (&mask);
  return rd_mask_new_inverse (mask);
}

static void
warn_of_alpha (const Parts * parts, const RdRegion * region,
    GPtrArray * warnings)
{
  const RdShape *shape = &region->shape;

  if (shape->channel == RD_CHANNEL_ALPHA && !parts->alpha)
    g_ptr_array_add (warnings, g_strdup_printf ("%s: the mask %s is opaque "
            "everywhere, so that its channel \"alpha\" says nothing; remove "
            "\"channel\"", region->id, shape->file));
  if (shape->channel == RD_CHANNEL_BOTH && !shape->has_color && parts->alpha
      && !rd_mask_is_full (parts->luma, parts->alpha))
    g_ptr_array_add (warnings,
        g_strdup_printf ("%s: the mask %s is transparent "
            "in places and not white in others, and the region is where it is "
            "both opaque and white; say \"channel\": \"alpha\" or \"luma\" if "
            "one of them is the mask, and \"invert\": true if the other way "
            "round", region->id, shape->file));
}

/* Returns: whether memory suffices */
static gboolean
split (const Picture * picture, GstVideoFrame * gray, GstVideoFrame * rgba,
    GPtrArray * regions, GPtrArray * warnings)
{
  const guint width = GST_VIDEO_FRAME_WIDTH (rgba);
  const guint height = GST_VIDEO_FRAME_HEIGHT (rgba);
  const RdColorMap map = { width, height,
    GST_VIDEO_FRAME_PLANE_STRIDE (rgba, 0),
    GST_VIDEO_FRAME_PLANE_DATA (rgba, 0)
  };
  g_auto (Parts) parts = { NULL };

  parts.luma = rd_mask_new_from_gray8 (width, height,
      GST_VIDEO_FRAME_PLANE_STRIDE (gray, 0),
      GST_VIDEO_FRAME_PLANE_DATA (gray, 0));
  parts.alpha = rd_mask_new_from_alpha (width, height, map.stride, map.rgba);
  if (!parts.luma || !parts.alpha || !paint_colors (&parts, &map, regions))
    return FALSE;
  if (rd_mask_is_full (parts.alpha, NULL))
    g_clear_pointer (&parts.alpha, rd_mask_unref);

  for (guint i = 0; i < regions->len; i++) {
    RdRegion *region = regions->pdata[i];
    RdShape *shape = &region->shape;
    g_autoptr (RdMask) mask = choose_mask (&parts, shape);

    if (!mask)
      return FALSE;
    if (shape->has_color && rd_mask_is_empty (mask))
      shape->nearest_color = rd_color_map_nearest (&map, shape->color);
    warn_of_alpha (&parts, region, warnings);
    rd_shape_set_mask (shape, mask);
  }
  GST_DEBUG ("%s: %ux%u, decoded by %s, %s", picture->path, width, height,
      picture->decoder, parts.alpha ? "transparent in places" : "opaque");
  return TRUE;
}

/*
 * gst_mask_file_load:
 * @path: a picture
 * @regions: (element-type RdRegion): those whose mask is this file; their shapes
 *   receive the mask
 * @warnings: (element-type utf8): receives what people should know
 * @cancellable: (nullable): ends the wait for the decoder
 * @error: as rd_file_check(); %RD_ERROR_INVALID: not a picture;
 *   %RD_ERROR_FAILED: nothing came for long; %RD_ERROR_NO_MEMORY;
 *   %G_IO_ERROR_CANCELLED
 *
 * Decodes the first picture of a file with GStreamer's own elements, turns it as
 * its EXIF data says, and makes of it what each shape asks for.
 */
gboolean
gst_mask_file_load (const gchar * path, GPtrArray * regions,
    GPtrArray * warnings, GCancellable * cancellable, GError ** error)
{
  g_auto (Picture) picture = { path };
  GstVideoFrame gray, rgba;
  gboolean done = FALSE;

  if (!decode (&picture, cancellable, error)
      || !map_sample (&gray, &picture, picture.gray, error))
    return FALSE;
  if (map_sample (&rgba, &picture, picture.rgba, error)) {
    done = split (&picture, &gray, &rgba, regions, warnings);
    gst_video_frame_unmap (&rgba);
    if (!done)
      g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY,
          "no memory for the mask file %s", path);
  }
  gst_video_frame_unmap (&gray);
  return done;
}
