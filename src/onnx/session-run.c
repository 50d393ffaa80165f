/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "onnx/session.h"

#include "onnx/provider.h"

/* A binding that does not fit would be noticed after the computation only, or
 * would break the bindings that follow. */
static gboolean
check_binding (const RdSession * session, const char *kind,
    const RdBinding * binding, gboolean rank_known, GError ** error)
{
  const RdValueInfo *port = binding->port;
  const RdTensor *tensor = binding->tensor;
  gboolean fits = rd_onnx_type (tensor->type) == port->type
      && (tensor->rank == port->rank || !rank_known);
  g_autofree char *wanted = NULL, *got = NULL;

  for (guint i = 0; fits && rank_known && i < port->rank; i++)
    fits = port->dims[i] < 0 || port->dims[i] == tensor->dims[i];
  if (fits)
    return TRUE;

  wanted = rd_value_info_describe (port);
  got = rd_onnx_describe (rd_onnx_type (tensor->type), tensor->rank,
      tensor->dims, NULL);
  g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
      "%s: the %s '%s' is %s, not %s; use sizes that it has, or export it with "
      "free dimensions", session->path, kind, port->name, wanted, got);
  return FALSE;
}

static gboolean
bind (RdSession * session, OrtIoBinding * io, gboolean is_input,
    const RdBinding * binding, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  const char *name = binding->port->name;
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

/**
 * rd_session_run:
 * @session: a network
 * @stream: whose tensors are bound
 * @n_inputs: number of inputs
 * @inputs: each input of @session once
 * @output: the one output that is wanted
 * @cancellable: (nullable): ends the run at the network's next node
 * @error: %RD_ERROR_SHAPE when something does not fit, the stream's failure,
 *   %G_IO_ERROR_CANCELLED or what ONNX Runtime reports
 *
 * On CUDA this queues the run behind the stream's other work and returns; it
 * waits for the run before last.
 *
 * Returns: %FALSE when there is no output
 */
gboolean
rd_session_run (RdSession * session, RdStream * stream, guint n_inputs,
    const RdBinding * inputs, const RdBinding * output,
    GCancellable * cancellable, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
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
  if (!check_binding (session, "output", output, output->port->rank > 0,
          error))
    return FALSE;
  for (guint i = 0; i < n_inputs; i++)
    if (!bind (session, io, TRUE, &inputs[i], error))
      return FALSE;
  if (!bind (session, io, FALSE, output, error))
    return FALSE;

  /* the flag stays set, so these options serve one run */
  if (cancellable)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (terminate),
        options, NULL);
  rd_ort_check (api->RunWithBinding (session->ort, options, io), &failure,
      "device %s: %s failed", session->device->name, session->path);
  g_cancellable_disconnect (cancellable, handler);

  if (!failure)
    return TRUE;
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
