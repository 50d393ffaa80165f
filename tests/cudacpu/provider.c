/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Networks on the device: whether they can run there and who says what is
 * missing, what they compute, and that they wait for nothing. */

#include <gst/check/gstcheck.h>
#include <string.h>

#include "../check/rdtest.h"
#include "cudacpu.h"
#include "models/model.h"
#include "networks/networks.h"
#include "onnx/ort.h"

#define SIDE 8                  /* latent cells */

static RdConditioning *
encode (RdModel * model, RdStream * stream, const char *text, GError ** error)
{
  const RdPrompt prompt = { {text} };

  return rd_model_encode_prompt (model, stream, &prompt, NULL, error);
}

static void
reset (void)
{
  cudacpu_reset ();
  cudacpu_set_provider (CUDACPU_PROVIDER_WORKS);
}

/* What is there, and what comes of it: the device that `auto` is and why it is
 * no other; what the name of a device gives, and what is missing for it. */
static const struct
{
  int count;
  cudaError_t status;
  CudaCpuProvider provider;
  const char *chosen;           /* by `auto` */
  const char *name;
  gboolean has, works;          /* @name: at first sight, and when tried */
  const char *missing, *remedy; /* if that is not so */
} states[] = {
  {1, cudaSuccess, CUDACPU_PROVIDER_WORKS, "cuda:0", "cuda", TRUE, TRUE, NULL,
      NULL},
  {1, cudaSuccess, CUDACPU_PROVIDER_WORKS, "cuda:0", "cuda:1", FALSE, FALSE,
      "device 'cuda:1'", "the last one is 'cuda:0'"},
  {2, cudaSuccess, CUDACPU_PROVIDER_WORKS, "cuda:0", "cuda:1", TRUE, TRUE,
      NULL, NULL},
  {1, cudaSuccess, CUDACPU_PROVIDER_OLD, "cuda:0", "cuda", TRUE, TRUE, NULL,
      NULL},
  {1, cudaSuccess, CUDACPU_PROVIDER_NO_TENSORRT, "cuda:0", "cuda", TRUE, TRUE,
      NULL, NULL},
  {2, cudaSuccess, CUDACPU_PROVIDER_BROKEN, "cpu", "cuda:1", TRUE, FALSE,
      "device cuda:1: ONNX Runtime's CUDA provider", "install cuDNN"},
  {1, cudaSuccess, CUDACPU_PROVIDER_BROKEN, "cpu", "cuda", TRUE, FALSE,
      "libcudnn.so.9", "use 'cpu'"},
  {2, cudaSuccess, CUDACPU_PROVIDER_NO_CUDNN, "cpu", "cuda:1", TRUE, FALSE,
      "device cuda:1: ONNX Runtime's CUDA provider", "tools/setup --gpu"},
  {1, cudaSuccess, CUDACPU_PROVIDER_NO_CUDNN, "cpu", "cuda", TRUE, FALSE,
      "CUDNN failure: libcudnn.so.9", "install cuDNN"},
  {1, cudaSuccess, CUDACPU_PROVIDER_ABSENT, "cpu", "cuda", FALSE, FALSE,
      "device cuda:0: ONNX Runtime", "onnxruntime-gpu"},
  {1, cudaSuccess, CUDACPU_PROVIDER_ABSENT, "cpu", "cuda:0", FALSE, FALSE,
      "has no CUDAExecutionProvider", "use 'cpu'"},
  {0, cudaErrorInsufficientDriver, CUDACPU_PROVIDER_WORKS, "cpu", "cuda",
      FALSE, FALSE, "no NVIDIA driver was found", "install a newer one"},
  {0, cudaErrorStubLibrary, CUDACPU_PROVIDER_ABSENT, "cpu", "cuda:1", FALSE,
      FALSE, "device 'cuda:1': no NVIDIA driver was found", "use 'cpu'"},
  {0, cudaErrorNoDevice, CUDACPU_PROVIDER_WORKS, "cpu", "cuda", FALSE, FALSE,
      "the NVIDIA driver finds no device", "CUDA_VISIBLE_DEVICES"},
  {0, cudaSuccess, CUDACPU_PROVIDER_BROKEN, "cpu", "cuda", FALSE, FALSE,
      "the NVIDIA driver finds no device", "nvidia-smi"},
};

static void
check_says (const char *text, guint state)
{
  fail_unless (text != NULL, "state %u: nothing is said", state);
  fail_unless (strstr (text, states[state].missing)
      && strstr (text, states[state].remedy), "state %u: %s", state, text);
}

