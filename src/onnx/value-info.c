/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "onnx/value-info.h"

/* by RdType */
static const ONNXTensorElementDataType types[] = {
  [RD_TYPE_F32] = ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
  [RD_TYPE_F16] = ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16,
  [RD_TYPE_I32] = ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32,
  [RD_TYPE_I64] = ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,
  [RD_TYPE_F64] = ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE,
  [RD_TYPE_U8] = ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8,
};

static const char *
type_name (ONNXTensorElementDataType type)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i] == type)
      return rd_type_name (i);
  return type == ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 ? "bfloat16"
      : type == ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL ? "bool" : "another type";
}

/**
 * rd_onnx_type:
 * @type: element type of a tensor
 *
 * Returns: what ONNX Runtime calls it
 */
ONNXTensorElementDataType
rd_onnx_type (RdType type)
{
  return types[type];
}

/**
 * rd_value_info_get_type:
 * @info: an input or output
 * @type: (out): element type of tensors that can be bound to it
 *
 * Returns: %FALSE if tensors have no such type
 */
gboolean
rd_value_info_get_type (const RdValueInfo * info, RdType * type)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    if (types[i] != info->type)
      continue;
    *type = i;
    return TRUE;
  }
  return FALSE;
}

/**
 * rd_onnx_describe:
 * @type: element type
 * @rank: number of dimensions
 * @dims: their sizes, -1 where free
 * @symbols: (nullable): names of free dimensions
 *
 * Returns: (transfer full): all that, `float32 [batch, 4, height, width]`
 */
char *
rd_onnx_describe (ONNXTensorElementDataType type, guint rank,
    const gint64 * dims, char *const *symbols)
{
  GString *text = g_string_new (type_name (type));

  g_string_append (text, " [");
  for (guint i = 0; i < rank; i++) {
    if (i > 0)
      g_string_append (text, ", ");
    if (dims[i] >= 0)
      g_string_append_printf (text, "%" G_GINT64_FORMAT, dims[i]);
    else
      g_string_append (text, symbols[i][0] ? symbols[i] : "any");
  }
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

/**
 * rd_value_info_describe:
 * @info: an input or output
 *
 * Returns: (transfer full): its type and shape, see rd_onnx_describe()
 */
char *
rd_value_info_describe (const RdValueInfo * info)
{
  return rd_onnx_describe (info->type, info->rank, info->dims, info->symbols);
}

/**
 * rd_value_info_clear:
 * @info: what rd_value_info_read() has filled, also after a failure
 */
void
rd_value_info_clear (RdValueInfo * info)
{
  for (guint i = 0; info->symbols && i < info->rank; i++)
    g_free (info->symbols[i]);
  g_free (info->symbols);
  g_free (info->dims);
  g_free (info->name);
}

static gboolean
read_shape (const OrtTypeInfo * type_info, const char *path,
    RdValueInfo * info, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  const OrtTensorTypeAndShapeInfo *tensor;
  g_autofree const char **symbols = NULL;
  size_t rank;

  if (!rd_ort_check (api->CastTypeInfoToTensorInfo (type_info, &tensor),
          error, "%s", path))
    return FALSE;
  if (!tensor) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: '%s' is not a tensor; export the network again, with tensors only",
        path, info->name);
    return FALSE;
  }
  if (!rd_ort_check (api->GetTensorElementType (tensor, &info->type), error,
          "%s", path)
      || !rd_ort_check (api->GetDimensionsCount (tensor, &rank), error, "%s",
          path))
    return FALSE;

  info->dims = g_new0 (gint64, rank + 1);
  info->symbols = g_new0 (char *, rank + 1);
  symbols = g_new0 (const char *, rank + 1);
  info->rank = (guint) rank;
  if (!rd_ort_check (api->GetDimensions (tensor, info->dims, rank), error,
          "%s", path)
      || !rd_ort_check (api->GetSymbolicDimensions (tensor, symbols, rank),
          error, "%s", path))
    return FALSE;
  for (size_t i = 0; i < rank; i++)
    info->symbols[i] = g_strdup (symbols[i] ? symbols[i] : "");
  return TRUE;
}

/**
 * rd_value_info_read:
 * @info: (inout): all zero; receives the description
 * @session: a network
 * @path: its file, for messages
 * @is_input: which side
 * @index: which input or output
 * @error: %RD_ERROR_INVALID if it is no tensor, or what ONNX Runtime reports
 *
 * Returns: %FALSE on failure
 */
gboolean
rd_value_info_read (RdValueInfo * info, OrtSession * session,
    const char *path, gboolean is_input, gsize index, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  g_autoptr (OrtTypeInfo) type_info = NULL;
  OrtAllocator *allocator;
  char *name;

  if (!rd_ort_check (api->GetAllocatorWithDefaultOptions (&allocator), error,
          "%s", path)
      || !rd_ort_check (is_input
          ? api->SessionGetInputName (session, index, allocator, &name)
          : api->SessionGetOutputName (session, index, allocator, &name),
          error, "%s", path))
    return FALSE;
  info->name = g_strdup (name);
  allocator->Free (allocator, name);

  return rd_ort_check (is_input
      ? api->SessionGetInputTypeInfo (session, index, &type_info)
      : api->SessionGetOutputTypeInfo (session, index, &type_info), error,
      "%s", path) && read_shape (type_info, path, info, error);
}

/**
 * rd_value_info_check_float:
 * @info: an input or output
 * @path: the network's file, for messages
 * @error: %RD_ERROR_INVALID
 *
 * Returns: whether its type is one that latents and pictures can have
 */
gboolean
rd_value_info_check_float (const RdValueInfo * info, const char *path,
    GError ** error)
{
  if (info->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT
      || info->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16)
    return TRUE;

  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s: '%s' is %s; export the network with float32 or float16",
      path, info->name, type_name (info->type));
  return FALSE;
}

/**
 * rd_value_info_float_type:
 * @info: an input or output that rd_value_info_check_float() accepts
 *
 * Returns: its element type
 */
RdType
rd_value_info_float_type (const RdValueInfo * info)
{
  return info->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16
      ? RD_TYPE_F16 : RD_TYPE_F32;
}
