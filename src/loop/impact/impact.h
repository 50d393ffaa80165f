/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/run.h"

G_BEGIN_DECLS

/**
 * SECTION:impact
 *
 * The modes that repeat nodes of ComfyUI Impact Pack.
 */

gboolean rd_impact_begin (RdRun * run, GError ** error);
gboolean rd_impact_begin_simple (RdRun * run, GError ** error);

G_END_DECLS
