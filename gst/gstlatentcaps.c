/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Latent caps in negotiation: what a model and a device make of them. */

#include "gstlatent.h"

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
 *   fields
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
 * Returns: (transfer full): @caps in system memory and in device memory
 */
GstCaps *
gst_latent_caps_any_memory (const GstCaps * caps, const RdDevice * device)
{
  GstCaps *in_system = gst_caps_new_empty ();
  GstCaps *on_device;

  for (guint i = 0; i < gst_caps_get_size (caps); i++)
    in_system = gst_caps_merge_structure (in_system,
        gst_structure_copy (gst_caps_get_structure (caps, i)));
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
