/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* Stands in for the toolkit's header where the device runs on the CPU. */

/* *INDENT-OFF* */
#include "types.h"
#include "functions.h"
/* *INDENT-ON* */
