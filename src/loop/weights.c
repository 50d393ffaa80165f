/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/weights.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

/**
 * RdWeights:
 *
 * The coverage of every region of a job, and the weights of the last moment that
 * was asked for.
 */
struct _RdWeights
{
  RdStream *stream;
  const RdJob *job;
  gint64 height, width;
  GPtrArray *coverage;          /* RdTensor, by region: a_k in latent cells */
  gboolean *active;             /* by region, of @set */
  guint serial;                 /* of the last set that was made */
  RdWeightSet *set;             /* of the last moment asked for */
};

static void
weight_set_free (RdWeightSet * set)
{
  for (guint k = 0; k < set->n_owners; k++)
    g_clear_pointer (&set->weight[k], rd_tensor_unref);
  g_free (set->weight);
  g_free (set->box);
  g_free (set);
}

/* The ramp over an edge is this kernel's integral: a raised cosine of @width
 * pixels, smooth at both ends. */
static float *
feather_taps (double width, guint * n_taps)
{
  const int reach = (int) ceil (width / 2.0);
  float *taps;
  double sum = 0.0;

  *n_taps = 2 * (guint) reach + 1;
  taps = g_new (float, *n_taps);
  for (int i = -reach; i <= reach; i++) {
    const double at = 2.0 * i / width;
    const double tap = fabs (at) < 1.0 ? 0.5 + 0.5 * cos (G_PI * at) : 0.0;

    taps[i + reach] = (float) tap;
    sum += tap;
  }
  for (guint i = 0; i < *n_taps; i++)
    taps[i] = (float) (taps[i] / sum);
  return taps;
}

/* The region's mask at picture size. */
static RdTensor *
upload_mask (RdWeights * weights, const RdOwner * region, GError ** error)
{
  const gint64 height = weights->height * weights->job->downscale;
  const gint64 width = weights->width * weights->job->downscale;
  g_autoptr (RdMask) mask = rd_mask_stretch (region->mask, (guint) width,
      (guint) height, RD_MASK_MEAN);
  RdTensor *map;

  if (!mask) {
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY,
        "%s: no memory for a mask of %ux%u", region->id, (guint) width,
        (guint) height);
    return NULL;
  }
  map = rd_tensor_new_map (weights->stream, height, width);
  rd_tensor_upload (map, mask->data);
  return map;
}

/* a_k: the region's shape at picture size, dilated, feathered, times its
 * strength, averaged to latent cells. */
static RdTensor *
region_coverage (RdWeights * weights, const RdOwner * region, GError ** error)
{
  const guint reach = region->overlap_factor / 2;
  g_autoptr (RdTensor) shape = upload_mask (weights, region, error);
  RdTensor *coverage;
  RdTerm strengthened;

  if (!shape)
    return NULL;
  if (reach > 0) {
    RdTensor *dilated = rd_tensor_new_like (shape);

    rd_map_dilate (dilated, shape, reach, reach);
    rd_tensor_unref (shape);
    shape = dilated;
  }
  if (region->feather > 0.0) {
    RdTensor *feathered = rd_tensor_new_like (shape);
    guint n_taps;
    g_autofree float *taps = feather_taps (region->feather, &n_taps);

    rd_map_convolve (feathered, shape, n_taps, taps);
    rd_tensor_unref (shape);
    shape = feathered;
  }

  coverage = rd_tensor_new_map (weights->stream, weights->height,
      weights->width);
  rd_map_resize (coverage, shape, RD_FILTER_AREA);
  strengthened = rd_term (coverage, region->strength, NULL);
  rd_combine (coverage, 1, &strengthened);
  return coverage;
}

/**
 * rd_weights_new:
 * @stream: where the maps shall be
 * @job: whose regions; must outlive the result
 * @height: latent rows
 * @width: latent columns
 * @error: receives the stream's failure, or %RD_ERROR_NO_MEMORY
 *
 * Prepares every region's coverage: its mask at picture size (latent size times
 * `job->downscale`), dilated by half its overlap factor on all sides, feathered
 * by a raised-cosine ramp, times its strength, averaged to latent cells.
 *
 * Returns: (transfer full) (nullable): the weights
 */
RdWeights *
rd_weights_new (RdStream * stream, const RdJob * job, gint64 height,
    gint64 width, GError ** error)
{
  g_autoptr (RdWeights) weights = g_new0 (RdWeights, 1);

  weights->stream = rd_stream_ref (stream);
  weights->job = job;
  weights->height = height;
  weights->width = width;
  weights->active = g_new0 (gboolean, job->regions->len);
  weights->coverage =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_tensor_unref);
  for (guint j = 0; j < job->regions->len; j++) {
    RdTensor *coverage = region_coverage (weights, job->regions->pdata[j],
        error);

    if (!coverage)
      return NULL;
    g_ptr_array_add (weights->coverage, coverage);
  }

  if (!rd_stream_check (stream, error))
    return NULL;
  return g_steal_pointer (&weights);
}

/**
 * rd_weights_free:
 * @weights: (transfer full): prepared coverages, and the last set of weights
 */
void
rd_weights_free (RdWeights * weights)
{
  g_clear_pointer (&weights->set, weight_set_free);
  g_ptr_array_unref (weights->coverage);
  g_free (weights->active);
  rd_stream_unref (weights->stream);
  g_free (weights);
}

