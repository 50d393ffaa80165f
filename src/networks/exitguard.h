/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* for those who load networks */
void rd_exit_guard_enter (void);
void rd_exit_guard_renew (void);
void rd_exit_guard_leave (void);

G_END_DECLS
