/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:vae
 *
 * One half of a variational autoencoder: the encoder, from pictures to latents,
 * or the decoder, from latents to pictures.
 */

typedef struct _RdVae RdVae;

/**
 * RdVaeClass:
 * @run: implements rd_vae_run(), for tensors whose channels fit
 * @finalize: frees the implementation's struct
 */
typedef struct
{
  gboolean (*run) (RdVae * vae, RdTensor * in, RdTensor * out,
      GCancellable * cancellable, GError ** error);
  void (*finalize) (RdVae * vae);
} RdVaeClass;

/**
 * RdVae:
 * @channels_in: channels of what it takes
 * @channels_out: channels of what it gives; an encoder gives the mean of its
 *   distribution
 *
 * To be embedded first in an implementation's struct. Reference counted; runs
 * may come from several threads at once.
 */
struct _RdVae
{
  const RdVaeClass *klass;
  gint ref_count;
  guint channels_in, channels_out;
};

void rd_vae_init (RdVae * vae, const RdVaeClass * klass, guint channels_in,
    guint channels_out);
RdVae *rd_vae_ref (RdVae * vae);
void rd_vae_unref (RdVae * vae);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdVae, rd_vae_unref);

gboolean rd_vae_run (RdVae * vae, RdTensor * in, RdTensor * out,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
