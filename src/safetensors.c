/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safetensors.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define METADATA_KEY "__metadata__"
/* {"name": {"shape": [ ... ]}} */
#define MAX_DEPTH 3

static const struct
{
  const char *name;
  guint size;
  int type;                     /* RdType, or -1 */
} dtypes[] = {
  {"F32", 4, RD_TYPE_F32},
  {"F16", 2, RD_TYPE_F16},
  {"BOOL", 1, -1},
  {"U8", 1, -1},
  {"I8", 1, -1},
  {"F8_E5M2", 1, -1},
  {"F8_E4M3", 1, -1},
  {"I16", 2, -1},
  {"U16", 2, -1},
  {"BF16", 2, -1},
  {"I32", 4, -1},
  {"U32", 4, -1},
  {"F64", 8, -1},
  {"I64", 8, -1},
  {"U64", 8, -1},
};

G_GNUC_PRINTF (2, 3)
static gboolean
refuse (GError ** error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "safetensors: %s", text);
  return FALSE;
}

static void
entry_free (gpointer data)
{
  RdSafetensorsEntry *entry = data;

  g_free (entry->name);
  g_free (entry->dtype);
  g_free (entry->shape);
  g_free (entry);
}

/**
 * rd_safetensors_new:
 *
 * Returns: (transfer full): a file without tensors and metadata
 */
RdSafetensors *
rd_safetensors_new (void)
{
  RdSafetensors *file = g_new0 (RdSafetensors, 1);

  file->entries = g_ptr_array_new_with_free_func (entry_free);
  file->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  return file;
}

/**
 * rd_safetensors_free:
 * @file: (transfer full): a file's header
 */
void
rd_safetensors_free (RdSafetensors * file)
{
  g_ptr_array_unref (file->entries);
  g_hash_table_unref (file->metadata);
  g_free (file);
}

/**
 * rd_safetensors_read_prefix:
 * @prefix: the file's first %RD_SAFETENSORS_PREFIX bytes
 * @header_size: (out): bytes of JSON behind them
 * @error: %RD_ERROR_INVALID: a length that no header has
 */
gboolean
rd_safetensors_read_prefix (const guint8 * prefix, gsize * header_size,
    GError ** error)
{
  guint64 size;

  memcpy (&size, prefix, sizeof size);
  size = GUINT64_FROM_LE (size);
  if (size < 2 || size > RD_SAFETENSORS_MAX_HEADER)
    return refuse (error, "a header of %" G_GUINT64_FORMAT " bytes (2 to %d "
        "are possible): not a .safetensors file", size,
        RD_SAFETENSORS_MAX_HEADER);
  *header_size = size;
  return TRUE;
}

/* json-glib reads more than JSON (comments, other quotes) and recurses without
 * bound, so what surrounds the strings is looked at first. */
static gboolean
check_syntax (const char *header, gsize size, GError ** error)
{
  gboolean in_string = FALSE;
  guint depth = 0;

  if (!g_utf8_validate_len (header, size, NULL))
    return refuse (error, "the header is not UTF-8");
  if (size == 0 || header[0] != '{')
    return refuse (error, "the header does not begin with {");
  for (gsize i = 0; i < size; i++) {
    const char c = header[i];

    if (in_string) {
      if (c == '\\')
        i++;
      else if (c == '"')
        in_string = FALSE;
    } else if (c == '"') {
      in_string = TRUE;
    } else if (c == '{' || c == '[') {
      if (++depth > MAX_DEPTH)
        return refuse (error, "the header is nested too deep at byte %"
            G_GSIZE_FORMAT, i);
    } else if (c == '}' || c == ']') {
      if (depth-- == 0)
        return refuse (error, "the header has a stray %c at byte %"
            G_GSIZE_FORMAT, c, i);
    } else if (strchr (" \t\r\n:,+-.0123456789Eaeflnrstu", c) == NULL) {
      return refuse (error, "the header has a stray %c at byte %"
          G_GSIZE_FORMAT, g_ascii_isprint (c) ? c : '?', i);
    }
  }
  if (in_string || depth > 0)
    return refuse (error, "the header is cut off");
  return TRUE;
}

