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
 * RdTextOutputs:
 * @states: (nullable): name of the output with the hidden states that are
 *   wanted: `last_hidden_state`, or `hidden_states.-2` for those of the last
 *   layer but one, and so on
 * @states_width: D of these
 * @pooled: (nullable): name of the output that sums the whole prompt up:
 *   `pooler_output` or `text_embeds`
 * @pooled_width: W of this
 *
 * What is wanted of a text encoder. Where it is to be opened a width of 0 is what
 * the network says.
 */
typedef struct
{
  const char *states;
  guint states_width;
  const char *pooled;
  guint pooled_width;
} RdTextOutputs;

/**
 * RdTextStates:
 * @states: (nullable): (1,L,D) float32, if wanted
 * @pooled: (nullable): (1,W) float32, if wanted
 *
 * What a text encoder made of a prompt.
 */
typedef struct
{
  RdTensor *states;
  RdTensor *pooled;
} RdTextStates;

void rd_text_states_clear (RdTextStates * states);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RdTextStates, rd_text_states_clear);

/**
 * RdTextEncoderClass:
 * @run: implements rd_text_encoder_run()
 * @finalize: frees the implementation's struct
 */
typedef struct
{
  gboolean (*run) (RdTextEncoder * encoder, RdStream * stream, guint n,
      const gint * ids, RdTextStates * result, GCancellable * cancellable,
      GError ** error);
  void (*finalize) (RdTextEncoder * encoder);
} RdTextEncoderClass;

/**
 * RdTextEncoder:
 * @outputs: what it gives, with all widths that are wanted; the strings are
 *   interned
 *
 * To be embedded first in an implementation's struct. Reference counted; runs
 * may come from several threads at once.
 */
struct _RdTextEncoder
{
  const RdTextEncoderClass *klass;
  gint ref_count;
  RdTextOutputs outputs;
};

void rd_text_encoder_init (RdTextEncoder * encoder,
    const RdTextEncoderClass * klass, const RdTextOutputs * outputs);
RdTextEncoder *rd_text_encoder_ref (RdTextEncoder * encoder);
void rd_text_encoder_unref (RdTextEncoder * encoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdTextEncoder, rd_text_encoder_unref);

gboolean rd_text_encoder_run (RdTextEncoder * encoder, RdStream * stream,
    guint n, const gint * ids, RdTextStates * result,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
