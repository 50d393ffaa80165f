/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "files/safetensors.h"

#include <math.h>
#include <string.h>

#include "device/ops.h"
#include "json/check.h"

#define METADATA_KEY "__metadata__"
/* the largest up to which JSON's numbers are read exactly, 2^53 */
#define MAX_INTEGER 9007199254740992.0

/* One element at @data, little endian, wherever it lies, as float32. */
typedef float (*ReadElement) (const guint8 * data);

static float
read_f32 (const guint8 * data)
{
  float value;

  memcpy (&value, data, sizeof value);
  return value;
}

static float
read_f64 (const guint8 * data)
{
  double value;

  memcpy (&value, data, sizeof value);
  return (float) value;
}

static float
read_f16 (const guint8 * data)
{
  return rd_op_float_from_half ((guint16) (data[0] | data[1] << 8));
}

/* the upper half of a float32 */
static float
read_bf16 (const guint8 * data)
{
  const guint32 bits = (guint32) (guint16) (data[0] | data[1] << 8) << 16;
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/* the upper half of a float16 */
static float
read_f8_e5m2 (const guint8 * data)
{
  return rd_op_float_from_half ((guint16) (data[0] << 8));
}

/* a bias of 7, no infinity, and one pattern that is no number (Micikevicius et
 * al. 2022) */
static float
read_f8_e4m3 (const guint8 * data)
{
  const int exponent = data[0] >> 3 & 15, mantissa = data[0] & 7;
  const float size = exponent == 15 && mantissa == 7 ? NAN
      : exponent == 0 ? ldexpf ((float) mantissa, -9)
      : ldexpf ((float) (8 + mantissa), exponent - 10);

  return data[0] & 0x80 ? -size : size;
}

#define READ_INTEGER(name, Type) \
  static float \
  name (const guint8 * data) \
  { \
    Type value; \
    \
    memcpy (&value, data, sizeof value); \
    return (float) value; \
  }

READ_INTEGER (read_u8, guint8);
READ_INTEGER (read_i8, gint8);
READ_INTEGER (read_u16, guint16);
READ_INTEGER (read_i16, gint16);
READ_INTEGER (read_u32, guint32);
READ_INTEGER (read_i32, gint32);
READ_INTEGER (read_u64, guint64);
READ_INTEGER (read_i64, gint64);

struct _RdSafetensorsDtype
{
  const char *name;
  guint size;
  int type;                     /* RdType of what is written, or -1 */
  ReadElement read;
};

/* The types of the safetensors library for PyTorch. */
static const RdSafetensorsDtype dtypes[] = {
  {"F32", 4, RD_TYPE_F32, read_f32},
  {"F16", 2, RD_TYPE_F16, read_f16},
  {"BOOL", 1, -1, read_u8},
  {"U8", 1, -1, read_u8},
  {"I8", 1, -1, read_i8},
  {"F8_E5M2", 1, -1, read_f8_e5m2},
  {"F8_E4M3", 1, -1, read_f8_e4m3},
  {"I16", 2, -1, read_i16},
  {"U16", 2, -1, read_u16},
  {"BF16", 2, -1, read_bf16},
  {"I32", 4, -1, read_i32},
  {"U32", 4, -1, read_u32},
  {"F64", 8, -1, read_f64},
  {"I64", 8, -1, read_i64},
  {"U64", 8, -1, read_u64},
};

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
  if (size < 2 || size > RD_SAFETENSORS_MAX_HEADER) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "safetensors: a header of %"
        G_GUINT64_FORMAT " bytes, must be 2 to %d; this is not a .safetensors "
        "file", size, RD_SAFETENSORS_MAX_HEADER);
    return FALSE;
  }
  *header_size = size;
  return TRUE;
}

static gboolean
read_metadata (RdSafetensors * file, JsonNode * node, GError ** error)
{
  JsonObject *object;
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  /* as the safetensors library takes it */
  if (json_node_is_null (node))
    return TRUE;
  if (!rd_json_check_object (METADATA_KEY, node, &object, error))
    return FALSE;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &value)) {
    g_autofree char *excerpt = rd_json_excerpt (key);
    g_autofree char *path = g_strconcat (METADATA_KEY ".", excerpt, NULL);
    char *text;

    if (!rd_json_check_string (path, value, &text, error))
      return FALSE;
    g_hash_table_insert (file->metadata, g_strdup (key), text);
  }
  return TRUE;
}

static JsonNode *
get_member (JsonObject * object, const char *path, const char *key,
    GError ** error)
{
  JsonNode *value = json_object_get_member (object, key);

  if (value == NULL)
    rd_json_fail (error, path, "\"%s\" is missing", key);
  return value;
}

/* Returns: (transfer full): the integers of a list, or NULL */
static guint64 *
read_integers (JsonObject * object, const char *name, const char *key,
    guint * n, GError ** error)
{
  JsonNode *node = get_member (object, name, key, error);
  JsonArray *list;
  g_autofree char *path = g_strconcat (name, ".", key, NULL);
  g_autofree guint64 *values = NULL;

  if (node == NULL || !rd_json_check_list (path, node, &list, error))
    return NULL;
  *n = json_array_get_length (list);
  /* one more, so that a scalar's empty shape is not NULL */
  values = g_new (guint64, *n + 1);
  for (guint i = 0; i < *n; i++) {
    g_autofree char *place = g_strdup_printf ("%s[%u]", path, i);
    gint64 value;

    if (!rd_json_check_whole (place, json_array_get_element (list, i), 0.0,
            MAX_INTEGER, &value, error))
      return NULL;
    values[i] = value;
  }
  return g_steal_pointer (&values);
}