/* json-glib keeps the last of two members of one name; this tells of them. */
typedef struct
{
  GHashTable *counts;           /* members seen, by object */
  char *duplicate;
} MemberWatch;

static void
on_object_member (JsonParser * parser, JsonObject * object, const char *name,
    MemberWatch * watch)
{
  guint count =
      GPOINTER_TO_UINT (g_hash_table_lookup (watch->counts, object)) + 1;

  g_hash_table_insert (watch->counts, object, GUINT_TO_POINTER (count));
  if (count > json_object_get_size (object) && watch->duplicate == NULL)
    watch->duplicate = g_strdup (name);
}

static gboolean
load_json (JsonParser * parser, const char *header, gsize size,
    GError ** error)
{
  MemberWatch watch = { g_hash_table_new (NULL, NULL), NULL };
  g_autoptr (GError) json_error = NULL;
  gboolean ok;

  g_signal_connect (parser, "object-member", G_CALLBACK (on_object_member),
      &watch);
  ok = json_parser_load_from_data (parser, header, size, &json_error);
  if (!ok)
    refuse (error, "the header is not JSON: %s", json_error->message);
  else if (watch.duplicate != NULL)
    ok = refuse (error, "\"%s\" occurs twice", watch.duplicate);
  else if (!JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    ok = refuse (error, "the header is not a JSON object");
  g_hash_table_unref (watch.counts);
  g_free (watch.duplicate);
  return ok;
}

static gboolean
read_metadata (RdSafetensors * file, JsonNode * node, GError ** error)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse (error, METADATA_KEY " is not an object");
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &key, &value)) {
    if (!JSON_NODE_HOLDS_VALUE (value)
        || json_node_get_value_type (value) != G_TYPE_STRING)
      return refuse (error, METADATA_KEY ".%s is not a string", key);
    g_hash_table_insert (file->metadata, g_strdup (key),
        json_node_dup_string (value));
  }
  return TRUE;
}

/* Returns: (transfer full): the integers of an array, or NULL */
static guint64 *
read_integers (JsonObject * object, const char *name, const char *key,
    guint * n, GError ** error)
{
  JsonNode *node = json_object_get_member (object, key);
  g_autofree guint64 *values = NULL;
  JsonArray *array;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node)) {
    refuse (error, "\"%s\".%s is %s, must be an array of integers", name, key,
        node ? json_node_type_name (node) : "missing");
    return NULL;
  }
  array = json_node_get_array (node);
  *n = json_array_get_length (array);
  /* never NULL, also for a scalar's empty shape */
  values = g_new (guint64, *n + 1);
  for (guint i = 0; i < *n; i++) {
    JsonNode *element = json_array_get_element (array, i);

    if (!JSON_NODE_HOLDS_VALUE (element)
        || json_node_get_value_type (element) != G_TYPE_INT64
        || json_node_get_int (element) < 0) {
      refuse (error, "\"%s\".%s[%u] is not an integer from 0 up", name, key, i);
      return NULL;
    }
    values[i] = json_node_get_int (element);
  }
  return g_steal_pointer (&values);
}

static gboolean
check_size (const RdSafetensorsEntry * entry, GError ** error)
{
  gboolean fits = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++) {
    guint64 size = dtypes[i].size;

    if (strcmp (entry->dtype, dtypes[i].name) != 0)
      continue;
    for (guint d = 0; d < entry->rank && fits; d++)
      fits = g_uint64_checked_mul (&size, size, entry->shape[d]);
    if (fits && size == entry->size)
      return TRUE;
    return refuse (error, "\"%s\".data_offsets hold %" G_GUINT64_FORMAT
        " bytes, which is not what its shape and dtype need", entry->name,
        entry->size);
  }
  return refuse (error, "\"%s\".dtype is %s, which is not known", entry->name,
      entry->dtype);
}

