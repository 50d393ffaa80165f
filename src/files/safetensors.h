/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:safetensors
 *
 * The header of a `.safetensors` file: eight bytes of length, little endian,
 * then that many bytes of JSON that name the tensors in the data behind them.
 * Read strictly: every byte of the data belongs to exactly one tensor.
 */

/* bytes of length in front of the JSON */
#define RD_SAFETENSORS_PREFIX 8
#define RD_SAFETENSORS_MAX_HEADER 100000000

/**
 * RdSafetensorsEntry:
 * @name: the tensor's name
 * @dtype: its element type as the file names it: "F32", "BF16", ...
 * @rank: number of dimensions
 * @shape: their sizes, outermost first; one may be 0
 * @offset: of the first byte, from the start of the data
 * @size: bytes
 */
typedef struct
{
  char *name;
  char *dtype;
  guint rank;
  guint64 *shape;
  guint64 offset;
  guint64 size;
} RdSafetensorsEntry;

/**
 * RdSafetensorsDtype:
 *
 * An element type of such files.
 */
typedef struct _RdSafetensorsDtype RdSafetensorsDtype;

/**
 * RdSafetensors:
 * @entries: (element-type RdSafetensorsEntry): by offset
 * @metadata: (element-type utf8 utf8): `__metadata__`
 * @data_size: bytes behind the header
 */
typedef struct
{
  GPtrArray *entries;
  GHashTable *metadata;
  guint64 data_size;
} RdSafetensors;

gboolean rd_safetensors_read_prefix (const guint8 * prefix, gsize * header_size,
    GError ** error);
RdSafetensors *rd_safetensors_parse (const char *header, gsize size,
    GError ** error);
void rd_safetensors_free (RdSafetensors * file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdSafetensors, rd_safetensors_free);

const RdSafetensorsEntry *rd_safetensors_find (const RdSafetensors * file,
    const char *name);
const RdSafetensorsDtype *rd_safetensors_entry_dtype
    (const RdSafetensorsEntry * entry);
void rd_safetensors_to_float (const RdSafetensorsDtype * dtype,
    gconstpointer data, gsize n, float *values);

RdSafetensors *rd_safetensors_new (void);
void rd_safetensors_add (RdSafetensors * file, const char *name, RdType type,
    guint rank, const gint64 * shape);
GBytes *rd_safetensors_serialise (const RdSafetensors * file);

G_END_DECLS
