/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "latent/gstlatentstrided.h"

#include <math.h>
#include <string.h>

#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("latentcaps", "caps of latents");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/**
 * gst_latent_strided_get_dims:
 * @strided: of caps `tensor/strided`
 * @dims: (out): N, C, H, W
 *
 * Returns: whether there are dims, fixed and positive
 */
gboolean
gst_latent_strided_get_dims (const GstStructure * strided, guint dims[4])
{
  const GValue *array = gst_structure_get_value (strided, "dims");

  if (array == NULL || !GST_VALUE_HOLDS_ARRAY (array)
      || gst_value_array_get_size (array) != 4)
    return FALSE;
  for (guint i = 0; i < 4; i++) {
    const GValue *value = gst_value_array_get_value (array, i);

    if (!G_VALUE_HOLDS_INT (value) || g_value_get_int (value) <= 0)
      return FALSE;
    dims[i] = g_value_get_int (value);
  }
  return TRUE;
}

/**
 * gst_latent_strided_set_dims:
 * @strided: of caps `tensor/strided`
 * @dims: N, C, H, W
 *
 * Fixes the dims.
 */
void
gst_latent_strided_set_dims (GstStructure * strided, const guint dims[4])
{
  g_auto (GValue) array = G_VALUE_INIT;

  gst_value_array_init (&array, 4);
  for (guint i = 0; i < 4; i++) {
    GValue value = G_VALUE_INIT;

    g_value_init (&value, G_TYPE_INT);
    g_value_set_int (&value, dims[i]);
    gst_value_array_append_and_take_value (&array, &value);
  }
  gst_structure_set_value (strided, "dims", &array);
}

static gboolean
read_name (const GstStructure * s, const char *field, const char *expected,
    GError ** error)
{
  const char *name = gst_structure_get_string (s, field);

  if (g_strcmp0 (name, expected) == 0)
    return TRUE;
  return gst_latent_refuse (error, "%s is %s, must be (string) %s", field,
      name ? name : "missing", expected);
}

static gboolean
read_type (const GstStructure * s, RdType * type, GError ** error)
{
  const char *name = gst_structure_get_string (s, "type");

  if (gst_latent_type_from_name (name, type))
    return TRUE;
  return gst_latent_refuse (error,
      "type is %s, must be (string) float32 or float16",
      name ? name : "missing");
}

static gboolean
read_dims (const GstStructure * s, GstLatentInfo * info, GError ** error)
{
  guint dims[4];
  gint channels;

  if (!gst_latent_strided_get_dims (s, dims)) {
    const GValue *value = gst_structure_get_value (s, "dims");
    g_autofree char *text = value ? gst_value_serialize (value) : NULL;

    return gst_latent_refuse (error,
        "dims are %s, must be (int) < N, C, H, W >, all above 0",
        text ? text : "missing");
  }
  if (gst_structure_get_int (s, "channels", &channels)
      && channels != (gint) dims[1])
    return gst_latent_refuse (error, "channels is %d, but dims[1] is %u",
        channels, dims[1]);
  info->n = dims[0];
  info->channels = dims[1];
  info->height = dims[2];
  info->width = dims[3];
  return TRUE;
}

static gboolean
read_model (const GstStructure * s, GstLatentInfo * info, GError ** error)
{
  if (gst_structure_has_field (s, "model-family")) {
    const char *family = gst_structure_get_string (s, "model-family");

    if (family == NULL || strlen (family) >= sizeof info->family)
      return gst_latent_refuse (error,
          "model-family must be a string of less than %d bytes",
          GST_LATENT_FAMILY_SIZE);
    g_strlcpy (info->family, family, sizeof info->family);
  }
  if (gst_structure_has_field (s, "downscale")) {
    gint downscale;

    if (!gst_structure_get_int (s, "downscale", &downscale) || downscale <= 0)
      return gst_latent_refuse (error, "downscale must be an int > 0");
    info->downscale = downscale;
  }
  if (gst_structure_has_field (s, "scaling-factor")
      && (!gst_structure_get_double (s, "scaling-factor",
              &info->scaling_factor) || !isfinite (info->scaling_factor)
          || info->scaling_factor <= 0.0))
    return gst_latent_refuse (error, "scaling-factor must be a double > 0");
  if (gst_structure_has_field (s, "shift-factor")
      && (!gst_structure_get_double (s, "shift-factor", &info->shift_factor)
          || !isfinite (info->shift_factor)))
    return gst_latent_refuse (error, "shift-factor must be a finite double");
  return TRUE;
}

