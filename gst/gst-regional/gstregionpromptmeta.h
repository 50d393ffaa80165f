/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

/* Public: what is installed of this project for programs. Needs GStreamer 1.22
 * and nothing to link; the plugin `regional` must be where GStreamer finds
 * it.
 *
 * Python reads the metadata by itself, gst_buffer_get_custom_meta() and
 * gst_custom_meta_get_structure(), but cannot write it: PyGObject hands out a
 * copy of the structure. There a probe on the sink pad of the element
 * `regionmeta` sets that element's property for the buffer that is coming. */

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * SECTION:gstregionpromptmeta
 * @title: GstRegionPromptMeta
 * @short_description: Regions that come with a picture or a latent
 *
 * A #GstCustomMeta that tells `regionalsampler` what to paint where in this one
 * buffer. Its structure has a field `regions`, a string: a document as the
 * element's property `regions` takes it, JSON or the short form, with
 * coordinates in fractions of the picture. So it stays right where a picture is
 * scaled or converted. Where its pixels are moved, as by `videoflip`, or its shape
 * changes, the sampler leaves the regions out and warns; `videocrop` drops them. A buffer may have several.
 */

#define GST_REGION_PROMPT_META_NAME "GstRegionPromptMeta"
#define GST_REGION_PROMPT_META_FIELD "regions"

/**
 * GST_REGION_PROMPT_ATTACHED_META_NAME:
 *
 * A second meta, attached with the first, that every element keeps: where it
 * arrives alone, the sampler warns that regions were dropped on the way.
 */
#define GST_REGION_PROMPT_ATTACHED_META_NAME "GstRegionPromptAttachedMeta"

/**
 * gst_buffer_add_region_prompt_meta:
 * @buffer: a writable buffer, of a picture or of latents
 * @regions: a document about regions; it is read by the sampler, which
 *   complains if it is wrong
 *
 * Returns: (transfer none) (nullable): the meta; %NULL if the plugin `regional`
 *   is not there
 */
static inline GstCustomMeta *
gst_buffer_add_region_prompt_meta (GstBuffer * buffer, const gchar * regions)
{
  GstCustomMeta *meta;

  if (!gst_meta_get_info (GST_REGION_PROMPT_META_NAME)) {
    GstPlugin *plugin = gst_plugin_load_by_name ("regional");

    if (!plugin)
      return NULL;
    gst_object_unref (plugin);
  }
  meta = gst_buffer_add_custom_meta (buffer, GST_REGION_PROMPT_META_NAME);
  gst_structure_set (gst_custom_meta_get_structure (meta),
      GST_REGION_PROMPT_META_FIELD, G_TYPE_STRING, regions, NULL);
  if (!gst_buffer_get_custom_meta (buffer,
          GST_REGION_PROMPT_ATTACHED_META_NAME))
    gst_buffer_add_custom_meta (buffer, GST_REGION_PROMPT_ATTACHED_META_NAME);
  return meta;
}

/**
 * gst_buffer_iterate_region_prompt_meta:
 * @buffer: a buffer
 * @state: (inout): %NULL at first, as for gst_buffer_iterate_meta()
 *
 * Returns: (transfer none) (nullable): the next document about regions that
 *   @buffer has; %NULL when there are no more
 */
static inline const gchar *
gst_buffer_iterate_region_prompt_meta (GstBuffer * buffer, gpointer * state)
{
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta (buffer, state))) {
    const gchar *regions;

    if (!gst_meta_info_is_custom (meta->info)
        || !gst_custom_meta_has_name ((GstCustomMeta *) meta,
            GST_REGION_PROMPT_META_NAME))
      continue;
    regions = gst_structure_get_string (gst_custom_meta_get_structure
        ((GstCustomMeta *) meta), GST_REGION_PROMPT_META_FIELD);
    if (regions)
      return regions;
  }
  return NULL;
}

G_END_DECLS
