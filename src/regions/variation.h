/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RdVariationMethod:
 * @RD_VARIATION_LINEAR: the weighted sum, scaled to the variance of noise
 * @RD_VARIATION_SLERP: along the arc between the two
 *
 * How a region's own noise is mixed into the noise that it starts from.
 */
typedef enum
{
  RD_VARIATION_LINEAR,
  RD_VARIATION_SLERP,
} RdVariationMethod;

G_END_DECLS
