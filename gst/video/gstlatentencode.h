/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "video/gstlatenttransform.h"

G_BEGIN_DECLS

#define GST_TYPE_LATENT_ENCODE (gst_latent_encode_get_type ())
G_DECLARE_FINAL_TYPE (GstLatentEncode, gst_latent_encode, GST, LATENT_ENCODE,
    GstLatentTransform);

GST_ELEMENT_REGISTER_DECLARE (latentencode);

G_END_DECLS
