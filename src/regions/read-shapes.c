/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The shapes of regions in JSON. */

#include "json/check.h"
#include "regions/read-json.h"
#include "regions/reader.h"

static gboolean
get_coordinate (const char *path, JsonNode * node, double *number,
    GError ** error)
{
  return rd_json_check_number (path, node, -RD_MAX_COORDINATE,
      RD_MAX_COORDINATE, number, error);
}

/* A list of @n coordinates; @names says which, for messages. */
static gboolean
get_coordinates (const char *path, JsonNode * node, guint n,
    double *numbers, const char *names, GError ** error)
{
  JsonArray *list;
  guint i, length;

  if (!rd_json_check_list (path, node, &list, error))
    return FALSE;
  length = json_array_get_length (list);
  if (length != n)
    return rd_json_fail (error, path, "must be %s, but has %u number%s", names,
        length, length == 1 ? "" : "s");

  for (i = 0; i < n; i++) {
    g_autofree char *place = g_strdup_printf ("%s[%u]", path, i);

    if (!get_coordinate (place, json_array_get_element (list, i), &numbers[i],
            error))
      return FALSE;
  }

  return TRUE;
}

/**
 * rd_region_read_units:
 * @path: of the value
 * @node: "norm" or "px"
 * @pixels: (out): whether coordinates are in pixels
 * @error: return location for %RD_ERROR_INVALID
 *
 * Returns: whether the value is well-formed
 */
gboolean
rd_region_read_units (const char *path, JsonNode * node, gboolean * pixels,
    GError ** error)
{
  g_autofree char *name = NULL;

  if (!rd_json_check_string (path, node, &name, error))
    return FALSE;

  *pixels = g_str_equal (name, "px");
  return *pixels || g_str_equal (name, "norm")
      || rd_json_fail (error, path, "must be \"norm\" or \"px\"");
}

/**
 * rd_region_read_box:
 * @reader: the document's settings
 * @path: of the value
 * @node: [x,y,width,height]
 * @shape: receives it, also in part when it is malformed
 * @error: return location for %RD_ERROR_INVALID
 *
 * Returns: whether the value is well-formed
 */
gboolean
rd_region_read_box (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdShape * shape, GError ** error)
{
  const char *problem;
  double numbers[4];

  if (!get_coordinates (path, node, G_N_ELEMENTS (numbers), numbers,
          "[x,y,width,height]", error))
    return FALSE;

  shape->kind = RD_SHAPE_BOX;
  shape->pixels = reader->pixels;
  shape->box.x = numbers[0];
  shape->box.y = numbers[1];
  shape->box.width = numbers[2];
  shape->box.height = numbers[3];
  problem = rd_box_problem (&shape->box, shape->pixels);
  if (problem)
    return rd_json_fail (error, path, "%s", problem);

  return TRUE;
}

/* Whether all corners are on one line. */
static gboolean
is_flat (const GArray * points)
{
  const double *p = (const double *) points->data;
  double dx = 0.0, dy = 0.0;
  guint i;

  for (i = 2; i < points->len; i += 2) {
    double x = p[i] - p[0], y = p[i + 1] - p[1];

    if (dx == 0.0 && dy == 0.0) {
      dx = x;
      dy = y;
    } else if (dx * y != dy * x) {
      return FALSE;
    }
  }

  return TRUE;
}

static RdBox
bounding_box (const GArray * points)
{
  const double *p = (const double *) points->data;
  double left = p[0], top = p[1], right = p[0], bottom = p[1];

  for (guint i = 2; i < points->len; i += 2) {
    left = MIN (left, p[i]);
    top = MIN (top, p[i + 1]);
    right = MAX (right, p[i]);
    bottom = MAX (bottom, p[i + 1]);
  }
  return (RdBox) {
  left, top, right - left, bottom - top};
}

/**
 * rd_region_read_polygon:
 * @reader: the document's settings
 * @path: of the value
 * @node: [[x,y],...]
 * @shape: receives it, also in part when it is malformed
 * @error: return location for %RD_ERROR_INVALID
 *
 * Returns: whether the value is well-formed
 */
