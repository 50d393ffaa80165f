/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

#include "device/philox-ops.h"

G_BEGIN_DECLS

/**
 * SECTION:philox
 *
 * A counter-based generator: Philox4x32-10 (Salmon, Moraes, Dror and Shaw,
 * "Parallel Random Numbers: As Easy as 1, 2, 3", 2011). Every number is a
 * function of its place, so that a device makes them all at once, and what it
 * makes does not depend on how many threads it has.
 */

void rd_philox_randn (guint64 seed, guint64 offset, gsize n, float *out);
void rd_philox_randn_rows (guint64 seed, guint64 draw, gsize n_rows, gsize n,
    float *out);

G_END_DECLS
