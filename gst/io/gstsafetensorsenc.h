/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_SAFETENSORS_ENC (gst_safetensors_enc_get_type ())
G_DECLARE_FINAL_TYPE (GstSafetensorsEnc, gst_safetensors_enc, GST,
    SAFETENSORS_ENC, GstBaseTransform);

GST_ELEMENT_REGISTER_DECLARE (safetensorsenc);

G_END_DECLS
