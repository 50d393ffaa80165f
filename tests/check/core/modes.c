/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What the modes do beside arithmetic: what they evaluate, what they refuse and
 * what they report. */

#include <gst/check/gstcheck.h>
#include <math.h>

#include "../looptest.h"
#include "loop/modes.h"

static const RdMode modes[] = { RD_MODE_SEQUENTIAL, RD_MODE_PARALLEL,
  RD_MODE_FUSED
};

/* An owner without a pixel is not evaluated: rows are counted at cfg 1, where
 * each pass is one. */
GST_START_TEST (test_idle_owners_cost_nothing)
{
  const RdMode mode = modes[__i__];
  const RdLoopRegion empty =
      { "euler", "karras", 1.0, {0, 0, 0, 0}, 0, 1, 0, 0, 1 };
  const RdLoopRegion full =
      { "euler", "karras", 1.0, {0, 0, 128, 128}, 0, 1, 0, 0, 1 };
  const RdLoopRegion early =
      { "euler", "karras", 1.0, {0, 0, 64, 128}, 0, 1, 0, 0, 0.5 };
  g_autofree RdLoopTrace *with_empty =
      rd_loop_together (mode, "euler", "karras", 1, &empty);
  g_autofree RdLoopTrace *with_full =
      rd_loop_together (mode, "euler", "karras", 1, &full);
  g_autofree RdLoopTrace *with_early =
      rd_loop_together (mode, "euler", "karras", 1, &early);

  fail_unless_equals_uint64 (with_empty->rows, RD_LOOP_STEPS);
  fail_unless_equals_uint64 (with_full->rows, RD_LOOP_STEPS);
  fail_unless_equals_uint64 (with_early->rows,
      RD_LOOP_STEPS + RD_LOOP_STEPS / 2);
}

GST_END_TEST;

/* What a step of three regions beside the base evaluates at cfg 7, with one
 * negative prompt for all. */
static const struct
{
  RdMode mode;
  const char *sampler;
  guint64 calls, rows;          /* of a step that does not end at 0 */
} row_cases[] = {
  {RD_MODE_SEQUENTIAL, "euler", 4, 8},
  {RD_MODE_PARALLEL, "euler", 1, 5},
  {RD_MODE_FUSED, "euler", 1, 5},
  {RD_MODE_PARALLEL, "dpmpp_2m", 1, 5},
  /* second stages lie on the owners' own latents */
  {RD_MODE_SEQUENTIAL, "heun", 8, 16},
  {RD_MODE_PARALLEL, "heun", 2, 5 + 8},
  {RD_MODE_FUSED, "heun", 2, 5 + 5},
};

static const RdLoopRegion three[] = {
  {"one", "karras", 2.0, {0, 0, 40, 40}, 0, 1, 0, 0, 1},
  {"two", "karras", -1.0, {40, 24, 128, 64}, 8, 1, 0, 0, 1},
  {"three", "karras", 1.0, {16, 80, 96, 128}, 0, 0.5, 0, 0, 1},
};

static RdJob *
three_regions (RdMode mode, const char *sampler, RdLoopTrace * trace)
{
  RdJob *job = rd_loop_job (mode, rd_loop_owner ("base", sampler, "karras",
          0.0), trace);

  job->base->guide.cfg = 7.0;
  for (guint j = 0; j < G_N_ELEMENTS (three); j++) {
    RdLoopRegion region = three[j];
    RdOwner *owner;

    region.sampler = sampler;
    rd_loop_add_region (job, &region);
    owner = job->regions->pdata[j];
    owner->guide.cfg = 7.0;
  }
  return job;
}

