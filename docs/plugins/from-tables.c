/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Written by tools/plugin-docs: the documentation of properties and enum values
 * that are made from tables. */

/**
 * GstLatentTransform:device:
 *
 * Device of the networks and the sampling loop: cpu, cuda, cuda:N for the N-th
 * GPU, or auto for cuda if that works and else cpu.
 *
 * Since: 0.1
 */

/**
 * GstLatentTransform:model:
 *
 * Folder of the model whose VAE is used.
 *
 * Since: 0.1
 */

/**
 * GstLatentTransform:tensorrt-cache:
 *
 * Folder for the engines that TensorRT builds; if set, networks on CUDA devices
 * run through TensorRT.
 *
 * Since: 0.1
 */

/**
 * GstLatentTransform:threads:
 *
 * CPU threads of one network evaluation; 0: one for each core.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:cfg:
 *
 * Guidance scale; -1: the base's.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:end:
 *
 * When the region ends, as a fraction of the steps.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:feather:
 *
 * Width of the ramp across the region's edge, in picture pixels; -1: the
 * base's.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:hold:
 *
 * Use the latest mask without waiting; FALSE waits for the next mask, until
 * EOS.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:invert:
 *
 * Use black instead of white as the inside of the region.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:keep:
 *
 * Keep what came in, instead of painting over it.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:model:
 *
 * Folder of another model for the region, with the same kind of latents; NULL:
 * the base's.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:negative-prompt:
 *
 * Negative prompt of the region; NULL: the base's.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:overlap-factor:
 *
 * The region grows by half of this on every side, in picture pixels (mode
 * impact: in pixels of the mask); -1: the base's.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:prompt:
 *
 * Prompt of the region; NULL: the base's.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:prompt-2:
 *
 * Prompt of the region for the second text encoder of models that have several;
 * NULL: prompt, or with it the base's.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:prompt-3:
 *
 * Prompt of the region for the third text encoder; NULL: prompt, or with it the
 * base's.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:sampler:
 *
 * Method that integrates from one noise level to the next.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:scheduler:
 *
 * Method that chooses the noise levels of the steps.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:sigma-factor:
 *
 * Factor on the noise levels; -1: the base's.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:start:
 *
 * When the region begins, as a fraction of the steps.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:strength:
 *
 * Weight of the region where its mask is white.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:variation-method:
 *
 * Interpolation between the initial noise and the variation noise.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:variation-seed:
 *
 * Seed of the noise that is mixed into the region's initial noise.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:variation-strength:
 *
 * Fraction of the variation noise in the region's initial noise.
 *
 * Since: 0.1
 */

