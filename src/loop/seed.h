/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "loop/job.h"

G_BEGIN_DECLS

/**
 * SECTION:seed-mode
 *
 * The seed of one job after the other.
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

G_END_DECLS
