/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_SAFETENSORS_DEC (gst_safetensors_dec_get_type ())
G_DECLARE_FINAL_TYPE (GstSafetensorsDec, gst_safetensors_dec, GST,
    SAFETENSORS_DEC, GstElement);

GST_ELEMENT_REGISTER_DECLARE (safetensorsdec);

G_END_DECLS
