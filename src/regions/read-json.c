/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Documents about regions, as JSON. */

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
        "has no shape, give it \"box\", \"polygon\", \"mask\" or \"match\"");
  return TRUE;
}

static gboolean
check_id (const RdRegionReader * reader, const char *path,
    const RdRegion * region, GError ** error)
{
  const char *other = g_hash_table_lookup (reader->ids, region->id);
  g_autofree char *excerpt = rd_json_excerpt (region->id);

  if (other)
    return rd_json_fail (error, path, "has the id \"%s\" of %s", excerpt,
        other);

  g_hash_table_insert (reader->ids, g_strdup (region->id), g_strdup (path));
  return TRUE;
}

static gboolean
read_regions (const RdRegionReader * reader, RdRegionDocument * list,
    JsonNode * regions, GError ** error)
{
  JsonArray *array;
  guint i;

  if (!rd_json_check_list ("regions", regions, &array, error))
    return FALSE;

  for (i = 0; i < json_array_get_length (array); i++) {
    JsonObject *object;
    g_autofree char *path = g_strdup_printf ("regions[%u]", i);
    RdRegion *region = rd_region_new (path);

    g_ptr_array_add (list->regions, region);
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
read_base (const RdRegionReader * reader, RdRegionDocument * list,
    JsonNode * base, GError ** error)
{
  JsonObject *object;

  if (!base)
    return TRUE;
  if (!rd_json_check_object ("base", base, &object, error))
    return FALSE;

  list->base = rd_region_new ("base");
  return rd_region_read_keys (reader, "base", object, RD_KEYS_OF_BASE,
      list->base, error);
}

static gboolean
read_common (RdRegionDocument * list, JsonNode * common, GError ** error)
{
  static const char *const known[] = { "prompt", NULL };
  JsonObject *object;
  JsonNode *prompt;

  if (!common)
    return TRUE;
  if (!rd_json_check_object ("common", common, &object, error)
      || !rd_json_check_keys ("common", object, known, error))
    return FALSE;

  prompt = json_object_get_member (object, "prompt");
  return !prompt
      || rd_json_check_string ("common.prompt", prompt, &list->common_prompt,
      error);
}

static gboolean
read_document (RdRegionReader * reader, RdRegionDocument * list,
    JsonObject * document, GError ** error)
{
  static const char *const known[] = {
    "version", "units", "base", "common", "regions", NULL
  };
  JsonNode *regions;

  if (!rd_json_check_keys ("document", document, known, error)
      || !read_version (json_object_get_member (document, "version"), error)
      || !read_units (reader, json_object_get_member (document, "units"), error)
      || !read_base (reader, list, json_object_get_member (document, "base"),
          error)
      || !read_common (list, json_object_get_member (document, "common"),
          error))
    return FALSE;

  regions = json_object_get_member (document, "regions");
  return !regions || read_regions (reader, list, regions, error);
}

/**
 * rd_region_document_read_json:
 * @list: receives what the text says
 * @text: a JSON list or object
 * @folder: (nullable): what paths in it are relative to
 * @error: return location for %RD_ERROR_INVALID, whose message begins with the
 *   path of the key or, where the text is no JSON, with document:LINE:COLUMN;
 *   or for %RD_ERROR_NOT_FOUND, for a name of a sampler or scheduler
 *
 * Returns: whether the text is well-formed
 */
gboolean
rd_region_document_read_json (RdRegionDocument * list, const char *text,
    const char *folder, GError ** error)
{
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal,
      g_free, g_free);
  g_autoptr (JsonNode) document =
      rd_json_parse ("document", text, strlen (text), error);
  RdRegionReader reader = { folder, FALSE, ids };

  if (!document)
    return FALSE;
  if (JSON_NODE_HOLDS_ARRAY (document))
    return read_regions (&reader, list, document, error);

  return read_document (&reader, list, json_node_get_object (document), error);
}
