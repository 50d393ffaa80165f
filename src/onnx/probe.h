/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "device/device.h"

G_BEGIN_DECLS

/**
 * SECTION:probe
 *
 * Whether a device runs networks, found out by running one.
 */

gboolean rd_probe_device (RdDevice * device, GError ** error);

G_END_DECLS
