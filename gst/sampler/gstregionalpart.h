/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "sampler/gstregionalsettings.h"
#include "models/model.h"
#include "regions/region.h"

G_BEGIN_DECLS

/*
 * GstRegionalPart:
 * @region: its name, what is its own, its shape; without a shape for the base
 * @mask: (nullable): a pad's mask, in place of the shape
 * @model: (nullable): once it is open
 *
 * One who will own pixels, the base or a region, with what it inherits. Strings
 * of others must outlive it.
 */
typedef struct
{
  RdRegion *region;
  RdMask *mask;
  RdModel *model;

  gchar *prompt;
  const gchar *negative_prompt;
  const gchar *model_folder;    /* NULL: the element's model */
  gdouble cfg;
  const RdSolverInfo *solver;
  const RdScheduler *scheduler;
  gdouble sigma_factor;
  guint overlap_factor;
  gdouble feather;
} GstRegionalPart;

GstRegionalPart *gst_regional_part_new_base (const GstRegionalSettings *
    settings);
GstRegionalPart *gst_regional_part_new_region (const GstRegionalPart * base,
    RdRegion * region, RdMask * mask);
void gst_regional_part_free (GstRegionalPart * part);
void gst_regional_part_overlay (GstRegionalPart * part,
    const RdRegion * region);

RdRegion *gst_regional_part_to_base (const GstRegionalPart * part);
RdRegion *gst_regional_part_to_region (const GstRegionalPart * part);

RdMask *gst_regional_part_invert (const RdMask * mask, const gchar * id,
    GError ** error);
RdMask *gst_regional_part_paint (const GstRegionalPart * part, guint width,
    guint height, GError ** error);
gchar *gst_regional_part_describe (const GstRegionalPart * part,
    const RdMask * mask);

G_END_DECLS
