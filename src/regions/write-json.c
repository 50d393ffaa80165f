/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Documents to JSON that the readers turn back into the same regions. */

#include "json/write.h"
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
  if (shape->file && shape->channel != RD_CHANNEL_BOTH)
    write_string (builder, "channel", rd_mask_channel_name (shape->channel));
  if (shape->file && shape->invert) {
    json_builder_set_member_name (builder, "invert");
    json_builder_add_boolean_value (builder, TRUE);
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
      /* a text has no pixels of segments, only their bounding box */
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
write_setting (JsonBuilder * builder, const RdRegionSetting * setting,
    const RdRegion * region)
{
  const RdSetting *s = &setting->setting;
  gconstpointer field = G_STRUCT_MEMBER_P (region, s->offset);

  json_builder_set_member_name (builder, rd_region_setting_key (setting));
  switch (s->type) {
    case RD_SETTING_STRING:
    case RD_SETTING_NAME:
      json_builder_add_string_value (builder, *(char *const *) field);
      break;
    case RD_SETTING_DOUBLE:
      json_builder_add_double_value (builder, *(const double *) field);
      break;
    case RD_SETTING_INT:
      rd_json_add_whole (builder, *(const int *) field);
      break;
    case RD_SETTING_UINT:
      rd_json_add_whole (builder, *(const guint *) field);
      break;
    case RD_SETTING_UINT64:
      rd_json_add_unsigned (builder, *(const guint64 *) field);
      break;
    case RD_SETTING_BOOLEAN:
      json_builder_add_boolean_value (builder, *(const gboolean *) field);
      break;
    case RD_SETTING_ENUM:
      json_builder_add_string_value (builder, setting->names[s->get (region)]);
      break;
    case RD_SETTING_NUMBERS:
      g_return_if_reached ();
  }
}

static gboolean
is_in (const RdRegionSetting * setting, const char *object)
{
  return setting->object && g_str_equal (setting->object, object);
}

/* An object of settings, if one of them is set. Its numbers are always written,
 * so that people see what counts. */
static void
write_object (JsonBuilder * builder, const char *name, const RdRegion * region)
{
  guint n;
  const RdRegionSetting *settings = rd_region_settings (&n);
  gboolean any = FALSE;

  for (guint i = 0; i < n; i++)
    any |= is_in (&settings[i], name)
        && rd_region_is_set (region, &settings[i]);
  if (!any)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  for (guint i = 0; i < n; i++) {
    if (is_in (&settings[i], name) && (rd_region_is_set (region, &settings[i])
            || settings[i].setting.type != RD_SETTING_ENUM))
      write_setting (builder, &settings[i], region);
  }
  json_builder_end_object (builder);
}

/* What @region sets; of a base, what bases have. */
static void
write_settings (JsonBuilder * builder, const RdRegion * region, gboolean base)
{
  guint n;
  const RdRegionSetting *settings = rd_region_settings (&n);

  for (guint i = 0; i < n; i++) {
    const RdRegionSetting *s = &settings[i];

    if (s->flags & RD_REGION_SETTING_OF_PADS
        || (base && !(s->flags & RD_REGION_SETTING_OF_BASE)))
      continue;
    if (!s->object && rd_region_is_set (region, s))
      write_setting (builder, s, region);
    else if (s->object && (i == 0 || !is_in (s - 1, s->object)))
      write_object (builder, s->object, region);
  }
}

static void
write_region (JsonBuilder * builder, const RdRegion * region)
{
  json_builder_begin_object (builder);
  write_string (builder, "id", region->id);
  write_settings (builder, region, FALSE);
  write_shape (builder, &region->shape);
  json_builder_end_object (builder);
}

/**
 * rd_region_document_to_json:
 * @document: a document
 *
 * The inverse of rd_region_document_parse(), except that paths stay joined with
 * the folder of the text. Numbers keep all their digits.
 *
 * Returns: (transfer full): a text with the same regions
 */
char *
rd_region_document_to_json (const RdRegionDocument * document)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "version");
  rd_json_add_whole (builder, 1);
  if (document->base) {
    json_builder_set_member_name (builder, "base");
    json_builder_begin_object (builder);
    write_settings (builder, document->base, TRUE);
    json_builder_end_object (builder);
  }
  if (document->common_prompt) {
    json_builder_set_member_name (builder, "common");
    json_builder_begin_object (builder);
    write_string (builder, "prompt", document->common_prompt);
    json_builder_end_object (builder);
  }
  json_builder_set_member_name (builder, "regions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < document->regions->len; i++)
    write_region (builder, document->regions->pdata[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return rd_json_write (root);
}
