/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "regions/region.h"

G_BEGIN_DECLS

void gst_mask_pad_settings_install (GObjectClass * klass, guint first_id);
gboolean gst_mask_pad_settings_set (RdRegion * region, guint i,
    const GValue * value);
gboolean gst_mask_pad_settings_get (const RdRegion * region, guint i,
    GValue * value);

G_END_DECLS
