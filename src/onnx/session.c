/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "onnx/session.h"

#include "base/file.h"
#include "onnx/provider.h"

static gboolean
read_values (RdSession * session, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  size_t n_inputs, n_outputs;

  if (!rd_ort_check (api->SessionGetInputCount (session->ort, &n_inputs),
          error, "%s", session->path)
      || !rd_ort_check (api->SessionGetOutputCount (session->ort, &n_outputs),
          error, "%s", session->path))
    return FALSE;

  session->inputs = g_new0 (RdValueInfo, n_inputs);
  session->outputs = g_new0 (RdValueInfo, n_outputs);
  session->n_inputs = (guint) n_inputs;
  session->n_outputs = (guint) n_outputs;
  for (size_t i = 0; i < n_inputs; i++)
    if (!rd_value_info_read (&session->inputs[i], session->ort, session->path,
            TRUE, i, error))
      return FALSE;
  for (size_t i = 0; i < n_outputs; i++)
    if (!rd_value_info_read (&session->outputs[i], session->ort, session->path,
            FALSE, i, error))
      return FALSE;
  return TRUE;
}

static OrtSessionOptions *
make_options (const RdRuntime * runtime, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  const guint threads = runtime->threads ? runtime->threads
      : g_get_num_processors ();
  g_autoptr (OrtSessionOptions) options = NULL;

  /* ONNX Runtime's own default binds threads to cores, which fails in
   * containers; threads that spin take the cores that others work on */
  if (!rd_ort_check (api->CreateSessionOptions (&options), error, "options")
      || !rd_ort_check (api->SetIntraOpNumThreads (options, (int) threads),
          error, "%u threads", threads)
      || !rd_ort_check (api->SetInterOpNumThreads (options, 1), error,
          "options")
      || !rd_ort_check (api->AddSessionConfigEntry (options,
              "session.intra_op.allow_spinning", "0"), error, "options")
      || !rd_provider_append (options, runtime, error))
    return NULL;
  return g_steal_pointer (&options);
}

/* Adds what a CUDA device itself reports after @failure: a fault that no later
 * call survives has many names in the messages of ONNX Runtime and of the libraries
 * that it uses, and the device's own says what helps. */
static void
add_fault (RdDevice * device, GError ** failure)
{
  g_autoptr (GError) fault = NULL;
  g_autoptr (RdStream) stream = NULL;

  if (rd_device_is_cpu (device)
      || !g_error_matches (*failure, RD_ERROR, RD_ERROR_FAILED))
    return;
  stream = rd_stream_new (device, &fault);
  if (!stream || !rd_stream_synchronize (stream, &fault)) {
    GError *both = g_error_new (RD_ERROR, RD_ERROR_FAILED, "%s; %s",
        (*failure)->message, fault->message);

    g_error_free (*failure);
    *failure = both;
  }
}

static RdSession *
session_alloc (const char *path, const RdRuntime * runtime)
{
  RdSession *session = g_new0 (RdSession, 1);

  session->path = g_strdup (path);
  session->device = runtime->device;
  g_mutex_init (&session->lock);
  g_cond_init (&session->idle);
  return session;
}

/**
 * rd_session_new:
 * @path: an ONNX file; weights may lie in files beside it
 * @runtime: where it shall run
 * @error: %RD_ERROR_NOT_FOUND, %RD_ERROR_INVALID for a damaged file, or what
 *   ONNX Runtime reports
 *
 * Takes seconds to minutes for large networks and cannot be cancelled.
 *
 * Returns: (transfer full) (nullable): the network
 */
