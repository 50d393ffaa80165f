/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* the value of an enum property that takes the base's choice */
#define GST_REGIONAL_INHERIT (-1)
/* and that of one that the core chooses for itself */
#define GST_REGIONAL_AUTO (-1)

#define GST_TYPE_REGIONAL_MODE (gst_regional_mode_get_type ())
GType gst_regional_mode_get_type (void);

#define GST_TYPE_REGIONAL_SAMPLER_NAME (gst_regional_sampler_name_get_type ())
GType gst_regional_sampler_name_get_type (void);

#define GST_TYPE_REGIONAL_SCHEDULER_NAME \
    (gst_regional_scheduler_name_get_type ())
GType gst_regional_scheduler_name_get_type (void);

#define GST_TYPE_MASK_PAD_SAMPLER_NAME (gst_mask_pad_sampler_name_get_type ())
GType gst_mask_pad_sampler_name_get_type (void);

#define GST_TYPE_MASK_PAD_SCHEDULER_NAME (gst_mask_pad_scheduler_name_get_type ())
GType gst_mask_pad_scheduler_name_get_type (void);

#define GST_TYPE_REGIONAL_KEEP_SOFTNESS (gst_regional_keep_softness_get_type ())
GType gst_regional_keep_softness_get_type (void);

#define GST_TYPE_REGIONAL_ADDITIONAL_MODE \
    (gst_regional_additional_mode_get_type ())
GType gst_regional_additional_mode_get_type (void);

#define GST_TYPE_REGIONAL_ADDITIONAL_SAMPLER \
    (gst_regional_additional_sampler_get_type ())
GType gst_regional_additional_sampler_get_type (void);

#define GST_TYPE_REGIONAL_NOISE_SOURCE \
    (gst_regional_noise_source_get_type ())
GType gst_regional_noise_source_get_type (void);

#define GST_TYPE_REGIONAL_SEED_MODE (gst_regional_seed_mode_get_type ())
GType gst_regional_seed_mode_get_type (void);

#define GST_TYPE_REGIONAL_SEED_2ND_MODE (gst_regional_seed_2nd_mode_get_type ())
GType gst_regional_seed_2nd_mode_get_type (void);

#define GST_TYPE_MASK_PAD_VARIATION_METHOD \
    (gst_mask_pad_variation_method_get_type ())
GType gst_mask_pad_variation_method_get_type (void);

gint gst_regional_enum_value (GType type, const gchar * nick);
const gchar *gst_regional_enum_nick (GType type, gint value);

G_END_DECLS
