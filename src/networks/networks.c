/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "networks/networks.h"

#include <string.h>

#include "base/error.h"

#define USUAL_NAME "model.onnx"
#define SUFFIX ".onnx"

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Names of the networks in a folder, sorted. */
static GPtrArray *
list_networks (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, SUFFIX))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/**
 * rd_network_find:
 * @folder: of one network
 * @error: %RD_ERROR_INVALID: there are several, none of them `model.onnx`
 *
 * Returns: (transfer full) (nullable): the path of `model.onnx` or, where there is
 *   none, of the only file that ends with `.onnx`, such as `model_fp16.onnx`
 */
char *
rd_network_find (const char *folder, GError ** error)
{
  g_autofree char *usual = g_build_filename (folder, USUAL_NAME, NULL);
  g_autoptr (GPtrArray) names = NULL;
  g_autofree char *list = NULL;

  if (g_file_test (usual, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&usual);
  names = list_networks (folder);
  if (names->len == 0)
    return g_steal_pointer (&usual);
  if (names->len == 1)
    return g_build_filename (folder, names->pdata[0], NULL);
  g_ptr_array_add (names, NULL);
  list = g_strjoinv (", ", (char **) names->pdata);
  g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
      "%s has no " USUAL_NAME ", but %s; rename the one to use, or link to it "
      "by that name", folder, list);
  return NULL;
}

/**
 * rd_runtime_backend:
 * @runtime: where and how networks shall run
 *
 * Returns: (transfer none): what runs them
 */
const RdBackend *
rd_runtime_backend (const RdRuntime * runtime)
{
  return rd_onnx_backend ();
}

/**
 * rd_runtime_choose_device:
 * @name: `auto`, or a device as of rd_device_get()
 * @reason: (out) (nullable): why `auto` is the CPU and no CUDA device; %NULL
 *   where that is no question, as in a build without CUDA
 * @error: %RD_ERROR_NOT_FOUND: what is missing for a device that was named
 *
 * `auto` is the first CUDA device if networks can run there, else the CPU. The
 * first time that may load the libraries that it takes and run a smallest
 * network.
 *
 * Returns: (transfer none) (nullable): the device
 */
RdDevice *
rd_runtime_choose_device (const char *name, char **reason, GError ** error)
{
  const gboolean is_auto = g_str_equal (name, "auto");
  g_autoptr (GError) missing = NULL;
  RdRuntime runtime = { NULL };

  *reason = NULL;
  if (is_auto && !rd_device_cuda_class ())
    return rd_device_get ("cpu", error);

  if (!is_auto) {
    runtime.device = rd_device_get (name, error);
    return runtime.device && rd_runtime_backend (&runtime)->has_device
        (runtime.device, error) ? runtime.device : NULL;
  }
  runtime.device = rd_device_get ("cuda", &missing);
  if (runtime.device && rd_runtime_backend (&runtime)->try_device
      (runtime.device, &missing))
    return runtime.device;
  *reason = g_strdup (missing->message);
  return rd_device_get ("cpu", error);
}

/* The backend, once it is known that it runs networks there: what is missing for
 * them all is not the fault of the first one. */
static const RdBackend *
ready_backend (const RdRuntime * runtime, GError ** error)
{
  const RdBackend *backend = rd_runtime_backend (runtime);

  return backend->try_device (runtime->device, error) ? backend : NULL;
}

/**
 * rd_denoiser_open:
 * @path: a network's file
 * @runtime: where to run it
 * @prediction: (transfer none): how it was trained
 * @channels: C of its latents
 * @multiple: H and W of its latents must be multiples of this
 * @error: %RD_ERROR_NOT_FOUND, %RD_ERROR_INVALID for a damaged file or a network
 *   of another kind, what is missing for the device, or what the backend reports
 *
 * Takes seconds to minutes for large networks and cannot be cancelled.
 *
 * Returns: (transfer full) (nullable): the network
 */
RdDenoiser *
rd_denoiser_open (const char *path, const RdRuntime * runtime,
    RdPrediction * prediction, guint channels, guint multiple, GError ** error)
{
  const RdBackend *backend = ready_backend (runtime, error);

  return backend ? backend->open_denoiser (path, runtime,
      prediction, channels, multiple, error) : NULL;
}

/**
 * rd_text_encoder_open:
 * @path: a network's file
 * @runtime: where to run it
 * @outputs: what is wanted of it
 * @error: as of rd_denoiser_open()
 *
 * Takes seconds for large networks and cannot be cancelled.
 *
 * Returns: (transfer full) (nullable): the network
 */
RdTextEncoder *
rd_text_encoder_open (const char *path, const RdRuntime * runtime,
    const RdTextOutputs * outputs, GError ** error)
{
  const RdBackend *backend = ready_backend (runtime, error);

  return backend ? backend->open_text_encoder (path, runtime, outputs,
      error) : NULL;
}

/**
 * rd_vae_open:
 * @path: the file of an encoder or a decoder
 * @runtime: where to run it
 * @channels_in: channels of what it takes
 * @channels_out: channels of what it gives; a network that gives twice as many
 *   gives a normal distribution's means and logarithms of variance, of which
 *   the means are used
 * @error: as of rd_denoiser_open()
 *
 * Takes seconds for large networks and cannot be cancelled.
 *
 * Returns: (transfer full) (nullable): the network
 */
RdVae *
rd_vae_open (const char *path, const RdRuntime * runtime, guint channels_in,
    guint channels_out, GError ** error)
{
  const RdBackend *backend = ready_backend (runtime, error);

  return backend ? backend->open_vae (path, runtime, channels_in,
      channels_out, error) : NULL;
}
