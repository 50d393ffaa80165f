/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "rdtest.h"
#include "loop/loop.h"

G_BEGIN_DECLS

/**
 * SECTION:goldenjob
 *
 * What golden cases of sampler runs have in common: two networks (the tiny UNet
 * and the exact denoiser of analytic.h), prompts, owners, latents, and what is
 * expected of a result.
 */

#define GOLDEN_CHANNELS 4

void golden_setup (void);
void golden_teardown (void);

RdStream *golden_stream (void);
RdPrediction *golden_prediction_new (RdPredictionType type);
RdOwner *golden_owner (const char *id, JsonObject * description,
    const char *model, const char *prediction);
RdTensor *golden_latent (const RdTestArray * array);

const char *golden_text (JsonObject * object, const char *member);
void golden_check_latent (JsonObject * test_case, const RdTensor * got);
void golden_check_counts (JsonObject * test_case, const RdJobStats * stats);

G_END_DECLS
