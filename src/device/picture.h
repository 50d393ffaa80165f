/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:picture
 *
 * Between RGB pictures of bytes and the float pictures that autoencoders take
 * and give: (1,3,H,W), -1 black to 1 white. The device converts, so that only
 * bytes go there and come back. Rows may have any distance; what is between
 * them is not touched.
 */

/* bytes in the device's memory */
RdTensor *rd_picture_unpack (RdStream * stream, guint width, guint height,
    gsize stride, const guint8 * rgb, GError ** error);
gboolean rd_picture_pack (const RdTensor * picture, gsize stride, guint8 * rgb,
    GError ** error);

/* bytes in the host's */
RdTensor *rd_picture_to_tensor (RdStream * stream, guint width, guint height,
    gsize stride, const guint8 * rgb, GError ** error);
gboolean rd_picture_from_tensor (const RdTensor * picture, gsize stride,
    guint8 * rgb, GError ** error);

G_END_DECLS
