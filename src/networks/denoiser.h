/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "networks/conditioning.h"
#include "sigmas/prediction.h"

G_BEGIN_DECLS

/**
 * SECTION:denoiser
 *
 * A network that predicts, for a batch of noisy latents, what its training
 * taught it (RdPrediction says what that is). Backends have implementations (see
 * networks.h); tests have closed-form ones.
 */

typedef struct _RdDenoiser RdDenoiser;

/**
 * RdBatch:
 * @input: (N,C,H,W): latents times c_in, of the denoiser's type
 * @output: (N,C,H,W): receives the network's prediction, of the same type
 * @timesteps: N of them, see rd_prediction_timestep(); fractions count where the
 *   network takes them, and are rounded where it takes integers
 * @conditionings: N of them, which rd_conditioning_fits(), their token counts
 *   equal or dividing the longest (shorter ones are repeated)
 * @n_inputs: how many further inputs
 * @inputs: (nullable): they: tensors (N,...) float32, a row for each latent
 *
 * Rows are independent: they may come from different callers, at different
 * timesteps.
 */
typedef struct
{
  RdTensor *input;
  RdTensor *output;
  const double *timesteps;
  RdConditioning *const *conditionings;
  guint n_inputs;
  const RdNamedTensor *inputs;
} RdBatch;

/**
 * RdDenoiserClass:
 * @evaluate: implements rd_denoiser_evaluate(): queues the evaluation on the
 *   tensors' stream, or computes it. What the denoiser's fields say of the batch
 *   holds, and it has all of the denoiser's inputs and no other. Returns within
 *   one network node after @cancellable is cancelled
 * @finalize: frees the implementation's struct
 */
typedef struct
{
  gboolean (*evaluate) (RdDenoiser * denoiser, const RdBatch * batch,
      GCancellable * cancellable, GError ** error);
  void (*finalize) (RdDenoiser * denoiser);
} RdDenoiserClass;

/**
 * RdDenoiser:
 * @name: what it is called in messages, such as its file; "the network" unless
 *   an implementation says otherwise
 * @prediction: how it was trained
 * @channels: C of its latents
 * @type: float32 or float16: what its batches have; float32 unless an
 *   implementation says otherwise
 * @multiple: H and W must be multiples of this
 * @max_rows: most rows in one batch, 0 for any number
 * @inputs: (array zero-terminated=1): names of what it takes beside latents and
 *   timesteps, from conditionings and batches; %RD_CONDITIONING_TOKENS alone
 *   unless an implementation says otherwise
 *
 * To be embedded first in an implementation's struct, which owns the strings.
 * Reference counted; evaluations may come from several threads at once.
 */
struct _RdDenoiser
{
  const RdDenoiserClass *klass;
  gint ref_count;
  const char *name;
  RdPrediction *prediction;
  guint channels;
  RdType type;
  guint multiple;
  guint max_rows;
  const char *const *inputs;
};

void rd_denoiser_init (RdDenoiser * denoiser, const RdDenoiserClass * klass,
    RdPrediction * prediction, guint channels);
RdDenoiser *rd_denoiser_ref (RdDenoiser * denoiser);
void rd_denoiser_unref (RdDenoiser * denoiser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdDenoiser, rd_denoiser_unref);

gboolean rd_denoiser_check_inputs (const RdDenoiser * denoiser,
    const char *const *given, GError ** error);
gboolean rd_denoiser_evaluate (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