/**
 * GstMaskPad:z:
 *
 * Stacking order: regions with a higher value cover those with a lower one.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::ddim:
 *
 * DDIM, which equals Euler's method (Song et al. 2021).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::ddpm:
 *
 * The posterior of the variance-preserving process, with noise: one evaluation
 * a step (Ho et al. 2020).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::deis:
 *
 * Exponential integrator of up to third order: one evaluation a step (tAB-DEIS,
 * Zhang and Chen 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpm_2:
 *
 * DPM-Solver-2's midpoint in log sigma: two evaluations a step, second order
 * (Lu et al. 2022; Karras et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpm_2_ancestral:
 *
 * DPM-Solver-2's midpoint with ancestral noise: two evaluations a step (Lu et
 * al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpm_adaptive:
 *
 * DPM-Solver of third order with adaptive step size (Lu et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpm_fast:
 *
 * DPM-Solver-fast: one evaluation a step, third order if there are enough of
 * them, with its own noise levels (Lu et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpmpp_2m:
 *
 * DPM-Solver++(2M), multistep: one evaluation a step, second order (Lu et al.
 * 2022).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpmpp_2m_cfg_pp:
 *
 * DPM-Solver++(2M) with CFG++ (Chung et al. 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpmpp_2m_sde:
 *
 * DPM-Solver++(2M) SDE, midpoint: one evaluation a step (Lu et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpmpp_2m_sde_gpu:
 *
 * Same as dpmpp_2m_sde; ComfyUI draws its noise on the GPU.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpmpp_2m_sde_heun:
 *
 * DPM-Solver++(2M) SDE, Heun: one evaluation a step (Lu et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpmpp_2m_sde_heun_gpu:
 *
 * Same as dpmpp_2m_sde_heun; ComfyUI draws its noise on the GPU.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpmpp_2s_ancestral:
 *
 * DPM-Solver++(2S) with ancestral noise: two evaluations a step (Lu et al.
 * 2022).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpmpp_2s_ancestral_cfg_pp:
 *
 * DPM-Solver++(2S) with ancestral noise and CFG++ (Chung et al. 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpmpp_3m_sde:
 *
 * DPM-Solver++(3M) SDE: one evaluation a step, third order (k-diffusion, after
 * Lu et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpmpp_3m_sde_gpu:
 *
 * Same as dpmpp_3m_sde; ComfyUI draws its noise on the GPU.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpmpp_sde:
 *
 * DPM-Solver++ (stochastic): two evaluations a step, one Brownian path (Lu et
 * al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::dpmpp_sde_gpu:
 *
 * Same as dpmpp_sde; ComfyUI draws its noise on the GPU.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::er_sde:
 *
 * ER-SDE-Solver-3, multistep with noise: one evaluation a step (Cui et al.
 * 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::euler:
 *
 * Euler's method: one evaluation a step, first order (Karras et al. 2022,
 * algorithm 2 without the correction).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::euler_ancestral:
 *
 * Euler's method with ancestral noise: one evaluation a step, first order (Song
 * et al. 2021, as k-diffusion has it).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::euler_ancestral_cfg_pp:
 *
 * Euler's method with ancestral noise and CFG++ (Chung et al. 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::euler_cfg_pp:
 *
 * Euler's method with CFG++ (Chung et al. 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::exp_heun_2_x0:
 *
 * Exponential Heun in data prediction: two evaluations a step, second order
 * (Gonzalez et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::exp_heun_2_x0_sde:
 *
 * Exponential Heun in data prediction with noise: two evaluations a step
 * (Gonzalez et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::gradient_estimation:
 *
 * Euler's method along an extrapolated slope: one evaluation a step (Permenter
 * and Yuan 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::gradient_estimation_cfg_pp:
 *
 * Gradient estimation with CFG++ (Chung et al. 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::heun:
 *
 * Heun's method: two evaluations a step, second order (Karras et al. 2022,
 * algorithm 2).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::heunpp2:
 *
 * Heun++: up to three evaluations a step, slopes weighted by sigma
 * (sd-webui-samplers-scheduler).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::inherit:
 *
 * Same as the base.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::ipndm:
 *
 * Adams-Bashforth of up to fourth order as if steps were equal: one evaluation
 * a step (Zhang and Chen 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::ipndm_v:
 *
 * Adams-Bashforth of up to fourth order for steps of any size: one evaluation a
 * step (Zhang and Chen 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::lcm:
 *
 * Predicts the final latent in each step and adds new noise to it, for latent
 * consistency models (Luo et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::lms:
 *
 * Linear multistep of up to fourth order: one evaluation a step (Adams and
 * Bashforth, in sigma).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::res_multistep:
 *
 * RES in its multistep form: one evaluation a step, second order (Zhang et al.
 * 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::res_multistep_ancestral:
 *
 * RES multistep with ancestral noise (Zhang et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::res_multistep_ancestral_cfg_pp:
 *
 * RES multistep with ancestral noise and CFG++.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::res_multistep_cfg_pp:
 *
 * RES multistep with CFG++ (Chung et al. 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::sa_solver:
 *
 * SA-Solver, stochastic Adams predictor and corrector: one evaluation a step
 * (Xue et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::sa_solver_pece:
 *
 * SA-Solver that evaluates corrected latents as well: two evaluations a step
 * (Xue et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::seeds_2:
 *
 * SEEDS-2, exponential with noise: two evaluations a step (Gonzalez et al.
 * 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::seeds_3:
 *
 * SEEDS-3, exponential with noise: three evaluations a step (Gonzalez et al.
 * 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::uni_pc:
 *
 * UniPC, predictor and corrector of third order: one evaluation a step, B(h) =
 * h (Zhao et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSamplerName::uni_pc_bh2:
 *
 * UniPC with B(h) = e^h - 1: one evaluation a step (Zhao et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::ays-sd1:
 *
 * Align Your Steps, optimised for Stable Diffusion 1.5 (Sabour et al., 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::ays-sdxl:
 *
 * Align Your Steps, optimised for Stable Diffusion XL (Sabour et al., 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::ays-svd:
 *
 * Align Your Steps, optimised for Stable Video Diffusion (Sabour et al., 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::beta:
 *
 * Timesteps dense at both ends, quantiles of a beta distribution (Lee et al.,
 * 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::ddim_uniform:
 *
 * Every n-th timestep from the one of least noise; the number of steps may
 * differ (Song et al., 2021).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::exponential:
 *
 * Evenly spaced logarithms of sigma.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::gits:
 *
 * Steps of a teacher chosen by dynamic programming for Stable Diffusion 1.5
 * (Chen et al., 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::inherit:
 *
 * Same as the base.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::karras:
 *
 * Dense at low noise, rho 7 (Karras et al., 2022).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::kl_optimal:
 *
 * Evenly spaced arc tangents of sigma, for 2 steps or more (Sabour et al.,
 * 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::linear_quadratic:
 *
 * Half of the steps linear in the first 2.5 % of the noise, the others
 * quadratic (Genmo's Mochi, 2024).
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::normal:
 *
 * Evenly spaced timesteps.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::sgm_uniform:
 *
 * Evenly spaced timesteps without the one of least noise.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadSchedulerName::simple:
 *
 * Evenly spaced entries of the training schedule.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadVariationMethod::linear:
 *
 * Linear interpolation, scaled to unit variance.
 *
 * Since: 0.1
 */