gboolean
rd_region_read_polygon (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdShape * shape, GError ** error)
{
  const char *problem;
  JsonArray *list;
  guint i, length;
  RdBox box;

  if (!rd_json_check_list (path, node, &list, error))
    return FALSE;
  length = json_array_get_length (list);
  if (length < 3 || length > RD_MAX_POINTS)
    return rd_json_fail (error, path, "must have 3..%u points, but has %u",
        RD_MAX_POINTS, length);

  shape->kind = RD_SHAPE_POLYGON;
  shape->pixels = reader->pixels;
  shape->points = g_array_new (FALSE, FALSE, sizeof (double));
  for (i = 0; i < length; i++) {
    g_autofree char *place = g_strdup_printf ("%s[%u]", path, i);
    double point[2];

    if (!get_coordinates (place, json_array_get_element (list, i), 2, point,
            "[x,y]", error))
      return FALSE;
    g_array_append_vals (shape->points, point, 2);
  }
  if (is_flat (shape->points))
    return rd_json_fail (error, path,
        "has no area, all points are on one line");
  box = bounding_box (shape->points);
  problem = rd_box_problem (&box, shape->pixels);
  if (problem)
    return rd_json_fail (error, path, "%s", problem);

  return TRUE;
}

static gboolean
get_color (const char *path, JsonNode * node, RdShape * shape, GError ** error)
{
  g_autofree char *text = NULL;
  guint i;

  if (!rd_json_check_string (path, node, &text, error))
    return FALSE;

  for (i = 1; i < 7 && text[0] == '#'; i++) {
    if (!g_ascii_isxdigit (text[i]))
      break;
    shape->color = 16 * shape->color + (guint32) g_ascii_xdigit_value (text[i]);
  }
  if (i != 7 || text[7])
    return rd_json_fail (error, path, "must be \"#rrggbb\"");

  shape->has_color = TRUE;
  return TRUE;
}

static gboolean
get_channel (const char *path, JsonNode * node, RdMaskChannel * channel,
    GError ** error)
{
  g_autofree char *name = NULL;

  if (!rd_json_check_string (path, node, &name, error))
    return FALSE;
  for (guint i = 1; rd_mask_channel_name (i); i++) {
    if (g_str_equal (name, rd_mask_channel_name (i))) {
      *channel = i;
      return TRUE;
    }
  }
  return rd_json_fail (error, path, "must be \"luma\" or \"alpha\"");
}

/* What says which part of the file's picture is the mask. */
static gboolean
read_mask_choice (const char *path, JsonObject * object, RdShape * shape,
    GError ** error)
{
  g_autofree char *color_path = g_strconcat (path, ".color", NULL);
  g_autofree char *channel_path = g_strconcat (path, ".channel", NULL);
  g_autofree char *invert_path = g_strconcat (path, ".invert", NULL);
  JsonNode *color = json_object_get_member (object, "color");
  JsonNode *channel = json_object_get_member (object, "channel");
  JsonNode *invert = json_object_get_member (object, "invert");

  if ((color && !get_color (color_path, color, shape, error))
      || (channel && !get_channel (channel_path, channel, &shape->channel,
              error))
      || (invert && !rd_json_check_boolean (invert_path, invert,
              &shape->invert, error)))
    return FALSE;
  if (color && shape->channel == RD_CHANNEL_ALPHA)
    return rd_json_fail (error, path,
        "the channel \"alpha\" has no color, remove one of the two");
  return TRUE;
}

static gboolean
read_mask_file (const RdRegionReader * reader, const char *path,
    JsonNode * file, RdShape * shape, GError ** error)
{
  g_autofree char *file_path = g_strconcat (path, ".file", NULL);
  g_autofree char *name = NULL;

  if (!rd_json_check_name (file_path, file, &name, error))
    return FALSE;

  shape->kind = RD_SHAPE_FILE;
  shape->file = reader->folder && !g_path_is_absolute (name)
      ? g_build_filename (reader->folder, name, NULL)
      : g_steal_pointer (&name);
  return TRUE;
}

