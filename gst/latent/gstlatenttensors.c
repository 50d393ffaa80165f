/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "latent/gstlatenttensors.h"

#include "common/gstlatentdebug.h"
#include "latent/gstlatentstrided.h"

GST_LATENT_DEBUG_CATEGORY ("latentcaps", "caps of latents");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/* Dimensions are a string, innermost first, which GStreamer compares letter by
 * letter: "8:8:4" and "8:8:4:1" are two things to it, and one to NNStreamer,
 * whose elements take over a peer's way of writing where they can. Who can
 * write both offers a structure for each. */

static char *
describe (const GstStructure * tensors, const char *field)
{
  const GValue *value = gst_structure_get_value (tensors, field);

  return value != NULL ? gst_value_serialize (value) : g_strdup ("missing");
}

static gboolean
expect (const GstStructure * tensors, const char *field, gboolean is_right,
    const char *wanted, GError ** error)
{
  g_autofree char *text = NULL;

  if (is_right)
    return TRUE;
  text = describe (tensors, field);
  GST_DEBUG ("%" GST_PTR_FORMAT " has %s %s, not %s", tensors, field, text,
      wanted);
  g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "latent caps: %s of "
      GST_LATENT_TENSORS_MEDIA_TYPE " is %s, must be %s", field, text, wanted);
  return FALSE;
}

/**
 * gst_latent_tensors_get_dims:
 * @tensors: of caps `other/tensors`
 * @dims: (out): N, C, H, W
 * @rank: (out) (optional): how many numbers there are in the string
 *
 * Returns: whether there are dimensions, fixed, positive, and no more than four
 *   of them above 1
 */
gboolean
gst_latent_tensors_get_dims (const GstStructure * tensors, guint dims[4],
    guint * rank)
{
  const char *text = gst_structure_get_string (tensors, "dimensions");
  g_auto (GStrv) parts = NULL;
  guint n;

  if (text == NULL)
    return FALSE;
  parts = g_strsplit (text, ":", GST_LATENT_TENSORS_MAX_RANK + 1);
  n = g_strv_length (parts);
  if (n < GST_LATENT_TENSORS_MIN_RANK || n > GST_LATENT_TENSORS_MAX_RANK)
    return FALSE;
  dims[0] = 1;
  for (guint i = 0; i < n; i++) {
    guint64 size;

    if (!g_ascii_string_to_unsigned (parts[i], 10, 1,
            i < 4 ? G_MAXINT32 : 1, &size, NULL))
      return FALSE;
    if (i < 4)
      dims[3 - i] = size;
  }
  if (rank != NULL)
    *rank = n;
  return TRUE;
}

static char *
write_dims (const guint dims[4], guint rank)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < rank; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? ":" : "",
        i < 4 ? dims[3 - i] : 1);
  return g_string_free (text, FALSE);
}

/**
 * gst_latent_tensors_read:
 * @tensors: of fixed caps `other/tensors`
 * @info: what to fill, but for the framerate
 * @error: %RD_ERROR_SHAPE: the field that is wrong, and what it must be
 *
 * Returns: %FALSE if @tensors do not describe latents
 */
gboolean
gst_latent_tensors_read (const GstStructure * tensors, GstLatentInfo * info,
    GError ** error)
{
  guint dims[4];
  gint count;

  if (!expect (tensors, "format", g_strcmp0 (gst_structure_get_string (tensors,
                  "format"), "static") == 0, "(string) static", error)
      || !expect (tensors, "num_tensors", gst_structure_get_int (tensors,
              "num_tensors", &count) && count == 1, "(int) 1", error)
      || !expect (tensors, "types", gst_latent_type_from_name
          (gst_structure_get_string (tensors, "types"), &info->type),
          "(string) float32 or float16", error)
      || !expect (tensors, "dimensions", gst_latent_tensors_get_dims (tensors,
              dims, &info->tensors_rank), "(string) W:H:C:N, all above 0; N "
          "may be omitted if it is 1, and any further dimensions must be 1",
          error))
    return FALSE;
  info->n = dims[0];
  info->channels = dims[1];
  info->height = dims[2];
  info->width = dims[3];
  return TRUE;
}

