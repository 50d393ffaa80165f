/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "onnx/backend.h"

#include <math.h>
#include <string.h>

#include "device/ops.h"
#include "onnx/session.h"

/* An input of the graph beside latents and timesteps. */
typedef struct
{
  const char *name;             /* of the tensor that it takes */
  const RdValueInfo *info;
} NamedInput;

typedef struct
{
  RdDenoiser parent;
  RdSession *session;
  const RdValueInfo *sample, *timestep, *out;
  guint n_named;                /* all other inputs */
  NamedInput *named;
  const char **names;           /* theirs, %NULL-terminated */
  gint64 fixed_rows;            /* of every run, or 0 */
  gboolean one_timestep;        /* a run has one timestep for all its rows */
} OnnxDenoiser;

static void
write_timestep (RdType type, double value, gint64 i, gpointer data)
{
  switch (type) {
    case RD_TYPE_F32:
      ((float *) data)[i] = (float) value;
      break;
    case RD_TYPE_F64:
      ((double *) data)[i] = value;
      break;
    case RD_TYPE_F16:
      ((guint16 *) data)[i] = rd_op_half_from_float ((float) value);
      break;
    case RD_TYPE_I32:
      ((gint32 *) data)[i] = (gint32) lrint (value);
      break;
    case RD_TYPE_I64:
      ((gint64 *) data)[i] = llrint (value);
      break;
    case RD_TYPE_U8:           /* refused by check_timestep() */
      g_assert_not_reached ();
  }
}

/* The timesteps of @n rows and, from there up to @rows, the first one again, as
 * the graph types them. */
static RdTensor *
prepare_timesteps (const OnnxDenoiser * self, RdStream * stream,
    const double *timesteps, gint64 n, gint64 rows)
{
  const gint64 n_values = self->one_timestep ? 1 : rows;
  g_autofree gint64 *values = g_new (gint64, n_values);
  RdType type = RD_TYPE_F32;

  rd_value_info_get_type (self->timestep, &type);
  for (gint64 i = 0; i < n_values; i++)
    write_timestep (type, timesteps[i < n ? i : 0], i, values);
  return rd_tensor_new_from_host (stream, type, self->timestep->rank,
      &n_values, values);
}

/* @input as the graph types it: @rows, the last ones copies of the first where
 * the graph wants more than there are. */
static RdTensor *
prepare_rows (const RdValueInfo * info, RdTensor * input, gint64 rows)
{
  const RdType type = rd_value_info_float_type (info);
  const gint64 n = input->dims[0];
  gint64 dims[RD_TENSOR_MAX_RANK];
  g_autoptr (RdTensor) given = NULL;
  RdTensor *result;

  if (n == rows && type == input->type)
    return rd_tensor_ref (input);

  memcpy (dims, input->dims, sizeof dims);
  dims[0] = rows;
  result = rd_tensor_new (input->stream, type, input->rank, dims);
  given = rd_tensor_rows (result, 0, n);
  rd_copy (given, input);
  if (n < rows) {
    g_autoptr (RdTensor) others = rd_tensor_rows (result, n, rows - n);
    g_autoptr (RdTensor) first = rd_tensor_rows (input, 0, 1);

    rd_copy (others, first);
  }
  return result;
}

static gint64
common_length (RdConditioning * const *conditionings, gint64 n)
{
  gint64 length = 1;

  for (gint64 i = 0; i < n; i++)
    length = rd_conditioning_common_length (length, conditionings[i]->n_tokens);
  return length;
}

/* Rows that the graph wants beyond those there are repeat the first. */
static RdTensor *
tensor_of_row (RdConditioning * const *conditionings, const char *name,
    gint64 n, gint64 row)
{
  return rd_conditioning_get (conditionings[row < n ? row : 0], name);
}

/* The tensors @name of @n conditionings as one, (rows,...). Sequences of tokens
 * that are shorter than others are repeated up to the common length: attention
 * over tokens that are repeated equals attention over them once. */
static RdTensor *
stack_conditionings (const NamedInput * input,
    RdConditioning * const *conditionings, gint64 n, gint64 rows)
{
  const RdType type = rd_value_info_float_type (input->info);
  RdTensor *first = rd_conditioning_get (conditionings[0], input->name);
  const gint64 length = common_length (conditionings, n);
  gint64 dims[RD_TENSOR_MAX_RANK];
  RdTensor *result;

  if (rows == 1 && type == RD_TYPE_F32)
    return rd_tensor_ref (first);

  memcpy (dims, first->dims, sizeof dims);
  dims[0] = rows;
  if (first->rank == 3)
    dims[1] = length;
  result = rd_tensor_new (first->stream, type, first->rank, dims);
  for (gint64 i = 0, same = 1; i < rows; i += same, same = 1) {
    const RdTensor *tensor = tensor_of_row (conditionings, input->name, n, i);
    gint64 repeated[RD_TENSOR_MAX_RANK];
    g_autoptr (RdTensor) those = NULL, parts = NULL;

    while (i + same < rows && tensor_of_row (conditionings, input->name, n,
            i + same) == tensor)
      same++;
    memcpy (repeated, tensor->dims, sizeof repeated);
    repeated[0] = first->rank == 3 ? same * (length / tensor->dims[1]) : same;
    those = rd_tensor_rows (result, i, same);
    parts = rd_tensor_reshape (those, tensor->rank, repeated);
    rd_copy (parts, tensor);
  }
  return result;
}