GST_START_TEST (test_states)
{
  const guint i = __i__;
  g_autofree char *reason = NULL, *none = NULL;
  g_autoptr (GError) missing = NULL, broken = NULL;
  RdDevice *chosen, *device;

  cudacpu_set_devices (states[i].count, states[i].status);
  cudacpu_set_provider (states[i].provider);

  chosen = rd_runtime_choose_device ("auto", &reason, NULL);
  fail_unless (chosen != NULL);
  fail_unless_equals_string (chosen->name, states[i].chosen);
  fail_unless ((reason != NULL) == g_str_equal (chosen->name, "cpu"));
  /* `auto` looks at the first device */
  if (reason && (g_str_equal (states[i].name, "cuda")
          || g_str_equal (states[i].name, "cuda:0")))
    check_says (reason, i);

  device = rd_runtime_choose_device (states[i].name, &none, &missing);
  fail_unless (none == NULL);
  fail_unless ((device != NULL) == states[i].has);
  if (!device) {
    fail_unless (g_error_matches (missing, RD_ERROR, RD_ERROR_NOT_FOUND));
    check_says (missing->message, i);
    return;
  }
  fail_unless (rd_onnx_backend ()->has_device (device, NULL));
  fail_unless_equals_int (rd_onnx_backend ()->try_device (device, &broken),
      states[i].works);
  fail_unless ((broken == NULL) == states[i].works);
  if (broken)
    check_says (broken->message, i);
}

GST_END_TEST;

/* What is asked for is not exchanged for something else. */
GST_START_TEST (test_the_cpu_needs_nothing)
{
  g_autofree char *reason = NULL;
  RdDevice *cpu;

  cudacpu_set_devices (0, cudaErrorInsufficientDriver);
  cudacpu_set_provider (CUDACPU_PROVIDER_ABSENT);
  cpu = rd_runtime_choose_device ("cpu", &reason, NULL);
  fail_unless (cpu == rd_device_get ("cpu", NULL) && reason == NULL);
  fail_unless (rd_onnx_backend ()->has_device (cpu, NULL)
      && rd_onnx_backend ()->try_device (cpu, NULL));
}

GST_END_TEST;

static RdModel *
open_model (const char *device, const char *engine_cache)
{
  g_autofree char *folder = rd_test_path ("tiny-sd");
  g_autoptr (GError) error = NULL;
  RdModel *model = rd_model_open (folder, &(RdRuntime) {
        rd_device_get (device, NULL), 1, engine_cache
      }, &error);

  fail_unless (model != NULL, "%s", error ? error->message : "");
  return model;
}

static RdTensor *
make_tensor (RdStream * stream, gint64 n, gint64 channels, gint64 side)
{
  const gint64 dims[] = { n, channels, side, side };
  RdTensor *tensor = rd_tensor_new (stream, RD_TYPE_F32, 4, dims);
  g_autofree float *values = g_malloc (tensor->size);

  for (gsize i = 0; i < tensor->n_elements; i++)
    values[i] = (float) (i * 31 % 257) / 128.0f - 1.0f;
  rd_tensor_upload (tensor, values);
  return tensor;
}

static void
append (GArray * results, const RdTensor * tensor)
{
  const guint end = results->len;

  g_array_set_size (results, end + tensor->n_elements);
  fail_unless (rd_tensor_download (tensor,
          &g_array_index (results, float, end), NULL));
}

/* Two rows of the UNet that need different timesteps. */
static gboolean
evaluate (RdModel * model, RdTensor * latents, RdConditioning * prompt,
    RdTensor ** output, GError ** error)
{
  g_autoptr (RdDenoiser) unet = rd_model_denoiser (model, NULL, error);
  const double timesteps[] = { 981, 501 };
  RdConditioning *const prompts[] = { prompt, prompt };
  RdBatch batch = { latents, NULL, timesteps, prompts };

  batch.output = *output = rd_tensor_new_like (latents);
  return unet && rd_denoiser_evaluate (unet, &batch, NULL, error);
}

