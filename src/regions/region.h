/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>

#include "base/setting.h"
#include "regions/shape.h"
#include "regions/variation.h"

G_BEGIN_DECLS

/**
 * SECTION:region
 *
 * A part of a picture, and the settings that it is painted with. What a region
 * does not set itself, it inherits from the base.
 */

/**
 * RdRegion:
 * @id: its name, unique in a document
 * @prompt: (nullable): what to paint, %NULL inherits
 * @prompt_2: (nullable): the same for a model's second text encoder, %NULL is
 *   @prompt
 * @prompt_3: (nullable): and for the third
 * @negative_prompt: (nullable): what to paint away from, %NULL inherits
 * @model: (nullable): folder of another model, %NULL inherits
 * @sampler: (nullable): name of a solver that exists, %NULL inherits
 * @scheduler: (nullable): name of a scheduler that exists, %NULL inherits
 * @cfg: guidance scale, 0..100; less than 0 inherits, and so on
 * @sigma_factor: scales the noise levels, 0..10
 * @feather: width of the ramp over the edge, picture pixels
 * @overlap_factor: dilation, picture pixels
 * @strength: 0..1
 * @start: when it begins, as a fraction of the executed steps
 * @end: when it ends, > @start
 * @z: higher levels cover lower ones
 * @keep: it keeps what came in instead of painting
 * @has_keep: whether a document says so
 * @invert: it is where its shape is not
 * @variation_seed: seed of the noise that is mixed in
 * @has_variation_seed: whether a document says it, else it is 0 or a
 *   detection's
 * @variation_strength: how much of that noise, 0..1
 * @variation_method: how it is mixed in
 * @shape: where it is
 *
 * What a user sets of it is described in rd_region_settings(). Reference
 * counted; not changed once shared.
 */
typedef struct
{
  gatomicrefcount ref_count;
  char *id;
  char *prompt, *prompt_2, *prompt_3;
  char *negative_prompt, *model;
  char *sampler, *scheduler;
  double cfg, sigma_factor, feather;
  int overlap_factor;
  double strength, start, end;
  int z;
  gboolean keep, has_keep;
  gboolean invert;
  guint64 variation_seed;
  gboolean has_variation_seed;
  double variation_strength;
  RdVariationMethod variation_method;
  RdShape shape;
} RdRegion;

/**
 * RD_MAX_REGIONS:
 *
 * Most regions that a picture may have, from all sources together. Each has a
 * mask of the picture's size and is evaluated by itself.
 */
#define RD_MAX_REGIONS 256

gboolean rd_region_check_number (guint n, GError ** error);
RdRegion *rd_region_new (const char *id);
RdRegion *rd_region_copy_settings (const RdRegion * region, const char *id);
RdRegion *rd_region_ref (RdRegion * region);
void rd_region_unref (RdRegion * region);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdRegion, rd_region_unref)

/**
 * RdRegionSettingFlags:
 * @RD_REGION_SETTING_INHERITED: a region that does not set it takes the base's.
 *   Not set is %NULL for a string or name, and any number below 0
 * @RD_REGION_SETTING_OF_BASE: a document's base has it, too
 * @RD_REGION_SETTING_NOT_EMPTY: documents must not set it to ""
 * @RD_REGION_SETTING_OF_PADS: mask pads have it and documents do not
 * @RD_REGION_SETTING_OF_PROMPT: a region that sets its prompt does not inherit it
 */
typedef enum
{
  RD_REGION_SETTING_INHERITED = 1 << 0,
  RD_REGION_SETTING_OF_BASE = 1 << 1,
  RD_REGION_SETTING_NOT_EMPTY = 1 << 2,
  RD_REGION_SETTING_OF_PADS = 1 << 3,
  RD_REGION_SETTING_OF_PROMPT = 1 << 4,
} RdRegionSettingFlags;

/**
 * RdRegionSetting:
 * @setting: a field of #RdRegion; its name is that of the key in documents and
 *   of the property of mask pads
 * @flags: #RdRegionSettingFlags
 * @object: (nullable): "variation": in documents "variation-seed" is the key
 *   "seed" of an object of this name
 * @check: of a name: whether it exists; %RD_ERROR_NOT_FOUND if not
 * @names: (array zero-terminated=1): of an enum: what documents call its values
 * @said: offset of a gboolean in #RdRegion that documents set, or 0
 */
typedef struct
{
  RdSetting setting;
  guint flags;
  const char *object;
  gboolean (*check) (const char *name, GError ** error);
  const char *const *names;
  gsize said;
} RdRegionSetting;

const RdRegionSetting *rd_region_settings (guint * n);
const char *rd_region_setting_key (const RdRegionSetting * setting);
gboolean rd_region_is_set (const RdRegion * region,
    const RdRegionSetting * setting);
void rd_region_copy_setting (RdRegion * to, const RdRegion * from,
    const RdRegionSetting * setting);
void rd_region_inherit (RdRegion * region, const RdRegion * base);

G_END_DECLS
