/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Mode `sequential`: base first, then the regions as listed, each seeing what
 * those before it made of this step around its own pixels. Every owner takes
 * every step, each pixel is stepped once by each of its owners from the same
 * latent, and their results are blended by weights that sum to one. */

#include "run.h"
#include "weights.h"

#include <math.h>

typedef struct
{
  const RdOwner *owner;
  RdSolver *solver;
  double *sigmas;               /* of the executed steps, and the one after */
  RdTensor *x;                  /* at sigmas[i]; shared where grids are equal */
  RdTensor *y;                  /* at sigmas[i + 1], where it has stepped */
} Part;

typedef struct
{
  RdRun *run;
  guint n_parts, n_steps;
  Part *parts;
  gboolean one_grid;
  RdTensor *done_latent;        /* sum of w y over those that have stepped */
  RdTensor *done_weight;        /* sum of w */
  RdTensor *surrounded;         /* the input of the owner at work */
  RdTensor *keep, *use;
} Sequential;

static void
sequential_clear (Sequential * seq)
{
  for (guint k = 0; k < seq->n_parts; k++) {
    Part *part = &seq->parts[k];

    g_clear_pointer (&part->solver, rd_solver_free);
    g_free (part->sigmas);
    g_clear_pointer (&part->x, rd_tensor_unref);
    g_clear_pointer (&part->y, rd_tensor_unref);
  }
  g_free (seq->parts);
  g_clear_pointer (&seq->done_latent, rd_tensor_unref);
  g_clear_pointer (&seq->done_weight, rd_tensor_unref);
  g_clear_pointer (&seq->surrounded, rd_tensor_unref);
  g_clear_pointer (&seq->keep, rd_tensor_unref);
  g_clear_pointer (&seq->use, rd_tensor_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sequential, sequential_clear)

/* The owner's noise levels for the executed steps. An end before the
 * schedule's is 0 unless the noise shall be left over. */
static gboolean
prepare_grid (Sequential * seq, Part * part, guint * length, GError ** error)
{
  RdRun *run = seq->run;
  g_autoptr (GArray) sigmas = rd_run_sigmas (run, part->owner,
      part->owner->solver, error);
  double *values;

  if (!sigmas)
    return FALSE;
  values = (double *) sigmas->data;

  if (part == seq->parts) {
    *length = sigmas->len;
    run->end = MIN (run->job->end_at_step, sigmas->len - 1);
    seq->n_steps = run->end > run->start ? run->end - run->start : 0;
  } else if (sigmas->len != *length) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "%s: its schedule '%s' has %u sigmas where the base's has %u; choose a "
        "scheduler of the same length", part->owner->id,
        part->owner->scheduler->name, sigmas->len, *length);
    return FALSE;
  }

  part->sigmas = g_new0 (double, seq->n_steps + 1);
  for (guint i = 0; seq->n_steps > 0 && i <= seq->n_steps; i++)
    part->sigmas[i] = values[run->start + i] * part->owner->sigma_factor;
  if (run->end < sigmas->len - 1 && !run->job->return_with_leftover_noise)
    part->sigmas[seq->n_steps] = 0.0;
  part->solver = (seq->n_parts == 1 && seq->n_steps > 1 ? rd_solver_new_alone
      : rd_solver_new) (part->owner->solver, seq->n_steps, part->sigmas,
      run->job->noise_seed);
  rd_solver_set_sampling (part->solver,
      part->owner->guide.denoiser->sampling);
  return TRUE;
}

static double
noise_scale (const Part * part)
{
  return rd_sampling_noise_scale (part->owner->guide.denoiser->sampling,
      part->sigmas[0]);
}

static gboolean
same_grid (const Sequential * seq, const Part * a, const Part * b)
{
  for (guint i = 0; i <= seq->n_steps; i++)
    if (fabs (a->sigmas[i] - b->sigmas[i]) > 1e-9 * a->sigmas[i])
      return FALSE;
  return fabs (noise_scale (a) - noise_scale (b)) <= 1e-9 * noise_scale (a);
}