GST_START_TEST (test_rows_of_a_step)
{
  const guint64 full = RD_LOOP_STEPS - 1;
  RdJob *job = three_regions (row_cases[__i__].mode, row_cases[__i__].sampler,
      g_new0 (RdLoopTrace, 1));
  g_autofree RdLoopTrace *trace = NULL;
  const gboolean two_stages = g_str_equal (row_cases[__i__].sampler, "heun");
  guint64 last_calls = row_cases[__i__].calls / (two_stages ? 2 : 1);
  guint64 last_rows = !two_stages ? row_cases[__i__].rows
      : row_cases[__i__].mode == RD_MODE_SEQUENTIAL ? 8 : 5;

  trace = rd_loop_run (job, 1);
  fail_unless_equals_uint64 (trace->calls,
      full * row_cases[__i__].calls + last_calls);
  fail_unless_equals_uint64 (trace->rows,
      full * row_cases[__i__].rows + last_rows);
}

GST_END_TEST;

static float *
sample (RdJob * job, gint64 height, gint64 width, guint64 * calls)
{
  const gint64 dims[] = { 2, RD_LOOP_CHANNELS, height, width };
  g_autoptr (RdTensor) latent = rd_tensor_new (rd_loop_stream (), RD_TYPE_F32,
      4, dims);
  g_autofree float *values = g_malloc0 (latent->size);
  g_autoptr (RdTensor) result = NULL;
  g_autoptr (GError) error = NULL;
  RdJobStats stats;

  rd_tensor_upload (latent, values);
  job->trace = NULL;
  result = rd_job_run (job, latent, &stats, NULL, &error);
  fail_unless (result != NULL, "%s", error ? error->message : "");
  fail_unless (rd_tensor_download (result, values, NULL));
  if (calls)
    *calls = stats.guidance.calls;
  rd_job_free (job);
  return g_steal_pointer (&values);
}

static gsize cells_seen;

static gboolean
count_cells (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error)
{
  fail_unless (batch->input->dims[2] % denoiser->multiple == 0);
  fail_unless (batch->input->dims[3] % denoiser->multiple == 0);
  cells_seen += batch->input->n_elements;
  return rd_loop_denoiser ()->klass->evaluate (denoiser, batch, cancellable,
      error);
}

/* The loop's denoiser for sides that are multiples of 4; it sees cell by cell,
 * so what else the window shows makes no difference. */
static void
demand_multiples (RdJob * job)
{
  static RdDenoiserClass klass;
  RdDenoiser *denoiser = rd_analytic_new (rd_loop_denoiser ()->prediction,
      RD_LOOP_CHANNELS);

  klass = *denoiser->klass;
  klass.evaluate = count_cells;
  denoiser->klass = &klass;
  denoiser->multiple = 4;
  cells_seen = 0;
  for (guint k = 0; k <= job->regions->len; k++) {
    RdOwner *owner = k ? job->regions->pdata[k - 1] : job->base;

    rd_denoiser_unref (owner->guide.denoiser);
    owner->guide.denoiser = rd_denoiser_ref (denoiser);
  }
  rd_denoiser_unref (denoiser);
}

GST_START_TEST (test_crop_shows_less)
{
  RdJob *job = three_regions (modes[__i__], "euler", NULL);
  g_autofree float *want = NULL, *got = NULL;
  gsize whole;

  demand_multiples (job);
  want = sample (job, RD_LOOP_SIDE, RD_LOOP_SIDE, NULL);
  whole = cells_seen;
  job = three_regions (modes[__i__], "euler", NULL);
  demand_multiples (job);
  job->region_crop = 8;
  got = sample (job, RD_LOOP_SIDE, RD_LOOP_SIDE, NULL);

  for (guint i = 0; i < 2 * RD_LOOP_CHANNELS * RD_LOOP_CELLS; i++)
    fail_unless (want[i] == got[i], "element %u: %g, with crops %g", i, want[i],
        got[i]);
  /* the base sees all; the regions 5x5, 7x12 and 6x10 cells and one more on
   * the sides that do not end the picture, rounded up */
  fail_unless_equals_uint64 (cells_seen, (guint64) RD_LOOP_STEPS * 2 * 2
      * RD_LOOP_CHANNELS * (16 * 16 + 8 * 8 + 12 * 16 + 8 * 12));
  fail_unless (cells_seen < whole || modes[__i__] != RD_MODE_SEQUENTIAL);
}

GST_END_TEST;

