/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "loop/job.h"

#include "loop/run.h"

#define MAX_STEPS 10000
#define ADDITIONAL_SIGMA_RATIO 0.3
#define SCHEDULER "normal"

typedef struct
{
  const char *name;
  const char *blurb;
  RdTensor *(*run) (RdRun * run, GError ** error);
  /* which settings mean something in it, see check_owner() and check_job() */
  gboolean has_weights;
  gboolean has_restore_latent;  /* and the recovery pass */
  /* the inputs of RegionalSampler: where to begin is `denoise`'s to say, and
   * noise is always added and taken away again */
  gboolean is_simple;
} ModeInfo;

static const ModeInfo modes[] = {
  [RD_MODE_IMPACT] = {"impact",
        "ComfyUI Impact Pack's RegionalSamplerAdvanced step for step, its "
        "quirks included", rd_run_impact, FALSE, TRUE},
  [RD_MODE_IMPACT_SIMPLE] = {"impact-simple",
        "ComfyUI Impact Pack's RegionalSampler step for step, its quirks "
        "included", rd_run_impact_simple, FALSE, TRUE, TRUE},
  [RD_MODE_SEQUENTIAL] = {"sequential",
        "base, then region after region, each stepping only what it owns",
        rd_run_sequential, TRUE, FALSE},
  [RD_MODE_PARALLEL] = {"parallel",
        "base and regions step together from the same latent, in one batch",
        rd_run_parallel, TRUE, FALSE},
  [RD_MODE_FUSED] = {"fused",
        "predictions are blended and one sampler steps",
        rd_run_fused, TRUE, FALSE},
};

/**
 * rd_mode_name:
 * @mode: a mode
 *
 * Returns: (nullable): its name, %NULL past the last
 */
const char *
rd_mode_name (RdMode mode)
{
  return mode < G_N_ELEMENTS (modes) ? modes[mode].name : NULL;
}

/**
 * rd_mode_blurb:
 * @mode: a mode
 *
 * Returns: (nullable): one line about it
 */
const char *
rd_mode_blurb (RdMode mode)
{
  return mode < G_N_ELEMENTS (modes) ? modes[mode].blurb : NULL;
}

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
  owner->scheduler = rd_scheduler_find (SCHEDULER, NULL);
  owner->sigma_factor = 1.0;
  owner->overlap_factor = 10;
  owner->strength = 1.0;
  owner->end = 1.0;
  return owner;
}

void
rd_owner_free (RdOwner * owner)
{
  g_free (owner->id);
  rd_denoiser_unref (owner->guide.denoiser);
  rd_conditioning_unref (owner->guide.positive);
  rd_conditioning_unref (owner->guide.negative);
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
  RdJob *job = g_new0 (RdJob, 1);

  job->mode = RD_MODE_PARALLEL;
  job->add_noise = TRUE;
  job->steps = 20;
  job->end_at_step = MAX_STEPS;
  job->denoise = 1.0;
  job->scheduler_options = (RdSchedulerOptions) RD_SCHEDULER_OPTIONS_DEFAULT;
  job->region_crop = -1;
  job->restore_latent = TRUE;
  job->additional_mode = RD_ADDITIONAL_RATIO_BETWEEN;
  job->additional_sigma_ratio = ADDITIONAL_SIGMA_RATIO;
  job->scale = 0.18215;
  job->downscale = 8;
  job->base = base;
  job->regions =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_owner_free);
  return job;
}

void
rd_job_free (RdJob * job)
{
  rd_owner_free (job->base);
  g_ptr_array_unref (job->regions);
  g_clear_pointer (&job->custom_sigmas, g_array_unref);
  g_clear_pointer (&job->previous, rd_tensor_unref);
  g_free (job);
}

static gboolean
refuse (GError ** error, const ModeInfo * mode, const char *where,
    const char *property)
{
  g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
      "%s%s'%s' means nothing in mode '%s': leave it at its default or choose "
      "another mode", where ? where : "", where ? ": " : "", property,
      mode->name);
  return FALSE;
}

