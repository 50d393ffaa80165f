/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>

#include "regions/box.h"
#include "regions/mask.h"
#include "regions/segmentation.h"

G_BEGIN_DECLS

/**
 * SECTION:shape
 *
 * Where a region is: what a user writes, a detector finds or a pad receives.
 */

/**
 * RdShapeKind:
 * @RD_SHAPE_NONE: no shape
 * @RD_SHAPE_BOX: an upright rectangle
 * @RD_SHAPE_POLYGON: a closed polygon, even-odd rule
 * @RD_SHAPE_MASK: a painted mask, stretched to the picture
 * @RD_SHAPE_FILE: a picture file, to be replaced by its mask
 * @RD_SHAPE_PAD: the mask that a pad receives, by the pad's name; to be replaced
 *   by the mask
 * @RD_SHAPE_SEGMENT: pixels of a segmentation
 * @RD_SHAPE_MATCH: detections of a class; rd_detections_expand() replaces the
 *   region by one for each
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
 * @RD_ORDER_LEFT_RIGHT: by the centres of boxes, the leftmost first
 * @RD_ORDER_RIGHT_LEFT: the rightmost first
 * @RD_ORDER_TOP_BOTTOM: the uppermost first
 * @RD_ORDER_BOTTOM_TOP: the lowest first
 * @RD_ORDER_LARGEST: by the areas of boxes, the largest first
 * @RD_ORDER_SMALLEST: the smallest first
 * @RD_ORDER_CONFIDENCE: by confidence, the highest first
 *
 * The order in which regions of the same class take detections, one each.
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
 * RdMaskChannel:
 * @RD_CHANNEL_BOTH: brightness times opacity
 * @RD_CHANNEL_LUMA: brightness
 * @RD_CHANNEL_ALPHA: opacity
 *
 * What of a picture is the mask.
 */
typedef enum
{
  RD_CHANNEL_BOTH,
  RD_CHANNEL_LUMA,
  RD_CHANNEL_ALPHA,
} RdMaskChannel;

const char *rd_mask_channel_name (RdMaskChannel channel);

/**
 * RdShape:
 * @kind: which of the other fields mean something
 * @pixels: coordinates are in picture pixels, else 0..1 of the picture
 * @box: the box, or the bounding box of the segment
 * @points: (element-type double): corners of the polygon, x0, y0, x1, y1, ...
 * @mask: the mask
 * @file: path of the file that is the mask, or was
 * @channel: what of the file's picture is the mask; of one with a colour,
 *   %RD_CHANNEL_LUMA means that transparent pixels have it, too
 * @invert: the mask is where that is not
 * @has_color: the mask is where the file's picture has @color
 * @color: 0xRRGGBB
 * @nearest_color: the colour of the picture that is nearest to @color; another
 *   one where the mask is empty for it
 * @pad: name of the pad
 * @segmentation: the segmentation
 * @segment: an id in @segmentation, or %RD_SEGMENT_ANY
 * @label: class of the detections
 * @min_confidence: least confidence of the detections, 0..1
 * @order: which of them the region takes
 */
typedef struct
{
  RdShapeKind kind;
  gboolean pixels;
  RdBox box;
  GArray *points;
  RdMask *mask;
  char *file;
  RdMaskChannel channel;
  gboolean invert;
  gboolean has_color;
  guint32 color;
  guint32 nearest_color;
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
    RdMaskFilter filter, GError ** error);

G_END_DECLS