/**
 * gst_latent_tensors_write:
 * @info: an info that gst_latent_info_check() accepts, with a rank of tensors
 *
 * The inverse of gst_latent_tensors_read(), with the framerate.
 *
 * Returns: (transfer full): fixed caps
 */
GstCaps *
gst_latent_tensors_write (const GstLatentInfo * info)
{
  const guint dims[] = { info->n, info->channels, info->height, info->width };
  g_autofree char *text = write_dims (dims, info->tensors_rank);

  return gst_caps_new_simple (GST_LATENT_TENSORS_MEDIA_TYPE,
      "format", G_TYPE_STRING, "static",
      "num_tensors", G_TYPE_INT, 1,
      "types", G_TYPE_STRING, rd_type_name (info->type),
      "dimensions", G_TYPE_STRING, text,
      "framerate", GST_TYPE_FRACTION, info->fps_n, info->fps_d, NULL);
}

static void
copy_field (GstStructure * to, const char *name, const GstStructure * from,
    const char *from_name)
{
  const GValue *value = gst_structure_get_value (from, from_name);

  if (value != NULL)
    gst_structure_set_value (to, name, value);
}

static gboolean
has_type (const GstStructure * strided, const char *name)
{
  const GValue *types = gst_structure_get_value (strided, "type");
  g_auto (GValue) type = G_VALUE_INIT;

  g_value_init (&type, G_TYPE_STRING);
  g_value_set_static_string (&type, name);
  return types == NULL || gst_value_intersect (NULL, types, &type);
}

static GstStructure *
tensors_of_type (const GstStructure * strided, const char *type)
{
  GstStructure *tensors =
      gst_structure_from_string (GST_LATENT_TENSORS_CAPS_OF ("float32"), NULL);

  gst_structure_set (tensors, "types", G_TYPE_STRING, type, NULL);
  copy_field (tensors, "framerate", strided, "framerate");
  return tensors;
}

/**
 * gst_latent_tensors_from_strided:
 * @strided: of caps `tensor/strided`, fixed or not
 *
 * Returns: (transfer full): the same latents as `other/tensors`, with four
 *   numbers and with three, if dims are fixed
 */
GstCaps *
gst_latent_tensors_from_strided (const GstStructure * strided)
{
  const char *const types[] = {
    rd_type_name (RD_TYPE_F32), rd_type_name (RD_TYPE_F16)
  };
  GstCaps *caps = gst_caps_new_empty ();
  guint dims[4];
  const gboolean fixed = gst_latent_strided_get_dims (strided, dims);
  const guint min_rank = fixed && dims[0] == 1
      ? GST_LATENT_TENSORS_MIN_RANK : 4;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    if (!has_type (strided, types[i]))
      continue;
    for (guint rank = 4; rank >= min_rank; rank--) {
      GstStructure *tensors = tensors_of_type (strided, types[i]);
      g_autofree char *text = fixed ? write_dims (dims, rank) : NULL;

      if (fixed)
        gst_structure_set (tensors, "dimensions", G_TYPE_STRING, text, NULL);
      gst_caps_append_structure (caps, tensors);
    }
  }
  return caps;
}

/**
 * gst_latent_tensors_to_strided:
 * @tensors: of caps `other/tensors`, fixed or not
 *
 * Returns: (transfer full): the same latents as `tensor/strided`
 */
GstStructure *
gst_latent_tensors_to_strided (const GstStructure * tensors)
{
  GstStructure *strided = gst_structure_from_string (GST_LATENT_CAPS, NULL);
  guint dims[4];

  copy_field (strided, "type", tensors, "types");
  copy_field (strided, "framerate", tensors, "framerate");
  if (gst_latent_tensors_get_dims (tensors, dims, NULL))
    gst_latent_strided_set_dims (strided, dims);
  return strided;
}