/**
 * GstMaskPadVariationMethod::slerp:
 *
 * Spherical interpolation.
 *
 * Since: 0.1
 */

/**
 * GstRegionMeta:regions:
 *
 * Regions to attach: JSON, or 'PROMPT @X,Y,WIDTH,HEIGHT | ...', in fractions of
 * the picture.
 *
 * Since: 0.1
 */

/**
 * GstRegionMeta:regions-location:
 *
 * File that contains a text as in `regions`; each line of a .jsonl file is a
 * document with a key `time`, in seconds.
 *
 * Since: 0.1
 */

/**
 * GstRegionalAdditionalMode::disable:
 *
 * No recovery pass.
 *
 * Since: 0.1
 */

/**
 * GstRegionalAdditionalMode::ratio-additional:
 *
 * The whole step, and the pass in addition.
 *
 * Since: 0.1
 */

/**
 * GstRegionalAdditionalMode::ratio-between:
 *
 * The step and the pass divide the noise levels between them.
 *
 * Since: 0.1
 */

/**
 * GstRegionalAdditionalSampler::auto:
 *
 * Chosen by the sampler of the step.
 *
 * Since: 0.1
 */

/**
 * GstRegionalAdditionalSampler::ddpm:
 *
 * The posterior of the variance-preserving process, with noise: one evaluation
 * a step (Ho et al. 2020).
 *
 * Since: 0.1
 */

/**
 * GstRegionalAdditionalSampler::dpm_2:
 *
 * DPM-Solver-2's midpoint in log sigma: two evaluations a step, second order
 * (Lu et al. 2022; Karras et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalAdditionalSampler::dpm_fast:
 *
 * DPM-Solver-fast: one evaluation a step, third order if there are enough of
 * them, with its own noise levels (Lu et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalAdditionalSampler::dpmpp_2m:
 *
 * DPM-Solver++(2M), multistep: one evaluation a step, second order (Lu et al.
 * 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalAdditionalSampler::euler:
 *
 * Euler's method: one evaluation a step, first order (Karras et al. 2022,
 * algorithm 2 without the correction).
 *
 * Since: 0.1
 */