/* What one of the further inputs is given for @n rows from @first on. */
static RdTensor *
prepare_named (const NamedInput * input, const RdBatch * batch, gint64 first,
    gint64 n, gint64 rows)
{
  for (guint i = 0; i < batch->n_inputs; i++) {
    g_autoptr (RdTensor) given = NULL;

    if (!g_str_equal (batch->inputs[i].name, input->name))
      continue;
    given = rd_tensor_rows (batch->inputs[i].tensor, first, n);
    return prepare_rows (input->info, given, rows);
  }
  return stack_conditionings (input, batch->conditionings + first, n, rows);
}

/* One run of the network, for @n rows from @first on. */
static gboolean
evaluate_rows (OnnxDenoiser * self, const RdBatch * batch, gint64 first,
    gint64 n, GCancellable * cancellable, GError ** error)
{
  RdStream *stream = batch->input->stream;
  const gint64 rows = self->fixed_rows ? self->fixed_rows : n;
  const RdType type_out = rd_value_info_float_type (self->out);
  const guint n_inputs = self->n_named + 2;
  g_autoptr (RdTensor) input = rd_tensor_rows (batch->input, first, n);
  g_autoptr (RdTensor) output = rd_tensor_rows (batch->output, first, n);
  const gboolean direct = rows == n && type_out == output->type;
  g_autoptr (GPtrArray) tensors =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_tensor_unref);
  g_autofree RdBinding *inputs = g_new (RdBinding, n_inputs);
  g_autoptr (RdTensor) out = NULL, made = NULL;
  RdBinding to;

  inputs[0].info = self->timestep;
  g_ptr_array_add (tensors, prepare_timesteps (self, stream,
          batch->timesteps + first, n, rows));
  inputs[1].info = self->sample;
  g_ptr_array_add (tensors, prepare_rows (self->sample, input, rows));
  for (guint i = 0; i < self->n_named; i++) {
    inputs[i + 2].info = self->named[i].info;
    g_ptr_array_add (tensors, prepare_named (&self->named[i], batch, first, n,
            rows));
  }
  for (guint i = 0; i < n_inputs; i++)
    inputs[i].tensor = tensors->pdata[i];

  if (direct)
    out = rd_tensor_ref (output);
  else
    out = rd_tensor_new (stream, type_out, 4, inputs[1].tensor->dims);
  to.info = self->out;
  to.tensor = out;
  if (!rd_session_run (self->session, stream, n_inputs, inputs, 1, &to,
          cancellable, error))
    return FALSE;

  if (direct)
    return TRUE;
  made = rd_tensor_rows (out, 0, n);
  rd_convert (output, made);
  return rd_stream_check (stream, error);
}

static gboolean
evaluate (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error)
{
  OnnxDenoiser *self = (OnnxDenoiser *) denoiser;
  const gint64 total = batch->input->dims[0];
  gint64 n;

  for (gint64 first = 0; first < total; first += n) {
    const gint64 most = self->fixed_rows
        ? MIN (self->fixed_rows, total - first) : total - first;

    for (n = 1; n < most && (!self->one_timestep
            || batch->timesteps[first + n] == batch->timesteps[first]); n++);
    if (!evaluate_rows (self, batch, first, n, cancellable, error))
      return FALSE;
  }
  return TRUE;
}

static void
finalize (RdDenoiser * denoiser)
{
  OnnxDenoiser *self = (OnnxDenoiser *) denoiser;

  rd_session_free (self->session);
  g_free (self->named);
  g_free (self->names);
  g_free (self);
}

static gboolean
check_timestep (const OnnxDenoiser * self, GError ** error)
{
  const RdValueInfo *timestep = self->timestep;
  g_autofree char *shape = NULL;
  RdType type;

  /* there are more timesteps than a byte has values */
  if (timestep->rank <= 1 && rd_value_info_get_type (timestep, &type)
      && type != RD_TYPE_U8)
    return TRUE;

  shape = rd_value_info_describe (timestep);
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s: the input '%s' is %s; a timestep must be one number, or one number "
      "per row", self->session->path, timestep->name, shape);
  return FALSE;
}

