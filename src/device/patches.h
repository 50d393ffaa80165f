/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:patches
 *
 * Planes as sequences of square patches, as transformers take them: (N,C,H,W)
 * becomes (N,L,F), L = H/size * W/size patches row by row, F = C * size * size
 * numbers of each by channel, then row, then column in the patch.
 */

void rd_patches_read (RdTensor * out, const RdTensor * in, guint size);
void rd_patches_write (RdTensor * out, const RdTensor * in, guint size);

G_END_DECLS
