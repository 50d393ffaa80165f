/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

#include "latent/gstlatentcaps.h"

#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("latentcaps", "caps of latents");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

static gboolean
read_framerate (const GstStructure * s, GstLatentInfo * info, GError ** error)
{
  if (!gst_structure_has_field (s, "framerate"))
    return TRUE;
  if (!gst_structure_get_fraction (s, "framerate", &info->fps_n, &info->fps_d))
    return gst_latent_refuse (error, "framerate must be a fraction");
  if (info->fps_n < 0)
    return gst_latent_refuse (error, "framerate is %d/%d, must not be negative",
        info->fps_n, info->fps_d);
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
  return gst_latent_refuse (error, "memory is %s, must be system memory or "
      GST_CAPS_FEATURE_MEMORY_LATENT_CUDA, text);
}

static gboolean
read_structure (const GstStructure * s, GstLatentInfo * info, GError ** error)
{
  if (gst_structure_has_name (s, GST_LATENT_MEDIA_TYPE))
    return gst_latent_strided_read (s, info, error);
  if (!gst_structure_has_name (s, GST_LATENT_TENSORS_MEDIA_TYPE))
    return gst_latent_refuse (error, "%s is neither " GST_LATENT_MEDIA_TYPE
        " nor " GST_LATENT_TENSORS_MEDIA_TYPE, gst_structure_get_name (s));
  if (info->on_device)
    return gst_latent_refuse (error, "memory of " GST_LATENT_TENSORS_MEDIA_TYPE
        " is " GST_CAPS_FEATURE_MEMORY_LATENT_CUDA ", must be system memory");
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
    return gst_latent_refuse (error, "not fixed");
  s = gst_caps_get_structure (caps, 0);

  gst_latent_info_init (&result);
  if (!read_memory (gst_caps_get_features (caps, 0), &result, error)
      || !read_structure (s, &result, error)
      || !read_framerate (s, &result, error)
      || !gst_latent_info_check (&result, error))
    return FALSE;
  *info = result;
  return TRUE;
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
  GstCaps *caps;

  if (info->tensors_rank > 0)
    return gst_latent_tensors_write (info);
  caps = gst_latent_strided_write (info);
  if (info->on_device)
    gst_caps_set_features_simple (caps,
        gst_caps_features_new (GST_CAPS_FEATURE_MEMORY_LATENT_CUDA, NULL));
  return caps;
}

/**
 * gst_latent_structure_get_dims:
 * @structure: of latent caps of either media type
 * @dims: (out): N, C, H, W
 *
 * Returns: whether there are dims, fixed and positive
 */
gboolean
gst_latent_structure_get_dims (const GstStructure * structure, guint dims[4])
{
  if (gst_structure_has_name (structure, GST_LATENT_TENSORS_MEDIA_TYPE))
    return gst_latent_tensors_get_dims (structure, dims, NULL);
  return gst_latent_strided_get_dims (structure, dims);
}

static gboolean
has_channels (GstCapsFeatures * features, GstStructure * structure,
    gpointer channels)
{
  guint dims[4];

  return !gst_latent_structure_get_dims (structure, dims)
      || dims[1] == GPOINTER_TO_UINT (channels);
}

/**
 * gst_latent_caps_of_model:
 * @caps: (transfer full): latent caps
 * @model: (nullable): a model, if known
 *
 * Returns: (transfer full): what of @caps can be @model's latents, with all its
 *   fields; so `tensor/strided` only, if there is a model
 */
