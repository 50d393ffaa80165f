/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "regions/region.h"

G_BEGIN_DECLS

gboolean gst_mask_file_load (const gchar * path, GPtrArray * regions,
    GPtrArray * warnings, GCancellable * cancellable, GError ** error);

G_END_DECLS