RdSession *
rd_session_new (const char *path, const RdRuntime * runtime, GError ** error)
{
  g_autoptr (RdSession) session = NULL;
  g_autoptr (OrtSessionOptions) options = NULL;
  g_autoptr (GError) failure = NULL;
  g_auto (RdDeviceContext) context G_GNUC_UNUSED =
      rd_device_keep_context (runtime->device);
  OrtEnv *env = rd_ort_env (error);

  if (!env)
    return NULL;

  if (!rd_file_check (path, error)) {
    rd_file_add_remedy (error,
        "export this part of the model, or copy it there");
    return NULL;
  }
  session = session_alloc (path, runtime);
  session->memory = rd_provider_memory (runtime->device, error);
  options = session->memory ? make_options (runtime, error) : NULL;
  if (!options)
    return NULL;
  if (rd_ort_check (rd_ort_api ()->CreateSession (env, path, options,
              &session->ort), &failure, "device %s: %s cannot be loaded; if it "
          "is damaged or incomplete, copy it there again",
          runtime->device->name, path))
    return read_values (session, error) ? g_steal_pointer (&session) : NULL;
  add_fault (runtime->device, &failure);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/**
 * rd_session_new_from_bytes:
 * @name: what it is, for messages
 * @data: an ONNX file's content
 * @size: bytes
 * @runtime: where it shall run
 * @error: what ONNX Runtime reports
 *
 * Returns: (transfer full) (nullable): the network
 */
RdSession *
rd_session_new_from_bytes (const char *name, gconstpointer data, gsize size,
    const RdRuntime * runtime, GError ** error)
{
  g_autoptr (RdSession) session = NULL;
  g_autoptr (OrtSessionOptions) options = NULL;
  g_auto (RdDeviceContext) context G_GNUC_UNUSED =
      rd_device_keep_context (runtime->device);
  OrtEnv *env = rd_ort_env (error);

  if (!env)
    return NULL;

  session = session_alloc (name, runtime);
  session->memory = rd_provider_memory (runtime->device, error);
  options = session->memory ? make_options (runtime, error) : NULL;
  if (!options
      || !rd_ort_check (rd_ort_api ()->CreateSessionFromArray (env, data, size,
              options, &session->ort), error, "device %s: %s",
          runtime->device->name, name)
      || !read_values (session, error))
    return NULL;
  return g_steal_pointer (&session);
}

/**
 * rd_session_free:
 * @session: (transfer full): a network
 */
void
rd_session_free (RdSession * session)
{
  const OrtApi *api = rd_ort_api ();
  g_auto (RdDeviceContext) context G_GNUC_UNUSED =
      rd_device_keep_context (session->device);

  for (guint i = 0; i < session->n_inputs; i++)
    rd_value_info_clear (&session->inputs[i]);
  for (guint i = 0; i < session->n_outputs; i++)
    rd_value_info_clear (&session->outputs[i]);
  g_free (session->inputs);
  g_free (session->outputs);
  api->ReleaseSession (session->ort);
  api->ReleaseMemoryInfo (session->memory);
  g_mutex_clear (&session->lock);
  g_cond_clear (&session->idle);
  g_free (session->path);
  g_free (session);
}

static const RdValueInfo *
find_value (const RdValueInfo * values, guint n, const char *name, guint rank)
{
  for (guint i = 0; i < n; i++)
    if (g_str_equal (values[i].name, name))
      return &values[i];
  for (guint i = 0; i < n; i++)
    if (values[i].rank == rank)
      return &values[i];
  return NULL;
}

/**
 * rd_session_find_input:
 * @session: a network
 * @name: the input's usual name
 * @rank: its rank
 *
 * Returns: (transfer none) (nullable): the input of that name, else the first
 *   of that rank
 */
const RdValueInfo *
rd_session_find_input (const RdSession * session, const char *name, guint rank)
{
  return find_value (session->inputs, session->n_inputs, name, rank);
}

/**
 * rd_session_find_output:
 * @session: a network
 * @name: the output's usual name
 * @rank: its rank
 *
 * Returns: (transfer none) (nullable): the output of that name, else the first
 *   of that rank
 */
const RdValueInfo *
rd_session_find_output (const RdSession * session, const char *name, guint rank)
{
  return find_value (session->outputs, session->n_outputs, name, rank);
}

/**
 * rd_session_refuse_other_inputs:
 * @session: a network
 * @known: the inputs that will be given to it
 * @n_known: how many
 * @error: %RD_ERROR_INVALID that names the first one beside them
 *
 * Returns: whether there is no other
 */
gboolean
rd_session_refuse_other_inputs (const RdSession * session,
    const RdValueInfo * const *known, guint n_known, GError ** error)
{
  for (guint i = 0; i < session->n_inputs; i++) {
    const RdValueInfo *input = &session->inputs[i];
    g_autofree char *shape = NULL;
    gboolean found = FALSE;

    for (guint k = 0; k < n_known; k++)
      found = found || known[k] == input;
    if (found)
      continue;

    shape = rd_value_info_describe (input);
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s requires the input '%s', %s, which it is not given; export the "
        "model with `optimum-cli export onnx`", session->path, input->name,
        shape);
    return FALSE;
  }
  return TRUE;
}

/* A binding that does not fit would be noticed after the computation only, or
 * would break the bindings that follow. */
static gboolean
check_binding (const RdSession * session, const char *kind,
    const RdBinding * binding, gboolean rank_known, GError ** error)
{
  const RdValueInfo *info = binding->info;
  const RdTensor *tensor = binding->tensor;
  gboolean fits = rd_onnx_type (tensor->type) == info->type
      && (tensor->rank == info->rank || !rank_known);
  g_autofree char *wanted = NULL, *got = NULL;

  for (guint i = 0; fits && rank_known && i < info->rank; i++)
    fits = info->dims[i] < 0 || info->dims[i] == tensor->dims[i];
  if (fits)
    return TRUE;

  wanted = rd_value_info_describe (info);
  got = rd_onnx_describe (rd_onnx_type (tensor->type), tensor->rank,
      tensor->dims, NULL);
  g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
      "%s: the %s '%s' is %s, not %s; use sizes that it supports, or export it "
      "with dynamic dimensions", session->path, kind, info->name, wanted, got);
  return FALSE;
}

