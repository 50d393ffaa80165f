/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/run.h"

G_BEGIN_DECLS

/**
 * SECTION:report
 *
 * What a run tells those who ordered it while it is at work: its progress,
 * previews, and for tests the latents in between.
 */

void rd_run_report (RdRun * run, guint step, guint region, double sigma);
gboolean rd_run_wants_preview (const RdRun * run);
gboolean rd_run_preview (RdRun * run, guint step, double sigma, guint n_terms,
    const RdTerm * terms, GError ** error);
void rd_run_trace (const RdRun * run, const RdOwner * owner, guint step,
    const RdTensor * latent);

G_END_DECLS