static gboolean
is_active (const RdJob * job, const RdOwner * region, guint step, guint steps)
{
  const double at = (double) step / steps;

  return step >= job->base_only_steps && region->start <= at
      && at < region->end;
}

/* The smallest window with all cells above 0; height 0 where there are none. */
static RdWindow
bounding_box (const float *values, gint64 height, gint64 width)
{
  gint64 top = height, left = width, bottom = 0, right = 0;
  RdWindow box;

  for (gint64 y = 0; y < height; y++) {
    for (gint64 x = 0; x < width; x++) {
      if (values[y * width + x] <= 0.0f)
        continue;
      top = MIN (top, y);
      bottom = y + 1;
      left = MIN (left, x);
      right = MAX (right, x + 1);
    }
  }
  box.top = top;
  box.left = left;
  box.height = MAX (bottom - top, 0);
  box.width = MAX (right - left, 0);
  return box;
}

/* Measures what an owner owns. A map that is zero everywhere becomes NULL, so
 * that its owner need not work. */
static gboolean
measure (RdTensor ** map, RdWindow * box, GError ** error)
{
  g_autofree float *values = g_malloc ((*map)->size);

  if (!rd_tensor_download (*map, values, error))
    return FALSE;
  *box = bounding_box (values, (*map)->dims[2], (*map)->dims[3]);
  if (box->height == 0)
    g_clear_pointer (map, rd_tensor_unref);
  return TRUE;
}

static int
compare_levels (gconstpointer a, gconstpointer b)
{
  const int za = *(const int *) a, zb = *(const int *) b;

  return za < zb ? 1 : (za > zb ? -1 : 0);
}

/* From the highest level of z down, each takes its part of what is left. */
static RdWeightSet *
compute_set (RdWeights * weights, GError ** error)
{
  GPtrArray *regions = weights->job->regions;
  const guint n = regions->len;
  RdWeightSet *set = g_new0 (RdWeightSet, 1);
  g_autofree int *levels = g_new (int, n);
  g_autoptr (GPtrArray) level = g_ptr_array_new ();

  set->n_owners = n + 1;
  set->serial = ++weights->serial;
  set->weight = g_new0 (RdTensor *, n + 1);
  set->box = g_new0 (RdWindow, n + 1);
  set->weight[0] = rd_tensor_new_map (weights->stream, weights->height,
      weights->width);
  {
    g_autofree float *ones = g_new (float, set->weight[0]->n_elements);

    for (gsize i = 0; i < set->weight[0]->n_elements; i++)
      ones[i] = 1.0f;
    rd_tensor_upload (set->weight[0], ones);
  }
  for (guint j = 0; j < n; j++) {
    levels[j] = ((const RdOwner *) regions->pdata[j])->z;
    if (weights->active[j]) {
      set->weight[j + 1] = rd_tensor_new_like (set->weight[0]);
      rd_copy (set->weight[j + 1], weights->coverage->pdata[j]);
    }
  }
  if (n > 0)
    qsort (levels, n, sizeof levels[0], compare_levels);

  for (guint l = 0; l < n; l++) {
    if (l > 0 && levels[l] == levels[l - 1])
      continue;
    g_ptr_array_set_size (level, 0);
    for (guint j = 0; j < n; j++)
      if (set->weight[j + 1]
          && ((const RdOwner *) regions->pdata[j])->z == levels[l])
        g_ptr_array_add (level, set->weight[j + 1]);
    if (level->len > 0)
      rd_map_partition (level->len, (RdTensor * const *) level->pdata,
          set->weight[0]);
  }

  for (guint k = 0; k <= n; k++) {
    if (set->weight[k] && !measure (&set->weight[k], &set->box[k], error)) {
      weight_set_free (set);
      return NULL;
    }
  }
  return set;
}

/* @always: whether all regions count, active or not */
static const RdWeightSet *
weights_of (RdWeights * weights, gboolean always, guint step, guint steps,
    GError ** error)
{
  const RdJob *job = weights->job;
  gboolean changed = weights->set == NULL;

  for (guint j = 0; j < job->regions->len; j++) {
    const gboolean active = always
        || is_active (job, job->regions->pdata[j], step, steps);

    changed |= active != weights->active[j];
    weights->active[j] = active;
  }
  if (changed) {
    g_clear_pointer (&weights->set, weight_set_free);
    weights->set = compute_set (weights, error);
  }
  return weights->set;
}

/**
 * rd_weights_at:
 * @weights: prepared coverages
 * @step: index of an executed step
 * @steps: how many are executed
 * @error: receives the stream's failure
 *
 * From the highest `z` down, with T = 1: within one level A = min(1, sum a_j)
 * and w_k = T A a_k / sum a_j; then T becomes T (1 - A). The base owns the T
 * that is left. Regions that are not active in this step own nothing.
 *
 * Returns: (transfer none) (nullable): the weights of that step, valid until
 *   the next call
 */
const RdWeightSet *
rd_weights_at (RdWeights * weights, guint step, guint steps, GError ** error)
{
  return weights_of (weights, FALSE, step, steps, error);
}

/**
 * rd_weights_of_all:
 * @weights: prepared coverages
 * @error: receives the stream's failure
 *
 * Returns: (transfer none) (nullable): the weights if all regions were active
 *   at the same time, valid until the next call
 */
const RdWeightSet *
rd_weights_of_all (RdWeights * weights, GError ** error)
{
  return weights_of (weights, TRUE, 0, 0, error);
}
