/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Networks on a device against the CPU: each of a model's networks, pictures of
 * whole jobs, the same job twice, and then how long things take. Needs the core
 * library with ONNX Runtime, and a model folder.
 *
 *   networks [--times] FOLDER [DEVICE]      DEVICE is cuda by default */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/model.h"
#include "loop/loop.h"
#include "loop/modes.h"
#include "device/window.h"

#define SIDE 32                 /* latent cells */
#define PROMPT "starry night sky"
#define OTHER_PROMPT "lava"

/* Of the largest value there is: float32 sums in another order. After a whole
 * job more, as a step enlarges what the step before has left. */
#define NETWORK_TOLERANCE 1e-3
#define JOB_TOLERANCE 3e-2

typedef struct
{
  RdModel *model[2];            /* on the CPU and the device */
  RdStream *stream[2];
  float *values[2];             /* of the latest result */
  gsize n_values;
  GRand *rand;
  guint n_checks, n_failed;
} Compare;

static RdConditioning *
encode (RdModel * model, RdStream * stream, const char *text, GError ** error)
{
  const RdPrompt prompt = { {text} };

  return rd_model_encode_prompt (model, stream, &prompt, NULL, error);
}

static gboolean
fail (Compare * compare, const char *what, const GError * error)
{
  printf ("%s: %s\n", what, error->message);
  compare->n_failed++;
  return FALSE;
}

static gboolean
keep (Compare * compare, guint s, RdTensor * tensor, GError ** error)
{
  compare->n_values = tensor->n_elements;
  compare->values[s] = g_realloc (compare->values[s], tensor->size);
  return rd_tensor_download (tensor, compare->values[s], error);
}

static void
check_close (Compare * compare, const char *what, double tolerance)
{
  double largest = 0.0, worst = 0.0;

  for (gsize i = 0; i < compare->n_values; i++) {
    const double want = compare->values[0][i], got = compare->values[1][i];

    largest = fmax (largest, fabs (want));
    /* not-a-number is the worst */
    if (!(fabs (got - want) <= worst))
      worst = fabs (got - want);
  }
  compare->n_checks++;
  compare->n_failed += !(worst <= tolerance * largest);
  printf ("%-40s %.2e of the largest value, at most %.0e%s\n", what,
      worst / largest, tolerance,
      worst <= tolerance * largest ? "" : ": FAILED");
}

static RdTensor *
random_tensor (Compare * compare, RdStream * stream, const gint64 * dims,
    guint32 seed)
{
  const gsize n = dims[0] * dims[1] * dims[2] * dims[3];
  g_autofree float *values = g_new (float, n);

  g_rand_set_seed (compare->rand, seed);
  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (compare->rand, -1.0, 1.0);
  return rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, dims, values);
}

static gboolean
run_text_encoder (Compare * compare, guint s, GError ** error)
{
  g_autoptr (RdConditioning) prompt = encode (compare->model[s],
      compare->stream[s], PROMPT, error);

  return prompt && keep (compare, s, rd_conditioning_get (prompt,
          RD_CONDITIONING_TOKENS), error);
}

static gboolean
evaluate (Compare * compare, guint s, gint64 rows, RdTensor ** out,
    GError ** error)
{
  const RdModelInfo *info = rd_model_info (compare->model[s]);
  const gint64 dims[] = { rows, info->channels, SIDE, SIDE };
  g_autoptr (RdDenoiser) unet =
      rd_model_denoiser (compare->model[s], NULL, error);
  g_autoptr (RdConditioning) prompt =
      encode (compare->model[s], compare->stream[s], PROMPT, error);
  g_autoptr (RdTensor) latents =
      random_tensor (compare, compare->stream[s], dims, 1);
  g_autoptr (RdTensor) input = NULL, output = NULL;
  g_autofree double *timesteps = g_new (double, rows);
  g_autofree RdConditioning **prompts = g_new (RdConditioning *, rows);
  RdBatch batch = { NULL };

  if (!unet || !prompt)
    return FALSE;
  for (gint64 i = 0; i < rows; i++) {
    timesteps[i] = 999 - 100 * i;
    prompts[i] = prompt;
  }
  input = rd_tensor_new (latents->stream, unet->type, 4, dims);
  output = rd_tensor_new_like (input);
  rd_convert (input, latents);
  batch.input = input;
  batch.output = output;
  batch.timesteps = timesteps;
  batch.conditionings = prompts;
  if (!rd_denoiser_evaluate (unet, &batch, NULL, error))
    return FALSE;
  *out = rd_tensor_new_like (latents);
  rd_convert (*out, output);
  return TRUE;
}

