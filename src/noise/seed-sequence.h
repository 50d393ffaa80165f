/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:seed-sequence
 *
 * numpy's SeedSequence: makes many unrelated seeds of one number and the path
 * to whoever needs them.
 */

#define RD_SEED_SEQUENCE_MAX_POOL 32

void rd_seed_sequence (guint64 entropy, guint n_keys, const guint64 * keys,
    guint pool_size, guint n, guint32 * out);

G_END_DECLS
