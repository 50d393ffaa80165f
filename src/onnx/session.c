/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session.h"

#include <string.h>

static const char *
type_name (ONNXTensorElementDataType type)
{
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
      return "float32";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16:
      return "float16";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16:
      return "bfloat16";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE:
      return "float64";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
      return "int32";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
      return "int64";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL:
      return "bool";
    default:
      return "another type";
  }
}

static ONNXTensorElementDataType
onnx_type (RdType type)
{
  static const ONNXTensorElementDataType types[] = {
    [RD_TYPE_F32] = ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
    [RD_TYPE_F16] = ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16,
    [RD_TYPE_I32] = ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32,
    [RD_TYPE_I64] = ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,
  };

  return types[type];
}

static char *
describe (ONNXTensorElementDataType type, guint rank, const gint64 * dims,
    char *const *symbols)
{
  GString *text = g_string_new (type_name (type));

  g_string_append (text, " [");
  for (guint i = 0; i < rank; i++) {
    if (i > 0)
      g_string_append (text, ", ");
    if (dims[i] >= 0)
      g_string_append_printf (text, "%" G_GINT64_FORMAT, dims[i]);
    else
      g_string_append (text, symbols[i][0] ? symbols[i] : "any");
  }
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

/**
 * rd_port_describe:
 * @port: an input or output
 *
 * Returns: (transfer full): type and shape, `float32 [batch, 4, height, width]`
 */
char *
rd_port_describe (const RdPort * port)
{
  return describe (port->type, port->rank, port->dims, port->symbols);
}

static void
port_clear (RdPort * port)
{
  for (guint i = 0; port->symbols && i < port->rank; i++)
    g_free (port->symbols[i]);
  g_free (port->symbols);
  g_free (port->dims);
  g_free (port->name);
}

static gboolean
read_shape (const OrtTypeInfo * info, const char *path, RdPort * port,
    GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  const OrtTensorTypeAndShapeInfo *tensor;
  g_autofree const char **symbols = NULL;
  size_t rank;

  if (!rd_ort_check (api->CastTypeInfoToTensorInfo (info, &tensor), error,
          "%s", path))
    return FALSE;
  if (!tensor) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: '%s' is no tensor; export the network again, with tensors only",
        path, port->name);
    return FALSE;
  }
  if (!rd_ort_check (api->GetTensorElementType (tensor, &port->type), error,
          "%s", path)
      || !rd_ort_check (api->GetDimensionsCount (tensor, &rank), error, "%s",
          path))
    return FALSE;

  port->dims = g_new0 (gint64, rank + 1);
  port->symbols = g_new0 (char *, rank + 1);
  symbols = g_new0 (const char *, rank + 1);
  port->rank = (guint) rank;
  if (!rd_ort_check (api->GetDimensions (tensor, port->dims, rank), error,
          "%s", path)
      || !rd_ort_check (api->GetSymbolicDimensions (tensor, symbols, rank),
          error, "%s", path))
    return FALSE;
  for (size_t i = 0; i < rank; i++)
    port->symbols[i] = g_strdup (symbols[i] ? symbols[i] : "");
  return TRUE;
}

static gboolean
read_port (OrtSession * session, const char *path, gboolean is_input,
    size_t index, RdPort * port, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  g_autoptr (OrtTypeInfo) info = NULL;
  OrtAllocator *allocator;
  char *name;

  if (!rd_ort_check (api->GetAllocatorWithDefaultOptions (&allocator), error,
          "%s", path)
      || !rd_ort_check (is_input
          ? api->SessionGetInputName (session, index, allocator, &name)
          : api->SessionGetOutputName (session, index, allocator, &name),
          error, "%s", path))
    return FALSE;
  port->name = g_strdup (name);
  allocator->Free (allocator, name);

  return rd_ort_check (is_input
      ? api->SessionGetInputTypeInfo (session, index, &info)
      : api->SessionGetOutputTypeInfo (session, index, &info), error, "%s",
      path) && read_shape (info, path, port, error);
}

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

  session->inputs = g_new0 (RdPort, n_inputs);
  session->outputs = g_new0 (RdPort, n_outputs);
  session->n_inputs = (guint) n_inputs;
  session->n_outputs = (guint) n_outputs;
  for (size_t i = 0; i < n_inputs; i++)
    if (!read_port (session->ort, session->path, TRUE, i, &session->inputs[i],
            error))
      return FALSE;
  for (size_t i = 0; i < n_outputs; i++)
    if (!read_port (session->ort, session->path, FALSE, i,
            &session->outputs[i], error))
      return FALSE;
  return TRUE;
}

