/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One table names the keys of a region; what all of a document's regions
 * inherit, and what a class of detections is to be, have some of them too. */

#include <string.h>

#include "json/check.h"
#include "regions/read-json.h"
#include "regions/reader.h"
#include "sigmas/scheduler.h"
#include "solvers/solver.h"

typedef struct _Key Key;

/* Reads one value into a region. @path is where the value is. */
typedef gboolean (*ReadFunc) (const RdRegionReader * reader, const char *path,
    const Key * key, JsonNode * node, RdRegion * region,
    GError ** error);

struct _Key
{
  const char *name;
  guint where;                  /* RdKeysOf, as flags */
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
      ok = region->has_variation_seed =
          get_seed (place, item, &region->variation_seed, error);
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

/* read before the shape, see rd_region_read_keys() */
static gboolean
read_units (const RdRegionReader * reader, const char *path, const Key * key,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_region_read_units (path, node, &region->shape.pixels, error);
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
read_match (const RdRegionReader * reader, const char *path, const Key * key,
    JsonNode * node, RdRegion * region, GError ** error)
{
  return rd_region_read_match (reader, path, node, &region->shape, error);
}

#define FIELD(name) G_STRUCT_OFFSET (RdRegion, name)

#define REGION RD_KEYS_OF_REGION
#define ALL (RD_KEYS_OF_REGION | RD_KEYS_OF_BASE | RD_KEYS_OF_CLASS)
#define NOT_BASE (RD_KEYS_OF_REGION | RD_KEYS_OF_CLASS)

static const Key region_keys[] = {
  {"id", REGION, read_id},
  {"prompt", ALL, read_string, FIELD (prompt)},
  {"negative-prompt", ALL, read_string, FIELD (negative_prompt)},
  {"model", NOT_BASE, read_name, FIELD (model)},
  {"cfg", ALL, read_number, FIELD (cfg), FIELD (has_cfg), 0, 100},
  {"sampler", ALL, read_sampler},
  {"scheduler", ALL, read_scheduler},
  {"sigma-factor", ALL, read_number, FIELD (sigma_factor),
      FIELD (has_sigma_factor), 0, 10},
  {"strength", NOT_BASE, read_number, FIELD (strength), 0, 0, 1},
  {"start", NOT_BASE, read_number, FIELD (start), 0, 0, 1},
  {"end", NOT_BASE, read_number, FIELD (end), 0, 0, 1},
  {"z", NOT_BASE, read_z, 0, 0, G_MININT, G_MAXINT},
  {"feather", ALL, read_number, FIELD (feather), FIELD (has_feather), 0,
      10000},
  {"overlap-factor", ALL, read_overlap_factor, 0, 0, 0, 10000},
  {"variation", NOT_BASE, read_variation},
  {"min-confidence", RD_KEYS_OF_CLASS, read_number,
      FIELD (shape.min_confidence), 0, 0, 1},
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
  guint i;

  for (i = 0; i < G_N_ELEMENTS (region_keys); i++) {
    if (strcmp (region_keys[i].name, name) == 0)
      return &region_keys[i];
  }

  return NULL;
}

static gboolean
fail_unknown_key (GError ** error, const char *path, const char *name,
    RdKeysOf of)
{
  const char *known[G_N_ELEMENTS (region_keys) + 1];
  guint i, n = 0;

  for (i = 0; i < G_N_ELEMENTS (region_keys); i++) {
    if ((region_keys[i].where & of)
        && region_keys[i].read != refuse_unsupported)
      known[n++] = region_keys[i].name;
  }
  known[n] = NULL;

  return rd_json_fail_unknown (error, path, name, known);
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

/**
 * rd_region_read_keys:
 * @reader: the document's settings
 * @path: of @object
 * @object: settings
 * @of: of whom
 * @region: receives them, also in part when they are malformed
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
    const Key *key = find_key (name);
    g_autofree char *place = NULL;

    place = g_strconcat (path, ".", name, NULL);
    if (key && of == RD_KEYS_OF_BASE && key->where & RD_KEYS_OF_REGION
        && !(key->where & of))
      return rd_json_fail (error, place, "is a key of regions only");
    if (!key || !(key->where & of))
      return fail_unknown_key (error, path, name, of);
    if (!key->read (&own, place, key, node, region, error))
      return FALSE;
  }

  return check_span (path, region, error);
}
