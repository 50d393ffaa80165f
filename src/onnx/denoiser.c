/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "onnx/backend.h"

#include "device/ops.h"
#include "onnx/session.h"

typedef struct
{
  RdDenoiser parent;
  RdSession *session;
  const RdValueInfo *sample, *timestep, *states, *out;
  gint64 fixed_rows;            /* of every run, or 0 */
  gboolean one_timestep;        /* a run has one timestep for all its rows */
} OnnxDenoiser;

static gint64
gcd (gint64 a, gint64 b)
{
  while (b) {
    gint64 rest = a % b;

    a = b;
    b = rest;
  }
  return a;
}

static void
write_timestep (RdType type, guint value, gint64 i, gpointer data)
{
  switch (type) {
    case RD_TYPE_F32:
      ((float *) data)[i] = (float) value;
      break;
    case RD_TYPE_F64:
      ((double *) data)[i] = (double) value;
      break;
    case RD_TYPE_F16:
      ((guint16 *) data)[i] = rd_op_half_from_float ((float) value);
      break;
    case RD_TYPE_I32:
      ((gint32 *) data)[i] = (gint32) value;
      break;
    case RD_TYPE_I64:
      ((gint64 *) data)[i] = (gint64) value;
      break;
    case RD_TYPE_U8:           /* refused by check_timestep() */
      g_assert_not_reached ();
  }
}

/* The timesteps of @n rows and, from there up to @rows, the first one again, as
 * the graph types them. */
static RdTensor *
prepare_timesteps (const OnnxDenoiser * self, RdStream * stream,
    const guint * timesteps, gint64 n, gint64 rows)
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

/* The network's latents, as it types them: @rows, the last ones copies of the
 * first where the graph wants more than there are. */
static RdTensor *
prepare_sample (const OnnxDenoiser * self, RdTensor * input, gint64 rows)
{
  const RdType type = rd_value_info_float_type (self->sample);
  const gint64 n = input->dims[0];
  const gint64 dims[] = { rows, input->dims[1], input->dims[2],
    input->dims[3]
  };
  g_autoptr (RdTensor) given = NULL;
  RdTensor *sample;

  if (n == rows && type == input->type)
    return rd_tensor_ref (input);

  sample = rd_tensor_new (input->stream, type, 4, dims);
  given = rd_tensor_rows (sample, 0, n);
  rd_copy (given, input);
  if (n < rows) {
    g_autoptr (RdTensor) others = rd_tensor_rows (sample, n, rows - n);
    g_autoptr (RdTensor) first = rd_tensor_rows (input, 0, 1);

    rd_copy (others, first);
  }
  return sample;
}

/* The least common multiple of the conditionings' lengths, or -1 where they do
 * not fit together. */
static gint64
common_length (const OnnxDenoiser * self, RdConditioning * const *conditionings,
    gint64 n, GError ** error)
{
  const gint64 width = conditionings[0]->tokens->dims[2];
  gint64 length = 1;

  for (gint64 i = 0; i < n; i++) {
    const RdTensor *tokens = conditionings[i]->tokens;

    if (tokens->dims[2] != width) {
      g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
          "%s: prompts of different width in one batch (%" G_GINT64_FORMAT
          " and %" G_GINT64_FORMAT "); encode them with the same model",
          self->session->path, width, tokens->dims[2]);
      return -1;
    }
    length = length / gcd (length, tokens->dims[1]) * tokens->dims[1];
  }
  return length;
}

/* Rows that the graph wants beyond those there are repeat the first. */
static RdTensor *
tokens_of_row (RdConditioning * const *conditionings, gint64 n, gint64 row)
{
  return conditionings[row < n ? row : 0]->tokens;
}

/* The conditionings of @n rows as one tensor (rows, L, D). Shorter ones are
 * repeated up to the common length L: attention over tokens that are repeated
 * equals attention over them once. */
