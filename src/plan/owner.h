/* SPDX-License-Identifier: LGPL-2.1-or-later */
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
 * @region: its name, what is its own, its shape; without a shape for the base
 * @mask: (nullable): where it is, in place of the shape
 * @invert: it is where mask or shape is not
 * @model: (nullable): once it is open
 * @prompt: what it paints; this and all below is inherited where @region does
 *   not say it
 * @negative_prompt: what it paints away from
 * @model_folder: (nullable): a model of its own, %NULL for the plan's
 * @cfg: guidance scale
 * @solver: sampling method
 * @scheduler: noise levels
 * @sigma_factor: scales them
 * @overlap_factor: dilation, picture pixels (impact modes: the mask's)
 * @feather: width of the ramp over the edge, picture pixels
 */
typedef struct
{
  RdRegion *region;
  RdMask *mask;
  gboolean invert;
  RdModel *model;

  char *prompt;
  char *negative_prompt;
  char *model_folder;
  double cfg;
  const RdSolverInfo *solver;
  const RdScheduler *scheduler;
  double sigma_factor;
  guint overlap_factor;
  double feather;
} RdPlanOwner;

RdPlanOwner *rd_plan_owner_new_base (const RdPlanSettings * settings,
    GError ** error);
RdPlanOwner *rd_plan_owner_new_region (const RdPlanOwner * base,
    RdRegion * region, RdMask * mask);
void rd_plan_owner_free (RdPlanOwner * owner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdPlanOwner, rd_plan_owner_free)

void rd_plan_owner_overlay (RdPlanOwner * owner, const RdRegion * region);
RdMask *rd_plan_owner_invert_mask (const RdMask * mask, const char *id,
    GError ** error);
RdMask *rd_plan_owner_paint (const RdPlanOwner * owner, guint width,
    guint height, GError ** error);

RdRegion *rd_plan_owner_to_base (const RdPlanOwner * owner);
RdRegion *rd_plan_owner_to_region (const RdPlanOwner * owner);
char *rd_plan_owner_describe (const RdPlanOwner * owner, const RdMask * mask);

G_END_DECLS
