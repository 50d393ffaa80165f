/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sigmas/prediction.h"
#include "device/tensor.h"

G_BEGIN_DECLS

/**
 * SECTION:denoiser
 *
 * A network that predicts, for a batch of noisy latents, what its training
 * taught it (RdPrediction says what that is). ONNX Runtime in process is one
 * implementation; tests have closed-form ones.
 */

typedef struct _RdDenoiser RdDenoiser;
typedef struct _RdConditioning RdConditioning;

/**
 * RdConditioning:
 * @tokens: (1, L, D): the text encoder's hidden states
 *
 * What a prompt became. Reference counted, immutable.
 */
struct _RdConditioning
{
  RdTensor *tokens;
};

RdConditioning *rd_conditioning_new (RdTensor * tokens);
RdConditioning *rd_conditioning_ref (RdConditioning * conditioning);
void rd_conditioning_unref (RdConditioning * conditioning);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdConditioning, rd_conditioning_unref)

/**
 * RdBatch:
 * @input: (N,C,H,W): latents times c_in, of the denoiser's type
 * @output: (N,C,H,W): receives the network's prediction, of the same type
 * @timesteps: N of them
 * @conditionings: N of them, their token counts equal or dividing the longest
 *   (shorter ones are repeated)
 */
typedef struct
{
  RdTensor *input;
  RdTensor *output;
  const guint *timesteps;
  RdConditioning *const *conditionings;
} RdBatch;

typedef struct
{
  /* Queues the evaluation on the tensors' stream, or computes it. Returns
   * within one network node after @cancellable is cancelled. */
  gboolean (*evaluate) (RdDenoiser * denoiser, const RdBatch * batch,
      GCancellable * cancellable, GError ** error);
  void (*finalize) (RdDenoiser * denoiser);
} RdDenoiserClass;

/**
 * RdDenoiser:
 * @prediction: how it was trained
 * @channels: C of its latents
 * @type: float32 or float16: what its batches have; float32 unless an
 *   implementation says otherwise
 * @multiple: H and W must be multiples of this
 * @max_rows: most rows in one batch, 0 for any number
 *
 * To be embedded first in an implementation's struct. Reference counted;
 * evaluations may come from several threads at once.
 */
struct _RdDenoiser
{
  const RdDenoiserClass *klass;
  gint ref_count;
  RdPrediction *prediction;
  guint channels;
  RdType type;
  guint multiple;
  guint max_rows;
};

void rd_denoiser_init (RdDenoiser * denoiser, const RdDenoiserClass * klass,
    RdPrediction * prediction, guint channels);
RdDenoiser *rd_denoiser_ref (RdDenoiser * denoiser);
void rd_denoiser_unref (RdDenoiser * denoiser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdDenoiser, rd_denoiser_unref)

gboolean rd_denoiser_evaluate (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
