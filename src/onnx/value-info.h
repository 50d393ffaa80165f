/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "onnx/ort.h"
#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:value-info
 *
 * What one input or output of a network is, as its file says.
 */

/**
 * RdValueInfo:
 * @name: its name in the graph
 * @type: element type
 * @rank: number of dimensions; an output of rank 0 may have any
 * @dims: their sizes, -1 where free
 * @symbols: names of free dimensions, "" where they have none
 */
typedef struct
{
  char *name;
  ONNXTensorElementDataType type;
  guint rank;
  gint64 *dims;
  char **symbols;
} RdValueInfo;

gboolean rd_value_info_read (RdValueInfo * info, OrtSession * session,
    const char *path, gboolean is_input, gsize index, GError ** error);
void rd_value_info_clear (RdValueInfo * info);

char *rd_value_info_describe (const RdValueInfo * info);
gboolean rd_value_info_get_type (const RdValueInfo * info, RdType * type);
gboolean rd_value_info_check_float (const RdValueInfo * info, const char *path,
    GError ** error);
RdType rd_value_info_float_type (const RdValueInfo * info);

ONNXTensorElementDataType rd_onnx_type (RdType type);
char *rd_onnx_describe (ONNXTensorElementDataType type, guint rank,
    const gint64 * dims, char *const *symbols);

G_END_DECLS
