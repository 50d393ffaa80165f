/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "onnx/value-info.h"
#include "networks/runtime.h"

G_BEGIN_DECLS

/**
 * SECTION:session
 *
 * A network loaded by ONNX Runtime, what it takes and gives, and one run of it
 * on tensors' own memory. Sessions run from several threads at once.
 */

typedef struct _RdSession RdSession;

/**
 * RdSession:
 * @path: the file, for messages
 * @n_inputs: number of inputs
 * @inputs: what it takes
 * @n_outputs: number of outputs
 * @outputs: what it gives
 *
 * What a network takes and gives is immutable after creation; several threads may
 * run it. Fields are for reading.
 */
struct _RdSession
{
  char *path;
  guint n_inputs, n_outputs;
  RdValueInfo *inputs, *outputs;
  OrtSession *ort;
  RdDevice *device;
  OrtMemoryInfo *memory;        /* of the device */
  /* for one run at a time on CUDA, see rd_session_run() */
  GMutex lock;
  GCond idle;
  gboolean running;
};

RdSession *rd_session_new (const char *path, const RdRuntime * runtime,
    GError ** error);
RdSession *rd_session_new_from_bytes (const char *name, gconstpointer data,
    gsize size, const RdRuntime * runtime, GError ** error);
void rd_session_free (RdSession * session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdSession, rd_session_free);

const RdValueInfo *rd_session_find_input (const RdSession * session,
    const char *name, guint rank);
const RdValueInfo *rd_session_find_output (const RdSession * session,
    const char *name, guint rank);
gboolean rd_session_refuse_other_inputs (const RdSession * session,
    const RdValueInfo * const *known, guint n_known, GError ** error);

/**
 * RdBinding:
 * @info: an input or output of the session
 * @tensor: what it reads or writes, on the session's device
 */
typedef struct
{
  const RdValueInfo *info;
  const RdTensor *tensor;
} RdBinding;

gboolean rd_session_run (RdSession * session, RdStream * stream,
    guint n_inputs, const RdBinding * inputs, guint n_outputs,
    const RdBinding * outputs,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
