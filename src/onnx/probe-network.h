/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* Written by tools/probe-network. */

#include <glib.h>

G_BEGIN_DECLS

#define RD_PROBE_NETWORK_SIZE 264

/* x and y have this many rows and columns: (1,1,SIDE,SIDE) float32. */
#define RD_PROBE_NETWORK_SIDE 8

/* An ONNX model, y = attention (convolution (x)). */
extern const guint8 rd_probe_network[RD_PROBE_NETWORK_SIZE];

G_END_DECLS
