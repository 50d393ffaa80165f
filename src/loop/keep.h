/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/run.h"
#include "loop/weights.h"

G_BEGIN_DECLS

/**
 * SECTION:keep
 *
 * What owners who keep do in a run: their part of the picture is the input's. The
 * network is shown the input at the noise level at hand there, so that what is
 * painted fits to it, and what it predicts there does not count.
 *
 * With w the weight of all who keep, z the input and n noise of deviation 1, a
 * question at (x, s) is put as (1 - w) x + w (z + s n), and its answer D becomes
 * (1 - w) D + w z. Between steps cells that are kept wholly are z + s n, so that
 * they end as z. Those who paint share what is left by their weights.
 */

typedef struct _RdKeep RdKeep;

/**
 * RdKeepLevels:
 * @prediction: of the network that is asked
 * @first: noise level of the run's begin on the grid of who asks
 * @last: and of its end
 * @own_noise: whether who asks gives kept cells noise of its own, see
 *   #RdSolverInfo
 *
 * From whose point of view a noise level is looked at.
 */
typedef struct
{
  const RdPrediction *prediction;
  double first, last;
  gboolean own_noise;
} RdKeepLevels;

RdKeep *rd_keep_new (RdRun * run);
void rd_keep_free (RdKeep * keep);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdKeep, rd_keep_free)

const RdWeightSet *rd_keep_begin_step (RdKeep * keep, const RdWeightSet * set,
    GError ** error);
gboolean rd_keep_is_all (const RdKeep * keep);
const RdTensor *rd_keep_show (RdKeep * keep, const RdTensor * x, double sigma,
    const RdKeepLevels * levels);
void rd_keep_answer (RdKeep * keep, RdTensor * denoised, double sigma,
    const RdKeepLevels * levels);
void rd_keep_forget (RdKeep * keep);
void rd_keep_end_step (RdKeep * keep, RdTensor * x, double sigma,
    const RdKeepLevels * levels);
RdTerm rd_keep_term (const RdKeep * keep);
void rd_keep_restore (const RdKeep * keep, RdTensor * output,
    const RdTensor * input);

G_END_DECLS
