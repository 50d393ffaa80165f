/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/check.h"

#include "base/text.h"
#include "loop/modes.h"

static gboolean
refuse (GError ** error, const RdModeInfo * mode, const char *where,
    const char *property)
{
  g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
      "%s%s'%s' has no effect in mode '%s': leave it at its default or choose "
      "another mode", where ? where : "", where ? ": " : "", property,
      mode->name);
  return FALSE;
}

static gboolean
is_flow (const RdOwner * owner)
{
  return owner->guide.denoiser->prediction->type == RD_PREDICTION_FLOW;
}

/* Owners share a latent, whose noise is of one kind; and not all methods serve flow
 * networks. */
static gboolean
check_flow (const RdJob * job, const RdOwner * owner, GError ** error)
{
  const RdModeInfo *mode = rd_mode_info (job->mode);

  if (is_flow (owner) != is_flow (job->base)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: its model is %s flow model, and the base's is %s: they cannot share "
        "a latent", owner->id, is_flow (owner) ? "a" : "no",
        is_flow (owner) ? "none" : "one");
    return FALSE;
  }
  if (!is_flow (owner))
    return TRUE;
  if (!mode->has_weights) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "mode '%s' does not serve flow models; use 'parallel', 'sequential' or "
        "'fused'", mode->name);
    return FALSE;
  }
  if (owner->solver->flow == RD_SOLVER_FLOW_NONE) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: the sampler '%s' is wrong for flow models; use 'euler', 'heun', "
        "'dpmpp_2m' or 'euler_ancestral', say", owner->id, owner->solver->name);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_owner (const RdJob * job, const RdOwner * owner, const RdTensor * latent,
    GError ** error)
{
  const RdModeInfo *mode = rd_mode_info (job->mode);
  const RdDenoiser *denoiser = owner->guide.denoiser;

  if (owner->sigma_factor <= 0.0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: sigma-factor is %s; it must be greater than 0", owner->id,
        rd_text_number ("%g", owner->sigma_factor).text);
    return FALSE;
  }
  if (denoiser->channels != latent->dims[1]) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "%s: latents have %" G_GINT64_FORMAT " channels, but the model expects "
        "%u; use latents of the same model family", owner->id, latent->dims[1],
        denoiser->channels);
    return FALSE;
  }
  if (job->custom_sigmas
      && !g_str_equal (owner->scheduler->name, RD_JOB_SCHEDULER)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: custom-sigmas and scheduler '%s' exclude each other; set only one "
        "of them", owner->id, owner->scheduler->name);
    return FALSE;
  }
  if (!check_flow (job, owner, error))
    return FALSE;
  if (owner->keep && !mode->has_weights)
    return owner == job->base ? refuse (error, mode, NULL, "keep-base")
        : refuse (error, mode, owner->id, "keep");
  if (owner == job->base) {
    if (owner->variation.strength == 0.0)
      return TRUE;
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: variation applies to regions only; change noise-seed instead",
        owner->id);
    return FALSE;
  }

  if (!(owner->variation.strength >= 0.0 && owner->variation.strength <= 1.0)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: variation-strength is %s; it must be 0 to 1", owner->id,
        rd_text_number ("%g", owner->variation.strength).text);
    return FALSE;
  }
  if (!owner->mask) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS, "%s: it has no mask",
        owner->id);
    return FALSE;
  }
  if (owner->start >= owner->end) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: start (%s) must be less than end (%s)", owner->id,
        rd_text_number ("%g", owner->start).text,
        rd_text_number ("%g", owner->end).text);
    return FALSE;
  }
  if (!mode->has_weights) {
    if (owner->feather != 0.0)
      return refuse (error, mode, owner->id, "feather");
    if (owner->strength != 1.0)
      return refuse (error, mode, owner->id, "strength");
    if (owner->z != 0)
      return refuse (error, mode, owner->id, "z");
    if (owner->start != 0.0)
      return refuse (error, mode, owner->id, "start");
    if (owner->end != 1.0)
      return refuse (error, mode, owner->id, "end");
  }
  return TRUE;
}

