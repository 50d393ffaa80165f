/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "onnx/backend.h"

#include <string.h>

#include "onnx/session.h"

#define MAX_OUTPUTS 2           /* states, pooled */

typedef struct
{
  RdTextEncoder parent;
  RdSession *session;
  const RdValueInfo *ids;
  const RdValueInfo *mask;      /* or NULL */
  const RdValueInfo *states, *pooled;   /* or NULL where they are not wanted */
  gint64 fixed_rows;            /* of every run, or 0 */
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

/* The output called @name; "hidden_states.-2" is the last but one of those that
 * have a number. A graph's only output of hidden states may have any name. */
static const RdValueInfo *
find_output (const RdSession * session, const char *name)
{
  const char *dot = strrchr (name, '.');
  const gint64 back = dot ? g_ascii_strtoll (dot + 1, NULL, 10) : 0;
  g_autofree char *numbered = NULL;
  guint n = 0;

  if (back < 0) {
    for (guint i = 0; i < session->n_outputs; i++)
      if (strncmp (session->outputs[i].name, name, dot + 1 - name) == 0)
        n++;
    numbered = g_strdup_printf ("%.*s%" G_GINT64_FORMAT, (int) (dot + 1 - name),
        name, n + back);
    name = numbered;
  }
  return rd_session_find_output (session, name,
      g_str_equal (name, "last_hidden_state") ? 3 : G_MAXUINT);
}

static gboolean
fail_without_output (const OnnxTextEncoder * encoder, const char *name,
    GError ** error)
{
  const RdSession *session = encoder->session;
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < session->n_outputs; i++)
    g_string_append_printf (list, "%s'%s'", i > 0 ? ", " : "",
        session->outputs[i].name);
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s has no output '%s', which models of this family need; it has %s; "
      "export the whole model with `optimum-cli export onnx`", session->path,
      name, list->str);
  return FALSE;
}

/* The width of an output is @wanted where that is not 0; receives the width that
 * the graph says. */
static gboolean
find_width (const OnnxTextEncoder * encoder, const RdValueInfo * info,
    guint rank, guint * wanted, GError ** error)
{
  const char *path = encoder->session->path;
  g_autofree char *shape = NULL;
  gint64 width;

  if (!rd_value_info_check_float (info, path, error))
    return FALSE;
  if (info->rank != rank) {
    shape = rd_value_info_describe (info);
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: the output '%s' is %s; it must have %u dimensions", path,
        info->name, shape, rank);
    return FALSE;
  }
  width = info->dims[rank - 1];
  if (width < 0 && *wanted == 0) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s does not say how wide its output '%s' is, and its config.json "
        "does not, either; copy that file of the model there", path,
        info->name);
    return FALSE;
  }
  if (width >= 0 && *wanted != 0 && width != *wanted) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: the output '%s' is %" G_GINT64_FORMAT " wide, but %u were "
        "expected; all networks must come from the same model", path,
        info->name, width, *wanted);
    return FALSE;
  }
  if (width >= 0)
    *wanted = (guint) width;
  return TRUE;
}

