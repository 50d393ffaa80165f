/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Finds `.safetensors` files by what they begin with: the length of a header,
 * then the header, a JSON object. Elements that look for the type of a stream,
 * such as decodebin, so find safetensorsdec. */

#include "io/gstsafetensorstype.h"

#include <string.h>

#include "common/gstlatentdebug.h"
#include "files/safetensors.h"

GST_LATENT_DEBUG_CATEGORY ("safetensorstype", "type of .safetensors files");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/* the prefix, and the first two letters of the header */
#define N_PEEKED (RD_SAFETENSORS_PREFIX + 2)

static void
find_safetensors (GstTypeFind * find, gpointer unused)
{
  const guint8 *data = gst_type_find_peek (find, 0, N_PEEKED);
  gsize header_size;

  if (data == NULL || !rd_safetensors_read_prefix (data, &header_size, NULL)
      || data[RD_SAFETENSORS_PREFIX] != '{'
      || strchr ("\"} \t\r\n", data[RD_SAFETENSORS_PREFIX + 1]) == NULL)
    return;
  GST_DEBUG ("a header of %" G_GSIZE_FORMAT " bytes", header_size);
  gst_type_find_suggest_empty_simple (find, GST_TYPE_FIND_LIKELY,
      "application/x-safetensors");
}

static gboolean
register_safetensors (GstPlugin * plugin)
{
  g_autoptr (GstCaps) caps =
      gst_caps_new_empty_simple ("application/x-safetensors");

  return gst_type_find_register (plugin, "application/x-safetensors",
      GST_RANK_MARGINAL, find_safetensors, "safetensors,latent", caps, NULL,
      NULL);
}

GST_TYPE_FIND_REGISTER_DEFINE_CUSTOM (safetensors, register_safetensors);
