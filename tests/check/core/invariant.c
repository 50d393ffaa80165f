/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The invariant of the loop: after every step, every pixel is as noisy as the
 * same sampler on the same grid would have left it alone, wherever it lies. */

#include <gst/check/gstcheck.h>
#include <math.h>

#include "../looptest.h"
#include "loop/modes.h"

/* Every cell within @tolerance of the deviation of @want, and all of them
 * together within @bias. */
static void
check_deviation (const char *what, const RdLoopTrace * got,
    const RdLoopTrace * want, double tolerance, double bias)
{
  fail_unless_equals_int (got->n_steps, want->n_steps);
  for (guint step = 0; step < got->n_steps; step++) {
    double mean = 0.0;

    for (guint i = 0; i < RD_LOOP_CELLS; i++) {
      const double ratio = got->deviation[step][i] / want->deviation[step][i];

      fail_unless (fabs (ratio - 1.0) <= tolerance,
          "%s: step %u, cell %u,%u: deviation %g is %g of that alone", what,
          step, i % RD_LOOP_SIDE, i / RD_LOOP_SIDE, got->deviation[step][i],
          ratio);
      mean += ratio / RD_LOOP_CELLS;
    }
    fail_unless (fabs (mean - 1.0) <= bias,
        "%s: step %u: deviations are %g of those alone", what, step, mean);
  }
}

static const RdMode modes[] = { RD_MODE_SEQUENTIAL, RD_MODE_PARALLEL,
  RD_MODE_FUSED
};

/* All owners draw the same prompt with the same sampler from the same noise, so
 * where they meet makes no difference at all: any zone, any weight. */
GST_START_TEST (test_every_zone_is_as_noisy_as_alone)
{
  guint n;
  const char *sampler = rd_solver_list (&n)[__i__].name;
  /* the last starts late and ends early */
  const RdLoopRegion regions[] = {
    {sampler, "karras", 0.0, {0, 0, 70, 70}, 0, 1, 0, 0, 1},
    {sampler, "karras", 0.0, {40, 40, 100, 128}, 24, 1, 0, 0, 1},
    {sampler, "karras", 0.0, {60, 10, 120, 60}, 16, 0.6, 2, 0, 1},
    {sampler, "karras", 0.0, {0, 90, 50, 128}, 0, 1, -1, 0.25, 0.75},
  };
  g_autofree RdLoopTrace *want = rd_loop_alone (RD_MODE_SEQUENTIAL, sampler,
      "karras", 0.0);

  for (guint m = 0; m < G_N_ELEMENTS (modes); m++) {
    g_autofree char *what = g_strdup_printf ("%s, %s",
        rd_mode_name (modes[m]), sampler);
    g_autofree RdLoopTrace *always = rd_loop_together (modes[m], sampler,
        "karras", G_N_ELEMENTS (regions) - 1, regions);
    g_autofree RdLoopTrace *sometimes = rd_loop_together (modes[m], sampler,
        "karras", G_N_ELEMENTS (regions), regions);

    fail_unless_equals_int (always->n_steps, RD_LOOP_STEPS);
    check_deviation (what, always, want, 0.001, 0.001);
    /* without history, a step is of first order where alone it is of a higher
     * one: as the noise has it more or less in a cell, and next to nothing on
     * average */
    check_deviation (what, sometimes, want, 0.04, 0.002);
  }
}

GST_END_TEST;

/* Independent noise would do as well for this: the deviation that the formulas
 * give, at the first step and at the last. */
GST_START_TEST (test_alone_is_the_distribution)
{
  /* 49152 values of each step: the bounds are 3 standard errors and more */
  g_autofree RdLoopTrace *trace = rd_loop_run (rd_loop_job (RD_MODE_SEQUENTIAL,
          rd_loop_owner ("base", "heun", "karras", 0.0),
          g_new0 (RdLoopTrace, 1)), 48);
  double first = 0.0, last = 0.0;

  for (guint i = 0; i < RD_LOOP_CELLS; i++) {
    first += trace->deviation[0][i] / (RD_LOOP_CELLS);
    last += trace->deviation[trace->n_steps - 1][i] / (RD_LOOP_CELLS);
  }
  /* sigma_1 of 12 karras steps is 9.93, and the data adds to it */
  fail_unless (fabs (first - sqrt (9.93 * 9.93 + 0.5625)) < 0.1, "%g", first);
  fail_unless (fabs (last - 0.75) < 0.04, "%g", last);
}

GST_END_TEST;

/* Different prompts: inside a region, its picture; outside, the base's; hard
 * edges on latent cells leave no cell between. */
