/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Stands in for the toolkit's header where the device runs on the CPU. */

/* *INDENT-OFF* */
#include "types.h"
#include "functions.h"
/* *INDENT-ON* */
