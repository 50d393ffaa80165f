/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "onnx/backend.h"

#include "onnx/session.h"

typedef struct
{
  RdTextEncoder parent;
  RdSession *session;
  const RdValueInfo *ids, *out;
  const RdValueInfo *mask;      /* or NULL */
} OnnxTextEncoder;

static gboolean
check_integer (const RdSession * session, const RdValueInfo * info,
    GError ** error)
{
  g_autofree char *shape = NULL;

  if (info->rank == 2 && (info->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32
          || info->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64))
    return TRUE;

  shape = rd_value_info_describe (info);
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s: the input '%s' is %s; it must be int32 or int64 [batch, tokens]",
      session->path, info->name, shape);
  return FALSE;
}

static gboolean
find_values (OnnxTextEncoder * encoder, GError ** error)
{
  const RdSession *session = encoder->session;
  const RdValueInfo *known[2];

  encoder->ids = rd_session_find_input (session, "input_ids", 2);
  encoder->mask = rd_session_find_input (session, "attention_mask", G_MAXUINT);
  encoder->out = rd_session_find_output (session, "last_hidden_state", 3);
  if (!encoder->ids || !encoder->out || encoder->out->rank != 3) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s is not a text encoder: it must have the input 'input_ids' and the "
        "output 'last_hidden_state', of ranks 2 and 3", session->path);
    return FALSE;
  }
  known[0] = encoder->ids;
  known[1] = encoder->mask;
  return rd_session_refuse_other_inputs (session, known, 2, error)
      && check_integer (session, encoder->ids, error)
      && (!encoder->mask || check_integer (session, encoder->mask, error))
      && rd_value_info_check_float (encoder->out, session->path, error);
}

/* @n numbers as @info types them: @values, or ones where that is NULL. */
static RdTensor *
make_integers (RdStream * stream, const RdValueInfo * info, guint n,
    const gint * values)
{
  const gint64 dims[] = { 1, n };
  const gboolean wide = info->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  g_autofree gint64 *storage = g_new (gint64, n);

  for (guint i = 0; i < n; i++) {
    const gint value = values ? values[i] : 1;

    if (wide)
      storage[i] = value;
    else
      ((gint32 *) storage)[i] = value;
  }
  return rd_tensor_new_from_host (stream, wide ? RD_TYPE_I64 : RD_TYPE_I32, 2,
      dims, storage);
}

static RdTensor *
run (RdTextEncoder * parent, RdStream * stream, guint n, const gint * ids,
    GCancellable * cancellable, GError ** error)
{
  OnnxTextEncoder *encoder = (OnnxTextEncoder *) parent;
  const gint64 dims[] = { 1, n, parent->width };
  const RdType type = rd_value_info_float_type (encoder->out);
  g_autoptr (RdTensor) id_tensor = make_integers (stream, encoder->ids, n, ids);
  g_autoptr (RdTensor) mask_tensor = encoder->mask
      ? make_integers (stream, encoder->mask, n, NULL) : NULL;
  g_autoptr (RdTensor) states = rd_tensor_new (stream, type, 3, dims);
  const RdBinding inputs[] = {
    {encoder->ids, id_tensor}, {encoder->mask, mask_tensor}
  };
  const RdBinding output = { encoder->out, states };
  RdTensor *converted;

  /* ONNX Runtime may want integers on the host, and fetches them at once */
  if (!rd_stream_synchronize (stream, error)
      || !rd_session_run (encoder->session, stream, mask_tensor ? 2 : 1,
          inputs, &output, cancellable, error))
    return NULL;
  if (type == RD_TYPE_F32)
    return g_steal_pointer (&states);

  converted = rd_tensor_new (stream, RD_TYPE_F32, 3, dims);
  rd_convert (converted, states);
  return converted;
}

static void
finalize (RdTextEncoder * parent)
{
  OnnxTextEncoder *encoder = (OnnxTextEncoder *) parent;

  rd_session_free (encoder->session);
  g_free (encoder);
}

/**
 * rd_onnx_text_encoder_new:
 * @path: an ONNX file with the input `input_ids` (1,L), int32 or int64, and the
 *   output `last_hidden_state` (1,L,D)
 * @runtime: where to run it
 * @width: D, which is the denoiser's
 * @error: as of rd_session_new(), and %RD_ERROR_INVALID for a network of
 *   another kind
 *
 * Returns: (transfer full) (nullable): the network
 */
RdTextEncoder *
rd_onnx_text_encoder_new (const char *path, const RdRuntime * runtime,
    guint width, GError ** error)
{
  static const RdTextEncoderClass klass = { run, finalize };
  RdSession *session = rd_session_new (path, runtime, error);
  g_autoptr (RdTextEncoder) result = NULL;
  OnnxTextEncoder *encoder;
  gint64 own_width;

  if (!session)
    return NULL;

  encoder = g_new0 (OnnxTextEncoder, 1);
  encoder->session = session;
  result = &encoder->parent;
  rd_text_encoder_init (result, &klass, width);
  if (!find_values (encoder, error))
    return NULL;
  own_width = encoder->out->dims[2];
  if (own_width >= 0 && own_width != width) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s returns tokens %" G_GINT64_FORMAT " wide, but the UNet expects %u; "
        "both must come from the same model", path, own_width, width);
    return NULL;
  }
  return g_steal_pointer (&result);
}
