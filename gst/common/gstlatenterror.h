/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "common/gstlatentdebug.h"

G_BEGIN_DECLS

/**
 * gst_latent_error_post:
 * @element: who failed
 * @error: why; not a cancellation
 *
 * Posts @error as an error message of the line that calls this. Call it with no
 * lock held. See gst_latent_error_post_at().
 */
#define gst_latent_error_post(element, error) \
    gst_latent_error_post_at (element, error, NULL, GST_LATENT_HERE)

/**
 * gst_latent_error_flow:
 * @element: who failed
 * @error: why
 *
 * Returns: %GST_FLOW_FLUSHING for a cancellation; else posts @error as an error
 *   message of the line that calls this and returns %GST_FLOW_ERROR
 */
#define gst_latent_error_flow(element, error) \
    gst_latent_error_flow_at (element, error, GST_LATENT_HERE)

void gst_latent_error_post_at (GstElement * element, const GError * error,
    const char *during, const GstLatentPlace * place);
GstFlowReturn gst_latent_error_flow_at (GstElement * element,
    const GError * error, const GstLatentPlace * place);
char *gst_latent_error_describe (GstElement * element, const GError * error,
    const char *during);

G_END_DECLS
