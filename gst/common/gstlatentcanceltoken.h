/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SECTION:gstlatentcanceltoken
 *
 * Why an element must not work now, as a set of reasons. While there is one,
 * gst_latent_cancel_token_get() gives a cancelled cancellable; when the last is gone,
 * a fresh one, so that work which was cancelled stays so. Any thread may use
 * it.
 */

/**
 * GstCancelReason:
 * @GST_LATENT_CANCEL_INACTIVE: the element leaves PAUSED, its pads become inactive
 * @GST_LATENT_CANCEL_FLUSH: between FLUSH_START and FLUSH_STOP
 * @GST_LATENT_CANCEL_SEEK: while a flushing seek travels upstream
 */
typedef enum
{
  GST_LATENT_CANCEL_INACTIVE = 1 << 0,
  GST_LATENT_CANCEL_FLUSH = 1 << 1,
  GST_LATENT_CANCEL_SEEK = 1 << 2,
} GstCancelReason;

typedef struct
{
  GMutex lock;
  guint reasons;
  GCancellable *cancellable;
} GstLatentCancelToken;

void gst_latent_cancel_token_init (GstLatentCancelToken * token);
void gst_latent_cancel_token_clear (GstLatentCancelToken * token);
void gst_latent_cancel_token_set (GstLatentCancelToken * token, GstCancelReason reason);
void gst_latent_cancel_token_unset (GstLatentCancelToken * token, guint reasons);
GCancellable *gst_latent_cancel_token_get (GstLatentCancelToken * token);

G_END_DECLS