static gboolean
prepare_parts (Sequential * seq, GError ** error)
{
  const RdJob *job = seq->run->job;
  guint length = 0;

  seq->n_parts = job->regions->len + 1;
  seq->parts = g_new0 (Part, seq->n_parts);
  for (guint k = 0; k < seq->n_parts; k++)
    seq->parts[k].owner = k == 0 ? job->base : job->regions->pdata[k - 1];

  seq->one_grid = TRUE;
  for (guint k = 0; k < seq->n_parts; k++) {
    if (!prepare_grid (seq, &seq->parts[k], &length, error))
      return FALSE;
    seq->one_grid &= same_grid (seq, &seq->parts[0], &seq->parts[k]);
  }
  return TRUE;
}

/* The job's noise, and in it that of regions that vary it, wherever they are
 * at some time. */
static gboolean
make_noise (Sequential * seq, RdWeights * weights, RdTensor ** noise,
    GError ** error)
{
  RdRun *run = seq->run;
  const RdWeightSet *set = NULL;

  *noise = run->job->add_noise ? rd_run_noise (run) : NULL;
  for (guint k = 1; *noise && k < seq->n_parts; k++) {
    const RdOwner *region = seq->parts[k].owner;

    if (region->variation.strength == 0.0)
      continue;
    if (!set && !(set = rd_weights_of_all (weights, error)))
      return FALSE;
    if (set->weight[k] && !rd_variation_mix (&region->variation, *noise,
            set->weight[k], error))
      return FALSE;
  }
  return TRUE;
}

/* x = latent + scale * noise, for every grid */
static gboolean
start (Sequential * seq, RdWeights * weights, GError ** error)
{
  RdRun *run = seq->run;
  g_autoptr (RdTensor) noise = NULL;

  if (!make_noise (seq, weights, &noise, error))
    return FALSE;

  for (guint k = 0; k < seq->n_parts; k++) {
    Part *part = &seq->parts[k];

    if (k > 0 && seq->one_grid) {
      part->x = rd_tensor_ref (seq->parts[0].x);
      continue;
    }
    part->x = rd_tensor_new_like (run->latent);
    rd_combine (part->x, noise ? 2 : 1, (RdTerm[]) {
        {run->latent, 1.0, NULL},
        {noise, noise_scale (part), NULL},
    });
  }
  if (seq->n_parts > 1) {
    seq->done_latent = rd_tensor_new_like (run->latent);
    seq->surrounded = rd_tensor_new_like (run->latent);
    seq->done_weight = rd_tensor_new_map (run->stream, run->latent->dims[2],
        run->latent->dims[3]);
    seq->keep = rd_tensor_new_like (seq->done_weight);
    seq->use = rd_tensor_new_like (seq->done_weight);
  }
  return TRUE;
}

/* What an owner starts from: its own latent where it owns, around that what
 * others have made of this step. */
static const RdTensor *
surroundings (Sequential * seq, const Part * part, const RdTensor * weight,
    gboolean first)
{
  if (first)
    return part->x;

  rd_map_surround (seq->keep, seq->use, weight, seq->done_weight);
  rd_combine (seq->surrounded, 2, (RdTerm[]) {
      {part->x, 1.0, seq->keep},
      {seq->done_latent, 1.0, seq->use},
  });
  return seq->surrounded;
}

/* done += w y */
static void
add_done (Sequential * seq, const Part * part, const RdTensor * weight,
    gboolean first)
{
  if (first) {
    rd_combine (seq->done_latent, 1, &(RdTerm) { part->y, 1.0, weight});
    rd_copy (seq->done_weight, weight);
  } else {
    rd_combine (seq->done_latent, 2, (RdTerm[]) {
        {seq->done_latent, 1.0, NULL},
        {part->y, 1.0, weight},
    });
    rd_combine (seq->done_weight, 2, (RdTerm[]) {
        {seq->done_weight, 1.0, NULL},
        {weight, 1.0, NULL},
    });
  }
}

/* x_k = sum of w D + s_k[i + 1] * sum of w (y - D) / s[i + 1]: the blended
 * prediction and the blended noise, at every owner's own level. */
