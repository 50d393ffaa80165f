/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The invariant of the loop: after every step, every pixel is as noisy as the
 * same sampler on the same grid would have left it alone, wherever it lies. */

#include <gst/check/gstcheck.h>
#include <math.h>

#include "../analytic.h"
#include "regional.h"

#define CHANNELS 4
#define SIDE 16                 /* latent cells */
#define DOWNSCALE 8
#define ROWS 96                 /* seeds at once: rows are independent */
#define STEPS 12

typedef struct
{
  const char *sampler, *scheduler;
  double mean;                  /* its prompt */
  double box[4];                /* picture pixels: x0, y0, x1, y1 */
  double feather, strength;
  int z;
  double start, end;
} Region;

/* Means and deviations after every step, by cell. */
typedef struct
{
  guint n_steps;
  double mean[STEPS + 1][SIDE * SIDE];
  double deviation[STEPS + 1][SIDE * SIDE];
  guint64 rows;
} Trace;

typedef struct
{
  RdStream *stream;
  RdDenoiser *denoiser;
} Fixture;

static Fixture fixture;

static void
setup (void)
{
  RdSampling *sampling = rd_sampling_new (RD_PREDICTION_EPSILON,
      RD_BETAS_SCALED_LINEAR, 0.00085, 0.012, 1000);

  fixture.stream = rd_stream_new (rd_device_get ("cpu", NULL), NULL);
  fixture.denoiser = rd_analytic_new (sampling, CHANNELS);
  rd_sampling_unref (sampling);
}

static void
teardown (void)
{
  rd_denoiser_unref (fixture.denoiser);
  rd_stream_unref (fixture.stream);
}

static RdOwner *
make_owner (const char *id, const char *sampler, const char *scheduler,
    double mean)
{
  g_autoptr (RdConditioning) positive =
      rd_analytic_prompt (fixture.stream, CHANNELS, mean);
  g_autoptr (RdConditioning) negative =
      rd_analytic_prompt (fixture.stream, CHANNELS, 0.0);
  RdOwner *owner = rd_owner_new (id, fixture.denoiser, positive, negative);

  owner->guide.cfg = 1.0;
  owner->solver = rd_solver_find (sampler, NULL);
  owner->scheduler = rd_scheduler_find (scheduler, NULL);
  owner->overlap_factor = 0;
  fail_unless (owner->solver && owner->scheduler);
  return owner;
}

static void
add_region (RdJob * job, const Region * region)
{
  RdOwner *owner = make_owner (region->sampler, region->sampler,
      region->scheduler, region->mean);
  RdMask *mask = rd_mask_new (SIDE * DOWNSCALE, SIDE * DOWNSCALE);

  for (guint y = 0; y < mask->height; y++)
    for (guint x = 0; x < mask->width; x++)
      mask->data[y * mask->width + x] =
          x >= region->box[0] && y >= region->box[1] && x < region->box[2]
          && y < region->box[3];
  owner->mask = mask;
  owner->feather = region->feather;
  owner->strength = region->strength;
  owner->z = region->z;
  owner->start = region->start;
  owner->end = region->end;
  g_ptr_array_add (job->regions, owner);
}

static void
record (const RdOwner * owner, guint step, const RdTensor * latent,
    gpointer user_data)
{
  Trace *trace = user_data;
  g_autofree float *values = NULL;
  const guint n = ROWS * CHANNELS;

  if (owner)
    return;
  fail_unless (trace->n_steps < G_N_ELEMENTS (trace->mean));
  values = g_malloc (latent->size);
  fail_unless (rd_tensor_download (latent, values, NULL));
  for (guint i = 0; i < SIDE * SIDE; i++) {
    double sum = 0.0, square = 0.0;

    for (guint k = 0; k < n; k++)
      sum += values[k * SIDE * SIDE + i];
    for (guint k = 0; k < n; k++)
      square += pow (values[k * SIDE * SIDE + i] - sum / n, 2.0);
    trace->mean[trace->n_steps][i] = sum / n;
    trace->deviation[trace->n_steps][i] = sqrt (square / (n - 1));
  }
  trace->n_steps++;
}

