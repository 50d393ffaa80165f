/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#define GST_USE_UNSTABLE_API
/* *INDENT-OFF* */
#include <gst/cuda/gstcudaloader.h>
#include <gst/cuda/gstcudacontext.h>
#include <gst/cuda/gstcudamemory.h>
#include <gst/cuda/gstcudabufferpool.h>
#include <gst/cuda/gstcudautils.h>
/* *INDENT-ON* */

#include "device/device.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatentcudaprimary
 *
 * The primary context of a device, in which our work is done, as GStreamer's
 * CUDA library knows contexts. The library makes none of that kind by itself,
 * but wraps those that it is given.
 */

gboolean gst_latent_cuda_primary_have_driver (void);
gboolean gst_latent_cuda_primary_is (RdDevice * device, GstCudaContext * context);
GstCudaContext *gst_latent_cuda_primary_get (RdDevice * device);

G_END_DECLS