GST_START_TEST (test_regions_are_their_own_picture)
{
  guint n;
  const char *sampler = rd_solver_list (&n)[__i__].name;
  /* dpm_adaptive chooses its steps by the error of the whole frame */
  const double tolerance = g_str_equal (sampler, "dpm_adaptive") ? 2e-3 : 2e-4;
  const RdLoopRegion regions[] = {
    {sampler, "karras", 3.0, {0, 0, 64, 128}, 0, 1, 0, 0, 1},
    {sampler, "karras", -2.0, {64, 64, 128, 128}, 0, 1, 0, 0, 1},
  };
  g_autofree RdLoopTrace *base = rd_loop_alone (RD_MODE_PARALLEL, sampler,
      "karras", 0.0);
  g_autofree RdLoopTrace *left = rd_loop_alone (RD_MODE_PARALLEL, sampler,
      "karras", 3.0);
  g_autofree RdLoopTrace *corner = rd_loop_alone (RD_MODE_PARALLEL, sampler,
      "karras", -2.0);

  for (guint m = 0; m < G_N_ELEMENTS (modes); m++) {
    g_autofree RdLoopTrace *got = rd_loop_together (modes[m], sampler,
        "karras", 2, regions);

    for (guint step = 0; step < RD_LOOP_STEPS; step++) {
      for (guint i = 0; i < RD_LOOP_CELLS; i++) {
        const RdLoopTrace *want = i % RD_LOOP_SIDE < RD_LOOP_SIDE / 2 ? left
            : (i / RD_LOOP_SIDE < RD_LOOP_SIDE / 2 ? base : corner);

        fail_unless (fabs (got->mean[step][i] - want->mean[step][i])
            < tolerance, "%s, %s: step %u cell %u: mean %g, alone %g",
            rd_mode_name (modes[m]), sampler, step, i, got->mean[step][i],
            want->mean[step][i]);
        fail_unless (fabs (got->deviation[step][i] - want->deviation[step][i])
            < tolerance * want->deviation[step][i]);
      }
    }
  }
}

GST_END_TEST;

/* Regions of another sampler or schedule: exact with hard weights, at most a
 * fifth too quiet where weights are soft. */
GST_START_TEST (test_grids_meet)
{
  const RdMode mode = modes[__i__];
  const RdLoopRegion hard[] = {
    {"euler", "exponential", 0.0, {0, 0, 64, 128}, 0, 1, 0, 0, 1},
    {"dpm_2", "karras", 0.0, {64, 64, 128, 128}, 0, 1, 0, 0, 1},
  };
  const RdLoopRegion soft[] = {
    {"euler", "exponential", 0.0, {0, 0, 64, 128}, 48, 1, 0, 0, 1},
  };
  g_autofree RdLoopTrace *karras = rd_loop_alone (mode, "euler", "karras", 0.0);
  g_autofree RdLoopTrace *exponential = rd_loop_alone (mode, "euler",
      "exponential", 0.0);
  g_autofree RdLoopTrace *dpm_2 = rd_loop_alone (mode, "dpm_2", "karras", 0.0);
  g_autofree RdLoopTrace *got = rd_loop_together (mode, "euler", "karras", 2,
      hard);
  g_autofree RdLoopTrace *blended = rd_loop_together (mode, "euler", "karras",
      1, soft);
  const guint last = RD_LOOP_STEPS - 1;

  for (guint i = 0; i < RD_LOOP_CELLS; i++) {
    const RdLoopTrace *want = i % RD_LOOP_SIDE < RD_LOOP_SIDE / 2 ? exponential
        : (i / RD_LOOP_SIDE < RD_LOOP_SIDE / 2 ? karras : dpm_2);

    fail_unless (fabs (got->deviation[last][i] / want->deviation[last][i] - 1.0)
        < 1e-3, "cell %u: %g, alone %g", i, got->deviation[last][i],
        want->deviation[last][i]);
  }
  for (guint i = 0; i < RD_LOOP_CELLS; i++) {
    const double a = karras->deviation[last][i];
    const double b = exponential->deviation[last][i];

    fail_unless (blended->deviation[last][i] > 0.8 * MIN (a, b)
        && blended->deviation[last][i] < 1.02 * MAX (a, b), "cell %u: %g", i,
        blended->deviation[last][i]);
  }
}

GST_END_TEST;

static Suite *
invariant_suite (void)
{
  Suite *suite = suite_create ("invariant");
  TCase *chain = tcase_create ("loop");
  guint n_solvers;

  rd_solver_list (&n_solvers);
  suite_add_tcase (suite, chain);
  tcase_set_timeout (chain, 60);
  tcase_add_checked_fixture (chain, rd_loop_setup, rd_loop_teardown);
  tcase_add_loop_test (chain, test_every_zone_is_as_noisy_as_alone, 0,
      n_solvers);
  tcase_add_test (chain, test_alone_is_the_distribution);
  tcase_add_loop_test (chain, test_regions_are_their_own_picture, 0, n_solvers);
  /* one trajectory has one grid */
  tcase_add_loop_test (chain, test_grids_meet, 0, G_N_ELEMENTS (modes) - 1);
  return suite;
}

GST_CHECK_MAIN (invariant);