/* All four networks of a model, one after the other. */
static GArray *
run_networks (RdModel * model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RdStream) stream = rd_stream_new (rd_model_device (model), &error);
  g_autoptr (RdConditioning) prompt = encode (model, stream, "red", &error);
  g_autoptr (RdTensor) latents = make_tensor (stream, 2, 4, SIDE);
  g_autoptr (RdTensor) picture = make_tensor (stream, 1, 3, 8 * SIDE);
  g_autoptr (RdTensor) denoised = NULL, encoded = NULL, decoded = NULL;
  GArray *results = g_array_new (FALSE, FALSE, sizeof (float));

  fail_unless (prompt && evaluate (model, latents, prompt, &denoised, &error),
      "%s", error ? error->message : "");
  encoded = rd_model_encode (model, picture, NULL, &error);
  fail_unless (encoded != NULL, "%s", error ? error->message : "");
  decoded = rd_model_decode (model, encoded, NULL, &error);
  fail_unless (decoded != NULL, "%s", error ? error->message : "");
  append (results, rd_conditioning_get (prompt, RD_CONDITIONING_TOKENS));
  append (results, denoised);
  append (results, encoded);
  append (results, decoded);
  return results;
}

static GArray *
run_on (const char *device)
{
  g_autoptr (RdModel) model = open_model (device, NULL);

  return run_networks (model);
}

static void
check_equal (const GArray * got, const GArray * want)
{
  fail_unless_equals_int (got->len, want->len);
  for (guint i = 0; i < got->len; i++)
    fail_unless (g_array_index (got, float, i) == g_array_index (want, float,
            i), "value %u is %g, not %g", i, g_array_index (got, float, i),
        g_array_index (want, float, i));
}

/* This UNet has one timestep a run, and is given two. */
#define N_RUNS 5

GST_START_TEST (test_results_are_the_cpus)
{
  static const CudaCpuProvider providers[] = { CUDACPU_PROVIDER_WORKS,
    CUDACPU_PROVIDER_OLD
  };
  g_autoptr (GArray) want = run_on ("cpu");
  guint before;

  fail_unless_equals_int (cudacpu_n_runs (), 0);
  fail_unless (rd_onnx_backend ()->try_device (rd_device_get ("cuda", NULL),
          NULL));
  before = cudacpu_n_runs ();
  for (guint i = 0; i < G_N_ELEMENTS (providers); i++) {
    g_autoptr (GArray) got = NULL;
    const size_t objects = cudacpu_n_objects ();

    cudacpu_set_provider (providers[i]);
    got = run_on ("cuda");
    check_equal (got, want);
    fail_unless_equals_int (cudacpu_n_runs (), before + (i + 1) * N_RUNS);
    fail_unless_equals_uint64 (cudacpu_n_objects (), objects);
  }
}

GST_END_TEST;

/* The provider is looked at, its libraries loaded with the first network. */
GST_START_TEST (test_broken_provider_is_named_when_loading)
{
  static const CudaCpuProvider providers[] = { CUDACPU_PROVIDER_BROKEN,
    CUDACPU_PROVIDER_NO_CUDNN
  };
  g_autoptr (RdModel) model = open_model ("cuda", NULL);
  g_autoptr (GError) error = NULL;
  const size_t objects = cudacpu_n_objects ();

  cudacpu_set_provider (providers[__i__]);
  fail_if (rd_model_load (model, RD_NETWORK_DENOISER, NULL, &error));
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_FAILED));
  fail_unless (strstr (error->message, "device cuda:0: ONNX Runtime's CUDA "
          "provider") && strstr (error->message, "libcudnn.so.9")
      && strstr (error->message, "install cuDNN"), "%s", error->message);
  fail_unless_equals_uint64 (cudacpu_n_objects (), objects);

  /* and the next one finds what was installed meanwhile */
  cudacpu_set_provider (CUDACPU_PROVIDER_WORKS);
  fail_unless (rd_model_load (model, RD_NETWORK_DENOISER, NULL, NULL));
}

GST_END_TEST;

/* What runs networks is tried once for each device; what does not, again. */
GST_START_TEST (test_tried_once)
{
  const RdBackend *backend = rd_onnx_backend ();
  g_autoptr (RdModel) model = open_model ("cuda:0", NULL);
  RdDevice *devices[2];
  const guint runs = cudacpu_n_runs ();

  cudacpu_set_devices (2, cudaSuccess);
  devices[0] = rd_device_get ("cuda:0", NULL);
  devices[1] = rd_device_get ("cuda:1", NULL);
  cudacpu_set_provider (CUDACPU_PROVIDER_NO_CUDNN);
  fail_if (backend->try_device (devices[0], NULL));
  fail_if (backend->try_device (devices[0], NULL));
  cudacpu_set_provider (CUDACPU_PROVIDER_WORKS);
  fail_unless (backend->try_device (devices[0], NULL));
  fail_unless_equals_int (cudacpu_n_runs (), runs + 1);
  fail_unless (backend->try_device (devices[0], NULL));
  fail_unless (rd_model_load (model, RD_NETWORK_DENOISER, NULL, NULL));
  fail_unless_equals_int (cudacpu_n_runs (), runs + 1);
  fail_unless (backend->try_device (devices[1], NULL));
  fail_unless_equals_int (cudacpu_n_runs (), runs + 2);
}

