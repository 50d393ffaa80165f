/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:text-encoder
 *
 * A network that turns the token ids of a prompt into hidden states.
 */

typedef struct _RdTextEncoder RdTextEncoder;

/**
 * RdTextEncoderClass:
 * @run: implements rd_text_encoder_run(); its results are (1,L,D) float32
 * @finalize: frees the implementation's struct
 */
typedef struct
{
  RdTensor *(*run) (RdTextEncoder * encoder, RdStream * stream, guint n,
      const gint * ids, GCancellable * cancellable, GError ** error);
  void (*finalize) (RdTextEncoder * encoder);
} RdTextEncoderClass;

/**
 * RdTextEncoder:
 * @width: D of the hidden states
 *
 * To be embedded first in an implementation's struct. Reference counted; runs
 * may come from several threads at once.
 */
struct _RdTextEncoder
{
  const RdTextEncoderClass *klass;
  gint ref_count;
  guint width;
};

void rd_text_encoder_init (RdTextEncoder * encoder,
    const RdTextEncoderClass * klass, guint width);
RdTextEncoder *rd_text_encoder_ref (RdTextEncoder * encoder);
void rd_text_encoder_unref (RdTextEncoder * encoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdTextEncoder, rd_text_encoder_unref);

RdTensor *rd_text_encoder_run (RdTextEncoder * encoder, RdStream * stream,
    guint n, const gint * ids, GCancellable * cancellable, GError ** error);

G_END_DECLS
