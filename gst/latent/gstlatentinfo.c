/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "latent/gstlatentinfo.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("latentcaps", "caps of latents");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

static const RdType latent_types[] = { RD_TYPE_F32, RD_TYPE_F16 };

/**
 * gst_latent_info_init:
 * @info: what to fill
 *
 * Sets @info to float32 latents of no size, no rate and an unknown model.
 */
void
gst_latent_info_init (GstLatentInfo * info)
{
  memset (info, 0, sizeof *info);
  info->type = RD_TYPE_F32;
  info->fps_d = 1;
}

/**
 * gst_latent_info_check:
 * @info: an info that was filled by hand
 * @error: %RD_ERROR_SHAPE: a size is 0 or the whole is too large
 *
 * Checks that @info describes latents that can exist.
 */
gboolean
gst_latent_info_check (const GstLatentInfo * info, GError ** error)
{
  const guint dims[] = { info->n, info->channels, info->height, info->width };
  guint64 size = rd_type_size (info->type);

  for (guint i = 0; i < G_N_ELEMENTS (dims); i++) {
    if (dims[i] == 0)
      return gst_latent_refuse (error, "dims[%u] is 0, must be > 0", i);
    if (dims[i] > GST_LATENT_MAX_SIZE / size)
      return gst_latent_refuse (error,
          "dims <%u, %u, %u, %u> exceed the %" G_GSIZE_FORMAT
          " bytes that a latent can have; use smaller pictures or batches",
          dims[0], dims[1], dims[2], dims[3], GST_LATENT_MAX_SIZE);
    size *= dims[i];
  }
  if (info->downscale > 0
      && MAX (info->width, info->height) > G_MAXINT / info->downscale)
    return gst_latent_refuse (error, "%ux%u cells of %u pixels exceed the "
        "maximum size of a picture",
        info->width, info->height, info->downscale);
  return TRUE;
}

/**
 * gst_latent_info_size:
 * @info: an info that gst_latent_info_check() accepts
 *
 * Returns: bytes in a buffer
 */
gsize
gst_latent_info_size (const GstLatentInfo * info)
{
  return rd_type_size (info->type) * info->n * info->channels * info->height *
      info->width;
}

/**
 * gst_latent_type_from_name:
 * @name: (nullable): as caps name it
 * @type: (out): set on success
 *
 * Returns: whether latents can be of this element type
 */
gboolean
gst_latent_type_from_name (const char *name, RdType * type)
{
  for (guint i = 0; i < G_N_ELEMENTS (latent_types); i++) {
    if (g_strcmp0 (name, rd_type_name (latent_types[i])) == 0) {
      *type = latent_types[i];
      return TRUE;
    }
  }
  return FALSE;
}

/**
 * gst_latent_refuse:
 * @error: return location for %RD_ERROR_SHAPE
 * @format: what is wrong with caps, and what it must be
 * @...: arguments of @format
 *
 * Sets @error, for a function that reads caps.
 *
 * Returns: %FALSE
 */
gboolean
gst_latent_refuse (GError ** error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  GST_DEBUG ("%s", text);
  g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "latent caps: %s", text);
  return FALSE;
}

static void
append_misfit (GString * text, const char *side, guint pixels, guint downscale)
{
  const guint below = pixels - pixels % downscale;

  if (below == pixels)
    return;
  g_string_append_printf (text, "%s%s %u is not a multiple of %u, use ",
      text->len > 0 ? "; " : "", side, pixels, downscale);
  if (below > 0)
    g_string_append_printf (text, "%u or ", below);
  g_string_append_printf (text, "%u", below + downscale);
}

/**
 * gst_latent_info_set_picture:
 * @info: latents
 * @width: columns of a picture, at most %G_MAXINT32
 * @height: rows
 * @downscale: picture pixels per latent cell and side, at least 1
 * @error: %RD_ERROR_SHAPE: a side that is not a multiple of @downscale, and the
 *   nearest that are
 *
 * Sets size and downscale of @info to those of the picture's latents.
 */
gboolean
gst_latent_info_set_picture (GstLatentInfo * info, guint width, guint height,
    guint downscale, GError ** error)
{
  g_autoptr (GString) misfit = g_string_new (NULL);

  append_misfit (misfit, "width", width, downscale);
  append_misfit (misfit, "height", height, downscale);
  if (misfit->len > 0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "a picture of %ux%u pixels "
        "cannot be encoded to latents: %s", width, height, misfit->str);
    return FALSE;
  }
  info->width = width / downscale;
  info->height = height / downscale;
  info->downscale = downscale;
  return TRUE;
}

/**
 * gst_latent_info_set_model:
 * @info: latents
 * @model: the model that they are for
 *
 * Sets the fields of @info that say what model latents belong to. Channels are
 * not touched.
 */
void
gst_latent_info_set_model (GstLatentInfo * info, const RdModelInfo * model)
{
  g_strlcpy (info->family, model->family->name, sizeof info->family);
  info->downscale = model->downscale;
  info->scaling_factor = model->takes_scaled ? 0.0 : model->scaling_factor;
  info->shift_factor = model->takes_scaled ? 0.0 : model->shift_factor;
}

/**
 * gst_latent_info_check_model:
 * @info: latents
 * @model: the model that shall take them
 * @error: %RD_ERROR_SHAPE: what does not fit
 *
 * Checks that latents are ones of @model's VAE. What their caps leave open is
 * taken to fit.
 */
gboolean
gst_latent_info_check_model (const GstLatentInfo * info, RdModel * model,
    GError ** error)
{
  const RdModelInfo *wanted = rd_model_info (model);
  const char *folder = rd_model_folder (model);

  if (info->channels != wanted->channels) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "latents have %u channels, "
        "but the model %s expects %u; use latents from the same model",
        info->channels, folder, wanted->channels);
    return FALSE;
  }
  if (info->downscale > 0 && info->downscale != wanted->downscale) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "latents have one cell per "
        "%u picture pixels, but the model %s has one per %u; use latents from "
        "the same model", info->downscale, folder, wanted->downscale);
    return FALSE;
  }
  if (info->scaling_factor > 0.0 && !wanted->takes_scaled
      && (fabs (info->scaling_factor - wanted->scaling_factor) > 1e-6
          || fabs (info->shift_factor - wanted->shift_factor) > 1e-6)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "latents are from another "
        "VAE (scaling factor %s, shift %s) than that of the model %s (%s, %s); "
        "use latents from the same model",
        rd_text_number ("%g", info->scaling_factor).text,
        rd_text_number ("%g", info->shift_factor).text, folder,
        rd_text_number ("%g", wanted->scaling_factor).text,
        rd_text_number ("%g", wanted->shift_factor).text);
    return FALSE;
  }
  return TRUE;
}
