/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gst/gst.h>

static gboolean
plugin_init (GstPlugin * plugin)
{
  return TRUE;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, regional,
    "Region-prompted latent diffusion", plugin_init, VERSION, "LGPL", PACKAGE,
    "Unknown package origin")
