/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* ONNX Runtime's CUDA and TensorRT providers on the CPU: its function table
 * with some functions replaced, the linker's --wrap puts it in place. A session
 * for the device is one for the CPU that runs when all is done that its stream
 * has queued before; what it gives appears when the stream gets there. What the
 * providers are told is checked. */

#include "cudacpu.h"

#include <glib.h>
#include <onnxruntime_c_api.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "cuda_runtime.h"

struct OrtCUDAProviderOptionsV2
{
  std::string ordinal;
  cudaStream_t stream = nullptr;
};

struct OrtTensorRTProviderOptionsV2
{
  std::string ordinal, cache, timing_cache;
  cudaStream_t stream = nullptr;
};

namespace
{

struct Memory
{
  void *data;
  size_t size;
  int ordinal;
};

struct Binding
{
  cudaStream_t stream;
  std::vector<Memory> outputs;
};

struct Ort
{
  std::mutex lock;
  CudaCpuProvider provider = CUDACPU_PROVIDER_WORKS;
  unsigned n_runs = 0;
  std::string engine_cache;
  std::map<const OrtSessionOptions *, cudaStream_t> options;
  std::map<const OrtSession *, cudaStream_t> sessions;
  std::map<const OrtMemoryInfo *, int> infos;   /* ordinals */
  std::map<const OrtValue *, Memory> values;
  std::map<const OrtIoBinding *, Binding> bindings;
  std::set<const OrtRunOptions *> lazy_runs;
  std::set<const OrtSession *> running;
  size_t n_provider_options = 0;
};

Ort ort;
const OrtApiBase *real_base;
const OrtApi *real;
OrtApi table;

using Guard = std::lock_guard<std::mutex>;

OrtStatusPtr
refuse (const std::string &message)
{
  return real->CreateStatus (ORT_INVALID_ARGUMENT, message.c_str ());
}

/* The stream that something is on, or null. */
template <typename Map, typename Key>
cudaStream_t
find_stream (const Map &map, Key key)
{
  Guard guard (ort.lock);
  auto found = map.find (key);

  return found == map.end () ? nullptr : found->second;
}

OrtStatusPtr ORT_API_CALL
get_available_providers (char ***names, int *n) noexcept
{
  char **own;
  int n_own;
  OrtStatusPtr status = real->GetAvailableProviders (&own, &n_own);
  const bool absent = ort.provider == CUDACPU_PROVIDER_ABSENT;

  if (status)
    return status;
  *n = n_own + (absent ? 0 : 2);
  *names = (char **) std::calloc (*n, sizeof (char *));
  for (int i = 0; i < n_own; i++)
    (*names)[i] = strdup (own[i]);
  if (!absent) {
    (*names)[n_own] = strdup ("TensorrtExecutionProvider");
    (*names)[n_own + 1] = strdup ("CUDAExecutionProvider");
  }
  return real->ReleaseAvailableProviders (own, n_own);
}

OrtStatusPtr ORT_API_CALL
release_available_providers (char **names, int n) noexcept
{
  for (int i = 0; i < n; i++)
    std::free (names[i]);
  std::free (names);
  return nullptr;
}

template <typename Options>
OrtStatusPtr ORT_API_CALL
create_options (Options **out) noexcept
{
  if (ort.provider == CUDACPU_PROVIDER_ABSENT)
    return real->CreateStatus (ORT_FAIL, "not enabled in this build");
  *out = new Options;
  Guard guard (ort.lock);
  ort.n_provider_options++;
  return nullptr;
}

/* Options are what a provider's library is loaded for first. */
OrtStatusPtr
load (const char *library, const char *missing)
{
  return real->CreateStatus (ORT_FAIL, (std::string ("Failed to load library "
              "libonnxruntime_providers_") + library + ".so with error: "
          + missing + ": cannot open shared object file").c_str ());
}

template <typename Options>
void ORT_API_CALL
release_options (Options *options) noexcept
{
  delete options;
  Guard guard (ort.lock);
  ort.n_provider_options--;
}

/* Each call starts anew, as the real ones do. */
OrtStatusPtr ORT_API_CALL
update_cuda (OrtCUDAProviderOptionsV2 *options, const char *const *keys,
    const char *const *values, size_t n) noexcept
{
  static const std::map<std::string, std::string> known = {
    {"cudnn_conv_algo_search", "HEURISTIC"},
    {"arena_extend_strategy", "kSameAsRequested"},
    {"use_tf32", "0"},
  };

  if (ort.provider == CUDACPU_PROVIDER_BROKEN)
    return load ("cuda", "libcudnn.so.9");
  *options = { };
  for (size_t i = 0; i < n; i++) {
    const std::string key = keys[i], value = values[i];
    auto found = known.find (key);

    if (key == "use_tf32" && ort.provider == CUDACPU_PROVIDER_OLD)
      return refuse ("unknown provider option " + key);
    if (key == "device_id")
      options->ordinal = value;
    else if (found == known.end () || found->second != value)
      return refuse ("provider option " + key + " is " + value);
  }
  return nullptr;
}

OrtStatusPtr ORT_API_CALL
update_tensorrt (OrtTensorRTProviderOptionsV2 *options,
    const char *const *keys, const char *const *values, size_t n) noexcept
{
  if (ort.provider == CUDACPU_PROVIDER_BROKEN
      || ort.provider == CUDACPU_PROVIDER_NO_TENSORRT)
    return load ("tensorrt", "libnvinfer.so.10");
  *options = { };
  for (size_t i = 0; i < n; i++) {
    const std::string key = keys[i], value = values[i];

    if (key == "device_id")
      options->ordinal = value;
    else if (key == "trt_engine_cache_path")
      options->cache = value;
    else if (key == "trt_timing_cache_path")
      options->timing_cache = value;
    else if ((key != "trt_engine_cache_enable"
            && key != "trt_timing_cache_enable") || value != "1")
      return refuse ("provider option " + key + " is " + value);
  }
  return nullptr;
}

template <typename Options>
OrtStatusPtr ORT_API_CALL
set_stream (Options *options, const char *key, void *value) noexcept
{
  if (std::strcmp (key, "user_compute_stream") != 0 || !value)
    return refuse (std::string ("provider option ") + key);
  options->stream = (cudaStream_t) value;
  return nullptr;
}

template <typename Options>
OrtStatusPtr
append (OrtSessionOptions *to, const Options *options)
{
  Guard guard (ort.lock);

  if (!options->stream || options->ordinal
      != std::to_string (cudacpu::device_of (options->stream)))
    return refuse ("a provider without a stream of its device");
  ort.options[to] = options->stream;
  return nullptr;
}

OrtStatusPtr ORT_API_CALL
append_cuda (OrtSessionOptions *to,
    const OrtCUDAProviderOptionsV2 *options) noexcept
{
  return append (to, options);
}

OrtStatusPtr ORT_API_CALL
append_tensorrt (OrtSessionOptions *to,
    const OrtTensorRTProviderOptionsV2 *options) noexcept
{
  if (options->timing_cache != options->cache)
    return refuse ("two folders for TensorRT");
  ort.engine_cache = options->cache;
  return append (to, options);
}

void ORT_API_CALL
release_session_options (OrtSessionOptions *options) noexcept
{
  {
    Guard guard (ort.lock);

    ort.options.erase (options);
  }
  real->ReleaseSessionOptions (options);
}

/* What loads or runs on the device fails when it is its turn, as calls of the
 * runtime do. It leaves the thread there. */
OrtStatusPtr
take_turn (cudaStream_t stream, bool *lost)
{
  const cudaError_t error = cudacpu::begin_call (stream, lost);

  cudacpu::use_device_of (stream);
  return error == cudaSuccess ? nullptr : real->CreateStatus (ORT_FAIL,
      (std::string ("CUDA failure: ") + cudaGetErrorString (error)).c_str ());
}

/* A session of @options, for which @create makes one for the CPU. */
template <typename Create>
OrtStatusPtr
make_session (const OrtSessionOptions *options, OrtSession **out,
    const Create &create)
{
  cudaStream_t stream = find_stream (ort.options, options);
  OrtStatusPtr status = stream ? take_turn (stream, nullptr) : nullptr;

  if (!status)
    status = create ();
  if (!status && stream) {
    Guard guard (ort.lock);

    ort.sessions[*out] = stream;
  }
  return status;
}

OrtStatusPtr ORT_API_CALL
create_session (const OrtEnv *env, const char *path,
    const OrtSessionOptions *options, OrtSession **out) noexcept
{
  return make_session (options, out, [&] {
    return real->CreateSession (env, path, options, out);
  });
}

OrtStatusPtr ORT_API_CALL
create_session_from_array (const OrtEnv *env, const void *data, size_t size,
    const OrtSessionOptions *options, OrtSession **out) noexcept
{
  return make_session (options, out, [&] {
    return real->CreateSessionFromArray (env, data, size, options, out);
  });
}

void ORT_API_CALL
release_session (OrtSession *session) noexcept
{
  cudaStream_t stream = find_stream (ort.sessions, session);

  if (stream)
    cudacpu::use_device_of (stream);
  {
    Guard guard (ort.lock);

    ort.sessions.erase (session);
  }
  real->ReleaseSession (session);
}

OrtStatusPtr ORT_API_CALL
create_memory_info (const char *name, OrtAllocatorType type, int id,
    OrtMemType memory_type, OrtMemoryInfo **out) noexcept
{
  OrtStatusPtr status;

  if (std::strcmp (name, "Cuda") != 0)
    return real->CreateMemoryInfo (name, type, id, memory_type, out);
  status = real->CreateCpuMemoryInfo (type, memory_type, out);
  if (!status) {
    Guard guard (ort.lock);

    ort.infos[*out] = id;
  }
  return status;
}

void ORT_API_CALL
release_memory_info (OrtMemoryInfo *info) noexcept
{
  {
    Guard guard (ort.lock);

    ort.infos.erase (info);
  }
  real->ReleaseMemoryInfo (info);
}

OrtStatusPtr ORT_API_CALL
create_tensor (const OrtMemoryInfo *info, void *data, size_t size,
    const int64_t *dims, size_t rank, ONNXTensorElementDataType type,
    OrtValue **out) noexcept
{
  OrtStatusPtr status = real->CreateTensorWithDataAsOrtValue (info, data, size,
      dims, rank, type, out);
  Guard guard (ort.lock);
  auto device = ort.infos.find (info);

  if (!status && device != ort.infos.end ())
    ort.values[*out] = {data, size, device->second};
  return status;
}

void ORT_API_CALL
release_value (OrtValue *value) noexcept
{
  {
    Guard guard (ort.lock);

    ort.values.erase (value);
  }
  real->ReleaseValue (value);
}

OrtStatusPtr ORT_API_CALL
create_binding (OrtSession *session, OrtIoBinding **out) noexcept
{
  cudaStream_t stream = find_stream (ort.sessions, session);
  OrtStatusPtr status = real->CreateIoBinding (session, out);

  if (!status && stream) {
    Guard guard (ort.lock);

    ort.bindings[*out] = {stream, { }};
  }
  return status;
}

void ORT_API_CALL
release_binding (OrtIoBinding *binding) noexcept
{
  {
    Guard guard (ort.lock);

    ort.bindings.erase (binding);
  }
  real->ReleaseIoBinding (binding);
}

/* Whether a value is where its session is; outputs are remembered. */
OrtStatusPtr
note (OrtIoBinding *binding, const char *name, const OrtValue *value,
    bool is_output)
{
  Guard guard (ort.lock);
  auto on_device = ort.bindings.find (binding);
  auto memory = ort.values.find (value);

  if (on_device == ort.bindings.end ())
    return memory == ort.values.end () ? nullptr
        : refuse (std::string (name) + " is in a device's memory");
  if (memory == ort.values.end ()
      || memory->second.ordinal
      != cudacpu::device_of (on_device->second.stream)
      || !cudacpu::is_device (on_device->second.stream, memory->second.data,
          memory->second.size))
    return refuse (std::string (name) + " is not in the device's memory");
  if (is_output)
    on_device->second.outputs.push_back (memory->second);
  return nullptr;
}

OrtStatusPtr ORT_API_CALL
bind_input (OrtIoBinding *binding, const char *name,
    const OrtValue *value) noexcept
{
  OrtStatusPtr status = note (binding, name, value, false);

  return status ? status : real->BindInput (binding, name, value);
}

OrtStatusPtr ORT_API_CALL
bind_output (OrtIoBinding *binding, const char *name,
    const OrtValue *value) noexcept
{
  OrtStatusPtr status = note (binding, name, value, true);

  return status ? status : real->BindOutput (binding, name, value);
}

OrtStatusPtr ORT_API_CALL
add_run_entry (OrtRunOptions *options, const char *key,
    const char *value) noexcept
{
  Guard guard (ort.lock);

  if (std::strcmp (key, "disable_synchronize_execution_providers") == 0
      && std::strcmp (value, "1") == 0)
    ort.lazy_runs.insert (options);
  return real->AddRunConfigEntry (options, key, value);
}

void ORT_API_CALL
release_run_options (OrtRunOptions *options) noexcept
{
  {
    Guard guard (ort.lock);

    ort.lazy_runs.erase (options);
  }
  real->ReleaseRunOptions (options);
}

/* Takes what a run has written away until the stream gets there. */
void
delay (cudaStream_t stream, const Memory &output)
{
  const char *data = (const char *) output.data;
  std::vector<char> values (data, data + output.size);

  std::memset (output.data, 0xcd, output.size);
  cudacpu::enqueue (stream, [output, values = std::move (values)] {
    std::memcpy (output.data, values.data (), values.size ());
  });
}

/* That a session is running, until the end of a block. */
class Running
{
public:
  explicit Running (const OrtSession *which) : session (which) { }

