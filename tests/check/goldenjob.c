/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "goldenjob.h"

#include "analytic.h"
#include "models/model.h"
#include "teststream.h"

typedef struct
{
  RdStream *stream;
  RdModel *model;
  RdDenoiser *unet;
  RdDenoiser *analytic[2];      /* by RdPredictionType */
  RdDenoiser *flow[2];          /* the latter's timesteps shifted exponentially */
  GHashTable *prompts;
} Fixture;

static Fixture fixture;

/**
 * golden_text:
 * @object: a part of a golden case
 * @member: which of its members
 *
 * Returns: (transfer none): that string
 */
const char *
golden_text (JsonObject * object, const char *member)
{
  return json_object_get_string_member (object, member);
}

/**
 * golden_sampling_new:
 * @prediction: what the network predicts
 *
 * Returns: (transfer full): how both networks were trained
 */
RdPrediction *
golden_prediction_new (RdPredictionType type)
{
  return rd_prediction_new (type, RD_BETAS_SCALED_LINEAR, 0.00085, 0.012, 1000);
}

/**
 * golden_setup:
 *
 * Opens the networks; for tcase_add_checked_fixture().
 */
void
golden_setup (void)
{
  g_autofree char *folder = rd_test_path ("tiny-sd");
  GError *error = NULL;

  fixture.stream = rd_test_stream_new ();
  fixture.model = rd_model_open (folder, rd_test_runtime (1), &error);
  g_assert_no_error (error);
  fixture.unet = rd_model_denoiser (fixture.model, NULL, &error);
  g_assert_no_error (error);
  for (int type = 0; type < 2; type++) {
    g_autoptr (RdPrediction) prediction = golden_prediction_new (type);

    fixture.analytic[type] = rd_analytic_new (prediction, GOLDEN_CHANNELS);
  }
  for (int k = 0; k < 2; k++) {
    g_autoptr (RdPrediction) prediction = k == 0
        ? rd_prediction_new_flow (3.0, 1000)
        : rd_prediction_new_flow_exponential (1.15, 10000);

    fixture.flow[k] = rd_analytic_new (prediction, GOLDEN_CHANNELS);
  }
  fixture.prompts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) rd_conditioning_unref);
}

void
golden_teardown (void)
{
  g_hash_table_unref (fixture.prompts);
  rd_denoiser_unref (fixture.analytic[0]);
  rd_denoiser_unref (fixture.analytic[1]);
  rd_denoiser_unref (fixture.flow[0]);
  rd_denoiser_unref (fixture.flow[1]);
  rd_denoiser_unref (fixture.unet);
  rd_model_unref (fixture.model);
  rd_stream_unref (fixture.stream);
}

static RdConditioning *
prompt (const char *name)
{
  RdConditioning *conditioning = g_hash_table_lookup (fixture.prompts, name);
  g_autoptr (RdTestArray) embedding = NULL;
  g_autoptr (RdTensor) tokens = NULL;

  if (conditioning)
    return conditioning;
  embedding = rd_test_golden_embedding (name);
  tokens = rd_tensor_new_from_host (fixture.stream, RD_TYPE_F32, 3,
      (const gint64[]) { embedding->dims[0], embedding->dims[1],
        embedding->dims[2]
      }, embedding->data);
  conditioning = rd_conditioning_new_tokens (tokens);
  g_hash_table_insert (fixture.prompts, g_strdup (name), conditioning);
  return conditioning;
}

static RdDenoiser *
denoiser (const char *model, const char *type)
{
  if (g_str_equal (model, "discrete-flow"))
    return fixture.flow[0];
  if (g_str_equal (model, "flux-flow"))
    return fixture.flow[1];
  if (g_str_equal (model, "analytic"))
    return fixture.analytic[g_str_equal (type, "v")];
  return fixture.unet;
}

/**
 * golden_stream:
 *
 * Returns: (transfer none): where the networks run
 */
RdStream *
golden_stream (void)
{
  return fixture.stream;
}

/**
 * golden_owner:
 * @id: name in messages
 * @description: a sampler as golden cases have them
 * @model: name of its network
 * @prediction: and what that predicts, if it can do several things
 *
 * Returns: (transfer full): an owner
 */
RdOwner *
golden_owner (const char *id, JsonObject * description, const char *model,
    const char *type)
{
  GError *error = NULL;
  RdOwner *owner = rd_owner_new (id, denoiser (model, type),
      prompt (golden_text (description, "positive")),
      prompt (golden_text (description, "negative")));

  owner->guide.cfg = json_object_get_double_member (description, "cfg");
  owner->solver = rd_solver_find (golden_text (description, "sampler"), &error);
  g_assert_no_error (error);
  owner->scheduler = rd_scheduler_find (golden_text (description, "scheduler"),
      &error);
  g_assert_no_error (error);
  owner->sigma_factor = json_object_get_double_member_with_default (description,
      "sigma_factor", 1.0);
  return owner;
}

/**
 * golden_latent:
 * @array: (N,C,H,W)
 *
 * Returns: (transfer full): the same as a tensor
 */
RdTensor *
golden_latent (const RdTestArray * array)
{
  return rd_tensor_new_from_host (fixture.stream, RD_TYPE_F32, 4,
      (const gint64[]) { array->dims[0], array->dims[1], array->dims[2],
        array->dims[3]
      }, array->data);
}

static gboolean
is_adaptive (JsonObject * test_case)
{
  return g_strcmp0 (json_object_get_string_member_with_default (test_case,
          "sampler", NULL), "dpm_adaptive") == 0;
}

/**
 * golden_check_latent:
 * @test_case: a case
 * @got: the latent that should be its result
 *
 * Fails the test where they are farther apart than the case tolerates.
 */
void
golden_check_latent (JsonObject * test_case, const RdTensor * got)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");
  const double tolerance = json_object_get_double_member (expect, "tol_abs");
  g_autoptr (RdTestArray) want = rd_test_golden_array (expect, "latent_out");
  g_autofree float *values = g_malloc (got->size);

  fail_unless (rd_tensor_download (got, values, NULL));
  fail_unless_equals_int (got->n_elements, want->n);
  rd_test_close (golden_text (test_case, "id"), want->n, values, want->data,
      tolerance, 0.0);
}

/**
 * golden_check_counts:
 * @test_case: a case
 * @stats: what was done
 *
 * Fails the test unless the network ran as often as in the reference.
 */
void
golden_check_counts (JsonObject * test_case, const RdJobStats * stats)
{
  JsonObject *expect = json_object_get_object_member (test_case, "expect");

  /* which asks once where the reference asks again after a rejected step */
  if (is_adaptive (test_case)) {
    fail_unless ((gint64) stats->guidance.calls
        <= json_object_get_int_member (expect, "unet_calls"));
    return;
  }

  fail_unless_equals_uint64 (stats->guidance.calls,
      json_object_get_int_member (expect, "unet_calls"));
  if (json_object_has_member (expect, "unet_rows"))
    fail_unless_equals_uint64 (stats->guidance.rows,
        json_object_get_int_member (expect, "unet_rows"));
}
