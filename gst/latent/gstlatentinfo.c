/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "latent/gstlatentinfo.h"

#include <math.h>
#include <string.h>

#include "common/gstlatentdebug.h"
#include "latent/gstlatenttensors.h"

GST_LATENT_DEBUG_CATEGORY ("latentcaps", "caps of latents");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

static const RdType latent_types[] = { RD_TYPE_F32, RD_TYPE_F16 };

G_GNUC_PRINTF (2, 3)
static gboolean
refuse (GError ** error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  GST_DEBUG ("%s", text);
  g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "latent caps: %s", text);
  return FALSE;
}

/**
 * gst_latent_info_init:
 * @info: what to fill
 *
 * Sets @info to float32 latents of no size, no rate and an unknown model.
 */
void
gst_latent_info_init (GstLatentInfo * info)
{
  *info = (GstLatentInfo) {
    .type = RD_TYPE_F32,
    .fps_n = 0,
    .fps_d = 1,
  };
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
      return refuse (error, "dims[%u] is 0, must be > 0", i);
    if (dims[i] > GST_LATENT_MAX_SIZE / size)
      return refuse (error, "dims <%u, %u, %u, %u> exceed the %" G_GSIZE_FORMAT
          " bytes that a latent may have; use smaller pictures or batches",
          dims[0], dims[1], dims[2], dims[3], GST_LATENT_MAX_SIZE);
    size *= dims[i];
  }
  if (info->downscale > 0
      && MAX (info->width, info->height) > G_MAXINT / info->downscale)
    return refuse (error, "%ux%u cells of %u pixels make no picture size",
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

static gboolean
read_name (const GstStructure * s, const char *field, const char *expected,
    GError ** error)
{
  const char *name = gst_structure_get_string (s, field);

  if (g_strcmp0 (name, expected) == 0)
    return TRUE;
  return refuse (error, "%s is %s, must be (string) %s", field,
      name ? name : "missing", expected);
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

static gboolean
read_type (const GstStructure * s, RdType * type, GError ** error)
{
  const char *name = gst_structure_get_string (s, "type");

  if (gst_latent_type_from_name (name, type))
    return TRUE;
  return refuse (error, "type is %s, must be (string) float32 or float16",
      name ? name : "missing");
}

/**
 * gst_latent_structure_get_dims:
 * @structure: of latent caps
 * @dims: (out): N, C, H, W
 *
 * Returns: whether there are dims, fixed and positive
 */
gboolean
gst_latent_structure_get_dims (const GstStructure * structure, guint dims[4])
{
  const GValue *array = gst_structure_get_value (structure, "dims");

  if (gst_structure_has_name (structure, GST_LATENT_TENSORS_MEDIA_TYPE))
    return gst_latent_tensors_get_dims (structure, dims, NULL);
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
 * gst_latent_structure_set_dims:
 * @strided: of caps `tensor/strided`
 * @dims: N, C, H, W
 *
 * Fixes the dims.
 */
void
gst_latent_structure_set_dims (GstStructure * strided, const guint dims[4])
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
read_dims (const GstStructure * s, GstLatentInfo * info, GError ** error)
{
  guint dims[4];
  gint channels;

  if (!gst_latent_structure_get_dims (s, dims)) {
    const GValue *value = gst_structure_get_value (s, "dims");
    g_autofree char *text = value ? gst_value_serialize (value) : NULL;

    return refuse (error, "dims are %s, must be (int) < N, C, H, W >, all "
        "above 0", text ? text : "missing");
  }
  if (gst_structure_get_int (s, "channels", &channels)
      && channels != (gint) dims[1])
    return refuse (error, "channels is %d, but dims[1] is %u", channels,
        dims[1]);
  info->n = dims[0];
  info->channels = dims[1];
  info->height = dims[2];
  info->width = dims[3];
  return TRUE;
}

static gboolean
read_framerate (const GstStructure * s, GstLatentInfo * info, GError ** error)
{
  if (!gst_structure_has_field (s, "framerate"))
    return TRUE;
  if (!gst_structure_get_fraction (s, "framerate", &info->fps_n, &info->fps_d))
    return refuse (error, "framerate must be a fraction");
  if (info->fps_n < 0)
    return refuse (error, "framerate is %d/%d, must not be negative",
        info->fps_n, info->fps_d);
  return TRUE;
}

static gboolean
read_model (const GstStructure * s, GstLatentInfo * info, GError ** error)
{
  if (gst_structure_has_field (s, "model-family")) {
    const char *family = gst_structure_get_string (s, "model-family");

    if (family == NULL || strlen (family) >= sizeof info->family)
      return refuse (error, "model-family must be a string of less than %d "
          "bytes", GST_LATENT_FAMILY_SIZE);
    g_strlcpy (info->family, family, sizeof info->family);
  }
  if (gst_structure_has_field (s, "downscale")) {
    gint downscale;

    if (!gst_structure_get_int (s, "downscale", &downscale) || downscale <= 0)
      return refuse (error, "downscale must be an int > 0");
    info->downscale = downscale;
  }
  if (gst_structure_has_field (s, "scaling-factor")
      && (!gst_structure_get_double (s, "scaling-factor",
              &info->scaling_factor) || !isfinite (info->scaling_factor)
          || info->scaling_factor <= 0.0))
    return refuse (error, "scaling-factor must be a double > 0");
  if (gst_structure_has_field (s, "shift-factor")
      && (!gst_structure_get_double (s, "shift-factor", &info->shift_factor)
          || !isfinite (info->shift_factor)))
    return refuse (error, "shift-factor must be a finite double");
  return TRUE;
}

static gboolean
read_memory (const GstCapsFeatures * features, GstLatentInfo * info,
    GError ** error)
{
  g_autofree gchar *text = NULL;

  if (gst_caps_features_is_equal (features,
          GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY))
    return TRUE;
  info->on_device = gst_caps_features_get_size (features) == 1
      && gst_caps_features_contains (features,
      GST_CAPS_FEATURE_MEMORY_LATENT_CUDA);
  if (info->on_device)
    return TRUE;
  text = gst_caps_features_to_string (features);
  return refuse (error, "memory is %s, must be system memory or "
      GST_CAPS_FEATURE_MEMORY_LATENT_CUDA, text);
}

static gboolean
read_strided (const GstStructure * s, GstLatentInfo * info, GError ** error)
{
  if (!gst_structure_has_name (s, GST_LATENT_MEDIA_TYPE))
    return refuse (error, "%s is neither " GST_LATENT_MEDIA_TYPE " nor "
        GST_LATENT_TENSORS_MEDIA_TYPE, gst_structure_get_name (s));
  return read_name (s, "tensor-id", "latent", error)
      && read_name (s, "dims-order", "row-major", error)
      && read_type (s, &info->type, error)
      && read_dims (s, info, error)
      && read_model (s, info, error);
}

static gboolean
read_tensors (const GstStructure * s, GstLatentInfo * info, GError ** error)
{
  if (info->on_device)
    return refuse (error, "memory of " GST_LATENT_TENSORS_MEDIA_TYPE " is "
        GST_CAPS_FEATURE_MEMORY_LATENT_CUDA ", must be system memory");
  return gst_latent_tensors_read (s, info, error);
}

/**
 * gst_latent_info_from_caps:
 * @info: (out): filled on success
 * @caps: fixed caps
 * @error: %RD_ERROR_SHAPE: the field that is wrong, and what it must be
 *
 * Reads latent caps of either media type. A missing framerate is 0/1; of the
 * model's fields any may be missing, and `other/tensors` has none.
 *
 * Returns: %FALSE if @caps do not describe latents
 */
gboolean
gst_latent_info_from_caps (GstLatentInfo * info, const GstCaps * caps,
    GError ** error)
{
  GstLatentInfo result;
  const GstStructure *s;

  if (!gst_caps_is_fixed (caps))
    return refuse (error, "not fixed");
  s = gst_caps_get_structure (caps, 0);

  gst_latent_info_init (&result);
  if (!read_memory (gst_caps_get_features (caps, 0), &result, error)
      || !(gst_structure_has_name (s, GST_LATENT_TENSORS_MEDIA_TYPE)
          ? read_tensors : read_strided) (s, &result, error)
      || !read_framerate (s, &result, error)
      || !gst_latent_info_check (&result, error))
    return FALSE;
  *info = result;
  return TRUE;
}

/**
 * gst_latent_info_write_model:
 * @info: latents
 * @caps: caps `tensor/strided`
 *
 * Sets those of the model's fields that are known.
 */
void
gst_latent_info_write_model (const GstLatentInfo * info, GstCaps * caps)
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
 * gst_latent_info_to_caps:
 * @info: an info that gst_latent_info_check() accepts
 *
 * The inverse of gst_latent_info_from_caps(). Fields of an unknown model are
 * left out.
 *
 * Returns: (transfer full): fixed caps
 */
GstCaps *
gst_latent_info_to_caps (const GstLatentInfo * info)
{
  const guint dims[] = { info->n, info->channels, info->height, info->width };
  GstCaps *caps;

  if (info->tensors_rank > 0)
    return gst_latent_tensors_write (info);
  caps = gst_caps_new_simple (GST_LATENT_MEDIA_TYPE,
      "tensor-id", G_TYPE_STRING, "latent",
      "type", G_TYPE_STRING, rd_type_name (info->type),
      "dims-order", G_TYPE_STRING, "row-major",
      "framerate", GST_TYPE_FRACTION, info->fps_n, info->fps_d, NULL);
  gst_latent_structure_set_dims (gst_caps_get_structure (caps, 0), dims);
  gst_latent_info_write_model (info, caps);
  if (info->on_device)
    gst_caps_set_features_simple (caps,
        gst_caps_features_new (GST_CAPS_FEATURE_MEMORY_LATENT_CUDA, NULL));
  return caps;
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
        "has no latents: %s", width, height, misfit->str);
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
  g_strlcpy (info->family, model->family, sizeof info->family);
  info->downscale = model->downscale;
  info->scaling_factor = model->scaling_factor;
  info->shift_factor = model->shift_factor;
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
        "the model %s takes %u; make them with the same model", info->channels,
        folder, wanted->channels);
    return FALSE;
  }
  if (info->downscale > 0 && info->downscale != wanted->downscale) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "latents have one cell per "
        "%u picture pixels, the model %s one per %u; make them with the same "
        "model", info->downscale, folder, wanted->downscale);
    return FALSE;
  }
  if (info->scaling_factor > 0.0
      && (fabs (info->scaling_factor - wanted->scaling_factor) > 1e-6
          || fabs (info->shift_factor - wanted->shift_factor) > 1e-6)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE, "latents are of another VAE "
        "(scaling factor %g, shift %g) than the model %s (%g, %g); make them "
        "with the same model", info->scaling_factor, info->shift_factor,
        folder, wanted->scaling_factor, wanted->shift_factor);
    return FALSE;
  }
  return TRUE;
}
