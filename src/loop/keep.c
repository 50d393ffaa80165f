/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/keep.h"

#include <string.h>

/* What the network was shown in this round. */
typedef struct
{
  const RdTensor *x;
  double sigma;
  gboolean own_noise;
  RdTensor *shown;
} Shown;

struct _RdKeep
{
  RdRun *run;
  RdTensor *noise;              /* NULL where none was added */
  RdTensor *own_noise;          /* NULL until somebody wants it */
  gsize n_cells;

  guint serial;                 /* of the weights that follow */
  RdWeightSet set;              /* those of who paint: they sum to 1 wherever
                                 * anything is painted */
  float *painted;               /* 1 - w */
  gboolean is_all;              /* nothing is painted */
  RdTensor *kept, *rest;        /* 1 where w is 1; the opposite */

  gboolean has_share;
  double threshold;             /* of the share that follows */
  RdTensor *share, *left;       /* of who paint, and of who keep */
  GArray *shown;                /* Shown */
};

static void
shown_clear (gpointer data)
{
  Shown *shown = data;

  rd_tensor_unref (shown->shown);
}

/**
 * rd_keep_new:
 * @run: a run with its latent, some of whose owners keep
 *
 * Returns: (transfer full): what keeps in it
 */
RdKeep *
rd_keep_new (RdRun * run)
{
  RdKeep *keep = g_new0 (RdKeep, 1);
  const RdTensor *latent = run->latent;
  const guint n = run->job->regions->len + 1;

  keep->run = run;
  keep->noise = run->job->add_noise ? rd_run_noise (run) : NULL;
  keep->n_cells = latent->dims[2] * latent->dims[3];
  keep->painted = g_new (float, keep->n_cells);
  keep->set.n_owners = n;
  keep->set.weight = g_new0 (RdTensor *, n);
  keep->set.box = g_new0 (RdWindow, n);
  keep->kept = rd_tensor_new_map (run->stream, latent->dims[2],
      latent->dims[3]);
  keep->rest = rd_tensor_new_like (keep->kept);
  keep->share = rd_tensor_new_like (keep->kept);
  keep->left = rd_tensor_new_like (keep->kept);
  keep->shown = g_array_new (FALSE, FALSE, sizeof (Shown));
  g_array_set_clear_func (keep->shown, shown_clear);
  return keep;
}

/**
 * rd_keep_free:
 * @keep: (transfer full): what keeps
 */
void
rd_keep_free (RdKeep * keep)
{
  for (guint k = 0; k < keep->set.n_owners; k++)
    g_clear_pointer (&keep->set.weight[k], rd_tensor_unref);
  g_free (keep->set.weight);
  g_free (keep->set.box);
  g_free (keep->painted);
  g_clear_pointer (&keep->noise, rd_tensor_unref);
  g_clear_pointer (&keep->own_noise, rd_tensor_unref);
  rd_tensor_unref (keep->kept);
  rd_tensor_unref (keep->rest);
  rd_tensor_unref (keep->share);
  rd_tensor_unref (keep->left);
  g_array_unref (keep->shown);
  g_free (keep);
}

static const RdOwner *
owner_of (const RdKeep * keep, guint k)
{
  const RdJob *job = keep->run->job;

  return k == 0 ? job->base : job->regions->pdata[k - 1];
}

/* @a of @values, @b of 1 - @values */
static void
upload_pair (RdTensor * a, RdTensor * b, gsize n, const float *values)
{
  g_autofree float *opposite = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    opposite[i] = 1.0f - values[i];
  rd_tensor_upload (a, values);
  rd_tensor_upload (b, opposite);
}

/* What all who paint have together, and which cells nobody paints. */
static gboolean
sum_painted (RdKeep * keep, const RdWeightSet * set, float **weights,
    GError ** error)
{
  g_autofree float *kept = g_new (float, keep->n_cells);

  memset (keep->painted, 0, keep->n_cells * sizeof (float));
  for (guint k = 0; k < set->n_owners; k++) {
    if (!set->weight[k] || owner_of (keep, k)->keep)
      continue;
    weights[k] = g_new (float, keep->n_cells);
    if (!rd_tensor_download (set->weight[k], weights[k], error))
      return FALSE;
    for (gsize i = 0; i < keep->n_cells; i++)
      keep->painted[i] += weights[k][i];
  }
  keep->is_all = TRUE;
  for (gsize i = 0; i < keep->n_cells; i++) {
    keep->is_all &= keep->painted[i] <= 0.0f;
    kept[i] = keep->painted[i] <= 0.0f;
  }
  upload_pair (keep->kept, keep->rest, keep->n_cells, kept);
  return TRUE;
}

