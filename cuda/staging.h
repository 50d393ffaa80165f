/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:staging
 *
 * Which blocks of pinned memory a device's copies go through, and until when:
 * a block may be filled again when the queue has passed the copy out of it. That
 * is known by *marks*: places in the queue that somebody waits for. It makes no
 * call of the runtime, so it can be told of any queue.
 *
 * For any number of threads.
 */

typedef struct _RdStaging RdStaging;

/**
 * RdStagedBlock:
 * @data: pinned memory
 * @capacity: bytes of it, what rd_staging_capacity() says
 * @to: (nullable): where a download goes when it has arrived
 * @size: how many bytes of it
 * @mark: of the queue, for RdStaging
 */
typedef struct
{
  gpointer data;
  gsize capacity;
  gpointer to;
  gsize size;
  guint64 mark;
} RdStagedBlock;

RdStaging *rd_staging_new (void);

gsize rd_staging_capacity (gsize size);
RdStagedBlock *rd_staging_take (RdStaging * staging, gsize size);
void rd_staging_give (RdStaging * staging, RdStagedBlock * block);
void rd_staging_lend (RdStaging * staging, RdStagedBlock * block);

guint64 rd_staging_mark (RdStaging * staging);
void rd_staging_pass (RdStaging * staging, guint64 mark);
GPtrArray *rd_staging_steal (RdStaging * staging);

G_END_DECLS