static RdTensor *
prepare_states (const OnnxDenoiser * self, RdConditioning * const *conditionings,
    gint64 n, gint64 rows, GError ** error)
{
  const RdType type = rd_value_info_float_type (self->states);
  RdTensor *first = conditionings[0]->tokens;
  const gint64 length = common_length (self, conditionings, n, error);
  const gint64 dims[] = { rows, length, first->dims[2] };
  RdTensor *states;

  if (length < 0)
    return NULL;
  if (rows == 1 && type == RD_TYPE_F32)
    return rd_tensor_ref (first);

  states = rd_tensor_new (first->stream, type, 3, dims);
  for (gint64 i = 0, same = 1; i < rows; i += same, same = 1) {
    const RdTensor *tokens = tokens_of_row (conditionings, n, i);
    const gint64 repeats = length / tokens->dims[1];
    g_autoptr (RdTensor) those = NULL, parts = NULL;

    while (i + same < rows
        && tokens_of_row (conditionings, n, i + same) == tokens)
      same++;
    those = rd_tensor_rows (states, i, same);
    parts = rd_tensor_reshape (those, 3, (const gint64[]) {
        same * repeats, tokens->dims[1], tokens->dims[2]});
    rd_copy (parts, tokens);
  }
  return states;
}

/* One run of the network, for @n rows from @first on. */
static gboolean
evaluate_rows (OnnxDenoiser * self, const RdBatch * batch, gint64 first, gint64 n,
    GCancellable * cancellable, GError ** error)
{
  RdStream *stream = batch->input->stream;
  const gint64 rows = self->fixed_rows ? self->fixed_rows : n;
  g_autoptr (RdTensor) input = rd_tensor_rows (batch->input, first, n);
  g_autoptr (RdTensor) output = rd_tensor_rows (batch->output, first, n);
  g_autoptr (RdTensor) sample = NULL, timesteps = NULL, states = NULL;
  g_autoptr (RdTensor) out = NULL, made = NULL;
  const gboolean direct = rows == n
      && rd_value_info_float_type (self->out) == output->type;

  timesteps = prepare_timesteps (self, stream, batch->timesteps + first, n,
      rows);
  sample = prepare_sample (self, input, rows);
  states = prepare_states (self, batch->conditionings + first, n, rows, error);
  if (!states)
    return FALSE;
  if (direct)
    out = rd_tensor_ref (output);
  else
    out = rd_tensor_new (stream, rd_value_info_float_type (self->out), 4,
        sample->dims);

  if (!rd_session_run (self->session, stream, 3, (RdBinding[]) {
          {self->sample, sample}, {self->timestep, timesteps},
          {self->states, states}}, &(RdBinding) {self->out, out}, cancellable,
          error))
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

  g_clear_pointer (&self->session, rd_session_free);
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
      "%s: the input '%s' is %s; a timestep is one number, or one a row",
      self->session->path, timestep->name, shape);
  return FALSE;
}

static gboolean
find_values (OnnxDenoiser * self, GError ** error)
{
  const RdSession *session = self->session;

  self->sample = rd_session_find_input (session, "sample", 4);
  self->timestep = rd_session_find_input (session, "timestep", 1);
  if (!self->timestep)
    self->timestep = rd_session_find_input (session, "timestep", 0);
  self->states = rd_session_find_input (session, "encoder_hidden_states", 3);
  self->out = rd_session_find_output (session, "out_sample", 4);
  if (!self->sample || self->sample->rank != 4 || !self->timestep
      || !self->states || self->states->rank != 3 || !self->out) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s is no text-conditioned UNet: it needs the inputs 'sample', "
        "'timestep' and 'encoder_hidden_states' and the output 'out_sample', "
        "of ranks 4, 0 or 1, 3 and 4", session->path);
    return FALSE;
  }
  return rd_session_refuse_other_inputs (session, (const RdValueInfo * const[]) {
        self->sample, self->timestep, self->states}, 3, error)
      && rd_value_info_check_float (self->sample, session->path, error)
      && rd_value_info_check_float (self->states, session->path, error)
      && rd_value_info_check_float (self->out, session->path, error)
      && check_timestep (self, error);
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
 *   number, or N; integers or floats) and `encoder_hidden_states` (N,L,D)
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
  denoiser->multiple = multiple;
  if (!find_values (self, error))
    return NULL;
  if (self->sample->dims[1] >= 0 && self->sample->dims[1] != channels) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s takes %" G_GINT64_FORMAT " channels, its config.json says %u; both "
        "must come from the same model", path, self->sample->dims[1], channels);
    return NULL;
  }
  /* of both sides, or else what the loop's own latents are */
  if (rd_value_info_float_type (self->sample) == rd_value_info_float_type (self->out))
    denoiser->type = rd_value_info_float_type (self->sample);
  self->fixed_rows = MAX (self->sample->dims[0], 0);
  self->one_timestep = has_one_timestep (self);
  return g_steal_pointer (&denoiser);
}
