/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../solver.h"

/* Notation of the methods: D = denoised, d = (x - D) / sigma, the slope dx by
 * dsigma of the probability-flow equation (Karras et al. 2022, equation 1). */

gboolean rd_solver_euler (RdSolver * solver, guint stage);
gboolean rd_solver_euler_ancestral (RdSolver * solver, guint stage);
gboolean rd_solver_heun (RdSolver * solver, guint stage);
gboolean rd_solver_dpm_2 (RdSolver * solver, guint stage);
gboolean rd_solver_dpmpp_2m (RdSolver * solver, guint stage);

void rd_solver_move (RdSolver * solver, double sigma_next);
void rd_solver_split_ancestral (double sigma, double sigma_next, double *down,
    double *up);
void rd_solver_add_noise (RdSolver * solver, double scale);
