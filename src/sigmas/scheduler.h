/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>

#include "sigmas/prediction.h"

G_BEGIN_DECLS

/**
 * SECTION:scheduler
 *
 * Schedulers choose the noise levels of a run. The table in table.c names them;
 * adding one is an entry there and one function beside it.
 */

/**
 * RdSchedulerOptions:
 * @gits_coefficient: which of the tables of `gits`: 0.80, 0.85 .. 1.50; the
 *   smaller, the more steps at high noise
 *
 * What some schedulers can be told. Start from %RD_SCHEDULER_OPTIONS_DEFAULT.
 */
typedef struct
{
  double gits_coefficient;
} RdSchedulerOptions;

#define RD_SCHEDULER_OPTIONS_DEFAULT { .gits_coefficient = 1.2 }

/**
 * RdScheduler:
 * @name: ComfyUI's name
 * @id: its number, which never changes: applications are compiled against the
 *   element's enum. A new scheduler takes the next free one, wherever it stands in
 *   the table
 * @blurb: one line for people
 * @compute: fills @sigmas with @steps + 1 or so values, descending, last 0
 */
typedef struct
{
  const char *name;
  gint id;
  const char *blurb;
  gboolean (*compute) (const RdPrediction * prediction,
      const RdSchedulerOptions * options, guint steps, GArray * sigmas,
      GError ** error);
} RdScheduler;

const RdScheduler *rd_scheduler_list (guint * n);
const RdScheduler *rd_scheduler_find (const char *name, GError ** error);
GArray *rd_scheduler_sigmas (const RdScheduler * scheduler,
    const RdPrediction * prediction, const RdSchedulerOptions * options,
    guint steps, gboolean discard_penultimate, GError ** error);
GArray *rd_scheduler_custom_sigmas (guint n, const double *values,
    GError ** error);

G_END_DECLS