static gboolean
read_entry (RdSafetensors * file, const char *name, JsonNode * node,
    GError ** error)
{
  RdSafetensorsEntry *entry;
  g_autofree guint64 *offsets = NULL;
  JsonNode *dtype;
  JsonObject *object;
  guint n_offsets;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse (error, "\"%s\" is not an object", name);
  object = json_node_get_object (node);
  dtype = json_object_get_member (object, "dtype");
  if (dtype == NULL || !JSON_NODE_HOLDS_VALUE (dtype)
      || json_node_get_value_type (dtype) != G_TYPE_STRING)
    return refuse (error, "\"%s\".dtype is not a string", name);

  entry = g_new0 (RdSafetensorsEntry, 1);
  g_ptr_array_add (file->entries, entry);
  entry->name = g_strdup (name);
  entry->dtype = json_node_dup_string (dtype);
  entry->shape = read_integers (object, name, "shape", &entry->rank, error);
  if (entry->shape == NULL)
    return FALSE;
  offsets = read_integers (object, name, "data_offsets", &n_offsets, error);
  if (offsets == NULL)
    return FALSE;
  if (n_offsets != 2 || offsets[1] < offsets[0])
    return refuse (error, "\"%s\".data_offsets are not begin and end", name);
  entry->offset = offsets[0];
  entry->size = offsets[1] - offsets[0];
  return check_size (entry, error);
}

static gint
compare_offsets (gconstpointer a, gconstpointer b)
{
  const RdSafetensorsEntry *first = *(RdSafetensorsEntry *const *) a;
  const RdSafetensorsEntry *second = *(RdSafetensorsEntry *const *) b;

  if (first->offset != second->offset)
    return first->offset < second->offset ? -1 : 1;
  if (first->size != second->size)
    return first->size < second->size ? -1 : 1;
  return 0;
}

static gboolean
check_coverage (RdSafetensors * file, GError ** error)
{
  g_ptr_array_sort (file->entries, compare_offsets);
  for (guint i = 0; i < file->entries->len; i++) {
    const RdSafetensorsEntry *entry = g_ptr_array_index (file->entries, i);

    if (entry->offset != file->data_size)
      return refuse (error, "\"%s\".data_offsets begin at %" G_GUINT64_FORMAT
          ", where %s; the next free byte is %" G_GUINT64_FORMAT, entry->name,
          entry->offset, entry->offset < file->data_size ?
          "another tensor is" : "a hole would be left", file->data_size);
    /* ends are at most G_MAXINT64, as the JSON had them */
    file->data_size = entry->offset + entry->size;
  }
  return TRUE;
}

/**
 * rd_safetensors_parse:
 * @header: the JSON, not terminated
 * @size: its bytes
 * @error: %RD_ERROR_INVALID: the key that is wrong, and how
 *
 * Reads a header. What it says about sizes is true of itself: offsets, shapes
 * and types agree, tensors neither overlap nor leave holes, no name occurs
 * twice. Whether there are @data_size bytes behind it is for the caller to see.
 *
 * Returns: (transfer full): what is in the file, or %NULL
 */
RdSafetensors *
rd_safetensors_parse (const char *header, gsize size, GError ** error)
{
  g_autoptr (RdSafetensors) file = rd_safetensors_new ();
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!check_syntax (header, size, error)
      || !load_json (parser, header, size, error))
    return NULL;
  json_object_iter_init (&iter,
      json_node_get_object (json_parser_get_root (parser)));
  while (json_object_iter_next (&iter, &name, &node)) {
    gboolean ok = strcmp (name, METADATA_KEY) == 0 ?
        read_metadata (file, node, error)
        : read_entry (file, name, node, error);

    if (!ok)
      return NULL;
  }
  if (!check_coverage (file, error))
    return NULL;
  return g_steal_pointer (&file);
}

/**
 * rd_safetensors_find:
 * @file: a file's header
 * @name: a tensor's name
 *
 * Returns: (transfer none) (nullable): the tensor
 */
const RdSafetensorsEntry *
rd_safetensors_find (const RdSafetensors * file, const char *name)
{
  for (guint i = 0; i < file->entries->len; i++) {
    const RdSafetensorsEntry *entry = g_ptr_array_index (file->entries, i);

    if (strcmp (entry->name, name) == 0)
      return entry;
  }
  return NULL;
}

