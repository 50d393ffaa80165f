/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The networks of a build without ONNX Runtime: there are none. */

#include "networks/networks.h"

static gpointer
refuse (const char *path, GError ** error)
{
  g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
      "%s cannot be loaded: this build has no ONNX Runtime; install it (see "
      "tools/setup) and configure with -Donnxruntime=enabled", path);
  return NULL;
}

RdDenoiser *
rd_unet_new (const char *path, const RdRuntime * runtime,
    RdPrediction * prediction, guint channels, guint multiple, GError ** error)
{
  return refuse (path, error);
}

RdTextEncoder *
rd_text_encoder_new (const char *path, const RdRuntime * runtime,
    guint width, GError ** error)
{
  return refuse (path, error);
}

void
rd_text_encoder_free (RdTextEncoder * encoder)
{
  g_return_if_reached ();
}

RdTensor *
rd_text_encoder_run (RdTextEncoder * encoder, RdStream * stream, guint n,
    const gint * ids, GCancellable * cancellable, GError ** error)
{
  g_return_val_if_reached (NULL);
}

RdVae *
rd_vae_new (const char *path, const RdRuntime * runtime,
    guint channels_in, guint channels_out, GError ** error)
{
  return refuse (path, error);
}

void
rd_vae_free (RdVae * vae)
{
  g_return_if_reached ();
}

gboolean
rd_vae_run (RdVae * vae, RdTensor * in, RdTensor * out,
    GCancellable * cancellable, GError ** error)
{
  g_return_val_if_reached (FALSE);
}

/* Without networks any device will do. */
gboolean
rd_runtime_has_device (RdDevice * device, GError ** error)
{
  return TRUE;
}

gboolean
rd_runtime_try_device (RdDevice * device, GError ** error)
{
  return TRUE;
}
