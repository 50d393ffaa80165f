/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "config.h"

#include <gst/gst.h>

#include "io/gstlatentsrc.h"
#include "io/gstsafetensorsdec.h"
#include "io/gstsafetensorsenc.h"
#include "io/gstsafetensorstype.h"
#include "regions/gstregionmeta.h"
#include "regions/gstregionmetadata.h"
#include "sampler/gstregionalsampler.h"
#include "video/gstlatentdecode.h"
#include "video/gstlatentencode.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  gboolean ret = FALSE;

  gst_region_metadata_register ();
  ret |= GST_ELEMENT_REGISTER (latentsrc, plugin);
  ret |= GST_ELEMENT_REGISTER (latentencode, plugin);
  ret |= GST_ELEMENT_REGISTER (latentdecode, plugin);
  ret |= GST_ELEMENT_REGISTER (regionalsampler, plugin);
  ret |= GST_ELEMENT_REGISTER (safetensorsdec, plugin);
  ret |= GST_ELEMENT_REGISTER (regionmeta, plugin);
  ret |= GST_ELEMENT_REGISTER (safetensorsenc, plugin);
  ret |= GST_TYPE_FIND_REGISTER (safetensors, plugin);
  return ret;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, regional,
    "Region-prompted latent diffusion", plugin_init, VERSION, GST_LICENSE,
    GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN);