static gboolean
check_pad_keys (const char *path, JsonObject * object, GError ** error)
{
  static const char *const of_files[] = { "color", "channel", "invert" };

  for (guint i = 0; i < G_N_ELEMENTS (of_files); i++) {
    if (json_object_has_member (object, of_files[i]))
      return rd_json_fail (error, path, "\"%s\" is valid with \"file\" only",
          of_files[i]);
  }
  return TRUE;
}

/**
 * rd_region_read_mask:
 * @reader: the document's settings
 * @path: of the value
 * @node: {"file":...,"color":...,"channel":...,"invert":...} or {"pad":...}
 * @shape: receives it, also in part when it is malformed
 * @error: return location for %RD_ERROR_INVALID
 *
 * Returns: whether the value is well-formed
 */
gboolean
rd_region_read_mask (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdShape * shape, GError ** error)
{
  static const char *const known[] = {
    "file", "color", "channel", "invert", "pad", NULL
  };
  g_autofree char *pad_path = g_strconcat (path, ".pad", NULL);
  JsonObject *object;
  JsonNode *file, *pad;

  if (!rd_json_check_object (path, node, &object, error)
      || !rd_json_check_keys (path, object, known, error))
    return FALSE;

  file = json_object_get_member (object, "file");
  pad = json_object_get_member (object, "pad");
  if (!file == !pad)
    return rd_json_fail (error, path, "must have either \"file\" or \"pad\"");
  if (file)
    return read_mask_file (reader, path, file, shape, error)
        && read_mask_choice (path, object, shape, error);
  if (!check_pad_keys (path, object, error))
    return FALSE;

  shape->kind = RD_SHAPE_PAD;
  return rd_json_check_name (pad_path, pad, &shape->pad, error);
}

static gboolean
get_order (const char *path, JsonNode * node, RdDetectionOrder * order,
    GError ** error)
{
  g_autoptr (GString) known = g_string_new (NULL);
  g_autofree char *name = NULL;
  const char *other;

  if (!rd_json_check_string (path, node, &name, error))
    return FALSE;
  for (guint i = 1; (other = rd_detection_order_name (i)); i++) {
    if (g_str_equal (name, other)) {
      *order = i;
      return TRUE;
    }
    g_string_append_printf (known, i == 1 ? "%s" : ", %s", other);
  }
  return rd_json_fail (error, path, "must be one of %s", known->str);
}

/**
 * rd_region_read_match:
 * @reader: the document's settings
 * @path: of the value
 * @node: {"class":...,"min-confidence":...,"order":...}
 * @shape: receives it, also in part when it is malformed
 * @error: return location for %RD_ERROR_INVALID
 *
 * Returns: whether the value is well-formed
 */
gboolean
rd_region_read_match (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdShape * shape, GError ** error)
{
  static const char *const known[] = { "class", "min-confidence", "order",
    NULL
  };
  g_autofree char *class_path = g_strconcat (path, ".class", NULL);
  g_autofree char *confidence_path = g_strconcat (path, ".min-confidence",
      NULL);
  g_autofree char *order_path = g_strconcat (path, ".order", NULL);
  JsonObject *object;
  JsonNode *label, *confidence, *order;

  if (!rd_json_check_object (path, node, &object, error)
      || !rd_json_check_keys (path, object, known, error))
    return FALSE;

  label = json_object_get_member (object, "class");
  confidence = json_object_get_member (object, "min-confidence");
  order = json_object_get_member (object, "order");
  if (!label)
    return rd_json_fail (error, path, "has no \"class\"");

  shape->kind = RD_SHAPE_MATCH;
  return rd_json_check_name (class_path, label, &shape->label, error)
      && (!confidence || rd_json_check_number (confidence_path, confidence, 0,
          1, &shape->min_confidence, error))
      && (!order || get_order (order_path, order, &shape->order, error));
}
