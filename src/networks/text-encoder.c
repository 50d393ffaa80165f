/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "networks/text-encoder.h"

/**
 * rd_text_encoder_init:
 * @encoder: the first member of an implementation's struct
 * @klass: its functions
 * @outputs: what it shall give
 *
 * For implementations: fills in the common part, with one reference.
 */
void
rd_text_encoder_init (RdTextEncoder * encoder,
    const RdTextEncoderClass * klass, const RdTextOutputs * outputs)
{
  encoder->klass = klass;
  encoder->ref_count = 1;
  encoder->outputs = *outputs;
  encoder->outputs.states = g_intern_string (outputs->states);
  encoder->outputs.pooled = g_intern_string (outputs->pooled);
}

/**
 * rd_text_encoder_ref:
 * @encoder: a network
 *
 * Returns: (transfer full): @encoder
 */
RdTextEncoder *
rd_text_encoder_ref (RdTextEncoder * encoder)
{
  g_atomic_int_inc (&encoder->ref_count);
  return encoder;
}

/**
 * rd_text_encoder_unref:
 * @encoder: (transfer full): a network
 */
void
rd_text_encoder_unref (RdTextEncoder * encoder)
{
  if (g_atomic_int_dec_and_test (&encoder->ref_count))
    encoder->klass->finalize (encoder);
}

/**
 * rd_text_states_clear:
 * @states: zeroed memory, or what rd_text_encoder_run() filled
 */
void
rd_text_states_clear (RdTextStates * states)
{
  g_clear_pointer (&states->states, rd_tensor_unref);
  g_clear_pointer (&states->pooled, rd_tensor_unref);
}

/**
 * rd_text_encoder_run:
 * @encoder: a network
 * @stream: where the result is made
 * @n: L, number of ids, > 0
 * @ids: what a tokenizer gives
 * @result: zeroed memory: receives what @encoder gives
 * @cancellable: (nullable): ends it early
 * @error: %G_IO_ERROR_CANCELLED or what the implementation reports
 *
 * Every position is attended to, padding included: so Stable Diffusion was
 * trained. Where there is no memory for it, it is tried once more with what the
 * stream held in reserve.
 *
 * Returns: %FALSE when there is no result
 */
gboolean
rd_text_encoder_run (RdTextEncoder * encoder, RdStream * stream, guint n,
    const gint * ids, RdTextStates * result, GCancellable * cancellable,
    GError ** error)
{
  g_autoptr (GError) failure = NULL;

  g_return_val_if_fail (n > 0, FALSE);

  /* what has failed before is not there in the second run either */
  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || !rd_stream_check (stream, error))
    return FALSE;
  if (encoder->klass->run (encoder, stream, n, ids, result, cancellable,
          &failure))
    return TRUE;
  if (rd_stream_make_room (stream, failure))
    return encoder->klass->run (encoder, stream, n, ids, result, cancellable,
        error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
