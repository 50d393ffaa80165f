/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "networks/denoiser.h"

/**
 * rd_denoiser_init:
 * @denoiser: the first member of an implementation's struct
 * @klass: its functions
 * @prediction: (transfer none): how the network was trained
 * @channels: C of its latents
 *
 * For implementations: fills in the common part, with one reference.
 */
void
rd_denoiser_init (RdDenoiser * denoiser, const RdDenoiserClass * klass,
    RdPrediction * prediction, guint channels)
{
  static const char *const inputs[] = { RD_CONDITIONING_TOKENS, NULL };

  denoiser->klass = klass;
  denoiser->ref_count = 1;
  denoiser->name = "the network";
  denoiser->prediction = rd_prediction_ref (prediction);
  denoiser->channels = channels;
  denoiser->type = RD_TYPE_F32;
  denoiser->multiple = 1;
  denoiser->max_rows = 0;
  denoiser->inputs = inputs;
}

/**
 * rd_denoiser_ref:
 * @denoiser: a network
 *
 * Returns: (transfer full): @denoiser
 */
RdDenoiser *
rd_denoiser_ref (RdDenoiser * denoiser)
{
  g_atomic_int_inc (&denoiser->ref_count);
  return denoiser;
}

/**
 * rd_denoiser_unref:
 * @denoiser: (transfer full): a network
 */
void
rd_denoiser_unref (RdDenoiser * denoiser)
{
  RdPrediction *prediction = denoiser->prediction;

  if (!g_atomic_int_dec_and_test (&denoiser->ref_count))
    return;
  denoiser->klass->finalize (denoiser);
  rd_prediction_unref (prediction);
}

static char *
list_names (const char *const *names)
{
  g_autofree char *list = g_strjoinv ("', '", (char **) names);

  return g_strdup_printf ("'%s'", list);
}

/**
 * rd_denoiser_check_inputs:
 * @denoiser: a network
 * @given: (array zero-terminated=1): names of what it will be given beside
 *   latents and timesteps
 * @error: %RD_ERROR_INVALID with the network and the name
 *
 * Returns: whether that is what @denoiser takes, no more and no less
 */
gboolean
rd_denoiser_check_inputs (const RdDenoiser * denoiser,
    const char *const *given, GError ** error)
{
  const char *const *taken = denoiser->inputs;

  for (guint i = 0; taken[i]; i++) {
    g_autofree char *list = NULL;

    if (g_strv_contains (given, taken[i]))
      continue;
    list = list_names (given);
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s wants the input '%s', which it is not given; it is given %s",
        denoiser->name, taken[i], list);
    return FALSE;
  }
  for (guint i = 0; given[i]; i++) {
    g_autofree char *list = NULL;

    if (!g_strv_contains (taken, given[i])) {
      list = list_names (taken);
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
          "%s is given '%s', which is no input of it; it takes %s",
          denoiser->name, given[i], list);
      return FALSE;
    }
    if (g_strv_contains (given + i + 1, given[i])) {
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
          "%s is given '%s' twice; give it either with the prompt or with the "
          "latents", denoiser->name, given[i]);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
check_latents (const RdDenoiser * denoiser, const RdTensor * input,
    GError ** error)
{
  if (input->rank != 4 || input->dims[1] != denoiser->channels
      || input->dims[2] % denoiser->multiple
      || input->dims[3] % denoiser->multiple) {
    g_autofree char *shape = rd_tensor_describe (input);

    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "latent %s does not fit %s: it takes %u channels and sides that are "
        "multiples of %u", shape, denoiser->name, denoiser->channels,
        denoiser->multiple);
    return FALSE;
  }
  if (denoiser->max_rows && input->dims[0] > denoiser->max_rows) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "batch of %" G_GINT64_FORMAT " rows, %s takes %u", input->dims[0],
        denoiser->name, denoiser->max_rows);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_batch_inputs (const RdDenoiser * denoiser, const RdBatch * batch,
    GError ** error)
{
  const RdConditioning *first = batch->conditionings[0];
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < first->n; i++)
    g_ptr_array_add (names, (gpointer) first->tensors[i].name);
  for (guint i = 0; i < batch->n_inputs; i++)
    g_ptr_array_add (names, (gpointer) batch->inputs[i].name);
  g_ptr_array_add (names, NULL);
  if (!rd_denoiser_check_inputs (denoiser,
          (const char *const *) names->pdata, error))
    return FALSE;

  for (gint64 i = 1; i < batch->input->dims[0]; i++) {
    if (rd_conditioning_fits (first, batch->conditionings[i], error))
      continue;
    g_prefix_error (error, "%s: ", denoiser->name);
    return FALSE;
  }
  return TRUE;
}

