/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* In a build without CUDA. */

#include "device/device.h"

int
rd_device_cuda_count (GError ** error)
{
  g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
      "this build does not support CUDA; install nvcc and configure with "
      "-Dcuda=enabled, or use 'cpu'");
  return 0;
}

const RdDeviceClass *
rd_device_cuda_class (void)
{
  return NULL;
}
