/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "latenttest.h"

static const RdFamily latent_family = {.name = "sd1" };

const RdModelInfo latent_model = {
  .family = &latent_family,
  .channels = 4,
  .downscale = 8,
  .scaling_factor = 0.18215,
  .shift_factor = 0.0,
  .multiple = 1,
};

/* Returns: whether caps that are written as @text describe latents */
gboolean
latent_read_info (GstLatentInfo * info, const char *text, GError ** error)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  fail_unless (caps != NULL, "%s", text);
  return gst_latent_info_from_caps (info, caps, error);
}

/* Fails unless @got, which it takes, are the caps that are written as
 * @want_text. */
void
latent_check_caps (GstCaps * got, const char *want_text)
{
  g_autoptr (GstCaps) want = gst_caps_from_string (want_text);
  g_autofree char *text = gst_caps_to_string (got);

  fail_unless (gst_caps_is_equal (got, want), "%s, not %s", text, want_text);
  gst_caps_unref (got);
}
