/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* Of RdDeviceClass, what calls CUDA's runtime; and for the operations, the queue
 * that they launch on and what has become of a launch. */

#include <cuda_runtime_api.h>

#include "device/device.h"

G_BEGIN_DECLS

gpointer rd_cuda_queue (RdDevice * device, GError ** error);
gboolean rd_cuda_stream_open (RdStream * stream, GError ** error);
void rd_cuda_stream_close (RdStream * stream);
gpointer rd_cuda_alloc (RdStream * stream, gsize size);
void rd_cuda_free (RdStream * stream, gpointer data);
void rd_cuda_upload (RdStream * stream, gpointer dst, gconstpointer src,
    gsize size);
void rd_cuda_download (RdStream * stream, gpointer dst, gconstpointer src,
    gsize size);
void rd_cuda_synchronize (RdStream * stream);
void rd_cuda_pace (RdStream * stream);

gpointer rd_cuda_get_context (void);
void rd_cuda_set_context (gpointer context);

/**
 * RdCudaCall:
 * @queue: where to queue
 * @before: the calling thread's context before
 *
 * One visit to a device. The calling thread works on the device until its end, and
 * then on what it worked on before: the thread may be another element's or the
 * application's, who use CUDA themselves.
 */
typedef struct
{
  cudaStream_t queue;
  gpointer before;
} RdCudaCall;

RdCudaCall rd_cuda_enter (RdStream * stream);
void rd_cuda_leave (RdCudaCall * call);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RdCudaCall, rd_cuda_leave);

void rd_cuda_launched (RdStream * stream, const char *kernel);

G_END_DECLS
