/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Documents in JSON. */

#include <string.h>

#include "json/check.h"
#include "regions/read-json.h"
#include "regions/reader.h"

#define VERSION 1

static gboolean
check_one_shape (const char *path, JsonObject * object, GError ** error)
{
  static const char *const shapes[] = { "box", "polygon", "mask", "match" };
  const char *found = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (shapes); i++) {
    if (!json_object_has_member (object, shapes[i]))
      continue;
    if (found)
      return rd_json_fail (error, path,
          "must have one shape, but has \"%s\" and \"%s\"", found, shapes[i]);
    found = shapes[i];
  }

  if (!found)
    return rd_json_fail (error, path,
        "has no shape, add \"box\", \"polygon\", \"mask\" or \"match\"");
  return TRUE;
}

static gboolean
check_id (const RdRegionReader * reader, const char *path,
    const RdRegion * region, GError ** error)
{
  const char *other = g_hash_table_lookup (reader->ids, region->id);
  g_autofree char *excerpt = rd_json_excerpt (region->id);

  if (other)
    return rd_json_fail (error, path, "has the id \"%s\", which is already "
        "used by %s", excerpt, other);

  g_hash_table_insert (reader->ids, g_strdup (region->id), g_strdup (path));
  return TRUE;
}

static gboolean
read_regions (const RdRegionReader * reader, JsonNode * node,
    GPtrArray * regions, GError ** error)
{
  JsonArray *array;
  guint i;

  if (!rd_json_check_list ("regions", node, &array, error))
    return FALSE;
  if (!rd_region_check_number (json_array_get_length (array), error)) {
    g_prefix_error (error, "regions: ");
    return FALSE;
  }

  for (i = 0; i < json_array_get_length (array); i++) {
    JsonObject *object;
    g_autofree char *path = g_strdup_printf ("regions[%u]", i);
    RdRegion *region = rd_region_new (path);

    g_ptr_array_add (regions, region);
    if (!rd_json_check_object (path, json_array_get_element (array, i),
            &object, error)
        || !rd_region_read_keys (reader, path, object, RD_KEYS_OF_REGION,
            region, error)
        || !check_one_shape (path, object, error)
        || !check_id (reader, path, region, error))
      return FALSE;
  }

  return TRUE;
}

static gboolean
read_version (JsonNode * version, GError ** error)
{
  gint64 number;

  if (!version)
    return TRUE;

  return rd_json_check_whole ("version", version, VERSION, VERSION, &number,
      error);
}

static gboolean
read_units (RdRegionReader * reader, JsonNode * units, GError ** error)
{
  return !units
      || rd_region_read_units ("units", units, &reader->pixels, error);
}

static gboolean
read_base (const RdRegionReader * reader, JsonNode * node, RdRegion ** base,
    GError ** error)
{
  JsonObject *object;

  if (!node)
    return TRUE;
  if (!rd_json_check_object ("base", node, &object, error))
    return FALSE;

  *base = rd_region_new ("base");
  return rd_region_read_keys (reader, "base", object, RD_KEYS_OF_BASE, *base,
      error);
}

static gboolean
read_common (JsonNode * node, char **common_prompt, GError ** error)
{
  static const char *const known[] = { "prompt", NULL };
  JsonObject *object;
  JsonNode *prompt;

  if (!node)
    return TRUE;
  if (!rd_json_check_object ("common", node, &object, error)
      || !rd_json_check_keys ("common", object, known, error))
    return FALSE;

  prompt = json_object_get_member (object, "prompt");
  return !prompt
      || rd_json_check_string ("common.prompt", prompt, common_prompt, error);
}

static gboolean
read_document (RdRegionReader * reader, JsonObject * document, RdRegion ** base,
    char **common_prompt, GPtrArray * regions, GError ** error)
{
  static const char *const known[] = {
    "version", "units", "base", "common", "regions", NULL
  };
  JsonNode *node;

  if (!rd_json_check_keys ("document", document, known, error)
      || !read_version (json_object_get_member (document, "version"), error)
      || !read_units (reader, json_object_get_member (document, "units"), error)
      || !read_base (reader, json_object_get_member (document, "base"), base,
          error)
      || !read_common (json_object_get_member (document, "common"),
          common_prompt, error))
    return FALSE;

  node = json_object_get_member (document, "regions");
  return !node || read_regions (reader, node, regions, error);
}

/**
 * rd_regions_read_json:
 * @text: a JSON list or object
 * @folder: (nullable): folder that paths in it are relative to
 * @base: (inout): receives the settings of the base, if there are any
 * @common_prompt: (inout): receives the common prompt, if there is one
 * @regions: (element-type RdRegion): receives the regions
 * @error: return location for %RD_ERROR_INVALID, whose message begins with the
 *   path of the key or, where the text is no JSON, with document:LINE:COLUMN;
 *   or for %RD_ERROR_NOT_FOUND, for a name of a sampler or scheduler
 *
 * All three may hold parts of a text that is malformed.
 *
 * Returns: whether the text is well-formed
 */
gboolean
rd_regions_read_json (const char *text, const char *folder, RdRegion ** base,
    char **common_prompt, GPtrArray * regions, GError ** error)
{
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal,
      g_free, g_free);
  g_autoptr (JsonNode) document =
      rd_json_parse ("document", text, strlen (text), error);
  RdRegionReader reader = { folder, FALSE, ids };

  if (!document) {
    if (!rd_json_looks_like (text))
      rd_json_add_hint (error, "for the short form, end the text with "
          "@x,y,width,height");
    return FALSE;
  }
  if (JSON_NODE_HOLDS_ARRAY (document))
    return read_regions (&reader, document, regions, error);

  return read_document (&reader, json_node_get_object (document), base,
      common_prompt, regions, error);
}
