/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "models/model.h"

G_BEGIN_DECLS

/**
 * SECTION:prefetch
 *
 * Encodes prompts in a thread of its own, beside the job that runs, so that the
 * next one finds them among those that the model remembers. Whatever fails here
 * the job meets again, and reports.
 */

/**
 * RdPrefetch:
 * @lock: of @pool; held while work is handed over, never while it is done
 * @pool: (nullable): one thread; %NULL before the first prompt
 * @cancellable: ends what is under way
 * @n_prompts: how many were encoded; atomic
 *
 * To be embedded in whoever has prompts set. All fields but @n_prompts are for
 * prefetch.c alone.
 */
typedef struct
{
  GMutex lock;
  GThreadPool *pool;
  GCancellable *cancellable;
  gint n_prompts;
} RdPrefetch;

void rd_prefetch_init (RdPrefetch * prefetch);
void rd_prefetch_stop (RdPrefetch * prefetch);
void rd_prefetch_clear (RdPrefetch * prefetch);
void rd_prefetch_text (RdPrefetch * prefetch, RdModel * model,
    const char *setting, const char *text);

G_END_DECLS
