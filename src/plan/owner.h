/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "models/model.h"
#include "plan/settings.h"
#include "regions/region.h"

G_BEGIN_DECLS

/**
 * SECTION:plan-owner
 *
 * One who will own pixels, the base or a region, with what it inherits.
 */

/**
 * RdPlanOwner:
 * @region: its name, what it sets itself, its shape; without a shape for the
 *   base
 * @settings: what it sets and what it inherits, so that all that is inherited
 *   is there but for a model; without a shape
 * @mask: (nullable): where it is, in place of the shape
 * @invert: it is where mask or shape is not
 * @model: (nullable): once it is open
 * @solver: sampling method that @settings names
 * @scheduler: scheduler that @settings names
 */
typedef struct
{
  RdRegion *region;
  RdRegion *settings;
  RdMask *mask;
  gboolean invert;
  RdModel *model;
  const RdSolverInfo *solver;
  const RdScheduler *scheduler;
} RdPlanOwner;

RdPlanOwner *rd_plan_owner_new_base (const RdPlanSettings * settings,
    GError ** error);
RdPlanOwner *rd_plan_owner_new_region (const RdPlanOwner * base,
    RdRegion * region, RdMask * mask, GError ** error);
void rd_plan_owner_free (RdPlanOwner * owner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdPlanOwner, rd_plan_owner_free)

gboolean rd_plan_owner_overlay (RdPlanOwner * owner, const RdRegion * region,
    GError ** error);
double rd_plan_owner_cfg (const RdPlanOwner * owner);
RdMask *rd_plan_owner_invert_mask (const RdMask * mask, const char *id,
    GError ** error);
RdMask *rd_plan_owner_paint (const RdPlanOwner * owner, guint width,
    guint height, RdMaskFilter filter, GError ** error);

RdRegion *rd_plan_owner_to_region (const RdPlanOwner * owner);
char *rd_plan_owner_explain_nothing (const RdPlanOwner * owner, guint width,
    guint height);
char *rd_plan_owner_describe (const RdPlanOwner * owner, const RdMask * mask);

G_END_DECLS
