/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:noise
 *
 * Standard normal noise, equal to torch's CPU generator (float32), which is
 * what ComfyUI starts from. Successive draws continue one stream.
 */

typedef struct _RdGenerator RdGenerator;

RdGenerator *rd_generator_new (guint64 seed);
void rd_generator_free (RdGenerator * generator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdGenerator, rd_generator_free)

void rd_generator_randn (RdGenerator * generator, gsize n, float *out);

G_END_DECLS
