/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/base/gstpushsrc.h>

G_BEGIN_DECLS

#define GST_TYPE_LATENT_SRC (gst_latent_src_get_type ())
G_DECLARE_FINAL_TYPE (GstLatentSrc, gst_latent_src, GST, LATENT_SRC,
    GstPushSrc);

GST_ELEMENT_REGISTER_DECLARE (latentsrc);

G_END_DECLS
