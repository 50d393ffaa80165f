/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "models/model.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatentvideo
 *
 * Which picture caps belong to which latent caps, for negotiation.
 */

GstCaps *gst_latent_caps_to_video (const GstCaps * caps,
    const RdModelInfo * model);
GstCaps *gst_latent_caps_from_video (const GstCaps * caps,
    const RdModelInfo * model);

G_END_DECLS