static gboolean
find_outputs (OnnxTextEncoder * encoder, GError ** error)
{
  RdTextOutputs *outputs = &encoder->parent.outputs;

  if (outputs->states) {
    encoder->states = find_output (encoder->session, outputs->states);
    if (!encoder->states)
      return fail_without_output (encoder, outputs->states, error);
    if (!find_width (encoder, encoder->states, 3, &outputs->states_width,
            error))
      return FALSE;
  }
  if (outputs->pooled) {
    encoder->pooled = find_output (encoder->session, outputs->pooled);
    if (!encoder->pooled)
      return fail_without_output (encoder, outputs->pooled, error);
    if (!find_width (encoder, encoder->pooled, 2, &outputs->pooled_width,
            error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
find_values (OnnxTextEncoder * encoder, GError ** error)
{
  const RdSession *session = encoder->session;
  const RdValueInfo *known[2];

  encoder->ids = rd_session_find_input (session, "input_ids", 2);
  encoder->mask = rd_session_find_input (session, "attention_mask", G_MAXUINT);
  if (!encoder->ids) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s is not a text encoder: it must have the input 'input_ids' of rank "
        "2", session->path);
    return FALSE;
  }
  known[0] = encoder->ids;
  known[1] = encoder->mask;
  if (!rd_session_refuse_other_inputs (session, known, 2, error)
      || !check_integer (session, encoder->ids, error)
      || (encoder->mask && !check_integer (session, encoder->mask, error)))
    return FALSE;
  encoder->fixed_rows = MAX (encoder->ids->dims[0], 0);
  return find_outputs (encoder, error);
}

/* @rows rows of @n numbers as @info types them: @values, or ones where that is
 * NULL. */
static RdTensor *
make_integers (RdStream * stream, const RdValueInfo * info, gint64 rows,
    guint n, const gint * values)
{
  const gint64 dims[] = { rows, n };
  const gboolean wide = info->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  g_autofree gint64 *storage = g_new (gint64, rows * n);

  for (gint64 i = 0; i < rows * n; i++) {
    const gint value = values ? values[i % n] : 1;

    if (wide)
      storage[i] = value;
    else
      ((gint32 *) storage)[i] = value;
  }
  return rd_tensor_new_from_host (stream, wide ? RD_TYPE_I64 : RD_TYPE_I32, 2,
      dims, storage);
}

/* The first row of what the network gave, as float32. */
static RdTensor *
take_first (RdTensor * given)
{
  RdTensor *first, *copy;

  if (!given)
    return NULL;
  if (given->type == RD_TYPE_F32 && given->dims[0] == 1)
    return rd_tensor_ref (given);
  first = rd_tensor_rows (given, 0, 1);
  copy = rd_tensor_new (given->stream, RD_TYPE_F32, first->rank, first->dims);
  rd_convert (copy, first);
  rd_tensor_unref (first);
  return copy;
}

static RdTensor *
new_output (RdStream * stream, const RdValueInfo * info, gint64 rows,
    gint64 tokens, gint64 width)
{
  const gint64 dims[] = { rows, tokens, width };
  const gint64 flat[] = { rows, width };

  return rd_tensor_new (stream, rd_value_info_float_type (info), info->rank,
      info->rank == 3 ? dims : flat);
}

static gboolean
run (RdTextEncoder * parent, RdStream * stream, guint n, const gint * ids,
    RdTextStates * result, GCancellable * cancellable, GError ** error)
{
  OnnxTextEncoder *encoder = (OnnxTextEncoder *) parent;
  const RdTextOutputs *wanted = &parent->outputs;
  const gint64 rows = encoder->fixed_rows ? encoder->fixed_rows : 1;
  g_autoptr (RdTensor) id_tensor =
      make_integers (stream, encoder->ids, rows, n, ids);
  g_autoptr (RdTensor) mask_tensor = encoder->mask
      ? make_integers (stream, encoder->mask, rows, n, NULL) : NULL;
  g_autoptr (RdTensor) states = NULL, pooled = NULL;
  const RdBinding inputs[] = {
    {encoder->ids, id_tensor}, {encoder->mask, mask_tensor}
  };
  RdBinding outputs[MAX_OUTPUTS];
  guint n_outputs = 0;

  if (encoder->states) {
    states = new_output (stream, encoder->states, rows, n,
        wanted->states_width);
    outputs[n_outputs].info = encoder->states;
    outputs[n_outputs++].tensor = states;
  }
  if (encoder->pooled) {
    pooled = new_output (stream, encoder->pooled, rows, n,
        wanted->pooled_width);
    outputs[n_outputs].info = encoder->pooled;
    outputs[n_outputs++].tensor = pooled;
  }
  /* ONNX Runtime may want integers on the host, and fetches them at once */
  if (!rd_stream_synchronize (stream, error)
      || !rd_session_run (encoder->session, stream, mask_tensor ? 2 : 1,
          inputs, n_outputs, outputs, cancellable, error))
    return FALSE;
  result->states = take_first (states);
  result->pooled = take_first (pooled);
  return rd_stream_check (stream, error);
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
 * @path: an ONNX file with the input `input_ids` (N,L), int32 or int64, and
 *   outputs (N,L,D) and (N,W); where N is fixed, rows are repeated
 * @runtime: where to run it
 * @outputs: which of these are wanted
 * @error: as of rd_session_new(), and %RD_ERROR_INVALID for a network of
 *   another kind
 *
 * Returns: (transfer full) (nullable): the network
 */
RdTextEncoder *
rd_onnx_text_encoder_new (const char *path, const RdRuntime * runtime,
    const RdTextOutputs * outputs, GError ** error)
{
  static const RdTextEncoderClass klass = { run, finalize };
  RdSession *session = rd_session_new (path, runtime, error);
  g_autoptr (RdTextEncoder) result = NULL;
  OnnxTextEncoder *encoder;

  if (!session)
    return NULL;

  encoder = g_new0 (OnnxTextEncoder, 1);
  encoder->session = session;
  result = &encoder->parent;
  rd_text_encoder_init (result, &klass, outputs);
  return find_values (encoder, error) ? g_steal_pointer (&result) : NULL;
}