static gboolean
read_id (const GstStructure * s, GstLatentInfo * info, GError ** error)
{
  const char *id = gst_structure_get_string (s, "tensor-id");

  info->old_id = g_strcmp0 (id, GST_LATENT_OLD_ID) == 0;
  if (info->old_id || g_strcmp0 (id, GST_LATENT_ID) == 0)
    return TRUE;
  return gst_latent_refuse (error, "tensor-id is %s, must be (string) "
      GST_LATENT_ID, id ? id : "missing");
}

/**
 * gst_latent_strided_read:
 * @strided: of fixed caps
 * @info: what to fill, but for memory and framerate
 * @error: %RD_ERROR_SHAPE: the field that is wrong, and what it must be
 *
 * Reads caps `tensor/strided`. Fields of the model may be missing.
 *
 * Returns: %FALSE if @strided does not describe latents
 */
gboolean
gst_latent_strided_read (const GstStructure * strided, GstLatentInfo * info,
    GError ** error)
{
  return read_id (strided, info, error)
      && read_name (strided, "dims-order", "row-major", error)
      && read_type (strided, &info->type, error)
      && read_dims (strided, info, error)
      && read_model (strided, info, error);
}

/**
 * gst_latent_strided_write_model:
 * @info: latents
 * @caps: caps `tensor/strided`
 *
 * Sets those of the model's fields that are known.
 */
void
gst_latent_strided_write_model (const GstLatentInfo * info, GstCaps * caps)
{
  if (info->family[0] != '\0')
    gst_caps_set_simple (caps, "model-family", G_TYPE_STRING, info->family,
        NULL);
  if (info->downscale > 0)
    gst_caps_set_simple (caps, "downscale", G_TYPE_INT, info->downscale, NULL);
  if (info->scaling_factor > 0.0)
    gst_caps_set_simple (caps, "scaling-factor", G_TYPE_DOUBLE,
        info->scaling_factor, NULL);
  if (info->scaling_factor > 0.0 || info->shift_factor != 0.0)
    gst_caps_set_simple (caps, "shift-factor", G_TYPE_DOUBLE,
        info->shift_factor, NULL);
}

/**
 * gst_latent_strided_write:
 * @info: an info that gst_latent_info_check() accepts
 *
 * The inverse of gst_latent_strided_read(), with the framerate. Fields of an
 * unknown model are left out.
 *
 * Returns: (transfer full): fixed caps in system memory
 */
GstCaps *
gst_latent_strided_write (const GstLatentInfo * info)
{
  const guint dims[] = { info->n, info->channels, info->height, info->width };
  const char *id = info->old_id ? GST_LATENT_OLD_ID : GST_LATENT_ID;
  GstCaps *caps = gst_caps_new_simple (GST_LATENT_MEDIA_TYPE,
      "tensor-id", G_TYPE_STRING, id,
      "type", G_TYPE_STRING, rd_type_name (info->type),
      "dims-order", G_TYPE_STRING, "row-major",
      "framerate", GST_TYPE_FRACTION, info->fps_n, info->fps_d, NULL);

  if (info->old_id)
    GST_DEBUG ("writing the old tensor-id, because no other is taken");
  gst_latent_strided_set_dims (gst_caps_get_structure (caps, 0), dims);
  gst_latent_strided_write_model (info, caps);
  return caps;
}

/**
 * gst_latent_strided_set_any_id:
 * @strided: of caps `tensor/strided`
 *
 * Lets the tensor-id be any that latents have, the best first.
 */
void
gst_latent_strided_set_any_id (GstStructure * strided)
{
  g_autoptr (GstStructure) any = gst_structure_from_string (GST_LATENT_CAPS,
      NULL);

  gst_structure_set_value (strided, "tensor-id",
      gst_structure_get_value (any, "tensor-id"));
}