GST_END_TEST;

/* Each call of a trial fails once: libraries are to blame only where ONNX Runtime
 * says so, and nothing stays behind. */
GST_START_TEST (test_every_call_of_a_trial_fails)
{
  RdDevice *device = rd_device_get ("cuda", NULL);
  CudaCpuFault fault = { 0, cudaErrorMemoryAllocation, 1, 0 };
  const size_t objects = cudacpu_n_objects ();
  guint n_failures = 0;

  for (fault.call = 1;; fault.call++) {
    g_autoptr (GError) error = NULL;
    gboolean works;

    cudacpu_set_fault (&fault);
    works = rd_onnx_backend ()->try_device (device, &error);
    if (!cudacpu_fault_happened ())
      break;
    cudacpu_reset ();
    fail_unless_equals_uint64 (cudacpu_n_objects (), objects);
    if (works)
      break;
    n_failures++;
    fail_if (strstr (error->message, "cuDNN"), "%s", error->message);
    fail_unless (strstr (error->message, "cuda") != NULL
        && (strstr (error->message, "out of memory")
            || strstr (error->message, "no memory")
            || strstr (error->message, "finds no device")), "%s",
        error->message);
  }
  fail_unless (n_failures > 5);
}

GST_END_TEST;

/* A fault that ends CUDA in this process says so, also where ONNX Runtime is the
 * first to notice it, and is not put down to a library. */
GST_START_TEST (test_lost_device)
{
  static const CudaCpuFault lost = { 1, cudaErrorIllegalAddress, 1, 0 };
  RdDevice *device = rd_device_get ("cuda", NULL);
  g_autoptr (RdModel) model = open_model ("cuda", NULL);
  g_autoptr (RdStream) stream = rd_stream_new (device, NULL);
  g_autoptr (RdTensor) picture = make_tensor (stream, 1, 3, 8 * SIDE);
  g_autoptr (GError) loading = NULL, running = NULL;

  fail_unless (rd_model_load (model, RD_NETWORK_VAE_ENCODER, NULL, NULL));
  cudacpu_set_fault (&lost);
  fail_if (rd_model_load (model, RD_NETWORK_DENOISER, NULL, &loading));
  cudacpu_reset ();
  cudacpu_set_provider (CUDACPU_PROVIDER_LOSES_DEVICE);
  fail_unless (rd_model_encode (model, picture, NULL, &running) == NULL);
  cudacpu_reset ();
  fail_unless (strstr (loading->message, "restart it") != NULL
      && !strstr (loading->message, "cuDNN"), "%s", loading->message);
  fail_unless (strstr (running->message,
          "CUDNN_STATUS_EXECUTION_FAILED") != NULL
      && strstr (running->message, "restart it") != NULL, "%s",
      running->message);
}

GST_END_TEST;

GST_START_TEST (test_tensorrt)
{
  g_autoptr (RdModel) plain = open_model ("cuda", NULL);
  g_autoptr (RdModel) cached = open_model ("cuda", "/a/cache");
  g_autoptr (RdModel) other = open_model ("cuda", "/another");
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) got = NULL, want = NULL;

  /* engines are built for a folder, so these are three models */
  fail_unless (plain != cached && cached != other);
  want = run_networks (plain);
  fail_unless_equals_string (cudacpu_engine_cache (), "");
  got = run_networks (cached);
  fail_unless_equals_string (cudacpu_engine_cache (), "/a/cache");
  check_equal (got, want);

  cudacpu_set_provider (CUDACPU_PROVIDER_NO_TENSORRT);
  fail_if (rd_model_load (other, RD_NETWORK_DENOISER, NULL, &error));
  fail_unless (strstr (error->message, "device cuda:0: ONNX Runtime's TensorRT "
          "provider") && strstr (error->message, "libnvinfer.so.10")
      && strstr (error->message, "tensorrt-cache"), "%s", error->message);
}

GST_END_TEST;

static gpointer
run_many (gpointer model)
{
  GArray *results = NULL;

  for (guint i = 0; i < 5; i++) {
    g_clear_pointer (&results, g_array_unref);
    results = run_networks (model);
  }
  return results;
}

/* Each with a queue and memory of its own, at the same time. What is used on
 * the wrong one is refused by the runtime. */
