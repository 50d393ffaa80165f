/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "common/gstlatentcanceltoken.h"

#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("latentcancel", "cancel tokens of elements");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/**
 * gst_latent_cancel_token_init:
 * @token: uninitialised memory
 *
 * Makes a token without reasons.
 */
void
gst_latent_cancel_token_init (GstLatentCancelToken * token)
{
  g_mutex_init (&token->lock);
  token->reasons = 0;
  token->cancellable = g_cancellable_new ();
}

/**
 * gst_latent_cancel_token_clear:
 * @token: a token that nobody uses any more
 *
 * Frees what the token holds.
 */
void
gst_latent_cancel_token_clear (GstLatentCancelToken * token)
{
  g_clear_object (&token->cancellable);
  g_mutex_clear (&token->lock);
}

/**
 * gst_latent_cancel_token_set:
 * @token: a token
 * @reason: why work must stop
 *
 * Cancels the work that is going on and what begins before
 * gst_latent_cancel_token_unset(). Returns at once.
 */
void
gst_latent_cancel_token_set (GstLatentCancelToken * token,
    GstCancelReason reason)
{
  g_autoptr (GCancellable) cancellable = NULL;

  g_mutex_lock (&token->lock);
  GST_TRACE ("token %p: reasons 0x%x and 0x%x", token, token->reasons, reason);
  token->reasons |= reason;
  cancellable = g_object_ref (token->cancellable);
  g_mutex_unlock (&token->lock);
  /* calls handlers, so not under the lock */
  g_cancellable_cancel (cancellable);
}

/**
 * gst_latent_cancel_token_unset:
 * @token: a token
 * @reasons: those that hold no longer
 *
 * New work may begin once no reason is left.
 */
void
gst_latent_cancel_token_unset (GstLatentCancelToken * token, guint reasons)
{
  g_autoptr (GCancellable) old = NULL;

  g_mutex_lock (&token->lock);
  if (token->reasons != 0 && (token->reasons & ~reasons) == 0) {
    old = token->cancellable;
    token->cancellable = g_cancellable_new ();
  }
  token->reasons &= ~reasons;
  GST_TRACE ("token %p: reasons 0x%x", token, token->reasons);
  g_mutex_unlock (&token->lock);
}

/**
 * gst_latent_cancel_token_get:
 * @token: a token
 *
 * Returns: (transfer full): what a piece of work that begins now must obey
 */
GCancellable *
gst_latent_cancel_token_get (GstLatentCancelToken * token)
{
  GCancellable *cancellable;

  g_mutex_lock (&token->lock);
  cancellable = g_object_ref (token->cancellable);
  g_mutex_unlock (&token->lock);
  return cancellable;
}
