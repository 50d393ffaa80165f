/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:conditioning
 *
 * What a network is conditioned on beside a latent and its timestep, usually by
 * a prompt: a set of tensors, each for the network's input of its name.
 */

/**
 * RD_CONDITIONING_TOKENS:
 *
 * The name of the text encoder's hidden states (1,L,D), which every
 * text-conditioned network takes. Others are `text_embeds`, `time_ids`,
 * `pooled_projections` and `timestep_cond`.
 */
#define RD_CONDITIONING_TOKENS "encoder_hidden_states"

/**
 * RdNamedTensor:
 * @name: of the network's input that takes it
 * @tensor: float32
 */
typedef struct
{
  const char *name;
  RdTensor *tensor;
} RdNamedTensor;

typedef struct _RdConditioning RdConditioning;

/**
 * RdConditioning:
 * @n: how many tensors
 * @tensors: they, each of one row: (1,...). Those of rank 3 are sequences of
 *   tokens (1,L,D), all of one length
 * @n_tokens: L, or 1 without such a sequence
 *
 * Reference counted, immutable; fields are for reading. Conditionings are the
 * same when their pointers are.
 */
struct _RdConditioning
{
  guint n;
  RdNamedTensor *tensors;
  gint64 n_tokens;
};

RdConditioning *rd_conditioning_new (guint n, const RdNamedTensor * tensors);
RdConditioning *rd_conditioning_new_tokens (RdTensor * tokens);
RdConditioning *rd_conditioning_new_zero (const RdConditioning * like);
RdConditioning *rd_conditioning_ref (RdConditioning * conditioning);
void rd_conditioning_unref (RdConditioning * conditioning);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdConditioning, rd_conditioning_unref);

RdTensor *rd_conditioning_get (const RdConditioning * conditioning,
    const char *name);
gboolean rd_conditioning_fits (const RdConditioning * conditioning,
    const RdConditioning * other, GError ** error);
gint64 rd_conditioning_common_length (gint64 a, gint64 b);

G_END_DECLS