static gboolean
check_size (const RdSafetensorsEntry * entry, const char *path, GError ** error)
{
  g_autofree char *dtype = rd_json_excerpt (entry->dtype);
  gboolean fits = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++) {
    guint64 size = dtypes[i].size;

    if (strcmp (entry->dtype, dtypes[i].name) != 0)
      continue;
    for (guint d = 0; d < entry->rank && fits; d++)
      fits = g_uint64_checked_mul (&size, size, entry->shape[d]);
    if (fits && size == entry->size)
      return TRUE;
    return rd_json_fail (error, path, "data_offsets hold %" G_GUINT64_FORMAT
        " bytes, which does not match shape and dtype", entry->size);
  }
  return rd_json_fail (error, path, "unknown dtype \"%s\"", dtype);
}

static gboolean
read_entry (RdSafetensors * file, const char *name, JsonNode * node,
    GError ** error)
{
  JsonObject *object;
  RdSafetensorsEntry *entry;
  g_autofree char *path = rd_json_excerpt (name);
  g_autofree char *dtype_path = g_strconcat (path, ".dtype", NULL);
  g_autofree guint64 *offsets = NULL;
  JsonNode *dtype;
  guint n_offsets;

  if (!rd_json_check_object (path, node, &object, error))
    return FALSE;
  dtype = get_member (object, path, "dtype", error);
  if (dtype == NULL)
    return FALSE;

  entry = g_new0 (RdSafetensorsEntry, 1);
  g_ptr_array_add (file->entries, entry);
  entry->name = g_strdup (name);
  if (!rd_json_check_name (dtype_path, dtype, &entry->dtype, error))
    return FALSE;
  entry->shape = read_integers (object, path, "shape", &entry->rank, error);
  if (entry->shape == NULL)
    return FALSE;
  offsets = read_integers (object, path, "data_offsets", &n_offsets, error);
  if (offsets == NULL)
    return FALSE;
  if (n_offsets != 2 || offsets[1] < offsets[0])
    return rd_json_fail (error, path, "data_offsets must be two numbers, begin "
        "and end, in this order");
  entry->offset = offsets[0];
  entry->size = offsets[1] - offsets[0];
  return check_size (entry, path, error);
}

static gint
compare_offsets (gconstpointer a, gconstpointer b)
{
  const RdSafetensorsEntry *first = *(RdSafetensorsEntry * const *) a;
  const RdSafetensorsEntry *second = *(RdSafetensorsEntry * const *) b;

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

    if (entry->offset != file->data_size) {
      g_autofree char *path = rd_json_excerpt (entry->name);

      return rd_json_fail (error, path, "data_offsets begin at %"
          G_GUINT64_FORMAT ", but the tensors before it end at %"
          G_GUINT64_FORMAT, entry->offset, file->data_size);
    }
    file->data_size = entry->offset + entry->size;
  }
  return TRUE;
}

static gboolean
read_header (RdSafetensors * file, const char *header, gsize size,
    GError ** error)
{
  g_autoptr (JsonNode) root = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  /* some writers fill up to a multiple of eight with these, not with spaces */
  while (size > 0 && header[size - 1] == '\0')
    size--;
  if (size == 0 || header[0] != '{')
    return rd_json_fail (error, "header", "not a JSON object");
  root = rd_json_parse ("header", header, size, error);
  if (root == NULL)
    return FALSE;
  json_object_iter_init_ordered (&iter, json_node_get_object (root));
  while (json_object_iter_next_ordered (&iter, &name, &value)) {
    gboolean ok = strcmp (name, METADATA_KEY) == 0 ?
        read_metadata (file, value, error)
        : read_entry (file, name, value, error);

    if (!ok)
      return FALSE;
  }
  return check_coverage (file, error);
}

/**
 * rd_safetensors_parse:
 * @header: the JSON, not terminated
 * @size: its bytes
 * @error: %RD_ERROR_INVALID: the key that is wrong, and how
 *
 * Reads a header. What it says about sizes is true of itself: offsets, shapes
 * and types agree, tensors neither overlap nor leave holes, no name occurs
 * twice. Whether there are `data_size` bytes behind it is for the caller to
 * see.
 *
 * Returns: (transfer full): what is in the file, or %NULL
 */
RdSafetensors *
rd_safetensors_parse (const char *header, gsize size, GError ** error)
{
  g_autoptr (RdSafetensors) file = rd_safetensors_new ();

  if (!read_header (file, header, size, error)) {
    g_prefix_error (error, "safetensors: ");
    return NULL;
  }
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
 * rd_safetensors_entry_dtype:
 * @entry: a tensor of a file that has been read
 *
 * Returns: (transfer none): its element type, for rd_safetensors_to_float()
 */
const RdSafetensorsDtype *
rd_safetensors_entry_dtype (const RdSafetensorsEntry * entry)
{
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (strcmp (entry->dtype, dtypes[i].name) == 0)
      return &dtypes[i];
  g_return_val_if_reached (NULL);
}

/**
 * rd_safetensors_to_float:
 * @dtype: an element type
 * @data: @n elements of it as they are in the file, at any address
 * @n: how many
 * @values: (array length=n): receives them, rounded to float32
 *
 * What float32 has no number for becomes infinite.
 */
void
rd_safetensors_to_float (const RdSafetensorsDtype * dtype, gconstpointer data,
    gsize n, float *values)
{
  const guint8 *bytes = data;

  for (gsize i = 0; i < n; i++)
    values[i] = dtype->read (bytes + i * dtype->size);
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