static gboolean
check_owner (const RdJob * job, const RdOwner * owner, const RdTensor * latent,
    GError ** error)
{
  const ModeInfo *mode = &modes[job->mode];
  const RdDenoiser *denoiser = owner->guide.denoiser;

  if (owner->sigma_factor <= 0.0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: sigma-factor is %g; it must be greater than 0", owner->id,
        owner->sigma_factor);
    return FALSE;
  }
  if (denoiser->channels != latent->dims[1]) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "%s: latents have %" G_GINT64_FORMAT " channels, the model takes %u; "
        "use latents of the same model family", owner->id, latent->dims[1],
        denoiser->channels);
    return FALSE;
  }
  if (job->custom_sigmas && !g_str_equal (owner->scheduler->name, SCHEDULER)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: custom-sigmas and scheduler '%s' exclude each other; leave out "
        "one of them", owner->id, owner->scheduler->name);
    return FALSE;
  }
  if (denoiser->prediction->type == RD_PREDICTION_FLOW) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: flow networks are not supported; use one that predicts epsilon or "
        "v", owner->id);
    return FALSE;
  }
  if (owner == job->base) {
    if (owner->variation.strength == 0.0)
      return TRUE;
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: variation is for regions; change noise-seed instead", owner->id);
    return FALSE;
  }

  if (!(owner->variation.strength >= 0.0 && owner->variation.strength <= 1.0)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: variation-strength is %g; it must be 0 to 1", owner->id,
        owner->variation.strength);
    return FALSE;
  }
  if (!owner->mask) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS, "%s: it has no mask",
        owner->id);
    return FALSE;
  }
  if (owner->start >= owner->end) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: start (%g) must be less than end (%g)", owner->id, owner->start,
        owner->end);
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
  const ModeInfo *mode = &modes[job->mode];

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
  if (job->end_at_step != MAX_STEPS)
    return refuse (error, mode, NULL, "end-at-step");
  if (job->return_with_leftover_noise)
    return refuse (error, mode, NULL, "return-with-leftover-noise");
  if (job->denoise == 0.0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "denoise is 0; in mode '%s' it must be greater, as in the node that "
        "the mode repeats", mode->name);
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
        "custom-sigmas and denoise %g exclude each other; leave out the first "
        "of the sigmas instead", job->denoise);
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

static gboolean
check_job (const RdJob * job, const RdTensor * latent, GError ** error)
{
  const ModeInfo *mode = &modes[job->mode];

  if (latent->rank != 4 || latent->type != RD_TYPE_F32) {
    g_autofree char *shape = rd_tensor_describe (latent);

    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "latents must be float32 (N,C,H,W), these are %s", shape);
    return FALSE;
  }
  if (job->custom_sigmas && !check_custom_sigmas (job, error))
    return FALSE;
  if (job->steps < 1 || job->steps > MAX_STEPS) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "steps is %u; it must be 1 to %u", job->steps, MAX_STEPS);
    return FALSE;
  }
  if (!(job->denoise >= 0.0 && job->denoise <= 1.0)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "denoise is %g; it must be 0 to 1", job->denoise);
    return FALSE;
  }
  if (job->denoise > 0.0 && job->steps / job->denoise >= MAX_STEPS + 1.0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "denoise %g makes %u steps the last of %.0f; there may be %u",
        job->denoise, job->steps, job->steps / job->denoise, MAX_STEPS);
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
  if (!check_simple (job, error))
    return FALSE;
  if (!mode->has_restore_latent) {
    if (!job->restore_latent)
      return refuse (error, mode, NULL, "restore-latent");
    if (job->additional_mode != RD_ADDITIONAL_RATIO_BETWEEN)
      return refuse (error, mode, NULL, "additional-mode");
    if (job->additional_solver)
      return refuse (error, mode, NULL, "additional-sampler");
    if (job->additional_sigma_ratio != ADDITIONAL_SIGMA_RATIO)
      return refuse (error, mode, NULL, "additional-sigma-ratio");
  }
  if (!(job->additional_sigma_ratio >= 0.0
          && job->additional_sigma_ratio <= 1.0)) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "additional-sigma-ratio is %g; it must be 0 to 1",
        job->additional_sigma_ratio);
    return FALSE;
  }

  if (!check_owner (job, job->base, latent, error))
    return FALSE;
  for (guint j = 0; j < job->regions->len; j++)
    if (!check_owner (job, job->regions->pdata[j], latent, error))
      return FALSE;
  return TRUE;
}

