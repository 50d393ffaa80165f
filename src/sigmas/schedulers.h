/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "sigmas/scheduler.h"

G_BEGIN_DECLS

/* The methods behind the table in table.c, by family. They work in single
 * precision where ComfyUI does: the nearest timestep of a sigma, and with it
 * the network's answer, can hang on the last bit. */

/* A smallest sigma below this serves as the zero at the end itself. */
#define RD_SCHEDULER_ALMOST_ZERO 1e-5

/* timesteps.c: entries of the network's own schedule */
gboolean rd_scheduler_normal (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);
gboolean rd_scheduler_sgm_uniform (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);
gboolean rd_scheduler_simple (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);
gboolean rd_scheduler_ddim_uniform (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);
gboolean rd_scheduler_beta (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);

/* curves.c: curves from the largest sigma to the smallest */
gboolean rd_scheduler_karras (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);
gboolean rd_scheduler_exponential (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);
gboolean rd_scheduler_kl_optimal (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);
gboolean rd_scheduler_linear_quadratic (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);

/* tables.c: noise levels that were found by optimisation */
gboolean rd_scheduler_ays_sd1 (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);
gboolean rd_scheduler_ays_sdxl (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);
gboolean rd_scheduler_ays_svd (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);
gboolean rd_scheduler_gits (const RdPrediction * prediction,
    const RdSchedulerOptions * options, guint steps, GArray * sigmas,
    GError ** error);

/* gits-table.c */
#define RD_GITS_MIN_STEPS 2
#define RD_GITS_MAX_STEPS 20
#define RD_GITS_N_COEFFICIENTS 15       /* 0.80, 0.85 .. 1.50 */

const guint8 *rd_gits_levels (guint coefficient, guint steps);

/* shared by them */
static inline void
rd_scheduler_append (GArray * sigmas, double sigma)
{
  g_array_append_val (sigmas, sigma);
}

float rd_scheduler_linspace (float start, float end, guint n, guint i);

G_END_DECLS