static void
divide (RdKeep * keep, const RdWeightSet * set, float *const *weights)
{
  for (guint k = 0; k < set->n_owners; k++) {
    g_clear_pointer (&keep->set.weight[k], rd_tensor_unref);
    keep->set.box[k] = set->box[k];
    if (!weights[k])
      continue;
    for (gsize i = 0; i < keep->n_cells; i++)
      if (weights[k][i] > 0.0f)
        weights[k][i] /= keep->painted[i];
    keep->set.weight[k] = rd_tensor_new_like (keep->kept);
    rd_tensor_upload (keep->set.weight[k], weights[k]);
  }
}

/**
 * rd_keep_begin_step:
 * @keep: what keeps
 * @set: the weights of all owners in this step
 * @error: receives the stream's failure
 *
 * Returns: (transfer none) (nullable): the weights of those who paint, as if the
 *   others were not: they sum to 1 in every cell of which anything is painted
 */
const RdWeightSet *
rd_keep_begin_step (RdKeep * keep, const RdWeightSet * set, GError ** error)
{
  float **weights;
  gboolean ok;

  if (keep->serial == set->serial)
    return &keep->set;
  weights = g_new0 (float *, set->n_owners);
  ok = sum_painted (keep, set, weights, error);
  if (ok)
    divide (keep, set, weights);
  for (guint k = 0; k < set->n_owners; k++)
    g_free (weights[k]);
  g_free (weights);
  keep->serial = set->serial;
  keep->has_share = FALSE;
  return ok ? &keep->set : NULL;
}

/**
 * rd_keep_is_all:
 * @keep: what keeps
 *
 * Returns: whether nothing is painted in this step
 */
gboolean
rd_keep_is_all (const RdKeep * keep)
{
  return keep->is_all;
}

/* The weight from which on a cell is painted at a noise level, 0 in the last
 * steps, when all is painted that is not kept wholly (Levin and Fried,
 * "Differential Diffusion", 2023, with ComfyUI's threshold, of timesteps). */
static double
find_threshold (double sigma, const RdKeepLevels * levels)
{
  const RdPrediction *prediction = levels->prediction;
  const double end = rd_prediction_timestep (prediction, MAX (levels->last,
          rd_prediction_sigma_min (prediction)));
  const double begin = rd_prediction_timestep (prediction, levels->first);

  return begin > end
      ? (rd_prediction_timestep (prediction, sigma) - end) / (begin - end)
      : 0.0;
}

/* Who paints how much of what is asked at a noise level. */
static void
find_share (RdKeep * keep, double sigma, const RdKeepLevels * levels)
{
  const gboolean blends =
      keep->run->job->keep_softness == RD_KEEP_SOFTNESS_BLEND;
  const double threshold = blends ? 0.0 : find_threshold (sigma, levels);
  g_autofree float *share = NULL;

  if (keep->has_share && threshold == keep->threshold)
    return;
  keep->has_share = TRUE;
  keep->threshold = threshold;
  if (blends) {
    upload_pair (keep->share, keep->left, keep->n_cells, keep->painted);
    return;
  }
  share = g_new (float, keep->n_cells);
  for (gsize i = 0; i < keep->n_cells; i++)
    share[i] = keep->painted[i] > 0.0f && keep->painted[i] >= threshold;
  upload_pair (keep->share, keep->left, keep->n_cells, share);
}

static const RdTensor *
find_noise (RdKeep * keep, const RdKeepLevels * levels)
{
  g_autoptr (RdNoiseSource) source = NULL;

  if (!levels->own_noise)
    return keep->noise;
  if (!keep->own_noise) {
    source = rd_noise_source_new (RD_NOISE_GENERATOR,
        keep->run->job->noise_origin, keep->run->seed, 0.0, 0.0);
    keep->own_noise = rd_tensor_new_like (keep->run->latent);
    rd_noise_source_draw (source, keep->own_noise, 0.0, 0.0);
  }
  return keep->own_noise;
}

