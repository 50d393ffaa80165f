/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "networks/runtime.h"

static RdDevice *
try_cuda (GError ** error)
{
  RdDevice *device = rd_device_get ("cuda", error);

  return device && rd_runtime_try_device (device, error) ? device : NULL;
}

/**
 * rd_runtime_choose_device:
 * @name: `auto`, or a device as of rd_device_get()
 * @reason: (out) (nullable): why `auto` is the CPU and no CUDA device; %NULL
 *   where that is no question, as in a build without CUDA
 * @error: %RD_ERROR_NOT_FOUND: what is missing for a device that was named
 *
 * `auto` is the first CUDA device if networks can run there, else the CPU. The
 * first time that may load the libraries that it takes.
 *
 * Returns: (transfer none) (nullable): the device
 */
RdDevice *
rd_runtime_choose_device (const char *name, char **reason, GError ** error)
{
  g_autoptr (GError) missing = NULL;
  RdDevice *device;

  *reason = NULL;
  if (!g_str_equal (name, "auto")) {
    device = rd_device_get (name, error);
    return device && rd_runtime_has_device (device, error) ? device : NULL;
  }
  if (!rd_device_cuda_class ())
    return rd_device_get ("cpu", error);
  device = try_cuda (&missing);
  if (device)
    return device;
  *reason = g_strdup (missing->message);
  return rd_device_get ("cpu", error);
}
