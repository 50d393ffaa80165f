/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "common/gstlatentdebug.h"

G_BEGIN_DECLS

gboolean gst_latent_link_check_at (GstElement * element, GstPad * sink,
    const char *remedy, const GstLatentPlace * place);
gboolean gst_latent_link_check_segment_at (GstElement * element, GstPad * pad,
    GstEvent * event, const GstLatentPlace * place);
char *gst_latent_link_describe_refusal (GstPad * src);
void gst_latent_link_post_flow_at (GstElement * element, GstPad * src,
    GstFlowReturn flow, const GstLatentPlace * place);

/**
 * gst_latent_link_check:
 *
 * gst_latent_link_check_at() from here.
 */
#define gst_latent_link_check(element, sink, remedy) \
    gst_latent_link_check_at (element, sink, remedy, GST_LATENT_HERE)

/**
 * gst_latent_link_check_segment:
 *
 * gst_latent_link_check_segment_at() from here.
 */
#define gst_latent_link_check_segment(element, pad, event) \
    gst_latent_link_check_segment_at (element, pad, event, GST_LATENT_HERE)

/**
 * gst_latent_link_post_flow:
 *
 * gst_latent_link_post_flow_at() from here.
 */
#define gst_latent_link_post_flow(element, src, flow) \
    gst_latent_link_post_flow_at (element, src, flow, GST_LATENT_HERE)

G_END_DECLS