/**
 * rd_safetensors_entry_type:
 * @entry: a tensor
 * @type: (out): its element type
 * @error: %RD_ERROR_INVALID: one that #RdTensor does not have
 */
gboolean
rd_safetensors_entry_type (const RdSafetensorsEntry * entry, RdType * type,
    GError ** error)
{
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++) {
    if (dtypes[i].type >= 0 && strcmp (entry->dtype, dtypes[i].name) == 0) {
      *type = dtypes[i].type;
      return TRUE;
    }
  }
  return refuse (error, "\"%s\" is %s; only F32 and F16 are supported, save it "
      "as one of them", entry->name, entry->dtype);
}

/**
 * rd_safetensors_add:
 * @file: a file's header
 * @name: the tensor's name, a new one
 * @type: %RD_TYPE_F32 or %RD_TYPE_F16
 * @rank: number of dimensions
 * @shape: their sizes; one may be 0
 *
 * Adds a tensor behind the others.
 */
void
rd_safetensors_add (RdSafetensors * file, const char *name, RdType type,
    guint rank, const gint64 * shape)
{
  RdSafetensorsEntry *entry = g_new0 (RdSafetensorsEntry, 1);

  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++) {
    if (dtypes[i].type == (int) type) {
      entry->dtype = g_strdup (dtypes[i].name);
      entry->size = dtypes[i].size;
    }
  }
  g_assert (entry->dtype != NULL);
  entry->name = g_strdup (name);
  entry->rank = rank;
  entry->shape = g_new (guint64, rank + 1);
  for (guint i = 0; i < rank; i++) {
    entry->shape[i] = shape[i];
    entry->size *= shape[i];
  }
  entry->offset = file->data_size;
  file->data_size += entry->size;
  g_ptr_array_add (file->entries, entry);
}

static void
add_integers (JsonBuilder * builder, const char *key, guint n,
    const guint64 * values)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    json_builder_add_int_value (builder, values[i]);
  json_builder_end_array (builder);
}

static void
add_metadata (JsonBuilder * builder, GHashTable * metadata)
{
  g_autoptr (GList) keys = g_hash_table_get_keys (metadata);

  /* the same content gives the same bytes */
  keys = g_list_sort (keys, (GCompareFunc) strcmp);
  json_builder_set_member_name (builder, METADATA_KEY);
  json_builder_begin_object (builder);
  for (GList * l = keys; l != NULL; l = l->next) {
    json_builder_set_member_name (builder, l->data);
    json_builder_add_string_value (builder, g_hash_table_lookup (metadata,
            l->data));
  }
  json_builder_end_object (builder);
}

/**
 * rd_safetensors_serialise:
 * @file: a file's header
 *
 * Returns: (transfer full): the bytes in front of the data, a multiple of 8
 */
GBytes *
rd_safetensors_serialise (const RdSafetensors * file)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  gsize length, padded;
  guint64 prefix;
  guint8 *bytes;

  json_builder_begin_object (builder);
  if (g_hash_table_size (file->metadata) > 0)
    add_metadata (builder, file->metadata);
  for (guint i = 0; i < file->entries->len; i++) {
    const RdSafetensorsEntry *entry = g_ptr_array_index (file->entries, i);
    const guint64 offsets[] = { entry->offset, entry->offset + entry->size };

    json_builder_set_member_name (builder, entry->name);
    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "dtype");
    json_builder_add_string_value (builder, entry->dtype);
    add_integers (builder, "shape", entry->rank, entry->shape);
    add_integers (builder, "data_offsets", 2, offsets);
    json_builder_end_object (builder);
  }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);

  length = strlen (text);
  padded = (length + 7) / 8 * 8;
  bytes = g_malloc (RD_SAFETENSORS_PREFIX + padded);
  prefix = GUINT64_TO_LE (padded);
  memcpy (bytes, &prefix, sizeof prefix);
  memcpy (bytes + RD_SAFETENSORS_PREFIX, text, length);
  memset (bytes + RD_SAFETENSORS_PREFIX + length, ' ', padded - length);
  return g_bytes_new_take (bytes, RD_SAFETENSORS_PREFIX + padded);
}
