/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/device.h"
#include "networks/runtime.h"

G_BEGIN_DECLS

/**
 * SECTION:teststream
 *
 * Where tests of the core work: on the device that RD_TEST_DEVICE names, the
 * CPU by default. What a test does itself, it does in host memory.
 */

RdDevice *rd_test_device (void);
const RdRuntime *rd_test_runtime (guint threads);
RdStream *rd_test_stream_new (void);

G_END_DECLS
