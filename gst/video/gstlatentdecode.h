/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "video/gstlatenttransform.h"

G_BEGIN_DECLS

#define GST_TYPE_LATENT_DECODE (gst_latent_decode_get_type ())
G_DECLARE_FINAL_TYPE (GstLatentDecode, gst_latent_decode, GST, LATENT_DECODE,
    GstLatentTransform);

GST_ELEMENT_REGISTER_DECLARE (latentdecode);

G_END_DECLS
