/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/tensor.h"

/* A device whose operations are counted on their way: its table of operations
 * is wrapped by one that adds up what they move and calls the real ones. */

/**
 * RdRecord:
 * @operations: how many there were that launch a kernel
 * @bytes: of the tensors that these and copies read and write, each once an
 *   operation
 */
typedef struct
{
  guint64 operations;
  guint64 bytes;
} RdRecord;

void rd_recorder_install (RdDevice * device);
void rd_recorder_remove (RdDevice * device);
RdRecord rd_recorder_get (void);
