/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "onnx/session.h"

#include "onnx/provider.h"

static gboolean
read_ports (RdSession * session, GError ** error)
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
    if (!rd_value_info_read (&session->inputs[i], session->ort, session->path, TRUE,
            i, error))
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
  OrtEnv *env = rd_ort_env (error);

  if (!env)
    return NULL;

  session = g_new0 (RdSession, 1);
  session->path = g_strdup (path);
  session->device = runtime->device;
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
        "%s: no such file; export this part of the model, or copy it there",
        path);
    return NULL;
  }
  session->memory = rd_provider_memory (runtime->device, error);
  options = session->memory ? make_options (runtime, error) : NULL;
  if (!options)
    return NULL;
  if (!rd_ort_check (rd_ort_api ()->CreateSession (env, path, options,
              &session->ort), error, "device %s: %s cannot be loaded; if it is "
          "damaged or incomplete, copy it there again", runtime->device->name,
          path)
      || !read_ports (session, error))
    return NULL;
  return g_steal_pointer (&session);
}

void
rd_session_free (RdSession * session)
{
  const OrtApi *api = rd_ort_api ();

  for (guint i = 0; i < session->n_inputs; i++)
    rd_value_info_clear (&session->inputs[i]);
  for (guint i = 0; i < session->n_outputs; i++)
    rd_value_info_clear (&session->outputs[i]);
  g_free (session->inputs);
  g_free (session->outputs);
  api->ReleaseSession (session->ort);
  api->ReleaseMemoryInfo (session->memory);
  g_free (session->path);
  g_free (session);
}

static const RdValueInfo *
find_port (const RdValueInfo * ports, guint n, const char *name, guint rank)
{
  for (guint i = 0; i < n; i++)
    if (g_str_equal (ports[i].name, name))
      return &ports[i];
  for (guint i = 0; i < n; i++)
    if (ports[i].rank == rank)
      return &ports[i];
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
  return find_port (session->inputs, session->n_inputs, name, rank);
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
rd_session_find_output (const RdSession * session, const char *name,
    guint rank)
{
  return find_port (session->outputs, session->n_outputs, name, rank);
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
    const RdValueInfo *port = &session->inputs[i];
    g_autofree char *shape = NULL;
    gboolean found = FALSE;

    for (guint k = 0; k < n_known; k++)
      found = found || known[k] == port;
    if (found)
      continue;

    shape = rd_value_info_describe (port);
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s wants the input '%s', %s, which %s; use a Stable Diffusion 1 or 2 "
        "model", session->path, port->name, shape,
        g_str_equal (port->name, "text_embeds")
        || g_str_equal (port->name, "time_ids")
        ? "Stable Diffusion XL has and is not supported" : "is not known");
    return FALSE;
  }
  return TRUE;
}