GST_START_TEST (test_odd_sides_get_a_margin)
{
  RdJob *job = three_regions (modes[__i__], "dpmpp_2m", NULL);
  g_autofree float *want = sample (job, 13, 7, NULL), *got = NULL;

  job = three_regions (modes[__i__], "dpmpp_2m", NULL);
  demand_multiples (job);
  got = sample (job, 13, 7, NULL);
  fail_unless (cells_seen > 0);
  for (guint i = 0; i < 2 * RD_LOOP_CHANNELS * 13 * 7; i++)
    fail_unless (want[i] == got[i], "element %u: %g, with a margin %g", i,
        want[i], got[i]);
}

GST_END_TEST;

/* 64 regions, one for every 2x2 cells, cover everything: each is what its
 * prompt says, and the base has nothing to do. */
GST_START_TEST (test_many_regions)
{
  for (guint m = 0; m < G_N_ELEMENTS (modes); m++) {
    RdJob *job = rd_job_new (rd_loop_owner ("base", "euler", "karras", 50.0));
    g_autofree float *got = NULL;
    guint64 calls;

    job->mode = modes[m];
    job->steps = 10;
    for (guint j = 0; j < 64; j++) {
      const double x = j % 8 * 16.0, y = j / 8 * 16.0;
      const RdLoopRegion region =
          { "euler", "karras", j, {x, y, x + 16, y + 16}, 0, 1, 0, 0, 1 };

      rd_loop_add_region (job, &region);
    }
    got = sample (job, RD_LOOP_SIDE, RD_LOOP_SIDE, &calls);
    fail_unless_equals_uint64 (calls,
        modes[m] == RD_MODE_SEQUENTIAL ? 10 * 64 : 10);
    for (guint i = 0; i < RD_LOOP_CELLS; i++) {
      const double want = i / RD_LOOP_SIDE / 2 * 8 + i % RD_LOOP_SIDE / 2;

      /* a deviation of 0.75, and the noise that it starts from has mean 0 */
      fail_unless (fabs (got[i] * 0.18215 - want) < 4 * 0.75 + 0.1 * want,
          "%s, cell %u: %g", rd_mode_name (modes[m]), i, got[i] * 0.18215);
    }
  }
}

GST_END_TEST;

/* Cases of runs that are split. With regions, a sampler that chooses its noise
 * levels takes each step by itself. */
static const struct
{
  gboolean has_region;
  double denoise;
} splits[] = {
  {FALSE, 1.0},
  {TRUE, 1.0},
  {FALSE, 0.5},
};

#define SPLIT 5                 /* of RD_LOOP_STEPS */

/* Whether two runs make the same as one. Others keep something from step to
 * step, draw noise, choose their noise levels over the whole run, or, as heunpp2
 * does, look at how many steps are left. */
static gboolean
is_continuable (const char *sampler, gboolean has_region)
{
  static const char *const always[] = { "ddim", "dpm_2", "euler",
    "euler_cfg_pp", "exp_heun_2_x0", "heun", NULL
  };
  static const char *const by_steps[] = { "dpm_adaptive", "dpm_fast", NULL };

  return g_strv_contains (always, sampler)
      || (has_region && g_strv_contains (by_steps, sampler));
}

/* Some of the steps of a run; those after the first begin with @latent. */
static RdTensor *
run_part (RdMode mode, const char *sampler, guint split, guint start,
    guint end, RdTensor * latent)
{
  const RdLoopRegion region =
      { sampler, "karras", 2.0, {0, 0, 70, 128}, 24, 1, 0, 0, 1 };
  RdJob *job = rd_job_new (rd_loop_owner ("base", sampler, "karras", 0));
  g_autoptr (GError) error = NULL;
  RdTensor *result;

  job->mode = mode;
  job->steps = RD_LOOP_STEPS;
  job->denoise = splits[split].denoise;
  if (splits[split].has_region)
    rd_loop_add_region (job, &region);
  job->start_at_step = start;
  job->end_at_step = end;
  job->add_noise = start == 0;
  job->return_with_leftover_noise = TRUE;
  result = rd_job_run (job, latent, NULL, NULL, &error);
  fail_unless (result != NULL, "%s", error ? error->message : "");
  rd_job_free (job);
  return result;
}