GST_START_TEST (test_two_devices)
{
  gpointer queues[2], same;
  g_autoptr (RdModel) first = NULL, second = NULL;
  g_autoptr (GArray) want = run_on ("cpu");
  g_autoptr (GArray) a = NULL, b = NULL;
  GThread *thread;

  cudacpu_set_devices (2, cudaSuccess);
  fail_unless (rd_device_queue (rd_device_get ("cuda:0", NULL), &queues[0],
          NULL));
  fail_unless (rd_device_queue (rd_device_get ("cuda:1", NULL), &queues[1],
          NULL));
  fail_unless (rd_device_queue (rd_device_get ("cuda", NULL), &same, NULL));
  fail_unless (queues[0] != queues[1] && queues[0] == same);

  first = open_model ("cuda:0", NULL);
  second = open_model ("cuda:1", NULL);
  fail_unless (first != second);
  thread = g_thread_new ("second", run_many, second);
  a = run_many (first);
  b = g_thread_join (thread);
  check_equal (a, want);
  check_equal (b, want);
}

GST_END_TEST;

/* Elements that share a model run its networks from threads of their own; the
 * stand-in refuses two at once. */
GST_START_TEST (test_one_run_at_a_time)
{
  g_autoptr (RdModel) model = open_model ("cuda", NULL);
  g_autoptr (GArray) want = run_on ("cpu");
  GThread *threads[3];

  for (guint i = 0; i < RD_NETWORK_N_KINDS; i++)
    fail_unless (rd_model_load (model, i, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("element", run_many, model);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    g_autoptr (GArray) got = g_thread_join (threads[i]);

    check_equal (got, want);
  }
}

GST_END_TEST;

/* What one thread does on both in turn, of which one alone is its own at a time. */
GST_START_TEST (test_devices_in_turn)
{
  const gint64 dims[] = { 2, 4, SIDE, SIDE };
  RdStream *streams[2];
  RdTensor *sums[2], *ones[2];
  g_autofree float *values = g_new (float, 2 * 4 * SIDE * SIDE);
  g_autoptr (GError) error = NULL;

  cudacpu_set_devices (2, cudaSuccess);
  for (guint k = 0; k < 2; k++) {
    streams[k] = rd_stream_new (rd_device_get (k ? "cuda:1" : "cuda:0", NULL),
        NULL);
    ones[k] = make_tensor (streams[k], 2, 4, SIDE);
    sums[k] = rd_tensor_new (streams[k], RD_TYPE_F32, 4, dims);
    rd_copy (sums[k], ones[k]);
  }
  for (guint round = 0; round < 3; round++) {
    for (guint k = 0; k < 2; k++) {
      const RdTerm terms[] = {
        {sums[k], 1.0, NULL},
        {ones[k], 1.0 + k, NULL},
      };

      rd_combine (sums[k], 2, terms);
    }
  }
  for (guint k = 0; k < 2; k++) {
    fail_unless (rd_tensor_download (sums[k], values, &error), "%s",
        error ? error->message : "");
    fail_unless_equals_float (values[0], -1.0f * (1 + 3 * (1 + k)));
    rd_tensor_unref (sums[k]);
    rd_tensor_unref (ones[k]);
    rd_stream_unref (streams[k]);
  }
}

GST_END_TEST;

/* A thread goes on with what it worked on before, whatever it was: nothing, another
 * device, or a context that is no device's own. */
GST_START_TEST (test_context_is_restored)
{
  static char foreign;
  void *contexts[] = { NULL, NULL, &foreign };
  RdDevice *device;

  cudacpu_set_devices (2, cudaSuccess);
  fail_unless (cudacpu_context () == NULL);
  fail_unless_equals_int (cudaSetDevice (1), cudaSuccess);
  contexts[1] = cudacpu_context ();
  cudacpu_set_context (contexts[__i__]);

#define CHECK() fail_unless (cudacpu_context () == contexts[__i__])
  device = rd_device_get ("cuda:0", NULL);
  CHECK ();
  fail_unless (rd_onnx_backend ()->try_device (device, NULL));
  CHECK ();
  {
    gpointer queue;
    g_autoptr (RdModel) model = open_model ("cuda:0", NULL);
    g_autoptr (RdStream) stream = rd_stream_new (device, NULL);
    g_autoptr (RdTensor) latents = NULL, denoised = NULL;
    g_autoptr (RdConditioning) prompt = NULL;
    g_autofree float *values = NULL;

    fail_unless (rd_device_queue (device, &queue, NULL));
    CHECK ();
    latents = make_tensor (stream, 2, 4, SIDE);
    CHECK ();
    rd_copy (latents, latents);
    CHECK ();
    fail_unless (rd_model_load (model, RD_NETWORK_DENOISER, NULL, NULL));
    CHECK ();
    prompt = encode (model, stream, "red", NULL);
    CHECK ();
    fail_unless (evaluate (model, latents, prompt, &denoised, NULL));
    CHECK ();
    values = g_malloc (latents->size);
    fail_unless (rd_tensor_download (denoised, values, NULL));
    CHECK ();
    rd_stream_pace (stream);
    CHECK ();
    rd_stream_trim (stream);
    CHECK ();
  }
  CHECK ();
#undef CHECK
}

GST_END_TEST;

/* Nothing stands still while networks are queued, and nothing is fetched. */
GST_START_TEST (test_evaluations_do_not_wait)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RdModel) model = open_model ("cuda", NULL);
  g_autoptr (RdStream) stream = rd_stream_new (rd_model_device (model), NULL);
  g_autoptr (RdConditioning) prompt = encode (model, stream, "red", NULL);
  g_autoptr (RdTensor) latents = make_tensor (stream, 2, 4, SIDE);
  g_autoptr (RdTensor) picture = make_tensor (stream, 1, 3, 8 * SIDE);
  g_autoptr (RdTensor) denoised = NULL, encoded = NULL, decoded = NULL;
  g_autofree float *values = g_malloc (latents->size);
  guint runs, drains, downloads;

  for (guint i = 0; i < RD_NETWORK_N_KINDS; i++)
    fail_unless (rd_model_load (model, i, NULL, NULL));
  runs = cudacpu_n_runs ();
  drains = cudacpu_n_drains ();
  downloads = cudacpu_n_downloads ();

  fail_unless (evaluate (model, latents, prompt, &denoised, &error));
  encoded = rd_model_encode (model, picture, NULL, &error);
  decoded = rd_model_decode (model, encoded, NULL, &error);
  fail_unless (decoded != NULL, "%s", error ? error->message : "");
  fail_unless_equals_int (cudacpu_n_runs (), runs + N_RUNS - 1);
  fail_unless_equals_int (cudacpu_n_drains (), drains);
  fail_unless_equals_int (cudacpu_n_downloads (), downloads);

  /* which a download does */
  fail_unless (rd_tensor_download (denoised, values, NULL));
  fail_unless_equals_int (cudacpu_n_drains (), drains + 1);
  fail_unless_equals_int (cudacpu_n_downloads (), downloads + 1);
}

