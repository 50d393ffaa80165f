/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Regions back to JSON: what read-keys.c reads, so that the one and the
 * other give the same regions. */

#include <json-glib/json-glib.h>

#include "regions/document.h"

static void
write_string (JsonBuilder * builder, const char *name, const char *value)
{
  if (!value)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
write_number (JsonBuilder * builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

static void
write_whole (JsonBuilder * builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
write_point (JsonBuilder * builder, guint n, const double *numbers)
{
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    json_builder_add_double_value (builder, numbers[i]);
  json_builder_end_array (builder);
}

static void
write_polygon (JsonBuilder * builder, const GArray * points)
{
  const double *p = (const double *) points->data;

  json_builder_set_member_name (builder, "polygon");
  json_builder_begin_array (builder);
  for (guint i = 0; i + 1 < points->len; i += 2)
    write_point (builder, 2, p + i);
  json_builder_end_array (builder);
}

static void
write_mask (JsonBuilder * builder, const RdShape * shape)
{
  json_builder_set_member_name (builder, "mask");
  json_builder_begin_object (builder);
  write_string (builder, "file", shape->file);
  if (shape->file && shape->has_color) {
    g_autofree char *color = g_strdup_printf ("#%06x", shape->color);

    write_string (builder, "color", color);
  }
  if (!shape->file)
    write_string (builder, "pad", shape->pad);
  json_builder_end_object (builder);
}

static void
write_match (JsonBuilder * builder, const RdShape * shape)
{
  json_builder_set_member_name (builder, "match");
  json_builder_begin_object (builder);
  write_string (builder, "class", shape->label);
  if (shape->min_confidence != 0.0)
    write_number (builder, "min-confidence", shape->min_confidence);
  if (shape->order != RD_ORDER_NONE)
    write_string (builder, "order", rd_detection_order_name (shape->order));
  json_builder_end_object (builder);
}

static void
write_shape (JsonBuilder * builder, const RdShape * shape)
{
  const RdBox *box = &shape->box;
  const double numbers[] = { box->x, box->y, box->width, box->height };

  if (shape->pixels)
    write_string (builder, "units", "px");
  switch (shape->kind) {
    case RD_SHAPE_BOX:
    case RD_SHAPE_SEGMENT:
      /* what is found in one picture, a text can only say roughly */
      json_builder_set_member_name (builder, "box");
      write_point (builder, 4, numbers);
      break;
    case RD_SHAPE_POLYGON:
      write_polygon (builder, shape->points);
      break;
    case RD_SHAPE_MASK:
    case RD_SHAPE_FILE:
    case RD_SHAPE_PAD:
      write_mask (builder, shape);
      break;
    case RD_SHAPE_MATCH:
      write_match (builder, shape);
      break;
    case RD_SHAPE_NONE:
      break;
  }
}

static void
write_variation (JsonBuilder * builder, const RdRegion * region)
{
  if (region->variation_strength == 0.0 && !region->has_variation_seed)
    return;
  json_builder_set_member_name (builder, "variation");
  json_builder_begin_object (builder);
  /* seeds from 2^63 on are negative, as they are read */
  write_whole (builder, "seed", (gint64) region->variation_seed);
  write_number (builder, "strength", region->variation_strength);
  if (region->variation_method == RD_VARIATION_SLERP)
    write_string (builder, "method", "slerp");
  json_builder_end_object (builder);
}

/* What bases have, too. */
static void
write_inherited (JsonBuilder * builder, const RdRegion * region)
{
  write_string (builder, "prompt", region->prompt);
  write_string (builder, "negative-prompt", region->negative_prompt);
  if (region->has_cfg)
    write_number (builder, "cfg", region->cfg);
  write_string (builder, "sampler", region->sampler);
  write_string (builder, "scheduler", region->scheduler);
  if (region->has_sigma_factor)
    write_number (builder, "sigma-factor", region->sigma_factor);
  if (region->has_feather)
    write_number (builder, "feather", region->feather);
  if (region->has_overlap_factor)
    write_whole (builder, "overlap-factor", region->overlap_factor);
}

static void
write_region (JsonBuilder * builder, const RdRegion * region)
{
  json_builder_begin_object (builder);
  write_string (builder, "id", region->id);
  write_inherited (builder, region);
  write_string (builder, "model", region->model);
  if (region->strength != 1.0)
    write_number (builder, "strength", region->strength);
  if (region->start != 0.0)
    write_number (builder, "start", region->start);
  if (region->end != 1.0)
    write_number (builder, "end", region->end);
  if (region->z != 0)
    write_whole (builder, "z", region->z);
  write_variation (builder, region);
  write_shape (builder, &region->shape);
  json_builder_end_object (builder);
}

/**
 * rd_region_document_to_json:
 * @list: a document
 *
 * The inverse of rd_region_document_parse(), but for what depends on where a text
 * is: paths are as they were found. Numbers keep all their digits.
 *
 * Returns: (transfer full): a text with the same regions
 */
char *
rd_region_document_to_json (const RdRegionDocument * list)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  write_whole (builder, "version", 1);
  if (list->base) {
    json_builder_set_member_name (builder, "base");
    json_builder_begin_object (builder);
    write_inherited (builder, list->base);
    json_builder_end_object (builder);
  }
  if (list->common_prompt) {
    json_builder_set_member_name (builder, "common");
    json_builder_begin_object (builder);
    write_string (builder, "prompt", list->common_prompt);
    json_builder_end_object (builder);
  }
  json_builder_set_member_name (builder, "regions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < list->regions->len; i++)
    write_region (builder, list->regions->pdata[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}
