/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "networks/denoiser.h"

/* The exact denoiser of Gaussian data: every channel c has mean mu[c], the mean
 * over the tokens of the conditioning's c-th component, and deviation
 * RD_ANALYTIC_DEVIATION. So prompts are numbers and results have formulas. Its
 * `type` may be set to float16. */

#define RD_ANALYTIC_DEVIATION 0.75

RdDenoiser *rd_analytic_new (RdPrediction * prediction, guint channels);
RdConditioning *rd_analytic_prompt (RdStream * stream, guint channels,
    double mean);
