/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The samplers there are, by ComfyUI's names. */

#include "base/lookup.h"
#include "solvers/solvers.h"

static const RdSolverInfo solvers[] = {
  {"euler", "Euler's method: one evaluation a step, first order "
        "(Karras et al. 2022, algorithm 2 without the correction)",
      rd_solver_euler},
  {"euler_cfg_pp", "Euler's method with CFG++ (Chung et al. 2024)",
      rd_solver_euler_cfg_pp, .unconditional = TRUE},
  {"euler_ancestral", "Euler's method with ancestral noise: one evaluation a "
        "step, first order (Song et al. 2021, as k-diffusion has it)",
        rd_solver_euler_ancestral, .noise = RD_NOISE_GENERATOR, .n_draws = 1},
  {"euler_ancestral_cfg_pp", "Euler's method with ancestral noise and CFG++ "
        "(Chung et al. 2024)",
        rd_solver_euler_ancestral_cfg_pp, .unconditional = TRUE,
      .noise = RD_NOISE_GENERATOR, .n_draws = 1},
  {"heun", "Heun's method: two evaluations a step, second order "
        "(Karras et al. 2022, algorithm 2)",
      rd_solver_heun},
  {"heunpp2", "Heun++: up to three evaluations a step, slopes weighted by "
        "sigma (sd-webui-samplers-scheduler)",
      rd_solver_heunpp2},
  {"exp_heun_2_x0", "Exponential Heun in data prediction: two evaluations a "
        "step, second order (Gonzalez et al. 2023)",
      rd_solver_exp_heun_2_x0},
  {"exp_heun_2_x0_sde", "Exponential Heun in data prediction with noise: two "
        "evaluations a step (Gonzalez et al. 2023)",
        rd_solver_exp_heun_2_x0_sde, .noise = RD_NOISE_GENERATOR,
      .n_draws = 2},
  {"dpm_2", "DPM-Solver-2's midpoint in log sigma: two evaluations a step, "
        "second order (Lu et al. 2022; Karras et al. 2022)",
      rd_solver_dpm_2, .discard_penultimate = TRUE},
  {"dpm_2_ancestral", "DPM-Solver-2's midpoint with ancestral noise: two "
        "evaluations a step (Lu et al. 2022)",
        rd_solver_dpm_2_ancestral, .discard_penultimate = TRUE,
      .noise = RD_NOISE_GENERATOR, .n_draws = 1},
  {"lms", "Linear multistep of up to fourth order: one evaluation a step "
        "(Adams and Bashforth, in sigma)",
      rd_solver_lms},
  {"dpmpp_2s_ancestral", "DPM-Solver++(2S) with ancestral noise: two "
        "evaluations a step (Lu et al. 2022)",
        rd_solver_dpmpp_2s_ancestral, .noise = RD_NOISE_GENERATOR,
      .n_draws = 1},
  {"dpmpp_2s_ancestral_cfg_pp", "DPM-Solver++(2S) with ancestral noise and "
        "CFG++ (Chung et al. 2024)",
        rd_solver_dpmpp_2s_ancestral_cfg_pp, .unconditional = TRUE,
      .noise = RD_NOISE_GENERATOR, .n_draws = 1},
  {"dpmpp_2m", "DPM-Solver++(2M), multistep: one evaluation a step, second "
        "order (Lu et al. 2022)",
      rd_solver_dpmpp_2m, .n_past = 1},
  {"dpmpp_2m_cfg_pp", "DPM-Solver++(2M) with CFG++ (Chung et al. 2024)",
      rd_solver_dpmpp_2m_cfg_pp, .unconditional = TRUE},
  {"dpmpp_sde", "DPM-Solver++ (stochastic): two evaluations a step, one Brownian "
        "path (Lu et al. 2022)",
      rd_solver_dpmpp_sde, .noise = RD_NOISE_BROWNIAN,
      .recovery = "dpm_fast"},
  {"dpmpp_sde_gpu", "dpmpp_sde, whose noise ComfyUI draws on the GPU",
      rd_solver_dpmpp_sde, .noise = RD_NOISE_BROWNIAN,
      .recovery = "dpm_fast"},
  {"dpmpp_2m_sde", "DPM-Solver++(2M) SDE, midpoint: one evaluation a step "
        "(Lu et al. 2022)",
      rd_solver_dpmpp_2m_sde, .noise = RD_NOISE_BROWNIAN, .n_past = 1,
      .recovery = "dpmpp_2m"},
  {"dpmpp_2m_sde_gpu", "dpmpp_2m_sde, whose noise ComfyUI draws on the GPU",
      rd_solver_dpmpp_2m_sde, .noise = RD_NOISE_BROWNIAN, .n_past = 1,
      .recovery = "dpmpp_2m"},
  {"dpmpp_2m_sde_heun", "DPM-Solver++(2M) SDE, Heun: one evaluation a step "
        "(Lu et al. 2022)",
      rd_solver_dpmpp_2m_sde_heun, .noise = RD_NOISE_BROWNIAN, .n_past = 1,
      .noise_of_step = TRUE},
  {"dpmpp_2m_sde_heun_gpu", "dpmpp_2m_sde_heun, whose noise ComfyUI draws on "
        "the GPU",
      rd_solver_dpmpp_2m_sde_heun, .noise = RD_NOISE_BROWNIAN, .n_past = 1,
      .noise_of_step = TRUE},
  {"dpmpp_3m_sde", "DPM-Solver++(3M) SDE: one evaluation a step, third order "
        "(k-diffusion, after Lu et al. 2022)",
      rd_solver_dpmpp_3m_sde, .noise = RD_NOISE_BROWNIAN, .n_past = 2,
      .recovery = "dpmpp_2m"},
  {"dpmpp_3m_sde_gpu", "dpmpp_3m_sde, whose noise ComfyUI draws on the GPU",
      rd_solver_dpmpp_3m_sde, .noise = RD_NOISE_BROWNIAN, .n_past = 2,
      .recovery = "dpmpp_2m"},
  {"ddpm", "The posterior of the variance-preserving process, with noise: one "
        "evaluation a step (Ho et al. 2020)",
      rd_solver_ddpm, .noise = RD_NOISE_GENERATOR, .n_draws = 1},
  {"lcm", "Jumps to the end and back with fresh noise, for latent consistency "
        "models (Luo et al. 2023)",
      rd_solver_lcm, .noise = RD_NOISE_GENERATOR, .n_draws = 1},
  {"ipndm", "Adams-Bashforth of up to fourth order as if steps were equal: one "
        "evaluation a step (Zhang and Chen 2023)",
      rd_solver_ipndm},
  {"ipndm_v", "The same for steps of any size (Zhang and Chen 2023)",
      rd_solver_ipndm_v},
  {"deis", "Exponential integrator of up to third order: one evaluation a step "
        "(tAB-DEIS, Zhang and Chen 2023)",
      rd_solver_deis},
  {"res_multistep", "RES in its multistep form: one evaluation a step, second "
        "order (Zhang et al. 2023)",
      rd_solver_res_multistep},
  {"res_multistep_cfg_pp", "RES multistep with CFG++ (Chung et al. 2024)",
      rd_solver_res_multistep_cfg_pp, .unconditional = TRUE},
  {"res_multistep_ancestral", "RES multistep with ancestral noise "
        "(Zhang et al. 2023)",
        rd_solver_res_multistep_ancestral, .noise = RD_NOISE_GENERATOR,
      .n_draws = 1},
  {"res_multistep_ancestral_cfg_pp", "RES multistep with ancestral noise and "
        "CFG++",
        rd_solver_res_multistep_ancestral_cfg_pp, .unconditional = TRUE,
      .noise = RD_NOISE_GENERATOR, .n_draws = 1},
  {"gradient_estimation", "Euler's method along an extrapolated slope: one "
        "evaluation a step (Permenter and Yuan 2024)",
      rd_solver_gradient_estimation},
  {"gradient_estimation_cfg_pp", "The same with CFG++",
      rd_solver_gradient_estimation_cfg_pp, .unconditional = TRUE},
  {"seeds_2", "SEEDS-2, exponential with noise: two evaluations a step "
        "(Gonzalez et al. 2023)",
      rd_solver_seeds_2, .noise = RD_NOISE_GENERATOR, .n_draws = 2},
  {"seeds_3", "SEEDS-3, exponential with noise: three evaluations a step "
        "(Gonzalez et al. 2023)",
      rd_solver_seeds_3, .noise = RD_NOISE_GENERATOR, .n_draws = 3},
  {"dpm_fast", "DPM-Solver-fast: one evaluation a step, third order where there "
        "are enough, on its own noise levels (Lu et al. 2022)",
      rd_solver_dpm_fast, .own_grid = TRUE},
  {"dpm_adaptive", "DPM-Solver of third order with steps of its own choice, by "
        "their error (Lu et al. 2022)",
        rd_solver_dpm_adaptive, .own_grid = TRUE,
      .stays = rd_solver_dpm_adaptive_stays},
  {"er_sde", "ER-SDE-Solver-3, multistep with noise: one evaluation a step "
        "(Cui et al. 2023)",
        rd_solver_er_sde, .noise = RD_NOISE_GENERATOR, .n_draws = 1,
      .n_past = 2},
  {"sa_solver", "SA-Solver, stochastic Adams predictor and corrector: one "
        "evaluation a step (Xue et al. 2023)",
        rd_solver_sa_solver, .noise = RD_NOISE_GENERATOR, .n_draws = 1,
      .draws = rd_solver_sa_solver_draws, .n_past = 3},
  {"sa_solver_pece", "SA-Solver that evaluates corrected latents as well: two "
        "evaluations a step (Xue et al. 2023)",
        rd_solver_sa_solver_pece, .noise = RD_NOISE_GENERATOR, .n_draws = 1,
      .draws = rd_solver_sa_solver_draws, .n_past = 3},
  {"uni_pc", "UniPC, predictor and corrector of third order: one evaluation a "
        "step, B(h) = h (Zhao et al. 2023)",
        rd_solver_uni_pc, .discard_penultimate = TRUE, .n_past = 3,
      .recovery = "dpm_fast"},
  {"uni_pc_bh2", "UniPC with B(h) = e^h - 1: one evaluation a step "
        "(Zhao et al. 2023)",
        rd_solver_uni_pc_bh2, .discard_penultimate = TRUE, .n_past = 3,
      .recovery = "dpm_fast"},
  {"ddim", "Euler's method under the name of Song et al. 2021, which it equals",
      rd_solver_euler, .inpaint_noise = TRUE},
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
