/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The keys of regions, of the base and of classes of detections in JSON: the
 * settings of settings.c, and keys that name a region and give it a shape. */

#include <string.h>

#include "base/text.h"
#include "json/check.h"
#include "regions/read-json.h"

static gboolean
get_seed (const char *path, JsonNode * node, guint64 * seed, GError ** error)
{
  gint64 value;

  /* -1 is the largest seed, as other programs write it */
  if (JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_DOUBLE
      && json_node_get_double (node) == -1.0) {
    *seed = G_MAXUINT64;
    return TRUE;
  }
  if (!rd_json_node_int (node, &value))
    return rd_json_fail (error, path, "must be a whole number in 0..%"
        G_GUINT64_FORMAT ", or -1 for the largest", G_MAXUINT64);

  *seed = (guint64) value;
  return TRUE;
}

static gboolean
read_whole (const char *path, const RdSetting * setting, double min,
    JsonNode * node, RdRegion * region, GError ** error)
{
  gint64 number;

  if (!rd_json_check_whole (path, node, min, setting->max, &number, error))
    return FALSE;
  if (setting->type == RD_SETTING_INT)
    G_STRUCT_MEMBER (int, region, setting->offset) = (int) number;
  else
    G_STRUCT_MEMBER (guint, region, setting->offset) = (guint) number;
  return TRUE;
}

static gboolean
read_string (const char *path, const RdRegionSetting * setting,
    JsonNode * node, RdRegion * region, GError ** error)
{
  char **field = G_STRUCT_MEMBER_P (region, setting->setting.offset);

  if (!rd_json_check_string (path, node, field, error))
    return FALSE;
  if (setting->flags & RD_REGION_SETTING_NOT_EMPTY && !**field)
    return rd_json_fail (error, path, "must not be empty");
  if (setting->check && !setting->check (*field, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }
  return TRUE;
}

static gboolean
read_enum (const char *path, const RdRegionSetting * setting, JsonNode * node,
    RdRegion * region, GError ** error)
{
  g_autoptr (GString) known = g_string_new (NULL);
  g_autofree char *name = NULL;

  if (!rd_json_check_string (path, node, &name, error))
    return FALSE;
  for (int i = 0; setting->names[i]; i++) {
    if (g_str_equal (name, setting->names[i])) {
      setting->setting.set (region, i);
      return TRUE;
    }
    g_string_append_printf (known, "%s\"%s\"", i == 0 ? ""
        : setting->names[i + 1] ? ", " : " or ", setting->names[i]);
  }
  return rd_json_fail (error, path, "must be %s", known->str);
}

static gboolean
read_setting (const char *path, const RdRegionSetting * setting,
    JsonNode * node, RdRegion * region, GError ** error)
{
  const RdSetting *s = &setting->setting;
  gpointer field = G_STRUCT_MEMBER_P (region, s->offset);
  /* a document leaves out what is inherited, and has no numbers below 0 for it */
  const double min =
      setting->flags & RD_REGION_SETTING_INHERITED ? 0.0 : s->min;

  if (setting->said)
    G_STRUCT_MEMBER (gboolean, region, setting->said) = TRUE;
  switch (s->type) {
    case RD_SETTING_STRING:
    case RD_SETTING_NAME:
      return read_string (path, setting, node, region, error);
    case RD_SETTING_DOUBLE:
      return rd_json_check_number (path, node, min, s->max, field, error);
    case RD_SETTING_INT:
    case RD_SETTING_UINT:
      return read_whole (path, s, min, node, region, error);
    case RD_SETTING_UINT64:
      return get_seed (path, node, field, error);
    case RD_SETTING_BOOLEAN:
      return rd_json_check_boolean (path, node, field, error);
    case RD_SETTING_ENUM:
      return read_enum (path, setting, node, region, error);
    case RD_SETTING_NUMBERS:
      break;
  }
  g_return_val_if_reached (FALSE);
}

static gboolean
is_in (const RdRegionSetting * setting, const char *object)
{
  return setting->object && g_str_equal (setting->object, object);
}

/* An object with the settings that have its name. */
static gboolean
read_object (const char *path, const char *name, JsonNode * node,
    RdRegion * region, GError ** error)
{
  guint n, n_keys = 0;
  const RdRegionSetting *settings = rd_region_settings (&n);
  g_autofree const char **keys = g_new0 (const char *, n + 1);
  JsonObject *object;
  JsonObjectIter iter;
  const char *key;
  JsonNode *item;

  for (guint i = 0; i < n; i++) {
    if (is_in (&settings[i], name))
      keys[n_keys++] = rd_region_setting_key (&settings[i]);
  }
  if (!rd_json_check_object (path, node, &object, error)
      || !rd_json_check_keys (path, object, keys, error))
    return FALSE;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &item)) {
    g_autofree char *place = g_strconcat (path, ".", key, NULL);

    for (guint i = 0; i < n; i++) {
      if (is_in (&settings[i], name)
          && g_str_equal (rd_region_setting_key (&settings[i]), key)
          && !read_setting (place, &settings[i], item, region, error))
        return FALSE;
    }
  }
  return TRUE;
}

/* Reads one value into a region. @path is where the value is. */
typedef gboolean (*ReadFunc) (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdRegion * region, GError ** error);

typedef struct
{
  const char *name;
  guint where;                  /* RdKeysOf, as flags */
  ReadFunc read;
} Key;

