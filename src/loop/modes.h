/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/run.h"

G_BEGIN_DECLS

/**
 * SECTION:modes
 *
 * The table of modes. A mode is an entry there and the functions that it names.
 */

const RdModeInfo *rd_mode_info (RdMode mode);
const char *rd_mode_name (RdMode mode);
const char *rd_mode_blurb (RdMode mode);

G_END_DECLS
