/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/impact/pass.h"

G_BEGIN_DECLS

/**
 * SECTION:impact-steps
 *
 * What the modes `impact` and `impact-simple` have in common: the steps of
 * ComfyUI Impact Pack's regional samplers, faults included, as sequences of
 * passes. The modes say which step comes next.
 */

typedef struct _RdImpact RdImpact;

/**
 * RdImpactStep:
 * @RD_IMPACT_STEP_OF_BASE: one of several steps that the base's sampler takes as
 *   one run over the whole picture
 * @RD_IMPACT_STEP_OF_ALL: the base where no region is, then region after region
 * @RD_IMPACT_STEP_FINAL: the base alone, and the end of the run
 */
typedef enum
{
  RD_IMPACT_STEP_OF_BASE,
  RD_IMPACT_STEP_OF_ALL,
  RD_IMPACT_STEP_FINAL,
} RdImpactStep;

/**
 * RdImpact:
 * @run: the run
 * @begin_next: begins the step that comes next with one of the functions for
 *   modes
 * @n_owners: base and regions
 * @owners: they, the base first
 * @latent: the latest
 * @noise: (nullable): unit noise that the base's passes add
 * @warned_of_edges: whether regions' noise has been looked at
 * @previewing: whether the step at hand ends with a preview
 * @prediction: (nullable): what is shown then: of its passes so far
 * @next: the schedule's step that comes next
 * @kind: which kind of step is at hand
 * @step: which one of the schedule, or none of it
 * @again: whether the base's recovery pass adds noise as well
 * @leftover: whether noise that is left after it stays
 * @n_turns: how many owners take it
 * @turn: whose turn it is
 * @n_passes: how many passes of that turn have begun
 * @before: (nullable): the latent before that turn, %NULL when it has not begun
 * @pass: the pass at work, or the settings of the last one
 */
struct _RdImpact
{
  RdRun *run;
  gboolean (*begin_next) (RdImpact * impact, GError ** error);
  guint n_owners;
  RdImpactOwner *owners;
  RdTensor *latent;
  RdTensor *noise;
  gboolean warned_of_edges;
  gboolean previewing;
  RdTensor *prediction;
  guint next;

  RdImpactStep kind;
  int step;
  gboolean again, leftover;
  guint n_turns, turn, n_passes;
  RdTensor *before;
  RdImpactPass pass;
};

/* setup.c */
RdImpact *rd_impact_new (RdRun * run,
    gboolean (*begin_next) (RdImpact * impact, GError ** error),
    GError ** error);
void rd_impact_free (gpointer impact);
void rd_impact_warn (const RdImpact * impact, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
gboolean rd_impact_make_noise (RdImpact * impact, GError ** error);

/* steps.c */
gboolean rd_impact_advance (RdRun * run, GError ** error);
void rd_impact_report (const RdImpact * impact, guint k, guint step);
void rd_impact_begin_base_only (RdImpact * impact, guint end,
    gboolean leftover);
void rd_impact_begin_step (RdImpact * impact, guint step, gboolean again);
void rd_impact_begin_final (RdImpact * impact, int step, gboolean leftover);

G_END_DECLS