/* Largest difference between the results of one run and of the same in two
 * parts, by the largest element. */
static double
difference_of_parts (RdMode mode, const char *sampler, guint split)
{
  const guint n = RD_LOOP_CHANNELS * RD_LOOP_CELLS;
  g_autofree float *a = g_new (float, n), *b = g_new (float, n);
  g_autoptr (RdTensor) latent = rd_loop_zeros (1);
  g_autoptr (RdTensor) whole =
      run_part (mode, sampler, split, 0, RD_LOOP_STEPS, latent);
  g_autoptr (RdTensor) first =
      run_part (mode, sampler, split, 0, SPLIT, latent);
  g_autoptr (RdTensor) second =
      run_part (mode, sampler, split, SPLIT, RD_LOOP_STEPS, first);
  double difference = 0.0, largest = 0.0;

  fail_unless (rd_tensor_download (whole, a, NULL));
  fail_unless (rd_tensor_download (second, b, NULL));
  for (guint i = 0; i < n; i++) {
    difference = fmax (difference, fabs (a[i] - b[i]));
    largest = fmax (largest, fabs (a[i]));
  }
  fail_unless (largest > 1.0);
  return difference / largest;
}

/* Splitting a run in two leaves the picture as it is, within what the scale of
 * the VAE rounds away, for the samplers that the documentation names, and for no
 * others. */
GST_START_TEST (test_continued_run)
{
  guint n;
  const RdSolverInfo *list = rd_solver_list (&n);

  for (guint s = 0; s < n; s++) {
    for (guint k = 0; k < G_N_ELEMENTS (splits); k++) {
      const char *name = list[s].name;
      const double difference = difference_of_parts (modes[__i__], name, k);

      if (is_continuable (name, splits[k].has_region))
        fail_unless (difference < 1e-5, "%s, case %u: in two runs %g", name, k,
            difference);
      else
        fail_unless (difference > 1e-3, "%s, case %u: the same in two runs, to "
            "%g", name, k, difference);
    }
  }
}

GST_END_TEST;

/* Where no step is to be taken, nothing happens to a bit of the latent: neither
 * noise nor a scale that cannot be undone. */
GST_START_TEST (test_empty_range)
{
  static const struct
  {
    guint start, end;
    double denoise, scale, shift;
    gboolean add_noise;
  } cases[] = {
    {5, 5, 1.0, 0.18215, 0.0, FALSE},
    {5, 5, 1.0, 0.18215, 0.0, TRUE},
    {5, 5, 0.5, 0.18215, 0.0, TRUE},
    {7, 3, 1.0, 0.18215, 0.0, TRUE},
    {RD_LOOP_STEPS, 10000, 1.0, 0.18215, 0.0, TRUE},
    {0, 0, 1.0, 0.3611, 0.1159, TRUE},
    {0, 10000, 0.0, 0.18215, 0.0, TRUE},
    {0, 10000, 0.0, 0.3611, 0.1159, TRUE},
  };
  const gint64 dims[] = { 1, RD_LOOP_CHANNELS, RD_LOOP_SIDE, RD_LOOP_SIDE };
  const guint n = RD_LOOP_CHANNELS * RD_LOOP_CELLS;
  g_autofree float *values = g_new (float, n), *got = g_new (float, n);
  const RdLoopRegion region =
      { "euler", "karras", 2.0, {0, 0, 70, 128}, 24, 1, 0, 0, 1 };

  for (guint i = 0; i < n; i++)
    values[i] = 40.0f * sinf (i);

  for (guint c = 0; c < 2 * G_N_ELEMENTS (cases); c++) {
    g_autoptr (RdTensor) latent = rd_tensor_new_from_host (rd_loop_stream (),
        RD_TYPE_F32, 4, dims, values);
    RdJob *job = rd_job_new (rd_loop_owner ("base", "euler", "karras", 1.0));
    g_autoptr (RdTensor) result = NULL;
    g_autoptr (GError) error = NULL;
    RdJobStats stats;

    job->mode = modes[__i__];
    job->steps = RD_LOOP_STEPS;
    job->start_at_step = cases[c / 2].start;
    job->end_at_step = cases[c / 2].end;
    job->denoise = cases[c / 2].denoise;
    job->scale = cases[c / 2].scale;
    job->shift = cases[c / 2].shift;
    job->add_noise = cases[c / 2].add_noise;
    if (c % 2)
      rd_loop_add_region (job, &region);
    result = rd_job_run (job, latent, &stats, NULL, &error);
    fail_unless (result != NULL, "%s", error ? error->message : "");
    fail_unless_equals_uint64 (stats.guidance.calls, 0);
    fail_unless (result != latent);
    fail_unless (rd_tensor_download (result, got, NULL));
    fail_unless (memcmp (got, values, n * sizeof *got) == 0, "case %u", c);
    rd_job_free (job);
  }
}

