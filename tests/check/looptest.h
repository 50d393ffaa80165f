/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "analytic.h"
#include "loop/loop.h"

G_BEGIN_DECLS

/* Runs of the loop with a closed-form denoiser, and what they leave in every
 * cell. */

#define RD_LOOP_CHANNELS 4
#define RD_LOOP_SIDE 16         /* latent cells */
#define RD_LOOP_CELLS (RD_LOOP_SIDE * RD_LOOP_SIDE)
#define RD_LOOP_DOWNSCALE 8
#define RD_LOOP_ROWS 4         /* seeds at once: rows are independent */
#define RD_LOOP_STEPS 12

/**
 * RdLoopRegion:
 * @sampler: its solver's name
 * @scheduler: its scheduler's
 * @mean: of its prompt
 * @box: x0, y0, x1, y1 in picture pixels
 */
typedef struct
{
  const char *sampler, *scheduler;
  double mean;
  double box[4];
  double feather, strength;
  int z;
  double start, end;
} RdLoopRegion;

/**
 * RdLoopTrace:
 * @n_steps: completed steps
 * @mean: after every step, by cell, over rows and channels
 * @deviation: likewise
 * @calls: network evaluations
 * @rows: rows of the network for each row of the latent
 */
typedef struct
{
  guint n_steps;
  double mean[RD_LOOP_STEPS + 1][RD_LOOP_CELLS];
  double deviation[RD_LOOP_STEPS + 1][RD_LOOP_CELLS];
  guint64 calls;
  guint64 rows;
} RdLoopTrace;

/* checked fixture */
void rd_loop_setup (void);
void rd_loop_teardown (void);
RdStream *rd_loop_stream (void);
RdDenoiser *rd_loop_denoiser (void);
RdTensor *rd_loop_zeros (gint64 rows);

RdOwner *rd_loop_owner (const char *id, const char *sampler,
    const char *scheduler, double mean);
void rd_loop_add_region (RdJob * job, const RdLoopRegion * region);
RdJob *rd_loop_job (RdMode mode, RdOwner * base, RdLoopTrace * trace);
RdLoopTrace *rd_loop_run (RdJob * job, gint64 rows);
RdLoopTrace *rd_loop_alone (RdMode mode, const char *sampler,
    const char *scheduler, double mean);
RdLoopTrace *rd_loop_together (RdMode mode, const char *sampler,
    const char *scheduler, guint n, const RdLoopRegion * regions);

G_END_DECLS