/* Where @device's tensors lie, in ONNX Runtime's words. */
static OrtMemoryInfo *
device_memory (RdDevice * device, GError ** error)
{
  OrtMemoryInfo *memory = NULL;

  if (!g_str_equal (device->name, "cpu")) {
    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
        "device %s: networks run on the device 'cpu' only", device->name);
    return NULL;
  }
  rd_ort_check (rd_ort_api ()->CreateCpuMemoryInfo (OrtDeviceAllocator,
          OrtMemTypeDefault, &memory), error, "ONNX Runtime's memory");
  return memory;
}

static OrtSessionOptions *
make_options (guint threads, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  g_autoptr (OrtSessionOptions) options = NULL;

  /* ONNX Runtime's own default binds threads to cores, which fails in
   * containers; threads that spin take the cores that others work on */
  if (threads == 0)
    threads = g_get_num_processors ();
  if (!rd_ort_check (api->CreateSessionOptions (&options), error, "options")
      || !rd_ort_check (api->SetIntraOpNumThreads (options, (int) threads),
          error, "%u threads", threads)
      || !rd_ort_check (api->SetInterOpNumThreads (options, 1), error,
          "options")
      || !rd_ort_check (api->AddSessionConfigEntry (options,
              "session.intra_op.allow_spinning", "0"), error, "options"))
    return NULL;
  return g_steal_pointer (&options);
}

/**
 * rd_session_new:
 * @path: an ONNX file; weights may lie in files beside it
 * @device: where it shall run
 * @threads: number of threads for one run, 0 for as many as there are
 *   processors
 * @error: %RD_ERROR_NOT_FOUND, %RD_ERROR_INVALID for a damaged file, or what
 *   ONNX Runtime reports
 *
 * Takes seconds to minutes for large networks and cannot be cancelled.
 *
 * Returns: (transfer full) (nullable): the network
 */
RdSession *
rd_session_new (const char *path, RdDevice * device, guint threads,
    GError ** error)
{
  g_autoptr (RdSession) session = NULL;
  g_autoptr (OrtSessionOptions) options = NULL;
  OrtEnv *env = rd_ort_env (error);

  if (!env)
    return NULL;

  session = g_new0 (RdSession, 1);
  session->path = g_strdup (path);
  session->device_memory = device_memory (device, error);
  options = session->device_memory ? make_options (threads, error) : NULL;
  if (!options || !rd_ort_check (rd_ort_api ()->CreateCpuMemoryInfo
          (OrtDeviceAllocator, OrtMemTypeDefault, &session->host_memory), error,
          "ONNX Runtime's memory"))
    return NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
        "%s: no such file; export this part of the model, or copy it there",
        path);
    return NULL;
  }
  if (!rd_ort_check (rd_ort_api ()->CreateSession (env, path, options,
              &session->ort), error, "%s cannot be loaded; if it is damaged or "
          "incomplete, copy it there again", path)
      || !read_ports (session, error))
    return NULL;
  return g_steal_pointer (&session);
}

void
rd_session_free (RdSession * session)
{
  const OrtApi *api = rd_ort_api ();

  for (guint i = 0; i < session->n_inputs; i++)
    port_clear (&session->inputs[i]);
  for (guint i = 0; i < session->n_outputs; i++)
    port_clear (&session->outputs[i]);
  g_free (session->inputs);
  g_free (session->outputs);
  api->ReleaseSession (session->ort);
  api->ReleaseMemoryInfo (session->device_memory);
  api->ReleaseMemoryInfo (session->host_memory);
  g_free (session->path);
  g_free (session);
}

