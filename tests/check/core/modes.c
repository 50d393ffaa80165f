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

static const char *const samplers[] = { "euler", "heun", "dpm_2" };

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

/* Splitting a run in two leaves the picture as it is, for samplers without
 * memory. */
GST_START_TEST (test_continued_run)
{
  for (guint s = 0; s < 3; s++) {
    g_autoptr (RdTensor) whole = NULL, first = NULL, second = NULL;
    const gint64 dims[] = { 1, RD_LOOP_CHANNELS, RD_LOOP_SIDE, RD_LOOP_SIDE };
    g_autofree float *zeros = g_new0 (float, RD_LOOP_CHANNELS * RD_LOOP_CELLS);
    g_autofree float *a = g_new (float, RD_LOOP_CHANNELS * RD_LOOP_CELLS);
    g_autofree float *b = g_new (float, RD_LOOP_CHANNELS * RD_LOOP_CELLS);
    g_autoptr (RdTensor) latent = rd_tensor_new_from_host (rd_loop_stream (),
        RD_TYPE_F32, 4, dims, zeros);
    const RdLoopRegion region =
        { samplers[s], "karras", 2.0, {0, 0, 70, 128}, 24, 1, 0, 0, 1 };

    for (guint part = 0; part < 3; part++) {
      RdJob *job =
          rd_job_new (rd_loop_owner ("base", samplers[s], "karras", 0));

      job->mode = modes[__i__];
      rd_loop_add_region (job, &region);
      job->steps = RD_LOOP_STEPS;
      if (part == 1) {
        job->end_at_step = 5;
        job->return_with_leftover_noise = TRUE;
      } else if (part == 2) {
        job->start_at_step = 5;
        job->add_noise = FALSE;
      }
      if (part == 0)
        whole = rd_job_run (job, latent, NULL, NULL, NULL);
      else if (part == 1)
        first = rd_job_run (job, latent, NULL, NULL, NULL);
      else
        second = rd_job_run (job, first, NULL, NULL, NULL);
      rd_job_free (job);
    }
    fail_unless (rd_tensor_download (whole, a, NULL));
    fail_unless (rd_tensor_download (second, b, NULL));
    for (guint i = 0; i < RD_LOOP_CHANNELS * RD_LOOP_CELLS; i++)
      fail_unless (fabsf (a[i] - b[i]) < 1e-3f, "%s: %g, in two runs %g",
          samplers[s], a[i], b[i]);
  }
}

GST_END_TEST;

static void
check_refusal (RdJob * job, const char *message)
{
  const gint64 dims[] = { 1, RD_LOOP_CHANNELS, RD_LOOP_SIDE, RD_LOOP_SIDE };
  g_autoptr (RdTensor) latent =
      rd_tensor_new (rd_loop_stream (), RD_TYPE_F32, 4, dims);
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
  const gint64 dims[] = { 1, RD_LOOP_CHANNELS, RD_LOOP_SIDE, RD_LOOP_SIDE };
  g_autoptr (RdTensor) latent =
      rd_tensor_new (rd_loop_stream (), RD_TYPE_F32, 4, dims);

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