/* Terms of weight times (z + sigma n), or ((1 - sigma) z + sigma n) of flow
 * networks. */
static guint
add_level (RdKeep * keep, RdTerm * terms, double sigma, const RdTensor * weight,
    const RdKeepLevels * levels)
{
  const RdTensor *noise = find_noise (keep, levels);
  guint n = 0;

  terms[n++] = rd_term (keep->run->latent,
      rd_prediction_signal (levels->prediction, sigma), weight);
  if (noise && sigma > 0.0)
    terms[n++] = rd_term (noise, sigma, weight);
  return n;
}

/**
 * rd_keep_show:
 * @keep: what keeps
 * @x: a noisy latent that somebody asks about
 * @sigma: its noise level
 * @levels: who asks
 *
 * Returns: (transfer none): what the network is shown instead; the same for all
 *   who ask about the same, until rd_keep_forget()
 */
const RdTensor *
rd_keep_show (RdKeep * keep, const RdTensor * x, double sigma,
    const RdKeepLevels * levels)
{
  RdTerm terms[3];
  guint n = 0;
  Shown shown = { x, sigma, levels->own_noise, NULL };

  for (guint i = 0; i < keep->shown->len; i++) {
    const Shown *before = &g_array_index (keep->shown, Shown, i);

    if (before->x == x && before->sigma == sigma
        && before->own_noise == levels->own_noise)
      return before->shown;
  }
  find_share (keep, sigma, levels);
  terms[n++] = rd_term (x, 1.0, keep->share);
  n += add_level (keep, terms + n, sigma, keep->left, levels);
  shown.shown = rd_tensor_new_like (x);
  rd_combine (shown.shown, n, terms);
  g_array_append_val (keep->shown, shown);
  return shown.shown;
}

/**
 * rd_keep_answer:
 * @keep: what keeps
 * @denoised: the answer to what rd_keep_show() showed
 * @sigma: the noise level
 * @levels: who asked
 *
 * Makes of an answer what the solver is told.
 */
void
rd_keep_answer (RdKeep * keep, RdTensor * denoised, double sigma,
    const RdKeepLevels * levels)
{
  RdTerm terms[2];

  find_share (keep, sigma, levels);
  terms[0] = rd_term (denoised, 1.0, keep->share);
  terms[1] = rd_term (keep->run->latent, 1.0, keep->left);
  rd_combine (denoised, 2, terms);
}

/**
 * rd_keep_forget:
 * @keep: what keeps
 *
 * Lets go of what was shown: all of it is answered.
 */
void
rd_keep_forget (RdKeep * keep)
{
  g_array_set_size (keep->shown, 0);
}

/**
 * rd_keep_end_step:
 * @keep: what keeps
 * @x: a latent that has been stepped
 * @sigma: its noise level
 * @levels: whose it is
 *
 * Makes of wholly kept cells what they are at that level; at 0 the input to the
 * bit.
 */
void
rd_keep_end_step (RdKeep * keep, RdTensor * x, double sigma,
    const RdKeepLevels * levels)
{
  RdTerm terms[3];
  guint n = 0;

  terms[n++] = rd_term (x, 1.0, keep->rest);
  n += add_level (keep, terms + n, sigma, keep->kept, levels);
  rd_combine (x, n, terms);
}

/**
 * rd_keep_term:
 * @keep: what keeps
 *
 * Returns: what wholly kept cells add to a blend of the painters' predictions
 */
RdTerm
rd_keep_term (const RdKeep * keep)
{
  return rd_term (keep->run->latent, 1.0, keep->kept);
}

/**
 * rd_keep_restore:
 * @keep: what keeps
 * @output: what comes out of the run, in the VAE's scale
 * @input: what went in, in that scale
 *
 * Scaling there and back rounds: wholly kept cells become the input's to the bit.
 */
void
rd_keep_restore (const RdKeep * keep, RdTensor * output, const RdTensor * input)
{
  const RdTerm terms[] = {
    {output, 1.0, keep->rest},
    {input, 1.0, keep->kept},
  };

  rd_combine (output, 2, terms);
}