/* @n rows of @batch from @first on. */
static gboolean
evaluate_rows (RdDenoiser * denoiser, const RdBatch * batch, gint64 first,
    gint64 n, GCancellable * cancellable, GError ** error)
{
  g_autoptr (RdTensor) input = rd_tensor_rows (batch->input, first, n);
  g_autoptr (RdTensor) output = rd_tensor_rows (batch->output, first, n);
  g_autoptr (GPtrArray) tensors =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_tensor_unref);
  g_autofree RdNamedTensor *inputs = g_new (RdNamedTensor, batch->n_inputs);
  RdBatch part = *batch;

  for (guint i = 0; i < batch->n_inputs; i++) {
    inputs[i].name = batch->inputs[i].name;
    inputs[i].tensor = rd_tensor_rows (batch->inputs[i].tensor, first, n);
    g_ptr_array_add (tensors, inputs[i].tensor);
  }
  part.input = input;
  part.output = output;
  part.timesteps = batch->timesteps + first;
  part.conditionings = batch->conditionings + first;
  part.inputs = inputs;
  return denoiser->klass->evaluate (denoiser, &part, cancellable, error);
}

/* What failed before this, in whatever the network is given, would not be mended
 * by trying again. */
static gboolean
check_streams (const RdBatch * batch, GError ** error)
{
  gboolean ok = rd_stream_check (batch->input->stream, error);

  for (gint64 i = 0; ok && i < batch->input->dims[0]; i++) {
    const RdConditioning *conditioning = batch->conditionings[i];

    for (guint k = 0; ok && k < conditioning->n; k++)
      ok = rd_stream_check (conditioning->tensors[k].tensor->stream, error);
  }
  for (guint i = 0; ok && i < batch->n_inputs; i++)
    ok = rd_stream_check (batch->inputs[i].tensor->stream, error);
  return ok;
}

/* All rows of @batch at once or, where there is no memory for that, the halves one
 * after the other, or a single row once more. */
static gboolean
evaluate (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error)
{
  const gint64 rows = batch->input->dims[0], half = (rows + 1) / 2;
  g_autoptr (GError) failure = NULL;

  /* a tensor that there was no memory for is not there in the second run either */
  if (!check_streams (batch, error)
      || !rd_stream_check (batch->input->stream, error))
    return FALSE;
  if (denoiser->klass->evaluate (denoiser, batch, cancellable, &failure))
    return TRUE;
  if (!rd_stream_make_room (batch->input->stream, failure)) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  return evaluate_rows (denoiser, batch, 0, half, cancellable, error)
      && (rows == half
      || evaluate_rows (denoiser, batch, half, rows - half, cancellable,
          error));
}

/**
 * rd_denoiser_evaluate:
 * @denoiser: a network
 * @batch: what to evaluate
 * @cancellable: (nullable): ends it early
 * @error: %RD_ERROR_SHAPE, %RD_ERROR_INVALID for inputs that are missing or too
 *   many, %G_IO_ERROR_CANCELLED or what the implementation reports
 *
 * Returns: %FALSE when there is no output
 */
gboolean
rd_denoiser_evaluate (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error)
{
  const RdTensor *input = batch->input;

  g_return_val_if_fail (rd_tensor_same_shape (input, batch->output), FALSE);
  g_return_val_if_fail (input->type == denoiser->type, FALSE);
  g_return_val_if_fail (batch->output->type == denoiser->type, FALSE);
  for (guint i = 0; i < batch->n_inputs; i++) {
    const RdTensor *tensor = batch->inputs[i].tensor;

    g_return_val_if_fail (tensor->type == RD_TYPE_F32, FALSE);
    g_return_val_if_fail (tensor->dims[0] == input->dims[0], FALSE);
  }

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  return check_latents (denoiser, input, error)
      && check_batch_inputs (denoiser, batch, error)
      && evaluate (denoiser, batch, cancellable, error);
}
