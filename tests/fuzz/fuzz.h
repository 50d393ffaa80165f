/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>

/* What libFuzzer and replay.c call, once for each input. */
int LLVMFuzzerTestOneInput (const guint8 * data, size_t size);
