/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "regions/shape.h"
#include "regions/variation.h"

G_BEGIN_DECLS

/**
 * SECTION:region
 *
 * Settings of one part of a picture, as users write them: a shape and what to
 * paint there. Values that a user leaves out are inherited from the base.
 */

/**
 * RdRegion:
 * @id: its name, unique in a list
 * @prompt: (nullable): what to paint, %NULL inherits
 * @negative_prompt: (nullable): what to paint away from, %NULL inherits
 * @model: (nullable): folder of another model, %NULL inherits
 * @sampler: (nullable): name of a solver that exists, %NULL inherits
 * @scheduler: (nullable): name of a scheduler that exists, %NULL inherits
 * @has_cfg: whether @cfg is set, else it is inherited; and so on
 * @cfg: guidance scale, 0..100
 * @sigma_factor: scales the noise levels, 0..10
 * @feather: width of the ramp over the edge, picture pixels
 * @overlap_factor: dilation, picture pixels
 * @strength: 0..1
 * @start: when it begins, as a fraction of the executed steps
 * @end: when it ends, > @start
 * @z: higher levels cover lower ones
 * @invert: it is where its shape is not
 * @variation_seed: noise that is mixed in
 * @has_variation_seed: whether it was said, else it is 0 or a detection's
 * @variation_strength: how much of it, 0..1
 * @variation_method: and how
 * @shape: where it is
 *
 * Reference counted; not changed once shared.
 */
typedef struct
{
  gatomicrefcount ref_count;
  char *id;
  char *prompt, *negative_prompt, *model;
  char *sampler, *scheduler;
  gboolean has_cfg, has_sigma_factor, has_overlap_factor, has_feather;
  double cfg, sigma_factor, feather;
  guint overlap_factor;
  double strength, start, end;
  int z;
  gboolean invert;
  guint64 variation_seed;
  gboolean has_variation_seed;
  double variation_strength;
  RdVariationMethod variation_method;
  RdShape shape;
} RdRegion;

RdRegion *rd_region_new (const char *id);
RdRegion *rd_region_copy_settings (const RdRegion * region, const char *id);
RdRegion *rd_region_ref (RdRegion * region);
void rd_region_unref (RdRegion * region);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdRegion, rd_region_unref)

G_END_DECLS
