/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "models/model.h"
#include "plan/settings.h"
#include "regions/document.h"

G_BEGIN_DECLS

/**
 * SECTION:plan
 *
 * What makes a job of settings. A plan is a snapshot of the settings, regions
 * and masks of one moment; it finds what every region inherits, opens models,
 * encodes prompts, paints shapes, and so builds the job that the loop runs:
 *
 *   rd_plan_new() -> rd_plan_add_pad()* -> rd_plan_set_regions()
 *     -> rd_plan_context_get_stream() -> rd_plan_build() -> rd_job_run()
 *     -> rd_plan_keep()
 *
 * Networks that are not loaded yet are loaded by rd_plan_build(); who wants to
 * show how far that is loads those of rd_plan_networks() before.
 */

/**
 * RdPlanContext:
 * @stream: where all jobs run
 * @models: (element-type RdModel): those that regions of the last job brought,
 *   which so stay loaded
 * @prompts: (element-type utf8 RdConditioning): what the last job's prompts
 *   became
 * @inputs: (element-type utf8 RdTensor): what else the last job's networks were
 *   given
 * @previous: (nullable): what the last job has made, if it is to be fed back
 *
 * What one plan leaves for the next. All zero is one for the first. Belongs to
 * one thread at a time.
 */
typedef struct
{
  RdStream *stream;
  GPtrArray *models;
  GHashTable *prompts;
  GHashTable *inputs;
  RdTensor *previous;
} RdPlanContext;

void rd_plan_context_clear (RdPlanContext * context);
RdStream *rd_plan_context_get_stream (RdPlanContext * context,
    RdDevice * device, GError ** error);

/**
 * RdPlanNetwork:
 * @model: whose network it is; the plan has the reference
 * @kind: which one
 *
 * A network that a plan needs.
 */
typedef struct
{
  RdModel *model;
  RdNetworkKind kind;
} RdPlanNetwork;

/**
 * RdPlan:
 *
 * Owns copies of, or references to, all that it is made of, so that nothing
 * that is changed meanwhile disturbs it. Belongs to one thread at a time.
 */
typedef struct _RdPlan RdPlan;

RdPlan *rd_plan_new (const RdPlanSettings * settings, RdModel * model,
    GError ** error);
void rd_plan_free (RdPlan * plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdPlan, rd_plan_free)

const RdPlanSettings *rd_plan_get_settings (const RdPlan * plan);
RdModel *rd_plan_get_model (const RdPlan * plan);

gboolean rd_plan_add_pad (RdPlan * plan, RdRegion * region, RdMask * mask,
    GError ** error);
gboolean rd_plan_set_regions (RdPlan * plan, GPtrArray * documents,
    GError ** error);
RdRegionDocument *rd_plan_to_document (const RdPlan * plan);
GArray *rd_plan_networks (const RdPlan * plan);

RdJob *rd_plan_build (RdPlan * plan, RdPlanContext * context, guint width,
    guint height, GCancellable * cancellable, GError ** error);
char **rd_plan_warnings (const RdPlan * plan, const RdJob * job, guint width,
    guint height);
char **rd_plan_describe (const RdPlan * plan, const RdJob * job);
void rd_plan_keep (const RdPlan * plan, RdPlanContext * context,
    RdTensor * result);

G_END_DECLS
