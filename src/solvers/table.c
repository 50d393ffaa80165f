/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The samplers there are, by ComfyUI's names. */

#include "base/lookup.h"
#include "solvers/solvers.h"

static const RdSolverInfo solvers[] = {
  {
        .name = "euler",
        .id = 0,
        .blurb =
        "Euler's method: one evaluation a step, first order (Karras et "
        "al. 2022, algorithm 2 without the correction)",
        .advance = rd_solver_euler,
      },
  {
        .name = "euler_cfg_pp",
        .id = 1,
        .blurb = "Euler's method with CFG++ (Chung et al. 2024)",
        .advance = rd_solver_euler_cfg_pp,
        .unconditional = TRUE,
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "euler_ancestral",
        .id = 2,
        .blurb = "Euler's method with ancestral noise: one evaluation a step, "
        "first order (Song et al. 2021, as k-diffusion has it)",
        .advance = rd_solver_euler_ancestral,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 1,
      },
  {
        .name = "euler_ancestral_cfg_pp",
        .id = 3,
        .blurb = "Euler's method with ancestral noise and CFG++ (Chung et al. "
        "2024)",
        .advance = rd_solver_euler_ancestral_cfg_pp,
        .unconditional = TRUE,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 1,
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "heun",
        .id = 4,
        .blurb =
        "Heun's method: two evaluations a step, second order (Karras et "
        "al. 2022, algorithm 2)",
        .advance = rd_solver_heun,
      },
  {
        .name = "heunpp2",
        .id = 5,
        .blurb =
        "Heun++: up to three evaluations a step, slopes weighted by sigma "
        "(sd-webui-samplers-scheduler)",
        .advance = rd_solver_heunpp2,
      },
  {
        .name = "exp_heun_2_x0",
        .id = 6,
        .blurb = "Exponential Heun in data prediction: two evaluations a step, "
        "second order (Gonzalez et al. 2023)",
        .advance = rd_solver_exp_heun_2_x0,
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "exp_heun_2_x0_sde",
        .id = 7,
        .blurb =
        "Exponential Heun in data prediction with noise: two evaluations "
        "a step (Gonzalez et al. 2023)",
        .advance = rd_solver_exp_heun_2_x0_sde,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 2,
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "dpm_2",
        .id = 8,
        .blurb =
        "DPM-Solver-2's midpoint in log sigma: two evaluations a step, "
        "second order (Lu et al. 2022; Karras et al. 2022)",
        .advance = rd_solver_dpm_2,
        .discard_penultimate = TRUE,
      },
  {
        .name = "dpm_2_ancestral",
        .id = 9,
        .blurb =
        "DPM-Solver-2's midpoint with ancestral noise: two evaluations a "
        "step (Lu et al. 2022)",
        .advance = rd_solver_dpm_2_ancestral,
        .discard_penultimate = TRUE,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 1,
      },
  {
        .name = "lms",
        .id = 10,
        .blurb =
        "Linear multistep of up to fourth order: one evaluation a step "
        "(Adams and Bashforth, in sigma)",
        .advance = rd_solver_lms,
      },
  {
        .name = "dpmpp_2s_ancestral",
        .id = 11,
        .blurb =
        "DPM-Solver++(2S) with ancestral noise: two evaluations a step "
        "(Lu et al. 2022)",
        .advance = rd_solver_dpmpp_2s_ancestral,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 1,
      },
  {
        .name = "dpmpp_2s_ancestral_cfg_pp",
        .id = 12,
        .blurb =
        "DPM-Solver++(2S) with ancestral noise and CFG++ (Chung et al. "
        "2024)",
        .advance = rd_solver_dpmpp_2s_ancestral_cfg_pp,
        .unconditional = TRUE,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 1,
        .flow = RD_SOLVER_FLOW_NONE,
      },
  {
        .name = "dpmpp_2m",
        .id = 13,
        .blurb =
        "DPM-Solver++(2M), multistep: one evaluation a step, second order "
        "(Lu et al. 2022)",
        .advance = rd_solver_dpmpp_2m,
        .n_past = 1,
      },
  {
        .name = "dpmpp_2m_cfg_pp",
        .id = 14,
        .blurb = "DPM-Solver++(2M) with CFG++ (Chung et al. 2024)",
        .advance = rd_solver_dpmpp_2m_cfg_pp,
        .unconditional = TRUE,
        .flow = RD_SOLVER_FLOW_NONE,
      },
  {
        .name = "dpmpp_sde",
        .id = 15,
        .blurb =
        "DPM-Solver++ (stochastic): two evaluations a step, one Brownian "
        "path (Lu et al. 2022)",
        .advance = rd_solver_dpmpp_sde,
        .noise = RD_NOISE_BROWNIAN,
        .recovery = "dpm_fast",
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "dpmpp_sde_gpu",
        .id = 16,
        .blurb = "Same as dpmpp_sde; ComfyUI draws its noise on the GPU",
        .advance = rd_solver_dpmpp_sde,
        .noise = RD_NOISE_BROWNIAN,
        .recovery = "dpm_fast",
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "dpmpp_2m_sde",
        .id = 17,
        .blurb =
        "DPM-Solver++(2M) SDE, midpoint: one evaluation a step (Lu et al. "
        "2022)",
        .advance = rd_solver_dpmpp_2m_sde,
        .noise = RD_NOISE_BROWNIAN,
        .n_past = 1,
        .recovery = "dpmpp_2m",
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "dpmpp_2m_sde_gpu",
        .id = 18,
        .blurb = "Same as dpmpp_2m_sde; ComfyUI draws its noise on the GPU",
        .advance = rd_solver_dpmpp_2m_sde,
        .noise = RD_NOISE_BROWNIAN,
        .n_past = 1,
        .recovery = "dpmpp_2m",
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "dpmpp_2m_sde_heun",
        .id = 19,
        .blurb = "DPM-Solver++(2M) SDE, Heun: one evaluation a step (Lu et al. "
        "2022)",
        .advance = rd_solver_dpmpp_2m_sde_heun,
        .noise = RD_NOISE_BROWNIAN,
        .n_past = 1,
        .noise_of_step = TRUE,
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "dpmpp_2m_sde_heun_gpu",
        .id = 20,
        .blurb = "Same as dpmpp_2m_sde_heun; ComfyUI draws its noise on the "
        "GPU",
        .advance = rd_solver_dpmpp_2m_sde_heun,
        .noise = RD_NOISE_BROWNIAN,
        .n_past = 1,
        .noise_of_step = TRUE,
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "dpmpp_3m_sde",
        .id = 21,
        .blurb = "DPM-Solver++(3M) SDE: one evaluation a step, third order "
        "(k-diffusion, after Lu et al. 2022)",
        .advance = rd_solver_dpmpp_3m_sde,
        .noise = RD_NOISE_BROWNIAN,
        .n_past = 2,
        .recovery = "dpmpp_2m",
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "dpmpp_3m_sde_gpu",
        .id = 22,
        .blurb = "Same as dpmpp_3m_sde; ComfyUI draws its noise on the GPU",
        .advance = rd_solver_dpmpp_3m_sde,
        .noise = RD_NOISE_BROWNIAN,
        .n_past = 2,
        .recovery = "dpmpp_2m",
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "ddpm",
        .id = 23,
        .blurb =
        "The posterior of the variance-preserving process, with noise: "
        "one evaluation a step (Ho et al. 2020)",
        .advance = rd_solver_ddpm,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 1,
        .flow = RD_SOLVER_FLOW_NONE,
      },
  {
        .name = "lcm",
        .id = 24,
        .blurb = "Predicts the final latent in each step and adds new noise to "
        "it, for latent consistency models (Luo et al. 2023)",
        .advance = rd_solver_lcm,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 1,
      },
  {
        .name = "ipndm",
        .id = 25,
        .blurb =
        "Adams-Bashforth of up to fourth order as if steps were equal: "
        "one evaluation a step (Zhang and Chen 2023)",
        .advance = rd_solver_ipndm,
      },
  {
        .name = "ipndm_v",
        .id = 26,
        .blurb = "Adams-Bashforth of up to fourth order for steps of any size: "
        "one evaluation a step (Zhang and Chen 2023)",
        .advance = rd_solver_ipndm_v,
      },
  {
        .name = "deis",
        .id = 27,
        .blurb =
        "Exponential integrator of up to third order: one evaluation a "
        "step (tAB-DEIS, Zhang and Chen 2023)",
        .advance = rd_solver_deis,
      },
  {
        .name = "res_multistep",
        .id = 28,
        .blurb =
        "RES in its multistep form: one evaluation a step, second order "
        "(Zhang et al. 2023)",
        .advance = rd_solver_res_multistep,
      },
  {
        .name = "res_multistep_cfg_pp",
        .id = 29,
        .blurb = "RES multistep with CFG++ (Chung et al. 2024)",
        .advance = rd_solver_res_multistep_cfg_pp,
        .unconditional = TRUE,
        .flow = RD_SOLVER_FLOW_NONE,
      },
  {
        .name = "res_multistep_ancestral",
        .id = 30,
        .blurb = "RES multistep with ancestral noise (Zhang et al. 2023)",
        .advance = rd_solver_res_multistep_ancestral,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 1,
        .flow = RD_SOLVER_FLOW_NONE,
      },
  {
        .name = "res_multistep_ancestral_cfg_pp",
        .id = 31,
        .blurb = "RES multistep with ancestral noise and CFG++",
        .advance = rd_solver_res_multistep_ancestral_cfg_pp,
        .unconditional = TRUE,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 1,
        .flow = RD_SOLVER_FLOW_NONE,
      },
  {
        .name = "gradient_estimation",
        .id = 32,
        .blurb = "Euler's method along an extrapolated slope: one evaluation a "
        "step (Permenter and Yuan 2024)",
        .advance = rd_solver_gradient_estimation,
      },
  {
        .name = "gradient_estimation_cfg_pp",
        .id = 33,
        .blurb = "Gradient estimation with CFG++ (Chung et al. 2024)",
        .advance = rd_solver_gradient_estimation_cfg_pp,
        .unconditional = TRUE,
        .flow = RD_SOLVER_FLOW_NONE,
      },
  {
        .name = "seeds_2",
        .id = 34,
        .blurb = "SEEDS-2, exponential with noise: two evaluations a step "
        "(Gonzalez et al. 2023)",
        .advance = rd_solver_seeds_2,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 2,
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "seeds_3",
        .id = 35,
        .blurb = "SEEDS-3, exponential with noise: three evaluations a step "
        "(Gonzalez et al. 2023)",
        .advance = rd_solver_seeds_3,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 3,
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "dpm_fast",
        .id = 36,
        .blurb =
        "DPM-Solver-fast: one evaluation a step, third order if there are "
        "enough of them, with its own noise levels (Lu et al. 2022)",
        .advance = rd_solver_dpm_fast,
        .own_grid = TRUE,
      },
  {
        .name = "dpm_adaptive",
        .id = 37,
        .blurb =
        "DPM-Solver of third order with adaptive step size (Lu et al. 2022)",
        .advance = rd_solver_dpm_adaptive,
        .own_grid = TRUE,
        .stays = rd_solver_dpm_adaptive_stays,
      },
  {
        .name = "er_sde",
        .id = 38,
        .blurb = "ER-SDE-Solver-3, multistep with noise: one evaluation a step "
        "(Cui et al. 2023)",
        .advance = rd_solver_er_sde,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 1,
        .n_past = 2,
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "sa_solver",
        .id = 39,
        .blurb = "SA-Solver, stochastic Adams predictor and corrector: one "
        "evaluation a step (Xue et al. 2023)",
        .advance = rd_solver_sa_solver,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 1,
        .draws = rd_solver_sa_solver_draws,
        .n_past = 3,
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "sa_solver_pece",
        .id = 40,
        .blurb = "SA-Solver that evaluates corrected latents as well: two "
        "evaluations a step (Xue et al. 2023)",
        .advance = rd_solver_sa_solver_pece,
        .noise = RD_NOISE_GENERATOR,
        .n_draws = 1,
        .draws = rd_solver_sa_solver_draws,
        .n_past = 3,
        .flow = RD_SOLVER_FLOW_SCALED,
      },
  {
        .name = "uni_pc",
        .id = 41,
        .blurb =
        "UniPC, predictor and corrector of third order: one evaluation a "
        "step, B(h) = h (Zhao et al. 2023)",
        .advance = rd_solver_uni_pc,
        .discard_penultimate = TRUE,
        .n_past = 3,
        .recovery = "dpm_fast",
      },
  {
        .name = "uni_pc_bh2",
        .id = 42,
        .blurb =
        "UniPC with B(h) = e^h - 1: one evaluation a step (Zhao et al. "
        "2023)",
        .advance = rd_solver_uni_pc_bh2,
        .discard_penultimate = TRUE,
        .n_past = 3,
        .recovery = "dpm_fast",
      },
  {
        .name = "ddim",
        .id = 43,
        .blurb = "DDIM, which equals Euler's method (Song et al. 2021)",
        .advance = rd_solver_euler,
        .inpaint_noise = TRUE,
      },
};

/**
 * rd_solver_list:
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n): every solver there is
 */
const RdSolverInfo *
rd_solver_list (guint * n)
{
  *n = G_N_ELEMENTS (solvers);
  return solvers;
}

/**
 * rd_solver_find:
 * @name: ComfyUI's name of a sampler
 * @error: %RD_ERROR_NOT_FOUND with the known names
 *
 * Returns: (transfer none) (nullable): the solver
 */
const RdSolverInfo *
rd_solver_find (const char *name, GError ** error)
{
  return rd_lookup ("sampler", name, solvers, G_N_ELEMENTS (solvers),
      sizeof solvers[0], error);
}