static gboolean
run_unet (Compare * compare, guint s, GError ** error)
{
  g_autoptr (RdTensor) out = NULL;

  return evaluate (compare, s, 3, &out, error)
      && keep (compare, s, out, error);
}

static gboolean
run_vae_decoder (Compare * compare, guint s, GError ** error)
{
  const gint64 dims[] = { 1, rd_model_info (compare->model[s])->channels, SIDE,
    SIDE
  };
  g_autoptr (RdTensor) latent = random_tensor (compare, compare->stream[s],
      dims, 2);
  g_autoptr (RdTensor) picture = rd_model_decode (compare->model[s], latent,
      NULL, error);

  return picture && keep (compare, s, picture, error);
}

static gboolean
run_vae_encoder (Compare * compare, guint s, GError ** error)
{
  const gint64 dims[] = { 1, 3, SIDE * 8, SIDE * 8 };
  g_autoptr (RdTensor) picture = random_tensor (compare, compare->stream[s],
      dims, 3);
  g_autoptr (RdTensor) latent = rd_model_encode (compare->model[s], picture,
      NULL, error);

  return latent && keep (compare, s, latent, error);
}

static RdOwner *
make_owner (Compare * compare, guint s, const char *prompt,
    const char *sampler, GError ** error)
{
  RdModel *model = compare->model[s];
  RdStream *stream = compare->stream[s];
  g_autoptr (RdDenoiser) unet = rd_model_denoiser (model, NULL, error);
  g_autoptr (RdConditioning) positive = encode (model, stream, prompt, error);
  g_autoptr (RdConditioning) negative = encode (model, stream, "", error);
  RdOwner *owner;

  if (!unet || !positive || !negative)
    return NULL;
  owner = rd_owner_new (prompt, unet, positive, negative);
  owner->guide.cfg = 6.0;
  owner->solver = rd_solver_find (sampler, NULL);
  owner->scheduler = rd_scheduler_find ("karras", NULL);
  return owner;
}

/* A picture whose left half is another prompt's. */
static RdTensor *
run_job (Compare * compare, guint s, RdMode mode, const char *sampler,
    RdJobStats * stats, GError ** error)
{
  const RdModelInfo *info = rd_model_info (compare->model[s]);
  const gint64 dims[] = { 1, info->channels, SIDE, SIDE };
  const guint side = SIDE * info->downscale;
  g_autofree float *zeros = g_new0 (float, info->channels * SIDE * SIDE);
  g_autoptr (RdTensor) latent = NULL;
  RdOwner *base = make_owner (compare, s, PROMPT, sampler, error);
  RdOwner *region = base ? make_owner (compare, s, OTHER_PROMPT, sampler,
      error) : NULL;
  RdTensor *result;
  RdJob *job;

  if (!region)
    return NULL;
  job = rd_job_new (base);
  region->mask = rd_mask_new (side, side);
  for (guint i = 0; i < side * side; i++)
    region->mask->data[i] = i % side < side / 2;
  g_ptr_array_add (job->regions, region);
  job->mode = mode;
  job->steps = 8;
  job->noise_seed = 42;
  job->scale = info->scaling_factor;
  job->shift = info->shift_factor;
  job->downscale = info->downscale;
  latent = rd_tensor_new_from_host (compare->stream[s], RD_TYPE_F32, 4, dims,
      zeros);
  result = rd_job_run (job, latent, stats, NULL, error);
  rd_job_free (job);
  return result;
}

static void
compare_networks (Compare * compare)
{
  static const struct
  {
    const char *name;
      gboolean (*run) (Compare * compare, guint s, GError ** error);
  } networks[] = {
    {"text encoder", run_text_encoder},
    {"UNet, 3 rows", run_unet},
    {"VAE decoder", run_vae_decoder},
    {"VAE encoder", run_vae_encoder},
  };

  for (guint k = 0; k < G_N_ELEMENTS (networks); k++) {
    g_autoptr (GError) error = NULL;

    if (networks[k].run (compare, 0, &error)
        && networks[k].run (compare, 1, &error))
      check_close (compare, networks[k].name, NETWORK_TOLERANCE);
    else
      fail (compare, networks[k].name, error);
  }
}

