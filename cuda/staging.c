/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "staging.h"

/* Powers of two, so that nearly equal sizes share blocks; a page at least. */
#define MIN_CAPACITY 4096

struct _RdStaging
{
  GMutex lock;                  /* of what follows; the last that is taken, under
                                 * the device's or none (device.h) */
  GPtrArray *idle;              /* RdStagedBlock, of any capacity */
  GQueue lent;                  /* RdStagedBlock, by mark */
  guint64 mark;                 /* the last one that was set */
};

/**
 * rd_staging_new:
 *
 * Returns: an account of no blocks, for a device, which lives as long as the
 *   process
 */
RdStaging *
rd_staging_new (void)
{
  RdStaging *staging = g_new0 (RdStaging, 1);

  g_mutex_init (&staging->lock);
  staging->idle = g_ptr_array_new ();
  g_queue_init (&staging->lent);
  return staging;
}

/**
 * rd_staging_capacity:
 * @size: bytes that are copied
 *
 * Returns: how large a new block for them should be
 */
gsize
rd_staging_capacity (gsize size)
{
  gsize capacity = MIN_CAPACITY;

  while (capacity < size)
    capacity *= 2;
  return capacity;
}

/**
 * rd_staging_take:
 * @staging: an account
 * @size: bytes that are copied
 *
 * Returns: (transfer full) (nullable): an idle block; %NULL if a new one is
 *   needed
 */
RdStagedBlock *
rd_staging_take (RdStaging * staging, gsize size)
{
  const gsize capacity = rd_staging_capacity (size);
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&staging->lock);

  for (guint i = 0; i < staging->idle->len; i++) {
    RdStagedBlock *block = staging->idle->pdata[i];

    if (block->capacity == capacity)
      return g_ptr_array_steal_index_fast (staging->idle, i);
  }
  return NULL;
}

/**
 * rd_staging_give:
 * @staging: an account
 * @block: (transfer full): that nothing in the queue uses
 */
void
rd_staging_give (RdStaging * staging, RdStagedBlock * block)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&staging->lock);

  g_ptr_array_add (staging->idle, block);
}

/**
 * rd_staging_lend:
 * @staging: an account
 * @block: (transfer full): that is used by what has just been queued
 *
 * It becomes idle when a mark is passed that is set from now on.
 */
void
rd_staging_lend (RdStaging * staging, RdStagedBlock * block)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&staging->lock);

  block->mark = staging->mark + 1;
  g_queue_push_tail (&staging->lent, block);
}

/**
 * rd_staging_mark:
 * @staging: an account
 *
 * Sets a mark; an event that stands for it is recorded after that.
 *
 * Returns: the mark
 */
guint64
rd_staging_mark (RdStaging * staging)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&staging->lock);

  return ++staging->mark;
}

/**
 * rd_staging_pass:
 * @staging: an account
 * @mark: that the queue has passed
 */
void
rd_staging_pass (RdStaging * staging, guint64 mark)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&staging->lock);
  RdStagedBlock *first;

  while ((first = g_queue_peek_head (&staging->lent))
      && first->mark <= mark)
    g_ptr_array_add (staging->idle, g_queue_pop_head (&staging->lent));
}

/**
 * rd_staging_steal:
 * @staging: an account; the queue has passed all that was put there
 *
 * Returns: (transfer full) (element-type RdStagedBlock): all blocks; their
 *   memory and they themselves are the caller's to free
 */
GPtrArray *
rd_staging_steal (RdStaging * staging)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&staging->lock);
  GPtrArray *blocks = staging->idle;

  while (!g_queue_is_empty (&staging->lent))
    g_ptr_array_add (blocks, g_queue_pop_head (&staging->lent));
  staging->idle = g_ptr_array_new ();
  return blocks;
}