/**
 * GstRegionalAdditionalSampler::heun:
 *
 * Heun's method: two evaluations a step, second order (Karras et al. 2022,
 * algorithm 2).
 *
 * Since: 0.1
 */

/**
 * GstRegionalAdditionalSampler::heunpp2:
 *
 * Heun++: up to three evaluations a step, slopes weighted by sigma
 * (sd-webui-samplers-scheduler).
 *
 * Since: 0.1
 */

/**
 * GstRegionalKeepSoftness::blend:
 *
 * Blended at every noise level.
 *
 * Since: 0.1
 */

/**
 * GstRegionalKeepSoftness::differential:
 *
 * Painted wholly from the noise level on at which their weight comes in.
 *
 * Since: 0.1
 */

/**
 * GstRegionalMode::fused:
 *
 * predictions are blended, and the base's sampler takes one step.
 *
 * Since: 0.1
 */

/**
 * GstRegionalMode::impact:
 *
 * ComfyUI Impact Pack's RegionalSamplerAdvanced step by step, including its
 * faults.
 *
 * Since: 0.1
 */

/**
 * GstRegionalMode::impact-simple:
 *
 * ComfyUI Impact Pack's RegionalSampler step by step, including its faults.
 *
 * Since: 0.1
 */

/**
 * GstRegionalMode::parallel:
 *
 * base and regions step together from the same latent, in one batch.
 *
 * Since: 0.1
 */

/**
 * GstRegionalMode::sequential:
 *
 * the base steps, then region after region, each only the pixels it owns.
 *
 * Since: 0.1
 */

/**
 * GstRegionalNoiseSource::device:
 *
 * Counter-based generator (Philox) that runs on the device; rows do not depend
 * on the batch size.
 *
 * Since: 0.1
 */