/* Latents on pads are in the VAE's scale, in a run in the network's. */
static RdTensor *
scaled (const RdTensor * latent, double scale, double offset)
{
  RdTensor *result = rd_tensor_new_like (latent);

  if (offset == 0.0) {
    rd_combine (result, 1, &(RdTerm) { latent, scale, NULL});
  } else {
    g_autoptr (RdTensor) ones = rd_tensor_new (latent->stream, RD_TYPE_F32, 4,
        (const gint64[]) { 1, latent->dims[1], latent->dims[2],
          latent->dims[3]});
    g_autofree float *values = g_new (float, ones->n_elements);

    for (gsize i = 0; i < ones->n_elements; i++)
      values[i] = 1.0f;
    rd_tensor_upload (ones, values);
    rd_combine (result, 2, (RdTerm[]) {
        {latent, scale, NULL},
        {ones, offset, NULL},
    });
  }
  return result;
}

/* What a job begins with: the latent, or some of what was made before it. */
static RdTensor *
first_latent (const RdJob * job, RdTensor * latent)
{
  RdTensor *mixed;

  if (!job->previous || job->feedback == 0.0
      || !rd_tensor_same_shape (job->previous, latent))
    return rd_tensor_ref (latent);
  mixed = rd_tensor_new_like (latent);
  rd_combine (mixed, 2, (RdTerm[]) {
      {latent, 1.0 - job->feedback, NULL},
      {job->previous, job->feedback, NULL},
  });
  return mixed;
}

/**
 * rd_job_run:
 * @job: settings, not changed
 * @latent: (N,C,H,W) float32 in the VAE's scale, not changed
 * @stats: (out caller-allocates) (optional): what was done
 * @cancellable: (nullable): ends the run within one network node
 * @error: %RD_ERROR_SETTINGS, %RD_ERROR_SHAPE, %G_IO_ERROR_CANCELLED or a
 *   network's error
 *
 * Runs the regional loop on @latent's stream. The algorithm is that of ComfyUI
 * Impact Pack's RegionalSamplerAdvanced; the modes say how close.
 *
 * Returns: (transfer full) (nullable): the sampled latent in the VAE's scale
 */
RdTensor *
rd_job_run (const RdJob * job, RdTensor * latent, RdJobStats * stats,
    GCancellable * cancellable, GError ** error)
{
  RdJobStats own_stats = { 0 };
  RdRun run = { 0 };
  g_autoptr (RdTensor) first = NULL, input = NULL, result = NULL;
  RdTensor *output;
  const gint64 started = g_get_monotonic_time ();

  if (!check_job (job, latent, error))
    return NULL;

  first = first_latent (job, latent);
  input = scaled (first, job->scale, -job->shift * job->scale);
  run.job = job;
  run.stream = latent->stream;
  run.latent = input;
  run.start = job->start_at_step;
  run.end = MIN (job->end_at_step, job->steps);
  run.seed = job->noise_seed;
  run.stats = &own_stats;
  run.cancellable = cancellable;

  if (job->denoise > 0.0)
    result = modes[job->mode].run (&run, error);
  else
    result = rd_tensor_ref (input);
  if (!result)
    return NULL;

  output = scaled (result, 1.0 / job->scale, job->shift);
  if (!rd_stream_check (run.stream, error)) {
    rd_tensor_unref (output);
    return NULL;
  }
  own_stats.total_us = g_get_monotonic_time () - started;
  if (stats)
    *stats = own_stats;
  return output;
}