  ~Running ()
  {
    Guard guard (ort.lock);

    ort.running.erase (session);
  }

private:
  const OrtSession *session;
};

/* A fault that no later call survives, by the name that cuDNN gives it. */
OrtStatusPtr
lose_device (cudaStream_t stream)
{
  const CudaCpuFault fault = { 1, cudaErrorIllegalAddress, 1, 0 };

  cudacpu_set_fault (&fault);
  cudacpu::begin_call (stream);
  return real->CreateStatus (ORT_FAIL, "Non-zero status code returned while "
      "running Conv node. CUDNN failure 5003: CUDNN_STATUS_EXECUTION_FAILED");
}

OrtStatusPtr ORT_API_CALL
run (OrtSession *session, const OrtRunOptions *options,
    const OrtIoBinding *binding) noexcept
{
  cudaStream_t stream = find_stream (ort.sessions, session);
  OrtStatusPtr status = nullptr;
  std::vector<Memory> outputs;
  bool lost = false;

  if (!stream)
    return real->RunWithBinding (session, options, binding);
  /* the probe has a convolution, and no other network is run before it */
  if (ort.provider == CUDACPU_PROVIDER_NO_CUDNN)
    return real->CreateStatus (ORT_FAIL, "Non-zero status code returned while "
        "running Conv node. CUDNN failure: libcudnn.so.9: cannot open shared "
        "object file: No such file or directory");
  {
    Guard guard (ort.lock);

    if (!ort.lazy_runs.count (options))
      return refuse ("a run that waits for the device");
    /* whose handles would be used by two threads */
    if (!ort.running.insert (session).second)
      cudacpu::misuse ("a session that two threads run at once");
    outputs = ort.bindings[binding].outputs;
    ort.n_runs++;
  }
  Running running (session);
  if (ort.provider == CUDACPU_PROVIDER_LOSES_DEVICE)
    return lose_device (stream);
  status = take_turn (stream, &lost);
  if (status)
    return status;
  cudacpu::run_now (stream, [&] {
    if (lost)
      for (const Memory &output : outputs)
        std::memset (output.data, 0xcd, output.size);
    else
      status = real->RunWithBinding (session, options, binding);
    if (!status)
      for (const Memory &output : outputs)
        delay (stream, output);
  });
  return status;
}

const OrtApi *ORT_API_CALL
get_api (uint32_t version) noexcept;

const char *ORT_API_CALL
get_version (void) noexcept;

}

