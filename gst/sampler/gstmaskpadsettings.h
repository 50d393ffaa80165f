/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "regions/region.h"

G_BEGIN_DECLS

/*
 * GstMaskPadSettings:
 *
 * The properties of a `mask_%u` pad, under their names there.
 */
typedef struct
{
  gchar *prompt;
  gchar *negative_prompt;
  gchar *model;
  gdouble cfg;
  gint sampler;                 /* index into rd_solver_list(), or -1 */
  gint scheduler;               /* index into rd_scheduler_list(), or -1 */
  gdouble sigma_factor;
  gint overlap_factor;
  gdouble feather;
  gdouble strength;
  gint z;
  gdouble start;
  gdouble end;
  guint64 variation_seed;
  gdouble variation_strength;
  gint variation_method;        /* RdVariationMethod */
  gboolean invert;
  gboolean hold;
} GstMaskPadSettings;

void gst_mask_pad_settings_install (GObjectClass * klass);
void gst_mask_pad_settings_init (GstMaskPadSettings * settings);
void gst_mask_pad_settings_clear (GstMaskPadSettings * settings);

gboolean gst_mask_pad_settings_set (GstMaskPadSettings * settings, guint property,
    const GValue * value);
gboolean gst_mask_pad_settings_get (const GstMaskPadSettings * settings,
    guint property, GValue * value);

RdRegion *gst_mask_pad_settings_to_region (const GstMaskPadSettings * settings,
    const gchar * id);

G_END_DECLS
