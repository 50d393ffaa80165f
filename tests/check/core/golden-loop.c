/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whole runs of single samplers against ComfyUI's own results (golden section
 * D). */

#include "../analytic.h"
#include "../goldenjob.h"
#include "loop/impact/mask.h"
#include "loop/run.h"

/* dpm_adaptive chooses its steps by differences that cancel to three digits in
 * single precision. With some cases' values a choice ends up between two of the
 * network's timesteps, so that the least digit of an error changes sides, and
 * with it what the network is asked: its 21st evaluation of the analytic network
 * is at sigma 0.34299, where 99 and 100 are equally near to 1 part in 1000, and
 * one of the UNet at 3.98769, between 743 and 744; there the processor's width
 * decides how ONNX Runtime rounds. The reference's own roundings lead to the
 * lower one. Here the upper one, at which nothing else is evaluated, is a little
 * farther, which decides for the lower as well, whatever the roundings. */
static const struct
{
  const char *cases;
  guint upper;
} even[] = {
  {"^d_dpm_adaptive_analytic_eps_.*_cfg7_8x8$", 100},
  {"^d_dpm_adaptive_tiny-sd_eps_.*_cfg7_8x8$", 744},
};

#define EVEN_SHIFT 2e-3f

/* Returns: (nullable): the upper one's level, if the case has such a choice */
static float *
find_upper (JsonObject * test_case, RdPrediction * prediction)
{
  for (guint i = 0; i < G_N_ELEMENTS (even); i++) {
    if (g_regex_match_simple (even[i].cases, golden_text (test_case, "id"), 0,
            0))
      return &prediction->log_sigmas[even[i].upper];
  }
  return NULL;
}

static RdTensor *
run_decided (JsonObject * test_case, RdJob * job, RdTensor * latent,
    RdJobStats * stats, GError ** error)
{
  float *upper = find_upper (test_case, job->base->guide.denoiser->prediction);
  const float level = upper ? *upper : 0.0f;
  RdTensor *result;

  if (upper)
    *upper += EVEN_SHIFT;
  result = rd_job_run (job, latent, stats, NULL, error);
  if (upper)
    *upper = level;
  return result;
}

static guint n_plain, n_inpainted;

/* KSampler: the loop without regions. */
static void
run_ksampler (JsonObject * test_case)
{
  g_autoptr (RdJob) job = rd_job_new (golden_owner ("base", test_case,
          golden_text (test_case, "model"), golden_text (test_case, "pred")));
  g_autoptr (RdTestArray) array = rd_test_golden_array (test_case, "latent");
  g_autoptr (RdTensor) latent = golden_latent (array), result = NULL;
  RdJobStats stats;
  GError *error = NULL;

  if (!json_object_get_null_member (test_case, "noise_mask"))
    return;
  job->mode = RD_MODE_SEQUENTIAL;
  job->noise_seed = json_object_get_int_member (test_case, "seed");
  job->steps = json_object_get_int_member (test_case, "steps");
  job->denoise = json_object_get_double_member (test_case, "denoise");
  result = run_decided (test_case, job, latent, &stats, &error);
  g_assert_no_error (error);
  golden_check_latent (test_case, result);
  golden_check_counts (test_case, &stats);
  n_plain++;
}

/* Where a pass is confined to, as ComfyUI prepares a noise mask. */
static RdTensor *
make_noise_mask (JsonObject * test_case, const RdTensor * latent)
{
  g_autoptr (RdTestArray) array = NULL;
  g_autoptr (RdTensor) mask = NULL;

  if (json_object_get_null_member (test_case, "noise_mask"))
    return NULL;
  array = rd_test_golden_array (test_case, "noise_mask");
  mask = rd_tensor_new_from_host (golden_stream (), RD_TYPE_F32, 4,
      (const gint64[]) { 1, 1, array->dims[array->rank - 2],
        array->dims[array->rank - 1]}, array->data);
  return rd_impact_to_latent (mask, latent->dims[2], latent->dims[3]);
}

/* Over which noise levels a run adds noise: all but the 0 at its end. */
static void
noise_range (const GArray * sigmas, double range[2])
{
  const double *levels = (const double *) sigmas->data;
  const guint last = sigmas->len - 1;

  range[0] = levels[last] > 0.0 ? levels[last] : levels[last - 1];
  range[1] = levels[0];
}

/* Whole steps of a sampler, inpainting under a mask where there is one: what
 * ComfyUI's samplers do beneath the nodes. */
