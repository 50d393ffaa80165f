/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Regions as JSON. One table names the keys of a region; what all of a
 * document's regions inherit has some of them too. */

#include <string.h>

#include "jsoncheck.h"
#include "region-json.h"
#include "region-parse.h"
#include "schedule.h"
#include "solver.h"

#define VERSION 1

typedef struct _Key Key;

/* Reads one value into a region. @path is where the value is. */
typedef gboolean (*ReadFunc) (const RdRegionReader * reader, const char *path,
    const Key * key, JsonNode * node, RdRegion * region,
    GError ** error);

struct _Key
{
  const char *name;
  gboolean inherited;           /* the base has it too */
  ReadFunc read;
  gsize field;                  /* offset in RdRegion */
  gsize flag;                   /* offset of the flag that says it is set */
  double min, max;
};

static gboolean
read_string (const RdRegionReader * reader, const char *path, const Key * key,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_json_check_string (path, node, G_STRUCT_MEMBER_P (region,
          key->field), error);
}

static gboolean
read_name (const RdRegionReader * reader, const char *path, const Key * key,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_json_check_name (path, node, G_STRUCT_MEMBER_P (region,
          key->field), error);
}

static gboolean
read_number (const RdRegionReader * reader, const char *path, const Key * key,
    JsonNode * node, RdRegion * region, GError ** error)
{
  if (key->flag)
    G_STRUCT_MEMBER (gboolean, region, key->flag) = TRUE;

  return rd_json_check_number (path, node, key->min, key->max,
      G_STRUCT_MEMBER_P (region, key->field), error);
}

static gboolean
read_overlap_factor (const RdRegionReader * reader, const char *path,
    const Key * key, JsonNode * node, RdRegion * region,
    GError ** error)
{
  gint64 number;

  if (!rd_json_check_whole (path, node, key->min, key->max, &number, error))
    return FALSE;

  region->has_overlap_factor = TRUE;
  region->overlap_factor = (guint) number;
  return TRUE;
}

static gboolean
read_z (const RdRegionReader * reader, const char *path, const Key * key,
    JsonNode * node, RdRegion * region, GError ** error)
{
  gint64 number;

  if (!rd_json_check_whole (path, node, key->min, key->max, &number, error))
    return FALSE;

  region->z = (int) number;
  return TRUE;
}

static gboolean
read_sampler (const RdRegionReader * reader, const char *path, const Key * key,
    JsonNode * node, RdRegion * region, GError ** error)
{
  if (!rd_json_check_string (path, node, &region->sampler, error))
    return FALSE;
  if (!rd_solver_find (region->sampler, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }

  return TRUE;
}

static gboolean
read_scheduler (const RdRegionReader * reader, const char *path,
    const Key * key, JsonNode * node, RdRegion * region,
    GError ** error)
{
  if (!rd_json_check_string (path, node, &region->scheduler, error))
    return FALSE;
  if (!rd_scheduler_find (region->scheduler, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }

  return TRUE;
}

static gboolean
read_id (const RdRegionReader * reader, const char *path, const Key * key,
    JsonNode * node, RdRegion * region, GError ** error)
{
  g_clear_pointer (&region->id, g_free);

  return rd_json_check_name (path, node, &region->id, error);
}

/* json-glib knows gint64 alone: the seeds from 2^63 on are negative there, and
 * what is written as -1 is 2^64 - 1. */
static gboolean
get_seed (const char *path, JsonNode * node, guint64 * seed, GError ** error)
{
  gint64 value;

  if (!rd_json_node_int (node, &value))
    return rd_json_fail (error, path,
        "must be a whole number in 0..%" G_GUINT64_FORMAT, G_MAXUINT64);

  *seed = (guint64) value;
  return TRUE;
}

static gboolean
get_method (const char *path, JsonNode * node, RdVariationMethod * method,
    GError ** error)
{
  g_autofree char *name = NULL;

  if (!rd_json_check_string (path, node, &name, error))
    return FALSE;

  if (strcmp (name, "linear") == 0)
    *method = RD_VARIATION_LINEAR;
  else if (strcmp (name, "slerp") == 0)
    *method = RD_VARIATION_SLERP;
  else
    return rd_json_fail (error, path, "must be \"linear\" or \"slerp\"");

  return TRUE;
}

static gboolean
read_variation (const RdRegionReader * reader, const char *path,
    const Key * key, JsonNode * node, RdRegion * region,
    GError ** error)
{
  static const char *const known[] = { "seed", "strength", "method", NULL };
  JsonObject *object;
  JsonObjectIter iter;
  const char *name;
  JsonNode *item;

  if (!rd_json_check_object (path, node, &object, error)
      || !rd_json_check_keys (path, object, known, error))
    return FALSE;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &item)) {
    g_autofree char *place = g_strconcat (path, ".", name, NULL);
    gboolean ok;

    if (strcmp (name, "seed") == 0)
      ok = get_seed (place, item, &region->variation_seed, error);
    else if (strcmp (name, "strength") == 0)
      ok = rd_json_check_number (place, item, 0.0, 1.0,
          &region->variation_strength, error);
    else
      ok = get_method (place, item, &region->variation_method, error);
    if (!ok)
      return FALSE;
  }

  return TRUE;
}

