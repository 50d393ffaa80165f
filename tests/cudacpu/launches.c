/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How many kernels a step launches: a launch costs microseconds, which at
 * latent sizes is more than what it computes. */

#include <gst/check/gstcheck.h>

#include "../check/looptest.h"
#include "cudacpu.h"

#define REGIONS 3

/* Of a step with three regions beside the base, cfg 7 and one negative prompt:
 * a scaling for every latent that the network is shown in rows side by side, a
 * combination for every answer and for every solver's update, a blend. In
 * `sequential` also what shows an owner the others' work. */
static const struct
{
  RdMode mode;
  const char *sampler;
  guint launches;
} cases[] = {
  {RD_MODE_PARALLEL, "euler", 1 + 4 + 4 + 1},
  {RD_MODE_FUSED, "euler", 1 + 4 + 1 + 1},
  {RD_MODE_SEQUENTIAL, "euler", 4 * (1 + 1 + 1) + 3 * (2 + 2) + 1},
  {RD_MODE_PARALLEL, "dpmpp_2m", 1 + 4 + 4 + 1},
  {RD_MODE_FUSED, "dpmpp_2m", 1 + 4 + 1 + 1},
  {RD_MODE_PARALLEL, "heun", 1 + 8 + 4 + 4 + 4 + 4 + 1},
  {RD_MODE_FUSED, "heun", 1 + 1 + 4 + 4 + 2 + 2},
};

static guint
launches_of (RdMode mode, const char *sampler, guint steps)
{
  const gint64 dims[] = { 1, RD_LOOP_CHANNELS, 4, 4 };
  RdJob *job = rd_job_new (rd_loop_owner ("base", sampler, "karras", 0.0));
  g_autofree float *zeros = g_new0 (float, RD_LOOP_CHANNELS * 16);
  g_autoptr (RdTensor) latent = NULL, result = NULL;
  guint launches;

  job->mode = mode;
  job->steps = steps;
  job->base->guide.cfg = 7.0;
  for (guint j = 0; j < REGIONS; j++) {
    const RdLoopRegion region = { sampler, "karras", j,
      {j * 32, 0, j * 32 + 32, 64}, 0, 1, 0, 0, 1
    };

    rd_loop_add_region (job, &region);
    ((RdOwner *) job->regions->pdata[j])->guide.cfg = 7.0;
  }
  latent = rd_tensor_new_from_host (rd_loop_stream (), RD_TYPE_F32, 4, dims,
      zeros);
  cudacpu_reset ();
  result = rd_job_run (job, latent, NULL, NULL, NULL);
  launches = cudacpu_n_launches ();
  fail_unless (result != NULL);
  rd_job_free (job);
  return launches;
}

GST_START_TEST (test_launches_of_a_step)
{
  const guint five = launches_of (cases[__i__].mode, cases[__i__].sampler, 5);
  const guint six = launches_of (cases[__i__].mode, cases[__i__].sampler, 6);

  g_print ("%s, %s: %u launches a step\n", rd_mode_name (cases[__i__].mode),
      cases[__i__].sampler, six - five);
  fail_unless_equals_int (six - five, cases[__i__].launches);
}

GST_END_TEST;

static Suite *
launches_suite (void)
{
  Suite *suite = suite_create ("launches");
  TCase *chain = tcase_create ("launches");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, rd_loop_setup, rd_loop_teardown);
  tcase_add_loop_test (chain, test_launches_of_a_step, 0,
      G_N_ELEMENTS (cases));
  return suite;
}

GST_CHECK_MAIN (launches);
