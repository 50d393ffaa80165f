/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/job.h"

G_BEGIN_DECLS

gboolean rd_job_check (const RdJob * job, const RdTensor * latent,
    GError ** error);

G_END_DECLS