static gboolean
read_box (const RdRegionReader * reader, const char *path, const Key * key,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_region_read_box (reader, path, node, &region->shape, error);
}

static gboolean
read_polygon (const RdRegionReader * reader, const char *path, const Key * key,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_region_read_polygon (reader, path, node, &region->shape, error);
}

static gboolean
read_mask (const RdRegionReader * reader, const char *path, const Key * key,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_region_read_mask (reader, path, node, &region->shape, error);
}

static gboolean
refuse_unsupported (const RdRegionReader * reader, const char *path,
    const Key * key, JsonNode * node, RdRegion * region,
    GError ** error)
{
  return rd_json_fail (error, path, "is not supported, remove it");
}

static gboolean
refuse_match (const RdRegionReader * reader, const char *path, const Key * key,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_json_fail (error, path,
      "detections are not supported yet, use \"box\", \"polygon\" or "
      "\"mask\"");
}

#define FIELD(name) G_STRUCT_OFFSET (RdRegion, name)

static const Key region_keys[] = {
  {"id", FALSE, read_id},
  {"prompt", TRUE, read_string, FIELD (prompt)},
  {"negative-prompt", TRUE, read_string, FIELD (negative_prompt)},
  {"model", FALSE, read_name, FIELD (model)},
  {"cfg", TRUE, read_number, FIELD (cfg), FIELD (has_cfg), 0, 100},
  {"sampler", TRUE, read_sampler},
  {"scheduler", TRUE, read_scheduler},
  {"sigma-factor", TRUE, read_number, FIELD (sigma_factor),
      FIELD (has_sigma_factor), 0, 10},
  {"strength", FALSE, read_number, FIELD (strength), 0, 0, 1},
  {"start", FALSE, read_number, FIELD (start), 0, 0, 1},
  {"end", FALSE, read_number, FIELD (end), 0, 0, 1},
  {"z", FALSE, read_z, 0, 0, G_MININT, G_MAXINT},
  {"feather", TRUE, read_number, FIELD (feather), FIELD (has_feather), 0,
      10000},
  {"overlap-factor", TRUE, read_overlap_factor, 0, 0, 0, 10000},
  {"variation", FALSE, read_variation},
  {"box", FALSE, read_box},
  {"polygon", FALSE, read_polygon},
  {"mask", FALSE, read_mask},
  {"match", FALSE, refuse_match},
  {"lora", TRUE, refuse_unsupported},
  {"control", TRUE, refuse_unsupported},
};

static const Key *
find_key (const char *name)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (region_keys); i++) {
    if (strcmp (region_keys[i].name, name) == 0)
      return &region_keys[i];
  }

  return NULL;
}

static gboolean
fail_unknown_region_key (GError ** error, const char *path, const char *name,
    gboolean base)
{
  const char *known[G_N_ELEMENTS (region_keys) + 1];
  guint i, n = 0;

  for (i = 0; i < G_N_ELEMENTS (region_keys); i++) {
    if ((region_keys[i].inherited || !base)
        && region_keys[i].read != refuse_unsupported)
      known[n++] = region_keys[i].name;
  }
  known[n] = NULL;

  return rd_json_fail_unknown (error, path, name, known);
}

static gboolean
read_keys (const RdRegionReader * reader, const char *path,
    JsonObject * object, gboolean base, RdRegion * region, GError ** error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    const Key *key = find_key (name);
    g_autofree char *place = NULL;

    if (!key)
      return fail_unknown_region_key (error, path, name, base);

    place = g_strconcat (path, ".", name, NULL);
    if (base && !key->inherited)
      return rd_json_fail (error, place, "is a key of regions only");
    if (!key->read (reader, place, key, node, region, error))
      return FALSE;
  }

  return TRUE;
}

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
        "has no shape, give it \"box\", \"polygon\" or \"mask\"");
  return TRUE;
}

static gboolean
check_span (const char *path, const RdRegion * region, GError ** error)
{
  if (region->start >= region->end)
    return rd_json_fail (error, path,
        "start must be < end, but they are %.15g and %.15g", region->start,
        region->end);

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
read_regions (const RdRegionReader * reader, RdRegionList * list,
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
        || !read_keys (reader, path, object, FALSE, region, error)
        || !check_one_shape (path, object, error)
        || !check_span (path, region, error)
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
  g_autofree char *name = NULL;

  if (!units)
    return TRUE;
  if (!rd_json_check_string ("units", units, &name, error))
    return FALSE;

  reader->pixels = strcmp (name, "px") == 0;
  if (!reader->pixels && strcmp (name, "norm") != 0)
    return rd_json_fail (error, "units", "must be \"norm\" or \"px\"");

  return TRUE;
}

static gboolean
read_base (const RdRegionReader * reader, RdRegionList * list,
    JsonNode * base, GError ** error)
{
  JsonObject *object;

  if (!base)
    return TRUE;
  if (!rd_json_check_object ("base", base, &object, error))
    return FALSE;

  list->base = rd_region_new ("base");
  return read_keys (reader, "base", object, TRUE, list->base, error);
}

static gboolean
read_common (RdRegionList * list, JsonNode * common, GError ** error)
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
read_document (RdRegionReader * reader, RdRegionList * list,
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
 * rd_region_list_read_json:
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
rd_region_list_read_json (RdRegionList * list, const char *text,
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