/* @tokens is the input that takes them, whatever it is called. */
static gboolean
find_named (OnnxDenoiser * self, const RdValueInfo * tokens, GError ** error)
{
  const RdSession *session = self->session;

  self->named = g_new (NamedInput, session->n_inputs);
  self->names = g_new0 (const char *, session->n_inputs + 1);
  for (guint i = 0; i < session->n_inputs; i++) {
    const RdValueInfo *info = &session->inputs[i];
    NamedInput *named = &self->named[self->n_named];

    if (info == self->sample || info == self->timestep)
      continue;
    if (!rd_value_info_check_float (info, session->path, error))
      return FALSE;
    named->info = info;
    named->name = info == tokens ? RD_CONDITIONING_TOKENS : info->name;
    self->names[self->n_named++] = named->name;
  }
  self->parent.inputs = self->names;
  return TRUE;
}

static gboolean
find_values (OnnxDenoiser * self, GError ** error)
{
  const RdSession *session = self->session;
  const RdValueInfo *tokens;

  self->sample = rd_session_find_input (session, "sample", 4);
  self->timestep = rd_session_find_input (session, "timestep", 1);
  if (!self->timestep)
    self->timestep = rd_session_find_input (session, "timestep", 0);
  tokens = rd_session_find_input (session, RD_CONDITIONING_TOKENS, 3);
  self->out = rd_session_find_output (session, "out_sample", 4);
  if (!self->sample || self->sample->rank != 4 || !self->timestep
      || !tokens || tokens->rank != 3 || !self->out) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s is not a text-conditioned UNet: it must have the inputs 'sample', "
        "'timestep' and '" RD_CONDITIONING_TOKENS "' and the output "
        "'out_sample', of ranks 4, 0 or 1, 3 and 4", session->path);
    return FALSE;
  }
  return rd_value_info_check_float (self->sample, session->path, error)
      && rd_value_info_check_float (self->out, session->path, error)
      && check_timestep (self, error)
      && find_named (self, tokens, error);
}

/* A dimension that is named as the batch is has a timestep for each row. One
 * without a name has, too, if it is free: exporters that mean a single one
 * say 1, or give it a name of its own. */
static gboolean
has_one_timestep (const OnnxDenoiser * self)
{
  const RdValueInfo *timestep = self->timestep, *sample = self->sample;

  if (timestep->rank == 0)
    return TRUE;
  if (timestep->dims[0] >= 0)
    return timestep->dims[0] != sample->dims[0];
  return timestep->symbols[0][0]
      && !g_str_equal (timestep->symbols[0], sample->symbols[0]);
}

/**
 * rd_onnx_denoiser_new:
 * @path: an ONNX file with the inputs `sample` (N,C,H,W), `timestep` (one
 *   number, or N; integers or floats), `encoder_hidden_states` (N,L,D), and any
 *   further ones, which take the tensors of their names
 * @runtime: where to run it
 * @prediction: (transfer none): how it was trained
 * @channels: C
 * @multiple: H and W must be multiples of this
 * @error: as of rd_session_new(), and %RD_ERROR_INVALID for a network of
 *   another kind
 *
 * Batches of any size: rows are run together as far as the network allows.
 *
 * Returns: (transfer full) (nullable): the network
 */
RdDenoiser *
rd_onnx_denoiser_new (const char *path, const RdRuntime * runtime,
    RdPrediction * prediction, guint channels, guint multiple, GError ** error)
{
  static const RdDenoiserClass klass = { evaluate, finalize };
  RdSession *session = rd_session_new (path, runtime, error);
  g_autoptr (RdDenoiser) denoiser = NULL;
  OnnxDenoiser *self;

  if (!session)
    return NULL;

  self = g_new0 (OnnxDenoiser, 1);
  self->session = session;
  denoiser = &self->parent;
  rd_denoiser_init (denoiser, &klass, prediction, channels);
  denoiser->name = session->path;
  denoiser->multiple = multiple;
  if (!find_values (self, error))
    return NULL;
  if (self->sample->dims[1] >= 0 && self->sample->dims[1] != channels) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s takes %" G_GINT64_FORMAT " channels, but its config.json says %u; "
        "both must come from the same model", path, self->sample->dims[1],
        channels);
    return NULL;
  }
  /* of both sides, or else what the loop's own latents are */
  if (rd_value_info_float_type (self->sample)
      == rd_value_info_float_type (self->out))
    denoiser->type = rd_value_info_float_type (self->sample);
  self->fixed_rows = MAX (self->sample->dims[0], 0);
  self->one_timestep = has_one_timestep (self);
  return g_steal_pointer (&denoiser);
}