GST_END_TEST;

/* Every run waits for the one before last: there is always one for the device,
 * and never more than two to wait for when somebody cancels. */
GST_START_TEST (test_runs_are_paced)
{
  g_autoptr (RdModel) model = open_model ("cuda", NULL);
  g_autoptr (RdStream) stream = rd_stream_new (rd_model_device (model), NULL);
  g_autoptr (RdTensor) picture = make_tensor (stream, 1, 3, 8 * SIDE);
  guint waits, drains;

  fail_unless (rd_model_load (model, RD_NETWORK_VAE_ENCODER, NULL, NULL));
  waits = cudacpu_n_waits ();
  drains = cudacpu_n_drains ();
  for (guint i = 0; i < 5; i++) {
    g_autoptr (RdTensor) encoded = rd_model_encode (model, picture, NULL, NULL);

    fail_unless (encoded != NULL);
    fail_unless_equals_int (cudacpu_n_waits (), waits + i);
  }
  fail_unless_equals_int (cudacpu_n_drains (), drains);
}

GST_END_TEST;

/* The words that ONNX Runtime and CUDA's libraries have for it. */
GST_START_TEST (test_words_for_no_memory)
{
  static const struct
  {
    const char *message;
    RdError code;
  } cases[] = {
    {"CUDNN failure 4002: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
        RD_ERROR_NO_MEMORY},
    {"CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED", RD_ERROR_NO_MEMORY},
    {"CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED", RD_ERROR_NO_MEMORY},
    {"CUDA failure 2: out of memory", RD_ERROR_NO_MEMORY},
    {"Failed to allocate memory for requested buffer", RD_ERROR_NO_MEMORY},
    {"CUDNN failure 5000: CUDNN_STATUS_EXECUTION_FAILED", RD_ERROR_FAILED},
  };

  fail_unless (rd_ort_env (NULL) != NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    fail_if (rd_ort_check (rd_ort_api ()->CreateStatus (ORT_FAIL,
                cases[i].message), &error, "a network"));
    fail_unless (g_error_matches (error, RD_ERROR, cases[i].code), "%s",
        error->message);
  }
}

GST_END_TEST;