/**
 * GstRegionalNoiseSource::torch:
 *
 * torch's CPU generator, which gives ComfyUI's pictures.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:add-noise:
 *
 * Add noise to the latent before the first step; FALSE continues a latent that
 * still contains noise.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:additional-mode:
 *
 * Recovery pass after the single steps of UniPC and SDE samplers (impact modes
 * only).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:additional-sampler:
 *
 * Sampler of the recovery pass (impact modes only).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:additional-sigma-ratio:
 *
 * Factor on the noise levels of the recovery pass (impact modes only).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:base-only-steps:
 *
 * Number of steps before the regions begin.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:cfg:
 *
 * Classifier-free guidance scale; at 1 the negative prompt is not evaluated;
 * -1: the model's own, 8, or 1 for distilled models.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:class-prompts:
 *
 * Prompts for detections, by class: JSON, or in the short form: 'traffic
 * light=a red lamp | face=a fox'; * stands for any other class.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:crop-left:
 *
 * What was cut off on the left, as the model is told, in pixels (Stable
 * Diffusion XL only).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:crop-top:
 *
 * What was cut off at the top, as the model is told, in pixels (Stable
 * Diffusion XL only).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:current-regions:
 *
 * Base and regions of the latest job, from all sources, as JSON for the
 * property `regions`.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:custom-sigmas:
 *
 * Noise levels to use instead of the scheduler's: decreasing, the last one 0,
 * one more than steps; empty uses the scheduler.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:denoise:
 *
 * Fraction of the noise range to run: 1 starts from noise alone, 0 returns the
 * input.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:device:
 *
 * Device of the networks and the sampling loop: cpu, cuda, cuda:N for the N-th
 * GPU, or auto for cuda if that works and else cpu.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:end-at-step:
 *
 * Step of the schedule before which to stop; a value beyond the last step runs
 * all steps.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:feather:
 *
 * Width of the ramp across a region's edge, in picture pixels.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:feedback:
 *
 * Fraction of the input latent to replace by the previous output, which reduces
 * flicker in video; for denoise below 1.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:gits-coefficient:
 *
 * Selects the table of the scheduler gits, in steps of 0.05.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:keep-base:
 *
 * Keep what came in where no region paints, instead of painting the base's
 * prompt there.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:keep-softness:
 *
 * What becomes of cells that are kept in part, at the soft edge of a region.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:mode:
 *
 * How base and regions share the work.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:model:
 *
 * Folder of the diffusion model.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:negative-prompt:
 *
 * Negative prompt of the base.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:noise-seed:
 *
 * Seed of the noise; the same seed and settings give the same picture.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:noise-source:
 *
 * Generator of all noise: the initial noise, the noise that samplers add, and
 * the variations of regions.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:original-height:
 *
 * Height of the picture before scaling that the model is told, in pixels
 * (Stable Diffusion XL only); 0: the picture's.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:original-width:
 *
 * Width of the picture before scaling that the model is told, in pixels (Stable
 * Diffusion XL only); 0: the picture's.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:overlap-factor:
 *
 * Regions grow by half of this on every side, in picture pixels (impact modes:
 * in pixels of the mask).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:preview-interval:
 *
 * Minimum time between preview messages in ms; 0 disables previews.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:progress-interval:
 *
 * Minimum time between progress messages in ms; 0 posts one per pass.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:prompt:
 *
 * Prompt of the base, which applies outside the regions.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:prompt-2:
 *
 * Prompt of the base for the second text encoder of models that have several;
 * NULL: prompt.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:prompt-3:
 *
 * Prompt of the base for the third text encoder; NULL: prompt.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:qos:
 *
 * Skip latents that downstream's QoS events report as too late.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:region-crop:
 *
 * Evaluate a region only on its bounding box plus this margin in picture
 * pixels; -1: on the whole picture.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:regions:
 *
 * Regions as JSON, or in the short form: 'lava @0,0.5,0.5,0.5 | snow
 * @0,0,1,0.5'.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:regions-location:
 *
 * File that contains a text as in `regions`; it is read again when it changes.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:restore-latent:
 *
 * Restore what a region's pass changed outside the region (impact modes only).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:return-with-leftover-noise:
 *
 * Output the latent as it is at end-at-step, including its noise, so that
 * another sampler can continue.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:sampler:
 *
 * Method that integrates from one noise level to the next.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:scheduler:
 *
 * Method that chooses the noise levels of the steps.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:seed-2nd:
 *
 * Seed of the noise added before the regions begin (mode impact-simple only).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:seed-2nd-mode:
 *
 * Whether to add noise before the regions begin, and how to derive its seed
 * (mode impact-simple only).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:seed-mode:
 *
 * How the seed changes from latent to latent since PAUSED.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:sigma-factor:
 *
 * Factor on the noise levels.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:start-at-step:
 *
 * First step of the schedule to run.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:stats:
 *
 * Statistics since PAUSED: jobs, canceled, skipped, passes, network evaluations
 * and rows, prefetched prompts, and seconds for load, prompts, network, loop
 * (solver, blending), waiting and total.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:steps:
 *
 * Number of steps of the schedule.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:target-height:
 *
 * Height of the picture that the model is told, in pixels (Stable Diffusion XL
 * only); 0: the picture's.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:target-width:
 *
 * Width of the picture that the model is told, in pixels (Stable Diffusion XL
 * only); 0: the picture's.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:tensorrt-cache:
 *
 * Folder for the engines that TensorRT builds; if set, networks on CUDA devices
 * run through TensorRT.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:threads:
 *
 * CPU threads of one network evaluation; 0: one for each core.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSampler:zero-negative:
 *
 * Give the network zeros in place of an empty negative prompt, as it was
 * trained for where a model's force_zeros_for_empty_prompt says so; FALSE
 * encodes the empty text.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::ddim:
 *
 * DDIM, which equals Euler's method (Song et al. 2021).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::ddpm:
 *
 * The posterior of the variance-preserving process, with noise: one evaluation
 * a step (Ho et al. 2020).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::deis:
 *
 * Exponential integrator of up to third order: one evaluation a step (tAB-DEIS,
 * Zhang and Chen 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpm_2:
 *
 * DPM-Solver-2's midpoint in log sigma: two evaluations a step, second order
 * (Lu et al. 2022; Karras et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpm_2_ancestral:
 *
 * DPM-Solver-2's midpoint with ancestral noise: two evaluations a step (Lu et
 * al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpm_adaptive:
 *
 * DPM-Solver of third order with adaptive step size (Lu et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpm_fast:
 *
 * DPM-Solver-fast: one evaluation a step, third order if there are enough of
 * them, with its own noise levels (Lu et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpmpp_2m:
 *
 * DPM-Solver++(2M), multistep: one evaluation a step, second order (Lu et al.
 * 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpmpp_2m_cfg_pp:
 *
 * DPM-Solver++(2M) with CFG++ (Chung et al. 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpmpp_2m_sde:
 *
 * DPM-Solver++(2M) SDE, midpoint: one evaluation a step (Lu et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpmpp_2m_sde_gpu:
 *
 * Same as dpmpp_2m_sde; ComfyUI draws its noise on the GPU.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpmpp_2m_sde_heun:
 *
 * DPM-Solver++(2M) SDE, Heun: one evaluation a step (Lu et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpmpp_2m_sde_heun_gpu:
 *
 * Same as dpmpp_2m_sde_heun; ComfyUI draws its noise on the GPU.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpmpp_2s_ancestral:
 *
 * DPM-Solver++(2S) with ancestral noise: two evaluations a step (Lu et al.
 * 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpmpp_2s_ancestral_cfg_pp:
 *
 * DPM-Solver++(2S) with ancestral noise and CFG++ (Chung et al. 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpmpp_3m_sde:
 *
 * DPM-Solver++(3M) SDE: one evaluation a step, third order (k-diffusion, after
 * Lu et al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpmpp_3m_sde_gpu:
 *
 * Same as dpmpp_3m_sde; ComfyUI draws its noise on the GPU.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpmpp_sde:
 *
 * DPM-Solver++ (stochastic): two evaluations a step, one Brownian path (Lu et
 * al. 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::dpmpp_sde_gpu:
 *
 * Same as dpmpp_sde; ComfyUI draws its noise on the GPU.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::er_sde:
 *
 * ER-SDE-Solver-3, multistep with noise: one evaluation a step (Cui et al.
 * 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::euler:
 *
 * Euler's method: one evaluation a step, first order (Karras et al. 2022,
 * algorithm 2 without the correction).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::euler_ancestral:
 *
 * Euler's method with ancestral noise: one evaluation a step, first order (Song
 * et al. 2021, as k-diffusion has it).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::euler_ancestral_cfg_pp:
 *
 * Euler's method with ancestral noise and CFG++ (Chung et al. 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::euler_cfg_pp:
 *
 * Euler's method with CFG++ (Chung et al. 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::exp_heun_2_x0:
 *
 * Exponential Heun in data prediction: two evaluations a step, second order
 * (Gonzalez et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::exp_heun_2_x0_sde:
 *
 * Exponential Heun in data prediction with noise: two evaluations a step
 * (Gonzalez et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::gradient_estimation:
 *
 * Euler's method along an extrapolated slope: one evaluation a step (Permenter
 * and Yuan 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::gradient_estimation_cfg_pp:
 *
 * Gradient estimation with CFG++ (Chung et al. 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::heun:
 *
 * Heun's method: two evaluations a step, second order (Karras et al. 2022,
 * algorithm 2).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::heunpp2:
 *
 * Heun++: up to three evaluations a step, slopes weighted by sigma
 * (sd-webui-samplers-scheduler).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::ipndm:
 *
 * Adams-Bashforth of up to fourth order as if steps were equal: one evaluation
 * a step (Zhang and Chen 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::ipndm_v:
 *
 * Adams-Bashforth of up to fourth order for steps of any size: one evaluation a
 * step (Zhang and Chen 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::lcm:
 *
 * Predicts the final latent in each step and adds new noise to it, for latent
 * consistency models (Luo et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::lms:
 *
 * Linear multistep of up to fourth order: one evaluation a step (Adams and
 * Bashforth, in sigma).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::res_multistep:
 *
 * RES in its multistep form: one evaluation a step, second order (Zhang et al.
 * 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::res_multistep_ancestral:
 *
 * RES multistep with ancestral noise (Zhang et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::res_multistep_ancestral_cfg_pp:
 *
 * RES multistep with ancestral noise and CFG++.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::res_multistep_cfg_pp:
 *
 * RES multistep with CFG++ (Chung et al. 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::sa_solver:
 *
 * SA-Solver, stochastic Adams predictor and corrector: one evaluation a step
 * (Xue et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::sa_solver_pece:
 *
 * SA-Solver that evaluates corrected latents as well: two evaluations a step
 * (Xue et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::seeds_2:
 *
 * SEEDS-2, exponential with noise: two evaluations a step (Gonzalez et al.
 * 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::seeds_3:
 *
 * SEEDS-3, exponential with noise: three evaluations a step (Gonzalez et al.
 * 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::uni_pc:
 *
 * UniPC, predictor and corrector of third order: one evaluation a step, B(h) =
 * h (Zhao et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSamplerName::uni_pc_bh2:
 *
 * UniPC with B(h) = e^h - 1: one evaluation a step (Zhao et al. 2023).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::ays-sd1:
 *
 * Align Your Steps, optimised for Stable Diffusion 1.5 (Sabour et al., 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::ays-sdxl:
 *
 * Align Your Steps, optimised for Stable Diffusion XL (Sabour et al., 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::ays-svd:
 *
 * Align Your Steps, optimised for Stable Video Diffusion (Sabour et al., 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::beta:
 *
 * Timesteps dense at both ends, quantiles of a beta distribution (Lee et al.,
 * 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::ddim_uniform:
 *
 * Every n-th timestep from the one of least noise; the number of steps may
 * differ (Song et al., 2021).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::exponential:
 *
 * Evenly spaced logarithms of sigma.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::gits:
 *
 * Steps of a teacher chosen by dynamic programming for Stable Diffusion 1.5
 * (Chen et al., 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::karras:
 *
 * Dense at low noise, rho 7 (Karras et al., 2022).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::kl_optimal:
 *
 * Evenly spaced arc tangents of sigma, for 2 steps or more (Sabour et al.,
 * 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::linear_quadratic:
 *
 * Half of the steps linear in the first 2.5 % of the noise, the others
 * quadratic (Genmo's Mochi, 2024).
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::normal:
 *
 * Evenly spaced timesteps.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::sgm_uniform:
 *
 * Evenly spaced timesteps without the one of least noise.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSchedulerName::simple:
 *
 * Evenly spaced entries of the training schedule.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSeed2ndMode::decrement:
 *
 * seed-2nd, decremented by one with every job.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSeed2ndMode::fixed:
 *
 * seed-2nd.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSeed2ndMode::ignore:
 *
 * No second noise: the regions continue from the base's latent.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSeed2ndMode::increment:
 *
 * seed-2nd, incremented by one with every job.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSeed2ndMode::randomize:
 *
 * Random seed for every job.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSeed2ndMode::seed+seed-2nd:
 *
 * noise-seed + seed-2nd.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSeed2ndMode::seed-seed-2nd:
 *
 * noise-seed - seed-2nd.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSeedMode::fixed:
 *
 * The same seed for every latent.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSeedMode::increment:
 *
 * Seed incremented by one with every latent.
 *
 * Since: 0.1
 */

/**
 * GstRegionalSeedMode::random:
 *
 * Random seed for every latent.
 *
 * Since: 0.1
 */
