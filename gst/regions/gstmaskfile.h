/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "regions/shape.h"

G_BEGIN_DECLS

RdMask *gst_mask_file_load (const gchar * path, const guint32 * color,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
