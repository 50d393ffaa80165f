/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "loop/run.h"

G_BEGIN_DECLS

/**
 * SECTION:impact-pass
 *
 * What the modes `impact` and `impact-simple` have in common: the sampling
 * passes of ComfyUI Impact Pack's regional samplers, faults included. A pass is
 * a sampler run of its own, usually over one interval, so solvers have no
 * memory; it is confined to its mask the way inpainting is.
 */

/**
 * RdImpactPart:
 * @owner: the base or a region
 * @sigmas: (element-type double): its whole schedule, unfactored
 * @recovery: (nullable): the method of its recovery passes
 * @recovery_sigmas: (nullable) (element-type double): and their schedule
 * @mask: (1,1,H,W): where it works, in latent cells
 * @inverse: 1 - @mask
 */
typedef struct
{
  const RdOwner *owner;
  GArray *sigmas;
  const RdSolverInfo *recovery;
  GArray *recovery_sigmas;
  RdTensor *mask;
  RdTensor *inverse;
} RdImpactPart;

/**
 * RdImpact:
 * @run: the run
 * @n_parts: base and regions
 * @parts: they, the base first
 * @latent: the latest
 * @warned_of_edges: whether regions' noise has been looked at
 * @previewing: whether the step at hand ends with a preview
 * @prediction: (nullable): what is shown then: of its passes so far
 */
typedef struct
{
  RdRun *run;
  guint n_parts;
  RdImpactPart *parts;
  RdTensor *latent;
  gboolean warned_of_edges;
  gboolean previewing;
  RdTensor *prediction;
} RdImpact;

gboolean rd_impact_init (RdImpact * impact, RdRun * run, GError ** error);
void rd_impact_clear (RdImpact * impact);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RdImpact, rd_impact_clear)

void rd_impact_warn (const RdImpact * impact, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
void rd_impact_report (const RdImpact * impact, guint k, guint step);
RdTensor *rd_impact_noise (RdImpact * impact, GError ** error);

gboolean rd_impact_base_only (RdImpact * impact, guint end, RdTensor * noise,
    gboolean leftover, GError ** error);
gboolean rd_impact_step (RdImpact * impact, guint step, RdTensor * noise,
    gboolean again, GError ** error);
RdTensor *rd_impact_finalize (RdImpact * impact, int step, gboolean leftover,
    GError ** error);

G_END_DECLS
