/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "base/setting.h"

G_BEGIN_DECLS

/*
 * GST_REGIONAL_PROPERTY_FLAGS:
 *
 * Of all properties here: they take effect with the next latent.
 */
#define GST_REGIONAL_PROPERTY_FLAGS (G_PARAM_READWRITE | \
    G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

GParamFlags gst_regional_property_flags (const RdSetting * setting);
GParamSpec *gst_regional_property_new (const RdSetting * setting,
    GType enum_type, GParamFlags flags);
void gst_regional_property_set (const RdSetting * setting, gpointer fields,
    const GValue * value);
void gst_regional_property_get (const RdSetting * setting,
    gconstpointer fields, GValue * value);

G_END_DECLS
