/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "regions/segmentation.h"

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
RdMask *rd_mask_new_from_color (guint width, guint height, gsize stride,
    const guint8 * rgb, guint32 color);
RdMask *rd_mask_new_inverse (const RdMask * mask);
double rd_mask_coverage (const RdMask * mask);
RdMask *rd_mask_ref (RdMask * mask);
void rd_mask_unref (RdMask * mask);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdMask, rd_mask_unref)

/**
 * RdShapeKind:
 * @RD_SHAPE_NONE: no shape
 * @RD_SHAPE_BOX: an upright rectangle
 * @RD_SHAPE_POLYGON: a closed polygon, even-odd rule
 * @RD_SHAPE_MASK: a painted mask, stretched to the picture
 * @RD_SHAPE_FILE: a picture file: whoever can read one replaces it by its mask
 * @RD_SHAPE_PAD: the mask of a pad, by name: whoever has pads replaces it by
 *   its mask
 * @RD_SHAPE_SEGMENT: what a segmentation network has found
 * @RD_SHAPE_MATCH: detections: whoever has some replaces the region by one for
 *   each (rd_detections_expand())
 */
typedef enum
{
  RD_SHAPE_NONE,
  RD_SHAPE_BOX,
  RD_SHAPE_POLYGON,
  RD_SHAPE_MASK,
  RD_SHAPE_FILE,
  RD_SHAPE_PAD,
  RD_SHAPE_SEGMENT,
  RD_SHAPE_MATCH,
} RdShapeKind;

/**
 * RdDetectionOrder:
 * @RD_ORDER_NONE: no order: a region takes all detections of its class
 *
 * In which order regions of a class take detections, one each. The others are
 * by the centres of boxes, by their areas, and by how certain detections are.
 */
typedef enum
{
  RD_ORDER_NONE,
  RD_ORDER_LEFT_RIGHT,
  RD_ORDER_RIGHT_LEFT,
  RD_ORDER_TOP_BOTTOM,
  RD_ORDER_BOTTOM_TOP,
  RD_ORDER_LARGEST,
  RD_ORDER_SMALLEST,
  RD_ORDER_CONFIDENCE,
} RdDetectionOrder;

const char *rd_detection_order_name (RdDetectionOrder order);

/**
 * RdShape:
 * @kind: which of the other fields mean something
 * @pixels: coordinates are in picture pixels, else 0..1 of the picture
 * @x: left edge of the box, or of the one that a segment is in
 * @y: its upper edge
 * @width: its width, > 0
 * @height: its height, > 0
 * @points: (element-type double): corners of the polygon, x0, y0, x1, y1, ...
 * @mask: the mask
 * @file: path of the file that is the mask, or was
 * @has_color: the mask is where the file's picture has @color, else it is the
 *   picture's brightness
 * @color: 0xRRGGBB
 * @pad: name of the pad
 * @segmentation: whose segment it is
 * @segment: which of its ids, or %RD_SEGMENT_ANY
 * @label: class of the detections
 * @min_confidence: how certain they must be, 0..1
 * @order: which of them
 */
typedef struct
{
  RdShapeKind kind;
  gboolean pixels;
  double x, y, width, height;
  GArray *points;
  RdMask *mask;
  char *file;
  gboolean has_color;
  guint32 color;
  char *pad;
  RdSegmentation *segmentation;
  guint segment;
  char *label;
  double min_confidence;
  RdDetectionOrder order;
} RdShape;

void rd_shape_clear (RdShape * shape);
void rd_shape_copy (RdShape * to, const RdShape * shape);
void rd_shape_set_mask (RdShape * shape, RdMask * mask);
RdMask *rd_shape_rasterise (const RdShape * shape, guint width, guint height,
    GError ** error);

typedef enum
{
  RD_VARIATION_LINEAR,
  RD_VARIATION_SLERP,
} RdVariationMethod;

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

/**
 * RdRegionDocument:
 * @base: (nullable): a document's own base settings, as a region without shape,
 *   of which only what regions inherit means something
 * @common_prompt: (nullable): what all regions' prompts begin with, see
 *   rd_region_document_prompt()
 * @regions: (element-type RdRegion): in the order of the document
 *
 * What a document says. Reference counted; not changed once shared.
 */
typedef struct
{
  gatomicrefcount ref_count;
  RdRegion *base;
  char *common_prompt;
  GPtrArray *regions;
} RdRegionDocument;

RdRegionDocument *rd_region_document_new (void);
RdRegionDocument *rd_region_document_ref (RdRegionDocument * list);
void rd_region_document_unref (RdRegionDocument * list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdRegionDocument, rd_region_document_unref)

RdRegionDocument *rd_region_document_parse (const char *text, const char *folder,
    GError ** error);
char *rd_region_document_to_json (const RdRegionDocument * list);
gboolean rd_region_document_check_portable (const RdRegionDocument * list,
    GError ** error);
char *rd_region_document_prompt (const RdRegionDocument * list, const char *prompt);

G_END_DECLS
