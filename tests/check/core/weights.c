/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Who owns what: a partition of unity, whatever the regions. */

#include <gst/check/gstcheck.h>
#include <math.h>

#include "../looptest.h"
#include "loop/weights.h"

#define PICTURE (RD_LOOP_SIDE * RD_LOOP_DOWNSCALE)

typedef struct
{
  RdJob *job;
  RdWeights *weights;
  const RdWeightSet *set;
  float *of[8];                 /* by owner, or NULL */
} Weights;

static void
weights_clear (Weights * w)
{
  for (guint k = 0; k < G_N_ELEMENTS (w->of); k++)
    g_free (w->of[k]);
  g_clear_pointer (&w->weights, rd_weights_free);
  g_clear_pointer (&w->job, rd_job_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Weights, weights_clear);

/* Looks at a step, and checks what holds at every time. */
static void
weights_at (Weights * w, guint step, guint steps)
{
  g_autoptr (GError) error = NULL;

  w->set = rd_weights_at (w->weights, step, steps, &error);
  fail_unless (w->set != NULL, "%s", error ? error->message : "");
  fail_unless_equals_int (w->set->n_owners, w->job->regions->len + 1);
  for (guint k = 0; k < w->set->n_owners; k++) {
    g_clear_pointer (&w->of[k], g_free);
    if (!w->set->weight[k])
      continue;
    w->of[k] = g_new (float, RD_LOOP_CELLS);
    fail_unless (rd_tensor_download (w->set->weight[k], w->of[k], NULL));
  }
  for (guint i = 0; i < RD_LOOP_CELLS; i++) {
    const gint64 x = i % RD_LOOP_SIDE, y = i / RD_LOOP_SIDE;
    double sum = 0.0;

    for (guint k = 0; k < w->set->n_owners; k++) {
      const RdWindow *box = &w->set->box[k];

      if (!w->of[k])
        continue;
      fail_unless (w->of[k][i] >= 0.0f);
      fail_unless (w->of[k][i] == 0.0f || (x >= box->left && y >= box->top
              && x < box->left + box->width && y < box->top + box->height),
          "owner %u: cell %u is outside of its box", k, i);
      sum += w->of[k][i];
    }
    fail_unless (fabs (sum - 1.0) < 1e-6, "cell %u: %.9g", i, sum);
  }
}

static void
weights_init (Weights * w, guint n, const RdLoopRegion * regions)
{
  w->job = rd_job_new (rd_loop_owner ("base", "euler", "karras", 0.0));
  for (guint j = 0; j < n; j++)
    rd_loop_add_region (w->job, &regions[j]);
  w->weights = rd_weights_new (rd_loop_stream (), w->job, RD_LOOP_SIDE,
      RD_LOOP_SIDE, NULL);
  weights_at (w, 0, 10);
}

#define REGION(...) { "euler", "karras", 0.0, __VA_ARGS__ }

GST_START_TEST (test_everything)
{
  const RdLoopRegion all = REGION ({ 0, 0, PICTURE, PICTURE }, 0, 1, 0, 0, 1);
  g_auto (Weights) w = { NULL };

  weights_init (&w, 1, &all);
  fail_unless (w.set->weight[0] == NULL, "nothing is left for the base");
  fail_unless_equals_int64 (w.set->box[1].height, RD_LOOP_SIDE);
}

GST_END_TEST;

GST_START_TEST (test_nothing)
{
  const RdLoopRegion none = REGION ({ 0, 0, 0, 0 }, 0, 1, 0, 0, 1);
  const RdLoopRegion faint = REGION ({ 0, 0, 64, 64 }, 0, 0, 0, 0, 1);
  const RdLoopRegion outside =
      REGION ({ PICTURE, 0, PICTURE + 64, 64 }, 0, 1, 0, 0, 1);
  const RdLoopRegion regions[] = { none, faint, outside };
  g_auto (Weights) w = { NULL };

  weights_init (&w, 3, regions);
  for (guint k = 1; k < 4; k++)
    fail_unless (w.set->weight[k] == NULL);
  fail_unless_equals_float (w.of[0][0], 1.0);
}

GST_END_TEST;

/* 3x2 pixels of a cell's 64: a weight, if a small one */
GST_START_TEST (test_less_than_a_cell)
{
  const RdLoopRegion speck = REGION ({ 17, 41, 20, 43 }, 0, 1, 0, 0, 1);
  g_auto (Weights) w = { NULL };

  weights_init (&w, 1, &speck);
  fail_unless_equals_float (w.of[1][5 * RD_LOOP_SIDE + 2], 6.0 / 64.0);
  fail_unless_equals_int64 (w.set->box[1].top, 5);
  fail_unless_equals_int64 (w.set->box[1].left, 2);
  fail_unless_equals_int64 (w.set->box[1].height, 1);
  fail_unless_equals_int64 (w.set->box[1].width, 1);
}

GST_END_TEST;

/* The mask of a thin line, larger than the picture: each cell has its share. */
GST_START_TEST (test_larger_mask)
{
  const RdLoopRegion region = REGION ({ 0, 0, 1, 1 }, 0, 1, 0, 0, 1);
  const guint side = 8 * PICTURE;
  g_auto (Weights) w = { NULL };
  RdOwner *owner;

  w.job = rd_job_new (rd_loop_owner ("base", "euler", "karras", 0.0));
  rd_loop_add_region (w.job, &region);
  owner = w.job->regions->pdata[0];
  rd_mask_unref (owner->mask);
  owner->mask = rd_mask_new (side, side);
  for (guint y = 0; y < side; y++)
    for (guint x = 129; x < 132; x++)
      owner->mask->data[y * side + x] = 1.0f;
  w.weights = rd_weights_new (rd_loop_stream (), w.job, RD_LOOP_SIDE,
      RD_LOOP_SIDE, NULL);
  weights_at (&w, 0, 10);
  fail_unless_equals_float (w.of[1][2], 3.0 / 64.0);
  fail_unless_equals_float (w.of[1][3], 0.0);
}

GST_END_TEST;

/* Of a level's surplus each takes its part; the base gets nothing there. */
GST_START_TEST (test_overlap)
{
  const RdLoopRegion regions[] = {
    REGION ({0, 0, 80, PICTURE}, 0, 1, 0, 0, 1),
    REGION ({48, 0, PICTURE, PICTURE}, 0, 0.5, 0, 0, 1),
  };
  g_auto (Weights) w = { NULL };

  weights_init (&w, 2, regions);
  fail_unless_equals_float (w.of[1][0], 1.0);
  fail_unless (fabs (w.of[1][7] - 1.0 / 1.5) < 1e-6);
  fail_unless (fabs (w.of[2][7] - 0.5 / 1.5) < 1e-6);
  fail_unless_equals_float (w.of[2][15], 0.5);
  fail_unless_equals_float (w.of[0][15], 0.5);
  fail_unless_equals_float (w.of[0][7], 0.0);
}

GST_END_TEST;

GST_START_TEST (test_levels)
{
  const RdLoopRegion regions[] = {
    REGION ({0, 0, PICTURE, PICTURE}, 0, 1, 0, 0, 1),
    REGION ({0, 0, 64, 64}, 0, 0.75, 3, 0, 1),
  };
  g_auto (Weights) w = { NULL };

  weights_init (&w, 2, regions);
  fail_unless_equals_float (w.of[2][0], 0.75);
  fail_unless_equals_float (w.of[1][0], 0.25);
  fail_unless_equals_float (w.of[1][15], 1.0);
  fail_unless (w.set->weight[0] == NULL);
}

GST_END_TEST;

/* A smooth ramp, one half at the edge and the same on both of its sides. */
GST_START_TEST (test_feather)
{
  const RdLoopRegion left = REGION ({ 0, 0, 64, PICTURE }, 64, 1, 0, 0, 1);
  g_auto (Weights) w = { NULL };

  weights_init (&w, 1, &left);
  fail_unless_equals_float (w.of[1][0], 1.0);
  fail_unless (w.of[1][3] > 0.999f && w.of[1][12] < 0.001f);
  for (guint x = 1; x < RD_LOOP_SIDE; x++)
    fail_unless (w.of[1][x] <= w.of[1][x - 1] + 1e-6f);
  for (guint x = 0; x < RD_LOOP_SIDE / 2; x++)
    fail_unless (fabs (w.of[1][x] + w.of[1][RD_LOOP_SIDE - 1 - x] - 1.0) < 2e-2,
        "%u: %g and %g", x, w.of[1][x], w.of[1][RD_LOOP_SIDE - 1 - x]);
}

GST_END_TEST;

/* Growth is alike on all sides, by half of the factor. */
GST_START_TEST (test_growth)
{
  const RdLoopRegion box = REGION ({ 32, 48, 64, 72 }, 0, 1, 0, 0, 1);
  g_auto (Weights) w = { NULL };

  weights_init (&w, 0, NULL);
  rd_loop_add_region (w.job, &box);
  ((RdOwner *) w.job->regions->pdata[0])->overlap_factor = 16;
  rd_weights_free (w.weights);
  w.weights = rd_weights_new (rd_loop_stream (), w.job, RD_LOOP_SIDE,
      RD_LOOP_SIDE, NULL);
  weights_at (&w, 0, 10);
  fail_unless_equals_int64 (w.set->box[1].left, 3);
  fail_unless_equals_int64 (w.set->box[1].width, 6);
  fail_unless_equals_int64 (w.set->box[1].top, 5);
  fail_unless_equals_int64 (w.set->box[1].height, 5);
}

GST_END_TEST;

GST_START_TEST (test_time)
{
  const RdLoopRegion regions[] = {
    REGION ({0, 0, 64, 64}, 0, 1, 0, 0.25, 0.75),
    REGION ({64, 64, PICTURE, PICTURE}, 0, 1, 0, 0, 1),
  };
  g_auto (Weights) w = { NULL };

  weights_init (&w, 2, regions);
  w.job->base_only_steps = 2;
  for (guint step = 0; step < 10; step++) {
    weights_at (&w, step, 10);
    fail_unless_equals_int (w.set->weight[1] != NULL, step >= 3 && step < 8);
    fail_unless_equals_int (w.set->weight[2] != NULL, step >= 2);
  }
}

GST_END_TEST;

static Suite *
weights_suite (void)
{
  Suite *suite = suite_create ("weights");
  TCase *chain = tcase_create ("weights");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, rd_loop_setup, rd_loop_teardown);
  tcase_add_test (chain, test_everything);
  tcase_add_test (chain, test_nothing);
  tcase_add_test (chain, test_less_than_a_cell);
  tcase_add_test (chain, test_larger_mask);
  tcase_add_test (chain, test_overlap);
  tcase_add_test (chain, test_levels);
  tcase_add_test (chain, test_feather);
  tcase_add_test (chain, test_growth);
  tcase_add_test (chain, test_time);
  return suite;
}

GST_CHECK_MAIN (weights);
