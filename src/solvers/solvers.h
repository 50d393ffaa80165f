/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "solvers/solver.h"

/* Notation of the methods: D = denoised, d = (x - D) / sigma, the slope dx by
 * dsigma of the probability-flow equation (Karras et al. 2022, equation 1). */

gboolean rd_solver_euler (RdSolver * solver, guint stage);
gboolean rd_solver_euler_ancestral (RdSolver * solver, guint stage);
gboolean rd_solver_euler_cfg_pp (RdSolver * solver, guint stage);
gboolean rd_solver_euler_ancestral_cfg_pp (RdSolver * solver, guint stage);
gboolean rd_solver_heun (RdSolver * solver, guint stage);
gboolean rd_solver_heunpp2 (RdSolver * solver, guint stage);
gboolean rd_solver_exp_heun_2_x0 (RdSolver * solver, guint stage);
gboolean rd_solver_exp_heun_2_x0_sde (RdSolver * solver, guint stage);
gboolean rd_solver_dpm_2 (RdSolver * solver, guint stage);
gboolean rd_solver_dpm_2_ancestral (RdSolver * solver, guint stage);
gboolean rd_solver_lms (RdSolver * solver, guint stage);
gboolean rd_solver_dpmpp_2s_ancestral (RdSolver * solver, guint stage);
gboolean rd_solver_dpmpp_2s_ancestral_cfg_pp (RdSolver * solver, guint stage);
gboolean rd_solver_dpmpp_2m (RdSolver * solver, guint stage);
gboolean rd_solver_dpmpp_2m_cfg_pp (RdSolver * solver, guint stage);
gboolean rd_solver_dpmpp_sde (RdSolver * solver, guint stage);
gboolean rd_solver_dpmpp_2m_sde (RdSolver * solver, guint stage);
gboolean rd_solver_dpmpp_2m_sde_heun (RdSolver * solver, guint stage);
gboolean rd_solver_dpmpp_3m_sde (RdSolver * solver, guint stage);
gboolean rd_solver_ddpm (RdSolver * solver, guint stage);
gboolean rd_solver_lcm (RdSolver * solver, guint stage);
gboolean rd_solver_ipndm (RdSolver * solver, guint stage);
gboolean rd_solver_ipndm_v (RdSolver * solver, guint stage);
gboolean rd_solver_deis (RdSolver * solver, guint stage);
gboolean rd_solver_res_multistep (RdSolver * solver, guint stage);
gboolean rd_solver_res_multistep_cfg_pp (RdSolver * solver, guint stage);
gboolean rd_solver_res_multistep_ancestral (RdSolver * solver, guint stage);
gboolean rd_solver_res_multistep_ancestral_cfg_pp (RdSolver * solver,
    guint stage);
gboolean rd_solver_gradient_estimation (RdSolver * solver, guint stage);
gboolean rd_solver_gradient_estimation_cfg_pp (RdSolver * solver, guint stage);
gboolean rd_solver_seeds_2 (RdSolver * solver, guint stage);
gboolean rd_solver_seeds_3 (RdSolver * solver, guint stage);
gboolean rd_solver_dpm_fast (RdSolver * solver, guint stage);
gboolean rd_solver_dpm_adaptive (RdSolver * solver, guint stage);
gboolean rd_solver_er_sde (RdSolver * solver, guint stage);
gboolean rd_solver_sa_solver (RdSolver * solver, guint stage);
gboolean rd_solver_sa_solver_pece (RdSolver * solver, guint stage);
gboolean rd_solver_uni_pc (RdSolver * solver, guint stage);
gboolean rd_solver_uni_pc_bh2 (RdSolver * solver, guint stage);

gboolean rd_solver_dpm_adaptive_stays (const RdSolver * solver);
gboolean rd_solver_sa_solver_draws (const RdSolver * solver);

void rd_solver_move (RdSolver * solver, double sigma_next);
void rd_solver_split_ancestral (double sigma, double sigma_next, double *down,
    double *up);
#define RD_SOLVER_MAX_TERMS 8
void rd_solver_combine_noisy (RdSolver * solver, guint n, const RdTerm * terms,
    RdTensor * noise, double scale);
void rd_solver_move_noisy (RdSolver * solver, const RdTensor * denoised,
    double down, RdTensor * noise, double up);
void rd_solver_add_noise (RdSolver * solver, double scale);

#define RD_SOLVER_MAX_MOMENTS 4
void rd_solver_fit_moments (guint n, const double *points,
    const double *moments, double *weights);
