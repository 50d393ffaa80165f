/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:brownian
 *
 * Brownian motion that can be looked at anywhere, any number of times and in
 * any order, and is always the same: torchsde's BrownianTree, which stochastic
 * samplers take their noise from so that it does not depend on how a schedule
 * is cut into steps.
 */

typedef struct _RdBrownian RdBrownian;

RdBrownian *rd_brownian_new (guint64 seed, double sigma_min, double sigma_max,
    gsize n);
void rd_brownian_free (RdBrownian * tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdBrownian, rd_brownian_free)

void rd_brownian_noise (RdBrownian * tree, double sigma, double sigma_next,
    float *out);

void rd_brownian_randn (RdTensor * out, guint64 seed, double sigma_min,
    double sigma_max, double sigma, double sigma_next);

double rd_brownian_time (double sigma);

G_END_DECLS