static void
run_steps (JsonObject * test_case, RdJob * job, RdTensor * scaled,
    RdTensor * noise, GArray * sigmas, const double *range,
    const RdTensor * mask, gboolean leftover)
{
  const double *levels = (const double *) sigmas->data;
  RdOwner *owner = job->base;
  RdJobStats stats = { 0 };
  RdRun run = {.job = job,.stream = golden_stream (),.latent = scaled,
    .seed = job->noise_seed,.stats = &stats
  };
  g_autoptr (RdSolver) solver = rd_solver_new_alone (owner->solver,
      sigmas->len - 1, levels, job->noise_seed);
  g_autoptr (RdTensor) x = rd_tensor_new_like (scaled);
  g_autoptr (RdTensor) y = rd_tensor_new_like (scaled);
  g_autoptr (RdTensor) inverse = NULL;
  g_autoptr (RdTensor) kept_noise = rd_run_inpaint_noise (&run, owner->solver, noise);
  RdInpaint inpaint = { mask, NULL, scaled, kept_noise };
  GError *error = NULL;

  if (!owner->solver->noise_of_step)
    rd_solver_set_noise_range (solver, range[0], range[1]);
  if (mask) {
    inpaint.inverse = inverse = rd_tensor_new_like (mask);
    rd_map_apply (inverse, mask, RD_MAP_INVERT);
  }
  rd_combine (x, noise ? 2 : 1, (RdTerm[]) {
      {scaled, 1.0, NULL},
      {noise, rd_prediction_noise_scale (owner->guide.denoiser->prediction,
              levels[0]), NULL},
  });
  rd_solver_set_prediction (solver, owner->guide.denoiser->prediction);
  for (guint i = 0; i < solver->n_steps; i++) {
    RdTensor *done = x;

    rd_run_step (&run, owner, solver, i, x, y, mask ? &inpaint : NULL, &error);
    g_assert_no_error (error);
    x = y;
    y = done;
  }
  if (!leftover && rd_solver_first_denoised (solver))
    rd_copy (x, rd_solver_first_denoised (solver));
  rd_combine (x, 1, &(RdTerm) { x, 1.0 / job->scale, NULL});
  golden_check_latent (test_case, x);
  golden_check_counts (test_case, &stats);
}

static RdTensor *
scale_in (const RdJob * job, const RdTensor * latent)
{
  RdTensor *scaled = rd_tensor_new_like (latent);

  rd_combine (scaled, 1, &(RdTerm) { latent, job->scale, NULL});
  return scaled;
}

/* KSampler with a noise mask: inpainting over the whole run. */
static void
run_inpaint (JsonObject * test_case)
{
  g_autoptr (RdJob) job = rd_job_new (golden_owner ("base", test_case,
          golden_text (test_case, "model"), golden_text (test_case, "pred")));
  g_autoptr (RdTestArray) array = rd_test_golden_array (test_case, "latent");
  g_autoptr (RdTensor) latent = golden_latent (array);
  g_autoptr (RdTensor) scaled = scale_in (job, latent);
  g_autoptr (RdTensor) mask = make_noise_mask (test_case, latent);
  g_autoptr (RdTensor) noise = NULL;
  g_autoptr (GArray) sigmas = NULL;
  RdRun run = {.job = job,.latent = latent };
  double range[2];

  if (!mask)
    return;
  job->noise_seed = json_object_get_int_member (test_case, "seed");
  run.seed = job->noise_seed;
  job->steps = json_object_get_int_member (test_case, "steps");
  sigmas = rd_run_sigmas (&run, job->base, job->base->solver, NULL);
  noise = rd_run_noise (&run);
  noise_range (sigmas, range);
  run_steps (test_case, job, scaled, noise, sigmas, range, mask, TRUE);
  n_inpainted++;
}

GST_START_TEST (test_inpainting)
{
  n_inpainted = 0;
  rd_test_golden_each ("ksampler", run_inpaint);
  g_print ("%u of them with a mask\n", n_inpainted);
  fail_unless (n_inpainted > 0);
}

GST_END_TEST;

/* One step of Impact Pack's: a latent with its noise in, another out. */
static void
run_separated (JsonObject * test_case)
{
  g_autoptr (RdJob) job = rd_job_new (golden_owner ("base", test_case,
          golden_text (test_case, "model"), golden_text (test_case, "pred")));
  g_autoptr (RdTestArray) array = rd_test_golden_array (test_case, "latent");
  g_autoptr (RdTensor) latent = golden_latent (array);
  g_autoptr (RdTensor) scaled = scale_in (job, latent);
  g_autoptr (RdTensor) mask = make_noise_mask (test_case, latent);
  const guint start = json_object_get_int_member (test_case, "start_at_step");
  const guint end = json_object_get_int_member (test_case, "end_at_step");
  const gboolean leftover = json_object_get_boolean_member (test_case,
      "return_with_leftover_noise");
  g_autoptr (GArray) sigmas = NULL;
  RdRun run = {.job = job,.latent = latent };
  double range[2];

  job->noise_seed = json_object_get_int_member (test_case, "seed");
  job->steps = json_object_get_int_member (test_case, "steps");
  sigmas = rd_run_sigmas (&run, job->base, job->base->solver, NULL);
  noise_range (sigmas, range);
  if (end + 1 < sigmas->len) {
    g_array_set_size (sigmas, end + 1);
    if (!leftover)
      g_array_index (sigmas, double, end) = 0.0;
  }
  g_array_remove_range (sigmas, 0, start);
  run_steps (test_case, job, scaled, NULL, sigmas, range, mask, leftover);
}

GST_START_TEST (test_separated_steps)
{
  fail_unless (rd_test_golden_each ("separated_sample", run_separated) > 0);
}

GST_END_TEST;

GST_START_TEST (test_single_samplers)
{
  n_plain = 0;
  rd_test_golden_each ("ksampler", run_ksampler);
  g_print ("%u of them without a mask\n", n_plain);
  fail_unless (n_plain >= 36);
}

GST_END_TEST;

static Suite *
golden_loop_suite (void)
{
  Suite *suite = suite_create ("golden-loop");
  TCase *chain = tcase_create ("golden");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, golden_setup,
      golden_teardown);
  tcase_set_timeout (chain, 300);
  tcase_add_test (chain, test_single_samplers);
  tcase_add_test (chain, test_inpainting);
  tcase_add_test (chain, test_separated_steps);
  return suite;
}

GST_CHECK_MAIN (golden_loop);
