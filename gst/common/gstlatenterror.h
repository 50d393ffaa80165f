/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

void gst_latent_error_post (GstElement * element, const GError * error);
GstFlowReturn gst_latent_error_flow (GstElement * element,
    const GError * error);

G_END_DECLS