static void
blend_grids (Sequential * seq, const RdWeightSet * set, guint i)
{
  g_autofree RdTerm *terms = g_new (RdTerm, 2 * seq->n_parts);

  for (guint to = 0; to < seq->n_parts; to++) {
    Part *target = &seq->parts[to];
    guint n = 0;

    for (guint from = 0; from < seq->n_parts; from++) {
      const Part *part = &seq->parts[from];
      const double ratio = target->sigmas[i + 1] / part->sigmas[i + 1];

      if (!set->weight[from])
        continue;
      terms[n++] = (RdTerm) {
      part->y, ratio, set->weight[from]};
      terms[n++] = (RdTerm) {
      rd_solver_last_denoised (part->solver), 1.0 - ratio, set->weight[from]};
    }
    rd_combine (target->x, n, terms);
  }
}

/* The border between steps: the owners' results become everybody's latent. */
static void
blend (Sequential * seq, const RdWeightSet * set, guint i)
{
  if (!seq->one_grid && seq->parts[0].sigmas[i + 1] > 0.0) {
    blend_grids (seq, set, i);
    return;
  }
  for (guint k = 0; k < (seq->one_grid ? 1 : seq->n_parts); k++)
    rd_copy (seq->parts[k].x, seq->done_latent);
}

static gboolean
take_step (Sequential * seq, const RdWeightSet * set, guint i, GError ** error)
{
  RdRun *run = seq->run;
  gboolean first = TRUE;

  for (guint k = 0; k < seq->n_parts; k++) {
    Part *part = &seq->parts[k];
    const RdTensor *weight = set->weight[k];

    if (!weight) {
      rd_solver_sit_out (part->solver, i, part->x);
      run->pass++;
      continue;
    }
    rd_run_report (run, i, k, part->sigmas[i]);
    run->pass++;
    if (!part->y)
      part->y = rd_tensor_new_like (part->x);
    if (!rd_run_step (run, part->owner, part->solver, i,
            surroundings (seq, part, weight, first), part->y, NULL, error))
      return FALSE;
    rd_run_trace (run, part->owner, run->start + i, part->y);
    add_done (seq, part, weight, first);
    first = FALSE;
  }
  blend (seq, set, i);
  return TRUE;
}

/* Nobody but the base: no blending, a plain sampler, whose steps may be fewer
 * where it has a grid of its own. */
static gboolean
take_plain_step (Sequential * seq, guint i, GError ** error)
{
  Part *part = &seq->parts[0];
  RdTensor *x = part->x;

  rd_run_report (seq->run, i, 0, part->sigmas[i]);
  seq->run->pass++;
  if (!part->y)
    part->y = rd_tensor_new_like (x);
  if (!rd_run_step (seq->run, part->owner, part->solver, i, x, part->y, NULL,
          error))
    return FALSE;
  rd_run_trace (seq->run, part->owner,
      seq->run->end - part->solver->n_steps + i, part->y);
  part->x = part->y;
  part->y = x;
  return TRUE;
}

/**
 * rd_run_sequential:
 * @run: a run
 * @error: settings that do not fit together, or what stopped it
 *
 * Returns: (transfer full) (nullable): the sampled latent
 */
RdTensor *
rd_run_sequential (RdRun * run, GError ** error)
{
  g_auto (Sequential) seq = { run };
  g_autoptr (RdWeights) weights = NULL;
  guint n;

  if (!prepare_parts (&seq, error))
    return NULL;
  if (seq.n_steps == 0)
    return rd_tensor_ref (run->latent);
  n = seq.parts[0].solver->n_steps;
  run->n_passes = n * seq.n_parts;

  if (seq.n_parts > 1) {
    weights = rd_weights_new (run->stream, run->job, run->latent->dims[2],
        run->latent->dims[3], error);
    if (!weights)
      return NULL;
  }
  if (!start (&seq, weights, error))
    return NULL;
  for (guint i = 0; i < n; i++) {
    const RdWeightSet *set = NULL;

    if (weights && !(set = rd_weights_at (weights, i, seq.n_steps, error)))
      return NULL;
    if (!(set ? take_step (&seq, set, i, error)
            : take_plain_step (&seq, i, error)))
      return NULL;
    rd_run_trace (run, NULL, run->end - n + i, seq.parts[0].x);
  }
  rd_run_report (run, seq.n_steps, 0, seq.parts[0].sigmas[seq.n_steps]);
  return rd_tensor_ref (seq.parts[0].x);
}