static RdJob *
make_job (RdOwner * base, Trace * trace)
{
  RdJob *job = rd_job_new (base);

  job->steps = STEPS;
  job->noise_seed = 4711;
  job->downscale = DOWNSCALE;
  job->trace = record;
  job->user_data = trace;
  return job;
}

static Trace *
run (RdJob * job, gint64 rows)
{
  const gint64 dims[] = { rows, CHANNELS, SIDE, SIDE };
  g_autofree float *zeros = g_new0 (float, rows * CHANNELS * SIDE * SIDE);
  g_autoptr (RdTensor) latent = rd_tensor_new_from_host (fixture.stream,
      RD_TYPE_F32, 4, dims, zeros);
  g_autoptr (RdTensor) result = NULL;
  g_autoptr (GError) error = NULL;
  Trace *trace = job->user_data;
  RdJobStats stats;

  result = rd_job_run (job, latent, &stats, NULL, &error);
  fail_unless (result != NULL, "%s", error ? error->message : "");
  trace->rows = stats.guidance.rows / rows;
  rd_job_free (job);
  return trace;
}

/* A sampler with a grid of its own is held to the intervals by a region without
 * a pixel. */
static Trace *
alone (const char *sampler, const char *scheduler, double mean)
{
  const Region empty = { sampler, scheduler, 0.0, {0, 0, 0, 0}, 0, 1, 0, 0, 1 };
  RdJob *job = make_job (make_owner ("base", sampler, scheduler, mean),
      g_new0 (Trace, 1));

  if (job->base->solver->own_grid)
    add_region (job, &empty);
  return run (job, ROWS);
}

static Trace *
together (const char *sampler, const char *scheduler, guint n,
    const Region * regions)
{
  RdJob *job = make_job (make_owner ("base", sampler, scheduler, 0.0),
      g_new0 (Trace, 1));

  for (guint j = 0; j < n; j++)
    add_region (job, &regions[j]);
  return run (job, ROWS);
}

/* Every cell within [low, high] times the deviation of @want. */
static void
check_deviation (const char *what, const Trace * got, const Trace * want,
    double low, double high)
{
  fail_unless_equals_int (got->n_steps, want->n_steps);
  for (guint step = 0; step < got->n_steps; step++) {
    for (guint i = 0; i < SIDE * SIDE; i++) {
      const double ratio =
          got->deviation[step][i] / want->deviation[step][i];

      fail_unless (ratio >= low && ratio <= high,
          "%s: step %u, cell %u,%u: deviation %g is %g of that alone", what,
          step, i % SIDE, i / SIDE, got->deviation[step][i], ratio);
    }
  }
}

static const char *const samplers[] = { "euler", "heun", "dpm_2", "dpmpp_2m",
  "uni_pc", "uni_pc_bh2", "sa_solver", "sa_solver_pece", "er_sde", "dpm_fast",
  "dpm_adaptive"
};

/* All owners draw the same prompt with the same sampler from the same noise, so
 * where they meet makes no difference at all: any zone, any weight. */
GST_START_TEST (test_every_zone_is_as_noisy_as_alone)
{
  const char *sampler = samplers[__i__];
  const Region regions[] = {
    {sampler, "karras", 0.0, {0, 0, 70, 70}, 0, 1, 0, 0, 1},
    {sampler, "karras", 0.0, {40, 40, 100, 128}, 24, 1, 0, 0, 1},
    {sampler, "karras", 0.0, {60, 10, 120, 60}, 16, 0.6, 2, 0, 1},
    {sampler, "karras", 0.0, {0, 90, 50, 128}, 0, 1, -1, 0.25, 0.75},
  };
  g_autofree Trace *want = alone (sampler, "karras", 0.0);
  g_autofree Trace *got = together (sampler, "karras",
      G_N_ELEMENTS (regions), regions);

  fail_unless_equals_int (got->n_steps, STEPS);
  /* the region that starts late has no history then: its step is of first
   * order where alone it is of a higher one */
  if (rd_solver_find (sampler, NULL)->n_past > 0)
    check_deviation (sampler, got, want, 0.97, 1.005);
  else
    check_deviation (sampler, got, want, 0.999, 1.001);
}