typedef gboolean (*Work) (RdModel * model, RdStream * stream,
    const CudaCpuFault * fault, GArray * results, GError ** error);

/* @n rows at once. The fault comes while the network is asked. */
static gboolean
denoise (RdModel * model, RdStream * stream, const CudaCpuFault * fault,
    guint n, GArray * results, GError ** error)
{
  static const double timesteps[] = { 981, 981 };
  g_autoptr (RdConditioning) prompt = encode (model, stream, "red", NULL);
  RdConditioning *const prompts[] = { prompt, prompt };
  g_autoptr (RdDenoiser) unet = rd_model_denoiser (model, NULL, NULL);
  g_autoptr (RdTensor) latents = make_tensor (stream, n, 4, SIDE);
  g_autoptr (RdTensor) output = rd_tensor_new_like (latents);
  const RdBatch batch = { latents, output, timesteps, prompts };
  gboolean ok;

  fail_unless (prompt && unet && latents && rd_stream_check (stream, NULL));
  cudacpu_set_fault (fault);
  ok = rd_denoiser_evaluate (unet, &batch, NULL, error);
  cudacpu_set_fault (&(CudaCpuFault) {
      0});
  if (ok)
    append (results, output);
  return ok;
}

static gboolean
denoise_one (RdModel * model, RdStream * stream, const CudaCpuFault * fault,
    GArray * results, GError ** error)
{
  return denoise (model, stream, fault, 1, results, error);
}

static gboolean
denoise_two (RdModel * model, RdStream * stream, const CudaCpuFault * fault,
    GArray * results, GError ** error)
{
  return denoise (model, stream, fault, 2, results, error);
}

static gboolean
decode (RdModel * model, RdStream * stream, const CudaCpuFault * fault,
    GArray * results, GError ** error)
{
  g_autoptr (RdTensor) latents = make_tensor (stream, 1, 4, SIDE);
  g_autoptr (RdTensor) picture = NULL;

  fail_unless (rd_model_load (model, RD_NETWORK_VAE_DECODER, NULL, NULL));
  cudacpu_set_fault (fault);
  picture = rd_model_decode (model, latents, NULL, error);
  cudacpu_set_fault (&(CudaCpuFault) {
      0});
  if (picture)
    append (results, picture);
  return picture != NULL;
}

/* A prompt that nobody remembers. */
static gboolean
encode_anew (RdModel * model, RdStream * stream, const CudaCpuFault * fault,
    GArray * results, GError ** error)
{
  static guint n;
  g_autofree char *text = g_strdup_printf ("unknown%u", n++);
  g_autoptr (RdConditioning) prompt = NULL;

  fail_unless (rd_model_load (model, RD_NETWORK_TEXT_ENCODER, NULL, NULL));
  cudacpu_set_fault (fault);
  prompt = encode (model, stream, text, error);
  cudacpu_set_fault (&(CudaCpuFault) {
      0});
  return prompt != NULL;
}

/* Networks are loaded, and prompts remembered. */
static void
warm_up (RdModel * model, Work work)
{
  const CudaCpuFault none = { 0 };
  g_autoptr (RdStream) stream = rd_stream_new (rd_model_device (model), NULL);
  g_autoptr (GArray) results = g_array_new (FALSE, FALSE, sizeof (float));

  fail_unless (work (model, stream, &none, results, NULL));
}

/* What the device has no memory for is tried in halves, or once more, with the
 * same result. Every call of the runtime fails once; those that are no request for
 * memory make an error. */
GST_START_TEST (test_no_memory)
{
  static const struct
  {
    Work work;
    guint more_runs;            /* than without the fault */
  } cases[] = {
    {denoise_two, 2}, {denoise_one, 1}, {decode, 1}, {encode_anew, 1},
  };
  g_autoptr (RdModel) model = open_model ("cuda", NULL);
  g_autoptr (GArray) want = g_array_new (FALSE, FALSE, sizeof (float));
  guint calls = 0, runs = 0, n_tried_again = 0, n_errors = 0;

  warm_up (model, cases[__i__].work);
  for (guint call = 0; call <= calls; call++) {
    const CudaCpuFault fault = { call, cudaErrorMemoryAllocation, 0, 0 };
    g_autoptr (RdStream) stream = rd_stream_new (rd_model_device (model), NULL);
    g_autoptr (GArray) got = g_array_new (FALSE, FALSE, sizeof (float));
    g_autoptr (GError) error = NULL;
    const guint calls_before = cudacpu_n_calls ();
    const guint runs_before = cudacpu_n_runs ();

    if (!cases[__i__].work (model, stream, &fault, got, &error)) {
      fail_unless (call > 0, "%s", error->message);
      fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_NO_MEMORY)
          || g_error_matches (error, RD_ERROR, RD_ERROR_FAILED), "%s",
          error->message);
      n_errors++;
      continue;
    }
    if (call == 0) {
      calls = cudacpu_n_calls () - calls_before;
      runs = cudacpu_n_runs () - runs_before;
      g_array_append_vals (want, got->data, got->len);
    } else if (cudacpu_n_runs () - runs_before == runs + cases[__i__].more_runs) {
      n_tried_again++;
    }
    check_equal (got, want);
  }
  fail_unless (n_tried_again > 0 && n_errors + n_tried_again <= calls,
      "%u errors, %u tried again, %u calls", n_errors, n_tried_again, calls);
}

