/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "common/gstlatentdebug.h"

G_BEGIN_DECLS

/**
 * GST_LATENT_FLOW_FAILED:
 *
 * What an element returns upstream after an error message of its own. It is the
 * end of the stream, as nothing more is taken: a source ends its stream for it as
 * for %GST_FLOW_ERROR, and sends EOS to all that is linked to it, so that nobody
 * waits. But for %GST_FLOW_ERROR sources, queues and the like post "Internal data
 * stream error" as well, and whoever reads the last error of a pipeline reads that
 * one. %GST_FLOW_FLUSHING stops a source without EOS, so that the other branches of
 * a pipeline never end. Elements with a chain function return what
 * gst_latent_error_end() does.
 */
#define GST_LATENT_FLOW_FAILED GST_FLOW_EOS

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
 *   message of the line that calls this and returns %GST_LATENT_FLOW_FAILED
 */
#define gst_latent_error_flow(element, error) \
    gst_latent_error_flow_at (element, error, GST_LATENT_HERE)

void gst_latent_error_post_at (GstElement * element, const GError * error,
    const char *during, const GstLatentPlace * place);
GstFlowReturn gst_latent_error_flow_at (GstElement * element,
    const GError * error, const GstLatentPlace * place);
GstFlowReturn gst_latent_error_end (GstElement * element);
char *gst_latent_error_describe (GstElement * element, const GError * error,
    const char *during);

G_END_DECLS