static gboolean
bind (RdSession * session, OrtIoBinding * io, gboolean is_input,
    const RdBinding * binding, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  const char *name = binding->info->name;
  const RdTensor *tensor = binding->tensor;
  g_autoptr (OrtValue) value = NULL;

  if (!rd_ort_check (api->CreateTensorWithDataAsOrtValue (session->memory,
              tensor->data, tensor->size, tensor->dims, tensor->rank,
              rd_onnx_type (tensor->type), &value), error, "%s: '%s'",
          session->path, name))
    return FALSE;
  return rd_ort_check (is_input ? api->BindInput (io, name, value)
      : api->BindOutput (io, name, value), error, "%s: '%s'", session->path,
      name);
}

static void
terminate (GCancellable * cancellable, OrtRunOptions * options)
{
  g_autoptr (GError) error = NULL;

  if (!rd_ort_check (rd_ort_api ()->RunOptionsSetTerminate (options), &error,
          "a network cannot be stopped"))
    g_warning ("%s", error->message);
}

static void
wake (GCancellable * cancellable, RdSession * session)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&session->lock);

  g_cond_broadcast (&session->idle);
}

/* Waits until no other thread runs @session on CUDA: with a stream of the
 * caller's, the provider's handles of cuDNN and cuBLAS belong to the session, and
 * such a handle serves one thread at a time. FALSE if cancelled before that. */
static gboolean
enter (RdSession * session, GCancellable * cancellable, GError ** error)
{
  gboolean entered;
  gulong handler;

  if (rd_device_is_cpu (session->device))
    return TRUE;
  handler = cancellable ? g_cancellable_connect (cancellable,
      G_CALLBACK (wake), session, NULL) : 0;
  g_mutex_lock (&session->lock);
  while (session->running && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&session->idle, &session->lock);
  entered = !g_cancellable_set_error_if_cancelled (cancellable, error);
  if (entered)
    session->running = TRUE;
  g_mutex_unlock (&session->lock);
  g_cancellable_disconnect (cancellable, handler);
  return entered;
}

/* The end of what enter() began. */
static void
leave (RdSession * session)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&session->lock);

  session->running = FALSE;
  g_cond_broadcast (&session->idle);
}

/**
 * rd_session_run:
 * @session: a network
 * @stream: whose tensors are bound
 * @n_inputs: number of inputs
 * @inputs: each input of @session once
 * @n_outputs: number of outputs that are wanted, at least 1
 * @outputs: they
 * @cancellable: (nullable): ends the run at the network's next node
 * @error: %RD_ERROR_SHAPE when something does not fit, the stream's failure,
 *   %RD_ERROR_NO_MEMORY, %G_IO_ERROR_CANCELLED or what ONNX Runtime reports
 *
 * On CUDA this queues the run behind the stream's other work and returns; it
 * waits for the run before last, and until no other thread is queueing a run of
 * @session. On the CPU several threads may run it at once.
 *
 * Returns: %FALSE when there is no output
 */
gboolean
rd_session_run (RdSession * session, RdStream * stream, guint n_inputs,
    const RdBinding * inputs, guint n_outputs, const RdBinding * outputs,
    GCancellable * cancellable, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  g_auto (RdDeviceContext) context G_GNUC_UNUSED =
      rd_device_keep_context (session->device);
  g_autoptr (OrtRunOptions) options = NULL;
  g_autoptr (OrtIoBinding) io = NULL;
  g_autoptr (GError) failure = NULL;
  gulong handler = 0;

  rd_stream_pace (stream);
  if (!rd_stream_check (stream, error))
    return FALSE;
  g_return_val_if_fail (n_inputs == session->n_inputs, FALSE);
  g_return_val_if_fail (stream->device == session->device, FALSE);

  options = rd_provider_run_options (session->device, error);
  if (!options
      || !rd_ort_check (api->CreateIoBinding (session->ort, &io), error, "%s",
          session->path))
    return FALSE;
  for (guint i = 0; i < n_inputs; i++)
    if (!check_binding (session, "input", &inputs[i], TRUE, error))
      return FALSE;
  for (guint i = 0; i < n_outputs; i++)
    if (!check_binding (session, "output", &outputs[i],
            outputs[i].info->rank > 0, error))
      return FALSE;
  for (guint i = 0; i < n_inputs; i++)
    if (!bind (session, io, TRUE, &inputs[i], error))
      return FALSE;
  for (guint i = 0; i < n_outputs; i++)
    if (!bind (session, io, FALSE, &outputs[i], error))
      return FALSE;

  if (!enter (session, cancellable, error))
    return FALSE;
  /* the flag stays set, so these options serve one run */
  if (cancellable)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (terminate),
        options, NULL);
  rd_ort_check (api->RunWithBinding (session->ort, options, io), &failure,
      "device %s: %s failed", session->device->name, session->path);
  g_cancellable_disconnect (cancellable, handler);
  leave (session);

  if (!failure)
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (g_error_matches (failure, RD_ERROR, RD_ERROR_NO_MEMORY))
    g_prefix_error (&failure, "there is not enough memory for this network at "
        "this size; use a smaller picture, region-crop, or fewer pictures and "
        "regions at a time: ");
  add_fault (session->device, &failure);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