GST_END_TEST;

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (50 * G_TIME_SPAN_MILLISECOND);
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* A run that is ended leaves the stream and its memory to the next one. */
GST_START_TEST (test_cancel)
{
  static const double timesteps[] = { 10 };
  g_autofree char *path = rd_test_path ("onnx/unet-endless.onnx");
  g_autoptr (RdPrediction) prediction =
      rd_prediction_new (RD_PREDICTION_EPSILON, RD_BETAS_LINEAR, 1e-4, 0.02,
      1000);
  const RdRuntime runtime = { rd_device_get ("cuda", NULL), 1, NULL };
  g_autoptr (RdDenoiser) endless =
      rd_denoiser_open (path, &runtime, prediction, 4, 2, NULL);
  g_autoptr (RdModel) model = open_model ("cuda", NULL);
  g_autoptr (GArray) want = run_networks (model), got = NULL;
  g_autoptr (RdStream) stream = rd_stream_new (runtime.device, NULL);
  g_autoptr (RdTensor) input = make_tensor (stream, 1, 4, SIDE);
  g_autoptr (RdTensor) output = rd_tensor_new_like (input);
  g_autoptr (RdTensor) tokens = rd_tensor_new (stream, RD_TYPE_F32, 3,
      (const gint64[]) { 1, 3, 6 });
  g_autoptr (RdConditioning) prompt = rd_conditioning_new_tokens (tokens);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  const size_t objects = cudacpu_n_objects ();
  const guint runs = cudacpu_n_runs ();
  const RdBatch batch = { input, output, timesteps, &prompt };
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

  fail_unless (endless != NULL);
  fail_if (rd_denoiser_evaluate (endless, &batch, cancellable, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED), "%s",
      error->message);
  g_thread_join (thread);
  fail_unless_equals_int (cudacpu_n_runs (), runs + 1);
  fail_unless_equals_uint64 (cudacpu_n_objects (), objects);
  fail_unless (rd_stream_synchronize (stream, NULL));
  got = run_networks (model);
  check_equal (got, want);
}

GST_END_TEST;

static Suite *
provider_suite (void)
{
  Suite *suite = suite_create ("provider");
  TCase *chain = tcase_create ("provider");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, reset, reset);
  tcase_add_loop_test (chain, test_states, 0, G_N_ELEMENTS (states));
  tcase_add_test (chain, test_the_cpu_needs_nothing);
  tcase_add_test (chain, test_results_are_the_cpus);
  tcase_add_loop_test (chain, test_broken_provider_is_named_when_loading, 0, 2);
  tcase_add_test (chain, test_tried_once);
  tcase_add_test (chain, test_every_call_of_a_trial_fails);
  tcase_add_test (chain, test_lost_device);
  tcase_add_test (chain, test_tensorrt);
  tcase_add_test (chain, test_two_devices);
  tcase_add_test (chain, test_one_run_at_a_time);
  tcase_add_test (chain, test_devices_in_turn);
  tcase_add_loop_test (chain, test_context_is_restored, 0, 3);
  tcase_add_test (chain, test_evaluations_do_not_wait);
  tcase_add_test (chain, test_runs_are_paced);
  tcase_add_test (chain, test_words_for_no_memory);
  tcase_add_loop_test (chain, test_no_memory, 0, 4);
  tcase_add_test (chain, test_cancel);
  return suite;
}

/* What a process has found out of its devices it keeps, so that each check needs
 * one of its own, which the thread sanitizer does not allow. */
int
main (int argc, char **argv)
{
  if (g_strcmp0 (g_getenv ("CK_FORK"), "no") == 0)
    return 77;
  gst_check_init (&argc, &argv);
  return gst_check_run_suite (provider_suite (), "provider", __FILE__);
}