static gboolean
read_id (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdRegion * region, GError ** error)
{
  g_clear_pointer (&region->id, g_free);

  return rd_json_check_name (path, node, &region->id, error);
}

/* read before the shape, see rd_region_read_keys() */
static gboolean
read_units (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_region_read_units (path, node, &region->shape.pixels, error);
}

static gboolean
read_box (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_region_read_box (reader, path, node, &region->shape, error);
}

static gboolean
read_polygon (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_region_read_polygon (reader, path, node, &region->shape, error);
}

static gboolean
read_mask (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_region_read_mask (reader, path, node, &region->shape, error);
}

static gboolean
refuse_unsupported (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_json_fail (error, path, "is not supported, remove it");
}

static gboolean
read_match (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_region_read_match (reader, path, node, &region->shape, error);
}

static gboolean
read_min_confidence (const RdRegionReader * reader, const char *path,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_json_check_number (path, node, 0.0, 1.0,
      &region->shape.min_confidence, error);
}

#define REGION RD_KEYS_OF_REGION
#define CLASS RD_KEYS_OF_CLASS
#define ALL (RD_KEYS_OF_REGION | RD_KEYS_OF_BASE | RD_KEYS_OF_CLASS)

/* Keys that are not settings. */
static const Key other_keys[] = {
  {"id", REGION, read_id},
  {"min-confidence", CLASS, read_min_confidence},
  {"units", REGION, read_units},
  {"box", REGION, read_box},
  {"polygon", REGION, read_polygon},
  {"mask", REGION, read_mask},
  {"match", REGION, read_match},
  {"lora", ALL, refuse_unsupported},
  {"control", ALL, refuse_unsupported},
};

static const Key *
find_key (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (other_keys); i++) {
    if (g_str_equal (other_keys[i].name, name))
      return &other_keys[i];
  }
  return NULL;
}

/* The setting with that key, or the first one of an object with that key. */
static const RdRegionSetting *
find_setting (const char *name)
{
  guint n;
  const RdRegionSetting *settings = rd_region_settings (&n);

  for (guint i = 0; i < n; i++) {
    if (is_in (&settings[i], name) || (!settings[i].object
            && g_str_equal (settings[i].setting.name, name)))
      return &settings[i];
  }
  return NULL;
}

/* Returns: RdKeysOf, as flags */
static guint
where_is (const RdRegionSetting * setting)
{
  if (setting->flags & RD_REGION_SETTING_OF_PADS)
    return 0;
  return setting->flags & RD_REGION_SETTING_OF_BASE ? ALL : REGION | CLASS;
}

static gboolean
fail_unknown_key (GError ** error, const char *path, const char *name,
    RdKeysOf of)
{
  guint n;
  const RdRegionSetting *settings = rd_region_settings (&n);
  g_autoptr (GPtrArray) known = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (other_keys); i++) {
    if (other_keys[i].where & of && other_keys[i].read != refuse_unsupported)
      g_ptr_array_add (known, (gpointer) other_keys[i].name);
  }
  for (guint i = 0; i < n; i++) {
    const RdRegionSetting *s = &settings[i];

    if (where_is (s) & of)
      g_ptr_array_add (known,
          (gpointer) (s->object ? s->object : s->setting.name));
  }
  g_ptr_array_add (known, NULL);
  return rd_json_fail_unknown (error, path, name,
      (const char *const *) known->pdata);
}

static gboolean
read_key (const RdRegionReader * reader, const char *path, const char *name,
    JsonNode * node, RdKeysOf of, RdRegion * region, GError ** error)
{
  g_autofree char *place = g_strconcat (path, ".", name, NULL);
  const RdRegionSetting *setting = find_setting (name);
  const Key *key = find_key (name);
  const guint where = key ? key->where : setting ? where_is (setting) : 0;

  if (of == RD_KEYS_OF_BASE && where & REGION && !(where & of))
    return rd_json_fail (error, place, "is valid in regions only");
  if (!(where & of))
    return fail_unknown_key (error, path, name, of);
  if (key)
    return key->read (reader, place, node, region, error);
  if (setting->object)
    return read_object (place, name, node, region, error);
  return read_setting (place, setting, node, region, error);
}

static gboolean
check_span (const char *path, const RdRegion * region, GError ** error)
{
  if (region->start >= region->end)
    return rd_json_fail (error, path,
        "start must be < end, but they are %s and %s",
        rd_text_number ("%.15g", region->start).text,
        rd_text_number ("%.15g", region->end).text);

  return TRUE;
}

/**
 * rd_region_read_keys:
 * @reader: the document's settings
 * @path: of @object in the document
 * @object: an object of settings
 * @of: what it describes
 * @region: receives the settings, also in part when they are malformed
 * @error: return location for %RD_ERROR_INVALID or, for a name of a sampler or
 *   scheduler, %RD_ERROR_NOT_FOUND
 *
 * Returns: whether all keys are known there and all values well-formed
 */
gboolean
rd_region_read_keys (const RdRegionReader * reader, const char *path,
    JsonObject * object, RdKeysOf of, RdRegion * region, GError ** error)
{
  RdRegionReader own = *reader;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node = json_object_get_member (object, "units");

  if (node && of == RD_KEYS_OF_REGION) {
    g_autofree char *place = g_strconcat (path, ".units", NULL);

    if (!rd_region_read_units (place, node, &own.pixels, error))
      return FALSE;
  }
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    if (!read_key (&own, path, name, node, of, region, error))
      return FALSE;
  }

  return check_span (path, region, error);
}
