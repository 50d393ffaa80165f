/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* The functions of CUDA's runtime that the device uses. Compiled after the
 * toolkit's own header too, where there is one, so that they cannot drift. */

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

cudaError_t cudaGetDeviceCount (int *count);
cudaError_t cudaSetDevice (int device);
cudaError_t cudaGetDriverEntryPointByVersion (const char *symbol,
    void **function, unsigned int version, unsigned long long flags,
    enum cudaDriverEntryPointQueryResult *result);
cudaError_t cudaDeviceGetAttribute (int *value, enum cudaDeviceAttr attribute,
    int device);
cudaError_t cudaGetLastError (void);
const char *cudaGetErrorString (cudaError_t error);
cudaError_t cudaStreamCreateWithFlags (cudaStream_t * stream,
    unsigned int flags);
cudaError_t cudaStreamSynchronize (cudaStream_t stream);
cudaError_t cudaEventCreateWithFlags (cudaEvent_t * event, unsigned int flags);
cudaError_t cudaEventDestroy (cudaEvent_t event);
cudaError_t cudaEventRecord (cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize (cudaEvent_t event);
cudaError_t cudaHostAlloc (void **data, size_t size, unsigned int flags);
cudaError_t cudaFreeHost (void *data);
cudaError_t cudaMalloc (void **data, size_t size);
cudaError_t cudaFree (void *data);
cudaError_t cudaMallocAsync (void **data, size_t size, cudaStream_t stream);
cudaError_t cudaFreeAsync (void *data, cudaStream_t stream);
cudaError_t cudaMemcpyAsync (void *dst, const void *src, size_t size,
    enum cudaMemcpyKind kind, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
