/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The modes that repeat ComfyUI Impact Pack's nodes against what these made
 * (golden section E): results, latents between the passes, and every run of a
 * sampler with its noise level, network calls and rows. */

#include <string.h>

#include "../goldenjob.h"

/* One call of a network. */
typedef struct
{
  guint timestep;
  guint rows;
} Call;

/* A network that notes how it is called. */
typedef struct
{
  RdDenoiser parent;
  RdDenoiser *inner;
  GArray *calls;                /* Call */
} Witness;

static gboolean
witness_evaluate (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error)
{
  Witness *witness = (Witness *) denoiser;
  const Call call = { (guint) batch->timesteps[0], batch->input->dims[0] };

  g_array_append_val (witness->calls, call);
  return rd_denoiser_evaluate (witness->inner, batch, cancellable, error);
}

static void
witness_finalize (RdDenoiser * denoiser)
{
  Witness *witness = (Witness *) denoiser;

  rd_denoiser_unref (witness->inner);
  g_array_unref (witness->calls);
  g_free (witness);
}

static void
watch (RdOwner * owner, GArray * calls)
{
  static const RdDenoiserClass klass = { witness_evaluate, witness_finalize };
  Witness *witness = g_new0 (Witness, 1);
  RdDenoiser *inner = owner->guide.denoiser;

  rd_denoiser_init (&witness->parent, &klass, inner->prediction,
      inner->channels);
  witness->parent.type = inner->type;
  witness->parent.multiple = inner->multiple;
  witness->parent.max_rows = inner->max_rows;
  witness->inner = inner;
  witness->calls = g_array_ref (calls);
  owner->guide.denoiser = &witness->parent;
}

static RdMask *
make_mask (JsonObject * region)
{
  g_autoptr (RdTestArray) array = rd_test_golden_array (region, "mask_file");
  RdMask *mask = rd_mask_new (array->dims[1], array->dims[0]);

  memcpy (mask->data, array->data, array->n * sizeof (float));
  return mask;
}

static RdVariation
make_variation (JsonObject * region)
{
  return (RdVariation) {
  json_object_get_int_member_with_default (region, "variation_seed", 0),
        json_object_get_double_member_with_default (region,
        "variation_strength", 0.0),
        g_str_equal (json_object_get_string_member_with_default (region,
            "variation_method", "linear"),
        "slerp") ? RD_VARIATION_SLERP : RD_VARIATION_LINEAR};
}

static void
set_additional (RdJob * job, JsonObject * args)
{
  const char *mode = golden_text (args, "additional_mode");
  const char *sampler = golden_text (args, "additional_sampler");

  job->additional_mode = g_str_equal (mode, "DISABLE") ? RD_ADDITIONAL_DISABLE
      : g_str_equal (mode, "ratio between") ? RD_ADDITIONAL_RATIO_BETWEEN
      : RD_ADDITIONAL_RATIO_ADDITIONAL;
  if (!g_str_equal (sampler, "AUTO"))
    job->additional_solver = rd_solver_find (sampler, NULL);
  job->additional_sigma_ratio = json_object_get_double_member (args,
      "additional_sigma_ratio");
  job->restore_latent = json_object_get_boolean_member (args, "restore_latent");
}

/* RegionalSamplerAdvanced */
static void
set_advanced (RdJob * job, JsonObject * args)
{
  job->mode = RD_MODE_IMPACT;
  job->add_noise = json_object_get_boolean_member (args, "add_noise");
  job->noise_seed = json_object_get_int_member (args, "noise_seed");
  job->start_at_step = json_object_get_int_member (args, "start_at_step");
  job->end_at_step = json_object_get_int_member (args, "end_at_step");
  job->return_with_leftover_noise = json_object_get_boolean_member (args,
      "return_with_leftover_noise");
  set_additional (job, args);
}