GST_END_TEST;

/* Independent noise would do as well for this: the deviation that the formulas
 * give, at the first step and at the last. */
GST_START_TEST (test_alone_is_the_distribution)
{
  g_autofree Trace *trace = alone ("heun", "karras", 0.0);
  double first = 0.0, last = 0.0;

  for (guint i = 0; i < SIDE * SIDE; i++) {
    first += trace->deviation[0][i] / (SIDE * SIDE);
    last += trace->deviation[trace->n_steps - 1][i] / (SIDE * SIDE);
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
  const char *sampler = samplers[__i__];
  /* dpm_adaptive chooses its steps by the error of the whole frame */
  const double tolerance = g_str_equal (sampler, "dpm_adaptive") ? 2e-3 : 2e-4;
  const Region regions[] = {
    {sampler, "karras", 3.0, {0, 0, 64, 128}, 0, 1, 0, 0, 1},
    {sampler, "karras", -2.0, {64, 64, 128, 128}, 0, 1, 0, 0, 1},
  };
  g_autofree Trace *base = alone (sampler, "karras", 0.0);
  g_autofree Trace *left = alone (sampler, "karras", 3.0);
  g_autofree Trace *corner = alone (sampler, "karras", -2.0);
  g_autofree Trace *got = together (sampler, "karras", 2, regions);

  for (guint step = 0; step < STEPS; step++) {
    for (guint i = 0; i < SIDE * SIDE; i++) {
      const Trace *want = i % SIDE < SIDE / 2 ? left
          : (i / SIDE < SIDE / 2 ? base : corner);

      fail_unless (fabs (got->mean[step][i] - want->mean[step][i]) < tolerance,
          "%s: step %u cell %u: mean %g, alone %g", sampler, step, i,
          got->mean[step][i], want->mean[step][i]);
      fail_unless (fabs (got->deviation[step][i] - want->deviation[step][i])
          < tolerance * want->deviation[step][i]);
    }
  }
}

GST_END_TEST;

/* Regions of another sampler or schedule: exact with hard weights, at most a
 * fifth too quiet where weights are soft. */
GST_START_TEST (test_grids_meet)
{
  const Region hard[] = {
    {"euler", "exponential", 0.0, {0, 0, 64, 128}, 0, 1, 0, 0, 1},
    {"dpm_2", "karras", 0.0, {64, 64, 128, 128}, 0, 1, 0, 0, 1},
  };
  const Region soft[] = {
    {"euler", "exponential", 0.0, {0, 0, 64, 128}, 48, 1, 0, 0, 1},
  };
  g_autofree Trace *karras = alone ("euler", "karras", 0.0);
  g_autofree Trace *exponential = alone ("euler", "exponential", 0.0);
  g_autofree Trace *dpm_2 = alone ("dpm_2", "karras", 0.0);
  g_autofree Trace *got = together ("euler", "karras", 2, hard);
  g_autofree Trace *blended = together ("euler", "karras", 1, soft);
  const guint last = STEPS - 1;

  for (guint i = 0; i < SIDE * SIDE; i++) {
    const Trace *want = i % SIDE < SIDE / 2 ? exponential
        : (i / SIDE < SIDE / 2 ? karras : dpm_2);

    fail_unless (fabs (got->deviation[last][i] / want->deviation[last][i] - 1.0)
        < 1e-3, "cell %u: %g, alone %g", i, got->deviation[last][i],
        want->deviation[last][i]);
  }
  for (guint i = 0; i < SIDE * SIDE; i++) {
    const double a = karras->deviation[last][i];
    const double b = exponential->deviation[last][i];

    fail_unless (blended->deviation[last][i] > 0.8 * MIN (a, b)
        && blended->deviation[last][i] < 1.02 * MAX (a, b), "cell %u: %g", i,
        blended->deviation[last][i]);
  }
}

GST_END_TEST;

/* An owner without a pixel is not evaluated: rows are counted at cfg 1, where
 * each pass is one. */
GST_START_TEST (test_idle_owners_cost_nothing)
{
  const Region empty = { "euler", "karras", 1.0, {0, 0, 0, 0}, 0, 1, 0, 0, 1 };
  const Region full =
      { "euler", "karras", 1.0, {0, 0, 128, 128}, 0, 1, 0, 0, 1 };
  const Region early =
      { "euler", "karras", 1.0, {0, 0, 64, 128}, 0, 1, 0, 0, 0.5 };
  g_autofree Trace *with_empty = together ("euler", "karras", 1, &empty);
  g_autofree Trace *with_full = together ("euler", "karras", 1, &full);
  g_autofree Trace *with_early = together ("euler", "karras", 1, &early);

  fail_unless_equals_uint64 (with_empty->rows, STEPS);
  fail_unless_equals_uint64 (with_full->rows, STEPS);
  fail_unless_equals_uint64 (with_early->rows, STEPS + STEPS / 2);
}

GST_END_TEST;

/* Splitting a run in two leaves the picture as it is, for samplers without
 * memory. */
GST_START_TEST (test_continued_run)
{
  for (guint s = 0; s < 3; s++) {
    g_autoptr (RdTensor) whole = NULL, first = NULL, second = NULL;
    const gint64 dims[] = { 1, CHANNELS, SIDE, SIDE };
    g_autofree float *zeros = g_new0 (float, CHANNELS * SIDE * SIDE);
    g_autofree float *a = g_new (float, CHANNELS * SIDE * SIDE);
    g_autofree float *b = g_new (float, CHANNELS * SIDE * SIDE);
    g_autoptr (RdTensor) latent = rd_tensor_new_from_host (fixture.stream,
        RD_TYPE_F32, 4, dims, zeros);
    const Region region =
        { samplers[s], "karras", 2.0, {0, 0, 70, 128}, 24, 1, 0, 0, 1 };

    for (guint part = 0; part < 3; part++) {
      RdJob *job = rd_job_new (make_owner ("base", samplers[s], "karras", 0));

      add_region (job, &region);
      job->steps = STEPS;
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
    for (guint i = 0; i < CHANNELS * SIDE * SIDE; i++)
      fail_unless (fabsf (a[i] - b[i]) < 1e-3f, "%s: %g, in two runs %g",
          samplers[s], a[i], b[i]);
  }
}

GST_END_TEST;

static void
check_refusal (RdJob * job, const char *message)
{
  const gint64 dims[] = { 1, CHANNELS, SIDE, SIDE };
  g_autoptr (RdTensor) latent =
      rd_tensor_new (fixture.stream, RD_TYPE_F32, 4, dims);
  g_autoptr (GError) error = NULL;

  fail_unless (rd_job_run (job, latent, NULL, NULL, &error) == NULL);
  fail_unless (strstr (error->message, message) != NULL,
      "'%s' does not say '%s'", error->message, message);
  rd_job_free (job);
}

/* A setting that a mode cannot honour is refused by name. */
GST_START_TEST (test_settings_are_refused_by_name)
{
  const Region region =
      { "euler", "karras", 0.0, {0, 0, 70, 128}, 0, 1, 0, 0, 1 };
  static const struct
  {
    RdMode mode;
    const char *message;
  } cases[] = {
    {RD_MODE_SEQUENTIAL, "'restore-latent' means nothing in mode 'sequential'"},
    {RD_MODE_IMPACT, "euler: 'feather' means nothing in mode 'impact'"},
    {RD_MODE_IMPACT, "euler: 'strength' means nothing in mode 'impact'"},
    {RD_MODE_IMPACT, "euler: 'z' means nothing in mode 'impact'"},
    {RD_MODE_IMPACT, "euler: 'start' means nothing in mode 'impact'"},
    {RD_MODE_IMPACT, "euler: 'end' means nothing in mode 'impact'"},
    {RD_MODE_IMPACT, "'base-only-steps' means nothing in mode 'impact'"},
    {RD_MODE_IMPACT, "'denoise' means nothing in mode 'impact'"},
    {RD_MODE_SEQUENTIAL, "euler: start (0.5) must be less than end (0.5)"},
    {RD_MODE_SEQUENTIAL, "base: sigma-factor is 0"},
    {RD_MODE_SEQUENTIAL, "steps is 0"},
    {RD_MODE_SEQUENTIAL, "euler: it has no mask"},
    {RD_MODE_SEQUENTIAL, "euler: latents have 4 channels, the model takes 3"},
    {RD_MODE_IMPACT, "mode 'impact' needs at least one region"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    RdJob *job = rd_job_new (make_owner ("base", "euler", "karras", 0.0));
    RdOwner *owner;

    job->mode = cases[i].mode;
    add_region (job, &region);
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
        owner->start = owner->end = 0.5;
        break;
      case 9:
        job->base->sigma_factor = 0.0;
        break;
      case 10:
        job->steps = 0;
        break;
      case 11:
        g_clear_pointer (&owner->mask, rd_mask_unref);
        break;
      case 12:
        rd_denoiser_unref (owner->guide.denoiser);
        owner->guide.denoiser =
            rd_analytic_new (fixture.denoiser->sampling, 3);
        break;
      default:
        g_ptr_array_set_size (job->regions, 0);
        break;
    }
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
  const Region region =
      { "euler", "karras", 0.0, {0, 0, 70, 128}, 0, 1, 0, 0, 1 };
  const gint64 dims[] = { 1, CHANNELS, SIDE, SIDE };
  g_autoptr (RdTensor) latent =
      rd_tensor_new (fixture.stream, RD_TYPE_F32, 4, dims);

  for (int mode = RD_MODE_IMPACT; mode <= RD_MODE_SEQUENTIAL; mode++) {
    double seen[2] = { 0.0, 0.0 };
    RdJob *job = rd_job_new (make_owner ("base", "euler", "karras", 0.0));
    RdTensor *result;

    job->mode = mode;
    job->steps = 4;
    add_region (job, &region);
    job->progress = count_progress;
    job->user_data = seen;
    result = rd_job_run (job, latent, NULL, NULL, NULL);
    fail_unless (result != NULL);
    rd_tensor_unref (result);
    rd_job_free (job);
    fail_unless_equals_float (seen[0], 1.0);
    fail_unless (seen[1] >= 8.0);
  }
}

GST_END_TEST;

static Suite *
sequential_suite (void)
{
  Suite *suite = suite_create ("sequential");
  TCase *chain = tcase_create ("loop");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, setup, teardown);
  tcase_add_loop_test (chain, test_every_zone_is_as_noisy_as_alone, 0,
      G_N_ELEMENTS (samplers));
  tcase_add_test (chain, test_alone_is_the_distribution);
  tcase_add_loop_test (chain, test_regions_are_their_own_picture, 0,
      G_N_ELEMENTS (samplers));
  tcase_add_test (chain, test_grids_meet);
  tcase_add_test (chain, test_idle_owners_cost_nothing);
  tcase_add_test (chain, test_continued_run);
  tcase_add_test (chain, test_settings_are_refused_by_name);
  tcase_add_test (chain, test_progress_is_monotonic);
  return suite;
}

GST_CHECK_MAIN (sequential);
