/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "networks/denoiser.h"
#include "device/window.h"

G_BEGIN_DECLS

/**
 * SECTION:guidance
 *
 * Turns questions ("what is this latent denoised?") into network batches and
 * their rows into answers, with classifier-free guidance (Ho and Salimans,
 * 2022): denoised = u + cfg * (c - u), one fused combination with the step from
 * the network's prediction to x0.
 */

/**
 * RdGuideInput:
 * @name: of an input of the network
 * @tensor: float32: (N,...), a row for each of the latent's, or (1,...) for all
 * @scale: of a plane, (N,C,H,W), its cells for each latent cell and side: 1 for
 *   a mask, the downscale for a picture. Its windows are shown with the
 *   latent's. 0 for what has no place in the picture and is shown as it is
 *
 * What a network takes beside latent, timestep and conditioning, such as a mask
 * or a control picture.
 */
typedef struct
{
  const char *name;
  RdTensor *tensor;
  guint scale;
} RdGuideInput;

/**
 * RdGuide:
 * @denoiser: the network
 * @positive: what to draw
 * @negative: what to draw away from; not evaluated when @cfg is 1
 * @cfg: guidance scale
 * @inputs: (nullable) (element-type RdGuideInput): further inputs, the same for
 *   @positive and @negative; see rd_guide_add_input()
 *
 * Who answers a question. It holds references, which rd_guide_clear() drops.
 */
typedef struct
{
  RdDenoiser *denoiser;
  RdConditioning *positive;
  RdConditioning *negative;
  double cfg;
  GArray *inputs;
} RdGuide;

void rd_guide_add_input (RdGuide * guide, const char *name, RdTensor * tensor,
    guint scale);
void rd_guide_clear (RdGuide * guide);

/**
 * RdGuidanceStats:
 * @calls: network evaluations
 * @rows: latents in them
 * @network_us: microseconds spent in them
 *
 * Of an evaluation that answers several who count, each counts the call, its own
 * rows, and of the time what its rows are of all rows.
 */
typedef struct
{
  guint64 calls;
  guint64 rows;
  gint64 network_us;
} RdGuidanceStats;

/**
 * RdQuestion:
 * @guide: who is asked
 * @x: (N,C,H,W): a noisy latent
 * @sigma: its noise level, > 0
 * @window: (nullable): the part that the network is shown, %NULL for all; with
 *   sides that suit it
 * @denoised: receives the answer, of @x's shape; 0 outside of @window
 * @unconditional: (nullable): receives its unconditional part, which is then
 *   evaluated whatever the cfg
 * @stats: counts what is evaluated for it
 */
typedef struct
{
  const RdGuide *guide;
  const RdTensor *x;
  double sigma;
  const RdWindow *window;
  RdTensor *denoised;
  RdTensor *unconditional;
  RdGuidanceStats *stats;
} RdQuestion;

gboolean rd_guidance_answer (guint n, const RdQuestion * questions,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
