/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "models/model.h"

G_BEGIN_DECLS

/*
 * GstRegionalPrefetch:
 *
 * Encodes prompts beside the job that runs, so that the next one finds them in
 * the model's memory of prompts. Whatever fails here the job meets again, and
 * reports.
 */
typedef struct
{
  GMutex lock;
  GThreadPool *pool;            /* one thread; NULL before the first prompt */
  GCancellable *cancellable;
  gint n_prompts;               /* that were encoded; atomic */
} GstRegionalPrefetch;

void gst_regional_prefetch_init (GstRegionalPrefetch * prefetch);
void gst_regional_prefetch_stop (GstRegionalPrefetch * prefetch);
void gst_regional_prefetch_clear (GstRegionalPrefetch * prefetch);
void gst_regional_prefetch_text (GstRegionalPrefetch * prefetch,
    RdModel * model, const gchar * property, const gchar * text);

G_END_DECLS
