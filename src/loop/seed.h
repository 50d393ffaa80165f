/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/job.h"

G_BEGIN_DECLS

/**
 * SECTION:seed
 *
 * The seeds of one job after the other, and the seed of the noise that mode
 * `impact-simple` adds before the regions begin.
 */

/**
 * RdSeedMode:
 * @RD_SEED_FIXED: the same for every job
 * @RD_SEED_INCREMENT: one more with every job
 * @RD_SEED_RANDOM: another one for every job
 */
typedef enum
{
  RD_SEED_FIXED,
  RD_SEED_INCREMENT,
  RD_SEED_RANDOM,
} RdSeedMode;

guint64 rd_seed_draw (void);
gboolean rd_seed_advance (RdJob * job, RdSeedMode mode, guint64 n_before);
gboolean rd_seed_2nd (const RdJob * job, guint64 * seed, GError ** error);
gboolean rd_seed_2nd_advance (RdJob * job, guint64 n_before);

G_END_DECLS
