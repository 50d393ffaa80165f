/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "video/gstlatentvideo.h"

#include "common/gstlatentdebug.h"
#include "latent/gstlatentcaps.h"

GST_LATENT_DEBUG_CATEGORY ("latentcaps", "caps of latents");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

#define ANY_PICTURE \
    "video/x-raw, format = (string) RGB, width = (int) [ 1, max ], " \
    "height = (int) [ 1, max ], framerate = (fraction) [ 0/1, max ]"

/* Batches make one picture for each row, at as many times the rate. */
static void
set_framerate (GstStructure * s, const GstStructure * latent, guint n)
{
  const GValue *rate = gst_structure_get_value (latent, "framerate");
  gint fps_n, fps_d;

  if (rate != NULL && n == 1)
    gst_structure_set_value (s, "framerate", rate);
  else if (rate != NULL && GST_VALUE_HOLDS_FRACTION (rate)
      && gst_util_fraction_multiply (gst_value_get_fraction_numerator (rate),
          gst_value_get_fraction_denominator (rate), n, 1, &fps_n, &fps_d))
    gst_structure_set (s, "framerate", GST_TYPE_FRACTION, fps_n, fps_d, NULL);
}

static void
set_size (GstStructure * s, const guint dims[4], const RdModelInfo * model)
{
  if (dims[1] == model->channels
      && MAX (dims[2], dims[3]) <= G_MAXINT / model->downscale)
    gst_structure_set (s, "width", G_TYPE_INT, dims[3] * model->downscale,
        "height", G_TYPE_INT, dims[2] * model->downscale, NULL);
}

/**
 * gst_latent_caps_to_video:
 * @caps: latent caps, fixed or not
 * @model: (nullable): whose, if known; else any size goes with any
 *
 * Latents that are not @model's make pictures of any size here: see
 * gst_latent_caps_from_video().
 *
 * Returns: (transfer full): what pictures these latents can be of
 */
GstCaps *
gst_latent_caps_to_video (const GstCaps * caps, const RdModelInfo * model)
{
  GstCaps *result = gst_caps_new_empty ();

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    const GstStructure *latent = gst_caps_get_structure (caps, i);
    GstStructure *s = gst_structure_from_string (ANY_PICTURE, NULL);
    guint dims[4];

    if (gst_latent_structure_get_dims (latent, dims)) {
      set_framerate (s, latent, dims[0]);
      if (model != NULL)
        set_size (s, dims, model);
    }
    result = gst_caps_merge_structure (result, s);
  }
  GST_TRACE ("%" GST_PTR_FORMAT " are of %" GST_PTR_FORMAT, caps, result);
  return result;
}

static void
set_dims (GstStructure * latent, const GstStructure * video,
    const RdModelInfo * model)
{
  gint width, height;
  GstLatentInfo info;
  guint dims[4];

  if (!gst_structure_get_int (video, "width", &width)
      || !gst_structure_get_int (video, "height", &height))
    return;
  gst_latent_info_init (&info);
  info.n = 1;
  info.channels = model->channels;
  if (!gst_latent_info_set_picture (&info, width, height, model->downscale,
          NULL) || !gst_latent_info_check (&info, NULL))
    return;
  dims[0] = info.n;
  dims[1] = info.channels;
  dims[2] = info.height;
  dims[3] = info.width;
  gst_latent_strided_set_dims (latent, dims);
}

/**
 * gst_latent_caps_from_video:
 * @caps: picture caps, fixed or not
 * @model: (nullable): whose, if known; else any size goes with any
 *
 * A size that is not a multiple of @model's pixels per cell has latents of any
 * size here: so elements can be linked, and whoever takes the CAPS event can
 * say what is wrong.
 *
 * Returns: (transfer full): what latents of one picture these can have
 */
GstCaps *
gst_latent_caps_from_video (const GstCaps * caps, const RdModelInfo * model)
{
  GstCaps *result = gst_caps_new_empty ();

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    const GstStructure *video = gst_caps_get_structure (caps, i);
    const GValue *rate = gst_structure_get_value (video, "framerate");
    GstStructure *s = gst_structure_from_string (GST_LATENT_CAPS, NULL);

    if (rate != NULL)
      gst_structure_set_value (s, "framerate", rate);
    if (model != NULL)
      set_dims (s, video, model);
    result = gst_caps_merge_structure (result, s);
  }
  GST_TRACE ("%" GST_PTR_FORMAT " have %" GST_PTR_FORMAT, caps, result);
  return result;
}
