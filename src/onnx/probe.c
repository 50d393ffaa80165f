/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "onnx/probe.h"

#include "onnx/cuda-libraries.h"
#include "onnx/probe-network.h"
#include "onnx/provider.h"
#include "onnx/session.h"

#define SIDE RD_PROBE_NETWORK_SIDE

/* The devices on which it ran, for the rest of the process. */
static GMutex lock;
static GPtrArray *devices_that_work;

static gboolean
is_known (RdDevice * device)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&lock);

  return devices_that_work && g_ptr_array_find (devices_that_work, device,
      NULL);
}

static void
remember (RdDevice * device)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&lock);

  if (!devices_that_work)
    devices_that_work = g_ptr_array_new ();
  if (!g_ptr_array_find (devices_that_work, device, NULL))
    g_ptr_array_add (devices_that_work, device);
}

/* What helps where the network could not be run; where the device itself is at
 * fault, the message says what helps already. */
static void
explain (RdStream * stream, GError ** failure)
{
  const RdDevice *device = stream->device;

  if (g_error_matches (*failure, RD_ERROR, RD_ERROR_FAILED)
      && rd_stream_synchronize (stream, NULL))
    g_prefix_error (failure,
        "device %s: ONNX Runtime's CUDA provider cannot be "
        "used; install cuDNN and the CUDA libraries that ONNX Runtime %s was "
        "built for (tools/setup --gpu brings them), or use 'cpu': ",
        device->name, rd_ort_version ());
}

/* Loads and runs the network. */
static gboolean
run (RdStream * stream, const RdTensor * x, const RdTensor * y, GError ** error)
{
  const RdRuntime runtime = { stream->device, 1, NULL };
  g_autoptr (RdSession) session = rd_session_new_from_bytes ("the network that "
      "tries the device", rd_probe_network, sizeof rd_probe_network, &runtime,
      error);
  RdBinding input = { NULL, x }, output = { NULL, y };

  if (!session)
    return FALSE;
  input.info = session->inputs;
  output.info = session->outputs;
  return rd_session_run (session, stream, 1, &input, 1, &output, NULL, error);
}

/* Waits for it, too: what the device cannot do may be told by a wait only. */
static gboolean
try_device (RdDevice * device, GError ** error)
{
  static const float zeros[SIDE * SIDE];
  static const gint64 dims[] = { 1, 1, SIDE, SIDE };
  g_autoptr (RdStream) stream = rd_stream_new (device, error);
  g_autoptr (RdTensor) x = NULL, y = NULL;
  g_autoptr (GError) failure = NULL;
  g_auto (GStrv) libraries = NULL;

  if (!stream)
    return FALSE;
  libraries = rd_cuda_libraries_load (rd_ort_path ());
  x = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4, dims, zeros);
  y = rd_tensor_new_like (x);
  if (!rd_stream_check (stream, error))
    return FALSE;
  if (run (stream, x, y, &failure))
    return rd_stream_synchronize (stream, error);
  explain (stream, &failure);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/**
 * rd_probe_device:
 * @device: a device
 * @error: %RD_ERROR_NOT_FOUND or %RD_ERROR_FAILED: what is missing;
 *   %RD_ERROR_NO_MEMORY: others use the device's memory
 *
 * Loads what it takes to run networks on @device, and runs a smallest network
 * there: ONNX Runtime's CUDA provider loads cuDNN when it is first needed, and
 * reports only then that there is none. What works is remembered for the rest of
 * the process; what does not is tried again by the next call.
 *
 * Returns: whether networks can run there
 */
gboolean
rd_probe_device (RdDevice * device, GError ** error)
{
  if (!rd_provider_has_device (device, error))
    return FALSE;
  if (rd_device_is_cpu (device) || is_known (device))
    return TRUE;
  if (!try_device (device, error))
    return FALSE;
  remember (device);
  return TRUE;
}