/* RegionalSampler */
static void
set_simple (RdJob * job, JsonObject * args)
{
  job->noise_seed = json_object_get_int_member (args, "seed");
  job->seed_2nd = json_object_get_int_member (args, "seed_2nd");
  job->seed_2nd_mode = g_str_equal (golden_text (args, "seed_2nd_mode"),
      "ignore") ? RD_SEED_2ND_IGNORE : RD_SEED_2ND_FIXED;
  job->base_only_steps = json_object_get_int_member (args, "base_only_steps");
  job->denoise = json_object_get_double_member (args, "denoise");
  set_additional (job, args);
}

/* TwoAdvancedSamplersForMask, which has few settings */
static void
set_two (RdJob * job, JsonObject * args)
{
  job->noise_seed = json_object_get_int_member (args, "seed");
  job->base_only_steps = 1;
  job->denoise = json_object_get_double_member (args, "denoise");
}

static void
add_region (RdJob * job, JsonObject * test_case, JsonObject * description,
    JsonObject * sampler)
{
  JsonObject *args = json_object_get_object_member (test_case, "args");
  g_autofree char *id = g_strdup_printf ("region%u", job->regions->len + 1);
  RdOwner *owner = golden_owner (id, sampler,
      json_object_get_string_member_with_default (sampler, "model",
          golden_text (test_case, "model")), golden_text (test_case, "pred"));

  owner->overlap_factor = json_object_get_int_member (args, "overlap_factor");
  owner->mask = make_mask (description);
  owner->variation = make_variation (description);
  g_ptr_array_add (job->regions, owner);
}

static RdJob *
make_job (JsonObject * test_case)
{
  const char *node = golden_text (test_case, "node");
  JsonObject *args = json_object_get_object_member (test_case, "args");
  JsonArray *regions = json_object_get_array_member (test_case, "regions");
  RdJob *job = rd_job_new (golden_owner ("base",
          json_object_get_object_member (test_case, "base"),
          golden_text (test_case, "model"), golden_text (test_case, "pred")));

  job->mode = RD_MODE_IMPACT_SIMPLE;
  job->steps = json_object_get_int_member (args, "steps");
  for (guint j = 0; j < json_array_get_length (regions); j++) {
    JsonObject *region = json_array_get_object_element (regions, j);

    add_region (job, test_case, region, region);
  }
  if (g_str_equal (node, "RegionalSamplerAdvanced")) {
    set_advanced (job, args);
  } else if (g_str_equal (node, "RegionalSampler")) {
    set_simple (job, args);
  } else {
    fail_unless_equals_string (node, "TwoAdvancedSamplersForMask");
    set_two (job, args);
    add_region (job, test_case, test_case,
        json_object_get_object_member (test_case, "mask_sampler"));
  }
  return job;
}

/* Compares every pass's latent with the reference's, where it has them. */
typedef struct
{
  const char *id;
  JsonArray *tags;
  RdTestArray *latents;
  guint n;
  guint warnings;
} Steps;

static void
count_warning (const char *message, gpointer user_data)
{
  Steps *steps = user_data;

  steps->warnings++;
}

static void
check_step (const RdOwner * owner, guint step, const RdTensor * latent,
    gpointer user_data)
{
  Steps *steps = user_data;
  g_autofree float *values = NULL;
  const gsize size = latent->n_elements;

  if (!owner)
    return;
  fail_unless (steps->n < json_array_get_length (steps->tags));
  fail_unless_equals_string (owner->id,
      json_array_get_string_element (steps->tags, steps->n));
  values = g_malloc (latent->size);
  fail_unless (rd_tensor_download (latent, values, NULL));
  for (gsize i = 0; i < size; i++)
    values[i] /= 0.18215f;
  rd_test_close (steps->id, size, values, steps->latents->data
      + steps->n * size, 5e-3, 0.0);
  steps->n++;
}

/* Every run of a sampler: at which noise level it begins, as far as the network
 * is told, how often it asks the network and with how many rows. */