GstCaps *
gst_latent_caps_of_model (GstCaps * caps, const RdModelInfo * model)
{
  g_autoptr (GstCaps) wanted = NULL;
  GstLatentInfo info;
  GstCaps *result;

  if (model == NULL)
    return caps;
  gst_latent_info_init (&info);
  gst_latent_info_set_model (&info, model);
  wanted = gst_caps_new_simple (GST_LATENT_MEDIA_TYPE,
      "channels", G_TYPE_INT, model->channels, NULL);
  gst_caps_set_features_simple (wanted, gst_caps_features_new_any ());
  gst_latent_strided_write_model (&info, wanted);
  caps = gst_caps_make_writable (caps);
  gst_caps_filter_and_map_in_place (caps, has_channels,
      GUINT_TO_POINTER (model->channels));
  result = gst_caps_intersect_full (caps, wanted, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref (caps);
  return result;
}

/**
 * gst_latent_caps_prefer_model:
 * @caps: (transfer full): latent caps
 * @model: (nullable): the model of who asks, if known
 *
 * For caps queries: puts gst_latent_caps_of_model() in front of @caps. An
 * element that can choose, like latentsrc, so learns what fits; one that cannot
 * is let through to a CAPS event, whose handler can say what is wrong
 * (gst_latent_info_check_model()) where a failed negotiation could not.
 *
 * Returns: (transfer full): caps
 */
GstCaps *
gst_latent_caps_prefer_model (GstCaps * caps, const RdModelInfo * model)
{
  GstCaps *result;

  if (model == NULL)
    return caps;
  result = gst_latent_caps_of_model (gst_caps_ref (caps), model);
  result = gst_caps_make_writable (result);
  gst_caps_append (result, caps);
  return result;
}

/**
 * gst_latent_caps_any_memory:
 * @caps: latent caps
 * @device: (nullable): where who asks works, if known
 *
 * For an element that takes latents in any memory and under any tensor-id. What
 * suits @device comes first.
 *
 * Returns: (transfer full): @caps as `tensor/strided` in system memory and in
 *   device memory
 */
GstCaps *
gst_latent_caps_any_memory (const GstCaps * caps, const RdDevice * device)
{
  GstCaps *in_system = gst_caps_new_empty ();
  GstCaps *on_device;

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    const GstStructure *s = gst_caps_get_structure (caps, i);
    GstStructure *strided =
        gst_structure_has_name (s, GST_LATENT_TENSORS_MEDIA_TYPE)
        ? gst_latent_tensors_to_strided (s) : gst_structure_copy (s);

    gst_latent_strided_set_any_id (strided);
    in_system = gst_caps_merge_structure (in_system, strided);
  }
  on_device = gst_caps_copy (in_system);
  gst_caps_set_features_simple (on_device,
      gst_caps_features_new (GST_CAPS_FEATURE_MEMORY_LATENT_CUDA, NULL));
  if (device != NULL && rd_device_is_cpu (device)) {
    gst_caps_append (in_system, on_device);
    return in_system;
  }
  gst_caps_append (on_device, in_system);
  return on_device;
}

/**
 * gst_latent_caps_add_tensors:
 * @caps: (transfer full): latent caps
 *
 * For an element that takes or gives latents as NNStreamer's elements describe
 * them, too: last, because their caps say less.
 *
 * Returns: (transfer full): @caps, and behind them what is `tensor/strided` in
 *   system memory as `other/tensors`
 */
GstCaps *
gst_latent_caps_add_tensors (GstCaps * caps)
{
  GstCaps *tensors = gst_caps_new_empty ();

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    const GstStructure *s = gst_caps_get_structure (caps, i);

    if (gst_structure_has_name (s, GST_LATENT_MEDIA_TYPE)
        && gst_caps_features_is_equal (gst_caps_get_features (caps, i),
            GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY))
      tensors = gst_caps_merge (tensors, gst_latent_tensors_from_strided (s));
  }
  return gst_caps_merge (caps, tensors);
}

static gboolean
is_taken (const GstLatentInfo * info, const GstCaps * taken)
{
  g_autoptr (GstCaps) caps = gst_latent_info_to_caps (info);

  return gst_caps_can_intersect (caps, taken);
}

/* Four numbers, as NNStreamer has always taken, else as many as are wanted. */
static gboolean
fit_tensors (GstLatentInfo * info, const GstCaps * taken)
{
  info->tensors_rank = 4;
  if (is_taken (info, taken))
    return TRUE;
  for (guint i = info->n > 1 ? 5 : GST_LATENT_TENSORS_MIN_RANK;
      i <= GST_LATENT_TENSORS_MAX_RANK; i++) {
    info->tensors_rank = i;
    if (is_taken (info, taken))
      return TRUE;
  }
  return FALSE;
}

static gboolean
fit_id (GstLatentInfo * info, const GstCaps * taken)
{
  info->old_id = FALSE;
  if (is_taken (info, taken))
    return TRUE;
  info->old_id = TRUE;
  return is_taken (info, taken);
}

static gboolean
fit (GstLatentInfo * info, const GstCaps * taken)
{
  info->tensors_rank = 0;
  if (fit_id (info, taken))
    return TRUE;
  info->on_device = FALSE;
  if (fit_id (info, taken))
    return TRUE;
  info->old_id = FALSE;
  return fit_tensors (info, taken);
}

/**
 * gst_latent_info_negotiate:
 * @info: latents, on a device if they can be
 * @taken: what downstream takes
 *
 * Sets how @info is written in caps, and whether it is on a device, to the
 * first that is taken: `tensor/strided` as it is, then in system memory, then
 * `other/tensors`. The old tensor-id is written where the new one is not taken.
 *
 * Returns: %FALSE if none is; @info is as it was, then
 */
gboolean
gst_latent_info_negotiate (GstLatentInfo * info, const GstCaps * taken)
{
  GstLatentInfo fitted = *info;

  if (!fit (&fitted, taken)) {
    GST_DEBUG ("%" GST_PTR_FORMAT " accepts none of these latents", taken);
    return FALSE;
  }
  *info = fitted;
  return TRUE;
}
