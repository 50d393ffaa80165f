/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* The functions of NVIDIA's driver that are not refused, by the names under
 * which GStreamer's CUDA library looks for them; and what the runtime and tests
 * ask. */

#include <cuda.h>

#ifdef __cplusplus
extern "C" {
#endif

CUresult cuInit (unsigned int flags);
CUresult cuGetErrorName (CUresult error, const char **text);
CUresult cuGetErrorString (CUresult error, const char **text);
CUresult cuDeviceGetCount (int *count);
CUresult cuDeviceGet (CUdevice * device, int ordinal);
CUresult cuDeviceGetName (char *name, int size, CUdevice device);
CUresult cuDeviceGetAttribute (int *value, CUdevice_attribute which,
    CUdevice device);
CUresult cuDeviceCanAccessPeer (int *can, CUdevice device, CUdevice peer);
CUresult cuDevicePrimaryCtxRetain (CUcontext * context, CUdevice device);
CUresult cuCtxPushCurrent_v2 (CUcontext context);
CUresult cuCtxPopCurrent_v2 (CUcontext * context);
CUresult cuCtxCreate_v2 (CUcontext * context, unsigned int flags,
    CUdevice device);
CUresult cuCtxDestroy_v2 (CUcontext context);
CUresult cuMemAllocPitch_v2 (CUdeviceptr * data, size_t *pitch, size_t width,
    size_t height, unsigned int element_size);
CUresult cuMemcpy2D_v2 (const CUDA_MEMCPY2D * copy);
CUresult cuStreamSynchronize (CUstream stream);
CUresult cuMemFree_v2 (CUdeviceptr data);
CUresult cuMemAllocHost_v2 (void **data, size_t size);
CUresult cuMemFreeHost (void *data);

/* whether it is memory of the primary context */
int cudacpu_driver_has (const void *data, size_t size);
/* a stream begins or ends to work, and may use that memory */
void cudacpu_driver_at_work (int begins);
/* contexts and blocks of memory, of host or device */
unsigned cudacpu_driver_n_held (void);
/* between host and device */
unsigned cudacpu_driver_n_host_copies (void);

#ifdef __cplusplus
}
#endif
