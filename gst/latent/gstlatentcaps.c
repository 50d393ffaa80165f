/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Latent caps in negotiation: what a model, a device and others' elements make
 * of them. */

#include "latent/gstlatenttensors.h"

#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("latentcaps", "caps of latents");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

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
  gst_latent_info_write_model (&info, wanted);
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
 * For who takes latents wherever they are. What suits @device comes first.
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

    in_system = gst_caps_merge_structure (in_system,
        gst_structure_has_name (s, GST_LATENT_TENSORS_MEDIA_TYPE)
        ? gst_latent_tensors_to_strided (s) : gst_structure_copy (s));
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
 * For who takes or gives latents as NNStreamer's elements know them, too: last,
 * because their caps say less.
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
fit (GstLatentInfo * info, const GstCaps * taken)
{
  info->tensors_rank = 0;
  if (is_taken (info, taken))
    return TRUE;
  info->on_device = FALSE;
  return is_taken (info, taken) || fit_tensors (info, taken);
}

/**
 * gst_latent_info_negotiate:
 * @info: latents, on a device if they can be
 * @taken: what downstream takes
 *
 * Sets how @info is written in caps, and whether it is on a device, to the
 * first that is taken: `tensor/strided` as it is, then in system memory, then
 * `other/tensors`.
 *
 * Returns: %FALSE if none is; @info is as it was, then
 */
gboolean
gst_latent_info_negotiate (GstLatentInfo * info, const GstCaps * taken)
{
  GstLatentInfo fitted = *info;

  if (!fit (&fitted, taken)) {
    GST_DEBUG ("%" GST_PTR_FORMAT " takes none of these latents", taken);
    return FALSE;
  }
  *info = fitted;
  return TRUE;
}
