/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "networks/vae.h"

/**
 * rd_vae_init:
 * @vae: the first member of an implementation's struct
 * @klass: its functions
 * @channels_in: channels of what it takes
 * @channels_out: channels of what it gives
 *
 * For implementations: fills in the common part, with one reference.
 */
void
rd_vae_init (RdVae * vae, const RdVaeClass * klass, guint channels_in,
    guint channels_out)
{
  vae->klass = klass;
  vae->ref_count = 1;
  vae->channels_in = channels_in;
  vae->channels_out = channels_out;
}

/**
 * rd_vae_ref:
 * @vae: a network
 *
 * Returns: (transfer full): @vae
 */
RdVae *
rd_vae_ref (RdVae * vae)
{
  g_atomic_int_inc (&vae->ref_count);
  return vae;
}

/**
 * rd_vae_unref:
 * @vae: (transfer full): a network
 */
void
rd_vae_unref (RdVae * vae)
{
  if (g_atomic_int_dec_and_test (&vae->ref_count))
    vae->klass->finalize (vae);
}

static gboolean
is_row (const RdTensor * tensor, guint channels)
{
  return tensor->type == RD_TYPE_F32 && tensor->rank == 4
      && tensor->dims[0] == 1 && tensor->dims[1] == channels;
}

/**
 * rd_vae_run:
 * @vae: a network
 * @in: (1,C,H,W) float32, C its channels_in
 * @out: receives (1,C',H',W') float32, C' its channels_out; on the same stream
 * @cancellable: (nullable): ends it early
 * @error: %RD_ERROR_SHAPE for sides that the network has not,
 *   %G_IO_ERROR_CANCELLED or what the implementation reports
 *
 * Where there is no memory for it, it is tried once more with what the stream held
 * in reserve.
 *
 * Returns: %FALSE when there is no output
 */
gboolean
rd_vae_run (RdVae * vae, RdTensor * in, RdTensor * out,
    GCancellable * cancellable, GError ** error)
{
  g_autoptr (GError) failure = NULL;

  g_return_val_if_fail (is_row (in, vae->channels_in), FALSE);
  g_return_val_if_fail (is_row (out, vae->channels_out), FALSE);
  g_return_val_if_fail (in->stream == out->stream, FALSE);

  /* a tensor that there was no memory for is not there in the second run either */
  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || !rd_stream_check (in->stream, error))
    return FALSE;
  if (vae->klass->run (vae, in, out, cancellable, &failure))
    return TRUE;
  if (rd_stream_make_room (in->stream, failure))
    return vae->klass->run (vae, in, out, cancellable, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