static const RdPort *
find_port (const RdPort * ports, guint n, const char *name, guint rank)
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
const RdPort *
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
const RdPort *
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
    const RdPort * const *known, guint n_known, GError ** error)
{
  for (guint i = 0; i < session->n_inputs; i++) {
    const RdPort *port = &session->inputs[i];
    g_autofree char *shape = NULL;
    gboolean found = FALSE;

    for (guint k = 0; k < n_known; k++)
      found = found || known[k] == port;
    if (found)
      continue;

    shape = rd_port_describe (port);
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

/**
 * rd_session_check_float:
 * @session: a network
 * @port: one of its inputs or outputs
 * @error: %RD_ERROR_INVALID
 *
 * Returns: whether its type is one that latents and pictures can have
 */
gboolean
rd_session_check_float (const RdSession * session, const RdPort * port,
    GError ** error)
{
  if (port->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT
      || port->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16)
    return TRUE;

  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s: '%s' is %s; export the network with float32 or float16",
      session->path, port->name, type_name (port->type));
  return FALSE;
}

/**
 * rd_port_float_type:
 * @port: an input or output that rd_session_check_float() accepts
 *
 * Returns: its element type
 */
RdType
rd_port_float_type (const RdPort * port)
{
  return port->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16
      ? RD_TYPE_F16 : RD_TYPE_F32;
}

/**
 * rd_binding_tensor:
 * @port: an input or output
 * @tensor: its memory, on the session's device
 *
 * Returns: the pair
 */
RdBinding
rd_binding_tensor (const RdPort * port, const RdTensor * tensor)
{
  RdBinding binding = { port, FALSE, onnx_type (tensor->type), tensor->rank,
    {0}, tensor->data, tensor->size
  };

  memcpy (binding.dims, tensor->dims, sizeof binding.dims);
  return binding;
}

/**
 * rd_binding_host:
 * @port: an input
 * @rank: number of dimensions
 * @dims: their sizes
 * @data: values of the port's own type in host memory
 * @size: bytes of them
 *
 * Returns: the pair
 */
RdBinding
rd_binding_host (const RdPort * port, guint rank, const gint64 * dims,
    gpointer data, gsize size)
{
  RdBinding binding = { port, TRUE, port->type, rank, {0}, data, size };

  for (guint i = 0; i < rank; i++)
    binding.dims[i] = dims[i];
  return binding;
}

/* A binding that does not fit would be noticed after the computation only, or
 * would break the bindings that follow. */
static gboolean
check_binding (const RdSession * session, const char *kind,
    const RdBinding * binding, gboolean rank_known, GError ** error)
{
  const RdPort *port = binding->port;
  gboolean fits = binding->type == port->type
      && (binding->rank == port->rank || !rank_known);
  g_autofree char *wanted = NULL, *got = NULL;

  for (guint i = 0; fits && rank_known && i < port->rank; i++)
    fits = port->dims[i] < 0 || port->dims[i] == binding->dims[i];
  if (fits)
    return TRUE;

  wanted = rd_port_describe (port);
  got = describe (binding->type, binding->rank, binding->dims, NULL);
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
  g_autoptr (OrtValue) value = NULL;

  if (!rd_ort_check (api->CreateTensorWithDataAsOrtValue (binding->on_host
              ? session->host_memory : session->device_memory, binding->data,
              binding->size, binding->dims, binding->rank, binding->type,
              &value), error, "%s: '%s'", session->path, name))
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

  if (!rd_stream_check (stream, error))
    return FALSE;
  g_return_val_if_fail (n_inputs == session->n_inputs, FALSE);

  if (!rd_ort_check (api->CreateRunOptions (&options), error, "%s",
          session->path)
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
      "%s failed", session->path);
  g_cancellable_disconnect (cancellable, handler);

  if (!failure)
    return TRUE;
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
