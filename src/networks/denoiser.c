/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "networks/denoiser.h"

/**
 * rd_conditioning_new:
 * @tokens: (transfer none): (1, L, D) float32
 *
 * Returns: (transfer full): a conditioning
 */
RdConditioning *
rd_conditioning_new (RdTensor * tokens)
{
  RdConditioning *conditioning;

  g_return_val_if_fail (tokens->rank == 3 && tokens->dims[0] == 1, NULL);
  g_return_val_if_fail (tokens->type == RD_TYPE_F32, NULL);

  conditioning = g_atomic_rc_box_new0 (RdConditioning);
  conditioning->tokens = rd_tensor_ref (tokens);
  return conditioning;
}

RdConditioning *
rd_conditioning_ref (RdConditioning * conditioning)
{
  return g_atomic_rc_box_acquire (conditioning);
}

static void
conditioning_clear (gpointer data)
{
  RdConditioning *conditioning = data;

  rd_tensor_unref (conditioning->tokens);
}

void
rd_conditioning_unref (RdConditioning * conditioning)
{
  g_atomic_rc_box_release_full (conditioning, conditioning_clear);
}

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
  denoiser->klass = klass;
  denoiser->ref_count = 1;
  denoiser->prediction = rd_prediction_ref (prediction);
  denoiser->channels = channels;
  denoiser->type = RD_TYPE_F32;
  denoiser->multiple = 1;
  denoiser->max_rows = 0;
}

RdDenoiser *
rd_denoiser_ref (RdDenoiser * denoiser)
{
  g_atomic_int_inc (&denoiser->ref_count);
  return denoiser;
}

void
rd_denoiser_unref (RdDenoiser * denoiser)
{
  RdPrediction *prediction = denoiser->prediction;

  if (!g_atomic_int_dec_and_test (&denoiser->ref_count))
    return;
  denoiser->klass->finalize (denoiser);
  rd_prediction_unref (prediction);
}

/**
 * rd_denoiser_evaluate:
 * @denoiser: a network
 * @batch: what to evaluate
 * @cancellable: (nullable): ends it early
 * @error: %RD_ERROR_SHAPE, %G_IO_ERROR_CANCELLED or what the implementation
 *   reports
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

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  if (input->rank != 4 || input->dims[1] != denoiser->channels
      || input->dims[2] % denoiser->multiple
      || input->dims[3] % denoiser->multiple) {
    g_autofree char *shape = rd_tensor_describe (input);

    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "latent %s does not fit the network: it takes %u channels and sides "
        "that are multiples of %u", shape, denoiser->channels,
        denoiser->multiple);
    return FALSE;
  }
  if (denoiser->max_rows && input->dims[0] > denoiser->max_rows) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "batch of %" G_GINT64_FORMAT " rows, the network takes %u",
        input->dims[0], denoiser->max_rows);
    return FALSE;
  }
  return denoiser->klass->evaluate (denoiser, batch, cancellable, error);
}
