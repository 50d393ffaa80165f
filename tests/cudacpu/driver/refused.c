/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What GStreamer's CUDA library looks for and pictures in memory do not need.
 * By itself a driver that lacks functions. */

#define NOT_SUPPORTED 801

#define REFUSED(name) \
    __attribute__ ((visibility ("default"))) int name (void); \
    int name (void) { return NOT_SUPPORTED; } \
    extern int name (void)

REFUSED (cuCtxEnablePeerAccess);
REFUSED (cuCtxDisablePeerAccess);
REFUSED (cuGraphicsMapResources);
REFUSED (cuGraphicsUnmapResources);
REFUSED (cuGraphicsResourceSetMapFlags_v2);
REFUSED (cuGraphicsSubResourceGetMappedArray);
REFUSED (cuGraphicsResourceGetMappedPointer_v2);
REFUSED (cuGraphicsUnregisterResource);
REFUSED (cuMemAlloc_v2);
REFUSED (cuMemcpy2DAsync_v2);
REFUSED (cuStreamCreate);
REFUSED (cuStreamDestroy);
REFUSED (cuDriverGetVersion);
REFUSED (cuModuleLoadData);
REFUSED (cuModuleUnload);
REFUSED (cuModuleGetFunction);
REFUSED (cuTexObjectCreate);
REFUSED (cuTexObjectDestroy);
REFUSED (cuLaunchKernel);
REFUSED (cuGraphicsGLRegisterImage);
REFUSED (cuGraphicsGLRegisterBuffer);
REFUSED (cuGLGetDevices_v2);
