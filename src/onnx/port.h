/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "onnx/ort.h"
#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:port
 *
 * What a network takes and gives, as its file says.
 */

/**
 * RdPort:
 * @name: of an input or output
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
} RdPort;

gboolean rd_port_read (RdPort * port, OrtSession * session, const char *path,
    gboolean is_input, gsize index, GError ** error);
void rd_port_clear (RdPort * port);

char *rd_port_describe (const RdPort * port);
gboolean rd_port_get_type (const RdPort * port, RdType * type);
gboolean rd_port_check_float (const RdPort * port, const char *path,
    GError ** error);
RdType rd_port_float_type (const RdPort * port);

ONNXTensorElementDataType rd_onnx_type (RdType type);
char *rd_onnx_describe (ONNXTensorElementDataType type, guint rank,
    const gint64 * dims, char *const *symbols);

G_END_DECLS