extern "C"
{

const OrtApiBase *__real_rd_ort_library (GError ** error);

const OrtApiBase *
__wrap_rd_ort_library (GError ** error)
{
  static const OrtApiBase base = {get_api, get_version};

  real_base = __real_rd_ort_library (error);
  return real_base ? &base : nullptr;
}

}

namespace
{

const OrtApi *ORT_API_CALL
get_api (uint32_t version) noexcept
{
  Guard guard (ort.lock);

  real = real_base->GetApi (version);
  if (!real)
    return nullptr;
  /* as long as that version's */
  std::memcpy ((void *) &table, (const void *) real, sizeof table);
  table.GetAvailableProviders = get_available_providers;
  table.ReleaseAvailableProviders = release_available_providers;
  table.CreateCUDAProviderOptions = create_options;
  table.ReleaseCUDAProviderOptions = release_options;
  table.UpdateCUDAProviderOptions = update_cuda;
  table.UpdateCUDAProviderOptionsWithValue = set_stream;
  table.SessionOptionsAppendExecutionProvider_CUDA_V2 = append_cuda;
  table.CreateTensorRTProviderOptions = create_options;
  table.ReleaseTensorRTProviderOptions = release_options;
  table.UpdateTensorRTProviderOptions = update_tensorrt;
  table.UpdateTensorRTProviderOptionsWithValue = set_stream;
  table.SessionOptionsAppendExecutionProvider_TensorRT_V2 = append_tensorrt;
  table.ReleaseSessionOptions = release_session_options;
  table.CreateSession = create_session;
  table.CreateSessionFromArray = create_session_from_array;
  table.ReleaseSession = release_session;
  table.CreateMemoryInfo = create_memory_info;
  table.ReleaseMemoryInfo = release_memory_info;
  table.CreateTensorWithDataAsOrtValue = create_tensor;
  table.ReleaseValue = release_value;
  table.CreateIoBinding = create_binding;
  table.ReleaseIoBinding = release_binding;
  table.BindInput = bind_input;
  table.BindOutput = bind_output;
  table.AddRunConfigEntry = add_run_entry;
  table.ReleaseRunOptions = release_run_options;
  table.RunWithBinding = run;
  return &table;
}

const char *ORT_API_CALL
get_version (void) noexcept
{
  return real_base->GetVersionString ();
}

}

void
cudacpu_set_provider (CudaCpuProvider provider)
{
  ort.provider = provider;
}

unsigned
cudacpu_n_runs (void)
{
  return ort.n_runs;
}

/* Of what the device's sessions need and somebody has to release. */
size_t
cudacpu_n_objects (void)
{
  Guard guard (ort.lock);

  return ort.options.size () + ort.sessions.size () + ort.infos.size ()
      + ort.values.size () + ort.bindings.size () + ort.lazy_runs.size ()
      + ort.n_provider_options;
}

const char *
cudacpu_engine_cache (void)
{
  return ort.engine_cache.c_str ();
}
