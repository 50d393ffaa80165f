/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "networks/networks.h"

#include "onnx/session.h"

struct _RdTextEncoder
{
  RdSession *session;
  const RdValueInfo *ids, *mask, *out;       /* mask: NULL if there is none */
  guint width;
};

static gboolean
check_integer (const RdSession * session, const RdValueInfo * port, GError ** error)
{
  g_autofree char *shape = NULL;

  if (port->rank == 2 && (port->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32
          || port->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64))
    return TRUE;

  shape = rd_value_info_describe (port);
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s: the input '%s' is %s; it must be int32 or int64 [batch, tokens]",
      session->path, port->name, shape);
  return FALSE;
}

static gboolean
find_ports (RdTextEncoder * encoder, GError ** error)
{
  const RdSession *session = encoder->session;

  encoder->ids = rd_session_find_input (session, "input_ids", 2);
  encoder->mask = rd_session_find_input (session, "attention_mask", G_MAXUINT);
  encoder->out = rd_session_find_output (session, "last_hidden_state", 3);
  if (!encoder->ids || !encoder->out || encoder->out->rank != 3) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s is no text encoder: it needs the input 'input_ids' and the output "
        "'last_hidden_state', of ranks 2 and 3", session->path);
    return FALSE;
  }
  return rd_session_refuse_other_inputs (session, (const RdValueInfo * const[]) {
        encoder->ids, encoder->mask}, 2, error)
      && check_integer (session, encoder->ids, error)
      && (!encoder->mask || check_integer (session, encoder->mask, error))
      && rd_value_info_check_float (encoder->out, session->path, error);
}

/**
 * rd_text_encoder_new:
 * @path: an ONNX file with the input `input_ids` (1,L), int32 or int64, and the
 *   output `last_hidden_state` (1,L,D)
 * @runtime: where to run it
 * @width: D, which is the UNet's
 * @error: as of rd_session_new(), and %RD_ERROR_INVALID for a network of
 *   another kind
 *
 * Returns: (transfer full) (nullable): the network
 */
RdTextEncoder *
rd_text_encoder_new (const char *path, const RdRuntime * runtime,
    guint width, GError ** error)
{
  RdSession *session = rd_session_new (path, runtime, error);
  g_autoptr (RdTextEncoder) encoder = NULL;
  gint64 own_width;

  if (!session)
    return NULL;

  encoder = g_new0 (RdTextEncoder, 1);
  encoder->session = session;
  encoder->width = width;
  if (!find_ports (encoder, error))
    return NULL;
  own_width = encoder->out->dims[2];
  if (own_width >= 0 && own_width != width) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s gives tokens %" G_GINT64_FORMAT " wide, the UNet takes %u; both "
        "must come from the same model", path, own_width, width);
    return NULL;
  }
  return g_steal_pointer (&encoder);
}

void
rd_text_encoder_free (RdTextEncoder * encoder)
{
  rd_session_free (encoder->session);
  g_free (encoder);
}

/* @n numbers as @port types them: @values, or ones where that is NULL. */
static RdTensor *
make_integers (RdStream * stream, const RdValueInfo * port, guint n,
    const gint * values)
{
  const gint64 dims[] = { 1, n };
  const gboolean wide = port->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
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

/**
 * rd_text_encoder_run:
 * @encoder: a network
 * @stream: where the result is made
 * @n: L, number of ids
 * @ids: what a tokenizer gives
 * @cancellable: (nullable): ends it early
 * @error: as of rd_session_run()
 *
 * Every position is attended to, padding included: so Stable Diffusion was
 * trained.
 *
 * Returns: (transfer full) (nullable): hidden states (1,L,D), float32
 */
RdTensor *
rd_text_encoder_run (RdTextEncoder * encoder, RdStream * stream, guint n,
    const gint * ids, GCancellable * cancellable, GError ** error)
{
  const gint64 dims[] = { 1, n, encoder->width };
  const RdType type = rd_value_info_float_type (encoder->out);
  g_autoptr (RdTensor) id_tensor =
      make_integers (stream, encoder->ids, n, ids);
  g_autoptr (RdTensor) mask_tensor = encoder->mask
      ? make_integers (stream, encoder->mask, n, NULL) : NULL;
  g_autoptr (RdTensor) states = rd_tensor_new (stream, type, 3, dims);
  const RdBinding inputs[] = { {encoder->ids, id_tensor},
  {encoder->mask, mask_tensor}
  };
  RdTensor *converted;

  /* ONNX Runtime may want integers on the host, and fetches them at once */
  if (!rd_stream_synchronize (stream, error)
      || !rd_session_run (encoder->session, stream, mask_tensor ? 2 : 1,
          inputs, &(RdBinding) {encoder->out, states}, cancellable, error))
    return NULL;
  if (type == RD_TYPE_F32)
    return g_steal_pointer (&states);

  converted = rd_tensor_new (stream, RD_TYPE_F32, 3, dims);
  rd_convert (converted, states);
  return converted;
}