GST_END_TEST;

static void
check_refusal (RdJob * job, const char *message)
{
  g_autoptr (RdTensor) latent = rd_loop_zeros (1);
  g_autoptr (GError) error = NULL;

  fail_unless (rd_job_run (job, latent, NULL, NULL, &error) == NULL);
  fail_unless (strstr (error->message, message) != NULL,
      "'%s' does not say '%s'", error->message, message);
  rd_job_free (job);
}

/* A setting that a mode cannot honour is refused by name. */
GST_START_TEST (test_settings_are_refused_by_name)
{
  const RdLoopRegion region =
      { "euler", "karras", 0.0, {0, 0, 70, 128}, 0, 1, 0, 0, 1 };
  static const struct
  {
    RdMode mode;
    const char *message;
  } cases[] = {
    {RD_MODE_SEQUENTIAL, "'restore-latent' has no effect in mode 'sequential'"},
    {RD_MODE_IMPACT, "euler: 'feather' has no effect in mode 'impact'"},
    {RD_MODE_IMPACT, "euler: 'strength' has no effect in mode 'impact'"},
    {RD_MODE_IMPACT, "euler: 'z' has no effect in mode 'impact'"},
    {RD_MODE_IMPACT, "euler: 'start' has no effect in mode 'impact'"},
    {RD_MODE_IMPACT, "euler: 'end' has no effect in mode 'impact'"},
    {RD_MODE_IMPACT, "'base-only-steps' has no effect in mode 'impact'"},
    {RD_MODE_IMPACT, "'denoise' has no effect in mode 'impact'"},
    {RD_MODE_IMPACT, "'region-crop' has no effect in mode 'impact'"},
    {RD_MODE_SEQUENTIAL, "euler: start (0.5) must be less than end (0.5)"},
    {RD_MODE_SEQUENTIAL, "base: sigma-factor is 0"},
    {RD_MODE_SEQUENTIAL, "steps is 0"},
    {RD_MODE_SEQUENTIAL, "euler: it has no mask"},
    {RD_MODE_SEQUENTIAL, "euler: latents have 4 channels, but the model "
          "expects 3"},
    {RD_MODE_IMPACT, "mode 'impact' needs at least one region"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    RdJob *job = rd_job_new (rd_loop_owner ("base", "euler", "karras", 0.0));
    RdOwner *owner;

    job->mode = cases[i].mode;
    rd_loop_add_region (job, &region);
    owner = job->regions->pdata[0];
    switch (i) {
      case 0:
        job->restore_latent = FALSE;
        break;
      case 1:
        owner->feather = 8;
        break;
      case 2:
        owner->strength = 0.5;
        break;
      case 3:
        owner->z = 1;
        break;
      case 4:
        owner->start = 0.1;
        break;
      case 5:
        owner->end = 0.9;
        break;
      case 6:
        job->base_only_steps = 1;
        break;
      case 7:
        job->denoise = 0.5;
        break;
      case 8:
        job->region_crop = 0;
        break;
      case 9:
        owner->start = owner->end = 0.5;
        break;
      case 10:
        job->base->sigma_factor = 0.0;
        break;
      case 11:
        job->steps = 0;
        break;
      case 12:
        g_clear_pointer (&owner->mask, rd_mask_unref);
        break;
      case 13:
        rd_denoiser_unref (owner->guide.denoiser);
        owner->guide.denoiser =
            rd_analytic_new (rd_loop_denoiser ()->prediction, 3);
        break;
      default:
        g_ptr_array_set_size (job->regions, 0);
        break;
    }
    check_refusal (job, cases[i].message);
  }
}

GST_END_TEST;

GST_START_TEST (test_fused_has_one_way)
{
  static const struct
  {
    RdLoopRegion region;
    double sigma_factor;
    const char *message;
  } cases[] = {
    {{"heun", "karras", 0.0, {0, 0, 70, 128}, 0, 1, 0, 0, 1}, 1.0,
        "heun: it has its own sampler"},
    {{"euler", "simple", 0.0, {0, 0, 70, 128}, 0, 1, 0, 0, 1}, 1.0,
        "euler: it has its own scheduler"},
    {{"euler", "karras", 0.0, {0, 0, 70, 128}, 0, 1, 0, 0, 1}, 1.1,
        "euler: it has its own sigma-factor"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    RdJob *job = rd_job_new (rd_loop_owner ("base", "euler", "karras", 0.0));
    RdOwner *owner;

    job->mode = RD_MODE_FUSED;
    rd_loop_add_region (job, &cases[i].region);
    owner = job->regions->pdata[0];
    owner->sigma_factor = cases[i].sigma_factor;
    check_refusal (job, cases[i].message);
  }
}

GST_END_TEST;

static void
count_progress (const RdProgress * progress, gpointer user_data)
{
  double *last = user_data;

  fail_unless (progress->fraction >= last[0] && progress->fraction <= 1.0);
  fail_unless (progress->step <= progress->steps);
  last[0] = progress->fraction;
  last[1] += 1.0;
}

/* Progress never falls and ends at 1, whatever the mode. */
GST_START_TEST (test_progress_is_monotonic)
{
  const RdLoopRegion region =
      { "euler", "karras", 0.0, {0, 0, 70, 128}, 0, 1, 0, 0, 1 };
  g_autoptr (RdTensor) latent = rd_loop_zeros (1);

  for (int mode = RD_MODE_IMPACT; rd_mode_name (mode); mode++) {
    double seen[2] = { 0.0, 0.0 };
    RdJob *job = rd_job_new (rd_loop_owner ("base", "euler", "karras", 0.0));
    RdTensor *result;

    job->mode = mode;
    job->steps = 4;
    rd_loop_add_region (job, &region);
    job->progress = count_progress;
    job->user_data = seen;
    result = rd_job_run (job, latent, NULL, NULL, NULL);
    fail_unless (result != NULL);
    rd_tensor_unref (result);
    rd_job_free (job);
    fail_unless_equals_float (seen[0], 1.0);
    fail_unless (seen[1] >= 5.0);
  }
}

GST_END_TEST;

static Suite *
modes_suite (void)
{
  Suite *suite = suite_create ("modes");
  TCase *chain = tcase_create ("modes");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, rd_loop_setup, rd_loop_teardown);
  tcase_add_loop_test (chain, test_idle_owners_cost_nothing, 0,
      G_N_ELEMENTS (modes));
  tcase_add_loop_test (chain, test_rows_of_a_step, 0, G_N_ELEMENTS (row_cases));
  tcase_add_loop_test (chain, test_continued_run, 0, G_N_ELEMENTS (modes));
  tcase_add_loop_test (chain, test_empty_range, 0, G_N_ELEMENTS (modes));
  tcase_add_loop_test (chain, test_crop_shows_less, 0, G_N_ELEMENTS (modes));
  tcase_add_loop_test (chain, test_odd_sides_get_a_margin, 0,
      G_N_ELEMENTS (modes));
  tcase_add_test (chain, test_many_regions);
  tcase_add_test (chain, test_settings_are_refused_by_name);
  tcase_add_test (chain, test_fused_has_one_way);
  tcase_add_test (chain, test_progress_is_monotonic);
  return suite;
}

GST_CHECK_MAIN (modes);
