/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/job.h"

/**
 * rd_owner_new:
 * @id: name in messages, "base" or a region's
 * @denoiser: (transfer none): the network
 * @positive: (transfer none): the prompt
 * @negative: (transfer none): the negative prompt
 *
 * Returns: (transfer full): an owner with the defaults of the properties: Euler
 *   on the `normal` schedule, cfg 8, no mask
 */
RdOwner *
rd_owner_new (const char *id, RdDenoiser * denoiser, RdConditioning * positive,
    RdConditioning * negative)
{
  RdOwner *owner = g_new0 (RdOwner, 1);

  owner->id = g_strdup (id);
  owner->guide.denoiser = rd_denoiser_ref (denoiser);
  owner->guide.positive = rd_conditioning_ref (positive);
  owner->guide.negative = rd_conditioning_ref (negative);
  owner->guide.cfg = 8.0;
  owner->solver = rd_solver_find ("euler", NULL);
  owner->scheduler = rd_scheduler_find (RD_JOB_SCHEDULER, NULL);
  owner->sigma_factor = 1.0;
  owner->overlap_factor = 10;
  owner->strength = 1.0;
  owner->end = 1.0;
  return owner;
}

/**
 * rd_owner_free:
 * @owner: (transfer full): an owner, whose references go with it
 */
void
rd_owner_free (RdOwner * owner)
{
  g_free (owner->id);
  rd_guide_clear (&owner->guide);
  g_clear_pointer (&owner->mask, rd_mask_unref);
  g_free (owner);
}

/**
 * rd_job_new:
 * @base: (transfer full): who owns what no region covers
 *
 * Returns: (transfer full): a job with the defaults of the properties and SD1's
 *   latent scale
 */
RdJob *
rd_job_new (RdOwner * base)
{
  static const RdSchedulerOptions options = RD_SCHEDULER_OPTIONS_DEFAULT;
  RdJob *job = g_new0 (RdJob, 1);

  job->mode = RD_MODE_PARALLEL;
  job->add_noise = TRUE;
  job->steps = 20;
  job->end_at_step = RD_JOB_MAX_STEPS;
  job->denoise = 1.0;
  job->scheduler_options = options;
  job->region_crop = -1;
  job->restore_latent = TRUE;
  job->additional_mode = RD_ADDITIONAL_RATIO_BETWEEN;
  job->additional_sigma_ratio = RD_JOB_ADDITIONAL_SIGMA_RATIO;
  job->scale = 0.18215;
  job->downscale = 8;
  job->base = base;
  job->regions =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_owner_free);
  return job;
}

/**
 * rd_job_free:
 * @job: (transfer full): a job that no run is at work on; its owners go with it
 */
void
rd_job_free (RdJob * job)
{
  rd_owner_free (job->base);
  g_ptr_array_unref (job->regions);
  g_clear_pointer (&job->custom_sigmas, g_array_unref);
  g_clear_pointer (&job->previous, rd_tensor_unref);
  g_free (job);
}