static void
check_calls (JsonObject * test_case, const RdPrediction * prediction,
    const GArray * calls)
{
  JsonArray *runs =
      json_object_get_array_member (json_object_get_object_member (test_case,
          "expect"), "sampling_calls");
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (runs); i++) {
    JsonObject *run = json_array_get_object_element (runs, i);
    const guint end = n + json_object_get_int_member (run, "unet_calls");
    const double sigma = json_array_get_double_element
        (json_object_get_array_member (run, "sigmas"), 0);
    guint rows = 0;

    fail_unless (end <= calls->len, "%s: %u calls, but more in run %u",
        golden_text (test_case, "id"), calls->len, i);
    if (end > n)
      fail_unless_equals_int (g_array_index (calls, Call, n).timestep,
          (int) rd_prediction_timestep (prediction, sigma));
    for (; n < end; n++)
      rows += g_array_index (calls, Call, n).rows;
    fail_unless_equals_int (rows, json_object_get_int_member (run,
            "unet_rows"));
  }
  fail_unless_equals_int (n, calls->len);
}

/* Where the picture is not what one wants: soft masks that leave cells to
 * nobody, runs of a single step, noise that is added in every step. */
static gboolean
is_spoilt (const char *id)
{
  static const char *const spoilt[] = {
    "e05", "e08", "e32", "e33", "e51", "e52"
  };

  for (guint i = 0; i < G_N_ELEMENTS (spoilt); i++) {
    if (g_str_has_prefix (id, spoilt[i]))
      return TRUE;
  }
  return FALSE;
}

static guint n_simple;

static void
run_regional (JsonObject * test_case)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  g_autoptr (RdJob) job = make_job (test_case);
  g_autoptr (RdTestArray) array =
      rd_test_golden_array (json_object_get_object_member (test_case, "latent"),
      "file");
  g_autoptr (RdTensor) latent = golden_latent (array), result = NULL;
  g_autoptr (GArray) calls = g_array_new (FALSE, FALSE, sizeof (Call));
  Steps steps = { golden_text (test_case, "id") };
  RdJobStats stats;
  g_autoptr (GError) error = NULL;

  if (json_object_has_member (expect, "steps")) {
    JsonObject *wanted = json_object_get_object_member (expect, "steps");

    steps.tags = json_object_get_array_member (wanted, "tags");
    steps.latents = rd_test_golden_array (wanted, "file");
    job->trace = check_step;
  }
  job->warning = count_warning;
  job->user_data = &steps;
  watch (job->base, calls);
  for (guint j = 0; j < job->regions->len; j++)
    watch (job->regions->pdata[j], calls);
  result = rd_job_run (job, latent, &stats, NULL, &error);

  /* where the reference raises, a settings error */
  if (!json_object_get_null_member (expect, "error")) {
    fail_unless (result == NULL);
    fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_SETTINGS));
    return;
  }
  g_assert_no_error (error);
  golden_check_latent (test_case, result);
  golden_check_counts (test_case, &stats);
  check_calls (test_case, job->base->guide.denoiser->prediction, calls);
  fail_unless_equals_int (steps.warnings > 0, is_spoilt (steps.id));
  if (steps.tags) {
    fail_unless_equals_int (steps.n, json_array_get_length (steps.tags));
    rd_test_array_free (steps.latents);
  }
  n_simple += job->mode == RD_MODE_IMPACT_SIMPLE;
}

GST_START_TEST (test_regional_loop)
{
  n_simple = 0;
  fail_unless (rd_test_golden_each ("regional", run_regional) >= 45);
  fail_unless_equals_int (n_simple, 6);
}

GST_END_TEST;

static Suite *
golden_regional_suite (void)
{
  Suite *suite = suite_create ("golden-regional");
  TCase *chain = tcase_create ("golden");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, golden_setup, golden_teardown);
  tcase_set_timeout (chain, 300);
  tcase_add_test (chain, test_regional_loop);
  return suite;
}

GST_CHECK_MAIN (golden_regional);
