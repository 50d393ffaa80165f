/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "loop/job.h"

G_BEGIN_DECLS

/**
 * SECTION:seed-2nd
 *
 * The seed of the noise that mode `impact-simple` adds before the regions
 * begin.
 */

gboolean rd_seed_2nd (const RdJob * job, guint64 * seed, GError ** error);
gboolean rd_seed_2nd_advance (RdJob * job, guint64 n_before);

G_END_DECLS