/* What RegionalSampler has and others have not, and the other way round. */
static gboolean
check_simple (const RdJob * job, GError ** error)
{
  const RdModeInfo *mode = rd_mode_info (job->mode);

  if (!mode->is_simple) {
    if (job->seed_2nd_mode != RD_SEED_2ND_IGNORE)
      return refuse (error, mode, NULL, "seed-2nd-mode");
    if (job->seed_2nd != 0)
      return refuse (error, mode, NULL, "seed-2nd");
    return TRUE;
  }
  if (!job->add_noise)
    return refuse (error, mode, NULL, "add-noise");
  if (job->start_at_step != 0)
    return refuse (error, mode, NULL, "start-at-step");
  if (job->end_at_step != RD_JOB_MAX_STEPS)
    return refuse (error, mode, NULL, "end-at-step");
  if (job->return_with_leftover_noise)
    return refuse (error, mode, NULL, "return-with-leftover-noise");
  if (job->denoise == 0.0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "denoise is 0; in mode '%s' it must be greater, as in the ComfyUI node "
        "that the mode reproduces", mode->name);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_custom_sigmas (const RdJob * job, GError ** error)
{
  const GArray *custom = job->custom_sigmas;
  g_autoptr (GArray) sigmas = rd_scheduler_custom_sigmas (custom->len,
      (const double *) custom->data, error);

  if (!sigmas)
    return FALSE;
  if (job->denoise != 1.0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "custom-sigmas and denoise %s exclude each other; omit the first of "
        "the sigmas instead", rd_text_number ("%g", job->denoise).text);
    return FALSE;
  }
  if (custom->len != job->steps + 1) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "custom-sigmas has %u values for %u steps; it must have one more than "
        "there are steps", custom->len, job->steps);
    return FALSE;
  }
  return TRUE;
}

/**
 * rd_job_check:
 * @job: settings
 * @latent: what they are to be run on
 * @error: %RD_ERROR_SETTINGS, which names the owner or the property, or
 *   %RD_ERROR_SHAPE
 *
 * Refuses settings that are out of their range, that mean nothing in the job's
 * mode or that do not suit the latent.
 *
 * Returns: %FALSE when the job cannot be run
 */
gboolean
rd_job_check (const RdJob * job, const RdTensor * latent, GError ** error)
{
  const RdModeInfo *mode = rd_mode_info (job->mode);

  if (latent->rank != 4 || latent->type != RD_TYPE_F32) {
    g_autofree char *shape = rd_tensor_describe (latent);

    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "latents must be float32 (N,C,H,W), these are %s", shape);
    return FALSE;
  }
  if (job->custom_sigmas && !check_custom_sigmas (job, error))
    return FALSE;
  if (job->steps < 1 || job->steps > RD_JOB_MAX_STEPS) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "steps is %u; it must be 1 to %u", job->steps, RD_JOB_MAX_STEPS);
    return FALSE;
  }
  if (!(job->denoise >= 0.0 && job->denoise <= 1.0)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "denoise is %s; it must be 0 to 1",
        rd_text_number ("%g", job->denoise).text);
    return FALSE;
  }
  if (job->denoise > 0.0 && job->steps / job->denoise >= RD_JOB_MAX_STEPS + 1.0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "denoise %s with %u steps requires a schedule of %s steps; the "
        "maximum is %u",
        rd_text_number ("%g", job->denoise).text, job->steps,
        rd_text_number ("%.0f", job->steps / job->denoise).text,
        RD_JOB_MAX_STEPS);
    return FALSE;
  }
  if (!mode->has_weights && !mode->is_simple) {
    if (job->denoise != 1.0)
      return refuse (error, mode, NULL, "denoise");
    if (job->base_only_steps != 0)
      return refuse (error, mode, NULL, "base-only-steps");
  }
  if (!mode->has_weights && job->region_crop >= 0)
    return refuse (error, mode, NULL, "region-crop");
  if (!mode->has_weights && job->keep_softness != RD_KEEP_SOFTNESS_DIFFERENTIAL)
    return refuse (error, mode, NULL, "keep-softness");
  if (!check_simple (job, error))
    return FALSE;
  if (!mode->has_restore_latent) {
    if (!job->restore_latent)
      return refuse (error, mode, NULL, "restore-latent");
    if (job->additional_mode != RD_ADDITIONAL_RATIO_BETWEEN)
      return refuse (error, mode, NULL, "additional-mode");
    if (job->additional_solver)
      return refuse (error, mode, NULL, "additional-sampler");
    if (job->additional_sigma_ratio != RD_JOB_ADDITIONAL_SIGMA_RATIO)
      return refuse (error, mode, NULL, "additional-sigma-ratio");
  }
  if (!(job->additional_sigma_ratio >= 0.0
          && job->additional_sigma_ratio <= 1.0)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "additional-sigma-ratio is %s; it must be 0 to 1",
        rd_text_number ("%g", job->additional_sigma_ratio).text);
    return FALSE;
  }

  if (!check_owner (job, job->base, latent, error))
    return FALSE;
  for (guint j = 0; j < job->regions->len; j++)
    if (!check_owner (job, job->regions->pdata[j], latent, error))
      return FALSE;
  return TRUE;
}
