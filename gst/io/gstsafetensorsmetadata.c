/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "io/gstsafetensorsmetadata.h"

#include <math.h>

#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("safetensorsmetadata",
    "metadata of .safetensors files");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

static void
write_double (GHashTable * metadata, const char *key, double value)
{
  char *text = g_malloc (G_ASCII_DTOSTR_BUF_SIZE);

  g_ascii_dtostr (text, G_ASCII_DTOSTR_BUF_SIZE, value);
  g_hash_table_insert (metadata, g_strdup (key), text);
}

/**
 * gst_latent_metadata_write:
 * @metadata: (element-type utf8 utf8): receives strings to be freed with
 *   g_free()
 * @info: latents
 *
 * Writes what @info says about the model, if anything.
 */
void
gst_latent_metadata_write (GHashTable * metadata, const GstLatentInfo * info)
{
  if (info->family[0] != '\0')
    g_hash_table_insert (metadata, g_strdup ("model-family"),
        g_strdup (info->family));
  if (info->downscale > 0)
    g_hash_table_insert (metadata, g_strdup ("downscale"),
        g_strdup_printf ("%u", info->downscale));
  if (info->scaling_factor > 0.0) {
    write_double (metadata, "scaling-factor", info->scaling_factor);
    write_double (metadata, "shift-factor", info->shift_factor);
  }
}

static gboolean
refuse (GError ** error, const char *key, const char *text, const char *wanted)
{
  GST_DEBUG ("%s is \"%s\"", key, text);
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "safetensors: __metadata__.%s is \"%s\", must be %s", key, text, wanted);
  return FALSE;
}

static gboolean
read_double (GHashTable * metadata, const char *key, double *value,
    GError ** error)
{
  const char *text = g_hash_table_lookup (metadata, key);
  char *end;

  if (text == NULL)
    return TRUE;
  *value = g_ascii_strtod (text, &end);
  if (end == text || *end != '\0' || !isfinite (*value))
    return refuse (error, key, text, "a finite number");
  return TRUE;
}

/**
 * gst_latent_metadata_read:
 * @metadata: (element-type utf8 utf8): a file's metadata
 * @info: latents; receives what is there about the model
 * @error: %RD_ERROR_INVALID: the key that is wrong
 *
 * The inverse of gst_latent_metadata_write(). Other keys are not looked at.
 */
gboolean
gst_latent_metadata_read (GHashTable * metadata, GstLatentInfo * info,
    GError ** error)
{
  const char *family = g_hash_table_lookup (metadata, "model-family");
  const char *downscale = g_hash_table_lookup (metadata, "downscale");

  if (family != NULL && g_strlcpy (info->family, family, sizeof info->family)
      >= sizeof info->family)
    return refuse (error, "model-family", family, "shorter");
  if (downscale != NULL) {
    guint64 value;

    if (!g_ascii_string_to_unsigned (downscale, 10, 1, G_MAXINT32, &value,
            NULL))
      return refuse (error, "downscale", downscale, "an integer from 1 up");
    info->downscale = value;
  }
  if (!read_double (metadata, "scaling-factor", &info->scaling_factor, error)
      || !read_double (metadata, "shift-factor", &info->shift_factor, error))
    return FALSE;
  if (info->scaling_factor < 0.0)
    return refuse (error, "scaling-factor", g_hash_table_lookup (metadata,
            "scaling-factor"), "positive");
  return TRUE;
}
