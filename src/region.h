/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SECTION:region
 *
 * Settings of one part of a picture, as users write them: a shape and what to
 * paint there. Values that a user leaves out are inherited from the base.
 */

/**
 * RdMask:
 * @width: columns
 * @height: rows
 * @data: coverage 0..1, row by row
 *
 * A painted shape in host memory. Reference counted, immutable once shared.
 */
typedef struct
{
  gatomicrefcount ref_count;
  guint width;
  guint height;
  float *data;
} RdMask;

RdMask *rd_mask_new (guint width, guint height);
RdMask *rd_mask_new_from_gray8 (guint width, guint height, gsize stride,
    const guint8 * data);
RdMask *rd_mask_ref (RdMask * mask);
void rd_mask_unref (RdMask * mask);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdMask, rd_mask_unref)

/**
 * RdShapeKind:
 * @RD_SHAPE_BOX: an upright rectangle
 * @RD_SHAPE_POLYGON: a closed polygon, even-odd rule
 * @RD_SHAPE_MASK: a painted mask, stretched to the picture
 * @RD_SHAPE_PAD: the mask of a pad, by name: whoever has pads replaces it by a
 *   mask before use
 */
typedef enum
{
  RD_SHAPE_BOX,
  RD_SHAPE_POLYGON,
  RD_SHAPE_MASK,
  RD_SHAPE_PAD,
} RdShapeKind;

typedef struct
{
  RdShapeKind kind;
  gboolean pixels;              /* coordinates in picture pixels, else 0..1 */
  double x, y, width, height;   /* box */
  GArray *points;               /* polygon: x0, y0, x1, y1, ... (double) */
  RdMask *mask;
  char *pad;
} RdShape;

typedef enum
{
  RD_VARIATION_LINEAR,
  RD_VARIATION_SLERP,
} RdVariationMethod;

/**
 * RdRegion:
 *
 * Strings that are %NULL and numbers whose `has_` flag is unset are inherited.
 * Solver and scheduler are names that have been looked up already.
 */
typedef struct
{
  gatomicrefcount ref_count;
  char *id;                     /* never NULL: "regions[2]" where none given */
  char *prompt, *negative_prompt, *model;
  char *sampler, *scheduler;
  gboolean has_cfg, has_sigma_factor, has_overlap_factor, has_feather;
  double cfg, sigma_factor, feather;
  guint overlap_factor;
  double strength, start, end;
  int z;
  gboolean invert;
  guint64 variation_seed;
  double variation_strength;
  RdVariationMethod variation_method;
  RdShape shape;
} RdRegion;

RdRegion *rd_region_new (const char *id);
RdRegion *rd_region_ref (RdRegion * region);
void rd_region_unref (RdRegion * region);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdRegion, rd_region_unref)

RdMask *rd_shape_rasterise (const RdShape * shape, guint width, guint height,
    GError ** error);

/**
 * RdRegionList:
 * @base: (nullable): a document's own base settings, as a region without shape
 * @common_prompt: (nullable): joined with ", " before every region's prompt
 * @regions: (element-type RdRegion)
 */
typedef struct
{
  RdRegion *base;
  char *common_prompt;
  GPtrArray *regions;
} RdRegionList;

RdRegionList *rd_region_list_parse (const char *text, const char *folder,
    GError ** error);
void rd_region_list_free (RdRegionList * list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdRegionList, rd_region_list_free)

G_END_DECLS