/* On both devices, and a second time on the device, to the bit. */
static void
compare_jobs (Compare * compare)
{
  static const struct
  {
    RdMode mode;
    const char *sampler;
  } jobs[] = {
    {RD_MODE_PARALLEL, "euler"},
    {RD_MODE_SEQUENTIAL, "dpmpp_2m"},
    {RD_MODE_FUSED, "heun"},
    {RD_MODE_PARALLEL, "dpmpp_2m_sde"},
  };

  for (guint k = 0; k < G_N_ELEMENTS (jobs); k++) {
    g_autofree char *what = g_strdup_printf ("%s, %s",
        rd_mode_name (jobs[k].mode), jobs[k].sampler);
    g_autofree float *first = NULL;
    g_autoptr (GError) error = NULL;
    gboolean ok = TRUE;

    for (guint i = 0; i < 3 && ok; i++) {
      const guint s = i > 0;
      g_autoptr (RdTensor) result = run_job (compare, s, jobs[k].mode,
          jobs[k].sampler, NULL, &error);

      ok = result && keep (compare, s, result, &error);
      if (ok && i == 1)
        first = g_memdup2 (compare->values[1], result->size);
    }
    if (!ok) {
      fail (compare, what, error);
      continue;
    }
    check_close (compare, what, JOB_TOLERANCE);
    compare->n_checks++;
    if (memcmp (first, compare->values[1],
            compare->n_values * sizeof (float)) != 0) {
      printf ("%s: the second run differs\n", what);
      compare->n_failed++;
    }
  }
}

/* Seconds of an evaluation, of ten in a row. */
static double
time_rows (Compare * compare, guint s, gint64 rows)
{
  const guint n = 10;
  gint64 began = 0;

  for (guint i = 0; i < n + 2; i++) {
    g_autoptr (RdTensor) out = NULL;

    if (i == 2) {
      rd_stream_synchronize (compare->stream[s], NULL);
      began = g_get_monotonic_time ();
    }
    if (!evaluate (compare, s, rows, &out, NULL))
      return NAN;
  }
  rd_stream_synchronize (compare->stream[s], NULL);
  return (g_get_monotonic_time () - began) / 1e6 / n;
}

/* Both devices beside each other, on this machine and in this run. */
static void
print_times (Compare * compare)
{
  printf
      ("\n| rows of %dx%d | cpu ms | %s ms | times |\n|---:|---:|---:|---:|\n",
      SIDE, SIDE, compare->stream[1]->device->name);
  for (gint64 rows = 1; rows <= 16; rows *= 4) {
    const double cpu = time_rows (compare, 0, rows);
    const double device = time_rows (compare, 1, rows);

    printf ("| %d | %.2f | %.2f | %.1f |\n", (int) rows, cpu * 1e3,
        device * 1e3, cpu / device);
  }
  for (guint i = 0; i < 2; i++) {
    RdJobStats stats = { 0 };
    gint64 began = g_get_monotonic_time ();
    g_autoptr (RdTensor) result = run_job (compare, 1, RD_MODE_PARALLEL,
        "euler", &stats, NULL);
    double total;

    rd_stream_synchronize (compare->stream[1], NULL);
    total = (g_get_monotonic_time () - began) / 1e6;
    /* the first warms up */
    if (i == 1 && result)
      printf ("\na job of 8 steps, base and one region: %.1f ms; its %d "
          "evaluations of %.1f rows alone: %.1f ms\n", total * 1e3,
          (int) stats.guidance.calls, (double) stats.guidance.rows
          / stats.guidance.calls, time_rows (compare, 1,
              stats.guidance.rows / stats.guidance.calls)
          * stats.guidance.calls * 1e3);
  }
}

int
main (int argc, char **argv)
{
  const gboolean times = argc > 1 && g_str_equal (argv[1], "--times");
  const char *folder = argc > 1 + times ? argv[1 + times] : NULL;
  const char *name = argc > 2 + times ? argv[2 + times] : "cuda";
  const char *const names[] = { "cpu", name };
  g_autoptr (GError) error = NULL;
  Compare compare = { {NULL} };

  if (!folder) {
    fprintf (stderr, "usage: networks [--times] FOLDER [DEVICE]\n");
    return 2;
  }
  compare.rand = g_rand_new ();
  for (guint s = 0; s < 2 && !error; s++) {
    g_autofree char *reason = NULL;
    const RdRuntime runtime = {
      .device = rd_runtime_choose_device (names[s], &reason, &error)
    };

    if (runtime.device)
      compare.model[s] = rd_model_open (folder, &runtime, &error);
    if (compare.model[s])
      compare.stream[s] = rd_stream_new (runtime.device, &error);
  }
  if (error) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }

  compare_networks (&compare);
  compare_jobs (&compare);
  printf ("%s against cpu: %u results within their bounds, %u not\n",
      compare.stream[1]->device->name, compare.n_checks - compare.n_failed,
      compare.n_failed);
  if (times)
    print_times (&compare);

  for (guint s = 0; s < 2; s++) {
    g_free (compare.values[s]);
    rd_stream_unref (compare.stream[s]);
    rd_model_unref (compare.model[s]);
  }
  g_rand_free (compare.rand);
  return compare.n_failed > 0;
}
